// How far a save of a policy or calendar has come to the open tickets it concerns, and a person's hand on it. All of it stands in
// Postgres, so it can be read while Temporal is away.
import { createRoute, z } from '@hono/zod-openapi';
import { SETTINGS_ID } from '#db/desk-rules.ts';
import { findRollout, steerRollout } from '#db/rollouts.ts';
import type { RolloutRow, RolloutState } from '#db/rollouts.ts';
import type { SqlPool } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, errorResponses, UuidParam } from '../schemas.ts';

const Rollout = z
  .strictObject({
    id: z.string(),
    version: z.number().int(),
    state: z.enum(['planning', 'running', 'paused', 'cancelled', 'superseded', 'finished']),
    total: z.number().int(),
    done: z.number().int(),
    failed: z.number().int(),
    urgent: z.number().int(),
    urgentDone: z.number().int(),
    perSecond: z.number().nullable(),
    secondsLeft: z.number().int().nullable(),
    startedAt: At,
    finishedAt: At.nullable(),
    workflow: z.strictObject({ id: z.string(), url: z.string() }),
  })
  .openapi('Rollout', {
    description:
      'Tickets that other rules hold for since the save. Urgent ones, whose next deadline moves earlier, are told first. ' +
      'Cancelling stops the telling; a ticket that was not told takes the save up at its next wake all the same. To take the save back, restore the version before it.',
  });

/** What a person may do, from which states, and what becomes of it. */
const ACTS: Record<'pause' | 'resume' | 'cancel', { from: RolloutState[]; to: RolloutState }> = {
  pause: { from: ['planning', 'running'], to: 'paused' },
  resume: { from: ['paused'], to: 'planning' },
  cancel: { from: ['planning', 'running', 'paused'], to: 'cancelled' },
};

/** A rollout as JSON. */
export function rolloutToWire(
  row: RolloutRow,
  { clock, gateway }: Pick<ApiDeps, 'clock' | 'gateway'>,
): z.infer<typeof Rollout> {
  const endMs = row.finishedAt?.getTime() ?? clock();
  const seconds = (endMs - row.createdAt.getTime()) / 1000;
  const handled = row.done + row.failed;
  const perSecond = seconds > 0 && handled > 0 ? handled / seconds : null;
  const open = row.state === 'running' || row.state === 'planning';
  return {
    ...{ id: row.id, version: row.subjectVersion, state: row.state, total: row.total },
    ...{ done: row.done, failed: row.failed, urgent: row.urgent, urgentDone: row.urgentDone },
    perSecond: perSecond === null ? null : Math.round(perSecond * 10) / 10,
    secondsLeft: open && perSecond !== null ? Math.ceil((row.total - handled) / perSecond) : null,
    startedAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    workflow: gateway.rolloutWorkflow(row.subjectId),
  };
}

/** Progress, pause, resume and cancel of the newest rollout of each policy, calendar and pipeline, and of the settings. */
export function registerRollouts(app: App, deps: ApiDeps): void {
  registerRolloutsOf(app, deps, '/api/v1/sla-policies', 'SlaPolicy');
  registerRolloutsOf(app, deps, '/api/v1/calendars', 'Calendar');
  registerRolloutsOf(app, deps, '/api/v1/pipelines', 'Pipeline');
  registerSettingsRollout(app, deps);
}

/** There is one set of settings: its rollout has no id in the path. */
function registerSettingsRollout(app: App, deps: ApiDeps): void {
  const route = createRoute({
    method: 'get',
    path: '/api/v1/settings/rollout',
    operationId: 'getSettingsRollout',
    summary: 'How far the newest save of settings that tickets wait by has come to open tickets',
    responses: {
      200: { description: 'How far it is.', content: { 'application/json': { schema: Rollout } } },
      ...errorResponses,
    },
  });
  app.openapi(route, async (c) =>
    c.json(rolloutToWire(await requireRollout(deps.sql, SETTINGS_ID), deps), 200),
  );
}

function registerRolloutsOf(app: App, deps: ApiDeps, path: string, name: string): void {
  const responses = {
    200: { description: 'How far it is.', content: { 'application/json': { schema: Rollout } } },
    ...errorResponses,
  };
  const read = createRoute({
    method: 'get',
    path: `${path}/{id}/rollout`,
    operationId: `get${name}Rollout`,
    summary: 'How far the newest save has come to open tickets',
    request: { params: UuidParam },
    responses,
  });
  const steer = createRoute({
    method: 'post',
    path: `${path}/{id}/rollout/{act}`,
    operationId: `steer${name}Rollout`,
    summary: 'Pause, resume or cancel it',
    request: { params: UuidParam.extend({ act: z.enum(['pause', 'resume', 'cancel']) }) },
    responses,
  });
  app.openapi(read, async (c) => {
    const row = await requireRollout(deps.sql, c.req.valid('param').id);
    return c.json(rolloutToWire(row, deps), 200);
  });
  app.openapi(steer, async (c) => {
    const { id, act } = c.req.valid('param');
    const row = await requireRollout(deps.sql, id);
    const { from, to } = ACTS[act];
    if (!(await steerRollout(deps.sql, row.id, from, to))) {
      throw new HoldfastError('versionConflict', `This rollout is ${row.state}.`);
    }
    return c.json(rolloutToWire(await requireRollout(deps.sql, id), deps), 200);
  });
}

async function requireRollout(sql: SqlPool, subjectId: string): Promise<RolloutRow> {
  const row = await findRollout(sql, subjectId);
  if (row === undefined) throw new HoldfastError('notFound', 'Nothing of this was rolled out yet.');
  return row;
}
