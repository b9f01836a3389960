// Business time against 98 vectors of other desks' suites (plain facts), clock changes and bounds. Laws: business-calendar-laws.test.ts.
import { describe, expect, it } from 'vitest';
import { dueAtMs, elapsedMs, isOpenAt, nextOpenMs } from '#domain/business-calendar.ts';
import type { Pause } from '#domain/business-calendar.ts';
import { calendarFaults, compileCalendar } from '#domain/calendar-compile.ts';
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
    const goalMs = (vector.goalSeconds ?? 0) * 1000;
    const due = dueAtMs(calendar, at(vector.start), goalMs, pausesOf(vector));
    expect(iso(due)).toBe('2013-06-04T16:00:00.000Z');
    expect(due).not.toBe(at(vector.expected ?? ''));
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
    [
      'a whole day that ends at 23:59',
      { ...base, hours: { mon: [['00:00', '23:59']] } },
      'hours.mon.0.1',
    ],
    ['opening at 24:00', { ...base, hours: { mon: [['24:00', '24:00']] } }, 'hours.mon.0.0'],
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
    expect(() => compileCalendar(definition)).toThrow(RangeError);
  });

  it('a whole day is 00:00–24:00, open in its last minute (zammad#3180)', () => {
    const calendar = compileCalendar({ timeZone: 'UTC', hours: { mon: [['00:00', '24:00']] } });
    expect(isOpenAt(calendar, at('2024-01-01T23:59:59Z'))).toBe(true);
    expect(isOpenAt(calendar, at('2024-01-02T00:00:00Z'))).toBe(false);
  });

  it('a negative goal is refused; zero is the next opening', () => {
    const calendar = compileCalendar({ timeZone: 'UTC', hours: { tue: [['09:00', '10:00']] } });
    expect(iso(dueAtMs(calendar, at('2024-01-01T12:00:00Z'), 0))).toBe('2024-01-02T09:00:00.000Z');
    expect(() => dueAtMs(calendar, at('2024-01-01T12:00:00Z'), -300_000)).toThrow(RangeError);
    expect(() => dueAtMs(calendar, at('2024-01-01T12:00:00Z'), Number.NaN)).toThrow(RangeError);
  });
});

describe('clock changes', () => {
  it('a span that a gap pushes into another one counts once', () => {
    // 29 March 2026, 02:00 becomes 03:00 in Berlin: 02:15–02:45 is moved onto 03:15–03:45, in the middle of 03:00–04:00.
    const calendar = compileCalendar({
      timeZone: 'Europe/Berlin',
      hours: {
        sun: [
          ['02:15', '02:45'],
          ['03:00', '04:00'],
        ],
      },
    });
    const from = at('2026-03-28T12:00:00Z');
    expect(elapsedMs(calendar, from, at('2026-03-30T12:00:00Z'))).toBe(3_600_000);
    expect(iso(nextOpenMs(calendar, from))).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(dueAtMs(calendar, from, 3_600_000))).toBe('2026-03-29T02:00:00.000Z');
  });

  it('a doubled hour takes the first even where the zone once changed sides of the date line', () => {
    // 5 April 2020, 04:00 became 03:00 in Apia: the first 03:30 is 13:30 UTC.
    const calendar = compileCalendar({
      timeZone: 'Pacific/Apia',
      hours: { sun: [['03:30', '06:00']] },
    });
    expect(iso(nextOpenMs(calendar, at('2020-04-04T00:00:00Z')))).toBe('2020-04-04T13:30:00.000Z');
  });

  it('a local day that never was has no hours, whatever the calendar says of it', () => {
    const calendar = compileCalendar({
      timeZone: 'Pacific/Apia',
      hours: { fri: [['09:00', '17:00']] },
      overrides: { '2011-12-30': [['08:00', '20:00']] },
    });
    expect(
      elapsedMs(calendar, at('2011-12-25T00:00:00Z'), at('2012-01-05T00:00:00Z')) / 3_600_000,
    ).toBe(0);
  });

  it('"always" with a holiday is closed on that local day and on no other', () => {
    const calendar = compileCalendar({
      timeZone: 'America/Sao_Paulo',
      hours: 'always',
      holidays: ['2017-10-15'],
    });
    // The day began at 01:00, for midnight did not exist: it had 23 hours.
    const days = elapsedMs(calendar, at('2017-10-14T03:00:00Z'), at('2017-10-17T02:00:00Z'));
    expect(days / 3_600_000).toBe(48);
    expect(iso(nextOpenMs(calendar, at('2017-10-15T12:00:00Z')))).toBe('2017-10-16T02:00:00.000Z');
  });
});

describe('every walk ends', () => {
  const office = compileCalendar({
    timeZone: 'Europe/Berlin',
    hours: { mon: [['09:00', '10:00']] },
    holidays: ['2030-01-07'],
  });

  it('a goal that ten years do not hold is never due', () => {
    expect(dueAtMs(office, at('2025-01-01T00:00:00Z'), 600 * 3_600_000)).toBeNull();
    expect(dueAtMs(office, at('2025-01-01T00:00:00Z'), Number.POSITIVE_INFINITY)).toBeNull();
    expect(dueAtMs(office, Number.POSITIVE_INFINITY, 1)).toBeNull();
    expect(dueAtMs(office, Number.NaN, 1)).toBeNull();
  });

  it('a calendar that never opens, made by hand, is walked once and not for ever', () => {
    const never = { ...office, week: [], days: {} };
    expect(nextOpenMs(never, 0)).toBeNull();
    expect(isOpenAt(never, 0)).toBe(false);
    expect(elapsedMs(never, -1e15, 1e15)).toBe(0);
  });

  it('a clock that stands still for ever is never due, and its pauses may come in any order', () => {
    const always = compileCalendar({ timeZone: 'UTC', hours: 'always' });
    expect(dueAtMs(always, 0, 1000, [[500, Number.POSITIVE_INFINITY]])).toBeNull();
    const open: Pause[] = [
      [at('2025-02-01T00:00:00Z'), Number.POSITIVE_INFINITY],
      [at('2025-01-01T00:00:00Z'), at('2025-01-08T00:00:00Z')],
    ];
    expect(dueAtMs(office, at('2025-01-01T00:00:00Z'), 24 * 3_600_000, open)).toBeNull();
    expect(elapsedMs(office, at('2025-01-01T00:00:00Z'), Number.POSITIVE_INFINITY, open)).toBe(
      3 * 3_600_000,
    );
  });

  it('the whole span of dates is measured, holiday and clock changes included', () => {
    const from = at('2000-01-03T00:00:00Z');
    const weeks = 52 * 60;
    expect(elapsedMs(office, from, from + weeks * 7 * 86_400_000) / 3_600_000).toBe(weeks - 1);
    expect(elapsedMs(office, -8.64e15, 8.64e15)).toBeGreaterThan(0);
    expect(elapsedMs(office, 1e12, 1e11)).toBe(0);
  });
});
