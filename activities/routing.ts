// Routes a newborn ticket: finds the rule, and an agent when one is free, in the same transaction as every other hand-out.
import {
  assignFromTeam,
  assignToUser,
  assignWaiting,
  findClaim,
  listMainTeams,
} from '#db/assignments.ts';
import type { PlaceAsk } from '#db/assignments.ts';
import type { SqlPool } from '#db/sql.ts';
import type { RoutingDecision, TicketFacts } from '#domain/desk.ts';
import { reasonOf } from '#domain/routing-reasons.ts';
import type { Reason } from '#domain/routing-reasons.ts';
import { chooseRule, needsOf, NO_NEEDS } from '#domain/routing.ts';
import type { DeskRules } from '#domain/ticket-rules.ts';
import type { ActivityContract } from './contract.ts';

/** Where the creator wants the ticket; undefined keys are left to the rules. */
export interface WantedPlace {
  teamId?: string | null;
  assigneeId?: string | null;
}

/** Activities of workflows/assign-queue.ts. */
export function assigningActivities(sql: SqlPool): Pick<ActivityContract, 'assignWaitingTickets'> {
  return {
    assignWaitingTickets: ({ teamId, limit }) =>
      assignWaiting(sql, { teamId, limit, nowMs: Date.now() }),
  };
}

/** A decision whose reason can be read again, so that people see it in their language. */
type DecidedPlace = RoutingDecision & { reason: Reason };

const placed = (by: Reason, pick: string): Reason => reasonOf('placed', { by, pick });

/** The decision for a new ticket, with its reason. Idempotent: a repeated call finds the place held by the first. */
export async function routeTicket(
  sql: SqlPool,
  desk: DeskRules,
  ticket: { facts: TicketFacts; requesterId: string; wanted: WantedPlace },
  nowMs: number,
): Promise<DecidedPlace> {
  const { facts, wanted } = ticket;
  const blank = { ruleId: null, ruleName: null, teamId: null, userId: null, atMs: nowMs };
  const { ticketId, channel } = facts;
  const ask = { ticketId, needs: NO_NEEDS, channel, nowMs };
  if (wanted.assigneeId !== undefined && wanted.assigneeId !== null) {
    const place = { teamId: wanted.teamId ?? null, userId: wanted.assigneeId };
    return { ...blank, ...place, reason: reasonOf('createdAssigned') };
  }
  if (wanted.teamId !== undefined && wanted.teamId !== null) {
    const by = reasonOf('creatorChose');
    return await fromTeam(sql, { ...blank, teamId: wanted.teamId }, ask, by);
  }
  const chosen = chooseRule(desk.routingRules, facts);
  if (chosen === null) return { ...blank, reason: reasonOf('noRule') };
  const { rule, why } = chosen;
  const sticky = await findClaim(sql, rule.sticky, ticket.requesterId, ticketId);
  const asked = { ...ask, needs: needsOf(rule), sticky };
  const by = reasonOf('ruleMatched', { name: rule.name, conditions: why.join(', ') });
  const decision = {
    ...{ ...blank, ruleId: rule.id, ruleName: rule.name, ruleVersion: rule.version },
    ...(rule.fallback.length === 0 ? {} : { fallback: rule.fallback, waitsSinceMs: nowMs }),
  };
  if ('teamId' in rule.assign) {
    return await fromTeam(sql, { ...decision, teamId: rule.assign.teamId }, asked, by);
  }
  const { userId } = rule.assign;
  const { found, reason } = await assignToUser(sql, { ...asked, userId });
  if (found === null) {
    const refused = { by, against: reason };
    // Not lost with the person: it waits where their team sees it, and whoever of it is free may have it.
    const [teamId] = await listMainTeams(sql, userId);
    if (teamId === undefined) return { ...decision, reason: reasonOf('agentRefused', refused) };
    return await fromTeam(sql, { ...decision, teamId }, asked, reasonOf('teamAsked', refused));
  }
  return { ...decision, userId: found.userId, reason: placed(by, found.reason) };
}

async function fromTeam(
  sql: SqlPool,
  decision: Omit<RoutingDecision, 'reason' | 'teamId'> & { teamId: string },
  ask: PlaceAsk,
  by: Reason,
): Promise<DecidedPlace> {
  const found = await assignFromTeam(sql, { ...ask, teamId: decision.teamId });
  if (found === null) return { ...decision, reason: placed(by, reasonOf('nobodyFree')) };
  return { ...decision, userId: found.userId, reason: placed(by, found.reason) };
}
