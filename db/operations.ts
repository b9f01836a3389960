// What operators look at in Postgres: what is late, stuck, owed or failed. Small samples and bounded counts, each served by an index.
import type { Sql } from './sql.ts';

/** A ticket whose next wake has passed. */
export interface LateTicket {
  ticketId: number;
  nextWakeAt: Date;
  reason: string | null;
}

/** Beyond this the exact number says nothing more. */
const MAX_COUNTED = 1_000;

/** Tickets that should have acted by now, the latest first; served by tickets_wake. */
export async function listLateTimers(
  sql: Sql,
  lateSeconds: number,
  limit: number,
): Promise<{ count: number; sample: LateTicket[] }> {
  const late = sql`not ended and next_wake_at < now() - make_interval(secs => ${lateSeconds})`;
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from (select 1 from tickets where ${late} limit ${MAX_COUNTED}) found`;
  const sample = await sql<LateTicket[]>`
    select id as "ticketId", next_wake_at as "nextWakeAt", next_wake_reason as reason from tickets
    where ${late} order by next_wake_at limit ${limit}`;
  return { count: row?.count ?? 0, sample: [...sample] };
}

/** A message or a notice that has not left although it is time. */
export interface StuckDelivery {
  kind: 'message' | 'notice';
  ticketId: number;
  messageId: string | null;
  /** Of a notice: the escalation's event and which of its actions. */
  seq: number | null;
  action: number | null;
  state: string;
  attempts: number;
  failure: { code: string; text: string } | null;
  since: Date;
}

/** Deliveries that have failed at least once, or have not begun in time, the oldest first; served by messages_undelivered and step_notices_trying. */
export async function listStuckDeliveries(
  sql: Sql,
  lateSeconds: number,
  limit: number,
): Promise<StuckDelivery[]> {
  const late = sql`now() - make_interval(secs => ${lateSeconds})`;
  return await sql<StuckDelivery[]>`
    (select 'message' as kind, ticket_id as "ticketId", id as "messageId", null::integer as seq, null::integer as action, state,
        attempts, failure, coalesce(send_at, created_at) as since
      from messages
      where state in ('queued', 'sending') and coalesce(send_at, created_at) < now()
        and (failure is not null or coalesce(send_at, created_at) < ${late})
      order by created_at limit ${limit})
    union all
    (select 'message', ticket_id, id, null, null, state, attempts, failure, coalesce(send_at, created_at)
      from messages where cardinality(delayed_to) > 0 and state = 'sent'
      order by created_at limit ${limit})
    union all
    (select 'notice', ticket_id, null, seq, action, state, attempts, failure, created_at
      from step_notices where state = 'trying' and (failure is not null or created_at < ${late})
      order by created_at limit ${limit})
    order by since limit ${limit}`;
}

/** Mails that finally could not be delivered in the last day. */
export async function countFailedDeliveries(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from (
      select 1 from messages where state = 'failed' and created_at > now() - interval '1 day' limit ${MAX_COUNTED}) found`;
  return row?.count ?? 0;
}

/** A round of the reconciler. */
export interface ReconcileRun {
  at: Date;
  full: boolean;
  findings: Record<string, number>;
}

/** The newest rounds. */
export async function listReconcileRuns(sql: Sql, limit: number): Promise<ReconcileRun[]> {
  return await sql<ReconcileRun[]>`
    select at, full_round as full, findings from reconcile_runs order by id desc limit ${limit}`;
}

/** A debt to Temporal that could not be paid at once. */
export interface RelayDebt {
  kind: string;
  ticketId: number | null;
  attempts: number;
  nextAttemptAt: Date;
  lastError: string | null;
}

/** Debts that were tried and refused, the oldest first. */
export async function listRelayDebts(sql: Sql, limit: number): Promise<RelayDebt[]> {
  return await sql<RelayDebt[]>`
    select kind, ticket_id as "ticketId", attempts, next_attempt_at as "nextAttemptAt", last_error as "lastError"
    from relay_outbox where last_error is not null order by id limit ${limit}`;
}

/** Quarantined mail: of the last day, of the last month, and since when the oldest of that waits; served by inbound_messages_outcome. */
export async function measureQuarantine(
  sql: Sql,
): Promise<{ lastDay: number; lastMonth: number; oldestAt: Date | null }> {
  const [row] = await sql<{ lastDay: number; lastMonth: number; oldestAt: Date | null }[]>`
    select count(*) filter (where received_at > now() - interval '1 day')::integer as "lastDay",
      count(*)::integer as "lastMonth", min(received_at) as "oldestAt"
    from inbound_messages where outcome = 'quarantined' and received_at > now() - interval '30 days'`;
  return row ?? { lastDay: 0, lastMonth: 0, oldestAt: null };
}

/** A rollout or bulk change that an operator may have to look at. */
export interface JobRow {
  kind: 'rollout' | 'bulk';
  id: string;
  /** Of a rollout: what was saved. */
  subjectKind: string | null;
  subjectId: string | null;
  state: string;
  total: number;
  failed: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Jobs of the last week that failed for some tickets, are paused, or of which nothing was heard for a while. */
export async function listTroubledJobs(
  sql: Sql,
  silentSeconds: number,
  limit: number,
): Promise<JobRow[]> {
  const silent = sql`now() - make_interval(secs => ${silentSeconds})`;
  return await sql<JobRow[]>`
    (select 'rollout' as kind, r.id, r.subject_kind as "subjectKind", r.subject_id as "subjectId", r.state,
        c.total, c.failed, r.created_at as "createdAt", r.updated_at as "updatedAt"
      from rollouts r cross join lateral (
        select count(*)::integer as total, count(*) filter (where outcome = 'failed')::integer as failed
        from rollout_tickets where rollout_id = r.id) c
      where r.created_at > now() - interval '7 days'
        and (c.failed > 0 or r.state = 'paused' or (r.state in ('planning', 'running') and r.updated_at < ${silent}))
      order by r.created_at desc limit ${limit})
    union all
    (select 'bulk', j.id, null, null, j.state, j.total, c.failed, j.created_at, j.updated_at
      from bulk_jobs j cross join lateral (
        select count(*)::integer as failed from bulk_job_tickets where job_id = j.id and outcome = 'failed') c
      where j.created_at > now() - interval '7 days'
        and (c.failed > 0 or (j.state in ('running', 'cancelling') and j.updated_at < ${silent}))
      order by j.created_at desc limit ${limit})
    order by "createdAt" desc limit ${limit}`;
}

/** What Postgres says of itself. */
export async function measurePostgres(
  sql: Sql,
): Promise<{ version: string; connections: number; maxConnections: number; sizeBytes: number }> {
  const [row] = await sql<
    { version: string; connections: number; maxConnections: number; sizeBytes: number }[]
  >`
    select current_setting('server_version') as version, current_setting('max_connections')::integer as "maxConnections",
      (select count(*)::integer from pg_stat_activity) as connections, pg_database_size(current_database()) as "sizeBytes"`;
  if (row === undefined) throw new Error('Postgres said nothing.');
  return row;
}
