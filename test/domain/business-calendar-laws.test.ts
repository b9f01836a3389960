// The laws of business time over random calendars, zones and clock changes, and a slow model that asks Intl every time.
// The model shares no code with the arithmetic: it resolves local times by search and counts elementary intervals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueAtMs, elapsedMs, isOpenAt } from '#domain/business-calendar.ts';
import type { CompiledCalendar, LocalSpan, Pause } from '#domain/business-calendar.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Nuuk',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Africa/Casablanca',
  'Pacific/Apia',
];

const zoneOf = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    compileCalendar({ timeZone, hours: { mon: [['09:00', '17:00']] } }),
  ]),
);

interface Desk {
  zone: string;
  calendar: CompiledCalendar;
}

/** Spans of a day in seconds; half of them crowd into the small hours, where clocks change. */
const spans = fc
  .oneof(
    fc.uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 16 }), { maxLength: 6 }),
    fc.constant([0, 96]),
  )
  .map((marks) => {
    const sorted = marks.toSorted((a, b) => a - b).map((mark) => mark * 900);
    const day: LocalSpan[] = [];
    for (let index = 0; index + 1 < sorted.length; index += 2) {
      day.push([sorted[index] ?? 0, sorted[index + 1] ?? 0]);
    }
    return day;
  });

const desks = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    week: fc.array(spans, { minLength: 7, maxLength: 7 }),
    special: fc.array(fc.tuple(fc.integer({ min: 10_958, max: 25_000 }), spans), { maxLength: 5 }),
  })
  .filter(({ week }) => week.some((day) => day.length > 0))
  .map(({ zone, week, special }): Desk => {
    const base = zoneOf.get(zone) ?? compileCalendar({ timeZone: zone, hours: 'always' });
    // Days that the zone skipped stay without hours.
    const days = { ...Object.fromEntries(special), ...base.days };
    return { zone, calendar: { ...base, week, days } };
  });

/** A desk and an instant, mostly within days of one of its clock changes. */
const scenes = fc
  .tuple(desks, fc.nat(), fc.integer({ min: -4 * 1440, max: 4 * 1440 }), fc.boolean())
  .map(([desk, pick, minutes, anywhere]) => {
    const { transitions } = desk.calendar;
    const near = (transitions[pick % Math.max(1, transitions.length)]?.[0] ?? 1_600_000_000) * 1000;
    const wide = 946_684_800_000 + (pick % 25_000) * DAY;
    return { ...desk, start: (anywhere ? wide : near) + minutes * 60_000 };
  });

const pausesFrom = fc.array(
  fc.tuple(fc.integer({ min: -2_880, max: 14_400 }), fc.integer({ min: 0, max: 4_320 })),
  { maxLength: 4 },
);
const pausesAt = (start: number, marks: [number, number][]): Pause[] =>
  marks.map(([from, length]) => [start + from * 60_000, start + (from + length) * 60_000]);
const goals = fc.integer({ min: 1, max: 400 * 3_600 }).map((seconds) => seconds * 1000);

const formats = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
  ]),
);
const offsetAt = (zone: string, utcMs: number): number =>
  Date.parse(`${(formats.get(zone)?.format(utcMs) ?? '').replace(' ', 'T')}Z`) - utcMs;

/** The instant of a local time by Temporal's "compatible" rule. */
function resolve(zone: string, localMs: number): number {
  const before = offsetAt(zone, localMs - DAY);
  const after = offsetAt(zone, localMs + DAY);
  const fits = [before, after]
    .map((offset) => localMs - offset)
    .filter((utcMs) => offsetAt(zone, utcMs) === localMs - utcMs);
  return fits.length > 0 ? Math.min(...fits) : localMs - before;
}

/** Working time by brute force. */
function slowElapsed(desk: Desk, from: number, to: number, pauses: readonly Pause[]): number {
  const open: [number, number][] = [];
  for (let day = Math.floor(from / DAY) - 2; day <= Math.floor(to / DAY) + 2; day += 1) {
    const midnight = day * DAY;
    if (resolve(desk.zone, midnight) === resolve(desk.zone, midnight + DAY)) continue;
    // 1970-01-05, day 4, was a Monday.
    const weekday = (((day - 4) % 7) + 7) % 7;
    for (const [opens, closes] of desk.calendar.days[day] ?? desk.calendar.week[weekday] ?? []) {
      open.push([
        resolve(desk.zone, midnight + opens * 1000),
        resolve(desk.zone, midnight + closes * 1000),
      ]);
    }
  }
  const edges = [...open.flat(), ...pauses.flat(), from, to]
    .filter((edge) => edge >= from && edge <= to)
    .toSorted((a, b) => a - b);
  const holds = (list: readonly Pause[], instant: number): boolean =>
    list.some(([start, end]) => start <= instant && instant < end);
  let sum = 0;
  for (const [index, edge] of edges.entries()) {
    if (holds(open, edge) && !holds(pauses, edge)) sum += (edges[index + 1] ?? to) - edge;
  }
  return sum;
}

describe('business time agrees with a model that asks Intl', () => {
  it('for every zone, around every kind of clock change', () => {
    fc.assert(
      fc.property(
        scenes,
        fc.integer({ min: 0, max: 10 * 1440 }),
        pausesFrom,
        (scene, minutes, marks) => {
          const to = scene.start + minutes * 60_000;
          const pauses = pausesAt(scene.start, marks);
          expect(elapsedMs(scene.calendar, scene.start, to, pauses)).toBe(
            slowElapsed(scene, scene.start, to, pauses),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('business time obeys its laws in every zone', () => {
  it('adding a goal and measuring it back gives the goal, and not a millisecond earlier', () => {
    fc.assert(
      fc.property(scenes, goals, pausesFrom, ({ calendar, start }, goalMs, marks) => {
        const pauses = pausesAt(start, marks);
        const due = dueAtMs(calendar, start, goalMs, pauses);
        if (due === null) {
          // Only a desk that is hardly ever open has no room for the goal in ten years.
          expect(elapsedMs(calendar, start, start + 3_700 * DAY, pauses)).toBeLessThan(goalMs);
          return;
        }
        expect(elapsedMs(calendar, start, due, pauses)).toBe(goalMs);
        expect(elapsedMs(calendar, start, due - 1, pauses)).toBe(goalMs - 1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a due time lies inside an open span or at its end', () => {
    fc.assert(
      fc.property(scenes, goals, ({ calendar, start }, goalMs) => {
        const due = dueAtMs(calendar, start, goalMs);
        fc.pre(due !== null);
        expect(isOpenAt(calendar, due - 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('a zero goal is due at the first open instant', () => {
    fc.assert(
      fc.property(scenes, ({ calendar, start }) => {
        const opens = dueAtMs(calendar, start, 0);
        fc.pre(opens !== null);
        expect(isOpenAt(calendar, opens)).toBe(true);
        expect(elapsedMs(calendar, start, opens)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('splitting an interval anywhere sums to the whole, over days and over decades', () => {
    fc.assert(
      fc.property(
        scenes,
        fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 15_000 })),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
        pausesFrom,
        ({ calendar, start }, days, shares, marks) => {
          const pauses = pausesAt(start, marks);
          const cuts = [0, ...shares.toSorted((a, b) => a - b), 1].map(
            (share) => start + Math.round(days * DAY * share),
          );
          const parts = cuts
            .slice(1)
            .map((cut, index) => elapsedMs(calendar, cuts[index] ?? 0, cut, pauses));
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(
            elapsedMs(calendar, start, start + days * DAY, pauses),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('whole weeks that are skipped count like weeks that are walked', () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 30, max: 1_500 }), pausesFrom, (scene, days, marks) => {
        const { calendar, start } = scene;
        const pauses = pausesAt(start + 20 * DAY, marks);
        let walked = 0;
        for (let day = 0; day < days; day += 1) {
          walked += elapsedMs(calendar, start + day * DAY, start + (day + 1) * DAY, pauses);
        }
        expect(elapsedMs(calendar, start, start + days * DAY, pauses)).toBe(walked);
      }),
      { numRuns: 200 },
    );
  });

  it('a pause never makes a due time earlier', () => {
    fc.assert(
      fc.property(scenes, goals, pausesFrom, ({ calendar, start }, goalMs, marks) => {
        const pauses = pausesAt(start, marks);
        const paused = dueAtMs(calendar, start, goalMs, pauses) ?? Infinity;
        expect(paused).toBeGreaterThanOrEqual(
          dueAtMs(calendar, start, goalMs, pauses.slice(1)) ?? Infinity,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('a longer goal or a later start is never due earlier', () => {
    fc.assert(
      fc.property(scenes, goals, goals, pausesFrom, ({ calendar, start }, goalMs, more, marks) => {
        const pauses = pausesAt(start, marks);
        const due = dueAtMs(calendar, start, goalMs, pauses) ?? Infinity;
        const longer = dueAtMs(calendar, start, goalMs + more, pauses) ?? Infinity;
        // The bound moves with the start: a goal near ten years of an almost closed desk may be found by the later one.
        fc.pre(due !== Infinity);
        const later = dueAtMs(calendar, start + more, goalMs, pauses) ?? Infinity;
        expect(longer).toBeGreaterThanOrEqual(due);
        expect(later).toBeGreaterThanOrEqual(due);
      }),
      { numRuns: 500 },
    );
  });
});
