// How many tickets a rollout has on their way: what the workers are seen to do sets it.
import { expect, it } from 'vitest';
import { NARROWEST_WINDOW, roomFor, windowAfter } from '#domain/rollout.ts';

/** A rollout that looks every 100 ms at workers that bring so many tickets a second along, in order; answers the window after each look. */
function windowsAt(ticketsASecond: number, looks: number): number[] {
  const windows: number[] = [];
  let window = NARROWEST_WINDOW;
  let toldMs: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    const nowMs = look * 100;
    toldMs = toldMs.slice(ticketsASecond / 10);
    const agesMs = toldMs.map((atMs) => nowMs - atMs);
    window = windowAfter(window, agesMs);
    toldMs.push(...Array.from({ length: roomFor(window, agesMs) }, () => nowMs));
    windows.push(window);
  }
  return windows;
}

it('workers that are not quick enough for the narrowest window get no queue', () => {
  expect(Math.max(...windowsAt(30, 100).slice(10))).toBeLessThanOrEqual(NARROWEST_WINDOW + 2);
});

it('quicker workers get more at once, up to a limit', () => {
  const some = windowsAt(150, 200).slice(-20);
  expect(Math.min(...some)).toBeGreaterThan(NARROWEST_WINDOW);
  expect(Math.max(...some)).toBeLessThan(48);
  expect(windowsAt(10_000, 200).at(-1)).toBe(48);
});

it.for([
  { ages: [], window: 14, room: 12 },
  { ages: [149], window: 14, room: 11 },
  { ages: [150], window: 12, room: 11 },
  { ages: [999], window: 12, room: 11 },
  { ages: [1_000], window: 14, room: 12 },
])(
  'known for $ages ms and not followed: the next window is $window, and $room more are told',
  (one) => {
    expect(windowAfter(12, one.ages)).toBe(one.window);
    expect(roomFor(12, one.ages)).toBe(one.room);
  },
);

it('tickets that are stuck do not hold up the others, and are not joined by ever more', () => {
  const stuck = (count: number): number[] => Array.from({ length: count }, () => 5_000);
  expect(roomFor(12, stuck(12))).toBe(12);
  expect(roomFor(12, stuck(40))).toBe(8);
  expect(roomFor(48, stuck(60))).toBe(0);
});
