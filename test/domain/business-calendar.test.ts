// Business time against 98 vectors of other desks' suites (plain facts), and the laws that hold for every calendar.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueAtMs, elapsedMs, isOpenAt, nextOpenMs } from '#domain/business-calendar.ts';
import type { CompiledCalendar, Pause } from '#domain/business-calendar.ts';
import { calendarFaults, compileCalendar, WEEKDAYS } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import vectorList from './sla-vectors.json' with { type: 'json' };

interface Vector {
  id: string;
  kind: 'due' | 'elapsed' | 'next_open';
  calendar: CalendarDefinition;
  start: string;
  end?: string;
  goalSeconds?: number;
  expected?: string;
  expectedSeconds?: number;
  pauses?: [string, string][];
  recommended?: boolean;
  note: string;
}

const vectors = vectorList as unknown as Vector[];
const adopted = vectors.filter((vector) => vector.recommended !== false);
const at = (text: string): number => Date.parse(text);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const pausesOf = (vector: Vector): Pause[] =>
  (vector.pauses ?? []).map(([from, to]): Pause => [at(from), at(to)]);

describe('business time agrees with the vectors', () => {
  it('covers all 98', () => {
    expect(vectors).toHaveLength(98);
  });

  it.for(adopted)('$id $kind: $note', (vector) => {
    const calendar = compileCalendar(vector.calendar);
    if (vector.kind === 'due') {
      const due = dueAtMs(
        calendar,
        at(vector.start),
        (vector.goalSeconds ?? 0) * 1000,
        pausesOf(vector),
      );
      expect(iso(due)).toBe(iso(at(vector.expected ?? '')));
    } else if (vector.kind === 'elapsed') {
      const elapsed = elapsedMs(calendar, at(vector.start), at(vector.end ?? ''), pausesOf(vector));
      expect(elapsed / 1000).toBe(vector.expectedSeconds);
    } else {
      expect(iso(nextOpenMs(calendar, at(vector.start)))).toBe(iso(at(vector.expected ?? '')));
    }
  });

  it('CW-12: a calendar without hours is refused instead of counting the wall clock', () => {
    const vector = vectors.find(({ id }) => id === 'CW-12');
    expect(() => compileCalendar(vector?.calendar ?? { timeZone: 'UTC', hours: {} })).toThrow(
      /hours/,
    );
  });

  it('ZA-13b: an exact fit is due at the closing instant, not at the next opening', () => {
    const vector = vectors.find(({ id }) => id === 'ZA-13b');
    if (vector === undefined) throw new Error('vector missing');
    const calendar = compileCalendar(vector.calendar);
    const due = dueAtMs(calendar, at(vector.start), (vector.goalSeconds ?? 0) * 1000);
    expect(due).not.toBe(at(vector.expected ?? ''));
    expect(due).not.toBeNull();
  });
});

describe('what may not be saved is named', () => {
  const base = { timeZone: 'Europe/Berlin' };
  it.for<[string, CalendarDefinition, string]>([
    ['no working hours on any day', { ...base, hours: {} }, 'hours'],
    ['no working hours on any day, spelled out', { ...base, hours: { mon: [] } }, 'hours'],
    ['opening at 25:00', { ...base, hours: { mon: [['25:00', '26:00']] } }, 'hours.mon.0.0'],
    ['closing at 18:60', { ...base, hours: { mon: [['09:00', '18:60']] } }, 'hours.mon.0.1'],
    ['closing at 24:01', { ...base, hours: { mon: [['09:00', '24:01']] } }, 'hours.mon.0.1'],
    ['an empty span', { ...base, hours: { mon: [['09:00', '09:00']] } }, 'hours.mon.0'],
    ['a span over midnight', { ...base, hours: { mon: [['22:00', '06:00']] } }, 'hours.mon.0'],
    [
      'overlapping spans',
      {
        ...base,
        hours: {
          mon: [
            ['09:00', '13:00'],
            ['12:00', '17:00'],
          ],
        },
      },
      'hours.mon.1',
    ],
    [
      'touching spans',
      {
        ...base,
        hours: {
          mon: [
            ['09:00', '12:00'],
            ['12:00', '17:00'],
          ],
        },
      },
      'hours.mon.1',
    ],
    ['an unknown zone', { timeZone: 'Mars/Olympus', hours: 'always' }, 'timeZone'],
    [
      'a holiday that is no date',
      { ...base, hours: 'always', holidays: ['2025-02-30'] },
      'holidays.0',
    ],
    [
      'a bad override',
      { ...base, hours: 'always', overrides: { '2025-02-03': [['9', '10:00']] } },
      'overrides.2025-02-03.0.0',
    ],
  ])('%s', ([, definition, path]) => {
    expect(calendarFaults(definition).map((fault) => fault.path.join('.'))).toContain(path);
  });

  it('a whole day is 00:00–24:00, open in its last minute (zammad#3180)', () => {
    const calendar = compileCalendar({ timeZone: 'UTC', hours: { mon: [['00:00', '24:00']] } });
    expect(isOpenAt(calendar, at('2024-01-01T23:59:59Z'))).toBe(true);
    expect(isOpenAt(calendar, at('2024-01-02T00:00:00Z'))).toBe(false);
  });

  it('a negative goal is never asked of it: the schema of policies refuses it; zero is the next opening', () => {
    const calendar = compileCalendar({ timeZone: 'UTC', hours: { tue: [['09:00', '10:00']] } });
    expect(iso(dueAtMs(calendar, at('2024-01-01T12:00:00Z'), 0))).toBe('2024-01-02T09:00:00.000Z');
  });
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/Sao_Paulo',
];
const cache = new Map<string, CompiledCalendar>();
const compiled = (definition: CalendarDefinition): CompiledCalendar => {
  const key = JSON.stringify(definition);
  const known = cache.get(key) ?? compileCalendar(definition);
  cache.set(key, known);
  return known;
};
const hhmm = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const day = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 0, maxLength: 6 })
  .map((marks) => {
    const sorted = marks.toSorted((a, b) => a - b).map((mark) => mark * 15);
    const spans: [string, string][] = [];
    for (let index = 0; index + 1 < sorted.length; index += 2) {
      spans.push([hhmm(sorted[index] ?? 0), hhmm(sorted[index + 1] ?? 0)]);
    }
    return spans;
  });
const calendars = fc
  .record({
    timeZone: fc.constantFrom(...zones),
    week: fc.array(day, { minLength: 7, maxLength: 7 }),
  })
  .filter(({ week }) => week.some((spans) => spans.length > 0))
  .map(({ timeZone, week }): CalendarDefinition => ({
    timeZone,
    hours: Object.fromEntries(WEEKDAYS.map((name, index) => [name, week[index] ?? []])),
  }));
const instant = fc
  .integer({ min: at('2011-12-01T00:00:00Z') / 1000, max: at('2027-12-31T00:00:00Z') / 1000 })
  .map((s) => s * 1000);
const goal = fc.integer({ min: 1, max: 5 * 24 * 3600 }).map((s) => s * 1000);
const pause = fc
  .tuple(instant, fc.integer({ min: 1, max: 20 * 24 * 3600 }))
  .map(([from, s]): Pause => [from, from + s * 1000]);

describe('business time obeys its laws in every zone', () => {
  it('adding a goal and measuring it back gives the goal', () => {
    fc.assert(
      fc.property(
        calendars,
        instant,
        goal,
        fc.array(pause, { maxLength: 3 }),
        (definition, start, goalMs, pauses) => {
          const calendar = compiled(definition);
          const due = dueAtMs(calendar, start, goalMs, pauses);
          expect(due).not.toBeNull();
          expect(elapsedMs(calendar, start, due ?? 0, pauses)).toBe(goalMs);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('splitting an interval anywhere sums to the whole', () => {
    fc.assert(
      fc.property(
        calendars,
        instant,
        fc.integer({ min: 0, max: 40 * 86_400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (definition, from, seconds, share) => {
          const calendar = compiled(definition);
          const to = from + seconds * 1000;
          const middle = from + Math.round(seconds * share) * 1000;
          expect(elapsedMs(calendar, from, middle) + elapsedMs(calendar, middle, to)).toBe(
            elapsedMs(calendar, from, to),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a pause never makes a due time earlier, and a due time lies in or at the end of an open span', () => {
    fc.assert(
      fc.property(calendars, instant, goal, pause, (definition, start, goalMs, hole) => {
        const calendar = compiled(definition);
        const plain = dueAtMs(calendar, start, goalMs) ?? 0;
        const paused = dueAtMs(calendar, start, goalMs, [hole]) ?? 0;
        expect(paused).toBeGreaterThanOrEqual(plain);
        expect(isOpenAt(calendar, plain - 1)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('a clock that stands still for ever is never due', () => {
    const calendar = compiled({ timeZone: 'UTC', hours: 'always' });
    expect(dueAtMs(calendar, 0, 1000, [[500, Number.POSITIVE_INFINITY]])).toBeNull();
  });
});
