// Whether somebody is there: one pure answer from the toggle, their weekly hours and their ranges out of office, with the reason
// and the instant at which it changes by itself.
import { elapsedMs, isOpenAt, nextOpenMs } from './business-calendar.ts';
import type { CompiledCalendar } from './business-calendar.ts';

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
export const AVAILABILITY_WORDS: Record<AvailabilityReason, string> = {
  toggledAway: 'is away',
  outOfOffice: 'is out of office',
  outsideHours: 'is outside their working hours',
  available: 'is available',
};

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
