// SLA policies: every save is a new version, and every version can be read.
import { createRoute, z } from '@hono/zod-openapi';
import {
  deletePolicy,
  findCalendar,
  listPolicies,
  listPolicyVersions,
  savePolicy,
} from '#db/policies.ts';
import type { PolicyRow } from '#db/policies.ts';
import type { SlaPolicyDefinition } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { policyShape } from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, ConditionSchema, errorResponses, pageOf, text, UuidParam } from '../schemas.ts';
import { conflict, refuseUnknown } from './references.ts';
import type { Named } from './references.ts';
import { registerResource } from './resource.ts';

const Policy = z
  .strictObject({
    id: z.string(),
    version: z.number().int(),
    position: z.number().int(),
    name: z.string(),
    conditions: z.array(ConditionSchema),
    calendarId: z.string().nullable(),
    goals: policyShape.goals,
    pauseStatuses: z.array(z.string()),
    escalations: policyShape.escalations.unwrap(),
    appliesTo: policyShape.appliesTo.unwrap(),
    savedAt: At,
  })
  .openapi('SlaPolicy');

function placesOfPolicy({ escalations }: SlaPolicyDefinition): Named[] {
  return escalations.flatMap(({ actions }, step) =>
    actions.flatMap((action, index): Named[] => {
      if (action.type !== 'reassign' && action.type !== 'notify') return [];
      const { to } = action;
      const pointer = `/escalations/${step}/actions/${index}/to`;
      if (typeof to === 'string') return [];
      return 'userId' in to
        ? [{ userId: to.userId, pointer: `${pointer}/userId` }]
        : [{ teamId: to.teamId, pointer: `${pointer}/teamId` }];
    }),
  );
}

function policyToWire(row: PolicyRow) {
  return {
    id: row.id,
    version: row.version,
    position: row.position,
    ...row.definition,
    savedAt: row.savedAt.toISOString(),
  };
}

/** SLA policies and their versions. */
export function registerPolicies(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/sla-policies',
    name: 'SlaPolicy',
    input: z.strictObject({
      name: text(200, 1),
      conditions: z.array(ConditionSchema).max(50).default([]),
      ...policyShape,
    }),
    output: Policy,
    orderBy: 'position',
    list: async ({ sql }, page) => (await listPolicies(sql, page)).map(policyToWire),
    async save({ sql }, id, body, { caller, expected }) {
      const { position, version: _version, ...definition } = body;
      if (body.calendarId !== null && (await findCalendar(sql, body.calendarId)) === undefined) {
        throw new HoldfastError('unknownReference', 'There is no such calendar.', {
          errors: [{ pointer: '/calendarId', message: 'unknown' }],
        });
      }
      await refuseUnknown(sql, placesOfPolicy(definition as SlaPolicyDefinition));
      const save = {
        id,
        position,
        definition: definition as SlaPolicyDefinition,
        savedBy: caller.userId,
        expected,
      };
      const saved = await savePolicy(sql, save);
      if (saved === null) throw conflict();
      const row = (await listPolicies(sql)).find((one) => one.id === saved.id);
      if (row === undefined) throw conflict();
      return policyToWire(row);
    },
    remove: ({ sql }, id) => deletePolicy(sql, id),
  });
  registerPolicyVersions(app, deps);
}

function registerPolicyVersions(app: App, deps: ApiDeps): void {
  const route = createRoute({
    method: 'get',
    path: '/api/v1/sla-policies/{id}/versions',
    operationId: 'listSlaPolicyVersions',
    summary: 'Every version of a policy, newest first',
    request: { params: UuidParam },
    responses: {
      200: {
        description: 'All versions.',
        content: {
          'application/json': { schema: pageOf(Policy) },
        },
      },
      ...errorResponses,
    },
  });
  app.openapi(route, async (c) => {
    const rows = await listPolicyVersions(deps.sql, c.req.valid('param').id);
    if (rows.length === 0) throw new HoldfastError('notFound', 'There is no such policy.');
    return c.json({ items: rows.map(policyToWire), nextCursor: null }, 200);
  });
}
