// A draft shows what it would have done before anybody saves it, and saving it does exactly that.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ticketWorkflowId } from '#domain/ids.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { fastForward } from '#test/support/time.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const draft = (seconds: number, more: object = {}) => ({
  name: 'Gold',
  conditions: [{ field: 'tags', op: 'contains', value: 'gold' }],
  goals: { firstReply: { seconds } },
  appliesTo: 'newAndOpenTickets',
  ...more,
});
const newTicket = (tag: string) =>
  desk.call('POST', '/api/v1/tickets', {
    ...{ subject: tag, body: 'Hi', tags: [tag] },
    requester: { email: 'ann@customer.test' },
  });
const simulate = async (policyId: string, body: object) => {
  const path = `/api/v1/sla-policies/${policyId}`;
  const job = await desk.call('POST', `${path}/simulate`, body, 202);
  return await eventually(async () => {
    const now = await desk.call('GET', `${path}/simulations/${job['id']}`);
    expect(now['state']).toBe('finished');
    return now;
  });
};

describe('a simulation', () => {
  it('says which goals a draft would have missed and kept, changes nothing, and saving it does just that', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', draft(7_200));
    const answered = await newTicket('gold');
    await fastForward(desk, ticketWorkflowId(answered['id']), 3_600);
    await desk.call('POST', `/api/v1/tickets/${answered['id']}/replies`, { body: 'after an hour' });
    await eventually(async () => {
      const { goals } = (await desk.call('GET', `/api/v1/tickets/${answered['id']}`))['sla'];
      expect(goals.firstReply.state).toBe('completedOnTime');
    });
    const open = await newTicket('gold');
    await newTicket('other');
    const { result } = await simulate(id, { draft: draft(1_800) });
    expect(result).toMatchObject({
      ...{ tickets: 3, concerned: 2 },
      goals: { firstReply: { before: { met: 1, missed: 0 }, after: { met: 0, missed: 1 } } },
      byPriority: { normal: { before: { met: 1, missed: 0 }, after: { met: 0, missed: 1 } } },
      newlyMissed: { count: 1, sample: [{ ticketId: answered['id'], goal: 'firstReply' }] },
      saved: { count: 0 },
    });
    expect((await desk.call('GET', `/api/v1/tickets/${open['id']}`))['sla']).toEqual(open['sla']);
    await desk.call('PUT', `/api/v1/sla-policies/${id}`, draft(1_800));
    await eventually(async () => {
      const { goals } = (await desk.call('GET', `/api/v1/tickets/${answered['id']}`))['sla'];
      expect(goals.firstReply.state).toBe('completedLate');
    });
    const milder = (await simulate(id, { draft: draft(7_200) }))['result'];
    expect(milder).toMatchObject({ saved: { count: 1 }, newlyMissed: { count: 0 } });
  });

  it('tries other conditions and other hours than those saved', async () => {
    const calendar = { timeZone: 'UTC', hours: 'always' };
    const saved = await desk.call('POST', '/api/v1/calendars', { name: 'C', ...calendar });
    const calendarId = saved['id'];
    const body = { ...draft(60), name: 'Hours', calendarId };
    const { id } = await desk.call('POST', '/api/v1/sla-policies', {
      ...{ ...body, conditions: [{ field: 'tags', op: 'contains', value: 'nobody' }] },
    });
    const captured = { ...body, conditions: [{ field: 'tags', op: 'contains', value: 'hours' }] };
    const ticket = await newTicket('hours');
    await desk.sql`
      update ticket_snapshots set state = jsonb_set(state, '{ledger,createdAtMs}', to_jsonb(${Date.now() - 3_600_000}::bigint))
      where ticket_id = ${ticket['id']}`;
    expect((await simulate(id, { draft: captured }))['result']).toMatchObject({
      ...{ concerned: 1, newlyMissed: { count: 1 } },
    });
    const closed = { timeZone: 'UTC', hours: { mon: [['00:00', '00:01']] } };
    const never = await simulate(id, { draft: captured, calendar: closed });
    expect(never['result']).toMatchObject({ concerned: 1 });
    await desk.call(
      'POST',
      `/api/v1/sla-policies/${id}/simulate`,
      { draft: captured, days: 0 },
      422,
    );
    await desk.call(
      'POST',
      `/api/v1/sla-policies/${id}/simulate`,
      { draft: { ...captured, calendarId: null }, calendar: closed },
      422,
    );
  });

  it('is asked for a policy that was never saved, and none is saved by it', async () => {
    const before = (await desk.call('GET', '/api/v1/sla-policies'))['items'];
    const fresh = draft(60, {
      name: 'Fresh',
      conditions: [{ field: 'tags', op: 'contains', value: 'fresh' }],
    });
    const ticket = await newTicket('fresh');
    await desk.sql`
      update ticket_snapshots set state = jsonb_set(state, '{ledger,createdAtMs}', to_jsonb(${Date.now() - 3_600_000}::bigint))
      where ticket_id = ${ticket['id']}`;
    const path = '/api/v1/sla-policies';
    const job = await desk.call('POST', `${path}/simulate`, { draft: fresh }, 202);
    expect(job).toMatchObject({ policyId: null, state: 'running' });
    const { result } = await eventually(async () => {
      const now = await desk.call('GET', `${path}/simulations/${job['id']}`);
      expect(now['state']).toBe('finished');
      return now;
    });
    expect(result).toMatchObject({
      concerned: 1,
      newlyMissed: { count: 1, sample: [{ ticketId: ticket['id'], goal: 'firstReply' }] },
    });
    expect((await desk.call('GET', path))['items']).toEqual(before);
    const [policy] = before;
    await desk.call('GET', `${path}/${policy.id}/simulations/${job['id']}`, undefined, 404);
    expect(await desk.call('DELETE', `${path}/simulations/${job['id']}`)).toMatchObject({
      state: 'finished',
    });
  });

  it('can be stopped', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', {
      ...draft(60),
      name: 'Stopped',
    });
    await desk.stopWorkers();
    const path = `/api/v1/sla-policies/${id}`;
    const job = await desk.call('POST', `${path}/simulate`, { draft: draft(30) }, 202);
    expect(await desk.call('DELETE', `${path}/simulations/${job['id']}`)).toMatchObject({
      state: 'cancelled',
    });
    await desk.startWorkers();
    await eventually(async () => {
      const { status } = await desk.client.workflow.getHandle(`simulate-${job['id']}`).describe();
      expect(status.name).toBe('COMPLETED');
    });
    expect((await desk.call('GET', `${path}/simulations/${job['id']}`))['result']).toBeNull();
  });
});
