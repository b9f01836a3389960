// Routing rules, and the explanation of which of them would take a ticket.
import { createRoute, z } from '@hono/zod-openapi';
import { deleteRoutingRule, listRoutingRules, saveRoutingRule } from '#db/people.ts';
import type { SqlPool } from '#db/sql.ts';
import { findTicketSource } from '#db/ticket-projection.ts';
import type { TicketFacts } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { explainRules } from '#domain/routing.ts';
import type { RoutingRule } from '#domain/routing.ts';
import type { ApiDeps, App } from '../app-env.ts';
import {
  ChannelKind,
  ConditionSchema,
  errorResponses,
  Fields,
  Priority,
  ReadVersion,
  Tag,
  text,
  Uuid,
} from '../schemas.ts';
import { conflict, refuseUnknown } from './references.ts';
import { registerResource } from './resource.ts';

const Assign = z.union([z.strictObject({ userId: Uuid }), z.strictObject({ teamId: Uuid })]);
const Rule = z
  .strictObject({
    id: z.string(),
    version: z.number().int(),
    name: z.string(),
    position: z.number().int(),
    enabled: z.boolean(),
    conditions: z.array(ConditionSchema),
    assign: Assign,
    requiredSkills: z.array(z.string()),
  })
  .openapi('RoutingRule');
const NewRule = z.strictObject({
  name: text(200, 1),
  position: z.number().int().min(0).max(1_000_000).default(0),
  enabled: z.boolean().default(true),
  conditions: z.array(ConditionSchema).max(50).default([]),
  assign: Assign,
  requiredSkills: z.array(Tag).max(50).default([]),
  version: ReadVersion,
});
const Explanation = z.strictObject({
  ruleId: z.string().nullable(),
  rules: z.array(
    z.strictObject({
      ruleId: z.string(),
      name: z.string(),
      enabled: z.boolean(),
      matched: z.boolean(),
      held: z.array(z.string()),
      failed: z.string().nullable(),
    }),
  ),
});

/** A ticket nobody has written, told by what rules can ask of it. */
const ImaginedTicket = z.strictObject({
  channel: ChannelKind.default('email'),
  mailbox: text(320).nullable().default(null),
  subject: text(998).default(''),
  body: text(100_000).default(''),
  requesterEmail: z.email().max(320).nullable().default(null),
  companyId: Uuid.nullable().default(null),
  language: text(35).nullable().default(null),
  priority: Priority.default('normal'),
  tags: z.array(Tag).max(100).default([]),
  teamId: Uuid.nullable().default(null),
  assigneeId: Uuid.nullable().default(null),
  pipelineId: text(100).default(''),
  status: text(100).default('new'),
  fields: Fields.default({}),
});
const ExplainInput = z.union([
  z.strictObject({ ticketId: z.number().int().positive().max(Number.MAX_SAFE_INTEGER) }),
  z.strictObject({ ticket: ImaginedTicket }),
]);

async function factsToExplain(
  sql: SqlPool,
  asked: z.infer<typeof ExplainInput>,
): Promise<TicketFacts> {
  if ('ticket' in asked) return { ticketId: 0, createdAtMs: Date.now(), ...asked.ticket };
  const source = await findTicketSource(sql, asked.ticketId);
  if (source === undefined) throw new HoldfastError('notFound', 'There is no such ticket.');
  const { id: ticketId, createdAt, ...rest } = source;
  return { ...rest, ticketId, createdAtMs: createdAt.getTime() };
}

/** Routing rules and their explanation. */
export function registerRouting(app: App, deps: ApiDeps): void {
  const explain = createRoute({
    method: 'post',
    path: '/api/v1/routing-rules/explain',
    operationId: 'explainRouting',
    summary: 'Which rule would take a ticket, and why the others would not',
    request: {
      body: {
        required: true,
        content: {
          'application/json': { schema: ExplainInput },
        },
      },
    },
    responses: {
      200: {
        description: 'Each rule in order.',
        content: { 'application/json': { schema: Explanation } },
      },
      ...errorResponses,
    },
  });
  app.openapi(explain, async (c) => {
    const rules = explainRules(
      await listRoutingRules(deps.sql),
      await factsToExplain(deps.sql, c.req.valid('json')),
    );
    const winner = rules.find((rule) => rule.enabled && rule.matched);
    return c.json({ ruleId: winner?.ruleId ?? null, rules }, 200);
  });
  registerResource(app, deps, {
    path: '/api/v1/routing-rules',
    name: 'RoutingRule',
    input: NewRule,
    output: Rule,
    orderBy: 'position',
    list: async ({ sql }, page) => (await listRoutingRules(sql, page)).map((row) => ({ ...row })),
    async save({ sql }, id, { version: _version, ...body }, { expected }) {
      const rule = body as Omit<RoutingRule, 'id' | 'version'>;
      const { assign } = rule;
      await refuseUnknown(sql, [
        'teamId' in assign
          ? { teamId: assign.teamId, pointer: '/assign/teamId' }
          : { userId: assign.userId, pointer: '/assign/userId' },
      ]);
      const saved = await saveRoutingRule(sql, { ...rule, id, expected });
      if (saved === null) throw conflict();
      return { ...rule, ...saved };
    },
    remove: ({ sql }, id) => deleteRoutingRule(sql, id),
  });
}
