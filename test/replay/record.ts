// Records the histories that later code must still replay: `npm run record:histories -- <label>`, before a change of command order
// and after it. Plays ordinary lives on a real desk and writes each workflow's history to test/replay/histories/<label>-<name>.bin
// as Temporal's own History message.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listChannels, updateChannel } from '#db/channels.ts';
import {
  bulkWorkflowId,
  deliverWorkflowId,
  rolloutWorkflowId,
  ticketWorkflowId,
} from '#domain/ids.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { fastForward } from '#test/support/time.ts';

const FOLDER = join(import.meta.dirname, 'histories');
const label = process.env['HISTORY_LABEL'] ?? 'unnamed';

let desk: TestDesk;
let alice: string;
let teamId: string;
beforeAll(async () => {
  desk = await startTestDesk();
  alice = await desk.addUser('alice', { capacity: 3 });
  const members = [{ userId: alice, lead: true }];
  teamId = (await desk.call('POST', '/api/v1/teams', { name: 'Support', members }))['id'];
  await desk.call('POST', '/api/v1/routing-rules', { name: 'All', assign: { teamId } });
  await desk.call('POST', '/api/v1/sla-policies', {
    name: 'Standard',
    goals: {
      firstReply: { seconds: 600, dueSoonSeconds: 60 },
      nextReply: { seconds: 600 },
      close: { seconds: 86_400 },
    },
    pauseStatuses: ['waitingOnContact'],
    escalations: [
      {
        goal: 'firstReply',
        when: 'overdue',
        actions: [{ type: 'raisePriority' }, { type: 'notify', to: 'teamLeads' }],
      },
    ],
  });
});
afterAll(async () => {
  await desk.stop();
});

async function save(name: string, workflowId: string, runId?: string): Promise<void> {
  const history = await desk.client.workflow.getHandle(workflowId, runId).fetchHistory();
  await mkdir(FOLDER, { recursive: true });
  const bytes = proto.temporal.api.history.v1.History.encode(history).finish();
  await writeFile(join(FOLDER, `${label}-${name}.bin`), bytes);
}

async function newTicket(): Promise<{ id: number; path: string }> {
  const requester = { email: 'ann@customer.test' };
  const { id } = await desk.call('POST', '/api/v1/tickets', {
    subject: 'T',
    body: 'Hi',
    requester,
  });
  return { id, path: `/api/v1/tickets/${id}` };
}

it('a busy life: replies, an undo, notes, statuses, a snooze, rules that change, the close', async () => {
  const { id, path } = await newTicket();
  const reply = await desk.call('POST', `${path}/replies`, { body: 'one' });
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/messages/${reply['id']}`))['state']).toBe('sent'),
  );
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const planned = await desk.call('POST', `${path}/replies`, { body: 'two', sendAt: later });
  await desk.call('DELETE', `/api/v1/messages/${planned['id']}`);
  await desk.call('POST', `${path}/notes`, { body: 'note' });
  await desk.call('PATCH', path, { status: 'waitingOnUs', priority: 'high', tags: ['a', 'b'] });
  await desk.call('PATCH', path, { assigneeId: null });
  await desk.call('PATCH', '/api/v1/settings', { replyAssigns: true });
  await desk.call('PATCH', path, { subject: 'Other subject' });
  await desk.call('PATCH', path, { status: 'closed' });
  await save('ticket-busy', ticketWorkflowId(id));
  await save('deliver-sent', deliverWorkflowId(reply['id']));
  await save('deliver-cancelled', deliverWorkflowId(planned['id']));
});

it('a breach with its escalation, far timers, and the end of the reopen window', async () => {
  const { id, path } = await newTicket();
  await fastForward(desk, ticketWorkflowId(id), 700);
  await eventually(async () =>
    expect((await desk.call('GET', path))['sla'].goals.firstReply.state).toBe('overdue'),
  );
  await desk.call('PATCH', path, { status: 'closed' });
  await fastForward(desk, ticketWorkflowId(id), 60 * 86_400);
  await eventually(async () =>
    expect(
      (await desk.client.workflow.getHandle(ticketWorkflowId(id)).describe()).status.name,
    ).toBe('COMPLETED'),
  );
  await save('ticket-breached', ticketWorkflowId(id));
});

it('a merge and its undo, seen by all four', async () => {
  const loser = await newTicket();
  const survivor = await newTicket();
  const into = { intoTicketId: survivor.id };
  const { mergeId } = await desk.call('POST', `${loser.path}/merge`, into, 200);
  await save('merge', `merge-${loser.id}`);
  await desk.call('POST', `/api/v1/merges/${mergeId}/undo`, undefined, 200);
  await save('undo-merge', `merge-${loser.id}`);
  await save('ticket-loser', ticketWorkflowId(loser.id));
  await save('ticket-survivor', ticketWorkflowId(survivor.id));
});

it('a wait in the queue until an agent is free', async () => {
  const tickets = [await newTicket(), await newTicket(), await newTicket(), await newTicket()];
  const waiting = [];
  for (const ticket of tickets) {
    if ((await desk.call('GET', ticket.path))['assigneeId'] === null) waiting.push(ticket);
  }
  const [first] = waiting;
  if (first === undefined) throw new Error('nobody waits');
  await desk.call('PUT', `/api/v1/users/${alice}/availability`, { availability: 'away' });
  await desk.addUser('bob');
  const bob = (await desk.call('GET', '/api/v1/users'))['items'].find((u: any) => u.name === 'bob');
  const members = [{ userId: alice, lead: true }, { userId: bob.id }];
  await desk.call('PUT', `/api/v1/teams/${teamId}`, { name: 'Support', members });
  await desk.call('PUT', `/api/v1/users/${bob.id}/availability`, { availability: 'away' });
  await desk.call('PUT', `/api/v1/users/${bob.id}/availability`, { availability: 'available' });
  await eventually(async () =>
    expect((await desk.call('GET', first.path))['assigneeId']).toBe(bob.id),
  );
  await save('ticket-queued', ticketWorkflowId(first.id));
  await save('assign-queue', `assign-queue-${teamId}`);
});

it('a delivery that is refused twice before it leaves', async () => {
  let failures = 2;
  const sink = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, callback) {
      stream.resume();
      stream.on('end', () => {
        failures -= 1;
        callback(failures >= 0 ? Object.assign(new Error('later'), { responseCode: 451 }) : null);
      });
    },
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const { port } = sink.server.address() as { port: number };
  const [channel] = await listChannels(desk.sql);
  if (channel === undefined) throw new Error('no channel');
  await updateChannel(desk.sql, {
    ...{ id: channel.id, name: channel.name, enabled: true },
    settings: { smtp: { host: '127.0.0.1', port } },
  });
  const { path } = await newTicket();
  const reply = await desk.call('POST', `${path}/replies`, { body: 'hi' });
  const deliver = desk.client.workflow.getHandle(deliverWorkflowId(reply['id']));
  await eventually(async () => {
    await deliver.signal('retryNow').catch(() => undefined);
    expect((await desk.call('GET', `/api/v1/messages/${reply['id']}`))['state']).toBe('sent');
  }, 40_000);
  await save('deliver-retried', deliver.workflowId);
  await new Promise<void>((resolve) => sink.close(() => resolve()));
});

it('a delivery that reaches the requester first and one in copy later', async () => {
  let refuses = true;
  const sink = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo({ address }, _session, callback) {
      const wait = refuses && address === 'late@customer.test';
      callback(wait ? Object.assign(new Error('later'), { responseCode: 451 }) : null);
    },
    onData(stream, _session, callback) {
      stream.resume();
      stream.on('end', () => callback());
    },
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const { port } = sink.server.address() as { port: number };
  const [channel] = await listChannels(desk.sql);
  if (channel === undefined) throw new Error('no channel');
  await updateChannel(desk.sql, {
    ...{ id: channel.id, name: channel.name, enabled: true },
    settings: { smtp: { host: '127.0.0.1', port } },
  });
  const { path } = await newTicket();
  const cc = ['late@customer.test'];
  const reply = await desk.call('POST', `${path}/replies`, { body: 'hi', cc });
  const deliver = desk.client.workflow.getHandle(deliverWorkflowId(reply['id']));
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/messages/${reply['id']}`))['state']).toBe('sent'),
  );
  refuses = false;
  await eventually(async () => {
    await deliver.signal('retryNow').catch(() => undefined);
    expect((await deliver.describe()).status.name).toBe('COMPLETED');
  }, 40_000);
  await save('deliver-partly', deliver.workflowId);
  await updateChannel(desk.sql, {
    ...{ id: channel.id, name: channel.name, enabled: true, settings: {} },
  });
  await new Promise<void>((resolve) => sink.close(() => resolve()));
});

it('a run that continues as new', async () => {
  const { id, path } = await newTicket();
  const handle = desk.client.workflow.getHandle(ticketWorkflowId(id));
  const before = (await handle.describe()).runId;
  await handle.terminate('to be started with a low limit');
  await desk.client.workflow.start('ticket', {
    workflowId: ticketWorkflowId(id),
    taskQueue: 'tickets',
    args: [{ ticketId: id, continueAsNewAfterEvents: 40 }],
  });
  for (let round = 0; round < 8; round += 1)
    await desk.call('PATCH', path, { priority: round % 2 === 0 ? 'low' : 'high' });
  const first = await eventually(async () => {
    const runs = [];
    for await (const run of desk.client.workflow.list({
      query: `WorkflowId = '${ticketWorkflowId(id)}'`,
    }))
      runs.push(run);
    const continued = runs.filter((run) => run.status.name === 'CONTINUED_AS_NEW');
    expect(continued.length).toBeGreaterThan(0);
    return continued.at(-1);
  });
  expect(first?.runId).not.toBe(before);
  await save('ticket-continued', ticketWorkflowId(id), first?.runId);
  await save('ticket-carried', ticketWorkflowId(id));
});

it('many things at once: commands, mails, timers of seconds, a low limit of events', async () => {
  await desk.call('POST', '/api/v1/sla-policies', {
    name: 'Seconds',
    conditions: [{ field: 'tags', op: 'contains', value: 'storm' }],
    goals: {
      firstReply: { seconds: 3, dueSoonSeconds: 1 },
      nextReply: { seconds: 2, dueSoonSeconds: 1 },
      close: { seconds: 5, dueSoonSeconds: 2 },
    },
    escalations: [1, 2].map((seconds) => ({
      goal: 'firstReply',
      when: { afterSeconds: seconds },
      actions: [{ type: 'raisePriority' }],
    })),
  });
  const storm = async (index: number): Promise<string> => {
    const requester = { email: `storm${index}@customer.test` };
    const ticket = { subject: 'T', body: 'Hi', requester, tags: ['storm'] };
    const { id } = await desk.call('POST', '/api/v1/tickets', ticket);
    const path = `/api/v1/tickets/${id}`;
    const until = Date.now() + 7_000;
    const lane = async (lane: number): Promise<void> => {
      for (let round = 0; Date.now() < until; round += 1) {
        const status = ['new', 'waitingOnUs', 'waitingOnContact', 'closed'][(round + lane) % 4];
        if (lane === 0) await desk.call('PATCH', path, { status });
        else if (lane === 1) await desk.call('POST', `${path}/replies`, { body: `reply ${round}` });
        else await desk.tickets.tell(id, mailFact(index, round));
        await new Promise((resolve) => setTimeout(resolve, 37 * (lane + index + 1)));
      }
    };
    await Promise.all([0, 1, 2].map(lane));
    return ticketWorkflowId(id);
  };
  const ids = await Promise.all([0, 1, 2, 3, 4, 5].map(storm));
  for (const [index, workflowId] of ids.entries()) await save(`ticket-storm${index}`, workflowId);
});

const mailFact = (index: number, round: number) => ({
  type: 'receiveMessage' as const,
  messageId: `00000000-0000-7000-8000-${String(index * 10_000 + round).padStart(12, '0')}`,
  atMs: Date.now(),
  automatic: false,
});

it('a change of many tickets in two batches', async () => {
  const made = [];
  for (let n = 0; n < 60; n += 1) made.push(await newTicket());
  const ids = made.map(({ id }) => id);
  const command = { close: true, addTags: ['many'] };
  const { id } = await desk.call('POST', '/api/v1/tickets/bulk', { ids, command }, 202);
  await desk.client.workflow.getHandle(bulkWorkflowId(id)).result();
  await save('bulk', bulkWorkflowId(id));
});

it('a rollout to a few tickets', async () => {
  await newTicket();
  const name = 'Rolled out';
  const { id } = await desk.call('POST', '/api/v1/sla-policies', {
    ...{ name, goals: { close: { seconds: 86_400 } }, appliesTo: 'newAndOpenTickets' },
  });
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/sla-policies/${id}/rollout`))['state']).toBe(
      'finished',
    ),
  );
  await desk.client.workflow.getHandle(rolloutWorkflowId(id)).result();
  await save('policy-rollout', rolloutWorkflowId(id));
});

it('a look of the reconciler', async () => {
  const handle = await desk.client.workflow.start('reconcile', {
    workflowId: 'reconcile-recorded',
    taskQueue: 'tickets',
    args: [{ full: false }],
  });
  await handle.result();
  await save('reconcile', 'reconcile-recorded');
});
