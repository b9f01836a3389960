// A change of somebody's availability can be tried before it is saved: the preview says what the saved change then does, and saves nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk({ awayReassign: { enabled: true, afterSeconds: 2 } });
});
afterAll(async () => {
  await desk.stop();
});

const HOUR_MS = 3_600_000;
const call = (method: string, path: string, body?: unknown, expected?: number): Promise<Json> =>
  desk.call(method, `/api/v1${path}`, body, expected);
const preview = (userId: string, draft: object): Promise<Json> =>
  call('POST', `/users/${userId}/availability/preview`, draft, 200);
let made = 0;
const newAgent = (more: object = {}): Promise<string> => {
  made += 1;
  return desk.addUser(`previewed${made}`, more);
};
const newTeam = async (userIds: string[], strategy = 'roundRobin'): Promise<string> => {
  made += 1;
  const members = userIds.map((userId) => ({ userId }));
  return (await call('POST', '/teams', { name: `Previewed ${made}`, strategy, members }))['id'];
};
const newTicket = async (subject: string, more: object): Promise<number> =>
  (await call('POST', '/tickets', { subject, requester: { email: 'ann@customer.test' }, ...more }))[
    'id'
  ];
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();
const ids = (sample: Json[]): number[] => sample.map(({ ticketId }) => ticketId as number);

describe('a preview', () => {
  it('of going away names the tickets that then go back to their queues, those that stay and why', async () => {
    const [one, mate] = [await newAgent(), await newAgent()];
    const teamId = await newTeam([one, mate]);
    const other = await newTeam([one], 'manual');
    const mine = { assigneeId: one, teamId };
    const back = [await newTicket('First', mine), await newTicket('Second', mine)];
    const alone = await newTicket('Of the other team', { assigneeId: one, teamId: other });
    const waiting = await newTicket('Waits', { ...mine, status: 'waitingOnContact' });
    await newTicket('Of the mate', { assigneeId: mate, teamId });

    const told = await preview(one, { availability: 'away' });
    expect(told['before']).toMatchObject({ availability: 'available', ticketsGoBackAt: null });
    expect(told['after']).toMatchObject({ availability: 'away', reason: 'is away', until: null });
    expect(told['goBack']).toMatchObject({ count: 3 });
    expect(new Set(ids(told['goBack'].sample))).toEqual(new Set([...back, alone]));
    expect(told['goBack'].sample[0]).toMatchObject({ subject: 'First', teamId });
    expect(Date.parse(told['goBack'].at) - Date.parse(told['at'])).toBe(2_000);
    expect(told['stay']).toMatchObject({
      count: 1,
      byReason: [{ reason: 'waitsForRequester', count: 1 }],
      sample: [{ ticketId: waiting }],
    });
    expect(told['teams']).toMatchObject([
      { teamId, tickets: 2, nobodyLeft: false, eligible: { before: 2, after: 1 } },
      { teamId: other, strategy: 'manual', tickets: 1, nobodyLeft: true },
    ]);
    const [{ candidates }] = told['teams'];
    expect(candidates.find((who: any) => who.userId === one).reason).toBe('is away');
    expect(candidates.find((who: any) => who.userId === mate).eligible).toBe(true);
    expect(told['queuesWithNobody']).toEqual([other]);

    // Nothing was saved, and nothing happens.
    expect(await call('GET', `/users/${one}`)).toMatchObject({
      effectiveAvailability: 'available',
    });
    expect((await call('GET', `/tickets/${alone}`))['assigneeId']).toBe(one);
    // And the saved change does exactly this.
    await call('PUT', `/users/${one}/availability`, { availability: 'away' });
    await eventually(async () => {
      for (const id of ids(told['goBack'].sample)) {
        const { assigneeId, routing } = await call('GET', `/tickets/${id}`);
        expect(assigneeId).not.toBe(one);
        if (assigneeId === null) expect(routing.reason).toBe(told['goBack'].reason);
      }
    });
    expect((await call('GET', `/tickets/${waiting}`))['assigneeId']).toBe(one);
  });

  it('of a range out of office, and of hours, tells the comings and goings to come', async () => {
    const one = await newAgent();
    const range = { from: inHours(2), to: inHours(5) };
    const told = await preview(one, { outOfOffice: [range] });
    expect(told['after']).toMatchObject({ availability: 'available', until: range.from });
    expect(told['after'].changes).toEqual([
      { at: range.from, availability: 'away', reason: 'is out of office' },
      { at: range.to, availability: 'available', reason: 'is available' },
    ]);
    expect(Date.parse(told['after'].ticketsGoBackAt)).toBe(Date.parse(range.from) + 2_000);
    const saved = await call('POST', `/users/${one}/out-of-office`, range);
    expect((await preview(one, {}))['before'].changes).toEqual(told['after'].changes);
    const without = await preview(one, { outOfOfficeRemoved: [saved['id']] });
    expect(without['after']).toMatchObject({ availability: 'available', until: null, changes: [] });
    const hours = { timeZone: 'UTC', hours: { mon: [['09:00', '17:00']] } };
    const weekly = await preview(one, { workingHours: hours, outOfOfficeRemoved: [saved['id']] });
    expect(weekly['after'].changes).toHaveLength(4);
    expect(new Set(weekly['after'].changes.map(({ at }: Json) => String(at).slice(10)))).toEqual(
      new Set(['T09:00:00.000Z', 'T17:00:00.000Z']),
    );
  });

  it('of a change that is saved later is told from that instant', async () => {
    const one = await newAgent();
    await call('POST', `/users/${one}/out-of-office`, { from: inHours(1), to: inHours(3) });
    const at = inHours(2);
    const told = await preview(one, { active: false, at });
    expect(told).toMatchObject({
      at,
      before: { availability: 'away', reason: 'is out of office' },
      after: { availability: 'away', reason: 'is away', changes: [] },
    });
    // They had been away for an hour when it was saved: the tickets have gone back already.
    expect(told['after'].ticketsGoBackAt).toBeNull();
    expect(told['stay'].byReason).toEqual([]);
  });

  it.for([
    ['the setting is off', { enabled: false, afterSeconds: 0 }, 'settingIsOff'],
    ['they are back in time', { enabled: true, afterSeconds: 9 * 3_600 }, 'backInTime'],
  ] as const)('says that tickets stay when %s', async ([, awayReassign, reason]) => {
    await call('PATCH', '/settings', { awayReassign });
    const one = await newAgent();
    const id = await newTicket('Stays', { assigneeId: one, teamId: await newTeam([one]) });
    const told = await preview(one, { outOfOffice: [{ from: inHours(1), to: inHours(2) }] });
    expect(told['goBack']).toMatchObject({ count: 0, at: null, sample: [] });
    expect(told['stay']).toMatchObject({
      count: 1,
      byReason: [{ reason, count: 1 }],
      sample: [{ ticketId: id, reason }],
    });
    expect((await preview(one, {}))['stay'].byReason[0].reason).toBe('notAway');
    await call('PATCH', '/settings', { awayReassign: { enabled: true, afterSeconds: 2 } });
  });

  it('says that a ticket without any team stays', async () => {
    const one = await newAgent();
    const id = await newTicket('Homeless', { assigneeId: one });
    expect((await preview(one, { availability: 'away' }))['stay']).toMatchObject({
      byReason: [{ reason: 'noTeam', count: 1 }],
      sample: [{ ticketId: id, teamId: null }],
    });
  });

  it.for<[string, object, string]>([
    [
      'a range that ends before it begins',
      { outOfOffice: [{ from: inHours(2), to: inHours(1) }] },
      '/outOfOffice/0/to',
    ],
    [
      'a range that is not theirs',
      { outOfOfficeRemoved: ['00000000-0000-7000-8000-00000000dead'] },
      '/outOfOfficeRemoved/0',
    ],
    ['an instant that has passed', { at: inHours(-1) }, '/at'],
    [
      'hours that overlap',
      {
        workingHours: {
          timeZone: 'UTC',
          hours: {
            mon: [
              ['09:00', '12:00'],
              ['11:00', '13:00'],
            ],
          },
        },
      },
      '/workingHours/hours/mon/1',
    ],
  ])('refuses %s, naming the field', async ([, draft, pointer]) => {
    const one = await newAgent();
    const { errors } = await call('POST', `/users/${one}/availability/preview`, draft, 422);
    expect(errors[0].pointer).toBe(pointer);
  });

  it('is for oneself, by a key that may only read too, and of others for admins', async () => {
    const [one, other] = [await newAgent(), await newAgent()];
    const token = await makeToken(desk.sql, one, ['read']);
    const ask = (userId: string, expected: number) =>
      callApi(desk.app, token, {
        ...{ method: 'POST', path: `/api/v1/users/${userId}/availability/preview` },
        ...{ body: { availability: 'away' }, expected },
      });
    expect(await ask(one, 200)).toMatchObject({ userId: one });
    await ask(other, 403);
    await call('POST', '/users/00000000-0000-7000-8000-00000000dead/availability/preview', {}, 404);
  });
});
