// The operator's page: a healthy desk says so, each trouble shows up with what an operator needs, and a part that is down hides no other.
import { createServer } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#api/app.ts';
import { createTicketGateway } from '#api/ticket-gateway.ts';
import { updateChannel } from '#db/channels.ts';
import { ensureReconciler, createClient } from '#temporal/connect.ts';
import { createTicketClient } from '#temporal/ticket-client.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let sink: SMTPServer;
beforeAll(async () => {
  desk = await startTestDesk();
  sink = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, callback) {
      stream.resume();
      stream.on('end', () => callback(Object.assign(new Error('busy'), { responseCode: 451 })));
    },
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await desk.stop();
  await new Promise<void>((resolve) => sink.close(() => resolve()));
});

const look = (): Promise<Json> => desk.call('GET', '/api/v1/operations');
const newTicket = async (): Promise<number> =>
  (
    await desk.call('POST', '/api/v1/tickets', {
      subject: 'T',
      body: 'x',
      requester: { email: 'a@x.test' },
    })
  )['id'];

describe('a healthy desk', () => {
  it('says so, part by part', async () => {
    await ensureReconciler(desk.client);
    await eventually(async () => {
      const { reconciler } = await look();
      expect(reconciler).toMatchObject({
        state: 'ok',
        why: [],
        data: { nextRunAt: expect.any(String) },
      });
      expect(reconciler.data.runs[0]).toMatchObject({ full: true, findings: { late: 0 } });
    });
    const page = await look();
    for (const [name, part] of Object.entries(page)) {
      if (['at', 'url'].includes(name)) continue;
      expect([name, part.state, part.why]).toEqual([name, 'ok', []]);
    }
    const queues = page['taskQueues'].data as Json[];
    expect(queues.map((queue) => queue['name'])).toEqual(['tickets', 'delivery', 'mailbox']);
    expect(queues[0]?.['workflows'].pollers[0]).toMatchObject({ lastSeenAt: expect.any(String) });
    expect(page['temporal'].data.version).toMatch(/^\d+\./);
    expect(page['postgres'].data.version).toMatch(/^\d+/);
  });

  it('says so to admins alone', async () => {
    const agent = await makeToken(desk.sql, await desk.addUser('agent'), [
      'read',
      'write',
      'admin',
    ]);
    await callApi(desk.app, agent, { method: 'GET', path: '/api/v1/operations', expected: 403 });
  });
});

describe('trouble', () => {
  it('with a mail: which, why, and when it is tried again', async () => {
    const { port } = sink.server.address() as { port: number };
    await updateChannel(desk.sql, {
      ...{ id: desk.channel.id, name: 'Support', enabled: true },
      settings: { smtp: { host: '127.0.0.1', port } },
    });
    const id = await newTicket();
    const message = await desk.call('POST', `/api/v1/tickets/${id}/replies`, { body: 'answer' });
    await eventually(async () => {
      const { deliveries } = await look();
      expect(deliveries.state).toBe('attention');
      expect(deliveries.data.sample).toMatchObject([
        {
          ...{ kind: 'message', messageId: message['id'], ticketId: id },
          failure: { text: expect.stringContaining('busy') },
          workflow: { id: `deliver-${message['id']}` },
          nextAttemptAt: expect.any(String),
        },
      ]);
      const [{ nextAttemptAt, since, workflow }] = deliveries.data.sample;
      expect(Date.parse(nextAttemptAt)).toBeGreaterThan(Date.parse(since));
      expect(workflow.url).toContain(`/namespaces/${desk.namespace}/workflows/deliver-`);
    });
  });

  it('with timers, debts, quarantine, mailboxes and jobs is counted and sampled', async () => {
    const id = await newTicket();
    const { sql } = desk;
    // Nobody may heal it while we look.
    await desk.stopWorkers();
    await sql`update tickets set next_wake_at = now() - interval '1 minute', next_wake_reason = 'due' where id = ${id}`;
    await sql`insert into relay_outbox (kind, ticket_id, attempts, last_error, next_attempt_at, created_at)
      values ('ticketSignal', ${id}, 3, 'unavailable', now() + interval '1 hour', now() - interval '5 minutes')`;
    await sql`insert into inbound_messages (channel_id, dedupe_key, outcome, source, source_bytes, received_at)
      values (${desk.channel.id}, 'x', 'quarantined', 'x', 1, now() - interval '1 hour')`;
    await sql`update channels set health = ${sql.json({ ok: false, at: '2026-01-01T00:00:00Z', text: 'NO login' })}
      where id = ${desk.channel.id}`;
    const job = await desk.call(
      'POST',
      '/api/v1/tickets/bulk',
      { ids: [987_654_321], command: { close: true } },
      202,
    );
    const page = await look();
    expect(page).toMatchObject({
      lateTimers: {
        state: 'attention',
        data: {
          count: 1,
          sample: [{ ticketId: id, reason: 'due', workflow: { id: `ticket-${id}` } }],
        },
      },
      relay: {
        state: 'attention',
        data: { sample: [{ ticketId: id, attempts: 3, lastError: 'unavailable' }] },
      },
      quarantine: { state: 'attention', data: { lastDay: 1 } },
      mailboxes: { state: 'attention', data: [{ ok: false, text: 'NO login' }] },
      jobs: { state: 'attention', data: [{ kind: 'bulk', id: job['id'], failed: 1 }] },
    });
    await desk.startWorkers();
  });
});

describe('a part that is down', () => {
  it.for(['refuses', 'says nothing'] as const)(
    'Temporal that %s: the rest is told all the same, and soon',
    async (how) => {
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as { port: number };
      const address = `127.0.0.1:${how === 'refuses' ? 1 : port}`;
      // Never closed: the SDK's retries of calls under way would fail on a closed channel where nobody catches them.
      const { client } = createClient({ address }, desk.namespace);
      const gateway = createTicketGateway({
        ...{ client, tickets: createTicketClient(client), queues: TASK_QUEUES },
        ...{ temporalUiUrl: 'http://ui', namespace: desk.namespace },
      });
      const app = await createApp({ ...desk.deps, gateway });
      const token = await makeToken(desk.sql, desk.adminId, ['read', 'admin']);
      const beganMs = performance.now();
      const page = await callApi(app, token, { method: 'GET', path: '/api/v1/operations' });
      expect(performance.now() - beganMs).toBeLessThan(4_000);
      expect(page).toMatchObject({
        temporal: { state: 'unknown', data: null },
        taskQueues: { state: 'unknown', data: null },
        postgres: { state: 'ok' },
        deliveries: { data: { sample: [{ nextAttemptAt: null }] } },
        reconciler: { data: { nextRunAt: null } },
      });
      silent.close();
    },
  );

  it('a table that does not answer: the others do', async () => {
    await desk.sql.begin(async (tx) => {
      await tx`lock table reconcile_runs in access exclusive mode`;
      const page = await look();
      expect(page).toMatchObject({ reconciler: { state: 'unknown' }, postgres: { state: 'ok' } });
    });
  });
});
