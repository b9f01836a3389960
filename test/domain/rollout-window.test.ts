// How many tickets a rollout has on their way: what the workers are seen to do sets it.
import { expect, it } from 'vitest';
import { NARROWEST_WINDOW, windowAfter } from '#domain/rollout.ts';

/** Looks of a rollout at workers that bring so many tickets along between two of them; answers the window after each. */
function windowsAt(followedInOneLook: number, looks: number): number[] {
  const windows: number[] = [];
  let window = NARROWEST_WINDOW;
  for (let look = 0; look < looks; look += 1) {
    window = windowAfter(window, Math.max(0, window - followedInOneLook));
    windows.push(window);
  }
  return windows;
}

it('workers that are not quick enough for the narrowest window never get a wider one', () => {
  expect(new Set(windowsAt(NARROWEST_WINDOW - 1, 50))).toEqual(new Set([NARROWEST_WINDOW]));
});

it('the window settles at what the workers do between two looks, and goes back when they grow slower', () => {
  const settled = windowsAt(20, 50).slice(-10);
  expect(Math.min(...settled)).toBeGreaterThanOrEqual(20);
  expect(Math.max(...settled)).toBeLessThanOrEqual(22);
  expect(windowAfter(22, 22)).toBe(20);
});

it('however many workers there are, a rollout has a limit', () => {
  expect(windowsAt(1_000, 500).at(-1)).toBe(48);
});
