// The outbox of what Postgres owes Temporal. A row lives from the transaction that made it true until Temporal has taken it.
import type { Sql, SqlPool } from './sql.ts';
import { json } from './sql.ts';

/** One debt. */
export interface RelayRow {
  id: number;
  kind:
    | 'ticketBorn'
    | 'ticketSignal'
    | 'assignQueue'
    | 'bulkJob'
    | 'rollout'
    | 'simulation'
    | 'availability'
    | 'accountMail'
    | 'noticeMail';
  ticketId: number | null;
  teamId: string | null;
  payload: Record<string, unknown>;
  attempts: number;
}

/**
 * Leases due rows for leaseSeconds, oldest first: another relay skips them meanwhile, and takes them over if this one dies.
 * Within one ticket the order of rows is kept by the caller, which sends a ticket's rows one after another.
 */
export async function leaseRelayRows(
  sql: Sql,
  limit: number,
  leaseSeconds: number,
): Promise<RelayRow[]> {
  const rows = await sql<RelayRow[]>`
    update relay_outbox set attempts = attempts + 1,
      next_attempt_at = now() + make_interval(secs => ${leaseSeconds})
    where id in (
      select id from relay_outbox where next_attempt_at <= now()
      order by next_attempt_at, id limit ${limit} for update skip locked)
    returning id, kind, ticket_id as "ticketId", team_id as "teamId", payload, attempts`;
  return rows.toSorted((one, other) => one.id - other.id);
}

/** Forgets rows that Temporal has taken. */
export async function deleteRelayRows(sql: Sql, ids: readonly number[]): Promise<void> {
  await sql`delete from relay_outbox where id = any(${[...ids]}::bigint[])`;
}

const FORGET_AFTER_MS = 100;
const births = new WeakMap<SqlPool, number[]>();

/**
 * Forgets soon, many at once, the birth of a ticket whose workflow was started by the one who stored it. Nobody needs to wait: a
 * debt that outlives a crash is paid by the relay, whose second start of a workflow does nothing.
 */
export function forgetRelayBirth(sql: SqlPool, ticketId: number): void {
  const waiting = births.get(sql);
  if (waiting !== undefined) {
    waiting.push(ticketId);
    return;
  }
  const ids = [ticketId];
  births.set(sql, ids);
  setTimeout(() => {
    births.delete(sql);
    deleteRelayBirths(sql, ids).catch(() => undefined);
  }, FORGET_AFTER_MS).unref();
}

async function deleteRelayBirths(sql: Sql, ticketIds: readonly number[]): Promise<void> {
  await sql`
    delete from relay_outbox where kind = 'ticketBorn' and ticket_id = any(${[...ticketIds]}::bigint[])`;
}

/** Gives a row back for a later attempt. */
export async function postponeRelayRow(
  sql: Sql,
  row: { id: number; seconds: number; error: string },
): Promise<void> {
  await sql`
    update relay_outbox set next_attempt_at = now() + make_interval(secs => ${row.seconds}), last_error = ${row.error}
    where id = ${row.id}`;
}

/** How many debts there are and how old the oldest is, for operators. */
export async function measureRelay(sql: Sql): Promise<{ rows: number; oldestSeconds: number }> {
  const [row] = await sql<{ rows: number; oldestSeconds: number }[]>`
    select count(*)::integer as rows,
      coalesce(extract(epoch from now() - min(created_at)), 0)::float as "oldestSeconds"
    from relay_outbox`;
  return row ?? { rows: 0, oldestSeconds: 0 };
}

/** Puts a fact for a ticket into the outbox. */
export async function insertTicketSignal(
  sql: Sql,
  ticketId: number,
  payload: unknown,
): Promise<void> {
  await sql`
    with owed as (
      insert into relay_outbox (kind, ticket_id, payload)
      values ('ticketSignal', ${ticketId}, ${json(sql, payload)}) returning id)
    select pg_notify('relay', id::text) from owed`;
}

const ringing = new WeakMap<SqlPool, { again: boolean }>();

/**
 * Wakes the relays soon, once for many calls. For writers that commit often: a NOTIFY inside their transactions would make
 * Postgres commit them one after another. A lost call costs two seconds at most, since the relays also poll.
 */
export function ringRelay(sql: SqlPool): void {
  const running = ringing.get(sql);
  if (running !== undefined) {
    running.again = true;
    return;
  }
  const ring = { again: false };
  ringing.set(sql, ring);
  sql`select pg_notify('relay', '')`
    .catch(() => undefined)
    .finally(() => {
      ringing.delete(sql);
      if (ring.again) ringRelay(sql);
    });
}
