// Pipelines: their statuses, which moves people may make, where mail moves tickets. What open tickets are in is not removed unless
// the admin says where they go.
import { createRoute, z } from '@hono/zod-openapi';
import { listPipelines } from '#db/desk-rules.ts';
import type { PipelineRow } from '#db/desk-rules.ts';
import {
  countOpenByStatus,
  deletePipeline,
  findReplacedStatuses,
  savePipeline,
} from '#db/pipelines.ts';
import { findCalendar } from '#db/policies.ts';
import type { SqlPool } from '#db/sql.ts';
import type { AutoCloseSetting, PipelineSettings } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import {
  AutoCloseSchema,
  MovesSchema,
  PipelineSchema,
  StatusOnSchema,
} from '#domain/pipeline-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { Category, errorResponses, Uuid, UuidParam } from '../schemas.ts';
import { asCaller } from './audit.ts';
import { conflict } from './references.ts';
import { registerResource } from './resource.ts';

const Pipeline = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    position: z.number().int(),
    version: z.number().int(),
    statuses: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        category: Category,
        position: z.number().int(),
        atCreation: z.boolean(),
      }),
    ),
    moves: MovesSchema.nullable().openapi({
      description: 'Which moves people may make; null: every one. An admin may override.',
    }),
    statusOn: StatusOnSchema.openapi({
      description: 'Where mail moves tickets of this pipeline; an absent event follows the desk.',
    }),
    autoClose: AutoCloseSchema.nullable().optional(),
  })
  .openapi('Pipeline', {
    description:
      'Without `autoClose`, and for events that `statusOn` does not name, the settings of the desk hold. `moves` binds people; an admin ' +
      'may override it. With `forbidSkips` or `forbidBackward`, `allowedTo` lists further targets; without them, the only ones.',
  });
type Body = z.infer<typeof PipelineSchema>;

/** List, create, replace and delete. */
export function registerPipelines(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/pipelines',
    name: 'Pipeline',
    input: PipelineSchema.openapi('PipelineInput', {
      description:
        'A status that open tickets are in can only be left out when `moveTicketsTo` says where they go.',
    }),
    output: Pipeline,
    orderBy: 'position',
    list: async ({ sql }, page) => (await listPipelines(sql, page)).map(toWire),
    async save({ sql }, id, body, { caller, expected }) {
      await requireCalendar(sql, body.autoClose, '/autoClose/calendarId');
      const statuses = inOrder(body.statuses);
      const replaced = id === null ? {} : await successorsOf(sql, id, body);
      const saved = await savePipeline(sql, {
        ...{ id, name: body.name, position: body.position, statuses, expected },
        settings: settingsOf(body, replaced),
        savedBy: caller.userId,
      });
      const row = (await listPipelines(sql)).find((one) => one.id === saved?.id);
      if (row === undefined) throw conflict();
      return toWire(row);
    },
  });
  registerPipelineRemoval(app, deps);
}

function registerPipelineRemoval(app: App, deps: ApiDeps): void {
  const route = createRoute({
    method: 'delete',
    path: '/api/v1/pipelines/{id}',
    operationId: 'deletePipeline',
    summary: 'Remove a pipeline; its open tickets go to the one that moveTicketsTo names',
    request: { params: UuidParam, query: z.object({ moveTicketsTo: Uuid.optional() }) },
    responses: { 204: { description: 'Gone.' }, ...errorResponses },
  });
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { moveTicketsTo } = c.req.valid('query');
    const deletedBy = c.get('caller').userId;
    await asCaller(c, deps, async (sql) => {
      const movedTo = await heirOf(sql, id, moveTicketsTo);
      if (!(await deletePipeline(sql, { id, movedTo, deletedBy }))) throw conflict();
    });
    return c.body(null, 204);
  });
}

/** The pipeline that takes over the tickets of one that is removed. */
async function heirOf(sql: SqlPool, id: string, wanted: string | undefined): Promise<string> {
  const pipelines = await listPipelines(sql);
  if (!pipelines.some((one) => one.id === id)) {
    throw new HoldfastError('notFound', 'There is no such thing.');
  }
  const others = pipelines.filter((one) => one.id !== id);
  const heir = others.find((one) => wanted === undefined || one.id === wanted);
  if (wanted !== undefined && heir === undefined) {
    throw new HoldfastError('unknownReference', 'There is no such pipeline to move tickets to.', {
      errors: [{ pointer: '/query/moveTicketsTo', message: 'unknown' }],
    });
  }
  if (heir === undefined) throw new HoldfastError('inUse', 'The desk needs a pipeline.');
  const open = (await countOpenByStatus(sql, id)).reduce((sum, { count }) => sum + count, 0);
  if (open > 0 && wanted === undefined) {
    throw new HoldfastError(
      'inUse',
      `${open} open tickets are in this pipeline; name another one in moveTicketsTo.`,
    );
  }
  return heir.id;
}

/** Where tickets of removed statuses go by this save and those before it; refuses to leave open tickets without a place. */
async function successorsOf(
  sql: SqlPool,
  id: string,
  { statuses, moveTicketsTo = {} }: Body,
): Promise<Record<string, string>> {
  const before = (await findReplacedStatuses(sql, id)) ?? {};
  const has = (status: string): boolean => statuses.some((one) => one.id === status);
  const homeless = (await countOpenByStatus(sql, id)).filter(
    ({ status }) => !has(status) && moveTicketsTo[status] === undefined,
  );
  if (homeless.length > 0) {
    const told = homeless.map(({ status, count }) => `${count} in "${status}"`).join(', ');
    throw new HoldfastError(
      'inUse',
      `Open tickets are in statuses that would be removed: ${told}. Say in moveTicketsTo where they go.`,
      { errors: homeless.map(({ status }) => ({ pointer: '/statuses', message: status })) },
    );
  }
  // A status that is removed now may be where tickets of one removed earlier were to go.
  const followed = Object.entries(before).map(([from, to]): [string, string] => [
    from,
    moveTicketsTo[to] ?? to,
  ]);
  const all: Record<string, string> = { ...Object.fromEntries(followed), ...moveTicketsTo };
  return Object.fromEntries(Object.entries(all).filter(([from, to]) => !has(from) && has(to)));
}

/** Refuses a calendar that is not there, naming the field. */
export async function requireCalendar(
  sql: SqlPool,
  autoClose: AutoCloseSetting | null | undefined,
  pointer: string,
): Promise<void> {
  const id = autoClose?.calendarId ?? null;
  if (id === null || (await findCalendar(sql, id)) !== undefined) return;
  throw new HoldfastError('unknownReference', 'There is no such calendar.', {
    errors: [{ pointer, message: 'unknown' }],
  });
}

function inOrder(statuses: Body['statuses']): PipelineRow['statuses'] {
  return statuses
    .map((status, index) => ({ ...status, position: status.position ?? index }))
    .toSorted((one, other) => one.position - other.position)
    .map(({ id, name, category, atCreation = true }) => ({ id, name, category, atCreation }));
}

function settingsOf(body: Body, replaced: Record<string, string>): PipelineSettings {
  const { moves, statusOn, autoClose } = body;
  return {
    ...{ moves, statusOn, replaced },
    ...(autoClose === undefined ? {} : { autoClose }),
  };
}

function toWire(row: PipelineRow): z.infer<typeof Pipeline> {
  const { moves = null, statusOn = {}, autoClose } = row.settings;
  return {
    ...{ id: row.id, name: row.name, position: row.position, version: row.version },
    statuses: row.statuses.map(({ id, name, category, atCreation }, position) => ({
      ...{ id, name, category, position, atCreation: atCreation !== false },
    })),
    ...{ moves, statusOn },
    ...(autoClose === undefined ? {} : { autoClose }),
  };
}
