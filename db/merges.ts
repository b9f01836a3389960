// Merges as rows: who went into whom, how far it is, and the one live merge a loser may have.
import type { Sql } from './sql.ts';

/** A merge as stored. */
export interface MergeRow {
  id: string;
  loserId: number;
  survivorId: number;
  state: 'running' | 'merged' | 'released' | 'undoing' | 'undone';
  reason: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

/** Claims the loser for one merge; false when another merge of it is live. */
export async function insertTicketMerge(
  sql: Sql,
  merge: { id: string; loserId: number; survivorId: number; askedBy: string | null },
): Promise<boolean> {
  const rows = await sql`
    insert into ticket_merges (id, loser_id, survivor_id, state, asked_by)
    values (${merge.id}, ${merge.loserId}, ${merge.survivorId}, 'running', ${merge.askedBy})
    on conflict do nothing
    returning id`;
  return rows.length > 0;
}

/** Records how a merge stands. */
export async function finishTicketMerge(
  sql: Sql,
  merge: { mergeId: string; state: MergeRow['state']; reason: string | null },
): Promise<void> {
  await sql`
    update ticket_merges set state = ${merge.state}, reason = ${merge.reason},
      finished_at = case when ${merge.state} = 'undoing' then finished_at else now() end
    where id = ${merge.mergeId}`;
}

/** One merge, or undefined. */
export async function findTicketMerge(sql: Sql, id: string): Promise<MergeRow | undefined> {
  const [row] = await sql<MergeRow[]>`
    select id, loser_id as "loserId", survivor_id as "survivorId", state, reason,
      created_at as "createdAt", finished_at as "finishedAt"
    from ticket_merges where id = ${id}`;
  return row;
}

/** Merges that have been under way for longer than olderThanMs: their coordinator may be lost. */
export async function listStuckMerges(
  sql: Sql,
  olderThanMs: number,
): Promise<(MergeRow & { askedBy: string | null })[]> {
  return await sql<(MergeRow & { askedBy: string | null })[]>`
    select id, loser_id as "loserId", survivor_id as "survivorId", state, reason,
      created_at as "createdAt", finished_at as "finishedAt", asked_by as "askedBy"
    from ticket_merges
    where state in ('running', 'undoing') and created_at < now() - make_interval(secs => ${olderThanMs / 1000})
    order by created_at limit 100`;
}
