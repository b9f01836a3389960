// What a move of a ticket would do to its deadlines, without moving it: the very decision and the rules that would follow. Pure.
import type { Refusal } from './errors.ts';
import { slaView } from './sla.ts';
import type { SlaView } from './sla.ts';
import { decide } from './ticket.ts';
import { evolve } from './ticket-evolve.ts';
import { rulesForTicket } from './ticket-rules.ts';
import type { DeskRules } from './ticket-rules.ts';
import type { Actor, TicketChange, TicketState } from './ticket-types.ts';
import type { CompiledPolicy, TicketFacts } from './desk.ts';

/** A ticket's promises at one place. */
export interface PlaceSla {
  policy: CompiledPolicy | null;
  sla: SlaView;
}

/** The promises it would have there, or why it would not move. Of a mailbox its address is asked for, since conditions look at that. */
export function previewMove(
  desk: DeskRules,
  of: { state: TicketState; facts: TicketFacts },
  move: { change: TicketChange; mailbox: string | null; actor: Actor },
  nowMs: number,
): PlaceSla | Refusal {
  const here = { state: of.state, rules: rulesForTicket(desk, of.facts) };
  const decision = decide(here, move.change, move.actor, nowMs);
  if (!decision.ok) return decision.refusal;
  const { state } = decision.events.reduce((one, event) => evolve(one, event, nowMs), here);
  const { teamId, assigneeId, pipelineId, status, priority, tags } = state;
  const { policy } = rulesForTicket(desk, {
    ...of.facts,
    ...{ teamId, assigneeId, pipelineId, status, priority, tags, mailbox: move.mailbox },
  });
  return { policy, sla: slaView(policy, state.ledger, nowMs) };
}
