// What admins type on the pages of policies and calendars, and what is made of it: pure, by tables.
import { describe, expect, it } from 'vitest';
import { compileCalendar } from '#domain/calendar-compile.ts';
import { dueAtMs, isOpenAt } from '#domain/business-calendar.ts';
import { daysFrom, instantIn, localIn, parseSpans, shareOfDay } from '#ui/sla/day-spans.ts';
import { durationText, parseDuration } from '#ui/sla/durations.ts';
import { moved, newPlaces } from '#ui/sla/order.ts';

describe('a typed span of time', () => {
  it.each([
    ['4h', 14_400],
    ['30m', 1_800],
    ['30', 1_800],
    ['1h 30m', 5_400],
    ['1h30m', 5_400],
    ['1,5h', 5_400],
    ['2d', 172_800],
    ['45s', 45],
    [' 2 D ', 172_800],
    ['', null],
    ['0', null],
    ['0m', null],
    ['4', 240],
    ['h', null],
    ['-4h', null],
    ['four hours', null],
    ['4h soon', null],
  ])('%j is %j seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it('is shown so that it reads back as the same', () => {
    for (let seconds = 1; seconds < 400_000; seconds += 997)
      expect(parseDuration(durationText(seconds))).toBe(seconds);
  });
});

describe('typed hours of a day', () => {
  it.each([
    [
      '9-12:30, 13:30-18',
      [
        ['09:00', '12:30'],
        ['13:30', '18:00'],
      ],
    ],
    ['09:00–17:00', [['09:00', '17:00']]],
    ['0-24', [['00:00', '24:00']]],
    ['9.30 - 17.00', [['09:30', '17:00']]],
    ['', []],
    ['9 to', null],
    ['closed', null],
  ])('%j is %j', (text, spans) => {
    expect(parseSpans(text)).toEqual(spans);
  });

  it('are drawn where they are in the day', () => {
    expect([shareOfDay('00:00'), shareOfDay('12:00'), shareOfDay('24:00')]).toEqual([0, 0.5, 1]);
  });
});

const calendar = {
  timeZone: 'Europe/Berlin',
  hours: {
    mon: [['09:00', '17:00'] as [string, string]],
    sat: [['10:00', '12:00'] as [string, string]],
  },
  holidays: ['2027-03-29', '2027-04-05/2027-04-12'],
  overrides: { '2027-04-12': [['08:00', '09:00'] as [string, string]] },
};

describe('drawn days', () => {
  it('are open exactly when deadlines count them as open, over two changes of the clock', () => {
    const compiled = compileCalendar(calendar);
    for (const { date, spans } of daysFrom(calendar, '2027-03-01', 300)) {
      for (const minute of [0, 479, 480, 540, 600, 719, 720, 1_019, 1_020, 1_439]) {
        const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        const drawn = spans.some(([open, close]) => open <= time && time < close);
        const atMs = instantIn('Europe/Berlin', `${date}T${time}`);
        expect([date, time, drawn]).toEqual([date, time, isOpenAt(compiled, atMs)]);
      }
    }
  });

  it('say why a day is not as its weekday', () => {
    const whys = daysFrom(calendar, '2027-04-11', 3).map(({ date, why }) => [date, why]);
    expect(whys).toEqual([
      ['2027-04-11', 'holiday'],
      ['2027-04-12', 'override'],
      ['2027-04-13', 'week'],
    ]);
  });
});

describe('a local time', () => {
  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland', 'UTC'])(
    'of %s is the instant that reads as it there',
    (zone) => {
      for (let ms = Date.UTC(2027, 0, 1, 3, 30); ms < Date.UTC(2028, 0, 1); ms += 7_777 * 60_000) {
        expect(localIn(zone, instantIn(zone, localIn(zone, ms)))).toBe(localIn(zone, ms));
      }
    },
  );

  it('gives the deadline that the desk would give', () => {
    const due = dueAtMs(
      compileCalendar(calendar),
      instantIn('Europe/Berlin', '2027-03-22T16:00'),
      7_200_000,
    );
    // An hour of Monday, an hour of Saturday: two days before the clocks change.
    expect(localIn('Europe/Berlin', due ?? 0)).toBe('2027-03-27T11:00');
  });
});

describe('an order of policies', () => {
  const order = (...positions: number[]) =>
    positions.map((position) => ({ id: `p${position}`, position }));
  const after = (list: { id: string; position: number }[]): { id: string; position: number }[] => {
    const places = new Map(newPlaces(list).map(({ id, position }) => [id, position]));
    return list.map(({ id, position }) => ({ id, position: places.get(id) ?? position }));
  };

  it('gives as few new places as it needs', () => {
    expect(newPlaces(order(0, 10, 20))).toEqual([]);
    expect(newPlaces(moved(order(0, 10, 20, 30), 3, 1))).toEqual([{ id: 'p30', position: 5 }]);
    expect(newPlaces(moved(order(5, 10, 20), 2, 0))).toEqual([{ id: 'p20', position: 2 }]);
    expect(newPlaces(moved(order(0, 10, 20), 0, 2))).toEqual([{ id: 'p0', position: 30 }]);
  });

  it('stands after every possible move, whatever the places were before', () => {
    for (const before of [
      [0, 1, 2, 3],
      [0, 0, 0, 0],
      [7, 7, 8, 900_000],
      [3, 2, 1, 0],
    ]) {
      const list = before.map((position, index) => ({ id: `${index}`, position }));
      for (let from = 0; from < 4; from += 1)
        for (let to = 0; to < 4; to += 1) {
          const wanted = moved(list, from, to);
          const placed = after(wanted).map(({ position }) => position);
          expect(placed.every((one, index) => index === 0 || one > (placed[index - 1] ?? 0))).toBe(
            true,
          );
          expect(placed[0]).toBeGreaterThanOrEqual(0);
        }
    }
  });
});
