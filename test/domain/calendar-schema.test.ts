// What the API refuses of a calendar and of a preview, each by the field it is in; and what the preview answers.
import { describe, expect, it } from 'vitest';
import { PreviewSchema, previewBusinessHours } from '#domain/business-hours-preview.ts';
import { CalendarSchema, NamedCalendarSchema } from '#domain/calendar-schema.ts';

const office = {
  name: 'Office',
  timeZone: 'Europe/Berlin',
  hours: {
    mon: [
      ['09:00', '12:00'],
      ['13:00', '17:00'],
    ],
    fri: [['00:00', '24:00']],
  },
  holidays: ['2025-12-25'],
  overrides: { '2025-12-24': [['08:00', '12:00']] },
};
const pathsOf = (schema: typeof NamedCalendarSchema | typeof PreviewSchema, body: unknown) =>
  (schema.safeParse(body).error?.issues ?? []).map((issue) => issue.path.join('.'));
const withMonday = (...spans: unknown[]) => ({ ...office, hours: { mon: spans } });

describe('a calendar', () => {
  it('is taken as the API documents it, closing at 24:00 included', () => {
    expect(NamedCalendarSchema.parse(office)).toEqual(office);
    expect(NamedCalendarSchema.safeParse({ ...office, hours: 'always' }).success).toBe(true);
  });

  it('needs a name only when it is saved', () => {
    const { name: _name, ...nameless } = office;
    expect(CalendarSchema.safeParse(nameless).success).toBe(true);
    expect(pathsOf(NamedCalendarSchema, nameless)).toEqual(['name']);
  });

  it.for<[string, unknown, string]>([
    ['INV-3 no hours on any day', { ...office, hours: {} }, 'hours'],
    ['INV-3 no hours on any day, spelled out', { ...office, hours: { mon: [], tue: [] } }, 'hours'],
    ['INV-4 opening at 25:00', withMonday(['25:00', '26:00']), 'hours.mon.0.0'],
    ['INV-5 closing at 18:60', withMonday(['09:00', '18:60']), 'hours.mon.0.1'],
    ['INV-6 an empty span', withMonday(['09:00', '09:00']), 'hours.mon.0'],
    ['INV-6 a span over midnight', withMonday(['22:00', '06:00']), 'hours.mon.0'],
    ['INV-7 touching', withMonday(['09:00', '12:00'], ['12:00', '13:00']), 'hours.mon.1'],
    ['INV-7 overlapping', withMonday(['09:00', '12:00'], ['08:00', '10:00']), 'hours.mon.0'],
    ['INV-8 an unknown zone', { ...office, timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['INV-9 a whole day to 23:59', withMonday(['00:00', '23:59']), 'hours.mon.0.1'],
    ['an empty zone', { ...office, timeZone: '' }, 'timeZone'],
    ['an opening at 24:00', withMonday(['24:00', '24:00']), 'hours.mon.0.0'],
    ['a closing after 24:00', withMonday(['09:00', '24:30']), 'hours.mon.0.1'],
    ['hours of one digit', withMonday(['9:00', '17:00']), 'hours.mon.0.0'],
    ['a span of three', withMonday(['09:00', '10:00', '11:00']), 'hours'],
    ['an unknown weekday', { ...office, hours: { monday: [['09:00', '17:00']] } }, 'hours'],
    ['a holiday that is no date', { ...office, holidays: ['2025-02-29'] }, 'holidays.0'],
    [
      'an override on no date',
      { ...office, overrides: { '2025-13-01': [] } },
      'overrides.2025-13-01',
    ],
    [
      'an override that overlaps',
      {
        ...office,
        overrides: {
          '2025-12-24': [
            ['08:00', '12:00'],
            ['11:00', '13:00'],
          ],
        },
      },
      'overrides.2025-12-24.1',
    ],
    ['a field nobody knows', { ...office, colour: 'red' }, ''],
  ])('is refused for %s, and the field is named', ([, body, path]) => {
    expect(pathsOf(NamedCalendarSchema, body)).toContain(path);
  });
});

describe('a preview', () => {
  const ask = { calendar: office, start: '2025-12-24T08:00:00Z', goalSeconds: 3_600 };
  const answer = (body: unknown) => previewBusinessHours(PreviewSchema.parse(body));

  it('says when a goal is due', () => {
    expect(answer(ask)).toEqual({ dueAt: '2025-12-24T09:00:00.000Z' });
    const pauses = [['2025-12-24T09:30:00+01:00', '2025-12-24T23:00:00+01:00']];
    expect(answer({ ...ask, pauses })).toEqual({ dueAt: '2025-12-25T23:30:00.000Z' });
  });

  it('takes a zero goal as "the next opening" and says null when there is none within ten years', () => {
    const start = '2025-12-24T20:00:00+01:00';
    expect(answer({ ...ask, start, goalSeconds: 0 })).toEqual({
      dueAt: '2025-12-25T23:00:00.000Z',
    });
    const calendar = { timeZone: 'UTC', hours: { mon: [['09:00', '09:01']] } };
    expect(answer({ calendar, start, goalSeconds: 86_400 })).toEqual({ dueAt: null });
  });

  it('measures working time, and tells the next opening', () => {
    const span = { calendar: office, from: '2025-12-21T23:00:00Z', to: '2025-12-26T23:00:00Z' };
    expect(answer(span)).toEqual({ elapsedSeconds: (7 + 4 + 24) * 3_600 });
    expect(answer({ ...span, to: span.from })).toEqual({ elapsedSeconds: 0 });
    expect(answer({ calendar: office, at: '2025-12-22T12:00:00+01:00' })).toEqual({
      nextOpenAt: '2025-12-22T12:00:00.000Z',
    });
  });

  it.for<[string, unknown, string]>([
    ['INV-2 a negative goal', { ...ask, goalSeconds: -300 }, 'goalSeconds'],
    ['a goal of half a second', { ...ask, goalSeconds: 0.5 }, 'goalSeconds'],
    ['a goal without a start', { calendar: office, goalSeconds: 60 }, 'start'],
    ['a start without a goal', { calendar: office, start: ask.start }, 'goalSeconds'],
    ['an end without a beginning', { calendar: office, to: ask.start }, 'from'],
    ['two questions at once', { ...ask, at: ask.start }, 'at'],
    ['pauses of an opening', { calendar: office, at: ask.start, pauses: [] }, 'pauses'],
    ['no question', { calendar: office }, ''],
    ['no calendar', { start: ask.start, goalSeconds: 60 }, 'calendar'],
    ['a local time without offset', { ...ask, start: '2025-12-24T08:00:00' }, 'start'],
    [
      'a pause that ends before it begins',
      { ...ask, pauses: [['2025-01-02T00:00:00Z', '2025-01-01T00:00:00Z']] },
      'pauses.0',
    ],
    ['a calendar never open', { ...ask, calendar: { ...office, hours: {} } }, 'calendar.hours'],
    ['a field nobody knows', { ...ask, tz: 'UTC' }, ''],
  ])('is refused for %s, and the field is named', ([, body, path]) => {
    expect(pathsOf(PreviewSchema, body)).toContain(path);
  });
});
