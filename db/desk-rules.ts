// Reads everything an admin has set that concerns tickets, for the cache in activities/desk-rules.ts.
import type { CompiledCalendar } from '#domain/business-calendar.ts';
import { DEFAULT_SETTINGS } from '#domain/desk.ts';
import type { DeskSettings, Pipeline, SlaPolicyDefinition } from '#domain/desk.ts';
import type { PolicyHistory } from '#domain/policy-choice.ts';
import type { DeskRules } from '#domain/ticket-rules.ts';
import { insertAvailabilityCallsOfAll } from './availability.ts';
import { bumpRevision } from './revision.ts';
import { listRoutingRules } from './routing-rules.ts';
import { json } from './sql.ts';
import type { Sql, SqlPool } from './sql.ts';

/** All rules at one revision, read in one snapshot. */
export async function loadDeskRules(sql: SqlPool): Promise<DeskRules> {
  return await sql.begin('isolation level repeatable read read only', async (tx) => ({
    revision: await findRevision(tx),
    policies: await listPolicyHistories(tx),
    calendars: await listCompiledCalendars(tx),
    pipelines: await listPipelines(tx),
    routingRules: await listRoutingRules(tx),
    settings: await findSettings(tx),
  }));
}

/** The number of the last save that concerns tickets. */
export async function findRevision(sql: Sql): Promise<number> {
  const [row] = await sql<{ revision: number }[]>`select revision from desk_revision`;
  return row?.revision ?? 0;
}

async function listPolicyHistories(sql: Sql): Promise<PolicyHistory[]> {
  const rows = await sql<
    {
      policyId: string;
      position: number;
      version: number;
      definition: SlaPolicyDefinition;
      savedAt: Date;
    }[]
  >`
    select p.id as "policyId", p.position, v.version, v.definition, v.saved_at as "savedAt"
    from sla_policies p join sla_policy_versions v on v.policy_id = p.id
    where p.deleted_at is null
    order by p.position, p.id, v.version desc`;
  const histories = new Map<string, PolicyHistory>();
  for (const { policyId, position, version, definition, savedAt } of rows) {
    const history = histories.get(policyId) ?? { policyId, position, versions: [] };
    history.versions.push({ policyId, version, savedAtMs: savedAt.getTime(), definition });
    histories.set(policyId, history);
  }
  return [...histories.values()];
}

async function listCompiledCalendars(sql: Sql): Promise<DeskRules['calendars']> {
  const rows = await sql<{ id: string; version: number; compiled: CompiledCalendar }[]>`
    select c.id, c.version, v.compiled
    from calendars c join calendar_versions v on v.calendar_id = c.id and v.version = c.version
    where c.deleted_at is null`;
  return Object.fromEntries(rows.map(({ id, version, compiled }) => [id, { version, compiled }]));
}

/** Pipelines with their statuses, in order. */
export async function listPipelines(sql: Sql): Promise<(Pipeline & { name: string })[]> {
  const rows = await sql<{ id: string; name: string; statuses: Pipeline['statuses'] }[]>`
    select p.id, p.name,
      json_agg(json_build_object('id', s.id, 'name', s.name, 'category', s.category) order by s.position, s.id) as statuses
    from pipelines p join pipeline_statuses s on s.pipeline_id = p.id
    group by p.id, p.name, p.position order by p.position, p.id`;
  return rows.map(({ id, name, statuses }) => ({ id, name, statuses }));
}

/** The desk's settings, defaults filled in. */
export async function findSettings(sql: Sql): Promise<DeskSettings> {
  const [row] = await sql<{ value: Partial<DeskSettings> }[]>`select value from settings`;
  return { ...DEFAULT_SETTINGS, ...row?.value };
}

/** Changes some settings and counts the save; new rules of going away concern whoever is away already. */
export async function updateSettings(sql: Sql, changes: Partial<DeskSettings>): Promise<void> {
  await sql`update settings set value = value || ${json(sql, changes)}::jsonb, updated_at = now()`;
  await bumpRevision(sql);
  if (changes.awayReassign !== undefined) await insertAvailabilityCallsOfAll(sql);
}
