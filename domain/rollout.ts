// Whom a save of rules concerns: judged on a ticket's stored state by the same functions its workflow uses. Pure.
import type { TicketRules } from './desk.ts';
import type { TicketState } from './ticket-types.ts';
import { nextWake } from './ticket-wake.ts';

/** What a ticket counts by so far, as its row says. */
export interface CountsBy {
  policyId: string | null;
  policyVersion: number | null;
  calendarVersion: number | null;
  nextWakeAtMs: number | null;
}

/** Whether other rules hold for a ticket than those it counts by. */
export function isConcerned(row: CountsBy, rules: TicketRules): boolean {
  const { policy } = rules;
  return (
    (policy?.policyId ?? null) !== row.policyId ||
    (policy?.version ?? null) !== row.policyVersion ||
    (policy?.calendarVersion ?? null) !== row.calendarVersion
  );
}

/** Whether the ticket would have to act before the instant it waits for now: it must be told at once. */
export function wakesEarlier(
  row: CountsBy,
  state: TicketState,
  rules: TicketRules,
  nowMs: number,
): boolean {
  const wake = nextWake({ state, rules }, nowMs);
  if (wake === null) return false;
  return row.nextWakeAtMs === null || wake.atMs < row.nextWakeAtMs;
}

/** Whether a ticket that closes itself would do so at another time by these rules: no policy need have changed for that. */
export function wakeMoves(
  row: CountsBy,
  state: TicketState,
  rules: TicketRules,
  nowMs: number,
): boolean {
  if (state.category !== 'waiting') return false;
  return (nextWake({ state, rules }, nowMs)?.atMs ?? null) !== row.nextWakeAtMs;
}

/** How many tickets a rollout has told that do not follow yet, at least and at most. */
export const NARROWEST_WINDOW = 12;
const WIDEST_WINDOW = 48;
const WINDOW_STEP = 2;

/**
 * How many may be on their way next: more while all follow within one look, fewer while some do not. Workers that are not quick enough are
 * never given a queue that people's own commands would stand behind.
 */
export function windowAfter(window: number, behind: number): number {
  const next = behind === 0 ? window + WINDOW_STEP : window - WINDOW_STEP;
  return Math.min(WIDEST_WINDOW, Math.max(NARROWEST_WINDOW, next));
}
