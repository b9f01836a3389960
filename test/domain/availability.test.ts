// Whether somebody is there, why, and until when: examples of people's days, and a slow minute-by-minute model.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveAvailability, foresee, whyAway } from '#domain/availability.ts';
import type { AvailabilityFacts } from '#domain/availability.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';

const at = (text: string): number => Date.parse(text);
const OFFICE: CalendarDefinition = {
  timeZone: 'Europe/Berlin',
  hours: Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [
      day,
      [
        ['09:00', '12:00'],
        ['13:00', '17:00'],
      ],
    ]),
  ),
};
const facts = (more: Partial<AvailabilityFacts> = {}): AvailabilityFacts => ({
  ...{ toggle: 'available', hours: compileCalendar(OFFICE), absences: [] },
  ...more,
});
const absence = (from: string, to: string) => ({ fromMs: at(from), toMs: at(to) });

describe('somebody with hours from nine to five in Berlin, and an hour of lunch', () => {
  it.for<[string, string, Partial<AvailabilityFacts>, string, string | null]>([
    ['on a Monday morning', '2025-03-03T08:30:00Z', {}, 'available', '2025-03-03T11:00:00Z'],
    ['at the closing instant', '2025-03-03T11:00:00Z', {}, 'outsideHours', '2025-03-03T12:00:00Z'],
    ['on a Friday evening', '2025-03-07T18:00:00Z', {}, 'outsideHours', '2025-03-10T08:00:00Z'],
    [
      'over the weekend of the clock change',
      '2025-03-29T10:00:00Z',
      {},
      'outsideHours',
      '2025-03-31T07:00:00Z',
    ],
    ['switched away', '2025-03-03T08:30:00Z', { toggle: 'away' }, 'toggledAway', null],
    [
      'out until the afternoon',
      '2025-03-03T08:30:00Z',
      { absences: [absence('2025-03-03T08:00:00Z', '2025-03-03T14:00:00Z')] },
      'outOfOffice',
      '2025-03-03T14:00:00Z',
    ],
    [
      'out until the night: back in the morning',
      '2025-03-03T08:30:00Z',
      { absences: [absence('2025-03-03T08:00:00Z', '2025-03-03T22:00:00Z')] },
      'outOfOffice',
      '2025-03-04T08:00:00Z',
    ],
    [
      'out by two ranges that overlap, and one that touches',
      '2025-03-03T08:30:00Z',
      {
        absences: [
          absence('2025-03-03T08:00:00Z', '2025-03-03T09:00:00Z'),
          absence('2025-03-03T08:45:00Z', '2025-03-03T10:00:00Z'),
          absence('2025-03-03T10:00:00Z', '2025-03-03T10:30:00Z'),
        ],
      },
      'outOfOffice',
      '2025-03-03T10:30:00Z',
    ],
    [
      'about to go out',
      '2025-03-03T08:30:00Z',
      { absences: [absence('2025-03-03T09:00:00Z', '2025-03-03T14:00:00Z')] },
      'available',
      '2025-03-03T09:00:00Z',
    ],
    [
      'without hours, in no range: until the next one',
      '2025-03-03T03:00:00Z',
      { hours: null, absences: [absence('2025-03-05T00:00:00Z', '2025-03-06T00:00:00Z')] },
      'available',
      '2025-03-05T00:00:00Z',
    ],
    ['without hours or ranges', '2025-03-03T03:00:00Z', { hours: null }, 'available', null],
  ])('%s', ([, now, more, reason, until]) => {
    expect(effectiveAvailability(facts(more), at(now))).toEqual({
      availability: reason === 'available' ? 'available' : 'away',
      reason,
      untilMs: until === null ? null : at(until),
    });
  });

  it('whose hours are around the clock never turns', () => {
    const hours = compileCalendar({ timeZone: 'UTC', hours: 'always' });
    expect(effectiveAvailability(facts({ hours }), at('2025-03-03T08:30:00Z')).untilMs).toBeNull();
  });
});

it('the answer holds until its instant and is another from then on, as a look at every quarter of an hour finds', () => {
  const start = at('2025-03-24T00:00:00Z');
  const quarter = 15 * 60_000;
  const range = fc
    .tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 300 }))
    .map(([from, length]) => ({
      fromMs: start + from * quarter,
      toMs: start + (from + length) * quarter,
    }));
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 4 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 900 }),
      (absences, withHours, offset) => {
        const who = facts({ absences, ...(withHours ? {} : { hours: null }) });
        const nowMs = start + offset * quarter;
        const answer = effectiveAvailability(who, nowMs);
        const isThere = (ms: number): boolean => whyAway(who, ms) === null;
        expect(isThere(nowMs)).toBe(answer.availability === 'available');
        const until = Math.min(answer.untilMs ?? Number.POSITIVE_INFINITY, start + 2_000 * quarter);
        for (let ms = nowMs; ms < until; ms += quarter) {
          expect(isThere(ms)).toBe(answer.availability === 'available');
        }
        if (answer.untilMs === null) return;
        expect(answer.untilMs).toBeGreaterThan(nowMs);
        expect(isThere(answer.untilMs)).toBe(answer.availability === 'away');
      },
    ),
    { numRuns: 150 },
  );
});

it('what is foreseen is what a clock that looks every quarter of an hour meets, tickets going back included', () => {
  const start = at('2025-03-24T00:00:00Z');
  const quarter = 15 * 60_000;
  const untilMs = start + 14 * 86_400_000;
  const range = fc
    .tuple(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: 1, max: 300 }))
    .map(([from, length]) => ({
      fromMs: start + from * quarter,
      toMs: start + (from + length) * quarter,
    }));
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 4 }),
      fc.boolean(),
      fc.record({ enabled: fc.boolean(), after: fc.integer({ min: 0, max: 100 }) }),
      (absences, withHours, { enabled, after }) => {
        const who = facts({ absences, ...(withHours ? {} : { hours: null }) });
        const rule = { enabled, afterSeconds: after * 900 };
        const span = { fromMs: start, untilMs, mostChanges: Number.MAX_SAFE_INTEGER };
        const looks = foresee(who, null, rule, span);
        const told = looks.flatMap(({ changed, availability, handsBack, atMs }) => [
          ...(changed ? [`${atMs} ${availability}`] : []),
          ...(handsBack ? [`${atMs} back`] : []),
        ]);
        const met: string[] = [];
        let [was, sinceMs, done] = ['', start, false];
        for (let ms = start; ms <= untilMs; ms += quarter) {
          const now = whyAway(who, ms) === null ? 'available' : 'away';
          if (now !== was) {
            met.push(`${ms} ${now}`);
            [was, sinceMs, done] = [now, ms, false];
          }
          if (enabled && now === 'away' && !done && ms - sinceMs >= rule.afterSeconds * 1000) {
            met.push(`${ms} back`);
            done = true;
          }
        }
        expect(told).toEqual(met);
      },
    ),
    { numRuns: 60 },
  );
});
