// What a draft of a policy would have done to tickets as they were and are: their ledgers are replayed through the same pure functions
// that set deadlines. Pure and additive, so that a job can go on where it stopped.
import type { CompiledCalendar } from './business-calendar.ts';
import type { GoalName, Priority, SlaPolicyDefinition, TicketFacts } from './desk.ts';
import { GOAL_NAMES } from './desk.ts';
import type { SlaLedger } from './sla.ts';
import { slaView } from './sla.ts';
import type { GoalWire } from './sla-wire.ts';
import { rulesForTicket } from './ticket-rules.ts';
import type { DeskRules } from './ticket-rules.ts';

const MAX_SAMPLES = 50;

/** A draft as an admin wrote it; calendar: other hours than those saved. */
export interface PolicyDraft {
  definition: SlaPolicyDefinition;
  position: number;
  calendar: CompiledCalendar | null;
}

/** One ticket as it stands: what counted for it, and everything the draft is judged on. */
export interface SimulatedTicket {
  facts: TicketFacts;
  ledger: SlaLedger;
  /** Its clocks mean nothing any more: spam, or merged away. */
  stopped: boolean;
  policyId: string | null;
  goals: Partial<Record<GoalName, GoalWire | null>>;
}

/** How many goals were kept and how many missed; a goal that still runs in time counts in neither. */
export interface Attainment {
  met: number;
  missed: number;
}

/** Before and after. */
export interface Compared {
  before: Attainment;
  after: Attainment;
}

/** One ticket whose goal would have ended otherwise. */
export interface SimulatedChange {
  ticketId: number;
  goal: GoalName;
  dueBefore: string | null;
  dueAfter: string | null;
}

/** The answer so far. */
export interface SimulationResult {
  tickets: number;
  /** Tickets the policy rules now, by the draft, or both. */
  concerned: number;
  goals: Record<GoalName, Compared>;
  byTeam: Record<string, Compared>;
  byPriority: Partial<Record<Priority, Compared>>;
  newlyMissed: { count: number; sample: SimulatedChange[] };
  saved: { count: number; sample: SimulatedChange[] };
}

/** An answer about no ticket yet. */
export function newSimulation(): SimulationResult {
  return {
    tickets: 0,
    concerned: 0,
    goals: { firstReply: noneYet(), nextReply: noneYet(), close: noneYet() },
    byTeam: {},
    byPriority: {},
    newlyMissed: { count: 0, sample: [] },
    saved: { count: 0, sample: [] },
  };
}

function noneYet(): Compared {
  return { before: { met: 0, missed: 0 }, after: { met: 0, missed: 0 } };
}

/** The desk's rules as they would be with the draft saved for new and open tickets. */
export function withDraft(desk: DeskRules, policyId: string, draft: PolicyDraft): DeskRules {
  const { definition, position, calendar } = draft;
  const others = desk.policies.filter((policy) => policy.policyId !== policyId);
  const drafted = {
    policyId,
    position,
    versions: [
      {
        policyId,
        version: 0,
        savedAtMs: 0,
        definition: { ...definition, position, appliesTo: 'newAndOpenTickets' as const },
      },
    ],
  };
  const { calendarId } = definition;
  const calendars =
    calendar === null || calendarId === null
      ? desk.calendars
      : { ...desk.calendars, [calendarId]: { version: 0, compiled: calendar } };
  return { ...desk, policies: [...others, drafted], calendars };
}

type Outcome = 'met' | 'missed' | null;

function outcomeOf(state: GoalWire['state'] | undefined): Outcome {
  if (state === 'completedOnTime') return 'met';
  return state === 'completedLate' || state === 'overdue' ? 'missed' : null;
}

/** Adds one ticket to the answer, in place: a hundred thousand of them are looked at. */
export function simulateTicket(
  result: SimulationResult,
  drafted: DeskRules,
  policyId: string,
  ticket: SimulatedTicket,
  nowMs: number,
): void {
  result.tickets += 1;
  const { policy } = rulesForTicket(drafted, ticket.facts);
  const ruledAfter = policy?.policyId === policyId;
  if (!ruledAfter && ticket.policyId !== policyId) return;
  result.concerned += 1;
  const after = slaView(ticket.stopped ? null : policy, ticket.ledger, nowMs).goals;
  for (const goal of GOAL_NAMES) {
    const was = outcomeOf(ticket.goals[goal]?.state);
    const would = outcomeOf(after[goal]?.state);
    if (was === null && would === null) continue;
    for (const compared of comparedOf(result, goal, ticket.facts)) count(compared, was, would);
    if (was === would) continue;
    const dueAfterMs = after[goal]?.dueAtMs ?? null;
    note(would === 'missed' ? result.newlyMissed : was === 'missed' ? result.saved : null, {
      ticketId: ticket.facts.ticketId,
      goal,
      dueBefore: ticket.goals[goal]?.dueAt ?? null,
      dueAfter: dueAfterMs === null ? null : new Date(dueAfterMs).toISOString(),
    });
  }
}

function comparedOf(result: SimulationResult, goal: GoalName, facts: TicketFacts): Compared[] {
  const team = (result.byTeam[facts.teamId ?? 'none'] ??= noneYet());
  const priority = (result.byPriority[facts.priority] ??= noneYet());
  return [result.goals[goal], team, priority];
}

function count({ before, after }: Compared, was: Outcome, would: Outcome): void {
  if (was !== null) before[was] += 1;
  if (would !== null) after[would] += 1;
}

function note(
  list: { count: number; sample: SimulatedChange[] } | null,
  change: SimulatedChange,
): void {
  if (list === null) return;
  list.count += 1;
  if (list.sample.length < MAX_SAMPLES) list.sample.push(change);
}
