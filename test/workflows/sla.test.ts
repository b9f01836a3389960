// Deadlines on a running desk: a breach within a second of its deadline, policies that reach open tickets, days of timers in seconds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ticketWorkflowId } from '#domain/ids.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { fastForward, SOONER_THAN_A_SWEEP_MS } from '#test/support/time.ts';

let desk: TestDesk;
let lead: string;
let teamId: string;
beforeAll(async () => {
  desk = await startTestDesk();
  lead = await desk.addUser('lead', { availability: 'away' });
  teamId = (
    await desk.call('POST', '/api/v1/teams', {
      name: 'Support',
      members: [{ userId: lead, lead: true }],
    })
  )['id'];
});
afterAll(async () => {
  await desk.stop();
});

const policy = (name: string, tag: string, firstReplySeconds: number, more: object = {}) => ({
  name,
  conditions: [{ field: 'tags', op: 'contains', value: tag }],
  goals: { firstReply: { seconds: firstReplySeconds } },
  escalations: [
    {
      goal: 'firstReply',
      when: 'overdue',
      actions: [{ type: 'raisePriority' }, { type: 'notify', to: 'teamLeads' }],
    },
  ],
  ...more,
});
const newTicket = (tag: string) =>
  desk.call('POST', '/api/v1/tickets', {
    subject: tag,
    requester: { email: 'ann@customer.test' },
    tags: [tag],
    teamId,
  });
const get = (id: number) => desk.call('GET', `/api/v1/tickets/${id}`);

describe('a breach', () => {
  it('is there within a second of its deadline, escalates once, and is dated by the deadline', async () => {
    await desk.call('POST', '/api/v1/sla-policies', policy('Fast', 'fast', 2));
    const ticket = await newTicket('fast');
    const dueMs = Date.parse(ticket['sla'].goals.firstReply.dueAt);
    const late = await eventually(async () => {
      const now = await get(ticket['id']);
      expect(now['sla'].goals.firstReply.state).toBe('overdue');
      return now;
    });
    const { items } = await desk.call('GET', `/api/v1/tickets/${ticket['id']}/timeline`);
    const breach = items.find((item: any) => item.event?.type === 'goalBreached').event;
    expect(Date.parse(breach.at) - dueMs).toBeLessThan(SOONER_THAN_A_SWEEP_MS);
    expect(breach.data.breachedAtMs).toBe(dueMs);
    expect(late).toMatchObject({ priority: 'high', escalationLevel: 1 });
    const [notices] =
      await desk.sql`select count(*)::integer as n from notifications where user_id = ${lead} and ticket_id = ${ticket['id']}`;
    expect(notices?.['n']).toBe(1);
  });
});

describe('a policy saved for open tickets', () => {
  it('that is stricter breaches an open ticket at once; a milder one takes the breach back', async () => {
    const saved = await desk.call('POST', '/api/v1/sla-policies', policy('Slow', 'slow', 3_600));
    const ticket = await newTicket('slow');
    expect(ticket['sla']).toMatchObject({ policyId: saved['id'], policyVersion: 1 });
    const path = `/api/v1/sla-policies/${saved['id']}`;
    await desk.call('PUT', path, policy('Slow', 'slow', 1, { appliesTo: 'newAndOpenTickets' }));
    await eventually(async () => {
      expect((await get(ticket['id']))['sla']).toMatchObject({
        policyVersion: 2,
        goals: { firstReply: { state: 'overdue' } },
      });
    });
    await desk.call('PUT', path, policy('Slow', 'slow', 7_200, { appliesTo: 'newAndOpenTickets' }));
    await eventually(async () => {
      expect((await get(ticket['id']))['sla']).toMatchObject({
        policyVersion: 3,
        goals: { firstReply: { state: 'active', breachedAt: null } },
      });
    });
    expect((await desk.call('GET', `${path}/versions`))['items']).toHaveLength(3);
  });

  it('for new tickets only leaves open ones under their version', async () => {
    const saved = await desk.call(
      'POST',
      '/api/v1/sla-policies',
      policy('New only', 'newonly', 3_600),
    );
    const ticket = await newTicket('newonly');
    await desk.call(
      'PUT',
      `/api/v1/sla-policies/${saved['id']}`,
      policy('New only', 'newonly', 60),
    );
    const touched = await desk.call('PATCH', `/api/v1/tickets/${ticket['id']}`, {
      priority: 'low',
    });
    expect(touched['sla'].policyVersion).toBe(1);
    expect((await newTicket('newonly'))['sla'].policyVersion).toBe(2);
  });

  it('follows the ticket when a property moves it under another policy, and drops the old goals', async () => {
    await desk.call('POST', '/api/v1/sla-policies', policy('Gold', 'gold', 600));
    const ticket = await newTicket('plain');
    expect(ticket['sla'].policyId).toBeNull();
    const path = `/api/v1/tickets/${ticket['id']}`;
    expect((await desk.call('PATCH', path, { tags: ['gold'] }))['sla'].goals.firstReply.state).toBe(
      'active',
    );
    expect((await desk.call('PATCH', path, { tags: [] }))['sla'].goals.firstReply).toBeNull();
  });
});

describe('days of timers', () => {
  it('four hours of work with a pause and a snooze breach exactly once, at the right instant', async () => {
    await desk.call(
      'POST',
      '/api/v1/sla-policies',
      policy('Day', 'day', 4 * 3_600, { pauseStatuses: ['waitingOnContact'] }),
    );
    const ticket = await newTicket('day');
    const id = ticket['id'] as number;
    const workflowId = ticketWorkflowId(id);
    await fastForward(desk, workflowId, 3 * 3_600);
    expect((await get(id))['sla'].goals.firstReply.state).toBe('active');
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'waitingOnContact' });
    await fastForward(desk, workflowId, 5 * 3_600);
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'waitingOnUs' });
    await fastForward(desk, workflowId, 50 * 60);
    expect((await get(id))['sla'].goals.firstReply.breachedAt).toBeNull();
    await fastForward(desk, workflowId, 15 * 60);
    const late = await eventually(async () => {
      const now = await get(id);
      expect(now['sla'].goals.firstReply.state).toBe('overdue');
      return now;
    });
    const workedMs =
      Date.parse(late['sla'].goals.firstReply.breachedAt) - Date.parse(ticket['createdAt']);
    expect(Math.abs(workedMs - 9 * 3_600_000)).toBeLessThan(60_000);
    const { items } = await desk.call('GET', `/api/v1/tickets/${id}/timeline`);
    expect(items.filter((item: any) => item.event?.type === 'goalBreached')).toHaveLength(1);
  });

  it('a closed ticket’s workflow ends with its reopen window, and a late command brings it back', async () => {
    const ticket = await newTicket('ends');
    const id = ticket['id'] as number;
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'closed' });
    await fastForward(desk, ticketWorkflowId(id), 15 * 86_400);
    await eventually(async () => {
      expect(
        (await desk.client.workflow.getHandle(ticketWorkflowId(id)).describe()).status.name,
      ).toBe('COMPLETED');
    });
    const reopened = await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'waitingOnUs' });
    expect(reopened).toMatchObject({ category: 'open', closedAt: null });
  });
});
