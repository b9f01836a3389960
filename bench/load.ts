// Load for measurements: so many lanes one after another, or one beginning every so often. Measures times, judges nothing.

/** Times in milliseconds as a table shows them. */
export interface Times {
  count: number;
  p50: number;
  p95: number;
  max: number;
}

/** A closed loop's rate per second and times. */
export interface LoadResult extends Times {
  rate: number;
}

/** Runs work `count` times, `concurrency` at once. */
export async function load(
  count: number,
  concurrency: number,
  work: (index: number) => Promise<unknown>,
): Promise<LoadResult> {
  const times: number[] = [];
  let next = 0;
  const startMs = performance.now();
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const beganMs = performance.now();
      await work(index);
      times.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { rate: (count / (performance.now() - startMs)) * 1000, ...timesOf(times) };
}

/**
 * Begins work every `everyMs` until told to stop, whether or not what began before is done: a slow answer then does not thin out
 * the questions that would have shown it. Answers when all that began is done.
 */
export async function pace(
  everyMs: number,
  until: () => boolean,
  work: (index: number, scheduledMs: number) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const beganMs = performance.now();
  for (let index = 0; !until(); index += 1) {
    const scheduledMs = beganMs + index * everyMs;
    const waitMs = scheduledMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const one = work(index, scheduledMs).finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
}

/** Median, 95th percentile and maximum. */
export function timesOf(times: readonly number[]): Times {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

/** "p50 12 ms, p95 40 ms, max 95 ms", with a decimal where it is below ten. */
export function showTimes({ p50, p95, max }: Times): string {
  return `p50 ${showMs(p50)}, p95 ${showMs(p95)}, max ${showMs(max)}`;
}

/** Milliseconds, or seconds from ten of them on. */
export function showMs(ms: number): string {
  if (Math.abs(ms) >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms.toFixed(Math.abs(ms) < 10 ? 1 : 0)} ms`;
}
