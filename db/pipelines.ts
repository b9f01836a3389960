// Pipelines as an admin changes them. A removed one is kept for its closed tickets and says where they belong now; whatever is saved
// reaches open tickets by a rollout.
import type { PipelineSettings, PipelineStatus } from '#domain/desk.ts';
import { bumpRevision } from './revision.ts';
import { insertRollout } from './rollouts.ts';
import { json } from './sql.ts';
import type { Sql, SqlPool } from './sql.ts';

/** What an admin writes. */
export interface PipelineSave {
  id: string | null;
  name: string;
  position: number;
  statuses: PipelineStatus[];
  settings: PipelineSettings;
  savedBy: string;
  expected: number | null;
}

/** How many open tickets are in each status of a pipeline; statuses without any are left out. */
export async function countOpenByStatus(
  sql: Sql,
  pipelineId: string,
): Promise<{ status: string; count: number }[]> {
  return await sql<{ status: string; count: number }[]>`
    select status, count(*)::integer as count from tickets
    where pipeline_id = ${pipelineId} and category <> 'closed' and not ended and merged_into_id is null
    group by status order by status`;
}

/** Where tickets of removed statuses go, as earlier saves have said; undefined when there is no such pipeline. */
export async function findReplacedStatuses(
  sql: Sql,
  id: string,
): Promise<Record<string, string> | undefined> {
  const [row] = await sql<{ replaced: Record<string, string> }[]>`
    select coalesce(settings->'replaced', '{}') as replaced from pipelines
    where id = ${id} and deleted_at is null for update`;
  return row?.replaced;
}

/** Saves a pipeline, new (id null) or as the next version; null when it is gone or `expected` is not its version. */
export async function savePipeline(
  sql: SqlPool,
  save: PipelineSave,
): Promise<{ id: string; version: number } | null> {
  return await sql.begin(async (tx) => {
    const { name, position } = save;
    const settings = json(tx, save.settings);
    const [row] =
      save.id === null
        ? await tx<{ id: string; version: number }[]>`
            insert into pipelines (name, position, settings) values (${name}, ${position}, ${settings}) returning id, version`
        : await tx<{ id: string; version: number }[]>`
            update pipelines set version = version + 1, name = ${name}, position = ${position}, settings = ${settings}
            where id = ${save.id} and deleted_at is null
              and (${save.expected}::integer is null or version = ${save.expected}::integer)
            returning id, version`;
    if (row === undefined) return null;
    await replaceStatuses(tx, row.id, save.statuses);
    const revision = await bumpRevision(tx);
    if (save.id !== null) {
      await insertRollout(tx, {
        ...{ subjectKind: 'pipeline', subjectId: row.id, subjectVersion: row.version, revision },
        askedBy: save.savedBy,
      });
    }
    return row;
  });
}

/** Writes what differs only, so that the audit log shows what was changed. */
async function replaceStatuses(
  sql: Sql,
  pipelineId: string,
  statuses: readonly PipelineStatus[],
): Promise<void> {
  const rows = statuses.map(({ id, name, category, atCreation }, position) => ({
    ...{ id, name, category, position, at_creation: atCreation !== false },
  }));
  await sql`
    delete from pipeline_statuses
    where pipeline_id = ${pipelineId} and id <> all(${statuses.map(({ id }) => id)}::text[])`;
  await sql`
    insert into pipeline_statuses (pipeline_id, id, name, category, position, at_creation)
    select ${pipelineId}, n.id, n.name, n.category, n.position, n.at_creation
    from jsonb_to_recordset(${json(sql, rows)}::jsonb)
      as n(id text, name text, category text, position integer, at_creation boolean)
    on conflict (pipeline_id, id) do update set name = excluded.name, category = excluded.category,
      position = excluded.position, at_creation = excluded.at_creation
    where (pipeline_statuses.name, pipeline_statuses.category, pipeline_statuses.position, pipeline_statuses.at_creation)
      is distinct from (excluded.name, excluded.category, excluded.position, excluded.at_creation)`;
}

/** Takes a pipeline out of use; its tickets, and those it had taken over before, belong to the other one from now on. */
export async function deletePipeline(
  sql: SqlPool,
  removal: { id: string; movedTo: string; deletedBy: string },
): Promise<boolean> {
  return await sql.begin(async (tx) => {
    const [row] = await tx<{ version: number }[]>`
      update pipelines set deleted_at = now(), version = version + 1, moved_to = ${removal.movedTo}
      where id = ${removal.id} and deleted_at is null returning version`;
    if (row === undefined) return false;
    await tx`update pipelines set moved_to = ${removal.movedTo} where moved_to = ${removal.id}`;
    const revision = await bumpRevision(tx);
    await insertRollout(tx, {
      ...{ subjectKind: 'pipeline', subjectId: removal.id, subjectVersion: row.version, revision },
      askedBy: removal.deletedBy,
    });
    return true;
  });
}
