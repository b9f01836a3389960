// What a draft of a policy would have done to the tickets of the last months: asked before it is saved, answered by a job.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { listVisibleIds } from '#db/access.ts';
import { findCalendar, listPolicies } from '#db/policies.ts';
import { cancelSimulation, findSimulation, insertSimulation } from '#db/simulations.ts';
import type { SimulationRow } from '#db/simulations.ts';
import type { Sql, SqlPool } from '#db/sql.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import type { SlaPolicyDefinition } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { Viewer } from '#domain/permissions.ts';
import { CalendarSchema, policyShape } from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App, AppEnv } from '../app-env.ts';
import { keepAnswer } from '../guard.ts';
import { refuseDeadPolicy } from './rule-checks.ts';
import {
  At,
  ConditionSchema,
  errorResponses,
  IdempotencyKey,
  text,
  Uuid,
  UuidParam,
} from '../schemas.ts';

const Draft = z
  .strictObject({
    draft: z.strictObject({
      name: text(200, 1),
      conditions: z.array(ConditionSchema).max(50).default([]),
      ...policyShape,
    }),
    calendar: CalendarSchema.optional(),
    days: z.number().int().min(1).max(731).default(90),
  })
  .openapi('PolicyDraft', {
    description:
      '`draft` as the policy would be saved; `calendar`: hours to try in place of those of the calendar it names; `days`: how far back.',
  });
const Attainment = z.strictObject({ met: z.number().int(), missed: z.number().int() });
const Compared = z.strictObject({ before: Attainment, after: Attainment }).openapi({
  description: 'By the policies that hold, and with the draft in place of its policy.',
});
const Changes = z.strictObject({
  count: z.number().int(),
  sample: z.array(
    z.strictObject({
      ticketId: z.number().int(),
      goal: z.enum(['firstReply', 'nextReply', 'close']),
      dueBefore: At.nullable(),
      dueAfter: At.nullable(),
      url: z.string(),
    }),
  ),
});
const Simulation = z
  .strictObject({
    id: z.string(),
    policyId: z
      .string()
      .nullable()
      .openapi({ description: 'Null for a policy that is not saved yet.' }),
    state: z.enum(['running', 'cancelled', 'finished', 'failed']),
    looked: z.number().int(),
    total: z.number().int().nullable(),
    startedAt: At,
    finishedAt: At.nullable(),
    result: z
      .strictObject({
        tickets: z.number().int().openapi({ description: 'Tickets of that time.' }),
        concerned: z.number().int().openapi({
          description: 'Those that the policy rules now or would rule by the draft.',
        }),
        goals: z.strictObject({ firstReply: Compared, nextReply: Compared, close: Compared }),
        byTeam: z
          .record(z.string(), Compared)
          .openapi({ description: 'By id; all goals together.' }),
        byPriority: z.record(z.string(), Compared),
        newlyMissed: Changes.openapi({
          description: 'Goals that are not missed, and would have been by the draft.',
        }),
        saved: Changes.openapi({
          description:
            'Goals that were missed, and would not have been by the draft: kept, or no longer promised.',
        }),
      })
      .nullable(),
  })
  .openapi('Simulation');
const answer = {
  content: { 'application/json': { schema: Simulation } },
};
const Run = z.object({ simulationId: Uuid });
const IdAndRun = UuidParam.extend(Run.shape);

const ask = createRoute({
  method: 'post',
  path: '/api/v1/sla-policies/{id}/simulate',
  operationId: 'simulateSlaPolicy',
  summary: 'Ask what a draft would have done to the tickets of the last days; nothing is saved',
  request: {
    params: UuidParam,
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: Draft } } },
  },
  responses: { 202: { description: 'The job.', ...answer }, ...errorResponses },
});
const askNew = createRoute({
  method: 'post',
  path: '/api/v1/sla-policies/simulate',
  operationId: 'simulateNewSlaPolicy',
  summary: 'Ask what a policy that is not saved yet would have done; nothing is saved',
  request: {
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: Draft } } },
  },
  responses: { 202: { description: 'The job.', ...answer }, ...errorResponses },
});
const readNew = createRoute({
  method: 'get',
  path: '/api/v1/sla-policies/simulations/{simulationId}',
  operationId: 'getNewSlaPolicySimulation',
  summary: 'How far the simulation of a policy that is not saved yet is, and its answer',
  request: { params: Run },
  responses: { 200: { description: 'The job.', ...answer }, ...errorResponses },
});
const stopNew = createRoute({
  method: 'delete',
  path: '/api/v1/sla-policies/simulations/{simulationId}',
  operationId: 'cancelNewSlaPolicySimulation',
  summary: 'Stop the simulation of a policy that is not saved yet',
  request: { params: Run },
  responses: { 200: { description: 'The job, stopped.', ...answer }, ...errorResponses },
});
const read = createRoute({
  method: 'get',
  path: '/api/v1/sla-policies/{id}/simulations/{simulationId}',
  operationId: 'getSimulation',
  summary: 'How far a simulation is, and its answer',
  request: { params: IdAndRun },
  responses: { 200: { description: 'The job.', ...answer }, ...errorResponses },
});
const stop = createRoute({
  method: 'delete',
  path: '/api/v1/sla-policies/{id}/simulations/{simulationId}',
  operationId: 'cancelSimulation',
  summary: 'Stop a simulation',
  request: { params: IdAndRun },
  responses: { 200: { description: 'The job, stopped.', ...answer }, ...errorResponses },
});

type Sampled = { count: number; sample: { ticketId: number }[] };

/** A simulation as its reader may see it: counts are of all tickets, samples name those they see. */
async function toWire(
  sql: Sql,
  viewer: Viewer,
  row: SimulationRow,
): Promise<z.infer<typeof Simulation>> {
  const { result } = row;
  const named = result === null ? [] : [...result.newlyMissed.sample, ...result.saved.sample];
  const ids = named.map(({ ticketId }) => ticketId);
  return wireOf(row, await listVisibleIds(sql, viewer, ids));
}

function wireOf(row: SimulationRow, seen: ReadonlySet<number>): z.infer<typeof Simulation> {
  const { id, policyId, state, looked, total, result } = row;
  const linked = (changes: Sampled) => ({
    ...changes,
    sample: changes.sample
      .filter(({ ticketId }) => seen.has(ticketId))
      .map((one) => ({ ...one, url: `/api/v1/tickets/${one.ticketId}` })),
  });
  return {
    ...{ id, policyId, state, looked, total },
    startedAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    result:
      result === null
        ? null
        : ({
            ...result,
            newlyMissed: linked(result.newlyMissed),
            saved: linked(result.saved),
          } as z.infer<typeof Simulation>['result']),
  };
}

/** Starts a job for a draft; policyId null: of a policy that is not saved yet. */
async function start(
  c: Context<AppEnv>,
  deps: ApiDeps,
  policyId: string | null,
  { draft, calendar, days }: z.infer<typeof Draft>,
): Promise<z.infer<typeof Simulation>> {
  await checkCalendar(deps.sql, draft.calendarId, calendar !== undefined);
  const { position, version: _version, ...definition } = draft;
  await refuseDeadPolicy(deps.sql, definition as SlaPolicyDefinition, '/draft');
  const job = {
    policyId,
    askedBy: c.get('caller').userId,
    draft: {
      position,
      definition: definition as SlaPolicyDefinition,
      calendar: calendar === undefined ? null : compileCalendar(calendar as CalendarDefinition),
    },
    since: new Date(deps.clock() - days * 86_400_000),
  };
  return await deps.sql.begin(async (tx) => {
    const id = await insertSimulation(tx, job);
    const made = await toWire(tx, c.get('access'), await requireSimulation(tx, policyId, id));
    await keepAnswer(c, tx, 202, made);
    return made;
  });
}

/** Stops a job and answers it as it stands then. */
async function cancel(
  sql: SqlPool,
  viewer: Viewer,
  of: { policyId: string | null; id: string },
): Promise<z.infer<typeof Simulation>> {
  await requireSimulation(sql, of.policyId, of.id);
  await cancelSimulation(sql, of.id);
  return await toWire(sql, viewer, await requireSimulation(sql, of.policyId, of.id));
}

/** Asking, reading and stopping simulations. */
export function registerSimulations(app: App, deps: ApiDeps): void {
  const { sql } = deps;
  app.openapi(askNew, async (c) => c.json(await start(c, deps, null, c.req.valid('json')), 202));
  app.openapi(ask, async (c) => {
    const { id } = c.req.valid('param');
    const policies = await listPolicies(sql);
    if (!policies.some((policy) => policy.id === id))
      throw new HoldfastError('notFound', 'There is no such policy.');
    return c.json(await start(c, deps, id, c.req.valid('json')), 202);
  });
  app.openapi(readNew, async (c) => {
    const row = await requireSimulation(sql, null, c.req.valid('param').simulationId);
    return c.json(await toWire(sql, c.get('access'), row), 200);
  });
  app.openapi(read, async (c) => {
    const { id, simulationId } = c.req.valid('param');
    const row = await requireSimulation(sql, id, simulationId);
    return c.json(await toWire(sql, c.get('access'), row), 200);
  });
  app.openapi(stopNew, async (c) => {
    const { simulationId } = c.req.valid('param');
    const of = { policyId: null, id: simulationId };
    return c.json(await cancel(sql, c.get('access'), of), 200);
  });
  app.openapi(stop, async (c) => {
    const { id, simulationId } = c.req.valid('param');
    const of = { policyId: id, id: simulationId };
    return c.json(await cancel(sql, c.get('access'), of), 200);
  });
}

async function checkCalendar(
  sql: SqlPool,
  calendarId: string | null,
  withHours: boolean,
): Promise<void> {
  const pointer = '/draft/calendarId';
  if (calendarId === null && withHours) {
    throw new HoldfastError('unknownReference', 'Hours to try need the calendar they stand for.', {
      errors: [{ pointer, message: 'missing' }],
    });
  }
  if (calendarId !== null && (await findCalendar(sql, calendarId)) === undefined) {
    throw new HoldfastError('unknownReference', 'There is no such calendar.', {
      errors: [{ pointer, message: 'unknown' }],
    });
  }
}

async function requireSimulation(
  sql: Sql,
  policyId: string | null,
  simulationId: string,
): Promise<SimulationRow> {
  const row = await findSimulation(sql, simulationId);
  if (row?.policyId !== policyId)
    throw new HoldfastError('notFound', 'There is no such simulation.');
  return row;
}
