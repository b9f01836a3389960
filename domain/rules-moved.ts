// What other rules change for a ticket, told to readers: the versions it carried before, and the deadlines that moved. Pure.
import { GOAL_NAMES } from './desk.ts';
import type { TicketRules } from './desk.ts';
import { slaView } from './sla.ts';
import type { CarriedVersions, DueMove, Ticket } from './ticket-types.ts';

/** Which versions rules are made of: a reader finds by them the save that a ticket follows. */
export function carriedVersions({ revision, policy }: TicketRules): CarriedVersions {
  return {
    revision,
    policyId: policy?.policyId ?? null,
    policyVersion: policy?.version ?? null,
    calendarId: policy?.calendarId ?? null,
    calendarVersion: policy?.calendarVersion ?? null,
  };
}

/** The deadlines that other rules move, those of completed goals included. Clocks that are held have none. */
export function dueMoves(
  { state, rules: old }: Ticket,
  rules: TicketRules,
  nowMs: number,
): DueMove[] {
  if (state.spam || state.mergedInto !== null) return [];
  const [was, is] = [old, rules].map(({ policy }) => slaView(policy, state.ledger, nowMs).goals);
  return GOAL_NAMES.flatMap((goal) => {
    const [beforeMs, afterMs] = [was?.[goal]?.dueAtMs ?? null, is?.[goal]?.dueAtMs ?? null];
    return beforeMs === afterMs ? [] : [{ goal, beforeMs, afterMs }];
  });
}
