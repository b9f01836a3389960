// Idempotency keys: which request claimed a key, what it made and what it was answered. What a request makes is noted in the transaction
// that makes it, so that a process that dies before its answer leaves nothing to be made twice.
import { json, planned } from './sql.ts';
import type { Sql } from './sql.ts';

/** Whose key. */
export interface KeyOfCaller {
  userId: string;
  key: string;
}

/** An answer given before under this key, or the claim on it: first caller gets 'claimed', and so does a repetition when the first died. */
export async function claimIdempotencyKey(
  sql: Sql,
  claim: KeyOfCaller & { requestHash: string },
): Promise<'claimed' | { requestHash: string; status: number | null; response: unknown }> {
  const inserted = await planned(sql)`
    insert into idempotency_keys (user_id, key, request_hash)
    values (${claim.userId}, ${claim.key}, ${claim.requestHash})
    on conflict (user_id, key) do update set claimed_at = now()
      where idempotency_keys.status is null and idempotency_keys.claimed_at < now() - interval '30 seconds'
        and idempotency_keys.request_hash = excluded.request_hash
    returning key`;
  if (inserted.length > 0) return 'claimed';
  const [row] = await planned(sql)<
    { requestHash: string; status: number | null; response: unknown }[]
  >`
    select request_hash as "requestHash", status, response from idempotency_keys
    where user_id = ${claim.userId} and key = ${claim.key}`;
  return row ?? 'claimed';
}

/** Keeps the answer of a key; false when another request under the key was answered meanwhile, whose work is not to be done again. */
export async function keepIdempotentAnswer(
  sql: Sql,
  done: KeyOfCaller & { status: number; response: unknown },
): Promise<boolean> {
  const rows = await planned(sql)`
    update idempotency_keys set status = ${done.status}, response = ${json(sql, done.response)}
    where user_id = ${done.userId} and key = ${done.key} and status is null returning key`;
  return rows.length > 0;
}

/** Notes, in its transaction, the ticket a request has made; false when an earlier attempt made one, so that this one is to be undone. */
export async function keepIdempotentTicket(
  sql: Sql,
  made: KeyOfCaller & { ticketId: number },
): Promise<boolean> {
  const rows = await planned(sql)`
    update idempotency_keys set ticket_id = ${made.ticketId}
    where user_id = ${made.userId} and key = ${made.key} and ticket_id is null returning key`;
  return rows.length > 0;
}

/** The ticket that an attempt under this key has made, or null. */
export async function findIdempotentTicket(sql: Sql, of: KeyOfCaller): Promise<number | null> {
  const [row] = await planned(sql)<{ ticketId: number | null }[]>`
    select ticket_id as "ticketId" from idempotency_keys where user_id = ${of.userId} and key = ${of.key}`;
  return row?.ticketId ?? null;
}

/** Frees a key whose request failed. One that has made a ticket all the same stays bound to its request, to be claimed again at once. */
export async function freeIdempotencyKey(sql: Sql, of: KeyOfCaller): Promise<void> {
  await planned(sql)`
    with bound as (
      update idempotency_keys set claimed_at = '-infinity'
      where user_id = ${of.userId} and key = ${of.key} and status is null and ticket_id is not null)
    delete from idempotency_keys
    where user_id = ${of.userId} and key = ${of.key} and status is null and ticket_id is null`;
}

/** Forgets answers that are too old to be asked for again; bounded, so that a round of the reconciler stays short. */
export async function deleteOldIdempotencyKeys(sql: Sql, olderHours: number): Promise<number> {
  const rows = await sql`
    delete from idempotency_keys where (user_id, key) in (
      select user_id, key from idempotency_keys
      where created_at < now() - make_interval(hours => ${olderHours}) order by created_at limit 10000)
    returning key`;
  return rows.length;
}
