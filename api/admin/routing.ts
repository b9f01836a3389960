// Routing rules; the explanation of which of them would take a ticket and whom it would go to; and a draft tried on past tickets.
import { createRoute, z } from '@hono/zod-openapi';
import {
  findClaim,
  listCandidates,
  listMainTeams,
  listPeopleAsCandidates,
} from '#db/assignments.ts';
import { findContactByEmail } from '#db/contacts.ts';
import { findTeamStrategy } from '#db/people.ts';
import { deleteRoutingRule, listRoutingRules, saveRoutingRule } from '#db/routing-rules.ts';
import type { SqlPool } from '#db/sql.ts';
import { findTicketSource } from '#db/ticket-projection.ts';
import type { TicketFacts } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import {
  chooseRule,
  explainCandidates,
  explainRules,
  ineligibility,
  needsOf,
  pickAgent,
} from '#domain/routing.ts';
import { reasonOf } from '#domain/routing-reasons.ts';
import type { RoutingAsk, RoutingRule } from '#domain/routing.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { ChannelKind, errorResponses, Fields, Priority, Tag, text, Uuid } from '../schemas.ts';
import { mustBeAllowed } from '../access.ts';
import { requireSight } from '../tickets/show.ts';
import { conflict, refuseUnknown } from './references.ts';
import { registerResource } from './resource.ts';
import { refuseDeadRules, refuseMissingSkills } from './rule-checks.ts';
import {
  CandidateVerdict,
  NewRule,
  placesOfRule,
  Rule,
  ruleOf,
  ruleToWire,
} from './routing-schemas.ts';

const Explanation = z.strictObject({
  ruleId: z.string().nullable(),
  rules: z.array(
    z.strictObject({
      ruleId: z.string(),
      version: z.number().int(),
      name: z.string(),
      enabled: z.boolean(),
      matched: z.boolean(),
      held: z.array(z.string()),
      failed: z.string().nullable(),
    }),
  ),
  teamId: z.string().nullable(),
  candidates: z.array(CandidateVerdict),
  pick: z.strictObject({ userId: z.string().nullable(), reason: z.string() }),
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

interface Explained {
  facts: TicketFacts;
  requesterId: string | null;
}

async function factsToExplain(
  sql: SqlPool,
  asked: z.infer<typeof ExplainInput>,
  nowMs: number,
): Promise<Explained> {
  if ('ticket' in asked) {
    const { requesterEmail } = asked.ticket;
    const requester =
      requesterEmail === null ? undefined : await findContactByEmail(sql, requesterEmail);
    const facts = { ticketId: 0, createdAtMs: nowMs, ...asked.ticket };
    return { facts, requesterId: requester?.id ?? null };
  }
  const source = await findTicketSource(sql, asked.ticketId);
  if (source === undefined) throw new HoldfastError('notFound', 'There is no such ticket.');
  const { id: ticketId, createdAt, requesterId, ...rest } = source;
  return { facts: { ...rest, ticketId, createdAtMs: createdAt.getTime() }, requesterId };
}

type Place = Pick<z.infer<typeof Explanation>, 'teamId' | 'candidates' | 'pick'>;

/** Whom the rule would give the ticket to now, and what stands against everybody else. */
async function explainPlace(
  sql: SqlPool,
  rule: RoutingRule,
  { facts, requesterId }: Explained,
  nowMs: number,
): Promise<Place> {
  const sticky =
    requesterId === null ? null : await findClaim(sql, rule.sticky, requesterId, facts.ticketId);
  const ask: RoutingAsk = { needs: needsOf(rule), channel: facts.channel, sticky, nowMs };
  const { assign } = rule;
  if ('teamId' in assign) return await explainTeam(sql, assign.teamId, ask, nowMs);
  const wanted = [...new Set([assign.userId, ...(sticky === null ? [] : [sticky.userId])])];
  const candidates = await listPeopleAsCandidates(sql, wanted, nowMs);
  const named = candidates.find(({ userId }) => userId === assign.userId);
  const against = named === undefined ? reasonOf('unknownPerson') : ineligibility(named, ask);
  const claimed = pickAgent('manual', candidates, ask);
  const [teamId] = against === null ? [] : await listMainTeams(sql, assign.userId);
  if (claimed === null && against !== null && teamId !== undefined) {
    const { pick, ...team } = await explainTeam(sql, teamId, ask, nowMs);
    const reason = reasonOf('namedAskedTeam', { against, pick: pick.reason });
    return { ...team, pick: { ...pick, reason } };
  }
  const own =
    against === null
      ? { userId: assign.userId, reason: reasonOf('namedByRule') }
      : { userId: null, reason: reasonOf('namedRefused', { against }) };
  return {
    teamId: null,
    candidates: explainCandidates(candidates, ask),
    pick: claimed ?? own,
  };
}

async function explainTeam(
  sql: SqlPool,
  teamId: string,
  ask: RoutingAsk,
  nowMs: number,
): Promise<Place> {
  const candidates = await listCandidates(sql, teamId, nowMs);
  const strategy = (await findTeamStrategy(sql, teamId)) ?? 'manual';
  const picked = pickAgent(strategy, candidates, ask);
  const nobody = reasonOf(strategy === 'manual' ? 'byHand' : 'nobodyFree');
  return {
    teamId,
    candidates: explainCandidates(candidates, ask),
    pick: picked ?? { userId: null, reason: nobody },
  };
}

const NO_RULE: Place = {
  ...{ teamId: null, candidates: [] },
  pick: { userId: null, reason: reasonOf('noRuleTakes') },
};

/** Routing rules and their explanation. */
export function registerRouting(app: App, deps: ApiDeps): void {
  const explain = createRoute({
    method: 'post',
    path: '/api/v1/routing-rules/explain',
    operationId: 'explainRouting',
    summary: 'Which rule would take a ticket, why the others would not, and whom it would go to',
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
        description: 'Each rule in order, and each candidate of the one that takes it.',
        content: { 'application/json': { schema: Explanation } },
      },
      ...errorResponses,
    },
  });
  app.openapi(explain, async (c) => {
    const nowMs = deps.clock();
    const saved = await listRoutingRules(deps.sql);
    const asked = c.req.valid('json');
    if ('ticketId' in asked) {
      mustBeAllowed(c, 'ticket.view');
      await requireSight(deps, c.get('access'), asked.ticketId);
    }
    const ticket = await factsToExplain(deps.sql, asked, nowMs);
    const rules = explainRules(saved, ticket.facts);
    const chosen = chooseRule(saved, ticket.facts);
    const place =
      chosen === null ? NO_RULE : await explainPlace(deps.sql, chosen.rule, ticket, nowMs);
    return c.json({ ruleId: chosen?.rule.id ?? null, rules, ...place }, 200);
  });
  registerResource(app, deps, {
    path: '/api/v1/routing-rules',
    name: 'RoutingRule',
    words: { one: 'a routing rule', many: 'routing rules in the order they are asked' },
    input: NewRule,
    output: Rule,
    orderBy: 'position',
    list: async ({ sql }, page) => (await listRoutingRules(sql, page)).map(ruleToWire),
    async save({ sql }, id, body, { expected }) {
      const rule = ruleOf(body);
      await refuseUnknown(sql, placesOfRule(rule));
      await refuseDeadRules(sql, [rule], () => '');
      await refuseMissingSkills(sql, rule);
      const saved = await saveRoutingRule(sql, { ...rule, id, expected });
      if (saved === null) throw conflict();
      return ruleToWire(saved);
    },
    remove: ({ sql }, id) => deleteRoutingRule(sql, id),
  });
}
