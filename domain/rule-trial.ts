// What another set of routing rules would have made of past tickets: rule against rule and target against target, since who was
// free at the time is not what an admin changes. Pure.
import type { TicketFacts } from './desk.ts';
import { chooseRule } from './routing.ts';
import type { RoutingRule } from './routing.ts';

/** Where a set of rules sends a ticket. ruleId null: no rule takes it, or one of the draft that has no id yet. */
export interface RuleTarget {
  ruleId: string | null;
  ruleName: string | null;
  teamId: string | null;
  userId: string | null;
}

/** Where the rules send the ticket. */
export function targetOf(rules: readonly RoutingRule[], facts: TicketFacts): RuleTarget {
  const chosen = chooseRule(rules, facts);
  if (chosen === null) return { ruleId: null, ruleName: null, teamId: null, userId: null };
  const { id, name, assign } = chosen.rule;
  return {
    ruleId: id.startsWith(DRAFT_ID) ? null : id,
    ruleName: name,
    teamId: 'teamId' in assign ? assign.teamId : null,
    userId: 'userId' in assign ? assign.userId : null,
  };
}

/** How the ids of rules begin that exist in a draft only; sorted like the order they were given in. */
export const DRAFT_ID = 'draft-';

/** Whether two targets mean another place, whatever rule names it. */
export function goesElsewhere(before: RuleTarget, after: RuleTarget): boolean {
  return before.teamId !== after.teamId || before.userId !== after.userId;
}
