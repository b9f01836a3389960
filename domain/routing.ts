// Routing decisions: which rule takes a ticket, who of a team may have it and who gets it. Pure; every answer has its reason.
import { AVAILABILITY_WORDS, whyAway } from './availability.ts';
import type { Absence } from './availability.ts';
import type { CompiledCalendar } from './business-calendar.ts';
import { conditionNames, matchConditions } from './conditions.ts';
import type { ChannelKind, Condition, FallbackStep, TicketFacts } from './desk.ts';
import { reasonOf } from './routing-reasons.ts';
import type { Reason } from './routing-reasons.ts';

/** How a team hands out its tickets; leastLoadedShare compares load by capacity. */
export const ROUTING_STRATEGIES = [
  'manual',
  'roundRobin',
  'leastLoaded',
  'leastLoadedShare',
] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

/** Those that ask what people hold who have no limit; the others ask it only of people with one. */
export const STRATEGIES_BY_LOAD: readonly RoutingStrategy[] = ['leastLoaded', 'leastLoadedShare'];

/** Whom a rule's ticket goes to before the strategy is asked: the requester's last assignee, or who looks after the contact. */
export type Sticky = 'none' | 'lastAssignee' | 'contactOwner';

/** The highest level of a skill; a skill without a level has 1. */
export const MAX_SKILL_LEVEL = 5;

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
  /** Least levels of required skills, where above 1. */
  requiredLevels: Record<string, number>;
  preferredSkills: string[];
  sticky: Sticky;
  fallback: FallbackStep[];
}

/** What a ticket asks of whoever gets it. */
export interface SkillNeeds {
  required: readonly { name: string; level: number }[];
  preferred: readonly string[];
}

/** A ticket without wishes. */
export const NO_NEEDS: SkillNeeds = { required: [], preferred: [] };

/** Somebody with a claim on a ticket, when they are eligible. */
export interface StickyClaim {
  userId: string;
  why: Exclude<Sticky, 'none'>;
}

/** One question for an agent. channel null: whatever its channel, as long as the total allows one more. */
export interface RoutingAsk {
  needs: SkillNeeds;
  channel: ChannelKind | null;
  sticky?: StickyClaim | null;
  nowMs: number;
}

/** Somebody who could get a ticket. */
export interface Candidate {
  userId: string;
  name: string;
  active: boolean;
  seat: boolean;
  /** Their role lets them reply. */
  mayReply: boolean;
  availability: 'available' | 'away';
  workingHours: CompiledCalendar | null;
  absences: Absence[];
  capacity: number | null;
  channelCapacity: Partial<Record<ChannelKind, number>>;
  skills: string[];
  /** Levels of skills that have one; the others are at 1. */
  skillLevels: Record<string, number>;
  main: boolean;
  /** Open tickets held, reservations included. */
  load: number;
  channelLoad: Partial<Record<ChannelKind, number>>;
  lastTurn: number;
}

/** What explain shows of one rule. */
export interface RuleVerdict {
  ruleId: string;
  version: number;
  name: string;
  enabled: boolean;
  matched: boolean;
  held: string[];
  failed: string | null;
}

/** What explain shows of one candidate. */
export interface CandidateVerdict {
  userId: string;
  name: string;
  eligible: boolean;
  reason: string | null;
  load: number;
  capacity: number | null;
}

/** Each rule in order with what it made of the ticket. */
export function explainRules(rules: readonly RoutingRule[], facts: TicketFacts): RuleVerdict[] {
  return inOrder(rules).map((rule) => ({
    ruleId: rule.id,
    version: rule.version,
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

/** What a rule asks of agents. */
export function needsOf({
  requiredSkills,
  requiredLevels,
  preferredSkills,
}: Pick<RoutingRule, 'requiredSkills' | 'requiredLevels' | 'preferredSkills'>): SkillNeeds {
  return {
    required: requiredSkills.map((name) => ({ name, level: requiredLevels[name] ?? 1 })),
    preferred: preferredSkills,
  };
}

/** How well somebody knows a skill: 0 not at all, else its level. */
export function skillLevel(
  { skills, skillLevels }: Pick<Candidate, 'skills' | 'skillLevels'>,
  name: string,
): number {
  return skills.includes(name) ? (skillLevels[name] ?? 1) : 0;
}

/** Why a candidate may not get a ticket now, or null when they may. */
export function ineligibility(candidate: Candidate, ask: RoutingAsk): Reason | null {
  if (!candidate.active) return reasonOf('inactive');
  if (!candidate.mayReply) return reasonOf('mayNotReply');
  if (!candidate.seat) return reasonOf('noSeat');
  if (!candidate.main) return reasonOf('notMain');
  const { availability: toggle, workingHours: hours, absences } = candidate;
  const away = whyAway({ toggle, hours, absences }, ask.nowMs);
  if (away !== null) return AVAILABILITY_WORDS[away];
  return lackOfSkills(candidate, ask.needs) ?? lackOfCapacity(candidate, ask.channel);
}

function lackOfSkills(candidate: Candidate, { required }: SkillNeeds): Reason | null {
  const missing = required.filter(({ name }) => skillLevel(candidate, name) === 0);
  if (missing.length > 0) {
    return reasonOf('lacksSkills', { skills: missing.map(({ name }) => name).join(', ') });
  }
  const weak = required.find(({ name, level }) => skillLevel(candidate, name) < level);
  if (weak === undefined) return null;
  const level = skillLevel(candidate, weak.name);
  return reasonOf('knowsLess', { skill: weak.name, level, wanted: weak.level });
}

function lackOfCapacity(candidate: Candidate, channel: ChannelKind | null): Reason | null {
  const { capacity, load, channelCapacity, channelLoad } = candidate;
  if (capacity !== null && load >= capacity) return reasonOf('full', { load, capacity });
  const most = channel === null ? undefined : channelCapacity[channel];
  if (channel === null || most === undefined) return null;
  const held = channelLoad[channel] ?? 0;
  return held >= most ? reasonOf('fullForChannel', { channel, load: held, capacity: most }) : null;
}

/**
 * Who gets the ticket: whoever it sticks to, else those with most of the preferred skills and then the highest levels, among them
 * by the team's strategy, then by the oldest turn. Null when nobody may have it.
 */
export function pickAgent(
  strategy: RoutingStrategy,
  candidates: readonly Candidate[],
  ask: RoutingAsk,
): { userId: string; reason: Reason } | null {
  const eligible = candidates.filter((candidate) => ineligibility(candidate, ask) === null);
  const { sticky } = ask;
  if (sticky !== undefined && sticky !== null) {
    const claimed = eligible.some(({ userId }) => userId === sticky.userId);
    if (claimed) return { userId: sticky.userId, reason: reasonOf(sticky.why) };
  }
  if (strategy === 'manual') return null;
  const [picked] = eligible.toSorted(
    (one, other) =>
      comparePreferred(one, other, ask.needs.preferred) ||
      compareLoad(strategy, one, other) ||
      one.lastTurn - other.lastTurn ||
      one.userId.localeCompare(other.userId),
  );
  if (picked === undefined) return null;
  const preferred = ask.needs.preferred.filter((name) => skillLevel(picked, name) > 0);
  const pick = howPicked(strategy, picked);
  const reason =
    preferred.length === 0 ? pick : reasonOf('withSkills', { pick, skills: preferred.join(', ') });
  return { userId: picked.userId, reason };
}

function howPicked(strategy: RoutingStrategy, { load, capacity }: Candidate): Reason {
  if (strategy === 'roundRobin') return reasonOf('nextInTurn');
  if (strategy === 'leastLoaded') return reasonOf('leastLoaded', { load });
  return capacity === null
    ? reasonOf('leastShareOfAny', { load })
    : reasonOf('leastShare', { load, capacity });
}

function comparePreferred(one: Candidate, other: Candidate, preferred: readonly string[]): number {
  const count = (who: Candidate): number =>
    preferred.filter((name) => skillLevel(who, name) > 0).length;
  const levels = (who: Candidate): number =>
    preferred.reduce((sum, name) => sum + skillLevel(who, name), 0);
  return count(other) - count(one) || levels(other) - levels(one);
}

/** Somebody without a capacity has a share of 0 whatever they hold, and is told apart from others like them by their load. */
function compareLoad(strategy: RoutingStrategy, one: Candidate, other: Candidate): number {
  if (strategy === 'leastLoaded') return one.load - other.load;
  if (strategy !== 'leastLoadedShare') return 0;
  const share = ({ load, capacity }: Candidate): number =>
    capacity === null || capacity === 0 ? 0 : load / capacity;
  return share(one) - share(other) || one.load - other.load;
}

/** Every candidate with whether they could have the ticket now, and why not. */
export function explainCandidates(
  candidates: readonly Candidate[],
  ask: RoutingAsk,
): CandidateVerdict[] {
  return candidates.map((candidate) => {
    const reason = ineligibility(candidate, ask);
    const { userId, name, load, capacity } = candidate;
    return { userId, name, eligible: reason === null, reason, load, capacity };
  });
}
