// What of the frame is open, and how this person likes lists; the latter is kept on this device.
import { useSyncExternalStore } from 'react';

export type Layout = 'split' | 'table' | 'board';
interface State {
  railOpen: boolean;
  paletteOpen: boolean;
  keysOpen: boolean;
  createOpen: boolean;
  /** The view being made ('new') or changed (its id). */
  viewEditor: string | null;
  /** How this person looks at a view, when not as it was saved. */
  layouts: Record<string, Layout>;
  dense: boolean;
  detailsOpen: boolean;
}

const KEY = 'holdfast.lists';
const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<State>;
let state: State = {
  ...{ railOpen: false, paletteOpen: false, keysOpen: false, createOpen: false, viewEditor: null },
  layouts: kept.layouts ?? {},
  dense: kept.dense ?? false,
  detailsOpen: kept.detailsOpen ?? true,
};
const listeners = new Set<() => void>();

/** The store itself: for acts outside of components. */
export const shellStore = {
  get: (): State => state,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  set: (change: Partial<State>): void => {
    state = { ...state, ...change };
    const { layouts, dense, detailsOpen } = state;
    localStorage.setItem(KEY, JSON.stringify({ layouts, dense, detailsOpen }));
    for (const listener of listeners) listener();
  },
};

/** The frame's state. */
export const useShell = (): State => useSyncExternalStore(shellStore.subscribe, shellStore.get);
