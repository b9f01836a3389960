// SLA policies: every save is a new version, and every version can be read and restored.
import { z } from '@hono/zod-openapi';
import { listChannels } from '#db/channels.ts';
import { listPipelines } from '#db/desk-rules.ts';
import {
  deletePolicy,
  findCalendar,
  listPolicies,
  listPolicyVersions,
  savePolicy,
} from '#db/policies.ts';
import type { PolicyRow } from '#db/policies.ts';
import type { SqlPool } from '#db/sql.ts';
import type { EscalationActionDefinition, SlaPolicyDefinition } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { policyShape } from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, ConditionSchema, text } from '../schemas.ts';
import { conflict, refuseUnknown } from './references.ts';
import type { Named } from './references.ts';
import { registerResource } from './resource.ts';
import { refuseDeadPolicy } from './rule-checks.ts';
import { Reason, registerVersions } from './versions.ts';

const definitionShape = {
  name: z.string(),
  conditions: z.array(ConditionSchema),
  calendarId: z.string().nullable(),
  goals: policyShape.goals,
  pauseStatuses: z.array(z.string()).openapi({
    description: 'Statuses in which the clocks of all goals stand still.',
  }),
  escalations: policyShape.escalations.unwrap(),
  appliesTo: policyShape.appliesTo.unwrap(),
};
const Policy = z
  .strictObject({
    id: z.string(),
    version: z.number().int(),
    position: z.number().int(),
    ...definitionShape,
    savedAt: At,
  })
  .openapi('SlaPolicy');

type PointedAction = { action: EscalationActionDefinition; pointer: string };

function actionsOf({ escalations }: SlaPolicyDefinition): PointedAction[] {
  return escalations.flatMap(({ actions }, step) =>
    actions.map((action, index) => ({
      action,
      pointer: `/escalations/${step}/actions/${index}`,
    })),
  );
}

function placesOf({ action, pointer }: PointedAction): Named[] {
  if (action.type !== 'reassign' && action.type !== 'notify') return [];
  const { to } = action;
  if (typeof to === 'string') return [];
  if ('userId' in to) return [{ userId: to.userId, pointer: `${pointer}/to/userId` }];
  return 'teamId' in to ? [{ teamId: to.teamId, pointer: `${pointer}/to/teamId` }] : [];
}

/** What a policy names must exist when it is saved: a ticket that meets it later has nobody to tell. */
async function refuseUnknownNames(sql: SqlPool, definition: SlaPolicyDefinition): Promise<void> {
  const { calendarId } = definition;
  if (calendarId !== null && (await findCalendar(sql, calendarId)) === undefined) {
    throw new HoldfastError('unknownReference', 'There is no such calendar.', {
      errors: [{ pointer: '/calendarId', message: 'unknown' }],
    });
  }
  const actions = actionsOf(definition);
  await refuseUnknown(sql, actions.flatMap(placesOf));
  await refuseUnknownStatuses(sql, actions);
  await refuseOwnAddresses(sql, actions);
}

async function refuseUnknownStatuses(
  sql: SqlPool,
  actions: readonly PointedAction[],
): Promise<void> {
  const named = actions.flatMap(({ action, pointer }) =>
    action.type === 'setStatus' ? [{ status: action.status, pointer: `${pointer}/status` }] : [],
  );
  if (named.length === 0) return;
  const pipelines = await listPipelines(sql);
  const known = new Set(pipelines.flatMap(({ statuses }) => statuses.map(({ id }) => id)));
  const errors = named
    .filter(({ status }) => !known.has(status))
    .map(({ status, pointer }) => ({ pointer, message: `no pipeline has a status "${status}"` }));
  if (errors.length === 0) return;
  throw new HoldfastError('unknownStatus', 'It sets a status that does not exist.', { errors });
}

/** A notice to the desk itself would come back as a mail. */
async function refuseOwnAddresses(sql: SqlPool, actions: readonly PointedAction[]): Promise<void> {
  const named = actions.flatMap(({ action, pointer }) =>
    action.type === 'notify' && typeof action.to === 'object' && 'email' in action.to
      ? [{ email: action.to.email.toLowerCase(), pointer: `${pointer}/to/email` }]
      : [],
  );
  if (named.length === 0) return;
  const own = new Set((await listChannels(sql)).map(({ address }) => address?.toLowerCase()));
  const errors = named
    .filter(({ email }) => own.has(email))
    .map(({ pointer }) => ({ pointer, message: 'is an address of this desk' }));
  if (errors.length === 0) return;
  throw new HoldfastError('invalidRequest', 'A notice to the desk itself would come back.', {
    errors,
  });
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

async function save(
  sql: SqlPool,
  policy: {
    id: string | null;
    position: number;
    definition: SlaPolicyDefinition;
    savedBy: string;
    expected: number | null;
    reason: string | null;
  },
) {
  await refuseUnknownNames(sql, policy.definition);
  await refuseDeadPolicy(sql, policy.definition);
  const saved = await savePolicy(sql, policy);
  if (saved === null) throw conflict();
  const row = (await listPolicies(sql)).find((one) => one.id === saved.id);
  if (row === undefined) throw conflict();
  return policyToWire(row);
}

/** SLA policies and their versions. */
export function registerPolicies(app: App, deps: ApiDeps): void {
  const path = '/api/v1/sla-policies';
  registerResource(app, deps, {
    path,
    name: 'SlaPolicy',
    words: { one: 'an SLA policy', many: 'SLA policies in the order they are asked' },
    input: z.strictObject({
      name: text(200, 1),
      conditions: z.array(ConditionSchema).max(50).default([]),
      ...policyShape,
      reason: Reason,
    }),
    output: Policy,
    orderBy: 'position',
    list: async ({ sql }, page) => (await listPolicies(sql, page)).map(policyToWire),
    async save({ sql }, id, body, { caller, expected }) {
      const { position, version: _version, reason = null, ...definition } = body;
      return await save(sql, {
        ...{ id, position, definition: definition as SlaPolicyDefinition },
        ...{ savedBy: caller.userId, expected, reason },
      });
    },
    remove: ({ sql }, id) => deletePolicy(sql, id),
  });
  registerVersions(app, deps, {
    path,
    name: 'SlaPolicy',
    definition: { ...definitionShape, position: z.number().int().optional() },
    output: Policy,
    list: listPolicyVersions,
    async save({ sql }, id, definition: SlaPolicyDefinition, { caller, expected, reason }) {
      const now = (await listPolicies(sql)).find((one) => one.id === id);
      return await save(sql, {
        ...{ id, position: definition.position ?? now?.position ?? 0, definition },
        ...{ savedBy: caller.userId, expected, reason },
      });
    },
  });
}
