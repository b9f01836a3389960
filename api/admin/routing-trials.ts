// A draft of the routing rules tried on the newest tickets: which of them would go elsewhere. Rules are compared with rules, by what the
// tickets look like today; who was free at the time is not looked at.
import { createRoute, z } from '@hono/zod-openapi';
import { listPastTickets, listRoutingRules } from '#db/routing-rules.ts';
import type { SqlPool } from '#db/sql.ts';
import type { Viewer } from '#domain/permissions.ts';
import type { RoutingRule } from '#domain/routing.ts';
import { DRAFT_ID, goesElsewhere, targetOf } from '#domain/rule-trial.ts';
import type { RuleTarget } from '#domain/rule-trial.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses } from '../schemas.ts';
import { refuseUnknown } from './references.ts';
import { refuseDeadRules } from './rule-checks.ts';
import { DraftRule, placesOfRule, ruleOf } from './routing-schemas.ts';

const PAGE = 500;
const SAMPLE = 100;

const Target = z.strictObject({
  ruleId: z.string().nullable(),
  ruleName: z.string().nullable(),
  teamId: z.string().nullable(),
  userId: z.string().nullable(),
});
const Place = Target.pick({ teamId: true, userId: true });
const Trial = z
  .strictObject({
    looked: z.number().int(),
    changed: z.number().int(),
    sample: z.array(
      z.strictObject({
        ticketId: z.number().int(),
        subject: z.string(),
        from: Target,
        to: Target,
      }),
    ),
    byTarget: z.array(z.strictObject({ from: Place, to: Place, count: z.number().int() })),
  })
  .openapi('RoutingTrial');
const route = createRoute({
  method: 'post',
  path: '/api/v1/routing-rules/dry-run',
  operationId: 'dryRunRouting',
  summary: 'Which of the newest tickets would go elsewhere by another set of rules',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            rules: z.array(DraftRule).max(500),
            lastTickets: z.number().int().min(1).max(5_000).default(500),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: `How many, where to, and up to ${SAMPLE} of them.`,
      content: { 'application/json': { schema: Trial } },
    },
    ...errorResponses,
  },
});

/** POST /routing-rules/dry-run. */
export function registerRoutingTrials(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { rules, lastTickets } = c.req.valid('json');
    const drafts = rules.map((body, index): RoutingRule => {
      const id = body.id ?? `${DRAFT_ID}${String(index).padStart(4, '0')}`;
      return { ...ruleOf(body, `/rules/${index}`), id, version: 0 };
    });
    await refuseUnknown(
      deps.sql,
      drafts.flatMap((draft, index) => placesOfRule(draft, `/rules/${index}`)),
    );
    await refuseDeadRules(deps.sql, drafts, (index) => `/rules/${index}`);
    return c.json(await tryRules(deps.sql, c.get('access'), drafts, lastTickets), 200);
  });
}

async function tryRules(
  sql: SqlPool,
  viewer: Viewer,
  drafts: readonly RoutingRule[],
  lastTickets: number,
): Promise<z.infer<typeof Trial>> {
  const present = await listRoutingRules(sql);
  const trial: z.infer<typeof Trial> = { looked: 0, changed: 0, sample: [], byTarget: [] };
  const moves = new Map<string, z.infer<typeof Trial>['byTarget'][number]>();
  for (let beforeId: number | null = null; trial.looked < lastTickets;) {
    const limit: number = Math.min(PAGE, lastTickets - trial.looked);
    const page = await listPastTickets(sql, viewer, beforeId, limit);
    for (const ticket of page) {
      // Where its creator put it no rule was asked.
      if (ticket.placed) continue;
      const from = targetOf(present, ticket);
      const to = targetOf(drafts, ticket);
      if (!goesElsewhere(from, to)) continue;
      trial.changed += 1;
      const { ticketId, subject } = ticket;
      if (trial.sample.length < SAMPLE) trial.sample.push({ ticketId, subject, from, to });
      count(moves, from, to);
    }
    trial.looked += page.length;
    beforeId = page.at(-1)?.ticketId ?? null;
    if (page.length < limit) break;
  }
  const byTarget = [...moves.values()].toSorted((one, other) => other.count - one.count);
  return { ...trial, byTarget };
}

function count(
  moves: Map<string, z.infer<typeof Trial>['byTarget'][number]>,
  from: RuleTarget,
  to: RuleTarget,
): void {
  const place = ({ teamId, userId }: RuleTarget) => ({ teamId, userId });
  const key = JSON.stringify([place(from), place(to)]);
  const move = moves.get(key) ?? { from: place(from), to: place(to), count: 0 };
  moves.set(key, { ...move, count: move.count + 1 });
}
