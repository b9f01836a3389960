// A ticket whose deadline moved says from when to when, and which save it followed: who made it, and why.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const call = (method: string, path: string, body?: unknown, expected?: number): Promise<Json> =>
  desk.call(method, `/api/v1${path}`, body, expected);
const policy = (tag: string, seconds: number, more: object = {}): object => ({
  name: `Policy ${tag}`,
  conditions: [{ field: 'tags', op: 'contains', value: tag }],
  goals: { firstReply: { seconds } },
  ...more,
});
const newTicket = async (...tags: string[]): Promise<number> =>
  (
    await call('POST', '/tickets', {
      ...{ subject: 'T', body: 'Hi', tags, requester: { email: 'ann@customer.test' } },
    })
  )['id'];
/** The data of the nth time the ticket took over other rules, once it has. */
const adopted = (id: number, nth: number): Promise<Json> =>
  eventually(async () => {
    const { items } = await call('GET', `/tickets/${id}/timeline`);
    const events = items.filter(({ event }: Json) => event?.type === 'rulesAdopted');
    expect(events.length).toBeGreaterThanOrEqual(nth);
    return events[nth - 1].event.data;
  });
const openToo = { appliesTo: 'newAndOpenTickets' };

it('a policy that was saved: which version, by whom, why, and the deadline before and after', async () => {
  const { id } = await call('POST', '/sla-policies', policy('one', 3_600));
  const ticket = await newTicket('one');
  const due = Date.parse((await call('GET', `/tickets/${ticket}`))['sla'].goals.firstReply.dueAt);
  await call('PUT', `/sla-policies/${id}`, policy('one', 600, { ...openToo, reason: 'Stricter.' }));
  const data = await adopted(ticket, 1);
  expect(data).toMatchObject({ policyVersion: 2, before: { policyId: id, policyVersion: 1 } });
  expect(data['moved']).toEqual([{ goal: 'firstReply', beforeMs: due, afterMs: due - 3_000_000 }]);
  expect(data['causes']).toMatchObject([
    {
      ...{ kind: 'policySaved', id, name: 'Policy one', version: 2, reason: 'Stricter.' },
      savedBy: { id: desk.adminId, name: 'admin' },
    },
  ]);
  // A revision of ours is no line of the audit log.
  const [line] = (await call('GET', `/audit-log?subjectId=${id}`))['items'];
  expect(line.changes.map(({ field }: Json) => field)).not.toContain('revision');
});

it('a calendar that was saved', async () => {
  const hours = (to: string) => ({
    ...{ name: 'Office', timeZone: 'UTC' },
    hours: Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['00:00', to]]]),
    ),
  });
  const calendar = await call('POST', '/calendars', hours('02:00'));
  const calendarId = calendar['id'];
  await call('POST', '/sla-policies', policy('two', 30 * 3_600, { calendarId }));
  const ticket = await newTicket('two');
  const saved = { ...hours('01:00'), reason: 'Shorter nights.' };
  await call('PUT', `/calendars/${calendarId}`, saved);
  const data = await adopted(ticket, 1);
  expect(data['causes']).toMatchObject([
    {
      ...{ kind: 'calendarSaved', id: calendarId, name: 'Office', version: 2 },
      ...{ reason: 'Shorter nights.', savedBy: { name: 'admin' } },
    },
  ]);
  const [{ goal, beforeMs, afterMs }] = data['moved'];
  expect(goal).toBe('firstReply');
  expect(afterMs).toBeGreaterThan(beforeMs);
});

it('a policy that was removed, and one that the ticket itself came to fit', async () => {
  const under = await call('POST', '/sla-policies', policy('three', 3_600, { position: 9 }));
  const over = await call('POST', '/sla-policies', policy('four', 600, { position: 1 }));
  const ticket = await newTicket('three');
  await call('PATCH', `/tickets/${ticket}`, { tags: ['three', 'four'] }, 200);
  const moved = await adopted(ticket, 1);
  expect(moved).toMatchObject({
    ...{ policyId: over['id'], before: { policyId: under['id'] } },
    causes: [{ kind: 'ticketChanged', id: null }],
  });
  await call('DELETE', `/sla-policies/${over['id']}`, undefined, 204);
  expect(await adopted(ticket, 2)).toMatchObject({
    policyId: under['id'],
    causes: [
      { kind: 'policyRemoved', id: over['id'], name: 'Policy four', savedBy: { name: 'admin' } },
    ],
  });
  // What was removed later did not move the ticket then.
  expect((await adopted(ticket, 1))['causes']).toMatchObject([{ kind: 'ticketChanged' }]);
});

it('another policy that was saved over the present one', async () => {
  await call('POST', '/sla-policies', policy('five', 3_600, { position: 9 }));
  const ticket = await newTicket('five', 'six');
  const { id } = await call(
    'POST',
    '/sla-policies',
    policy('six', 60, { ...openToo, position: 1, reason: 'New.' }),
  );
  expect((await adopted(ticket, 1))['causes']).toMatchObject([
    { kind: 'policySaved', id, version: 1, reason: 'New.' },
  ]);
});

it('a setting or a pipeline moves no deadline, and says that the desk changed', async () => {
  await call('POST', '/sla-policies', policy('seven', 3_600));
  const ticket = await newTicket('seven');
  await call('PATCH', '/settings', { reopenWindowDays: 3 });
  expect(await adopted(ticket, 1)).toMatchObject({ moved: [], causes: [{ kind: 'deskChanged' }] });
});
