// Bulk changes: a job, the tickets it is to change, and what became of each. Its counts are counts of those rows.
import type { TicketCommand } from '#domain/ticket-types.ts';
import type { Viewer } from '#domain/permissions.ts';
import { visibleTickets } from './access.ts';
import { json, planForValues } from './sql.ts';
import type { Sql } from './sql.ts';
import { whereTickets } from './tickets.ts';
import type { TicketFilter } from './tickets.ts';

/** A job with its counts. */
export interface BulkJobRow {
  id: string;
  askedBy: string | null;
  command: TicketCommand;
  state: 'running' | 'cancelling' | 'finished' | 'cancelled';
  total: number;
  done: number;
  failed: number;
  createdAt: Date;
  finishedAt: Date | null;
}

/** Why one ticket was not changed. */
export interface BulkFailure {
  ticketId: number;
  code: string;
  detail: string;
}

/** Stores a job without tickets and what Temporal is owed for it; false when this id was stored before. */
export async function insertBulkJob(
  sql: Sql,
  job: { id: string; askedBy: string; command: TicketCommand },
): Promise<boolean> {
  const rows = await sql`
    with stored as (
      insert into bulk_jobs (id, asked_by, command, total)
      values (${job.id}, ${job.askedBy}, ${json(sql, job.command)}, 0)
      on conflict (id) do nothing returning id
    ), owed as (
      insert into relay_outbox (kind, payload) select 'bulkJob', jsonb_build_object('jobId', id) from stored returning id
    )
    select pg_notify('relay', id::text) from owed`;
  return rows.length > 0;
}

/** Gives a job its tickets by id; those that do not exist for the viewer have failed already. Answers how many there are. */
export async function insertBulkTicketIds(
  sql: Sql,
  viewer: Viewer,
  jobId: string,
  ids: readonly number[],
): Promise<number> {
  const rows = await sql`
    with asked as (
      select distinct on (id) id, position::integer
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted(id, position) order by id, position
    ), stored as (
      insert into bulk_job_tickets (job_id, ticket_id, position, outcome, code, detail)
      select ${jobId}, asked.id, asked.position,
        case when t.id is null then 'failed' end, case when t.id is null then 'notFound' end,
        case when t.id is null then 'There is no such ticket.' end
      from asked left join tickets t on t.id = asked.id ${visibleTickets(sql, viewer)}
      returning ticket_id
    ), counted as (
      update bulk_jobs set total = (select count(*) from stored) where id = ${jobId}
    )
    select ticket_id from stored`;
  return rows.length;
}

/** Gives a job the tickets a filter finds now, at most limit of them, lowest id first. Answers how many there are. */
export async function insertBulkTicketsByFilter(
  sql: Sql,
  jobId: string,
  filter: TicketFilter,
  limit: number,
): Promise<number> {
  await planForValues(sql);
  const [row] = await sql<{ count: number }[]>`
    with found as (
      select t.id from tickets t where t.merged_into_id is null ${whereTickets(sql, filter)} order by t.id limit ${limit}
    ), stored as (
      insert into bulk_job_tickets (job_id, ticket_id, position)
      select ${jobId}, id, row_number() over (order by id) from found
      returning ticket_id
    ), counted as (
      update bulk_jobs set total = (select count(*) from stored) where id = ${jobId}
    )
    select count(*)::integer as count from stored`;
  return row?.count ?? 0;
}

/** One job with its counts, or undefined. */
export async function findBulkJob(sql: Sql, id: string): Promise<BulkJobRow | undefined> {
  const [row] = await sql<BulkJobRow[]>`
    select j.id, j.asked_by as "askedBy", j.command, j.state, j.total, c.done, c.failed,
      j.created_at as "createdAt", j.finished_at as "finishedAt"
    from bulk_jobs j cross join lateral (
      select count(*) filter (where outcome = 'done')::integer as done,
        count(*) filter (where outcome = 'failed')::integer as failed
      from bulk_job_tickets where job_id = j.id) c
    where j.id = ${id}`;
  return row;
}

/** The tickets a job could not change, in the order they were asked for. */
export async function listBulkFailures(
  sql: Sql,
  jobId: string,
  limit: number,
): Promise<BulkFailure[]> {
  return await sql<BulkFailure[]>`
    select ticket_id as "ticketId", code, detail from bulk_job_tickets
    where job_id = ${jobId} and outcome = 'failed' order by position limit ${limit}`;
}

/** The next tickets of a job without an outcome; those that did not answer before come last. */
export async function listBulkPending(
  sql: Sql,
  jobId: string,
  limit: number,
): Promise<{ ticketId: number; attempts: number }[]> {
  return await sql<{ ticketId: number; attempts: number }[]>`
    select ticket_id as "ticketId", attempts from bulk_job_tickets
    where job_id = ${jobId} and outcome is null order by attempts, position limit ${limit}`;
}

/** Notes what became of one ticket, once. Answers the job's state: 'cancelling' asks the caller to stop. */
export async function finishBulkTicket(
  sql: Sql,
  result: {
    jobId: string;
    ticketId: number;
    outcome: 'done' | 'failed';
    code: string | null;
    detail: string | null;
  },
): Promise<BulkJobRow['state'] | undefined> {
  const [row] = await sql<{ state: BulkJobRow['state'] }[]>`
    with noted as (
      update bulk_job_tickets set outcome = ${result.outcome}, code = ${result.code}, detail = ${result.detail}
      where job_id = ${result.jobId} and ticket_id = ${result.ticketId} and outcome is null
    )
    select state from bulk_jobs where id = ${result.jobId}`;
  return row?.state;
}

/** Notes that a ticket gave no answer this time. */
export async function postponeBulkTicket(sql: Sql, jobId: string, ticketId: number): Promise<void> {
  await sql`
    update bulk_job_tickets set attempts = attempts + 1
    where job_id = ${jobId} and ticket_id = ${ticketId} and outcome is null`;
}

/** Notes that a job is being worked on, and tells whoever listens for its progress. */
export async function touchBulkJob(sql: Sql, id: string): Promise<void> {
  await sql`
    with touched as (
      update bulk_jobs set updated_at = now() where id = ${id} and state in ('running', 'cancelling') returning id)
    select pg_notify('bulk_progress', id::text) from touched`;
}

/** Asks a running job to stop; one that has ended stays as it is. */
export async function cancelBulkJob(sql: Sql, id: string): Promise<void> {
  await sql`update bulk_jobs set state = 'cancelling' where id = ${id} and state = 'running'`;
}

/** Ends a job, and tells whoever listens. A job with nothing left has finished, whoever asked it to stop. */
export async function finishBulkJob(sql: Sql, id: string, cancelled: boolean): Promise<void> {
  await sql`
    with ended as (
      update bulk_jobs set finished_at = now(), updated_at = now(),
        state = case when ${cancelled} and exists (
          select 1 from bulk_job_tickets where job_id = ${id} and outcome is null) then 'cancelled' else 'finished' end
      where id = ${id} and state in ('running', 'cancelling') returning id)
    select pg_notify('bulk_progress', id::text) from ended`;
}

/** Jobs that nobody has worked on for a while and that nobody owes Temporal. */
export async function listStuckBulkJobs(sql: Sql, olderSeconds: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select j.id from bulk_jobs j
    where j.state in ('running', 'cancelling') and j.updated_at < now() - make_interval(secs => ${olderSeconds})
      and not exists (select 1 from relay_outbox o where o.kind = 'bulkJob' and o.payload->>'jobId' = j.id::text)
    order by j.updated_at limit 100`;
  return rows.map((row) => row.id);
}
