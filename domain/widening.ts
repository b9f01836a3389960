// A rule's fallback: a ticket that found nobody in time is offered to the whole team, later to another one. The steps travel with
// the ticket's decision, their instants are facts (the wait's begin and the step's seconds), and they end when somebody has it.
import type { FallbackStep, RoutingDecision } from './desk.ts';
import { reasonOf } from './routing-reasons.ts';
import type { TicketEvent, TicketState } from './ticket-types.ts';

/** The next step: when it is due, and the reason an operator reads. */
export interface Widening {
  atMs: number;
  reason: string;
  step: number;
  to: FallbackStep['to'];
}

/** The step a ticket waits for; null while somebody has it, it is put aside, or a person or an escalation has moved it elsewhere. */
export function nextWidening(state: TicketState): Widening | null {
  const { routing } = state;
  const step = routing?.stepsTaken ?? 0;
  const next = routing?.fallback?.[step];
  if (routing === null || next === undefined) return null;
  const waits =
    state.assigneeId === null &&
    state.teamId === routing.teamId &&
    (state.category === 'new' || state.category === 'open') &&
    !state.spam &&
    !state.ended &&
    state.mergedInto === null;
  if (!waits) return null;
  const atMs = (routing.waitsSinceMs ?? routing.atMs) + next.afterSeconds * 1000;
  const reason =
    next.to === 'team'
      ? 'waits for a skilled agent; widens to the team'
      : 'waits for an agent; goes to another team';
  return { atMs, reason, step, to: next.to };
}

/** The steps due by untilMs. Changes `climbed` along, so that what falls due after them sees it. */
export function wideningEvents(climbed: TicketState, untilMs: number): TicketEvent[] {
  const due: TicketEvent[] = [];
  for (;;) {
    const next = nextWidening(climbed);
    if (next === null || next.atMs > untilMs) return due;
    const { step, to, atMs } = next;
    const seconds = climbed.routing?.fallback?.[step]?.afterSeconds ?? 0;
    const reason = reasonOf(to === 'team' ? 'widenedToTeam' : 'widenedToOther', { seconds });
    const event = { type: 'routingWidened' as const, step, to, atMs, reason };
    due.push(event);
    climbed.routing = widened(climbed.routing, event);
    if (to !== 'team' && to.teamId !== climbed.teamId) {
      due.push({ type: 'teamChanged', from: climbed.teamId, to: to.teamId });
      climbed.teamId = to.teamId;
    }
  }
}

/** The decision after a step. */
export function widened(
  routing: RoutingDecision | null,
  event: Extract<TicketEvent, { type: 'routingWidened' }>,
): RoutingDecision | null {
  if (routing === null) return null;
  return {
    ...routing,
    stepsTaken: event.step + 1,
    ...(event.to === 'team' ? { skillsDropped: true } : { teamId: event.to.teamId }),
    userId: null,
    reason: event.reason,
    atMs: event.atMs,
  };
}

/**
 * The decision after the assignee changed: what the queue or an absence decided becomes the last automatic one, and whoever waits
 * anew waits from now on. An escalation's taking away does not begin a new wait: the ticket has waited too long already.
 */
export function routingAfter(
  { routing, teamId }: TicketState,
  event: Extract<TicketEvent, { type: 'assigneeChanged' }>,
  atMs: number,
): RoutingDecision | null {
  const automatic = event.cause === 'routing' || event.cause === 'assigneeAway';
  const waitsAnew = event.to === null && event.cause !== 'escalation';
  if (!automatic && !(waitsAnew && routing !== null)) return routing;
  const { fallback, stepsTaken, ...before } = routing ?? { ...NOTHING_DECIDED, atMs };
  // A person or an escalation has moved it since: the rule's skills and steps were for its own team.
  const moved = before.teamId !== null && before.teamId !== teamId;
  return {
    ...before,
    ...(automatic ? { teamId, userId: event.to, reason: event.reason ?? before.reason, atMs } : {}),
    ...(automatic && moved ? { skillsDropped: true } : {}),
    ...(fallback === undefined || (automatic && moved)
      ? {}
      : { fallback, ...(stepsTaken === undefined ? {} : { stepsTaken }) }),
    ...(waitsAnew && fallback !== undefined ? { waitsSinceMs: atMs } : {}),
  };
}

const NOTHING_DECIDED: RoutingDecision = {
  ...{ ruleId: null, ruleName: null, teamId: null, userId: null, reason: '', atMs: 0 },
};
