// Business time over UTC instants: when a goal is due, how much working time passed, when the desk opens next.
// Runs in the workflow sandbox: no Intl, no look-ups; a zone is a list of offset transitions compiled into the calendar version.
// Conventions: a goal that ends exactly at closing is due at the closing instant; a zero goal yields the next open instant;
// local times that do not exist move forward, doubled ones take the first (Temporal's "compatible").

/** A span of a working day in seconds of local wall time; 24:00 is 86400. */
export type LocalSpan = readonly [number, number];

/** A calendar with nothing left to look up. Plain JSON; about 3 KB. */
export interface CompiledCalendar {
  always: boolean;
  /** Spans by weekday, Monday first. */
  week: LocalSpan[][];
  /** Spans by local day number (days since 1970-01-01), for holidays (none) and overrides. */
  days: Record<string, LocalSpan[]>;
  /** Offset from UTC in seconds before the first transition. */
  baseOffsetSeconds: number;
  /** [UTC second, offset in seconds from then on], ascending. */
  transitions: [number, number][];
}

/** A span in which the clock stands still, [from, to) in epoch ms; to may be Infinity. */
export type Pause = readonly [number, number];

const DAY_SECONDS = 86_400;
/** No walk goes further than this: about ten years of days. */
const MAX_WALK_DAYS = 3_700;
/** 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday. */
const EPOCH_WEEKDAY = 3;

/** The instant by which goalMs of working time outside pauses has passed since startMs; null when the walk finds none. */
export function dueAtMs(
  calendar: CompiledCalendar,
  startMs: number,
  goalMs: number,
  pauses: readonly Pause[] = [],
): number | null {
  const holes = mergePauses(pauses);
  let leftMs = goalMs;
  let due: number | null = null;
  walkOpen(calendar, startMs, Number.POSITIVE_INFINITY, holes, (fromMs, toMs) => {
    // A zero goal is due at the first open instant, a span's end does not count as open.
    if (toMs - fromMs >= leftMs) {
      due = fromMs + leftMs;
      return false;
    }
    leftMs -= toMs - fromMs;
    return true;
  });
  return due;
}

/** Working time between two instants outside pauses, in ms. */
export function elapsedMs(
  calendar: CompiledCalendar,
  fromMs: number,
  toMs: number,
  pauses: readonly Pause[] = [],
): number {
  let sumMs = 0;
  walkOpen(calendar, fromMs, toMs, mergePauses(pauses), (spanFromMs, spanToMs) => {
    sumMs += spanToMs - spanFromMs;
    return true;
  });
  return sumMs;
}

/** The first open instant at or after atMs, or null when there is none within ten years. */
export function nextOpenMs(calendar: CompiledCalendar, atMs: number): number | null {
  return dueAtMs(calendar, atMs, 0);
}

/** Whether the desk is open at this instant; the closing instant itself is not. */
export function isOpenAt(calendar: CompiledCalendar, atMs: number): boolean {
  return nextOpenMs(calendar, atMs) === atMs;
}

/** Overlapping pauses as one, in order; empty ones dropped. */
function mergePauses(pauses: readonly Pause[]): Pause[] {
  if (pauses.length === 0) return [];
  const ordered = pauses.filter(([from, to]) => to > from).toSorted((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of ordered) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

type Visit = (fromMs: number, toMs: number) => boolean;

/** Visits the open spans of [fromMs, toMs) outside pauses in order, until visit answers false or the bound is reached. */
function walkOpen(
  calendar: CompiledCalendar,
  fromMs: number,
  toMs: number,
  pauses: readonly Pause[],
  visit: Visit,
): void {
  if (calendar.always) {
    visitOutside(fromMs, toMs, pauses, visit);
    return;
  }
  const zone = new ZoneCursor(calendar);
  const firstDay = Math.floor((fromMs / 1000 + zone.offsetAt(fromMs / 1000)) / DAY_SECONDS) - 1;
  for (let day = firstDay; day < firstDay + MAX_WALK_DAYS; day += 1) {
    if ((day - 1) * DAY_SECONDS * 1000 >= toMs + DAY_SECONDS * 1000) return;
    const spans = calendar.days[day] ?? calendar.week[weekdayOf(day)] ?? [];
    for (const [open, close] of spans) {
      const openMs = zone.instantOf(day * DAY_SECONDS + open) * 1000;
      const closeMs = zone.instantOf(day * DAY_SECONDS + close) * 1000;
      const startMs = Math.max(openMs, fromMs);
      const endMs = Math.min(closeMs, toMs);
      if (endMs > startMs && !visitOutside(startMs, endMs, pauses, visit)) return;
    }
  }
}

/** Visits what of [fromMs, toMs) lies outside the pauses; false when the visitor has seen enough. */
function visitOutside(
  fromMs: number,
  toMs: number,
  pauses: readonly Pause[],
  visit: Visit,
): boolean {
  let atMs = fromMs;
  for (const [pauseFrom, pauseTo] of pauses) {
    if (pauseTo <= atMs) continue;
    if (pauseFrom >= toMs) break;
    if (pauseFrom > atMs && !visit(atMs, pauseFrom)) return false;
    atMs = pauseTo;
    if (atMs >= toMs) return true;
  }
  return atMs < toMs ? visit(atMs, toMs) : true;
}

function weekdayOf(day: number): number {
  return (((day + EPOCH_WEEKDAY) % 7) + 7) % 7;
}

/** Offsets of one zone for a walk that goes forward: remembers where the last answer was. */
class ZoneCursor {
  private readonly transitions: [number, number][];
  private readonly base: number;
  private index: number;

  constructor(calendar: CompiledCalendar) {
    this.transitions = calendar.transitions;
    this.base = calendar.baseOffsetSeconds;
    this.index = 0;
  }

  /** Offset from UTC in seconds at a UTC second. */
  offsetAt(utcSeconds: number): number {
    this.seek(utcSeconds);
    return this.index === 0 ? this.base : this.offsetBefore(this.index);
  }

  /** The UTC second of a local wall time; a gap moves forward by its length, a fold takes the first. */
  instantOf(localSeconds: number): number {
    // Neighbouring offsets differ by far less than a day: the guess lands on the right transition or just beside it.
    this.seek(localSeconds - this.base - DAY_SECONDS);
    let offset = this.index === 0 ? this.base : this.offsetBefore(this.index);
    for (let next = this.index; next < this.transitions.length; next += 1) {
      const [atSeconds, offsetAfter] = this.transitions[next] ?? [0, 0];
      if (localSeconds - offset < atSeconds) break;
      // Past the transition by the old offset: either really after it or in the gap, where the old offset is what
      // "move forward by the length of the gap" means.
      if (localSeconds - offsetAfter < atSeconds) break;
      offset = offsetAfter;
    }
    return localSeconds - offset;
  }

  private offsetBefore(index: number): number {
    return this.transitions[index - 1]?.[1] ?? this.base;
  }

  /** Sets index to the number of transitions at or before the second: a step or two, else a binary search. */
  private seek(utcSeconds: number): void {
    const at = (index: number): number =>
      this.transitions[index]?.[0] ??
      (index < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    if (at(this.index - 1) <= utcSeconds && utcSeconds < at(this.index)) return;
    let low = 0;
    let high = this.transitions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(middle) <= utcSeconds) low = middle + 1;
      else high = middle;
    }
    this.index = low;
  }
}
