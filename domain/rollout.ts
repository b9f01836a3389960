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
/** Who has not followed by then is slow; after the longer one it is stuck, which says nothing of how busy the workers are. */
const SLOW_MS = 150;
const STUCK_MS = 1_000;

/**
 * How many may be on their way next, by how long those that do not follow yet have known: more while none of them is slow, fewer while
 * some are. Workers that are not quick enough are never given a queue that people's own commands would stand behind.
 */
export function windowAfter(window: number, agesMs: readonly number[]): number {
  const slow = agesMs.some((ageMs) => ageMs >= SLOW_MS && ageMs < STUCK_MS);
  const next = slow ? window - WINDOW_STEP : window + WINDOW_STEP;
  return Math.min(WIDEST_WINDOW, Math.max(NARROWEST_WINDOW, next));
}

/** How many more may be told now: what is stuck does not hold up the others, though there is a limit to all that is on its way. */
export function roomFor(window: number, agesMs: readonly number[]): number {
  const moving = agesMs.filter((ageMs) => ageMs < STUCK_MS).length;
  return Math.max(0, Math.min(window - moving, WIDEST_WINDOW - agesMs.length));
}
