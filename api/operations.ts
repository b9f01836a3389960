// GET /operations: what an operator looks at first. Every part is asked by itself, at once and with a deadline, so that one that is
// down, or slow, is shown as such and hides nothing of the others.
import { createRoute, z } from '@hono/zod-openapi';
import { listChannels } from '#db/channels.ts';
import {
  countFailedDeliveries,
  listLateTimers,
  listReconcileRuns,
  listRelayDebts,
  listStuckDeliveries,
  listTroubledJobs,
  measurePostgres,
  measureQuarantine,
} from '#db/operations.ts';
import type { StuckDelivery } from '#db/operations.ts';
import { measureRelay } from '#db/relay.ts';
import { readWithin } from '#db/sql.ts';
import type { Sql } from '#db/sql.ts';
import {
  bulkWorkflowId,
  deliverWorkflowId,
  mailboxWorkflowId,
  noticeWorkflowId,
  rolloutWorkflowId,
  ticketWorkflowId,
} from '#domain/ids.ts';
import type { ApiDeps, App } from './app-env.ts';
import { errorResponses } from './schemas.ts';
import { Operations } from './operations-schemas.ts';

const WITHIN_MS = 1_000;
const LATE_TIMER_SECONDS = 15;
const LATE_DELIVERY_SECONDS = 60;
const SILENT_JOB_SECONDS = 300;
const SAMPLE = 20;
const ROUNDS = 10;
/** The reconciler runs every two minutes: a quiet quarter of an hour is none. */
const LATE_ROUND_SECONDS = 900;
const OLD_DEBT_SECONDS = 60;
const OLD_BACKLOG_SECONDS = 60;

const operationsRoute = createRoute({
  method: 'get',
  path: '/api/v1/operations',
  operationId: 'getOperations',
  summary: 'Health of every part of the desk, what is late, stuck, owed or failed; for admins',
  responses: {
    200: {
      description:
        'Each part with state ok, attention (why says what for) or unknown (it did not answer in time).',
      content: { 'application/json': { schema: Operations } },
    },
    ...errorResponses,
  },
});

type Wire = z.infer<typeof Operations>;
/** What was found out about a part, and what of it needs somebody. */
interface Finding<T> {
  data: T;
  why: string[];
}
interface Part<T> {
  state: 'ok' | 'attention' | 'unknown';
  why: string[];
  data: T | null;
}

/** Asks about one part; whatever goes wrong is said instead of thrown. */
async function part<T>(ask: () => Promise<Finding<T> | null>): Promise<Part<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), WITHIN_MS + 200);
  });
  try {
    const found = await Promise.race([ask(), late]);
    if (found === null) return { state: 'unknown', why: ['no answer in time'], data: null };
    const { data, why } = found;
    return { state: why.length === 0 ? 'ok' : 'attention', why, data };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { state: 'unknown', why: [text.slice(0, 300)], data: null };
  } finally {
    clearTimeout(timer);
  }
}

type Read = <T>(ask: (tx: Sql) => Promise<Finding<T>>) => Promise<Part<T>>;

/** The operator's page. */
export function registerOperations(app: App, deps: ApiDeps): void {
  app.openapi(operationsRoute, async (c) => {
    const read: Read = (ask) => part(() => readWithin(deps.sql, WITHIN_MS, ask));
    // None of them throws, and all are under way before the first is waited for.
    const questions = {
      postgres: read(askPostgres),
      temporal: part(() => askTemporal(deps)),
      taskQueues: part(() => askQueues(deps)),
      reconciler: askReconcilerAndSchedule(deps, read),
      relay: read(askRelay),
      lateTimers: read((tx) => askLateTimers(deps, tx)),
      deliveries: read((tx) => askDeliveries(deps, tx)).then((found) =>
        withNextAttempts(deps, found),
      ),
      mailboxes: read((tx) => askMailboxes(deps, tx)),
      quarantine: read(askQuarantine),
      jobs: read((tx) => askJobs(deps, tx)),
    };
    const api = { uptimeSeconds: process.uptime(), node: process.version };
    const body: Wire = {
      at: new Date(deps.clock()).toISOString(),
      url: deps.gateway.engine.url(null),
      api: { state: 'ok', why: [], data: api },
      postgres: await questions.postgres,
      temporal: await questions.temporal,
      taskQueues: await questions.taskQueues,
      reconciler: await questions.reconciler,
      relay: await questions.relay,
      lateTimers: await questions.lateTimers,
      deliveries: await questions.deliveries,
      mailboxes: await questions.mailboxes,
      quarantine: await questions.quarantine,
      jobs: await questions.jobs,
    };
    return c.json(body, 200);
  });
}

type DataOf<K extends keyof Wire> = Wire[K] extends { data: infer D } ? NonNullable<D> : never;

async function askPostgres(tx: Sql): Promise<Finding<DataOf<'postgres'>>> {
  const beganMs = performance.now();
  const data = await measurePostgres(tx);
  const crowded = data.connections > data.maxConnections * 0.9;
  const why = crowded ? [`${data.connections} of ${data.maxConnections} connections in use`] : [];
  return { data: { ...data, latencyMs: performance.now() - beganMs }, why };
}

async function askTemporal({ gateway }: ApiDeps): Promise<Finding<DataOf<'temporal'>>> {
  const beganMs = performance.now();
  const version = await gateway.engine.server(WITHIN_MS);
  return { data: { version, latencyMs: performance.now() - beganMs }, why: [] };
}

async function askQueues({ gateway: { engine } }: ApiDeps): Promise<Finding<DataOf<'taskQueues'>>> {
  const queues = await engine.taskQueues(WITHIN_MS);
  const side = ({ pollers, ...rest }: (typeof queues)[number]['workflows']) => ({
    ...rest,
    pollers: pollers.map(({ identity, lastSeenAt }) => ({
      ...{ identity, lastSeenAt: lastSeenAt?.toISOString() ?? null },
    })),
  });
  const why = queues.flatMap(({ name, workflows, activities }) => [
    // Only the queue of tickets has workflows; the others carry activities alone.
    ...(activities.pollers.length === 0 && workflows.pollers.length === 0
      ? [`nobody works on "${name}"`]
      : []),
    ...([workflows, activities].some((one) => one.backlogSeconds > OLD_BACKLOG_SECONDS)
      ? [`work of "${name}" waits for more than ${OLD_BACKLOG_SECONDS} s`]
      : []),
  ]);
  const data = queues.map(({ name, workflows, activities }) => ({
    ...{ name, url: engine.url({ taskQueue: name }) },
    ...{ workflows: side(workflows), activities: side(activities) },
  }));
  return { data, why };
}

/** The rounds are known to Postgres, the next one to Temporal. */
async function askReconcilerAndSchedule(deps: ApiDeps, read: Read): Promise<Wire['reconciler']> {
  const [rounds, next] = await Promise.all([
    read((tx) => askReconciler(deps, tx)),
    deps.gateway.engine.nextReconcile(WITHIN_MS).catch(() => null),
  ]);
  const nextRunAt = next?.toISOString() ?? null;
  return { ...rounds, data: rounds.data === null ? null : { ...rounds.data, nextRunAt } };
}

async function askReconciler(
  { clock, gateway }: ApiDeps,
  tx: Sql,
): Promise<Finding<Omit<DataOf<'reconciler'>, 'nextRunAt'>>> {
  const runs = await listReconcileRuns(tx, ROUNDS);
  const [last] = runs;
  const quietSeconds = last === undefined ? null : (clock() - last.at.getTime()) / 1000;
  const failures = last?.findings['failures'] ?? 0;
  const why = [
    ...(quietSeconds === null ? ['it has not run yet'] : []),
    ...((quietSeconds ?? 0) > LATE_ROUND_SECONDS ? ['it has not run for a while'] : []),
    ...(failures > 0 ? [`${failures} things could not be healed in its last round`] : []),
  ];
  const data = {
    url: gateway.engine.url({ scheduleId: 'reconcile' }),
    runs: runs.map(({ at, full, findings }) => ({ at: at.toISOString(), full, findings })),
  };
  return { data, why };
}

async function askRelay(tx: Sql): Promise<Finding<DataOf<'relay'>>> {
  const { rows, oldestSeconds } = await measureRelay(tx);
  const debts = await listRelayDebts(tx, SAMPLE);
  const why = [
    ...(oldestSeconds > OLD_DEBT_SECONDS ? ['the oldest debt waits for more than a minute'] : []),
    ...(debts.length > 0 ? ['Temporal has not taken some of them'] : []),
  ];
  const sample = debts.map(({ nextAttemptAt, ...debt }) => ({
    ...{ ...debt, nextAttemptAt: nextAttemptAt.toISOString() },
  }));
  return { data: { count: rows, oldestSeconds, sample }, why };
}

async function askLateTimers(
  { clock, gateway }: ApiDeps,
  tx: Sql,
): Promise<Finding<DataOf<'lateTimers'>>> {
  const { count, sample } = await listLateTimers(tx, LATE_TIMER_SECONDS, SAMPLE);
  const why = count > 0 ? [`${count} tickets should have acted by now`] : [];
  const wire = sample.map(({ ticketId, nextWakeAt, reason }) => ({
    ...{ ticketId, reason, nextWakeAt: nextWakeAt.toISOString() },
    lateSeconds: (clock() - nextWakeAt.getTime()) / 1000,
    workflow: { id: ticketWorkflowId(ticketId), url: gateway.workflowUrl(ticketId) },
  }));
  return { data: { count, sample: wire }, why };
}

type Deliveries = DataOf<'deliveries'>;

async function askDeliveries({ gateway }: ApiDeps, tx: Sql): Promise<Finding<Deliveries>> {
  const stuck = await listStuckDeliveries(tx, LATE_DELIVERY_SECONDS, SAMPLE);
  const failedLastDay = await countFailedDeliveries(tx);
  const why = [
    ...(stuck.length > 0 ? ['some have not left although it is time'] : []),
    ...(failedLastDay > 0 ? [`${failedLastDay} were given up in the last day`] : []),
  ];
  const sample = stuck.map((one) => {
    const { seq: _seq, action: _action, since, ...rest } = one;
    const id = workflowOf(one);
    const workflow = { id, url: gateway.engine.url({ workflowId: id }) };
    return { ...rest, since: since.toISOString(), nextAttemptAt: null, workflow };
  });
  return { data: { failedLastDay, sample }, why };
}

function workflowOf({ messageId, ticketId, seq, action }: StuckDelivery): string {
  if (messageId !== null) return deliverWorkflowId(messageId);
  return noticeWorkflowId({ ticketId, seq: seq ?? 0, action: action ?? 0 });
}

/** When each tries again is known to its workflow alone; without Temporal the rest is still worth showing. */
async function withNextAttempts(
  { gateway }: ApiDeps,
  deliveries: Part<Deliveries>,
): Promise<Part<Deliveries>> {
  const { data } = deliveries;
  if (data === null || data.sample.length === 0) return deliveries;
  const ids = data.sample.map(({ workflow }) => workflow.id);
  const timers = await gateway.engine
    .nextTimers(ids, WITHIN_MS)
    .catch(() => new Map<string, Date>());
  const sample = data.sample.map((one) => ({
    ...{ ...one, nextAttemptAt: timers.get(one.workflow.id)?.toISOString() ?? null },
  }));
  return { ...deliveries, data: { ...data, sample } };
}

async function askMailboxes({ gateway }: ApiDeps, tx: Sql): Promise<Finding<DataOf<'mailboxes'>>> {
  const channels = (await listChannels(tx)).filter(({ kind }) => kind === 'email');
  const data = channels.map(({ id, name, address, enabled, settings, health }) => {
    const { ok, at, text } = health as { ok?: boolean; at?: string; text?: string };
    const workflowId = mailboxWorkflowId(id);
    const reads = settings.imap !== undefined;
    return {
      ...{ channelId: id, name, address, enabled, ok: ok ?? null, at: at ?? null },
      text: text ?? null,
      workflow: reads ? { id: workflowId, url: gateway.engine.url({ workflowId }) } : null,
    };
  });
  const bad = data.filter(({ enabled, ok }) => enabled && ok === false);
  return { data, why: bad.map(({ name }) => `"${name}" cannot be read`) };
}

async function askQuarantine(tx: Sql): Promise<Finding<DataOf<'quarantine'>>> {
  const { lastDay, lastMonth, oldestAt } = await measureQuarantine(tx);
  const why = lastDay > 0 ? [`${lastDay} mails of the last day wait for a person`] : [];
  return { data: { lastDay, lastMonth, oldestAt: oldestAt?.toISOString() ?? null }, why };
}

async function askJobs({ gateway }: ApiDeps, tx: Sql): Promise<Finding<DataOf<'jobs'>>> {
  const jobs = await listTroubledJobs(tx, SILENT_JOB_SECONDS, SAMPLE);
  const data = jobs.map(({ createdAt, updatedAt, ...job }) => {
    const workflowId =
      job.kind === 'bulk' ? bulkWorkflowId(job.id) : rolloutWorkflowId(job.subjectId ?? '');
    return {
      ...{ ...job, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() },
      workflow: { id: workflowId, url: gateway.engine.url({ workflowId }) },
    };
  });
  return { data, why: jobs.length > 0 ? [`${jobs.length} of the last week`] : [] };
}
