// A ticket's life through all layers: API, workflow, routing, read model, delivery. Real Postgres, real Temporal.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ticketWorkflowId } from '#domain/ids.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { EVENTS_OF_A_RUN } from '#workflows/messages.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let alice: string;
let teamId: string;

beforeAll(async () => {
  desk = await startTestDesk();
  alice = await desk.addUser('alice', { capacity: 50 });
  teamId = (
    await desk.call('POST', '/api/v1/teams', { name: 'Support', members: [{ userId: alice }] })
  )['id'];
  await desk.call('POST', '/api/v1/routing-rules', { name: 'All', assign: { teamId } });
  await desk.call('POST', '/api/v1/sla-policies', {
    name: 'Standard',
    goals: {
      firstReply: { seconds: 3_600, dueSoonSeconds: 600 },
      nextReply: { seconds: 7_200 },
      close: { seconds: 86_400 },
    },
    pauseStatuses: ['waitingOnContact'],
    escalations: [
      {
        goal: 'firstReply',
        when: 'overdue',
        actions: [{ type: 'raisePriority' }, { type: 'addTag', tag: 'late' }],
      },
    ],
    appliesTo: 'newAndOpenTickets',
  });
});
afterAll(async () => {
  await desk.stop();
});

async function newTicket(subject: string, more: object = {}): Promise<Record<string, any>> {
  return await desk.call('POST', '/api/v1/tickets', {
    subject,
    body: 'Hello',
    requester: { email: 'ann@customer.test' },
    ...more,
  });
}

describe('a new ticket', () => {
  it('is routed, has its deadlines and is readable when the API answers, in 8 to 13 events of history', async () => {
    const ticket = await newTicket('Printer');
    expect(ticket).toMatchObject({
      assigneeId: alice,
      teamId,
      status: 'new',
      category: 'new',
      version: 2,
    });
    expect(ticket['routing'].reason).toContain('Rule "All" matched');
    const { firstReply } = ticket['sla'].goals;
    expect(firstReply.state).toBe('active');
    expect(Date.parse(firstReply.dueAt) - Date.parse(ticket['createdAt'])).toBe(3_600_000);
    const history = await desk.client.workflow
      .getHandle(ticketWorkflowId(ticket['id']))
      .fetchHistory();
    expect(history.events?.length).toBeGreaterThanOrEqual(8);
    expect(history.events?.length).toBeLessThanOrEqual(13);
  });

  it('is created once, however often the request with its Idempotency-Key is repeated', async () => {
    const body = { subject: 'Twice', requester: { email: 'ann@customer.test' } };
    const headers = { 'idempotency-key': 'create-twice' };
    const first = await desk.call('POST', '/api/v1/tickets', body, 201, headers);
    const again = await desk.call('POST', '/api/v1/tickets', body, 201, headers);
    expect(again['id']).toBe(first['id']);
    await desk.call('POST', '/api/v1/tickets', { ...body, subject: 'Other' }, 422, headers);
  });
});

describe('a reply', () => {
  it('stops the first-reply clock, waits for the contact and leaves as a mail of its thread', async () => {
    const ticket = await newTicket('Scanner');
    const message = await desk.call('POST', `/api/v1/tickets/${ticket['id']}/replies`, {
      body: 'We are on it.',
    });
    expect(message).toMatchObject({ kind: 'reply', to: ['ann@customer.test'] });
    const after = await desk.call('GET', `/api/v1/tickets/${ticket['id']}`);
    expect(after).toMatchObject({ status: 'waitingOnContact', sla: { paused: true } });
    expect(after['sla'].goals.firstReply.state).toBe('completedOnTime');
    await eventually(async () => {
      expect(await desk.call('GET', `/api/v1/messages/${message['id']}`)).toMatchObject({
        state: 'sent',
      });
    });
    const mail = await readFile(join(desk.outbox, `${message['id']}.eml`), 'utf8');
    expect(mail).toContain(`Message-ID: <${message['id']}@desk.test>`);
    expect(mail).toContain(`[#${ticket['id']}]`);
    expect(mail).toMatch(/Reply-To: support\+t\d+-[0-9a-f]{16}@desk\.test/);
    const { sends } = (await desk.call('GET', `/api/v1/tickets/${ticket['id']}/live`)) as {
      sends?: unknown;
    };
    expect(sends).toBeUndefined();
  });

  it('inside its undo window can be stopped: nothing leaves and the clock runs again', async () => {
    await desk.call('PATCH', '/api/v1/settings', { undoSendSeconds: 60 });
    const ticket = await newTicket('Undo');
    const message = await desk.call('POST', `/api/v1/tickets/${ticket['id']}/replies`, {
      body: 'Oops',
    });
    expect(message['state']).toBe('queued');
    const undone = await desk.call('DELETE', `/api/v1/messages/${message['id']}`);
    expect(undone['state']).toBe('cancelled');
    const after = await desk.call('GET', `/api/v1/tickets/${ticket['id']}`);
    expect(after['sla'].goals.firstReply).toMatchObject({ state: 'active', completedAt: null });
    // Said again, it is done already.
    await desk.call('DELETE', `/api/v1/messages/${message['id']}`);
    expect(await readdir(desk.outbox)).not.toContain(`${message['id']}.eml`);
    await desk.call('PATCH', '/api/v1/settings', { undoSendSeconds: 0 });
  });

  it('is sent once when the same request is repeated', async () => {
    const ticket = await newTicket('Once');
    const headers = { 'idempotency-key': 'reply-once' };
    const path = `/api/v1/tickets/${ticket['id']}/replies`;
    const [one, two] = [
      await desk.call('POST', path, { body: 'Hi' }, 201, headers),
      await desk.call('POST', path, { body: 'Hi' }, 201, headers),
    ];
    expect(two['id']).toBe(one['id']);
    const { items } = await desk.call('GET', `/api/v1/tickets/${ticket['id']}/timeline`);
    expect(items.filter((item: any) => item.message?.kind === 'reply')).toHaveLength(1);
  });
});

describe('commands', () => {
  it('change the ticket, and closing ends every clock', async () => {
    const ticket = await newTicket('Change');
    const path = `/api/v1/tickets/${ticket['id']}`;
    const changed = await desk.call('PATCH', path, {
      priority: 'urgent',
      tags: ['vip'],
      subject: 'Changed',
      fields: { plan: 'gold' },
    });
    expect(changed).toMatchObject({
      priority: 'urgent',
      tags: ['vip'],
      subject: 'Changed',
      fields: { plan: 'gold' },
    });
    const closed = await desk.call('PATCH', path, { status: 'closed' });
    expect(closed).toMatchObject({ category: 'closed', sla: { mostUrgent: null } });
    expect(closed['sla'].goals.close.state).toBe('completedOnTime');
    expect(closed['nextWake'].reason).toBe('reopen window ends');
  });

  it('with an old version are refused, and bad ones name the field', async () => {
    const ticket = await newTicket('Versions');
    const path = `/api/v1/tickets/${ticket['id']}`;
    await desk.call('PATCH', path, { priority: 'high', version: ticket['version'] });
    const refused = await desk.call(
      'PATCH',
      path,
      { priority: 'low', version: ticket['version'] },
      409,
    );
    expect(refused['code']).toBe('versionConflict');
    expect((await desk.call('PATCH', path, { status: 'nonsense' }, 422))['code']).toBe(
      'unknownStatus',
    );
    expect((await desk.call('PATCH', path, { nonsense: 1 }, 422))['errors']).toHaveLength(1);
    expect((await desk.call('GET', '/api/v1/tickets/999999', undefined, 404))['code']).toBe(
      'notFound',
    );
  });

  it('thirty at once on one ticket all apply, in less than the two seconds that an overrun costs', async () => {
    const ticket = await newTicket('Busy');
    const path = `/api/v1/tickets/${ticket['id']}/notes`;
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => desk.call('POST', path, { body: `note ${index}` })),
    );
    const { items } = await desk.call('GET', `/api/v1/tickets/${ticket['id']}/timeline`);
    expect(items.filter((item: any) => item.message?.kind === 'note')).toHaveLength(30);
  });
});

describe('continue as new', () => {
  it('comes after as many events as a replay can bear, for every ticket that is started', async () => {
    const ticket = await newTicket('Short runs');
    const handle = desk.client.workflow.getHandle(ticketWorkflowId(ticket['id']));
    const [started] = (await handle.fetchHistory()).events ?? [];
    const [input] = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const text = Buffer.from(input?.data ?? []).toString();
    expect(JSON.parse(text)).toEqual({
      ...{ ticketId: ticket['id'], continueAsNewAfterEvents: EVENTS_OF_A_RUN },
    });
  });

  it('loses no command: a ticket that renews itself every few events counts every note', async () => {
    const ticket = await newTicket('Long life');
    const id = ticket['id'] as number;
    await desk.client.workflow
      .getHandle(ticketWorkflowId(id))
      .terminate('to be rebuilt with a low limit');
    await desk.client.workflow.start('ticket', {
      workflowId: ticketWorkflowId(id),
      taskQueue: 'tickets',
      args: [{ ticketId: id, continueAsNewAfterEvents: 15 }],
    });
    const path = `/api/v1/tickets/${id}/notes`;
    for (let round = 0; round < 6; round += 1) {
      await Promise.all(
        Array.from({ length: 4 }, (_, index) =>
          desk.call('POST', path, { body: `${round}.${index}` }),
        ),
      );
    }
    const after = await desk.call('GET', `/api/v1/tickets/${id}`);
    expect(after['version']).toBe(ticket['version'] + 24);
    const { firstExecutionRunId } = await describeRun(id);
    expect(firstExecutionRunId).not.toBe((await describeRun(id)).runId);
  });
});

async function describeRun(id: number): Promise<{ firstExecutionRunId: string; runId: string }> {
  const described = await desk.client.workflow.getHandle(ticketWorkflowId(id)).describe();
  const first = described.raw.workflowExecutionInfo?.firstRunId ?? '';
  return { firstExecutionRunId: first, runId: described.runId };
}
