// Whether somebody is there: one pure answer from the toggle, their weekly hours and their ranges out of office, with the reason
// and the instant at which it changes by itself.
import { elapsedMs, isOpenAt, nextOpenMs } from './business-calendar.ts';
import type { CompiledCalendar } from './business-calendar.ts';
import { reasonOf } from './routing-reasons.ts';
import type { Reason } from './routing-reasons.ts';

/** A range out of office, [fromMs, toMs). */
export interface Absence {
  fromMs: number;
  toMs: number;
}

/** What availability is made of. */
export interface AvailabilityFacts {
  toggle: 'available' | 'away';
  hours: CompiledCalendar | null;
  absences: readonly Absence[];
}

/** Why somebody is there or not; the first that keeps them away, in this order. */
export type AvailabilityReason = 'toggledAway' | 'outOfOffice' | 'outsideHours' | 'available';

/** The answer. untilMs: when it turns by itself, null when only a person can turn it (or within a year nothing does). */
export interface EffectiveAvailability {
  availability: 'available' | 'away';
  reason: AvailabilityReason;
  untilMs: number | null;
}

/** How each reason reads after a name, or after "The assignee". */
export const AVAILABILITY_WORDS: Record<AvailabilityReason, Reason> = {
  toggledAway: reasonOf('toggledAway'),
  outOfOffice: reasonOf('outOfOffice'),
  outsideHours: reasonOf('outsideHours'),
  available: reasonOf('available'),
};

/** What was made of the facts at the look before. */
export interface KnownAvailability {
  availability: 'available' | 'away';
  sinceMs: number;
  /** When they were to be looked at again. */
  nextAtMs: number | null;
  /** Their tickets went back in this absence already. */
  handedBack: boolean;
}

/** Whether open tickets of somebody who became away go back to their team's queue, and how long after. */
export interface HandBackRule {
  enabled: boolean;
  afterSeconds: number;
}

/** What one look finds. nextAtMs: when the next one is due, null when nothing is to be waited for. */
export interface AvailabilityLook extends EffectiveAvailability, KnownAvailability {
  /** They have come or gone since the look before. */
  changed: boolean;
  /** Their open tickets go back now. */
  handsBack: boolean;
}

/** No search for the next change goes further than this. */
const MAX_AHEAD_MS = 366 * 86_400_000;
/** Nor through more edges than a year of lunch breaks and as many ranges have. */
const MAX_EDGES = 2_000;
const DAY_MS = 86_400_000;

/** Whether somebody is there at nowMs, why, and until when. */
export function effectiveAvailability(
  facts: AvailabilityFacts,
  nowMs: number,
): EffectiveAvailability {
  const reason = reasonAt(facts, nowMs);
  const availability = reason === 'available' ? 'available' : 'away';
  // Somebody who has put themselves away comes back by hand alone.
  if (reason === 'toggledAway') return { availability, reason, untilMs: null };
  return { availability, reason, untilMs: turnsAtMs(facts, availability, nowMs) };
}

/** What follows from somebody's facts at nowMs and what was known of them before: the one rule of coming, going and handing back. */
export function lookAt(
  facts: AvailabilityFacts,
  known: KnownAvailability | null,
  rule: HandBackRule,
  nowMs: number,
): AvailabilityLook {
  const now = effectiveAvailability(facts, nowMs);
  const changed = known === null || known.availability !== now.availability;
  // A change that was planned happened at its instant, however late it is looked at.
  const sinceMs = changed ? Math.min(known?.nextAtMs ?? nowMs, nowMs) : known.sinceMs;
  const before = !changed && known.handedBack;
  const back = handBack(rule, now.availability, { sinceMs, handedBack: before }, nowMs);
  return {
    ...{ ...now, changed, sinceMs, handsBack: back.now, handedBack: before || back.now },
    nextAtMs: earliest(now.untilMs, back.laterAtMs),
  };
}

/** Whether the tickets go back now, or when they will unless the person is there again before. */
function handBack(
  { enabled, afterSeconds }: HandBackRule,
  availability: 'available' | 'away',
  { sinceMs, handedBack }: { sinceMs: number; handedBack: boolean },
  nowMs: number,
): { now: boolean; laterAtMs: number | null } {
  if (availability === 'available' || !enabled || handedBack)
    return { now: false, laterAtMs: null };
  const atMs = sinceMs + afterSeconds * 1000;
  return atMs <= nowMs ? { now: true, laterAtMs: null } : { now: false, laterAtMs: atMs };
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** Why a ticket went back; it travels through Temporal, so it names nobody. */
export function returnReason({ reason, untilMs }: EffectiveAvailability): Reason {
  const against = AVAILABILITY_WORDS[reason];
  return untilMs === null
    ? reasonOf('returned', { against })
    : reasonOf('returnedUntil', { against, until: new Date(untilMs).toISOString() });
}

/**
 * The looks that will be taken from fromMs to untilMs if nothing is saved meanwhile, the one at fromMs first: what an availability
 * workflow does, without waiting. It ends after `mostChanges` comings and goings.
 */
export function foresee(
  facts: AvailabilityFacts,
  known: KnownAvailability | null,
  rule: HandBackRule,
  span: { fromMs: number; untilMs: number; mostChanges: number },
): (AvailabilityLook & { atMs: number })[] {
  const looks: (AvailabilityLook & { atMs: number })[] = [];
  let [atMs, changes, before] = [span.fromMs, 0, known];
  while (atMs <= span.untilMs) {
    const look = lookAt(facts, before, rule, atMs);
    looks.push({ ...look, atMs });
    if (look.changed && atMs > span.fromMs) changes += 1;
    if (look.nextAtMs === null || changes >= span.mostChanges) break;
    // A look sees the next one ahead of it; one that did not would be taken again and again.
    atMs = Math.max(look.nextAtMs, atMs + 1);
    before = look;
  }
  return looks;
}

/** Whether somebody is there at this instant, without looking ahead; null when they are, else what keeps them away. */
export function whyAway(facts: AvailabilityFacts, nowMs: number): AvailabilityReason | null {
  const reason = reasonAt(facts, nowMs);
  return reason === 'available' ? null : reason;
}

function reasonAt({ toggle, hours, absences }: AvailabilityFacts, nowMs: number) {
  if (toggle === 'away') return 'toggledAway';
  if (absences.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)) return 'outOfOffice';
  return hours === null || isOpenAt(hours, nowMs) ? 'available' : 'outsideHours';
}

/** The first instant after nowMs with another answer: from edge to edge, since the answer cannot change between them. */
function turnsAtMs(
  facts: AvailabilityFacts,
  now: 'available' | 'away',
  nowMs: number,
): number | null {
  let atMs = nowMs;
  for (let edges = 0; edges < MAX_EDGES; edges += 1) {
    const edgeMs = nextEdgeMs(facts, atMs);
    if (edgeMs === null || edgeMs - nowMs > MAX_AHEAD_MS) return null;
    const then = reasonAt(facts, edgeMs) === 'available' ? 'available' : 'away';
    if (then !== now) return edgeMs;
    atMs = edgeMs;
  }
  return null;
}

function nextEdgeMs({ hours, absences }: AvailabilityFacts, atMs: number): number | null {
  const edges = absences.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
  if (hours !== null) {
    const turn = isOpenAt(hours, atMs) ? nextCloseMs(hours, atMs) : nextOpenMs(hours, atMs);
    if (turn !== null) edges.push(turn);
  }
  const ahead = edges.filter((edge) => edge > atMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

/** When open hours end that hold at atMs, null when they go on beyond a year. Halves a stretch that is known to hold the close. */
function nextCloseMs(hours: CompiledCalendar, atMs: number): number | null {
  if (hours.always) return null;
  const openUntil = (ms: number): boolean => elapsedMs(hours, atMs, ms) === ms - atMs;
  let lowMs = atMs;
  let highMs = atMs + DAY_MS;
  while (openUntil(highMs)) {
    if (highMs - atMs > MAX_AHEAD_MS) return null;
    lowMs = highMs;
    highMs += DAY_MS;
  }
  while (highMs - lowMs > 1) {
    const middleMs = Math.floor((lowMs + highMs) / 2);
    if (openUntil(middleMs)) lowMs = middleMs;
    else highMs = middleMs;
  }
  return lowMs;
}
