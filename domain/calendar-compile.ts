// Turns a calendar as an admin writes it into one with nothing left to look up. Uses Intl, so it runs when a calendar is
// saved and never in a workflow: two Node versions with different zone data cannot disagree about a saved version.
import type { CompiledCalendar, LocalSpan } from './business-calendar.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type WeekdayName = (typeof WEEKDAYS)[number];

/** Opening and closing as local "HH:MM", 24:00 for the end of the day. */
export type SpanText = [string, string];

/** A calendar as the API takes it. */
export interface CalendarDefinition {
  timeZone: string;
  hours: 'always' | Partial<Record<WeekdayName, SpanText[]>>;
  /** Each a date, or the first and last of several as "YYYY-MM-DD/YYYY-MM-DD". */
  holidays?: string[] | undefined;
  overrides?: Record<string, SpanText[]> | undefined;
}

const FIRST_YEAR = 2000;
const LAST_YEAR = 2070;
const HOUR_SECONDS = 3_600;
const MINUTE_SECONDS = 60;
/** Days of one range, and of all holidays of a calendar: every ticket carries them. */
const MAX_RANGE_DAYS = 366;
const MAX_HOLIDAYS = 2_000;

/** One fault of a definition: where it is and what is wrong, for problem+json. */
export interface CalendarFault {
  path: (string | number)[];
  message: string;
}

/** Every fault of a definition; empty when it may be saved. Never loops: a calendar that never opens is a fault. */
export function calendarFaults(definition: CalendarDefinition): CalendarFault[] {
  const faults: CalendarFault[] = [];
  if (!isTimeZone(definition.timeZone)) {
    faults.push({
      path: ['timeZone'],
      message: `"${definition.timeZone}" is not an IANA time zone.`,
    });
  }
  let spans = 0;
  if (definition.hours !== 'always') {
    for (const [day, list] of Object.entries(definition.hours)) {
      faults.push(...spanFaults(['hours', day], list));
      spans += list.length;
    }
    if (spans === 0) {
      faults.push({
        path: ['hours'],
        message: 'A calendar needs working hours on at least one day.',
      });
    }
  }
  faults.push(...holidayFaults(definition.holidays ?? []));
  for (const [date, list] of Object.entries(definition.overrides ?? {})) {
    if (dayNumber(date) === null) {
      faults.push({ path: ['overrides', date], message: `"${date}" is not a date (YYYY-MM-DD).` });
    }
    faults.push(...spanFaults(['overrides', date], list));
  }
  return faults;
}

/** Compiles a definition; throws a RangeError with the first fault when it may not be saved. */
export function compileCalendar(definition: CalendarDefinition): CompiledCalendar {
  const [fault] = calendarFaults(definition);
  if (fault !== undefined) throw new RangeError(`${fault.path.join('.')}: ${fault.message}`);
  const always = definition.hours === 'always';
  const hours = definition.hours === 'always' ? {} : definition.hours;
  const holidays = definition.holidays ?? [];
  const overrides = Object.entries(definition.overrides ?? {});
  // "Always" with exceptions is a week of whole days: the exceptions must count.
  const exceptions = holidays.length + overrides.length > 0;
  const wholeDay: LocalSpan[] = [[0, 86_400]];
  const days: Record<string, LocalSpan[]> = {};
  for (const day of holidayDays(holidays)) days[String(day)] = [];
  for (const [date, list] of overrides) days[String(dayNumber(date))] = compileSpans(list);
  const { base, transitions } = offsetsOf(definition.timeZone);
  for (const day of skippedDays(base, transitions)) days[String(day)] = [];
  return {
    always: always && !exceptions,
    week: WEEKDAYS.map((day) => (always ? wholeDay : compileSpans(hours[day] ?? []))),
    days,
    baseOffsetSeconds: base,
    transitions,
  };
}

/** The days of a holiday, a date or a range, as numbers; null when it is neither. */
export function daysOfHoliday(holiday: string): number[] | null {
  const [first = '', last = first, ...more] = holiday.split('/');
  const from = dayNumber(first);
  const to = dayNumber(last);
  if (from === null || to === null || more.length > 0 || to < from) return null;
  if (to - from >= MAX_RANGE_DAYS) return null;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The date of a day number. */
export function dateOfDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Every day that is a holiday. */
export function holidayDays(holidays: readonly string[]): Set<number> {
  return new Set(holidays.flatMap((holiday) => daysOfHoliday(holiday) ?? []));
}

function holidayFaults(holidays: readonly string[]): CalendarFault[] {
  const faults = holidays.flatMap((holiday, index): CalendarFault[] => {
    const message = holidayFault(holiday);
    return message === null ? [] : [{ path: ['holidays', index], message }];
  });
  if (faults.length === 0 && holidayDays(holidays).size > MAX_HOLIDAYS) {
    faults.push({
      path: ['holidays'],
      message: `A calendar has at most ${MAX_HOLIDAYS} holidays.`,
    });
  }
  return faults;
}

function holidayFault(holiday: string): string | null {
  if (daysOfHoliday(holiday) !== null) return null;
  const [first = '', last, ...more] = holiday.split('/');
  const from = dayNumber(first);
  const to = dayNumber(last ?? first);
  if (from === null || to === null || more.length > 0) {
    return `"${holiday}" is not a date (YYYY-MM-DD), nor two with a slash between.`;
  }
  return to < from
    ? `"${holiday}" ends before it begins.`
    : `"${holiday}" is longer than ${MAX_RANGE_DAYS} days.`;
}

function compileSpans(list: readonly SpanText[]): LocalSpan[] {
  return list
    .map(([open, close]): LocalSpan => [secondsOf(open) ?? 0, secondsOf(close) ?? 0])
    .toSorted((one, other) => one[0] - other[0]);
}

function spanFaults(path: (string | number)[], list: readonly SpanText[]): CalendarFault[] {
  const faults: CalendarFault[] = [];
  const spans: { index: number; open: number; close: number }[] = [];
  for (const [index, [openText, closeText]] of list.entries()) {
    const open = secondsOf(openText);
    const close = secondsOf(closeText);
    const where = [...path, index];
    if (open === null || open === 86_400) {
      faults.push({
        path: [...where, 0],
        message: `"${openText}" is not an opening time (HH:MM).`,
      });
    } else if (close === null) {
      faults.push({
        path: [...where, 1],
        message: `"${closeText}" is not a closing time (HH:MM, at most 24:00).`,
      });
    } else if (close <= open) {
      faults.push({
        path: where,
        message: `${openText}–${closeText} closes before it opens; hours past midnight are two spans, one per day.`,
      });
    } else if (openText === '00:00' && closeText === '23:59') {
      // Such a day is closed in its last minute, which nobody who writes it means (zammad#3180).
      faults.push({ path: [...where, 1], message: 'A whole day ends at 24:00, not at 23:59.' });
    } else {
      spans.push({ index, open, close });
    }
  }
  spans.sort((one, other) => one.open - other.open);
  for (const [position, span] of spans.entries()) {
    const before = spans[position - 1];
    if (before !== undefined && span.open <= before.close) {
      faults.push({
        path: [...path, span.index],
        message: 'Spans of one day must not overlap or touch.',
      });
    }
  }
  return faults;
}

function secondsOf(text: string): number | null {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  if (match === null) return null;
  const seconds = Number(match[1]) * HOUR_SECONDS + Number(match[2]) * 60;
  return seconds <= 86_400 ? seconds : null;
}

/** Days since 1970-01-01 of a date, or null when there is no such date. */
export function dayNumber(date: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null;
  const ms = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date) return null;
  return ms / 86_400_000;
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return zone.length > 0;
  } catch {
    return false;
  }
}

/** Offset changes of a zone between FIRST_YEAR and LAST_YEAR, found by stepping and halving. */
function offsetsOf(zone: string): { base: number; transitions: [number, number][] } {
  const offsetAt = offsetReader(zone);
  const startSeconds = Date.UTC(FIRST_YEAR, 0, 1) / 1000;
  const endSeconds = Date.UTC(LAST_YEAR, 0, 1) / 1000;
  // Ramadan makes Morocco change twice within five weeks: a step of a week misses nothing that exists.
  const step = 7 * 86_400;
  const base = offsetAt(startSeconds);
  const transitions: [number, number][] = [];
  let offset = base;
  for (let seconds = startSeconds; seconds < endSeconds; seconds += step) {
    const after = offsetAt(seconds + step);
    if (after === offset) continue;
    let low = seconds;
    let high = seconds + step;
    // Since 2000 every zone changes on a full UTC minute.
    while (high - low > MINUTE_SECONDS) {
      const middle = low + MINUTE_SECONDS * Math.floor((high - low) / MINUTE_SECONDS / 2);
      if (offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    transitions.push([high, after]);
    offset = after;
  }
  return { base, transitions };
}

/** Local days that a zone jumped over whole (Samoa had no 30 December 2011): they have no hours. */
function skippedDays(base: number, transitions: readonly [number, number][]): number[] {
  const days: number[] = [];
  let offset = base;
  for (const [atSeconds, offsetAfter] of transitions) {
    const firstMissing = Math.ceil((atSeconds + offset) / 86_400);
    const firstPresent = Math.floor((atSeconds + offsetAfter) / 86_400);
    for (let day = firstMissing; day < firstPresent; day += 1) days.push(day);
    offset = offsetAfter;
  }
  return days;
}

function offsetReader(zone: string): (utcSeconds: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  // One string and one pattern: formatToParts is four times slower, and a compilation asks some 6,000 times.
  const pattern = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;
  return (utcSeconds) => {
    const match = pattern.exec(format.format(utcSeconds * 1000));
    if (match === null) throw new RangeError(`timeZone: ${zone} cannot be read by this Node.`);
    const [month = 1, day = 1, year = 0, hour = 0, minute = 0, second = 0] = match
      .slice(1)
      .map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - utcSeconds;
  };
}
