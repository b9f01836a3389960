// The SLA as the API shows it and the read model stores it: ISO instants, the three goals always present or absent as a whole.
import type { GoalView, SlaView } from './sla.ts';

/** One goal on the wire. */
export interface GoalWire {
  state: GoalView['state'];
  dueAt: string | null;
  completedAt: string | null;
  breachedAt: string | null;
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** SlaView in the form of the Ticket's `sla` member. */
export function slaToWire(view: SlaView): {
  policyId: string | null;
  policyVersion: number | null;
  paused: boolean;
  goals: Partial<Record<string, GoalWire>>;
  mostUrgent: string | null;
} {
  const goals: Partial<Record<string, GoalWire>> = {};
  for (const [name, goal] of Object.entries(view.goals)) {
    goals[name] = {
      state: goal.state,
      dueAt: iso(goal.dueAtMs),
      completedAt: iso(goal.completedAtMs),
      breachedAt: iso(goal.breachedAtMs),
    };
  }
  const { policyId, policyVersion, paused, mostUrgent } = view;
  return { policyId, policyVersion, paused, goals, mostUrgent };
}
