// SLA arithmetic: the ledger of clock events and what follows from it. A deadline is a pure function of
// (policy version, calendar version, ledger); nothing here reads a clock, and no deadline is ever stored as a fact of its own.
import { dueAtMs } from './business-calendar.ts';
import type { CompiledPolicy, EscalationStep, GoalName, StatusCategory } from './desk.ts';
import { GOAL_NAMES } from './desk.ts';

/** Something that starts or answers a wait: the customer wrote, a person replied publicly, the ticket closed. */
export interface SlaMark {
  atMs: number;
  kind: 'customer' | 'reply' | 'close';
  messageId: string | null;
}

/** From atMs on the ticket was in this status. */
export interface StatusSince {
  atMs: number;
  status: string;
  category: StatusCategory;
}

/** One wait of the customer: from the oldest unanswered message to its answer. */
export interface ReplyWait {
  fromMs: number;
  answeredAtMs: number | null;
}

/** What is certain for ever and may be forgotten in detail: nothing before it can be given back. */
export interface SettledReplies {
  firstReplyAtMs: number | null;
  wait: ReplyWait | null;
}

/** Every fact that deadlines depend on. Bounded: settleMarks() folds what can no longer change. */
export interface SlaLedger {
  createdAtMs: number;
  statuses: StatusSince[];
  settled: SettledReplies;
  marks: SlaMark[];
  /** The close goal runs from creation, and anew from each reopening. */
  closeFromMs: number;
  closedAtMs: number | null;
  /** Spans in which every clock stood still for another reason than a status: the ticket was merged away or was spam. */
  holds: [number, number | null][];
}

/** A goal's state as the API shows it. */
export type GoalState = 'active' | 'dueSoon' | 'overdue' | 'completedOnTime' | 'completedLate';

/** One goal, all instants in epoch ms. dueAtMs is null while the clock stands still. */
export interface GoalView {
  state: GoalState;
  startedAtMs: number;
  dueAtMs: number | null;
  dueSoonAtMs: number | null;
  completedAtMs: number | null;
  /** The deadline that was missed: never the time at which somebody noticed. */
  breachedAtMs: number | null;
}

/** What lists sort and filter by. */
export type SlaState = 'none' | 'ok' | 'dueSoon' | 'overdue' | 'paused' | 'completed';

/** Everything the desk shows of a ticket's SLA at one instant. */
export interface SlaView {
  policyId: string | null;
  policyVersion: number | null;
  paused: boolean;
  goals: Partial<Record<GoalName, GoalView>>;
  mostUrgent: GoalName | null;
  state: SlaState;
  /** The next deadline of a running goal, or the oldest missed one. */
  nextDueAtMs: number | null;
}

const MAX_MARKS = 60;
const MAX_STATUSES = 400;

/** A ledger as of the ticket's creation. */
export function newLedger(
  createdAtMs: number,
  status: string,
  category: StatusCategory,
): SlaLedger {
  const closed = category === 'closed';
  return {
    createdAtMs,
    statuses: [{ atMs: createdAtMs, status, category }],
    settled: { firstReplyAtMs: null, wait: null },
    marks: closed ? [{ atMs: createdAtMs, kind: 'close', messageId: null }] : [],
    closeFromMs: createdAtMs,
    closedAtMs: closed ? createdAtMs : null,
    holds: [],
  };
}

/**
 * First reply and the current or last wait. The first reply answers the ticket as a whole, so a customer's message
 * starts a wait of its own only after it (zammad#5177: goals are independent; cerb#1524: the first runs from creation).
 */
export function replyWaits(ledger: SlaLedger): SettledReplies {
  return foldMarks(ledger.settled, ledger.marks);
}

function foldMarks(from: SettledReplies, marks: readonly SlaMark[]): SettledReplies {
  let { firstReplyAtMs, wait } = from;
  for (const mark of marks) {
    if (mark.kind === 'customer') {
      if (firstReplyAtMs === null) continue;
      const sinceMs = wait !== null && wait.answeredAtMs === null ? wait.fromMs : mark.atMs;
      // Messages may be told out of order: the oldest unanswered one counts.
      wait = { fromMs: Math.min(sinceMs, mark.atMs), answeredAtMs: null };
    } else {
      if (firstReplyAtMs === null) firstReplyAtMs = mark.atMs;
      if (wait !== null && wait.answeredAtMs === null) {
        wait = { ...wait, answeredAtMs: Math.max(wait.fromMs, mark.atMs) };
      }
    }
  }
  return { firstReplyAtMs, wait };
}

/** The customer's oldest unanswered message, or null; also true of a new ticket nobody has answered. Nobody waits on a closed one. */
export function unansweredSinceMs(ledger: SlaLedger): number | null {
  const { firstReplyAtMs, wait } = replyWaits(ledger);
  if (ledger.closedAtMs !== null) return null;
  if (firstReplyAtMs === null) return ledger.createdAtMs;
  return wait !== null && wait.answeredAtMs === null ? wait.fromMs : null;
}

/**
 * Adds a mark. A customer's message comes last, whatever its own time: no reply given before the ticket knew it is
 * taken for its answer. A reply that is reported late goes before what has happened since it left.
 */
export function addMark(ledger: SlaLedger, mark: SlaMark): SlaLedger {
  let index = ledger.marks.length;
  if (mark.kind === 'reply') {
    while ((ledger.marks[index - 1]?.atMs ?? Number.NEGATIVE_INFINITY) > mark.atMs) index -= 1;
  }
  const marks = ledger.marks.toSpliced(index, 0, mark);
  return settleMarks(
    { ...ledger, marks: marks.length > MAX_MARKS ? withoutRuns(marks) : marks },
    MAX_MARKS,
  );
}

/** Of customer messages in a row the first says how long somebody waits; it stays, unless a later one is older. */
function withoutRuns(marks: readonly SlaMark[]): SlaMark[] {
  const kept: SlaMark[] = [];
  for (const mark of marks) {
    const last = kept.at(-1);
    if (mark.kind !== 'customer' || last?.kind !== 'customer') kept.push(mark);
    else if (mark.atMs < last.atMs) kept[kept.length - 1] = mark;
  }
  return kept;
}

/** Takes a reply back that never reached the customer (failed for good, or undone): its clocks run again as if it had not been. */
export function removeReply(ledger: SlaLedger, messageId: string): SlaLedger {
  const marks = ledger.marks.filter(
    (mark) => !(mark.kind === 'reply' && mark.messageId === messageId),
  );
  return marks.length === ledger.marks.length ? ledger : { ...ledger, marks };
}

/** Folds the oldest marks into what is settled until at most `keep` remain. */
export function settleMarks(ledger: SlaLedger, keep: number): SlaLedger {
  const surplus = ledger.marks.length - keep;
  if (surplus <= 0) return ledger;
  return {
    ...ledger,
    settled: foldMarks(ledger.settled, ledger.marks.slice(0, surplus)),
    marks: ledger.marks.slice(surplus),
  };
}

/** Records a change of status; closing ends the waits and the close goal, reopening starts the close goal anew. */
export function recordStatus(ledger: SlaLedger, since: StatusSince): SlaLedger {
  const before = ledger.statuses.at(-1);
  const wasClosed = before?.category === 'closed';
  const closes = since.category === 'closed' && !wasClosed;
  const reopens = since.category !== 'closed' && wasClosed;
  const next: SlaLedger = {
    ...ledger,
    statuses: [...ledger.statuses, since].slice(-MAX_STATUSES),
    closedAtMs: closes ? since.atMs : reopens ? null : ledger.closedAtMs,
    closeFromMs: reopens ? since.atMs : ledger.closeFromMs,
  };
  return closes ? addMark(next, { atMs: since.atMs, kind: 'close', messageId: null }) : next;
}

/** Takes a closing back that came with a reply nobody got: the waits it ended and the close goal run as if it had not been. */
export function takeBackClose(ledger: SlaLedger, since: StatusSince): SlaLedger {
  const closing = ledger.marks.findLastIndex((mark) => mark.kind === 'close');
  return {
    ...recordStatus(ledger, since),
    marks: ledger.marks.filter((_, index) => index !== closing),
    closeFromMs: ledger.closeFromMs,
  };
}

/** Stops every clock from atMs on until resumeClocks(). */
export function holdClocks(ledger: SlaLedger, atMs: number): SlaLedger {
  if (ledger.holds.some(([, toMs]) => toMs === null)) return ledger;
  return { ...ledger, holds: [...ledger.holds, [atMs, null]] };
}

/** Lets the clocks run on from atMs; only the working time inside the hold was worth anything. */
export function resumeClocks(ledger: SlaLedger, atMs: number): SlaLedger {
  return {
    ...ledger,
    holds: ledger.holds.map(([fromMs, toMs]): [number, number | null] => [fromMs, toMs ?? atMs]),
  };
}

/** The spans in which the clocks of this policy stood still, as [from, to) in epoch ms; the last may be open (Infinity). */
export function pausesOf(ledger: SlaLedger, pauseStatuses: readonly string[]): [number, number][] {
  const pauses: [number, number][] = ledger.holds.map(([fromMs, toMs]) => [
    fromMs,
    toMs ?? Number.POSITIVE_INFINITY,
  ]);
  for (const [index, since] of ledger.statuses.entries()) {
    if (!pauseStatuses.includes(since.status)) continue;
    const untilMs = ledger.statuses[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    if (untilMs > since.atMs) pauses.push([since.atMs, untilMs]);
  }
  return pauses.toSorted((one, other) => one[0] - other[0]);
}

/** When a goal's clock started and stopped, or null when the goal has nothing to measure. */
export function goalClock(
  ledger: SlaLedger,
  goal: GoalName,
): { fromMs: number; toMs: number | null } | null {
  if (goal === 'close') return { fromMs: ledger.closeFromMs, toMs: ledger.closedAtMs };
  const { firstReplyAtMs, wait } = replyWaits(ledger);
  if (goal === 'firstReply') return { fromMs: ledger.createdAtMs, toMs: firstReplyAtMs };
  // Nobody waits for an answer on a closed ticket; who wrote to it all the same waits again once it opens (chatwoot#10178).
  if (wait === null || (wait.answeredAtMs === null && ledger.closedAtMs !== null)) return null;
  return { fromMs: wait.fromMs, toMs: wait.answeredAtMs };
}

/** When goalMs of unpaused working time is over; null while the clock stands still before that. */
function deadlineMs(
  policy: CompiledPolicy,
  fromMs: number,
  goalMs: number,
  pauses: readonly [number, number][],
): number | null {
  // A pause without an end is left out of the walk, which would look for working time behind it for ten years.
  const stopsAtMs = Math.min(
    ...pauses.filter(([, toMs]) => toMs === Number.POSITIVE_INFINITY).map(([from]) => from),
  );
  if (fromMs >= stopsAtMs) return null;
  const ending = pauses.filter(([, toMs]) => toMs !== Number.POSITIVE_INFINITY);
  const due = dueAtMs(policy.calendar, fromMs, goalMs, ending);
  return due !== null && due <= stopsAtMs ? due : null;
}

/** One goal at nowMs, or null when the policy or the ticket has no such goal. */
export function goalView(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  goal: GoalName,
  nowMs: number,
): GoalView | null {
  const target = policy.goals[goal];
  const clock = goalClock(ledger, goal);
  if (target === undefined || clock === null) return null;
  // What happens after its end does not move a goal any more: its figures are final.
  const endMs = clock.toMs ?? Number.POSITIVE_INFINITY;
  const pauses = pausesOf(ledger, policy.pauseStatuses)
    .filter(([fromMs]) => fromMs < endMs)
    .map(([fromMs, toMs]): [number, number] => [fromMs, Math.min(toMs, endMs)]);
  const goalMs = target.seconds * 1000;
  const due = deadlineMs(policy, clock.fromMs, goalMs, pauses);
  const dueSoonMs = Math.max(0, goalMs - (target.dueSoonSeconds ?? 0) * 1000);
  const dueSoon =
    target.dueSoonSeconds === undefined
      ? null
      : deadlineMs(policy, clock.fromMs, dueSoonMs, pauses);
  const seenAtMs = clock.toMs ?? nowMs;
  const missed = due !== null && due < seenAtMs;
  const overdue = due !== null && (clock.toMs === null ? due <= nowMs : missed);
  return {
    state: stateOf(clock.toMs !== null, overdue, dueSoon !== null && dueSoon <= nowMs),
    startedAtMs: clock.fromMs,
    dueAtMs: due,
    dueSoonAtMs: dueSoon,
    completedAtMs: clock.toMs,
    breachedAtMs: overdue ? due : null,
  };
}

function stateOf(completed: boolean, overdue: boolean, dueSoon: boolean): GoalState {
  if (completed) return overdue ? 'completedLate' : 'completedOnTime';
  if (overdue) return 'overdue';
  return dueSoon ? 'dueSoon' : 'active';
}

/** The whole SLA of a ticket at nowMs. Without a policy every goal is gone (zammad#5624). */
export function slaView(policy: CompiledPolicy | null, ledger: SlaLedger, nowMs: number): SlaView {
  const goals: Partial<Record<GoalName, GoalView>> = {};
  if (policy !== null) {
    for (const goal of GOAL_NAMES) {
      const view = goalView(policy, ledger, goal, nowMs);
      if (view !== null) goals[goal] = view;
    }
  }
  const paused =
    policy !== null && pausesOf(ledger, policy.pauseStatuses).some(([, toMs]) => toMs > nowMs);
  const mostUrgent = mostUrgentGoal(goals);
  return {
    policyId: policy?.policyId ?? null,
    policyVersion: policy?.version ?? null,
    paused: paused && ledger.closedAtMs === null,
    goals,
    mostUrgent,
    state: overallState(goals, mostUrgent, paused),
    nextDueAtMs: mostUrgent === null ? null : (goals[mostUrgent]?.dueAtMs ?? null),
  };
}

function mostUrgentGoal(goals: Partial<Record<GoalName, GoalView>>): GoalName | null {
  let best: GoalName | null = null;
  let bestDueMs = Number.POSITIVE_INFINITY;
  for (const goal of GOAL_NAMES) {
    const view = goals[goal];
    if (view === undefined || view.completedAtMs !== null) continue;
    const due = view.dueAtMs ?? Number.MAX_SAFE_INTEGER;
    if (due < bestDueMs) {
      best = goal;
      bestDueMs = due;
    }
  }
  return best;
}

function overallState(
  goals: Partial<Record<GoalName, GoalView>>,
  mostUrgent: GoalName | null,
  paused: boolean,
): SlaState {
  const views = Object.values(goals);
  if (views.length === 0) return 'none';
  if (mostUrgent === null) return 'completed';
  if (views.some((view) => view.state === 'overdue')) return 'overdue';
  if (paused) return 'paused';
  return views.some((view) => view.state === 'dueSoon') ? 'dueSoon' : 'ok';
}

/** When an escalation step falls due for a running goal, or null while its clock stands still. */
export function stepAtMs(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  step: EscalationStep,
  view: GoalView,
): number | null {
  const { when } = step;
  if (when === 'overdue') return view.dueAtMs;
  if (when === 'dueSoon') return view.dueSoonAtMs;
  if ('afterSeconds' in when) {
    if (view.dueAtMs === null) return null;
    return laterMs(policy, ledger, step, view.dueAtMs, when.afterSeconds);
  }
  if (step.hours === 'always') {
    if (view.dueAtMs === null) return null;
    return Math.max(view.startedAtMs, view.dueAtMs - when.beforeSeconds * 1000);
  }
  const target = policy.goals[step.goal];
  const goalMs = Math.max(0, ((target?.seconds ?? 0) - when.beforeSeconds) * 1000);
  return deadlineMs(policy, view.startedAtMs, goalMs, pausesOf(ledger, policy.pauseStatuses));
}

/** When a step that first happened at firstAtMs happens for the count-th time again; null while its clock stands still. */
export function repetitionAtMs(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  step: EscalationStep,
  firstAtMs: number,
  count: number,
): number | null {
  return laterMs(policy, ledger, step, firstAtMs, count * (step.repeat?.everySeconds ?? 0));
}

/** So many seconds later by what the step counts: working time outside pauses, or all of it, pauses included. */
function laterMs(
  policy: CompiledPolicy,
  ledger: SlaLedger,
  step: EscalationStep,
  fromMs: number,
  seconds: number,
): number | null {
  if (step.hours === 'always') return fromMs + seconds * 1000;
  return deadlineMs(policy, fromMs, seconds * 1000, pausesOf(ledger, policy.pauseStatuses));
}
