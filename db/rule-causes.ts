// The saves that tickets followed: versions of policies and calendars with who made them and why, and policies that are gone.
import { json } from './sql.ts';
import type { Sql } from './sql.ts';

/** A thing in one version. */
export interface VersionKey {
  id: string;
  version: number;
}

/** A save as its cause is told; `revision` is null in versions of before it was kept. */
export interface SaveRow extends VersionKey {
  name: string;
  revision: number | null;
  savedAt: Date;
  savedBy: { id: string; name: string } | null;
  reason: string | null;
}

/** Versions of policies, removed ones too. */
export async function listPolicySaves(sql: Sql, keys: readonly VersionKey[]): Promise<SaveRow[]> {
  return await sql<SaveRow[]>`
    select v.policy_id as id, v.version, v.name, v.revision, v.saved_at as "savedAt", v.reason,
      case when u.id is not null then jsonb_build_object('id', u.id, 'name', u.name) end as "savedBy"
    from jsonb_to_recordset(${json(sql, keys)}::jsonb) as wanted(id uuid, version integer)
    join sla_policy_versions v on v.policy_id = wanted.id and v.version = wanted.version
    left join users u on u.id = v.saved_by`;
}

/** Versions of calendars, removed ones too. */
export async function listCalendarSaves(sql: Sql, keys: readonly VersionKey[]): Promise<SaveRow[]> {
  return await sql<SaveRow[]>`
    select v.calendar_id as id, v.version, v.name, v.revision, v.saved_at as "savedAt", v.reason,
      case when u.id is not null then jsonb_build_object('id', u.id, 'name', u.name) end as "savedBy"
    from jsonb_to_recordset(${json(sql, keys)}::jsonb) as wanted(id uuid, version integer)
    join calendar_versions v on v.calendar_id = wanted.id and v.version = wanted.version
    left join users u on u.id = v.saved_by`;
}

/** Which of some policies have been removed, when and by whom; `name` is that of the last version. */
export async function listRemovedPolicies(
  sql: Sql,
  ids: readonly string[],
): Promise<Pick<SaveRow, 'id' | 'version' | 'name' | 'savedAt' | 'savedBy'>[]> {
  return await sql<Pick<SaveRow, 'id' | 'version' | 'name' | 'savedAt' | 'savedBy'>[]>`
    select p.id, p.version, v.name, p.deleted_at as "savedAt",
      (select jsonb_build_object('id', u.id, 'name', u.name) from audit_log a join users u on u.id::text = a.actor ->> 'userId'
        where a.subject_kind = 'slaPolicy' and a.subject_id = p.id::text and a.action = 'removed'
        order by a.id desc limit 1) as "savedBy"
    from sla_policies p join sla_policy_versions v on v.policy_id = p.id and v.version = p.version
    where p.id = any(${[...ids]}::uuid[]) and p.deleted_at is not null`;
}
