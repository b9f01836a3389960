// The clock of the page: one interval for everything that counts down, asleep while the page is hidden.
import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;
let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  if (document.hidden) return;
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    timer = setInterval(tick, TICK_MS);
    document.addEventListener('visibilitychange', tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === undefined) return;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
    timer = undefined;
  };
}

/** Now, to the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

/** Now, to half a minute: for what says "4m ago". */
export function useSlowNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(nowMs / 30_000) * 30_000);
}
