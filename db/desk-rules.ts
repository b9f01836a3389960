// Reads everything an admin has set that concerns tickets, for the cache in activities/desk-rules.ts.
import type { CompiledCalendar } from '#domain/business-calendar.ts';
import { DEFAULT_SETTINGS } from '#domain/desk.ts';
import type {
  DeskPipeline,
  DeskSettings,
  PipelineSettings,
  SlaPolicyDefinition,
} from '#domain/desk.ts';
import type { PolicyHistory } from '#domain/policy-choice.ts';
import type { DeskRules } from '#domain/ticket-rules.ts';
import { insertAvailabilityCallsOfAll } from './availability.ts';
import { bumpRevision } from './revision.ts';
import { listRoutingRules } from './routing-rules.ts';
import { insertRollout } from './rollouts.ts';
import { behind, json } from './sql.ts';
import type { ListPage, Sql, SqlPool } from './sql.ts';

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

/** A living pipeline with everything an admin has set about it. */
export interface PipelineRow extends DeskPipeline {
  name: string;
  position: number;
  version: number;
  settings: PipelineSettings;
  takesOver: string[];
}

/** Living pipelines with their statuses, in order, all or one page of them. */
export async function listPipelines(sql: Sql, page?: ListPage): Promise<PipelineRow[]> {
  return await sql<PipelineRow[]>`
    select p.id, p.name, p.position, p.version, p.settings,
      coalesce((select jsonb_agg(g.id order by g.id) from pipelines g where g.moved_to = p.id), '[]') as "takesOver",
      jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'category', s.category)
        || case when s.at_creation then '{}'::jsonb else '{"atCreation": false}' end order by s.position, s.id) as statuses
    from pipelines p join pipeline_statuses s on s.pipeline_id = p.id
    where p.deleted_at is null ${behind(sql, 'p.position', page)}
    group by p.id order by p.position, p.id limit ${page?.limit ?? null}`;
}

/** The desk's settings, defaults filled in. */
export async function findSettings(sql: Sql): Promise<DeskSettings> {
  const [row] = await sql<{ value: Partial<DeskSettings> }[]>`select value from settings`;
  const statusOn = { ...DEFAULT_SETTINGS.statusOn, ...row?.value.statusOn };
  return { ...DEFAULT_SETTINGS, ...row?.value, statusOn };
}

/** What rollouts of the settings are rollouts of. */
export const SETTINGS_ID = '00000000-0000-7000-8000-000000000002';

/** Settings that decide what a ticket waits for: tickets that rest must hear of them. */
const TOLD: readonly (keyof DeskSettings)[] = [
  'statusOn',
  'statusAfterReply',
  'autoClose',
  'spamDeleteAfterDays',
  'reopenWindowDays',
];

/** Changes some settings and counts the save. */
export async function updateSettings(
  sql: Sql,
  changes: Partial<DeskSettings>,
  changedBy: string | null = null,
): Promise<void> {
  await sql`update settings set value = value || ${json(sql, changes)}::jsonb, updated_at = now()`;
  const revision = await bumpRevision(sql);
  // New rules of going away concern whoever is away already.
  if (changes.awayReassign !== undefined) await insertAvailabilityCallsOfAll(sql);
  if (changedBy === null || !TOLD.some((key) => changes[key] !== undefined)) return;
  await insertRollout(sql, {
    ...{ subjectKind: 'settings', subjectId: SETTINGS_ID, subjectVersion: revision, revision },
    askedBy: changedBy,
  });
}
