// What a ticket waits for: the one instant it must wake at and why, and what has fallen due by then.
import type { EscalationAction } from './desk.ts';
import { closeWarningId } from './ids.ts';
import { firstStatus } from './pipeline.ts';
import { spamSinceMs, waitOf, waitPlan } from './ticket-wait.ts';
import { evolve } from './ticket-evolve.ts';
import { PRIORITIES } from './desk.ts';
import { pendingMoments } from './escalation.ts';
import type { SlaMoment } from './escalation.ts';
import type { PendingSend, Ticket, TicketEvent, TicketState } from './ticket-types.ts';

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
  const { state, rules } = ticket;
  const due: TicketEvent[] = [];
  if (state.snoozedUntilMs !== null && state.snoozedUntilMs <= nowMs && state.mergedInto === null) {
    due.push({ type: 'unsnoozed', cause: 'timer' });
  }
  const { lease } = state;
  if (lease !== null && lease.untilMs <= nowMs) {
    due.push({ type: 'mergeReleased', mergeId: lease.mergeId, cause: 'expired' });
  }
  if (clocksRun(state) && rules.policy !== null) {
    const moments = pendingMoments(rules.policy, state.ledger, state.fired, nowMs);
    const climbed = { ...state };
    for (const moment of moments) {
      if (moment.atMs > nowMs) break;
      due.push(...momentEvents(climbed, moment));
    }
  }
  // What fell due first may have moved the ticket, or woken it: the wait is judged on what it is by now.
  const waited = due.reduce((current, event) => evolve(current, event, nowMs), ticket);
  const closing = waitEvents(waited, nowMs);
  due.push(...closing);
  const last = closing.reduce((current, event) => evolve(current, event, nowMs), waited);
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

function describeMoment(moment: SlaMoment): string {
  const goals = { firstReply: 'first reply', nextReply: 'next reply', close: 'close' } as const;
  const kinds = { dueSoon: 'due soon', breach: 'overdue', step: 'escalates' } as const;
  return `${goals[moment.goal]} ${kinds[moment.kind]}`;
}

/** A moment and what its step does; `climbed` carries the effect of earlier steps of the same wake. */
function momentEvents(climbed: TicketState, moment: SlaMoment): TicketEvent[] {
  const { goal, key, atMs } = moment;
  if (moment.kind === 'dueSoon') return [{ type: 'goalDueSoon', goal, key, atMs }];
  if (moment.kind === 'breach') {
    return [{ type: 'goalBreached', goal, key, breachedAtMs: atMs }];
  }
  const actions = moment.step?.actions ?? [];
  return [
    { type: 'escalated', goal, key, atMs, actions },
    ...actions.flatMap((action) => actionEvents(climbed, action)),
  ];
}

function actionEvents(climbed: TicketState, action: EscalationAction): TicketEvent[] {
  switch (action.type) {
    case 'notify':
      // Notifications are rows of the read model, written from the escalated event itself.
      return [];
    case 'raisePriority': {
      const from = climbed.priority;
      const to = action.to ?? PRIORITIES[PRIORITIES.indexOf(from) + 1] ?? from;
      if (PRIORITIES.indexOf(to) <= PRIORITIES.indexOf(from)) return [];
      climbed.priority = to;
      return [{ type: 'priorityChanged', from, to }];
    }
    case 'addTag':
      if (climbed.tags.includes(action.tag)) return [];
      climbed.tags = [...climbed.tags, action.tag];
      return [{ type: 'tagsChanged', added: [action.tag], removed: [] }];
    case 'reassign':
      return reassignEvents(climbed, action.to);
  }
}

function reassignEvents(
  climbed: TicketState,
  to: { teamId: string } | { userId: string },
): TicketEvent[] {
  const userId = 'userId' in to ? to.userId : null;
  const changed: TicketEvent[] = [];
  if ('teamId' in to && climbed.teamId !== to.teamId) {
    changed.push({ type: 'teamChanged', from: climbed.teamId, to: to.teamId });
    climbed.teamId = to.teamId;
  }
  if (climbed.assigneeId !== userId) {
    changed.push({
      type: 'assigneeChanged',
      from: climbed.assigneeId,
      to: userId,
      cause: 'escalation',
      reason: null,
    });
    climbed.assigneeId = userId;
  }
  return changed;
}
