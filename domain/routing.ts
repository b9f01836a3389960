// Routing decisions: which rule takes a ticket, who of a team may have it and who gets it. Pure; every answer has its reason.
import { isOpenAt } from './business-calendar.ts';
import type { CompiledCalendar } from './business-calendar.ts';
import { conditionNames, matchConditions } from './conditions.ts';
import type { Condition, TicketFacts } from './desk.ts';

/** How a team hands out its tickets. */
export type RoutingStrategy = 'manual' | 'roundRobin' | 'leastLoaded';

/** A routing rule as saved. */
export interface RoutingRule {
  id: string;
  version: number;
  name: string;
  position: number;
  enabled: boolean;
  conditions: Condition[];
  assign: { userId: string } | { teamId: string };
  requiredSkills: string[];
}

/** Somebody who could get a ticket. */
export interface Candidate {
  userId: string;
  name: string;
  active: boolean;
  seat: boolean;
  role: 'admin' | 'agent' | 'readOnly';
  availability: 'available' | 'away';
  workingHours: CompiledCalendar | null;
  capacity: number | null;
  skills: string[];
  main: boolean;
  /** Open tickets held, reservations included. */
  load: number;
  lastTurn: number;
}

/** What explain shows of one rule. */
export interface RuleVerdict {
  ruleId: string;
  name: string;
  enabled: boolean;
  matched: boolean;
  held: string[];
  failed: string | null;
}

/** Each rule in order with what it made of the ticket. */
export function explainRules(rules: readonly RoutingRule[], facts: TicketFacts): RuleVerdict[] {
  return inOrder(rules).map((rule) => ({
    ruleId: rule.id,
    name: rule.name,
    enabled: rule.enabled,
    ...matchConditions(rule.conditions, facts),
  }));
}

/** The first enabled rule that matches, or null. */
export function chooseRule(
  rules: readonly RoutingRule[],
  facts: TicketFacts,
): { rule: RoutingRule; why: string[] } | null {
  for (const rule of inOrder(rules)) {
    if (!rule.enabled) continue;
    const verdict = matchConditions(rule.conditions, facts);
    if (verdict.matched) return { rule, why: conditionNames(rule.conditions) };
  }
  return null;
}

function inOrder(rules: readonly RoutingRule[]): RoutingRule[] {
  return rules.toSorted(
    (one, other) => one.position - other.position || one.id.localeCompare(other.id),
  );
}

/** Why a candidate may not get a ticket now, or null when they may. */
export function ineligibility(
  candidate: Candidate,
  requiredSkills: readonly string[],
  nowMs: number,
): string | null {
  if (!candidate.active) return 'is not active';
  if (candidate.role === 'readOnly') return 'may not reply';
  if (!candidate.seat) return 'has no seat';
  if (!candidate.main) return 'is not a main member of the team';
  if (candidate.availability !== 'available') return 'is away';
  if (candidate.workingHours !== null && !isOpenAt(candidate.workingHours, nowMs)) {
    return 'is outside their working hours';
  }
  const missing = requiredSkills.filter((skill) => !candidate.skills.includes(skill));
  if (missing.length > 0) return `lacks ${missing.join(', ')}`;
  if (candidate.capacity !== null && candidate.load >= candidate.capacity) {
    return `is at capacity (${candidate.load} of ${candidate.capacity})`;
  }
  return null;
}

/** Who gets the ticket: round robin by the oldest turn, least loaded by load and then turn; null when nobody may. */
export function pickAgent(
  strategy: RoutingStrategy,
  candidates: readonly Candidate[],
  requiredSkills: readonly string[],
  nowMs: number,
): { userId: string; reason: string } | null {
  if (strategy === 'manual') return null;
  const [picked] = candidates
    .filter((candidate) => ineligibility(candidate, requiredSkills, nowMs) === null)
    .toSorted(
      (one, other) =>
        (strategy === 'leastLoaded' ? one.load - other.load : 0) ||
        one.lastTurn - other.lastTurn ||
        one.userId.localeCompare(other.userId),
    );
  if (picked === undefined) return null;
  const how =
    strategy === 'leastLoaded'
      ? `least loaded of the team (${picked.load} open)`
      : 'next in turn of the team';
  return { userId: picked.userId, reason: how };
}
