// What a ticket waits for: the one instant it must wake at and why, and what has fallen due by then.
import type { EscalationAction, Pipeline } from './desk.ts';
import { PRIORITIES } from './desk.ts';
import { pendingMoments } from './escalation.ts';
import type { SlaMoment } from './escalation.ts';
import { closeWarningId } from './ids.ts';
import { firstStatus } from './pipeline.ts';
import { evolve } from './ticket-evolve.ts';
import type { PendingSend, Ticket, TicketEvent, TicketState } from './ticket-types.ts';
import { spamSinceMs, waitOf, waitPlan } from './ticket-wait.ts';
import { nextWidening, wideningEvents } from './widening.ts';

/** The next instant at which the ticket acts by itself, and the reason an operator reads. */
export interface Wake {
  atMs: number;
  reason: string;
}

/** The earliest of all deadlines, warnings, steps, snooze, lease and the end of the reopen window; null: only a message moves it. */
export function nextWake(ticket: Ticket, nowMs: number): Wake | null {
  const { state, rules } = ticket;
  const wakes: Wake[] = [];
  if (state.snoozedUntilMs !== null && state.mergedInto === null) {
    wakes.push({ atMs: state.snoozedUntilMs, reason: 'snooze ends' });
  }
  if (state.lease !== null) {
    wakes.push({ atMs: state.lease.untilMs, reason: `merge ${state.lease.mergeId} must be done` });
  }
  const { warnAtMs, closeAtMs } = waitPlan(ticket);
  if (warnAtMs !== null) wakes.push({ atMs: warnAtMs, reason: 'warns before closing' });
  if (closeAtMs !== null) wakes.push({ atMs: closeAtMs, reason: 'closes itself' });
  const spamEndMs = spamEndsAtMs(ticket);
  if (spamEndMs !== null) wakes.push({ atMs: spamEndMs, reason: 'spam is deleted' });
  const endAtMs = endsAtMs(ticket);
  if (endAtMs !== null) wakes.push({ atMs: endAtMs, reason: 'reopen window ends' });
  const widening = nextWidening(state);
  if (widening !== null) wakes.push({ atMs: widening.atMs, reason: widening.reason });
  const moment =
    clocksRun(state) && rules.policy !== null
      ? pendingMoments(rules.policy, state.ledger, state.fired, nowMs)[0]
      : undefined;
  if (moment !== undefined) wakes.push({ atMs: moment.atMs, reason: describeMoment(moment) });
  return wakes.reduce<Wake | null>(
    (first, wake) => (first === null || wake.atMs < first.atMs ? wake : first),
    null,
  );
}

/** Everything that has fallen due by nowMs, the SLA's moments in time order. After it nothing is due at nowMs any more. */
export function decideDue(ticket: Ticket, nowMs: number): TicketEvent[] {
  const { state } = ticket;
  const due: TicketEvent[] = [];
  if (state.snoozedUntilMs !== null && state.snoozedUntilMs <= nowMs && state.mergedInto === null) {
    due.push({ type: 'unsnoozed', cause: 'timer' });
  }
  if (state.lease !== null && state.lease.untilMs <= nowMs) {
    due.push({ type: 'mergeReleased', mergeId: state.lease.mergeId, cause: 'expired' });
  }
  const after = (from: Ticket, happened: readonly TicketEvent[]): Ticket => {
    due.push(...happened);
    return happened.reduce((current, event) => evolve(current, event, nowMs), from);
  };
  const before = due.reduce((current, event) => evolve(current, event, nowMs), ticket);
  const { ticket: climbed, happened } = climbLadder(before, state, nowMs);
  due.push(...happened);
  const widened = after(climbed, wideningEvents({ ...climbed.state }, nowMs));
  // What fell due first may have moved the ticket, or woken it: the wait is judged on what it is by now.
  const last = after(widened, waitEvents(widened, nowMs));
  const spamEndMs = spamEndsAtMs(last);
  if (spamEndMs !== null && spamEndMs <= nowMs) due.push({ type: 'spamExpired' });
  const endAtMs = endsAtMs(last);
  if (endAtMs !== null && endAtMs <= nowMs) due.push({ type: 'ended' });
  return due;
}

/** The warning or the closing of a ticket that waits for its requester, once it is time. */
function waitEvents(ticket: Ticket, nowMs: number): TicketEvent[] {
  const { state, rules } = ticket;
  const { warnAtMs, closeAtMs } = waitPlan(ticket);
  if (warnAtMs !== null && warnAtMs <= nowMs) {
    const send: PendingSend = {
      messageId: closeWarningId(state.id, waitOf(state)?.fromMs ?? nowMs),
      kind: 'closeWarning',
      acceptedAtMs: nowMs,
      sendAtMs: nowMs + rules.undoSendMs,
      scheduled: false,
      statusAfter: null,
    };
    return [{ type: 'closeWarned', send }];
  }
  const closed = firstStatus(rules.pipeline, 'closed');
  if (closeAtMs === null || closeAtMs > nowMs || closed === undefined) return [];
  const { id: to, category } = closed;
  return [{ type: 'statusChanged', from: state.status, to, category, cause: 'autoClose' }];
}

/** Whether deadlines mean anything now: not for spam, a merged or an ended ticket. */
export function clocksRun(state: TicketState): boolean {
  return !state.spam && state.mergedInto === null && !state.ended;
}

/** When the ticket's workflow may finish: the reopen window is over and nothing is on its way. Spam lives until it is deleted. */
function endsAtMs({ state, rules }: Ticket): number | null {
  if (isHeld(state) || spamLives({ state, rules })) return null;
  if (state.mergedInto !== null) return state.mergedInto.atMs + rules.reopenWindowMs;
  return state.closedAtMs === null ? null : state.closedAtMs + rules.reopenWindowMs;
}

/** When spam is deleted for good; null when the ticket is none, or the desk keeps it. */
function spamEndsAtMs({ state, rules }: Ticket): number | null {
  const sinceMs = spamSinceMs(state);
  if (sinceMs === null || isHeld(state) || !spamLives({ state, rules })) return null;
  return sinceMs + (rules.spamDeleteAfterMs ?? 0);
}

function spamLives({ state, rules }: Ticket): boolean {
  const { spamDeleteAfterMs } = rules;
  const kept = spamDeleteAfterMs === undefined || spamDeleteAfterMs === null;
  return state.spam && state.mergedInto === null && !kept;
}

function isHeld(state: TicketState): boolean {
  return state.ended || state.sends.length > 0 || state.lease !== null;
}

function describeMoment({ goal, kind, step, repetition }: SlaMoment): string {
  const goals = { firstReply: 'first reply', nextReply: 'next reply', close: 'close' } as const;
  const kinds = { dueSoon: 'due soon', breach: 'overdue', step: 'escalates' } as const;
  const again = repetition === null ? '' : ` again (${repetition} of ${step?.repeat?.times ?? 0})`;
  return `${goals[goal]} ${kinds[kind]}${again}`;
}

/** The ticket after every moment that has come by nowMs, and what happened. last: as it was when it was last told something. */
function climbLadder(
  ticket: Ticket,
  last: TicketState,
  nowMs: number,
): { ticket: Ticket; happened: TicketEvent[] } {
  const happened: TicketEvent[] = [];
  let climbed = ticket;
  const happen = (event: TicketEvent): void => {
    happened.push(event);
    climbed = evolve(climbed, event, nowMs);
  };
  for (;;) {
    const before = climbed.state.ledger;
    const { policy } = climbed.rules;
    if (policy === null || !clocksRun(climbed.state)) break;
    for (const moment of pendingMoments(policy, before, climbed.state.fired, nowMs)) {
      if (moment.atMs > nowMs) break;
      // In time order: a step that gave the ticket to somebody ends the wait for one.
      wideningEvents({ ...climbed.state }, moment.atMs).forEach(happen);
      happen(momentEvent(moment));
      for (const action of moment.step?.actions ?? []) {
        const atMs = Math.max(moment.atMs, last.updatedAtMs);
        actionEvents(climbed, action, atMs, last.snoozedUntilMs).forEach(happen);
      }
      // A step that set the status has stopped clocks, or ended goals: what comes after it is another ladder.
      if (climbed.state.ledger !== before) break;
    }
    if (climbed.state.ledger === before) break;
  }
  return { ticket: climbed, happened };
}

function momentEvent({ goal, kind, key, atMs, step, repetition }: SlaMoment): TicketEvent {
  if (kind === 'dueSoon') return { type: 'goalDueSoon', goal, key, atMs };
  if (kind === 'breach') return { type: 'goalBreached', goal, key, breachedAtMs: atMs };
  const actions = step?.actions ?? [];
  const again = repetition === null ? {} : { repetition };
  return { type: 'escalated', goal, key, atMs, actions, ...again };
}

/** What an action does to the ticket as it is by then. snoozeEndMs: of the snooze it slept in, though that may be over by now. */
function actionEvents(
  { state, rules }: Ticket,
  action: EscalationAction,
  atMs: number,
  snoozeEndMs: number | null,
): TicketEvent[] {
  switch (action.type) {
    case 'notify':
    case 'postNote':
      // Notices and notes are rows of the read model, written from the escalated event itself; what leaves is a workflow of its own.
      return [];
    case 'raisePriority': {
      const from = state.priority;
      const to = action.to ?? PRIORITIES[PRIORITIES.indexOf(from) + 1] ?? from;
      return PRIORITIES.indexOf(to) <= PRIORITIES.indexOf(from)
        ? []
        : [{ type: 'priorityChanged', from, to }];
    }
    case 'addTag':
      return state.tags.includes(action.tag)
        ? []
        : [{ type: 'tagsChanged', added: [action.tag], removed: [] }];
    case 'setStatus':
      return statusEvents(state, rules.pipeline, action.status, { atMs, snoozeEndMs });
    case 'reassign':
      return reassignEvents(state, action.to);
  }
}

/** A status that the ticket's pipeline does not have is left alone. Dated by the step, so that a late wake gives the same deadlines. */
function statusEvents(
  state: TicketState,
  { statuses }: Pipeline,
  wanted: string,
  { atMs, snoozeEndMs }: { atMs: number; snoozeEndMs: number | null },
): TicketEvent[] {
  const to = statuses.find(({ id }) => id === wanted);
  if (to === undefined || to.id === state.status) return [];
  const closes = to.category === 'closed' && state.category !== 'closed';
  const snoozed = state.snoozedUntilMs !== null || state.snoozedUntilReply;
  const changed = { from: state.status, to: to.id, category: to.category, cause: 'escalation' };
  // The end of a snooze is recorded before the steps that came in it: what it waited asleep must not count for all that.
  const asleep = !snoozed && snoozeEndMs !== null && snoozeEndMs > atMs;
  return [
    // A moment after the step: closing at the very deadline would count as having kept it.
    {
      ...{ type: 'statusChanged', ...changed, atMs: closes ? atMs + 1 : atMs },
      ...(asleep ? { sleptUntilMs: snoozeEndMs } : {}),
    },
    ...(closes && snoozed ? [{ type: 'unsnoozed' as const, cause: 'closed' }] : []),
  ];
}

function reassignEvents(
  state: TicketState,
  to: { teamId: string } | { userId: string },
): TicketEvent[] {
  const userId = 'userId' in to ? to.userId : null;
  const changed: TicketEvent[] = [];
  if ('teamId' in to && state.teamId !== to.teamId) {
    changed.push({ type: 'teamChanged', from: state.teamId, to: to.teamId });
  }
  if (state.assigneeId !== userId) {
    changed.push({
      type: 'assigneeChanged',
      from: state.assigneeId,
      to: userId,
      cause: 'escalation',
      reason: null,
    });
  }
  return changed;
}
