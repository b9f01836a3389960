// Spam whose time is over goes for good, with everything that hangs on it. What stays is that its mails were seen, without sender
// and text, so that a mailbox that is read again does not bring them back.
import type { SqlPool } from './sql.ts';

/** Spam tickets that have ended by themselves: their newest event says so, which an "is no spam" would have followed. */
export async function listExpiredSpam(sql: SqlPool, limit: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select t.id from tickets t
    join ticket_events e on e.ticket_id = t.id and e.seq = t.version and e.type = 'spamExpired'
    where t.spam and t.ended order by t.updated_at limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Deletes one of them with the tickets merged into it; false when it is no longer to be deleted. */
export async function deleteExpiredSpam(sql: SqlPool, ticketId: number): Promise<boolean> {
  return await sql.begin(async (tx) => {
    const [locked] = await tx<{ id: number }[]>`
      select t.id from tickets t
      join ticket_events e on e.ticket_id = t.id and e.seq = t.version and e.type = 'spamExpired'
      where t.id = ${ticketId} and t.spam and t.ended for update of t`;
    if (locked === undefined) return false;
    const family = await tx<{ id: number }[]>`
      with recursive family as (
        select id from tickets where id = ${ticketId}
        union select t.id from tickets t join family on t.merged_into_id = family.id)
      select id from family`;
    const ids = family.map(({ id }) => id);
    const of = tx`any(${ids}::bigint[])`;
    await tx`
      update inbound_messages set ticket_id = null, message_id = null, sender = null, source = '', source_bytes = 0,
        outcome = 'ignored', reason = 'spamDeleted'
      where ticket_id = ${of} or message_id in (select id from messages where ticket_id = ${of})`;
    await tx`delete from attachments where message_id in (select id from messages where ticket_id = ${of})`;
    await tx`delete from messages where ticket_id = ${of}`;
    await tx`delete from ticket_events where ticket_id = ${of}`;
    await tx`delete from ticket_snapshots where ticket_id = ${of}`;
    await tx`delete from ticket_edits where ticket_id = ${of}`;
    await tx`delete from ticket_assignments where ticket_id = ${of}`;
    await tx`delete from notifications where ticket_id = ${of}`;
    await tx`delete from composer_drafts where ticket_id = ${of}`;
    await tx`update idempotency_keys set ticket_id = null where ticket_id = ${of}`;
    await tx`delete from step_notices where ticket_id = ${of}`;
    await tx`delete from rollout_tickets where ticket_id = ${of}`;
    await tx`delete from relay_outbox where ticket_id = ${of}`;
    await tx`delete from ticket_merges where loser_id = ${of} or survivor_id = ${of}`;
    await tx`update tickets set follow_up_of_id = null where follow_up_of_id = ${of}`;
    await tx`update tickets set split_from_id = null where split_from_id = ${of}`;
    await tx`delete from tickets where id = ${of}`;
    return true;
  });
}
