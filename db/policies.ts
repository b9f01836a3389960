// SLA policies and calendars: every save is a new immutable version and counts as a revision of the desk's rules.
import type { CompiledCalendar } from '#domain/business-calendar.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import type { SlaPolicyDefinition } from '#domain/desk.ts';
import { bumpRevision } from './revision.ts';
import { insertRollout } from './rollouts.ts';
import { behind, json } from './sql.ts';
import type { ListPage, Sql, SqlPool } from './sql.ts';

/** A policy in one of its versions. */
export interface PolicyRow {
  id: string;
  version: number;
  position: number;
  definition: SlaPolicyDefinition;
  savedAt: Date;
}

/** Living policies in their newest version, in order, all or one page of them. */
export async function listPolicies(sql: Sql, page?: ListPage): Promise<PolicyRow[]> {
  return await sql<PolicyRow[]>`
    select p.id, p.version, p.position, v.definition, v.saved_at as "savedAt"
    from sla_policies p join sla_policy_versions v on v.policy_id = p.id and v.version = p.version
    where p.deleted_at is null ${behind(sql, 'p.position', page)}
    order by p.position, p.id limit ${page?.limit ?? null}`;
}

/** A version as it was saved: by whom, when and why. */
export interface VersionRow<Definition> {
  version: number;
  name: string;
  definition: Definition;
  reason: string | null;
  savedAt: Date;
  savedById: string | null;
  savedByName: string | null;
  /** Whether it is the one in use. */
  current: boolean;
}

/** Versions of a living policy before one of them (null: from the newest on), newest first. */
export async function listPolicyVersions(
  sql: Sql,
  id: string,
  before: number | null,
  limit: number,
): Promise<VersionRow<SlaPolicyDefinition>[]> {
  return await sql<VersionRow<SlaPolicyDefinition>[]>`
    select v.version, v.name, v.definition, v.reason, v.saved_at as "savedAt", v.saved_by as "savedById",
      u.name as "savedByName", v.version = p.version as current
    from sla_policies p join sla_policy_versions v on v.policy_id = p.id left join users u on u.id = v.saved_by
    where p.id = ${id} and p.deleted_at is null and (${before}::integer is null or v.version < ${before}::integer)
    order by v.version desc limit ${limit}`;
}

/** Versions of a living calendar before one of them (null: from the newest on), newest first. */
export async function listCalendarVersions(
  sql: Sql,
  id: string,
  before: number | null,
  limit: number,
): Promise<VersionRow<CalendarDefinition>[]> {
  return await sql<VersionRow<CalendarDefinition>[]>`
    select v.version, v.name, v.definition, v.reason, v.saved_at as "savedAt", v.saved_by as "savedById",
      u.name as "savedByName", v.version = c.version as current
    from calendars c join calendar_versions v on v.calendar_id = c.id left join users u on u.id = v.saved_by
    where c.id = ${id} and c.deleted_at is null and (${before}::integer is null or v.version < ${before}::integer)
    order by v.version desc limit ${limit}`;
}

/** Saves a policy, new (id null) or as the next version; null when it is gone or `expected` is not its version. */
export async function savePolicy(
  sql: SqlPool,
  save: {
    id: string | null;
    position: number;
    definition: SlaPolicyDefinition;
    savedBy: string;
    expected: number | null;
    reason?: string | null;
  },
): Promise<{ id: string; version: number } | null> {
  return await sql.begin(async (tx) => {
    const [row] =
      save.id === null
        ? await tx<{ id: string; version: number }[]>`
            insert into sla_policies (version, position) values (1, ${save.position}) returning id, version`
        : await tx<{ id: string; version: number }[]>`
            update sla_policies set version = version + 1, position = ${save.position}
            where id = ${save.id} and deleted_at is null
              and (${save.expected}::integer is null or version = ${save.expected}::integer)
            returning id, version`;
    if (row === undefined) return null;
    const revision = await bumpRevision(tx);
    await tx`
      insert into sla_policy_versions (policy_id, version, name, definition, applies_to, saved_by, reason, revision)
      values (${row.id}, ${row.version}, ${save.definition.name}, ${json(tx, { ...save.definition, position: save.position })},
        ${save.definition.appliesTo}, ${save.savedBy}, ${save.reason ?? null}, ${revision})`;
    // In the same transaction: a crash after the save must not leave open tickets untold.
    if (save.definition.appliesTo === 'newAndOpenTickets') {
      await insertRollout(tx, {
        ...{ subjectKind: 'slaPolicy', subjectId: row.id, subjectVersion: row.version, revision },
        askedBy: save.savedBy,
      });
    }
    return row;
  });
}

/** Takes a policy out of use; its tickets look for another at once. False when there is none. */
export async function deletePolicy(
  sql: SqlPool,
  id: string,
  deletedBy: string | null = null,
): Promise<boolean> {
  return await sql.begin(async (tx) => {
    const [row] = await tx<{ version: number }[]>`
      update sla_policies set deleted_at = now() where id = ${id} and deleted_at is null returning version`;
    if (row === undefined) return false;
    const revision = await bumpRevision(tx);
    await insertRollout(tx, {
      ...{ subjectKind: 'slaPolicy', subjectId: id, subjectVersion: row.version, revision },
      askedBy: deletedBy,
    });
    return true;
  });
}

/** A calendar in its newest version. */
export interface CalendarRow {
  id: string;
  name: string;
  version: number;
  definition: CalendarDefinition;
}

/** Living calendars by name, all or one page of them. */
export async function listCalendars(sql: Sql, page?: ListPage): Promise<CalendarRow[]> {
  return await sql<CalendarRow[]>`
    select c.id, c.name, c.version, v.definition
    from calendars c join calendar_versions v on v.calendar_id = c.id and v.version = c.version
    where c.deleted_at is null ${behind(sql, 'c.name', page)}
    order by c.name, c.id limit ${page?.limit ?? null}`;
}

/** One living calendar, or undefined. */
export async function findCalendar(sql: Sql, id: string): Promise<CalendarRow | undefined> {
  const [row] = await sql<CalendarRow[]>`
    select c.id, c.name, c.version, v.definition
    from calendars c join calendar_versions v on v.calendar_id = c.id and v.version = c.version
    where c.id = ${id} and c.deleted_at is null`;
  return row;
}

/** Saves a calendar, new (id null) or as the next version; null when it is gone or `expected` is not its version. */
export async function saveCalendar(
  sql: SqlPool,
  save: {
    id: string | null;
    name: string;
    definition: CalendarDefinition;
    compiled: CompiledCalendar;
    savedBy: string | null;
    expected: number | null;
    reason?: string | null;
  },
): Promise<{ id: string; version: number } | null> {
  return await sql.begin(async (tx) => {
    const [row] =
      save.id === null
        ? await tx<{ id: string; version: number }[]>`
            insert into calendars (name, version) values (${save.name}, 1) returning id, version`
        : await tx<{ id: string; version: number }[]>`
            update calendars set version = version + 1, name = ${save.name}
            where id = ${save.id} and deleted_at is null
              and (${save.expected}::integer is null or version = ${save.expected}::integer)
            returning id, version`;
    if (row === undefined) return null;
    const revision = await bumpRevision(tx);
    await tx`
      insert into calendar_versions (calendar_id, version, name, definition, compiled, saved_by, reason, revision)
      values (${row.id}, ${row.version}, ${save.name}, ${json(tx, save.definition)}, ${json(tx, save.compiled)},
        ${save.savedBy}, ${save.reason ?? null}, ${revision})`;
    // A calendar just made rules no ticket yet.
    if (save.id !== null) {
      await insertRollout(tx, {
        ...{ subjectKind: 'calendar', subjectId: row.id, subjectVersion: row.version, revision },
        askedBy: save.savedBy,
      });
    }
    return row;
  });
}

/** Takes a calendar out of use; 'inUse' when auto-close, a living policy, or an open ticket under an older version of one, counts by it. */
export async function deleteCalendar(
  sql: SqlPool,
  id: string,
): Promise<'deleted' | 'inUse' | 'missing'> {
  return await sql.begin(async (tx) => {
    const used = await tx`
      select 1 from sla_policies p join sla_policy_versions v on v.policy_id = p.id
      where p.deleted_at is null and v.definition->>'calendarId' = ${id}
        and (v.version = p.version or exists (select 1 from tickets t
          where t.policy_id = v.policy_id and t.policy_version = v.version and t.category <> 'closed' and not t.ended))
      union all select 1 from settings where value->'autoClose'->>'calendarId' = ${id}
      union all select 1 from pipelines where deleted_at is null and settings->'autoClose'->>'calendarId' = ${id}
      limit 1`;
    if (used.length > 0) return 'inUse';
    const rows = await tx`
      update calendars set deleted_at = now() where id = ${id} and deleted_at is null returning id`;
    return rows.length > 0 ? 'deleted' : 'missing';
  });
}
