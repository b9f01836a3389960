// The audit log: who changed what an admin may change. Its rows are written by triggers (migration 0005); here an actor is named for
// them, and they are read.
import type { SqlPool, Sql } from './sql.ts';
import { json } from './sql.ts';

/** Who acts, in which request, from where; the system is a script of the operator's. */
export type AuditActor =
  | { type: 'user'; userId: string; requestId: string | null; address: string | null }
  | { type: 'system' };

/**
 * Runs changes as one transaction in an actor's name. What they are given begins savepoints where it would begin transactions, so
 * functions that want a pool can be used as they are.
 */
export async function inNameOf<T>(
  sql: SqlPool,
  actor: AuditActor,
  change: (sql: SqlPool) => Promise<T>,
): Promise<T> {
  return (await sql.begin(async (tx) => {
    await tx`select set_config('holdfast.actor', ${JSON.stringify(actor)}, true)`;
    const nested = Object.assign(tx, { begin: tx.savepoint.bind(tx) });
    return await change(nested as unknown as SqlPool);
  })) as T;
}

/** One change. */
export interface AuditRow {
  id: number;
  at: Date;
  actor: { type: string; userId?: string; requestId?: string | null; address?: string | null };
  actorName: string | null;
  subjectKind: string;
  subjectId: string;
  action: 'created' | 'changed' | 'removed';
  before: unknown;
  after: unknown;
}

/** How what the log speaks of is called now, by id: people, teams and whatever else an admin names. */
export async function listNames(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql<{ id: string; name: string }[]>`
    with wanted as materialized (select unnest(${[...ids]}::uuid[]) as id)
    select id, name from users join wanted using (id)
    union all select id, name from teams join wanted using (id)
    union all select id, v.name from sla_policies p join wanted using (id)
      join sla_policy_versions v on v.policy_id = p.id and v.version = p.version
    union all select id, name from calendars join wanted using (id)
    union all select id, name from routing_rules join wanted using (id)
    union all select id, name from pipelines join wanted using (id)
    union all select id, name from channels join wanted using (id)
    union all select id, name from companies join wanted using (id)
    union all select id, name from api_keys join wanted using (id)`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** One page of changes, newest first; every filter may be null. */
export async function listAudit(
  sql: Sql,
  filter: {
    subjectKind: string | null;
    subjectId: string | null;
    userId: string | null;
    beforeId: number | null;
    limit: number;
  },
): Promise<AuditRow[]> {
  const actor = filter.userId === null ? null : { userId: filter.userId };
  return await sql<AuditRow[]>`
    select a.id, a.at, a.actor, u.name as "actorName", a.subject_kind as "subjectKind", a.subject_id as "subjectId",
      a.action, a.before, a.after
    from audit_log a left join users u on u.id::text = a.actor ->> 'userId'
    where (${filter.subjectKind}::text is null or a.subject_kind = ${filter.subjectKind})
      and (${filter.subjectId}::text is null or a.subject_id = ${filter.subjectId})
      and (${actor === null} or a.actor @> ${json(sql, actor ?? {})}::jsonb)
      and (${filter.beforeId}::bigint is null or a.id < ${filter.beforeId}::bigint)
    order by a.id desc limit ${filter.limit}`;
}
