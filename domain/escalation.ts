// The ladder: what a policy wants done at, before and after each deadline, and when the next of it is due.
// Each moment fires once per wait; what has fired is a list of keys in the ticket's state. Of a step that repeats only the last
// repetition stays in that list, since those before it have happened too: the list stays short however often a step repeats.
import type { CompiledPolicy, EscalationStep, EscalationStepDefinition, GoalName } from './desk.ts';
import { GOAL_NAMES } from './desk.ts';
import type { GoalView, SlaLedger } from './sla.ts';
import { goalView, repetitionAtMs, stepAtMs } from './sla.ts';

/** Something of the SLA that happens at an instant: a warning, a breach, a step of the ladder or one of its repetitions. */
export interface SlaMoment {
  /** Unique per goal, wait and kind: once in `fired`, it does not happen again. */
  key: string;
  goal: GoalName;
  kind: 'dueSoon' | 'breach' | 'step';
  atMs: number;
  step: EscalationStep | null;
  /** 1 for the first time a step happens again; null for its own instant and for what is no step. */
  repetition: number | null;
}

/** Every moment of the goals that still run, in time order, fired ones left out; of repetitions those due and the next one. */
export function pendingMoments(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  fired: readonly string[],
  nowMs: number,
): SlaMoment[] {
  const pending = new Map<string, SlaMoment>();
  const add = (moment: SlaMoment): void => {
    if (!fired.includes(moment.key) && !pending.has(moment.key)) pending.set(moment.key, moment);
  };
  for (const { goal, view } of waitsOf(policy, ledger, nowMs, false)) {
    for (const moment of momentsOf(policy, ledger, goal, view)) {
      add(moment);
      // A step that has not come repeats nothing yet: its own instant wakes the ticket.
      if (moment.step?.repeat === undefined || moment.atMs > nowMs) continue;
      repetitions(policy, ledger, moment, fired, nowMs).forEach(add);
    }
  }
  // The sort is stable: at one instant the warning comes before the breach, and both before the steps as an admin ordered them.
  return [...pending.values()].toSorted((one, other) => one.atMs - other.atMs);
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
  { nowMs, keepsUnknown }: { nowMs: number; keepsUnknown: boolean },
): string[] {
  if (policy === null || fired.length === 0) return [];
  const past = new Map<string, SlaMoment | null>();
  const known = new Set<string>();
  const waits: string[] = [];
  for (const { goal, view } of waitsOf(policy, ledger, nowMs, true)) {
    waits.push(`${waitKey(goal, view)}:`);
    for (const moment of momentsOf(policy, ledger, goal, view)) {
      known.add(moment.key);
      if (moment.atMs <= nowMs) past.set(moment.key, moment);
    }
    // Such a step depends on a deadline that has no instant while the clock stands still: that is no reason to do it again.
    for (const step of policy.escalations) {
      if (step.goal !== goal || view.dueAtMs !== null || !isRealTimeBefore(step)) continue;
      past.set(`${waitKey(goal, view)}:${stepKey(step)}`, null);
    }
  }
  return fired.flatMap((key) => {
    if (past.has(key)) return [key];
    const [base, count] = splitRepetition(key);
    const moment = past.get(base);
    // A step these rules do not have may come back with the next ones: it has been done for this wait all the same.
    const unknown = keepsUnknown && !known.has(base) && moment === undefined;
    if (unknown && waits.some((wait) => key.startsWith(wait))) return [key];
    if (count === 0 || moment === undefined) return [];
    const still = moment === null ? count : lastPast(policy, ledger, moment, count, nowMs);
    return still === 0 ? [] : [repetitionKey(base, still)];
  });
}

/** The list of fired keys with one more; a repetition takes the place of the one before it. */
export function withFired(fired: readonly string[], key: string): string[] {
  const [base, count] = splitRepetition(key);
  if (count === 0) return [...fired, key];
  const others = fired.filter((one) => {
    const [otherBase, otherCount] = splitRepetition(one);
    return otherCount === 0 || otherBase !== base;
  });
  return [...others, key];
}

/**
 * Whether a step happened again at the same look at the clock: after an outage a ladder catches up in one wake, and people are told
 * of its last repetition, not a hundred times. `keys` are those of the same look.
 */
export function isOvertaken(key: string, keys: readonly string[]): boolean {
  const [base, count] = splitRepetition(key);
  return keys.some((other) => {
    const [otherBase, otherCount] = splitRepetition(other);
    return otherBase === base && otherCount > count;
  });
}

/** A short name of a step by its content, so that reordering or adding steps, or another number of repetitions, never repeats one. */
export function stepKey(step: EscalationStep | EscalationStepDefinition): string {
  if ('key' in step && step.key !== undefined) return step.key;
  const content = [step.when, step.actions];
  const text = JSON.stringify(step.hours === 'always' ? [...content, step.hours] : content);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return `step${hash.toString(36)}`;
}

function waitsOf(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  nowMs: number,
  withCompleted: boolean,
): { goal: GoalName; view: GoalView }[] {
  return GOAL_NAMES.flatMap((goal) => {
    const view = goalView(policy, ledger, goal, nowMs);
    if (view === null || (view.completedAtMs !== null && !withCompleted)) return [];
    return [{ goal, view }];
  });
}

const waitKey = (goal: GoalName, view: GoalView): string => `${goal}:${view.startedAtMs}`;

/** Warning, breach and steps of one wait, without repetitions. */
function momentsOf(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  goal: GoalName,
  view: GoalView,
): SlaMoment[] {
  const wait = waitKey(goal, view);
  const plain = { goal, step: null, repetition: null };
  const moments: SlaMoment[] = [];
  if (view.dueSoonAtMs !== null) {
    moments.push({ ...plain, key: `${wait}:dueSoon`, kind: 'dueSoon', atMs: view.dueSoonAtMs });
  }
  if (view.dueAtMs !== null) {
    moments.push({ ...plain, key: `${wait}:breach`, kind: 'breach', atMs: view.dueAtMs });
  }
  for (const step of policy.escalations) {
    if (step.goal !== goal) continue;
    const atMs = stepAtMs(policy, ledger, step, view);
    if (atMs === null) continue;
    moments.push({ ...plain, key: `${wait}:${stepKey(step)}`, kind: 'step', atMs, step });
  }
  return moments;
}

/** The repetitions of a step that come after the last one fired: all that are due, and the next. */
function repetitions(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  first: SlaMoment,
  fired: readonly string[],
  nowMs: number,
): SlaMoment[] {
  const { step } = first;
  const found: SlaMoment[] = [];
  if (step?.repeat === undefined) return found;
  const done = fired.map(splitRepetition).find(([base, count]) => base === first.key && count > 0);
  for (let count = (done?.[1] ?? 0) + 1; count <= step.repeat.times; count += 1) {
    const atMs = repetitionAtMs(policy, ledger, step, first.atMs, count);
    if (atMs === null) break;
    found.push({ ...first, key: repetitionKey(first.key, count), atMs, repetition: count });
    if (atMs > nowMs) break;
  }
  return found;
}

/** The last of the repetitions up to `count` whose instant has come by the policy as it is now; 0 when none has. */
function lastPast(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  first: SlaMoment,
  count: number,
  nowMs: number,
): number {
  const { step } = first;
  if (step?.repeat === undefined) return count;
  let last = count;
  for (; last > 0; last -= 1) {
    const atMs = repetitionAtMs(policy, ledger, step, first.atMs, last);
    if (atMs !== null && atMs <= nowMs) break;
  }
  return last;
}

function isRealTimeBefore({ hours, when }: EscalationStep): boolean {
  return hours === 'always' && typeof when === 'object' && 'beforeSeconds' in when;
}

const repetitionKey = (base: string, count: number): string => `${base}:r${count}`;

const REPETITION = /^(.*):r(\d+)$/;

/** A key as its step's own key and the number of the repetition; 0 for what is none. */
function splitRepetition(key: string): [base: string, count: number] {
  const match = REPETITION.exec(key);
  return match === null ? [key, 0] : [match[1] ?? key, Number(match[2])];
}
