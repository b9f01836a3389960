// The ladder: what a policy wants done at, before and after each deadline, and when the next of it is due.
// Each moment fires once per wait; what has fired is a list of keys in the ticket's state.
import type { CompiledPolicy, EscalationStep, GoalName } from './desk.ts';
import { GOAL_NAMES } from './desk.ts';
import type { SlaLedger } from './sla.ts';
import { goalView, stepAtMs } from './sla.ts';

/** Something of the SLA that happens at an instant: a warning, a breach or a step of the ladder. */
export interface SlaMoment {
  /** Unique per goal, wait and kind: once in `fired`, it does not happen again. */
  key: string;
  goal: GoalName;
  kind: 'dueSoon' | 'breach' | 'step';
  atMs: number;
  step: EscalationStep | null;
}

/** Every moment of the goals that still run, in time order, fired ones left out. */
export function pendingMoments(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  fired: readonly string[],
  nowMs: number,
): SlaMoment[] {
  // The sort is stable: at one instant the warning comes before the breach, and both before the steps as an admin ordered them.
  return allMoments(policy, ledger, nowMs, false)
    .filter((moment) => !fired.includes(moment.key))
    .toSorted((one, other) => one.atMs - other.atMs);
}

/**
 * Keys that still mean something: of the present waits, and not of a deadline that has moved into the future since
 * (a policy made milder takes the breach back, and may breach again later). A wait that was answered keeps its keys:
 * the reply may yet fail, and what has been done for this wait is not done again.
 */
export function firedStill(
  policy: CompiledPolicy | null,
  ledger: SlaLedger,
  fired: readonly string[],
  nowMs: number,
): string[] {
  if (policy === null || fired.length === 0) return [];
  const past = new Set(
    allMoments(policy, ledger, nowMs, true)
      .filter((moment) => moment.atMs <= nowMs)
      .map((moment) => moment.key),
  );
  return fired.filter((key) => past.has(key));
}

function allMoments(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  nowMs: number,
  withCompleted: boolean,
): SlaMoment[] {
  const moments: SlaMoment[] = [];
  for (const goal of GOAL_NAMES) {
    const view = goalView(policy, ledger, goal, nowMs);
    if (view === null || (view.completedAtMs !== null && !withCompleted)) continue;
    const wait = `${goal}:${view.startedAtMs}`;
    if (view.dueSoonAtMs !== null) {
      moments.push({
        key: `${wait}:dueSoon`,
        goal,
        kind: 'dueSoon',
        atMs: view.dueSoonAtMs,
        step: null,
      });
    }
    if (view.dueAtMs !== null) {
      moments.push({ key: `${wait}:breach`, goal, kind: 'breach', atMs: view.dueAtMs, step: null });
    }
    for (const step of policy.escalations) {
      if (step.goal !== goal) continue;
      const atMs = stepAtMs(policy, ledger, step, view);
      if (atMs !== null) {
        moments.push({ key: `${wait}:${stepKey(step)}`, goal, kind: 'step', atMs, step });
      }
    }
  }
  return moments;
}

/** A short name of a step by its content, so that reordering or adding steps never repeats one. */
function stepKey(step: EscalationStep): string {
  const text = JSON.stringify([step.when, step.actions]);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return `step${hash.toString(36)}`;
}
