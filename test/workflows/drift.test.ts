// What nobody told a ticket, and what a lost, reset or late workflow finds when it looks: the rules that hold by now, and a row that says so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileOnce } from '#activities/reconcile.ts';
import { rolloutWorkflowId, ticketWorkflowId } from '#domain/ids.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { openStream } from '#test/support/stream.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const policy = (tag: string, seconds: number) => ({
  name: tag,
  conditions: [{ field: 'tags', op: 'contains', value: tag }],
  goals: { firstReply: { seconds } },
  appliesTo: 'newAndOpenTickets',
  escalations: [{ goal: 'firstReply', when: 'overdue', actions: [{ type: 'raisePriority' }] }],
});
const newTicket = async (more: object): Promise<number> => {
  const requester = { email: 'ann@customer.test' };
  return (await desk.call('POST', '/api/v1/tickets', { subject: 'T', requester, ...more }))['id'];
};
const get = (id: number) => desk.call('GET', `/api/v1/tickets/${id}`);
const reconcile = (full = false) => {
  const { sql, client, tickets } = desk;
  return reconcileOnce({ sql, client, tickets, queues: TASK_QUEUES }, full);
};

/** As a rollout that was cancelled at once, or a Temporal that has lost it: saves tell nobody. */
async function quietly(save: () => Promise<unknown>): Promise<void> {
  await desk.sql`create function tell_nobody() returns trigger language plpgsql as 'begin return null; end'`;
  await desk.sql`create trigger tell_nobody before insert on relay_outbox for each row
    when (new.kind = 'rollout') execute function tell_nobody()`;
  await save();
  await desk.sql`drop function tell_nobody() cascade`;
}

describe('a policy that was made milder', () => {
  it('breaches nothing at its old deadline, although nobody has told the ticket', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('milder', 2));
    const ticketId = await newTicket({ tags: ['milder'] });
    const { dueAt } = (await get(ticketId))['sla'].goals.firstReply;
    await quietly(() => desk.call('PUT', `/api/v1/sla-policies/${id}`, policy('milder', 7_200)));
    const later = await eventually(async () => {
      const ticket = await get(ticketId);
      expect(ticket['sla'].policyVersion).toBe(2);
      return ticket;
    });
    // It followed by itself, at the wake that would have breached.
    expect(Date.parse(later['updatedAt'])).toBeGreaterThanOrEqual(Date.parse(dueAt));
    expect(later).toMatchObject({ priority: 'normal', escalationLevel: 0 });
    expect(later['sla'].goals.firstReply).toMatchObject({ state: 'active', breachedAt: null });
    const { items } = await desk.call('GET', `/api/v1/tickets/${ticketId}/timeline`);
    expect(items.map((item: any) => item.event?.type)).not.toContain('goalBreached');
  });
});

describe('a lost workflow', () => {
  it('that is rebuilt says in its row which rules hold by now', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('rebuilt', 7_200));
    const ticketId = await newTicket({ tags: ['rebuilt'] });
    await desk.client.workflow.getHandle(ticketWorkflowId(ticketId)).terminate('lost');
    await quietly(() => desk.call('PUT', `/api/v1/sla-policies/${id}`, policy('rebuilt', 9_000)));
    await reconcile(true);
    await eventually(async () =>
      expect((await get(ticketId))['sla']).toMatchObject({ policyVersion: 2 }),
    );
  });

  it('is found by an ordinary round too, which goes through the living tickets page by page', async () => {
    const ticketId = await newTicket({});
    await reconcile();
    const running = await reconcile();
    expect(running.lostWorkflows).toBe(0);
    await desk.client.workflow.getHandle(ticketWorkflowId(ticketId)).terminate('lost');
    const found = await reconcile();
    expect(found).toMatchObject({ lostWorkflows: 1, failures: 0 });
    // A moment later it answers for itself.
    await eventually(async () =>
      expect(await desk.call('GET', `/api/v1/tickets/${ticketId}/live`)).toMatchObject({
        ticketId,
      }),
    );
  });
});

describe('a workflow that an operator has reset', () => {
  /** A ticket with three changes, reset to behind its nth workflow task. */
  const resetTicket = async (nth: number) => {
    const ticketId = await newTicket({});
    const path = `/api/v1/tickets/${ticketId}`;
    for (const priority of ['low', 'high', 'urgent']) await desk.call('PATCH', path, { priority });
    const handle = desk.client.workflow.getHandle(ticketWorkflowId(ticketId));
    const { events } = await handle.fetchHistory();
    const ended = events?.filter((event) => event.workflowTaskCompletedEventAttributes)[nth];
    const stream = await openStream(desk.app, await makeToken(desk.sql, desk.adminId, ['read']));
    await stream.until((text) => text.includes('event: hello'));
    await desk.client.workflowService.resetWorkflowExecution({
      namespace: desk.namespace,
      workflowExecution: { workflowId: ticketWorkflowId(ticketId) },
      reason: 'test',
      ...{ requestId: crypto.randomUUID(), workflowTaskFinishEventId: ended?.eventId ?? null },
    });
    return { ticketId, path, stream };
  };

  it('goes on writing what people can read', async () => {
    const { ticketId, path, stream } = await resetTicket(0);
    await desk.call('PATCH', path, { tags: ['after'] });
    await eventually(async () => expect(await get(ticketId)).toMatchObject({ tags: ['after'] }));
    await desk.call('PATCH', path, { tags: ['after', 'again'] });
    const row = await get(ticketId);
    expect(row['tags']).toEqual(['after', 'again']);
    const live = await desk.call('GET', `${path}/live`);
    expect(live['version']).toBe(row['version']);
    await stream.close();
  });

  it('is heard of by open pages, though what it writes stands where it stood before', async () => {
    const { ticketId, stream } = await resetTicket(1);
    const told = new RegExp(`"ticketId":${ticketId},"version":\\d+,"type":"priorityChanged"`);
    await stream.until((text) => told.test(text));
    await stream.close();
  });
});

describe('a rollout whose workflow is lost', () => {
  it('is taken up again by the reconciler and ends', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('stuck', 7_200));
    const ticketId = await newTicket({ tags: ['stuck'] });
    await quietly(() => desk.call('PUT', `/api/v1/sla-policies/${id}`, policy('stuck', 3_600)));
    await desk.sql`update rollouts set updated_at = now() - interval '5 minutes' where subject_id = ${id}`;
    expect((await reconcile()).stuckRollouts).toBe(1);
    await desk.client.workflow.getHandle(rolloutWorkflowId(id)).result();
    expect(await desk.call('GET', `/api/v1/sla-policies/${id}/rollout`)).toMatchObject({
      ...{ state: 'finished', total: 1, done: 1 },
    });
    expect((await get(ticketId))['sla']).toMatchObject({ policyVersion: 2 });
  });
});

describe('a ticket that begins to wait for an agent', () => {
  const team = async (name: string): Promise<{ teamId: string; agent: string }> => {
    const agent = await desk.addUser(name, { availability: 'away' });
    const { id } = await desk.call('POST', '/api/v1/teams', { name, members: [{ userId: agent }] });
    return { teamId: id, agent };
  };
  const free = async (agent: string): Promise<void> => {
    // Somebody is free already and no event of theirs will come: only the ticket's own change can wake the queue.
    await desk.sql`update users set availability = 'available' where id = ${agent}`;
  };
  const assigned = (id: number, agent: string) =>
    eventually(async () => expect((await get(id))['assigneeId']).toBe(agent));

  it('because its snooze ends is handed out', async () => {
    const { teamId, agent } = await team('snooze');
    const id = await newTicket({ teamId });
    const until = new Date(Date.now() + 1_500).toISOString();
    await desk.call('POST', `/api/v1/tickets/${id}/snooze`, { until }, 200);
    await free(agent);
    await assigned(id, agent);
  });

  it('because it is no spam after all is handed out', async () => {
    const { teamId, agent } = await team('spam');
    const id = await newTicket({ teamId });
    await desk.call('POST', `/api/v1/tickets/${id}/spam`, { spam: true }, 200);
    await free(agent);
    await desk.call('POST', `/api/v1/tickets/${id}/spam`, { spam: false }, 200);
    await assigned(id, agent);
  });

  it('because its merge is undone is handed out', async () => {
    const { teamId, agent } = await team('unmerge');
    const [id, other] = [await newTicket({ teamId }), await newTicket({})];
    const { mergeId } = await desk.call(
      'POST',
      `/api/v1/tickets/${id}/merge`,
      { intoTicketId: other },
      200,
    );
    await free(agent);
    await desk.call('POST', `/api/v1/merges/${mergeId}/undo`, undefined, 200);
    await assigned(id, agent);
  });

  it('holds no place once it is closed, so that hand-outs do not slow down with every ticket ever closed', async () => {
    const { teamId, agent } = await team('places');
    await free(agent);
    const id = await newTicket({ teamId });
    await assigned(id, agent);
    const places = async (): Promise<number> => {
      const [row] = await desk.sql<{ n: number }[]>`
        select count(*)::integer as n from ticket_assignments where user_id = ${agent}`;
      return row?.n ?? -1;
    };
    expect(await places()).toBe(1);
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'closed' });
    expect(await places()).toBe(0);
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'waitingOnUs' });
    expect(await places()).toBe(1);
  });
});
