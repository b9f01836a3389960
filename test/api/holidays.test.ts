// Holidays come by hand, as ranges and from iCalendar files; what a file holds and a calendar already knows is said event by event.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHolidays } from '#api/admin/holiday-file.ts';
import { calendarFaults, compileCalendar } from '#domain/calendar-compile.ts';
import { elapsedMs } from '#domain/business-calendar.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

const file = (...events: string[][]): string =>
  [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test'],
    ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']),
    'END:VCALENDAR',
    '',
  ].join('\r\n');
const day = (date: string, name: string, ...more: string[]): string[] => [
  ...[`UID:${name}`, `DTSTART;VALUE=DATE:${date}`, `SUMMARY:${name}`],
  ...more,
];
const WINDOW = { from: '2026-01-01', to: '2028-12-31' };
const datesOf = (...events: string[][]): string[] =>
  readHolidays(file(...events), WINDOW).holidays.map(({ date }) => date);
const reasonOf = (...event: string[]): string | undefined =>
  readHolidays(file(event), WINDOW).skipped[0]?.reason;

describe('the holidays of a file', () => {
  it.for<[string, string[][], string[]]>([
    ['a day', [day('20261003', 'Unity')], ['2026-10-03']],
    [
      'several days, the end not among them',
      [day('20261224', 'Christmas', 'DTEND;VALUE=DATE:20261227')],
      ['2026-12-24/2026-12-26'],
    ],
    [
      'a length instead of an end',
      [day('20261224', 'Christmas', 'DURATION:P2D')],
      ['2026-12-24/2026-12-25'],
    ],
    [
      'every year',
      [day('20000101', 'New Year', 'RRULE:FREQ=YEARLY')],
      ['2026-01-01', '2027-01-01', '2028-01-01'],
    ],
    [
      'every year but one',
      [day('20200501', 'Labour Day', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20270501')],
      ['2026-05-01', '2028-05-01'],
    ],
    [
      'the last Monday of May',
      [day('20200525', 'Memorial Day', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO')],
      ['2026-05-25', '2027-05-31', '2028-05-29'],
    ],
    [
      'the third Monday of January as Outlook writes it',
      [day('20200120', 'King', 'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=MO;BYMONTH=1;BYSETPOS=3')],
      ['2026-01-19', '2027-01-18', '2028-01-17'],
    ],
    ['29 February, in leap years', [day('20240229', 'Leap', 'RRULE:FREQ=YEARLY')], ['2028-02-29']],
    [
      'so many times, or until a day',
      [
        day('20250601', 'Twice', 'RRULE:FREQ=YEARLY;COUNT=2'),
        day('20250701', 'Until', 'RRULE:FREQ=YEARLY;UNTIL=20270701'),
      ],
      ['2026-06-01', '2026-07-01', '2027-07-01'],
    ],
    [
      'days listed one by one, as Easter is',
      [day('20260406', 'Easter Monday', 'RDATE;VALUE=DATE:20270329,20280417')],
      ['2026-04-06', '2027-03-29', '2028-04-17'],
    ],
    [
      'one moved, one called off',
      [
        day('20250801', 'Fair', 'RRULE:FREQ=YEARLY'),
        day('20270803', 'Fair', 'RECURRENCE-ID;VALUE=DATE:20270801'),
        day('20280801', 'Fair', 'RECURRENCE-ID;VALUE=DATE:20280801', 'STATUS:CANCELLED'),
      ],
      ['2026-08-01', '2027-08-03'],
    ],
    [
      'from midnight to midnight in a zone',
      [
        [
          ...['UID:1', 'SUMMARY:May', 'DTSTART;TZID=Europe/Berlin:20260501T000000'],
          'DTEND;TZID=Europe/Berlin:20260502T000000',
        ],
      ],
      ['2026-05-01'],
    ],
    [
      'what reaches into the window, and no day beside it',
      [day('20251230', 'Turn of the year', 'DTEND;VALUE=DATE:20260103')],
      ['2026-01-01/2026-01-02'],
    ],
  ])('%s', ([, events, dates]) => {
    expect(datesOf(...events)).toEqual(dates);
  });

  it.for<[string, string[], RegExp]>([
    ['a part of a day', ['UID:1', 'DTSTART:20260101T120000', 'DTEND:20260101T180000'], /whole day/],
    ['a cancelled one', day('20260101', 'x', 'STATUS:CANCELLED'), /cancelled/],
    ['one of another time', day('20200101', 'x'), /outside 2026-01-01 to 2028-12-31/],
    ['one without a date', ['UID:1', 'SUMMARY:x'], /no date/],
    ['a date that is none', day('20261399', 'x'), /does not exist/],
    ['one that never ends', day('20260101', 'x', 'DTEND;VALUE=DATE:20290101'), /366 days/],
    ['one every second', day('19700101', 'x', 'RRULE:FREQ=SECONDLY'), /within a day/],
    ['every day since the war', day('19450508', 'x', 'RRULE:FREQ=DAILY'), /too (often|long)/],
    [
      'a rule that keeps its reader looking for ever',
      day('20200131', 'x', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31'),
      /too long/,
    ],
    [
      'a rule that cannot be followed',
      day('20200131', 'x', 'RRULE:FREQ=YEARLY;BYDAY=MO,TU;BYSETPOS=30'),
      /not understood/,
    ],
  ])('are without %s, which is said', ([, event, reason]) => {
    expect(reasonOf(...event)).toMatch(reason);
  });

  it.for(['', 'nonsense', '<html></html>', 'BEGIN:VCALENDAR\r\nnonsense', file()])(
    'cannot be read from %j, in one sentence',
    (ics) => {
      expect(() => readHolidays(ics, WINDOW)).toThrow(/^This .*iCalendar file/);
    },
  );
});

describe('a holiday that is a range', () => {
  const base = { timeZone: 'Europe/Berlin', hours: 'always' as const };
  const pathsOf = (...holidays: string[]): string[] =>
    calendarFaults({ ...base, holidays }).map(({ path }) => path.join('.'));

  it('closes every day from its first to its last, both included', () => {
    const calendar = compileCalendar({ ...base, holidays: ['2026-12-24/2026-12-26'] });
    const from = Date.parse('2026-12-23T00:00:00+01:00');
    expect(elapsedMs(calendar, from, from + 5 * 86_400_000)).toBe(2 * 86_400_000);
    const single = compileCalendar({
      ...{ ...base, holidays: ['2026-12-24', '2026-12-25', '2026-12-26'] },
    });
    expect(calendar).toEqual(single);
  });

  it.for<[string, string]>([
    ['reversed', '2026-12-26/2026-12-24'],
    ['of no days', '2026-12-26/'],
    ['of three ends', '2026-12-24/2026-12-25/2026-12-26'],
    ['with a day that is none', '2026-02-27/2026-02-30'],
    ['longer than a year', '2026-01-01/2027-01-02'],
  ])('%s is refused, naming it', ([, holiday]) => {
    expect(pathsOf('2026-01-01', holiday)).toEqual(['holidays.1']);
  });

  it('may be a year long, but a calendar has no more than 2,000 closed days', () => {
    const years = (count: number) =>
      Array.from({ length: count }, (_, index) => `${2026 + index}-01-01/${2026 + index}-12-31`);
    expect(pathsOf(...years(5))).toEqual([]);
    expect(pathsOf(...years(6))).toEqual(['holidays']);
  });
});

describe('the import', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await startTestDesk();
  });
  afterAll(async () => {
    await desk.stop();
  });
  const call = (method: string, path: string, body?: unknown, expected?: number) =>
    desk.call(method, `/api/v1${path}`, body, expected);
  const week = (from: string, to: string) =>
    Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((name) => [name, [[from, to]]]),
    );
  const newCalendar = async (more: object = {}): Promise<string> => {
    const body = { name: crypto.randomUUID(), timeZone: 'UTC', hours: week('00:00', '24:00') };
    return (await call('POST', '/calendars', { ...body, ...more }))['id'];
  };
  const importInto = (id: string, body: object, expected = 200) =>
    call('POST', `/calendars/${id}/holidays/import`, body, expected);

  it('adds what is new as one version, says what was known, and leaves days with hours of their own', async () => {
    const id = await newCalendar({
      holidays: ['2026-10-03'],
      overrides: { '2026-12-31': [['08:00', '12:00']] },
    });
    const ics = file(
      day('20261003', 'Unity'),
      day('20261224', 'Christmas', 'DTEND;VALUE=DATE:20261227'),
      day('20261231', 'New Year’s Eve'),
      day('20261111', 'Gone', 'STATUS:CANCELLED'),
    );
    const dry = await importInto(id, { ics, ...WINDOW, dryRun: true });
    expect(dry['calendar']).toMatchObject({ version: 1, holidays: ['2026-10-03'] });
    const done = await importInto(id, { ics, ...WINDOW });
    expect(done).toMatchObject({
      added: [{ date: '2026-12-24/2026-12-26', name: 'Christmas' }],
      known: [{ date: '2026-10-03', name: 'Unity' }],
      calendar: { id, version: 2, holidays: ['2026-10-03', '2026-12-24/2026-12-26'] },
    });
    expect({ ...done, calendar: null }).toEqual({ ...dry, calendar: null });
    expect(done['skipped'].map(({ name }: { name: string }) => name)).toEqual([
      ...['Gone', 'New Year’s Eve'],
    ]);
    const [version] = (await call('GET', `/calendars/${id}/versions`))['items'];
    expect(version).toMatchObject({ version: 2, savedBy: { id: desk.adminId } });
    expect(version.reason).toMatch(/^Imported 1 holiday/);
    // A second import finds nothing to do, and makes no version.
    expect(await importInto(id, { ics, ...WINDOW })).toMatchObject({
      ...{ added: [], calendar: { version: 2 } },
    });
  });

  it('takes the file itself, and this year with the two after it when no window is named', async () => {
    const id = await newCalendar();
    const year = new Date().getUTCFullYear();
    const response = await desk.app.request(`/api/v1/calendars/${id}/holidays/import?dryRun=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await adminToken()}`, 'content-type': 'text/calendar' },
      body: file(day('20000101', 'New Year', 'RRULE:FREQ=YEARLY')),
    });
    expect(response.status).toBe(200);
    const { added } = (await response.json()) as { added: { date: string }[] };
    expect(added.map(({ date }) => date)).toEqual(
      [0, 1, 2].map((later) => `${year + later}-01-01`),
    );
  });

  it('refuses a broken file, a window that is none and a calendar that is not there, and saves nothing', async () => {
    const id = await newCalendar();
    const ics = file(day('20261003', 'Unity'));
    const broken = await importInto(id, { ics: 'nonsense' }, 422);
    expect(broken['errors']).toMatchObject([{ pointer: '/ics' }]);
    expect(broken['detail']).toMatch(/^This is no iCalendar file: [^\n]+$/);
    for (const [window, pointer] of [
      [{ from: '2026-02-30' }, '/from'],
      [{ to: '2026-02-30' }, '/to'],
      [{ from: '2026-02-02', to: '2026-02-01' }, '/to'],
      [{ from: '2026-01-01', to: '2126-01-01' }, '/to'],
    ] as const) {
      expect((await importInto(id, { ics, ...window }, 422))['errors']).toMatchObject([
        { pointer },
      ]);
    }
    await importInto('00000000-0000-7000-8000-00000000dead', { ics }, 404);
    await call('POST', `/calendars/${id}/holidays/import`, undefined, 415);
    expect((await call('GET', `/calendars/${id}`))['version']).toBe(1);
  });

  it('moves the deadline of a ticket that is open, and says so (zammad#390)', async () => {
    const calendarId = await newCalendar();
    await call('POST', '/sla-policies', {
      ...{ name: 'By the calendar', goals: { firstReply: { seconds: 86_400 } }, calendarId },
      conditions: [{ field: 'tags', op: 'contains', value: 'holiday' }],
    });
    const ticket = await call('POST', '/tickets', {
      ...{ subject: 'T', body: 'Hi', tags: ['holiday'], requester: { email: 'ann@customer.test' } },
    });
    const { dueAt } = ticket['sla'].goals.firstReply;
    const closedDay = dueAt.slice(0, 10);
    const ics = file(day(closedDay.replaceAll('-', ''), 'Sudden holiday'));
    const window = { from: closedDay, to: closedDay };
    const { added } = await importInto(calendarId, { ics, ...window });
    expect(added).toEqual([{ date: closedDay, name: 'Sudden holiday' }]);
    await eventually(async () => {
      const now = await call('GET', `/tickets/${ticket['id']}`);
      expect(Date.parse(now['sla'].goals.firstReply.dueAt) - Date.parse(dueAt)).toBe(86_400_000);
    });
    const { items } = await call('GET', `/tickets/${ticket['id']}/timeline`);
    expect(items.some((item: any) => item.event?.type === 'rulesAdopted')).toBe(true);
    expect(await call('GET', `/calendars/${calendarId}/rollout`)).toMatchObject({ version: 2 });
  });

  const adminToken = async (): Promise<string> => {
    const key = { name: 'file', userId: desk.adminId, scopes: ['read', 'write', 'admin'] };
    return (await call('POST', '/api-keys', key))['token'];
  };
});
