// Records the histories that later code must still replay: `npm run record:histories -- <label>`, before a change of command order
// and after it. Plays ordinary lives on a real desk and writes each workflow's history to test/replay/histories/<label>-<name>.bin
// as Temporal's own History message.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listChannels, updateChannel } from '#db/channels.ts';
import {
  accountMailWorkflowId,
  availabilityWorkflowId,
  bulkWorkflowId,
  deliverWorkflowId,
  noticeWorkflowId,
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
    // Behind the policies that tests below make for some tickets.
    position: 10,
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

it('a mail of an account that is refused once before it leaves, and one that is refused for good', async () => {
  const codes = [451, null, 550];
  const sink = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, callback) {
      stream.resume();
      stream.on('end', () => {
        const responseCode = codes.shift() ?? null;
        callback(responseCode === null ? null : Object.assign(new Error('no'), { responseCode }));
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
  for (const [who, name, state] of [
    ['olga', 'account-mail', 'sent'],
    ['otto', 'account-mail-refused', 'failed'],
  ] as const) {
    const id = await desk.addUser(who);
    await desk.call('POST', `/api/v1/users/${id}/invite`, undefined, 200);
    const [mail] = await desk.sql<
      { id: string }[]
    >`select id from account_mails where user_id = ${id}`;
    const workflowId = accountMailWorkflowId(mail?.id ?? '');
    await eventually(async () => {
      const { invitationMail } = await desk.call('GET', `/api/v1/users/${id}/account`);
      if (invitationMail.failure !== null)
        await desk.client.workflow
          .getHandle(workflowId)
          .signal('retryNow')
          .catch(() => undefined);
      expect(invitationMail.state).toBe(state);
    }, 40_000);
    await desk.client.workflow.getHandle(workflowId).result();
    await save(name, workflowId);
  }
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
  // The relay starts it, a moment after the answer.
  await eventually(() => desk.client.workflow.getHandle(bulkWorkflowId(id)).result());
  await save('bulk', bulkWorkflowId(id));
});

it('a rollout to a few tickets', async () => {
  await newTicket();
  const name = 'Rolled out';
  const { id } = await desk.call('POST', '/api/v1/sla-policies', {
    ...{ name, position: 5, goals: { close: { seconds: 86_400 } } },
    appliesTo: 'newAndOpenTickets',
  });
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/sla-policies/${id}/rollout`))['state']).toBe(
      'finished',
    ),
  );
  await desk.client.workflow.getHandle(rolloutWorkflowId(id)).result();
  await save('policy-rollout', rolloutWorkflowId(id));
});

it('a ladder that repeats, tells people outside at once and after a refusal, posts a note and sets the status', async () => {
  // The mail server of the test before is gone: back to the outbox folder.
  const [channel] = await listChannels(desk.sql);
  if (channel === undefined) throw new Error('no channel');
  await updateChannel(desk.sql, {
    ...{ id: channel.id, name: channel.name, enabled: true, settings: {} },
  });
  let refusals = 1;
  const hook = createServer((_req, res) => {
    refusals -= 1;
    res.writeHead(refusals >= 0 ? 503 : 204).end();
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const { port } = hook.address() as { port: number };
  await desk.call('POST', '/api/v1/sla-policies', {
    name: 'Ladder',
    conditions: [{ field: 'tags', op: 'contains', value: 'ladder' }],
    goals: { close: { seconds: 2 } },
    escalations: [
      {
        ...{ goal: 'close', when: 'overdue', repeat: { everySeconds: 600, times: 2 } },
        actions: [
          { type: 'notify', to: { email: 'boss@outside.test' } },
          { type: 'postNote', body: 'Late.' },
        ],
      },
      {
        ...{ goal: 'close', when: { afterSeconds: 1 }, hours: 'always' },
        actions: [
          { type: 'notify', to: { webhookUrl: `http://127.0.0.1:${port}/` } },
          { type: 'setStatus', status: 'waitingOnUs' },
        ],
      },
    ],
  });
  const requester = { email: 'ann@customer.test' };
  const made = { subject: 'T', body: 'Hi', requester, tags: ['ladder'] };
  const { id } = await desk.call('POST', '/api/v1/tickets', made);
  const path = `/api/v1/tickets/${id}`;
  const notices = async (): Promise<any[]> =>
    (await desk.call('GET', `${path}/step-notices`))['items'];
  const webhook = await eventually(async () => {
    const found = (await notices()).find(({ kind }) => kind === 'webhook');
    expect(found).toMatchObject({ state: 'trying', failure: { code: 'http503' } });
    return found;
  });
  const refused = noticeWorkflowId({ ticketId: id, seq: webhook.seq, action: 0 });
  await desk.client.workflow.getHandle(refused).signal('retryNow');
  await desk.client.workflow.getHandle(refused).result();
  await fastForward(desk, ticketWorkflowId(id), 700);
  await fastForward(desk, ticketWorkflowId(id), 700);
  await eventually(async () => expect(await notices()).toHaveLength(4));
  const mail = (await notices()).find(({ kind }) => kind === 'email');
  const sent = noticeWorkflowId({ ticketId: id, seq: mail?.seq ?? 0, action: 0 });
  await desk.client.workflow.getHandle(sent).result();
  await desk.call('PATCH', path, { status: 'closed' });
  await save('ticket-ladder', ticketWorkflowId(id));
  await save('notify-sent', sent);
  await save('notify-retried', refused);
  hook.closeAllConnections();
  hook.close();
});

it('a ticket that waits for a skill nobody has, until its whole team and then another is asked', async () => {
  const carl = await desk.addUser('carl', { availability: 'away' });
  const other = await desk.call('POST', '/api/v1/teams', {
    ...{ name: 'Other', members: [{ userId: carl }] },
  });
  // Behind the new one: of two rules at one position the older is asked first.
  const [all] = (await desk.call('GET', '/api/v1/routing-rules'))['items'];
  await desk.call('PUT', `/api/v1/routing-rules/${all.id}`, {
    ...{ name: 'All', assign: { teamId }, position: 9 },
  });
  await desk.call('POST', '/api/v1/routing-rules', {
    ...{ name: 'Welsh', assign: { teamId }, requiredSkills: ['welsh'] },
    conditions: [{ field: 'tags', op: 'contains', value: 'welsh' }],
    fallback: [
      { afterSeconds: 600, to: 'team' },
      { afterSeconds: 3_600, to: { teamId: other['id'] } },
    ],
  });
  // Nobody at all is there, so that both steps are taken.
  for (const { id, availability, ...user } of (await desk.call('GET', '/api/v1/users'))['items']) {
    if (user.role === 'agent' && availability === 'available') {
      await desk.call('PUT', `/api/v1/users/${id}/availability`, { availability: 'away' });
    }
  }
  const ticket = await desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', requester: { email: 'ann@customer.test' }, tags: ['welsh'] },
  });
  const workflowId = ticketWorkflowId(ticket['id']);
  const path = `/api/v1/tickets/${ticket['id']}`;
  await fastForward(desk, workflowId, 4_000);
  await eventually(async () => expect((await desk.call('GET', path))['teamId']).toBe(other['id']));
  await desk.call('PUT', `/api/v1/users/${carl}/availability`, { availability: 'available' });
  await eventually(async () => expect((await desk.call('GET', path))['assigneeId']).toBe(carl));
  await save('ticket-widened', workflowId);
});

it('somebody who goes out of office and comes back, whose reopened ticket goes to the queue meanwhile', async () => {
  const dora = await desk.addUser('dora');
  const alone = await desk.call('POST', '/api/v1/teams', {
    ...{ name: 'Alone', members: [{ userId: dora }] },
  });
  await desk.call('PATCH', '/api/v1/settings', {
    ...{ reopenedWhenAway: 'teamQueue', awayReassign: { enabled: true, afterSeconds: 1 } },
  });
  const body = { subject: 'T', requester: { email: 'ann@customer.test' }, teamId: alone['id'] };
  const closed = await desk.call('POST', '/api/v1/tickets', body);
  const open = await desk.call('POST', '/api/v1/tickets', body);
  await desk.call('PATCH', `/api/v1/tickets/${closed['id']}`, { status: 'closed' });
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const range = { from: at(1), to: at(6) };
  await desk.call('POST', `/api/v1/users/${dora}/out-of-office`, range);
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/tickets/${open['id']}`))['assigneeId']).toBeNull(),
  );
  await desk.tickets.tell(closed['id'], mailFact(99, 1));
  await eventually(async () =>
    expect(await desk.call('GET', `/api/v1/tickets/${closed['id']}`)).toMatchObject({
      ...{ category: 'open', assigneeId: null },
    }),
  );
  await desk.client.workflow.getHandle(availabilityWorkflowId(dora)).result();
  for (const { id } of [open, closed]) {
    await eventually(async () =>
      expect((await desk.call('GET', `/api/v1/tickets/${id}`))['assigneeId']).toBe(dora),
    );
  }
  await save('availability', availabilityWorkflowId(dora));
  await save('ticket-returned', ticketWorkflowId(open['id']));
  await save('ticket-reopened-away', ticketWorkflowId(closed['id']));
});

it('waits: a snooze, a warning, the closing of itself; spam that ends; a pipeline that is removed', async () => {
  await desk.call('PATCH', '/api/v1/settings', {
    autoClose: { afterSeconds: 7_200, warnBeforeSeconds: 3_600, warning: { body: 'Bye' } },
  });
  const { id, path } = await newTicket();
  await desk.call('PATCH', path, { status: 'waitingOnContact' });
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await desk.call('POST', `${path}/snooze`, { until }, 200);
  await fastForward(desk, ticketWorkflowId(id), 3 * 3_600);
  const warning = await eventually(async () => {
    const { items } = await desk.call('GET', `${path}/timeline`);
    const found = items.find((item: any) => item.event?.type === 'deliverySucceeded');
    expect(found).toBeDefined();
    return found.event.data.messageId as string;
  });
  await fastForward(desk, ticketWorkflowId(id), 3 * 3_600);
  await eventually(async () => expect((await desk.call('GET', path))['category']).toBe('closed'));
  await save('ticket-waits', ticketWorkflowId(id));
  await save('deliver-warning', deliverWorkflowId(warning));
  await desk.call('PATCH', '/api/v1/settings', { autoClose: null });

  const spam = await newTicket();
  await desk.call('POST', `${spam.path}/spam`, {}, 200);
  await fastForward(desk, ticketWorkflowId(spam.id), 91 * 86_400);
  await eventually(async () =>
    expect(
      (await desk.client.workflow.getHandle(ticketWorkflowId(spam.id)).describe()).status.name,
    ).toBe('COMPLETED'),
  );
  await save('ticket-spam', ticketWorkflowId(spam.id));

  const statuses = [
    { id: 'todo', name: 'To do', category: 'new' },
    { id: 'done', name: 'Done', category: 'closed' },
  ];
  const pipeline = { name: 'Removed', position: 5, statuses };
  const { id: pipelineId } = await desk.call('POST', '/api/v1/pipelines', pipeline);
  const moved = await newTicket();
  const rested = await newTicket();
  for (const one of [moved, rested]) {
    await desk.call('POST', `${one.path}/move`, { pipelineId }, 200);
  }
  await desk.client.workflow.getHandle(ticketWorkflowId(rested.id)).terminate('rests');
  const { items } = await desk.call('GET', '/api/v1/pipelines');
  const query = `moveTicketsTo=${items[0].id}`;
  await desk.call('DELETE', `/api/v1/pipelines/${pipelineId}?${query}`, undefined, 204);
  for (const one of [moved, rested]) {
    await eventually(async () =>
      expect((await desk.call('GET', one.path))['pipelineId']).toBe(items[0].id),
    );
  }
  await save('ticket-moved', ticketWorkflowId(moved.id));
  await save('ticket-adopted', ticketWorkflowId(rested.id));
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
