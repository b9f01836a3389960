// How long a ticket has waited for its requester, and when it therefore warns and closes itself. Only working time counts, and
// none of it while the ticket is snoozed, merged away or spam (chatwoot#10241).
import { ALWAYS, dueAtMs } from './business-calendar.ts';
import type { CompiledCalendar } from './business-calendar.ts';
import type { TicketRules } from './desk.ts';
import { firstStatus } from './pipeline.ts';
import type { ContactWait, Ticket, TicketState } from './ticket-types.ts';

const MAX_SNOOZES = 100;

/** The wait of a ticket, also of a state from before waits were kept: then it began with its status. */
export function waitOf(state: TicketState): ContactWait | null {
  if (state.wait !== undefined) return state.wait;
  if (state.category !== 'waiting') return null;
  return newWait(state, state.ledger.statuses.at(-1)?.atMs ?? state.createdAtMs);
}

/** A wait that begins now, snoozed if the ticket is. */
export function newWait(state: TicketState, atMs: number): ContactWait {
  return { fromMs: atMs, snoozes: isSnoozed(state) ? [[atMs, null]] : [], warnedAtMs: null };
}

/** Whether the ticket sleeps. */
export function isSnoozed(state: TicketState): boolean {
  return state.snoozedUntilMs !== null || state.snoozedUntilReply;
}

/** The wait of a ticket that falls asleep. */
export function waitSnoozed(wait: ContactWait | null, atMs: number): ContactWait | null {
  if (wait === null || wait.snoozes.some(([, toMs]) => toMs === null)) return wait;
  return {
    ...wait,
    snoozes: [...wait.snoozes, [atMs, null] as [number, null]].slice(-MAX_SNOOZES),
  };
}

/** The wait of a ticket that wakes up. */
export function waitWoken(wait: ContactWait | null, atMs: number): ContactWait | null {
  if (wait === null) return null;
  const snoozes = wait.snoozes.map(([fromMs, toMs]): [number, number | null] => [
    fromMs,
    toMs ?? Math.max(fromMs, atMs),
  ]);
  return { ...wait, snoozes };
}

/** When a waiting ticket acts by itself; null for what it does not do, or not before the other. */
export interface WaitPlan {
  warnAtMs: number | null;
  closeAtMs: number | null;
}

const NOTHING: WaitPlan = { warnAtMs: null, closeAtMs: null };

/**
 * The warning and the closing of a ticket as its rules have it now. Whoever is to be warned is warned first, and then has the
 * whole time the warning promised: a setting that is switched on closes no old ticket out of the blue.
 */
export function waitPlan({ state, rules }: Ticket): WaitPlan {
  const { autoClose } = rules;
  const wait = waitOf(state);
  const rests = isSnoozed(state) || state.spam || state.mergedInto !== null || state.ended;
  if (autoClose === undefined || autoClose === null || wait === null || rests) return NOTHING;
  if (state.category !== 'waiting' || firstStatus(rules.pipeline, 'closed') === undefined) {
    return NOTHING;
  }
  // The customer of a ticket merged into this one waits for us: it must not close meanwhile.
  const owes = state.absorbed.some(
    ({ markAtMs, atMs }) => markAtMs !== null && atMs >= wait.fromMs,
  );
  if (owes) return NOTHING;
  const due = (fromMs: number, goalMs: number): number | null =>
    dueAtMs(calendarOf(rules), fromMs, goalMs, pausesOf(state, wait));
  const { afterMs, warnBeforeMs } = autoClose;
  if (warnBeforeMs === null) return { warnAtMs: null, closeAtMs: due(wait.fromMs, afterMs) };
  if (wait.warnedAtMs === null) {
    return { warnAtMs: due(wait.fromMs, Math.max(0, afterMs - warnBeforeMs)), closeAtMs: null };
  }
  const over = due(wait.fromMs, afterMs);
  const promised = due(wait.warnedAtMs, warnBeforeMs);
  return {
    warnAtMs: null,
    closeAtMs: over === null || promised === null ? null : Math.max(over, promised),
  };
}

function calendarOf({ policy, autoClose }: TicketRules): CompiledCalendar {
  if (policy !== null && policy.calendarId !== null) return policy.calendar;
  return autoClose?.calendar ?? ALWAYS;
}

function pausesOf(state: TicketState, wait: ContactWait): [number, number][] {
  return [...wait.snoozes, ...state.ledger.holds].map(([fromMs, toMs]): [number, number] => [
    fromMs,
    toMs ?? Number.POSITIVE_INFINITY,
  ]);
}

/** Since when a ticket has been spam; null when it is not. */
export function spamSinceMs(state: TicketState): number | null {
  if (!state.spam) return null;
  return state.ledger.holds.find(([, toMs]) => toMs === null)?.[0] ?? state.updatedAtMs;
}
