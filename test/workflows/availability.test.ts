// People who come and go, by hand, by their hours and by ranges out of office, on a whole desk: queues move at the instant, tickets go
// back after the delay, and a watch that was lost is healed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reconcileOnce } from '#activities/reconcile.ts';
import { availabilityWorkflowId } from '#domain/ids.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { SOONER_THAN_A_SWEEP_MS } from '#test/support/time.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

let made = 0;
const agent = (more: object = {}): Promise<string> => {
  made += 1;
  return desk.addUser(`person${made}`, more);
};
const teamOf = async (userIds: string[], strategy = 'roundRobin'): Promise<string> => {
  made += 1;
  const members = userIds.map((userId) => ({ userId }));
  return (await desk.call('POST', '/api/v1/teams', { name: `T${made}`, strategy, members }))['id'];
};
const newTicket = (more: object): Promise<Json> =>
  desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } },
    ...more,
  });
const ticket = (id: number): Promise<Json> => desk.call('GET', `/api/v1/tickets/${id}`);
const user = (id: string): Promise<Json> => desk.call('GET', `/api/v1/users/${id}`);
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const goOut = (userId: string, fromSeconds: number, toSeconds: number): Promise<Json> =>
  desk.call('POST', `/api/v1/users/${userId}/out-of-office`, {
    ...{ from: inSeconds(fromSeconds), to: inSeconds(toSeconds), note: 'seaside' },
  });
const eventsOf = async (id: number): Promise<Json[]> =>
  (await desk.call('GET', `/api/v1/tickets/${id}/timeline`))['items'].flatMap((item: any) =>
    item.kind === 'event' ? [item.event] : [],
  );
const statusOf = async (workflowId: string): Promise<string> =>
  (await desk.client.workflow.getHandle(workflowId).describe()).status.name;
const isKnown = async (workflowId: string): Promise<boolean> =>
  await statusOf(workflowId).then(
    () => true,
    () => false,
  );

it('a range out of office begins and ends at its instants: what came meanwhile is handed out when it ends (chatwoot#10685)', async () => {
  const one = await agent();
  const teamId = await teamOf([one]);
  await goOut(one, -5, 3);
  expect(await user(one)).toMatchObject({
    ...{ availability: 'available', effectiveAvailability: 'away', reason: 'is out of office' },
  });
  const waiting = await newTicket({ teamId });
  expect(waiting['assigneeId']).toBeNull();
  const { until } = await user(one);
  const given = await eventually(async () => {
    const now = await ticket(waiting['id']);
    expect(now['assigneeId']).toBe(one);
    return now;
  });
  expect(Date.parse(given['updatedAt'])).toBeGreaterThanOrEqual(Date.parse(until));
  expect(Date.parse(given['updatedAt']) - Date.parse(until)).toBeLessThan(SOONER_THAN_A_SWEEP_MS);
  expect(given['routing']).toMatchObject({ userId: one, reason: 'next in turn of the team' });
  expect(await user(one)).toMatchObject({ effectiveAvailability: 'available' });
});

it('a range that is taken back frees the agent at once', async () => {
  const one = await agent();
  const teamId = await teamOf([one]);
  const range = await goOut(one, -5, 3_600);
  const waiting = await newTicket({ teamId });
  expect(waiting['assigneeId']).toBeNull();
  await desk.call('DELETE', `/api/v1/users/${one}/out-of-office/${range['id']}`, undefined, 204);
  await eventually(async () => expect((await ticket(waiting['id']))['assigneeId']).toBe(one));
  await eventually(async () =>
    expect(await statusOf(availabilityWorkflowId(one))).toBe('COMPLETED'),
  );
});

it('people without hours or ranges have no watch, and toggling them starts none', async () => {
  const one = await agent();
  await desk.call('PUT', `/api/v1/users/${one}/availability`, { availability: 'away' });
  await desk.call('PUT', `/api/v1/users/${one}/availability`, { availability: 'available' });
  const owed = await desk.sql`
    select id from relay_outbox where kind = 'availability' and payload->>'userId' = ${one}`;
  expect(owed).toHaveLength(0);
  expect(await isKnown(availabilityWorkflowId(one))).toBe(false);
});

it('a watch that was lost is started again by the reconciler, and its change takes effect late but once', async () => {
  const one = await agent();
  const teamId = await teamOf([one]);
  await goOut(one, -5, 2);
  const watch = desk.client.workflow.getHandle(availabilityWorkflowId(one));
  await eventually(async () => {
    const [row] = await desk.sql`
      select next_at from user_availability where user_id = ${one} and next_at is not null`;
    expect(row).toBeDefined();
  });
  await watch.terminate('lost');
  const waiting = await newTicket({ teamId });
  // As if its instant had been long ago: the reconciler leaves what is late by less than a minute alone.
  await desk.sql`
    update user_availability set next_at = now() - interval '2 minutes' where user_id = ${one}`;
  await eventually(async () =>
    expect((await user(one))['effectiveAvailability']).toBe('available'),
  );
  const { sql, client, tickets } = desk;
  const deps = { sql, client, tickets, queues: TASK_QUEUES };
  const found = await reconcileOnce(deps, false);
  expect(found.lateAvailabilities).toBe(1);
  await eventually(async () => expect((await ticket(waiting['id']))['assigneeId']).toBe(one));
  expect((await reconcileOnce(deps, false)).lateAvailabilities).toBe(0);
});

it('hours given to somebody start a watch that looks again at their next change', async () => {
  const one = await agent();
  const shown = await user(one);
  const { effectiveAvailability: _1, reason: _2, until: _3, id: _4, ...body } = shown;
  const hours = { mon: [['09:00', '17:00']] };
  await desk.call('PUT', `/api/v1/users/${one}`, {
    ...body,
    workingHours: { timeZone: 'Europe/Berlin', hours },
  });
  const { until } = await user(one);
  await eventually(async () => {
    const [row] = await desk.sql<{ nextAt: Date }[]>`
      select next_at as "nextAt" from user_availability where user_id = ${one}`;
    expect(row?.nextAt.toISOString()).toBe(until);
  });
  expect(await statusOf(availabilityWorkflowId(one))).toBe('RUNNING');
});

it('tickets of somebody who stays away go back to their team’s queue after the delay, with the reason, and a colleague has them', async () => {
  await desk.call('PATCH', '/api/v1/settings', {
    awayReassign: { enabled: true, afterSeconds: 2 },
  });
  const [one, other] = [await agent(), await agent({ availability: 'away' })];
  const teamId = await teamOf([one, other]);
  const [open, put] = [await newTicket({ teamId }), await newTicket({ teamId })];
  expect([open['assigneeId'], put['assigneeId']]).toEqual([one, one]);
  await desk.call('PATCH', `/api/v1/tickets/${put['id']}`, { status: 'waitingOnContact' });
  await desk.call('PUT', `/api/v1/users/${other}/availability`, { availability: 'available' });
  await goOut(one, 1, 3_600);
  await eventually(async () => expect((await ticket(open['id']))['assigneeId']).toBe(other));
  // What waits for the customer is nobody's work now: it stays.
  expect((await ticket(put['id']))['assigneeId']).toBe(one);
  const back = (await eventsOf(open['id'])).find(({ data }) => data['cause'] === 'assigneeAway');
  expect(back).toMatchObject({ type: 'assigneeChanged', data: { from: one, to: null } });
  expect(back?.['data'].reason).toMatch(
    /^The assignee is out of office until \d{4}-\S+Z: back to the team's queue\.$/,
  );
  expect((await ticket(open['id']))['teamId']).toBe(teamId);
});

it('tickets of somebody who comes back before the delay stay with them', async () => {
  await desk.call('PATCH', '/api/v1/settings', {
    awayReassign: { enabled: true, afterSeconds: 3 },
  });
  const [one, other] = [await agent(), await agent({ availability: 'away' })];
  const teamId = await teamOf([one, other]);
  const open = await newTicket({ teamId });
  expect(open['assigneeId']).toBe(one);
  await desk.call('PUT', `/api/v1/users/${other}/availability`, { availability: 'available' });
  const toggle = (availability: string) =>
    desk.call('PUT', `/api/v1/users/${one}/availability`, { availability });
  await toggle('away');
  const handBack = await eventually(async () => {
    const [row] = await desk.sql<{ nextAt: Date }[]>`
      select next_at as "nextAt" from user_availability where user_id = ${one} and availability = 'away'`;
    if (row === undefined) throw new Error('not seen yet');
    return row.nextAt.getTime();
  });
  await toggle('available');
  // The watch that would have given them back ends without it, once nothing is left to wait for.
  await eventually(async () =>
    expect(await statusOf(availabilityWorkflowId(one))).toBe('COMPLETED'),
  );
  await eventually(() => expect(Date.now()).toBeGreaterThan(handBack));
  expect((await ticket(open['id']))['assigneeId']).toBe(one);
  expect((await eventsOf(open['id'])).some(({ data }) => data['cause'] === 'assigneeAway')).toBe(
    false,
  );
});

it('a delay that is switched on counts for whoever is away already', async () => {
  await desk.call('PATCH', '/api/v1/settings', {
    awayReassign: { enabled: false, afterSeconds: 0 },
  });
  const [one, other] = [await agent(), await agent({ availability: 'away' })];
  const teamId = await teamOf([one, other]);
  const open = await newTicket({ teamId });
  expect(open['assigneeId']).toBe(one);
  await desk.call('PUT', `/api/v1/users/${one}/availability`, { availability: 'away' });
  await desk.call('PUT', `/api/v1/users/${other}/availability`, { availability: 'available' });
  await desk.call('PATCH', '/api/v1/settings', {
    awayReassign: { enabled: true, afterSeconds: 0 },
  });
  await eventually(async () => expect((await ticket(open['id']))['assigneeId']).toBe(other));
  await desk.call('PATCH', '/api/v1/settings', {
    awayReassign: { enabled: false, afterSeconds: 0 },
  });
});

const customerWrites = async (id: number): Promise<void> => {
  made += 1;
  await desk.tickets.tell(id, {
    ...{ type: 'receiveMessage', automatic: false, atMs: Date.now() },
    messageId: `00000000-0000-7000-8000-${String(made).padStart(12, '0')}`,
  });
};

it.for(['stay', 'teamQueue'] as const)(
  'a reopened ticket of somebody who is away follows the setting: %s (chatwoot#7204)',
  async (reopenedWhenAway) => {
    await desk.call('PATCH', '/api/v1/settings', { reopenedWhenAway });
    const [one, other] = [await agent(), await agent({ availability: 'away' })];
    const teamId = await teamOf([one, other]);
    const { id, assigneeId } = await newTicket({ teamId });
    expect(assigneeId).toBe(one);
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'closed' });
    await desk.call('PUT', `/api/v1/users/${one}/availability`, { availability: 'away' });
    await desk.call('PUT', `/api/v1/users/${other}/availability`, { availability: 'available' });
    await customerWrites(id);
    const expected = reopenedWhenAway === 'stay' ? one : other;
    await eventually(async () =>
      expect(await ticket(id)).toMatchObject({ category: 'open', assigneeId: expected }),
    );
    const left = (await eventsOf(id)).some(({ data }) => data['cause'] === 'assigneeAway');
    expect(left).toBe(reopenedWhenAway === 'teamQueue');
  },
);

it('a reopened ticket of somebody who is there stays with them, whatever the setting', async () => {
  await desk.call('PATCH', '/api/v1/settings', { reopenedWhenAway: 'teamQueue' });
  const [one, other] = [await agent(), await agent()];
  const teamId = await teamOf([one, other]);
  const { id, assigneeId } = await newTicket({ teamId });
  await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'closed' });
  await customerWrites(id);
  await eventually(async () =>
    expect(await ticket(id)).toMatchObject({ category: 'open', assigneeId }),
  );
  const live = await desk.call('GET', `/api/v1/tickets/${id}/live`);
  expect(live['assigneeId']).toBe(assigneeId);
});

it('nothing personal of an absence travels through Temporal', async () => {
  const one = await agent();
  await goOut(one, -1, 2);
  await eventually(async () =>
    expect(await statusOf(availabilityWorkflowId(one))).toBe('COMPLETED'),
  );
  const history = await desk.client.workflow.getHandle(availabilityWorkflowId(one)).fetchHistory();
  const payloads = [...JSON.stringify(history.events).matchAll(/"data":"([^"]+)"/g)]
    .map(([, data = '']) => Buffer.from(data, 'base64').toString())
    .join('\n');
  expect(payloads).toContain('outOfOffice');
  expect(payloads).not.toMatch(/seaside|person\d|@desk/);
});
