// Bulk changes: every ticket is changed once or failed with a reason, whatever dies or stops in between.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { reconcileOnce } from '#activities/reconcile.ts';
import { TASK_QUEUES, WORKFLOWS } from '#workflows/messages.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { openStream } from '#test/support/stream.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MANY = 120;

let desk: TestDesk;
let many: number[];
let token: string;
beforeAll(async () => {
  desk = await startTestDesk();
  token = await makeToken(desk.sql, desk.adminId, ['read', 'write']);
  many = await newTickets(MANY);
});
afterAll(async () => {
  await desk.stop();
});

async function newTickets(count: number, more: object = {}): Promise<number[]> {
  const made = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      desk.call('POST', '/api/v1/tickets', {
        ...{ subject: `T${index}`, requester: { email: 'ann@customer.test' } },
        ...more,
      }),
    ),
  );
  return made.map((ticket) => ticket['id']);
}

const start = (body: unknown, headers?: Record<string, string>): Promise<Json> =>
  desk.call('POST', '/api/v1/tickets/bulk', body, 202, headers);
const jobOf = (id: string): Promise<Json> => desk.call('GET', `/api/v1/tickets/bulk/${id}`);
const get = (id: number): Promise<Json> => desk.call('GET', `/api/v1/tickets/${id}`);
const ended = (id: string, limitMs = 80_000): Promise<Json> =>
  eventually(async () => {
    const job = await jobOf(id);
    expect(job['state']).toMatch(/^(finished|cancelled)$/);
    return job;
  }, limitMs);

/** How many events of a type each ticket has. */
async function eventsPerTicket(type: string, ids: number[]): Promise<Map<number, number>> {
  const rows = await desk.sql<{ id: number; count: number }[]>`
    select ticket_id as id, count(*)::integer as count from ticket_events
    where type = ${type} and ticket_id = any(${ids}::bigint[]) group by ticket_id`;
  return new Map(rows.map(({ id, count }) => [id, count]));
}

describe('a bulk change', () => {
  it('changes the tickets it names and says which it could not change, and why', async () => {
    const [one = 0, two = 0, loser = 0, survivor = 0] = await newTickets(4, { tags: ['old'] });
    const into = { intoTicketId: survivor };
    await desk.call('POST', `/api/v1/tickets/${loser}/merge`, into, 200);
    const unknown = 999_999_999;
    const job = await start({
      ids: [one, unknown, two, loser, one],
      command: { close: true, priority: 'urgent', addTags: ['new'], removeTags: ['old'] },
    });
    expect(job).toMatchObject({ total: 4, workflow: { id: `bulk-${job['id']}` } });
    const last = await ended(job['id']);
    expect(last).toMatchObject({ state: 'finished', total: 4, done: 2, failed: 2 });
    expect(last['finishedAt']).not.toBeNull();
    expect(last['failures']).toEqual([
      { ticketId: unknown, code: 'notFound', detail: expect.any(String) },
      { ticketId: loser, code: 'ticketMerged', detail: expect.any(String) },
    ]);
    for (const id of [one, two]) {
      expect(await get(id)).toMatchObject({ status: 'closed', priority: 'urgent', tags: ['new'] });
    }
    const result = await desk.client.workflow.getHandle(`bulk-${job['id']}`).result();
    expect(result).toEqual({ state: 'finished', total: 4, done: 2, failed: 2 });
  });

  it('changes what a filter finds, by the words of the list', async () => {
    const ids = await newTickets(3, { tags: ['filtered'] });
    const filter = { tag: 'filtered', view: 'allOpen' };
    const job = await start({ filter, command: { snoozeUntil: '2999-01-01T00:00:00Z' } });
    expect(await ended(job['id'])).toMatchObject({ total: 3, done: 3, failed: 0 });
    for (const id of ids) expect((await get(id))['snoozedUntil']).toBe('2999-01-01T00:00:00.000Z');
    const none = await start({ filter: { tag: 'nowhere' }, command: { spam: true } });
    expect(await ended(none['id'])).toMatchObject({ state: 'finished', total: 0 });
  });

  it.for([
    [{ ids: [], command: { spam: true } }],
    [{ ids: [1], command: {} }],
    [{ ids: [1], command: { status: 'new', close: true } }],
    [{ ids: [1], command: { spam: true, priority: 'low' } }],
    [{ ids: [1], command: { assigneeId: '00000000-0000-7000-8000-00000000ffff' } }],
    [{ ids: [1], command: { snoozeUntil: '2001-01-01T00:00:00Z' } }],
    [{ filter: {}, command: { spam: true } }],
    [{ ids: Array.from({ length: 1_001 }, (_, n) => n + 1), command: { spam: true } }],
  ])('that makes no sense is refused: %o', async ([body]) => {
    await desk.call('POST', '/api/v1/tickets/bulk', body, 422);
  });

  it('asked for twice under one key is one job, and only who asked and admins see it', async () => {
    const ids = await newTickets(1);
    const body = { ids, command: { priority: 'high' } };
    const key = { 'idempotency-key': 'bulk once' };
    const first = await start(body, key);
    expect((await start(body, key))['id']).toBe(first['id']);
    const eve = await makeToken(desk.sql, await desk.addUser('eve'), ['read', 'write']);
    const ask = (method: string, path: string, expected: number, payload?: unknown) =>
      callApi(desk.app, eve, {
        method,
        path: `/api/v1/tickets/bulk${path}`,
        expected,
        body: payload,
      });
    await ask('GET', `/${first['id']}`, 404);
    await ask('DELETE', `/${first['id']}`, 404);
    const hers = await ask('POST', '', 202, body);
    expect((await jobOf(hers['id']))['id']).toBe(hers['id']);
  });
});

describe('the stream of changes', () => {
  it('tells who asked for a bulk change how far it is, and nobody else', async () => {
    const eve = await makeToken(desk.sql, await desk.addUser('mallory'), ['read', 'write']);
    const streams = [await openStream(desk.app, token), await openStream(desk.app, eve)];
    const job = await start({ ids: many.slice(0, 30), command: { addTags: ['streamed'] } });
    const [mine, hers] = streams;
    const tellsEnd = (line: string) =>
      line.includes(job['id']) && line.includes('"state":"finished"');
    const last = await mine?.until((text) => text.split('\n').some(tellsEnd));
    const line = last?.split('\n').find(tellsEnd);
    expect(JSON.parse(line?.slice('data: '.length) ?? '')).toEqual({
      ...{ id: job['id'], state: 'finished', total: 30, done: 30, failed: 0 },
    });
    const seen = await hers?.until((text) => text.split('tagsChanged').length > 30);
    expect(seen).not.toContain('bulkProgress');
    for (const stream of streams) await stream.close();
  });
});

describe('a bulk change that is interrupted', () => {
  it('waits while nothing of Temporal answers, and stops before it began when asked to', async () => {
    await desk.stopWorkers();
    const command = { addTags: ['waited'] };
    const waits = await start({ ids: many.slice(0, 20), command });
    const stopped = await start({ ids: many.slice(0, 20), command: { addTags: ['never'] } });
    const path = `/api/v1/tickets/bulk/${stopped['id']}`;
    expect((await desk.call('DELETE', path))['state']).toBe('cancelling');
    expect(await jobOf(waits['id'])).toMatchObject({ state: 'running', done: 0 });
    await desk.startWorkers();
    expect(await ended(waits['id'])).toMatchObject({ state: 'finished', done: 20 });
    expect(await ended(stopped['id'])).toMatchObject({ state: 'cancelled', done: 0 });
    expect((await desk.call('DELETE', path))['state']).toBe('cancelled');
    const { tags } = await get(many[0] ?? 0);
    expect(tags).toContain('waited');
    expect(tags).not.toContain('never');
  });

  it.for(['the API', 'an operator'])(
    'by %s keeps what it has done and starts nothing more',
    async (who) => {
      const tag = `stopped by ${who}`;
      const job = await start({ ids: many, command: { addTags: [tag] } });
      await eventually(async () => expect((await jobOf(job['id']))['done']).toBeGreaterThan(0));
      if (who === 'the API') await desk.call('DELETE', `/api/v1/tickets/bulk/${job['id']}`);
      else await desk.client.workflow.getHandle(`bulk-${job['id']}`).cancel();
      const last = await ended(job['id']);
      expect(last).toMatchObject({ state: 'cancelled', failed: 0, total: MANY });
      expect(last['done']).toBeLessThan(MANY);
      const [row] = await desk.sql<{ count: number }[]>`
      select count(*)::integer as count from tickets where tags @> array[${tag}]`;
      // One that had taken the change when the run was cut off may not have been counted.
      expect(row?.count).toBeGreaterThanOrEqual(last['done']);
      expect(row?.count).toBeLessThanOrEqual(last['done'] + 10);
    },
  );

  it('goes on in new runs when its history has grown', async () => {
    await desk.stopWorkers();
    const job = await start({ ids: many, command: { addTags: ['continued'] } });
    await desk.sql`delete from relay_outbox where kind = 'bulkJob'`;
    await desk.client.workflow.start(WORKFLOWS.bulk, {
      ...{ workflowId: `bulk-${job['id']}`, taskQueue: TASK_QUEUES.tickets },
      args: [{ jobId: job['id'], continueAsNewAfterEvents: 5 }],
    });
    await desk.startWorkers();
    expect(await ended(job['id'])).toMatchObject({ state: 'finished', done: MANY, failed: 0 });
    const history = await desk.client.workflow.getHandle(`bulk-${job['id']}`).fetchHistory();
    const begun = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    expect(begun?.continuedExecutionRunId).toMatch(/./);
    const tagged = await eventsPerTicket('tagsChanged', many);
    expect(tagged.size).toBe(MANY);
  });

  it('by workers that are stopped and one that is killed changes each ticket exactly once', async () => {
    const ids = await newTickets(MANY);
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bulk-'));
    await desk.stopWorkers();
    const job = await start({ ids, command: { priority: 'urgent', addTags: ['once'] } });
    const killed = await startWorkerProcess(folder);
    try {
      await eventually(async () => expect((await jobOf(job['id']))['done']).toBeGreaterThan(15));
    } finally {
      await kill(killed);
    }
    const atKill = await jobOf(job['id']);
    expect(atKill['done']).toBeLessThan(MANY);
    // Somebody changes their mind about what is done already: the job must not come back to it.
    await desk.startWorkers();
    const rows = await desk.sql<{ id: number }[]>`
      select ticket_id as id from bulk_job_tickets where job_id = ${job['id']} and outcome = 'done'`;
    const changedMind = rows.map(({ id }) => id);
    // A ticket whose task was under way in the killed worker answers when that task has timed out.
    await Promise.all(
      changedMind.map((id) =>
        eventually(() => desk.call('PATCH', `/api/v1/tickets/${id}`, { priority: 'low' }), 40_000),
      ),
    );
    await eventually(
      async () => expect((await jobOf(job['id']))['done']).toBeGreaterThan(atKill['done']),
      60_000,
    );
    await desk.stopWorkers();
    await desk.startWorkers();
    expect(await ended(job['id'])).toMatchObject({ state: 'finished', done: MANY, failed: 0 });
    const tagged = await eventsPerTicket('tagsChanged', ids);
    expect([...tagged.values()]).toEqual(Array.from({ length: MANY }, () => 1));
    const raised = await eventsPerTicket('priorityChanged', ids);
    for (const id of ids) {
      const again = changedMind.includes(id);
      expect([id, raised.get(id)]).toEqual([id, again ? 2 : 1]);
      expect((await get(id))['priority']).toBe(again ? 'low' : 'urgent');
    }
    await rm(folder, { recursive: true, force: true });
  }, 240_000);

  it('and whose workflow is lost is taken up by the reconciler, which repeats nothing', async () => {
    const [id = 0, other = 0] = await newTickets(2);
    const job = await start({ ids: [id, other], command: { priority: 'urgent' } });
    await ended(job['id']);
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { priority: 'low' });
    // As if the worker had died after the ticket took the change and before that was noted, and the workflow with it.
    await desk.sql`update bulk_job_tickets set outcome = null where job_id = ${job['id']} and ticket_id = ${id}`;
    await desk.sql`
      update bulk_jobs set state = 'running', finished_at = null, updated_at = now() - interval '5 minutes' where id = ${job['id']}`;
    const deps = { sql: desk.sql, client: desk.client, tickets: desk.tickets, queues: TASK_QUEUES };
    expect((await reconcileOnce(deps, false)).stuckBulkJobs).toBe(1);
    expect(await ended(job['id'])).toMatchObject({ state: 'finished', done: 2 });
    expect((await get(id))['priority']).toBe('low');
    expect((await eventsPerTicket('priorityChanged', [id])).get(id)).toBe(2);
  });
});

describe('idempotency keys', () => {
  it('older than a day are forgotten by the reconciler, younger ones are not', async () => {
    const body = { subject: 'T', requester: { email: 'ann@customer.test' } };
    for (const key of ['old key', 'young key']) {
      await desk.call('POST', '/api/v1/tickets', body, 201, { 'idempotency-key': key });
    }
    await desk.sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'old key'`;
    const deps = { sql: desk.sql, client: desk.client, tickets: desk.tickets, queues: TASK_QUEUES };
    await reconcileOnce(deps, false);
    const rows = await desk.sql<{ key: string }[]>`
      select key from idempotency_keys where key in ('old key', 'young key')`;
    expect(rows.map(({ key }) => key)).toEqual(['young key']);
  });
});

/** A worker of the desk as a process of its own, so that it can be killed. */
async function startWorkerProcess(folder: string): Promise<ChildProcess> {
  const { temporalAddress } = inject('stack');
  const { database, host, port, user, pass } = desk.sql.options;
  const worker = spawn(process.execPath, ['--import', 'tsx', 'worker/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: `postgres://${user}:${String(pass)}@${host[0]}:${port[0]}/${database}`,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: desk.namespace,
      HOLDFAST_DATA: folder,
      LOG_LEVEL: 'silent',
    },
  });
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.kill('SIGKILL');
  await gone;
}
