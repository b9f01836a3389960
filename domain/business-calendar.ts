// Business time over UTC instants: when a goal is due, how much working time passed, when the desk opens next.
// Runs in the workflow sandbox: no Intl, no look-ups; a zone is a list of offset transitions compiled into the calendar version.
// Conventions: a goal that ends exactly at closing is due at the closing instant; a zero goal yields the next open instant;
// local times that do not exist move forward, doubled ones take the first (Temporal's "compatible").

/** A span of a working day in seconds of local wall time; 24:00 is 86400. */
export type LocalSpan = readonly [number, number];

/** A calendar with nothing left to look up. Plain JSON; about 3 KB. */
export interface CompiledCalendar {
  always: boolean;
  /** Spans by weekday, Monday first; ascending, neither overlapping nor touching. */
  week: LocalSpan[][];
  /** Spans by local day number (days since 1970-01-01), for holidays (none) and overrides. */
  days: Record<string, LocalSpan[]>;
  /** Offset from UTC in seconds before the first transition. */
  baseOffsetSeconds: number;
  /** [UTC second, offset in seconds from then on], ascending. */
  transitions: [number, number][];
}

/** Around the clock. */
export const ALWAYS: CompiledCalendar = {
  always: true,
  week: [[], [], [], [], [], [], []],
  days: {},
  baseOffsetSeconds: 0,
  transitions: [],
};

/** A span in which the clock stands still, [from, to) in epoch ms; to may be Infinity. */
export type Pause = readonly [number, number];

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;
/** No search for a due time goes further than this: about ten years of days. */
const MAX_WALK_DAYS = 3_700;
/** 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday. */
const EPOCH_WEEKDAY = 3;
/** The last instant a Date can hold: measuring is clamped to it, so that "until for ever" ends. */
const MAX_INSTANT_MS = 8.64e15;
/** Four weeks. Less is walked day by day: cheaper than finding out whether it may be skipped. */
const LONG_MS = 28 * DAY_MS;

/**
 * The instant by which goalMs of working time outside pauses has passed since startMs; null when ten years of days do not
 * hold that much. Throws RangeError for a negative goal.
 */
export function dueAtMs(
  calendar: CompiledCalendar,
  startMs: number,
  goalMs: number,
  pauses: readonly Pause[] = [],
): number | null {
  if (!(goalMs >= 0)) throw new RangeError(`a goal is never negative, got ${goalMs} ms`);
  if (!(Math.abs(startMs) <= MAX_INSTANT_MS) || goalMs === Infinity) return null;
  const endMs = calendar.always ? MAX_INSTANT_MS : startMs + MAX_WALK_DAYS * DAY_MS;
  return walk(calendar, startMs, endMs, goalMs, pauses).dueMs;
}

/** Working time between two instants outside pauses, in ms; 0 for a reversed interval. */
export function elapsedMs(
  calendar: CompiledCalendar,
  fromMs: number,
  toMs: number,
  pauses: readonly Pause[] = [],
): number {
  const startMs = Math.max(fromMs, -MAX_INSTANT_MS);
  const endMs = Math.min(toMs, MAX_INSTANT_MS);
  if (!(startMs < endMs)) return 0;
  return walk(calendar, startMs, endMs, Infinity, pauses).workedMs;
}

/** The first open instant at or after atMs, or null when there is none within ten years. */
export function nextOpenMs(calendar: CompiledCalendar, atMs: number): number | null {
  return dueAtMs(calendar, atMs, 0);
}

/** Whether the desk is open at this instant; the closing instant itself is not. */
export function isOpenAt(calendar: CompiledCalendar, atMs: number): boolean {
  // Counting the one millisecond from here looks at a day or two, however long the desk stays closed.
  return elapsedMs(calendar, atMs, atMs + 1) > 0;
}

/** Overlapping pauses as one, in order; empty ones dropped. */
function mergePauses(pauses: readonly Pause[]): readonly Pause[] {
  if (pauses.length === 0) return pauses;
  return mergeSpans(pauses.filter(([from, to]) => to > from));
}

/** Overlapping and touching spans as one, in order. */
function mergeSpans(spans: readonly (readonly [number, number])[]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** One count of working time: its bounds, and how far it has come. */
interface Count {
  readonly fromMs: number;
  readonly toMs: number;
  readonly goalMs: number;
  readonly pauses: readonly Pause[];
  /** Index of the first pause that is not yet over. */
  pauseIndex: number;
  /** Holidays and overrides in order, once a walk is long enough to ask for them. */
  specialDays: number[] | null;
  specialIndex: number;
  workedMs: number;
  /** The instant at which workedMs reached goalMs. */
  dueMs: number | null;
}

/** Counts the working time of [fromMs, toMs) outside pauses, up to goalMs. */
function walk(
  calendar: CompiledCalendar,
  fromMs: number,
  toMs: number,
  goalMs: number,
  pauses: readonly Pause[],
): Count {
  const count: Count = {
    fromMs,
    toMs,
    goalMs,
    pauses: mergePauses(pauses),
    pauseIndex: 0,
    specialDays: null,
    specialIndex: 0,
    workedMs: 0,
    dueMs: null,
  };
  if (calendar.always) addOpen(count, fromMs, toMs);
  else walkDays(calendar, count);
  return count;
}

/** Walks local days in order, in stretches of one offset and in short ones around a clock change. */
function walkDays(calendar: CompiledCalendar, count: Count): void {
  // A day of margin at both ends: a clock change can push a span into the next local day.
  const endDay = localDayOf(calendar, count.toMs) + 2;
  let day = localDayOf(calendar, count.fromMs) - 1;
  while (day < endDay && count.dueMs === null) {
    const index = transitionsUntil(calendar, (day - 1) * DAY_SECONDS);
    const nextSeconds = calendar.transitions[index]?.[0] ?? Infinity;
    // No local day within two days of a change is steady: no zone is further than a day from UTC.
    const steadyEnd = Math.min(endDay, Math.ceil(nextSeconds / DAY_SECONDS) - 2);
    if (steadyEnd > day) {
      walkSteadyDays(calendar, count, day, steadyEnd, offsetAfter(calendar, index));
      day = steadyEnd;
    } else {
      const end = endOfUnrest(calendar, index);
      addUnsteadyDays(calendar, count, day, end);
      day = end;
    }
  }
}

/** Adds the days [day, endDay), all of one offset. Paused days and undisturbed weeks are not looked at one by one. */
function walkSteadyDays(
  calendar: CompiledCalendar,
  count: Count,
  firstDay: number,
  endDay: number,
  offsetSeconds: number,
): void {
  for (let day = firstDay; day < endDay; day += 1) {
    let midnightMs = (day * DAY_SECONDS - offsetSeconds) * 1000;
    const pause = pauseFrom(count, midnightMs);
    if (pause !== undefined && pause[0] <= midnightMs && pause[1] >= midnightMs + DAY_MS) {
      // The local day in which the clock runs again; the loop adds one.
      day = Math.min(endDay, Math.floor((pause[1] / 1000 + offsetSeconds) / DAY_SECONDS)) - 1;
      continue;
    }
    const quietMs = Math.min(
      endDay * DAY_MS - offsetSeconds * 1000,
      count.toMs,
      pause?.[0] ?? Infinity,
    );
    if (midnightMs >= count.fromMs && quietMs - midnightMs >= LONG_MS) {
      day += 7 * addWholeWeeks(calendar, count, day, Math.floor((quietMs - midnightMs) / DAY_MS));
      midnightMs = (day * DAY_SECONDS - offsetSeconds) * 1000;
    }
    for (const [open, close] of spansOf(calendar, day)) {
      if (addOpen(count, midnightMs + open * 1000, midnightMs + close * 1000)) return;
    }
  }
}

/** Adds as many whole weeks of ordinary days as surely stay below the goal; answers how many. */
function addWholeWeeks(
  calendar: CompiledCalendar,
  count: Count,
  day: number,
  quietDays: number,
): number {
  const leftMs = count.goalMs - count.workedMs;
  if (leftMs < LONG_MS) return 0;
  count.specialDays ??= Object.keys(calendar.days)
    .map(Number)
    .toSorted((one, other) => one - other);
  while ((count.specialDays[count.specialIndex] ?? Infinity) < day) count.specialIndex += 1;
  const ordinaryDays = (count.specialDays[count.specialIndex] ?? Infinity) - day;
  const weekMs = calendar.week.flat().reduce((sum, [open, close]) => sum + close - open, 0) * 1000;
  // One day stays behind, so that the caller always has a day of this stretch left to look at.
  const byDays = Math.floor((Math.min(quietDays, ordinaryDays) - 1) / 7);
  const byGoal = weekMs === 0 ? Infinity : Math.ceil(leftMs / weekMs) - 1;
  const weeks = Math.max(0, Math.min(byDays, byGoal));
  count.workedMs += weeks * weekMs;
  return weeks;
}

/** Adds the days [firstDay, endDay) around clock changes: spans may collide there, and must count once. */
function addUnsteadyDays(
  calendar: CompiledCalendar,
  count: Count,
  firstDay: number,
  endDay: number,
): void {
  const spans: [number, number][] = [];
  for (let day = firstDay; day < endDay; day += 1) {
    for (const [open, close] of spansOf(calendar, day)) {
      const openMs = instantOf(calendar, day * DAY_SECONDS + open) * 1000;
      const closeMs = instantOf(calendar, day * DAY_SECONDS + close) * 1000;
      // A span that lies in a gap can end before it begins.
      if (closeMs > openMs) spans.push([openMs, closeMs]);
    }
  }
  for (const [openMs, closeMs] of mergeSpans(spans)) {
    if (addOpen(count, openMs, closeMs)) return;
  }
}

/** Adds what of an open span lies within the bounds and outside pauses; true when the goal is reached. Spans come in order. */
function addOpen(count: Count, openMs: number, closeMs: number): boolean {
  let atMs = Math.max(openMs, count.fromMs);
  const endMs = Math.min(closeMs, count.toMs);
  while (atMs < endMs) {
    const pause = pauseFrom(count, atMs);
    const stopMs = Math.min(endMs, pause?.[0] ?? Infinity);
    if (stopMs > atMs) {
      const leftMs = count.goalMs - count.workedMs;
      if (stopMs - atMs >= leftMs) {
        count.workedMs = count.goalMs;
        count.dueMs = atMs + leftMs;
        return true;
      }
      count.workedMs += stopMs - atMs;
    }
    if (pause === undefined || stopMs === endMs) return false;
    atMs = pause[1];
  }
  return false;
}

/** The first pause that is not over at this instant; asked in ascending order. */
function pauseFrom(count: Count, atMs: number): Pause | undefined {
  let pause = count.pauses[count.pauseIndex];
  while (pause !== undefined && pause[1] <= atMs) {
    count.pauseIndex += 1;
    pause = count.pauses[count.pauseIndex];
  }
  return pause;
}

function spansOf(calendar: CompiledCalendar, day: number): readonly LocalSpan[] {
  return calendar.days[day] ?? calendar.week[(((day + EPOCH_WEEKDAY) % 7) + 7) % 7] ?? [];
}

function localDayOf(calendar: CompiledCalendar, atMs: number): number {
  const atSeconds = atMs / 1000;
  const offset = offsetAfter(calendar, transitionsUntil(calendar, atSeconds));
  return Math.floor((atSeconds + offset) / DAY_SECONDS);
}

/** The first local day whose neighbourhood the transition at this index, and those close behind it, no longer touch. */
function endOfUnrest(calendar: CompiledCalendar, index: number): number {
  let end = Number.NEGATIVE_INFINITY;
  for (let next = index; next < calendar.transitions.length; next += 1) {
    const atSeconds = calendar.transitions[next]?.[0] ?? Infinity;
    if (atSeconds > (end + 2) * DAY_SECONDS && next > index) break;
    end = Math.ceil(atSeconds / DAY_SECONDS) + 1;
  }
  return end;
}

/** The UTC second of a local wall time; a gap moves forward by its length, a fold takes the first. */
function instantOf(calendar: CompiledCalendar, localSeconds: number): number {
  // No zone is a day away from UTC: whatever happened before this second is over for certain.
  let index = transitionsUntil(calendar, localSeconds - DAY_SECONDS);
  let offset = offsetAfter(calendar, index);
  for (; index < calendar.transitions.length; index += 1) {
    const [atSeconds, nextOffset] = calendar.transitions[index] ?? [Infinity, offset];
    // Before it by the old offset: not yet there, or the first of two. Before it by the new one: in the gap, where the
    // old offset is what "forward by the length of the gap" means.
    if (localSeconds - offset < atSeconds || localSeconds - nextOffset < atSeconds) break;
    offset = nextOffset;
  }
  return localSeconds - offset;
}

/** The offset in seconds after this many transitions. */
function offsetAfter(calendar: CompiledCalendar, count: number): number {
  return calendar.transitions[count - 1]?.[1] ?? calendar.baseOffsetSeconds;
}

/** How many transitions lie at or before a UTC second. */
function transitionsUntil(calendar: CompiledCalendar, utcSeconds: number): number {
  let low = 0;
  let high = calendar.transitions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((calendar.transitions[middle]?.[0] ?? Infinity) <= utcSeconds) low = middle + 1;
    else high = middle;
  }
  return low;
}
