// What the reconciler looks for: rows that show that a workflow, a signal or a timer went missing.
import type { Sql } from './sql.ts';

/** Tickets late to their own next wake. */
export async function listLateTickets(
  sql: Sql,
  lateSeconds: number,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from tickets
    where not ended and next_wake_at < now() - make_interval(secs => ${lateSeconds})
    order by next_wake_at limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Tickets whose workflow has never written them and whom no outbox row will start. */
export async function listUnbornTickets(
  sql: Sql,
  olderSeconds: number,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select t.id from tickets t
    where t.version = 0 and t.created_at < now() - make_interval(secs => ${olderSeconds})
      and not exists (select 1 from relay_outbox o where o.ticket_id = t.id)
    order by t.id limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Stored messages of born tickets that the workflow has not heard of and that nobody owes it. */
export async function listUnheardStoredMessages(
  sql: Sql,
  olderSeconds: number,
  limit: number,
): Promise<{ messageId: string; ticketId: number; automatic: boolean; createdAt: Date }[]> {
  return await sql<{ messageId: string; ticketId: number; automatic: boolean; createdAt: Date }[]>`
    select m.id as "messageId", m.ticket_id as "ticketId", m.automatic, m.created_at as "createdAt"
    from messages m join tickets t on t.id = m.ticket_id
    where m.kind = 'inbound' and m.state = 'received' and t.version > 0
      and m.created_at < now() - make_interval(secs => ${olderSeconds})
      and not exists (select 1 from relay_outbox o where o.ticket_id = m.ticket_id)
    order by m.created_at limit ${limit}`;
}

/** Messages that should have left by now, and those that some of their recipients are still owed. */
export async function listOverdueSends(
  sql: Sql,
  lateSeconds: number,
  limit: number,
): Promise<{ messageId: string; ticketId: number }[]> {
  return await sql<{ messageId: string; ticketId: number }[]>`
    (select m.id as "messageId", m.ticket_id as "ticketId" from messages m
      where m.state in ('queued', 'sending')
        and coalesce(m.send_at, m.created_at) < now() - make_interval(secs => ${lateSeconds})
      order by m.created_at limit ${limit})
    union all
    (select m.id, m.ticket_id from messages m
      where cardinality(m.delayed_to) > 0 and m.state = 'sent'
        and m.sent_at < now() - make_interval(secs => ${lateSeconds})
      order by m.created_at limit ${limit})`;
}

/** Tickets that have not ended, page by page in id order: for a check or a rebuild of every workflow. */
export async function listLivingTickets(
  sql: Sql,
  afterId: number,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from tickets where not ended and id > ${afterId} order by id limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Where the last round's look through the living tickets ended. */
export async function findReconcileCursor(sql: Sql): Promise<number> {
  const [row] = await sql<{ cursor: number }[]>`
    select coalesce((findings->>'cursor')::bigint, 0) as cursor from reconcile_runs
    where not full_round order by id desc limit 1`;
  return row?.cursor ?? 0;
}

/** Rollouts under way of which nothing was heard, and which no outbox row will start. */
export async function listStuckRollouts(
  sql: Sql,
  olderSeconds: number,
): Promise<{ subjectKind: 'slaPolicy' | 'calendar'; subjectId: string }[]> {
  return await sql<{ subjectKind: 'slaPolicy' | 'calendar'; subjectId: string }[]>`
    select r.subject_kind as "subjectKind", r.subject_id as "subjectId" from rollouts r
    where r.state in ('planning', 'running') and r.updated_at < now() - make_interval(secs => ${olderSeconds})
      and not exists (select 1 from relay_outbox o
        where o.kind = 'rollout' and o.payload->>'subjectId' = r.subject_id::text)
    order by r.updated_at limit 100`;
}

/** Simulations under way of which nothing was heard, and which no outbox row will start. */
export async function listStuckSimulations(sql: Sql, olderSeconds: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select s.id from simulations s
    where s.state = 'running' and s.updated_at < now() - make_interval(secs => ${olderSeconds})
      and not exists (select 1 from relay_outbox o
        where o.kind = 'simulation' and o.payload->>'simulationId' = s.id::text)
    order by s.updated_at limit 100`;
  return rows.map((row) => row.id);
}

/**
 * Forgets drafts that were never accepted, whose author got no 2xx, with their files. The bytes stay in the store: equal files are kept
 * once, and another row may point at them. Bounded, so that a round stays short.
 */
export async function deleteOldDrafts(sql: Sql, olderHours: number): Promise<number> {
  const rows = await sql`
    with old as (
      select id from messages
      where state = 'draft' and created_at < now() - make_interval(hours => ${olderHours})
      order by created_at limit 1000 for update skip locked
    ), files as (delete from attachments a using old where a.message_id = old.id)
    delete from messages m using old where m.id = old.id returning m.id`;
  return rows.length;
}

/** Forgets uploads that no message has taken and no draft keeps; their bytes stay, as those of drafts do. */
export async function deleteOldUploads(sql: Sql, olderHours: number): Promise<number> {
  const rows = await sql`
    delete from attachments where id in (
      select id from attachments
      where message_id is null and created_at < now() - make_interval(hours => ${olderHours})
        and not exists (select 1 from composer_drafts d where d.attachment_ids @> array[attachments.id])
      order by created_at limit 1000 for update skip locked)
    returning id`;
  return rows.length;
}

/** Records what a round of the reconciler found; the newest is the desk's health figure. */
export async function insertReconcileRun(
  sql: Sql,
  full: boolean,
  findings: unknown,
): Promise<void> {
  await sql`
    insert into reconcile_runs (full_round, findings) values (${full}, ${JSON.stringify(findings)}::text::jsonb)`;
}
