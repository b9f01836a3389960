// Reads the holidays of an iCalendar file: events that last whole days, repetitions expanded within a window. ical.js does the reading;
// every loop here is bounded, since a file may ask for repetitions without an end. Knows no database.
import { createContext, Script } from 'node:vm';
import ICAL from 'ical.js';
import { dateOfDay, dayNumber } from '#domain/calendar-compile.ts';

const MAX_EVENTS = 5_000;
const MAX_DAYS = 366;
/** Repetitions looked at, and the time that takes, of one event and of the whole file. */
const MAX_STEPS = 2_000;
const MAX_MS = 500;
const MAX_MS_IN_ALL = 2_000;
const DAY_MS = 86_400_000;
const MAX_NAME = 200;

/** A closed day, or several as "first/last", and what it is called. */
export interface ReadHoliday {
  date: string;
  name: string;
}

/** An event that is no holiday here, and why. */
export interface SkippedEvent {
  name: string;
  reason: string;
}

/** Thrown for a file that cannot be read; the message is one sentence for the admin. */
export class UnreadableHolidays extends Error {}

/** The holidays of a file between two dates, both included, in order; and what was left out. Throws UnreadableHolidays. */
export function readHolidays(
  ics: string,
  window: { from: string; to: string },
): { holidays: ReadHoliday[]; skipped: SkippedEvent[] } {
  const fromDay = dayNumber(window.from) ?? 0;
  const toDay = dayNumber(window.to) ?? 0;
  const events = eventsOf(ics);
  const moved = movedDays(events);
  const found = new Map<string, ReadHoliday>();
  const skipped: SkippedEvent[] = [];
  const watch = watchdog();
  for (const event of events) {
    const name = nameOf(event);
    const outcome = readOr(event, () => daysOf(event, { fromDay, toDay, moved, watch }));
    if (typeof outcome === 'string') {
      skipped.push({ name, reason: outcome });
      continue;
    }
    // Of two events on one day the first gives it its name.
    for (const date of outcome) found.set(date, found.get(date) ?? { date, name });
  }
  const holidays = [...found.values()].toSorted((one, other) => one.date.localeCompare(other.date));
  return { holidays, skipped };
}

function eventsOf(ics: string): ICAL.Event[] {
  let roots: ICAL.Component[];
  try {
    const parsed = ICAL.parse(ics) as unknown[];
    // A file may hold several calendars, one after another.
    const list = Array.isArray(parsed[0]) ? parsed : [parsed];
    roots = list.map((one) => new ICAL.Component(one as unknown[]));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new UnreadableHolidays(`This is no iCalendar file: ${words.slice(0, 200)}`);
  }
  if (roots.some(({ name }) => name !== 'vcalendar')) {
    throw new UnreadableHolidays('This is no iCalendar file: it does not begin with a VCALENDAR.');
  }
  const events = roots.flatMap((root) => root.getAllSubcomponents('vevent'));
  if (events.length === 0) throw new UnreadableHolidays('This iCalendar file has no events.');
  if (events.length > MAX_EVENTS) {
    throw new UnreadableHolidays(`This iCalendar file has more than ${MAX_EVENTS} events.`);
  }
  return events.map((event) => new ICAL.Event(event));
}

/** What reading an event gives; one that cannot be read is left out and does not spoil the others. */
function readOr(event: ICAL.Event, read: () => string[] | string): string[] | string {
  try {
    if (!hasRealDates(event)) return 'It has no date, or one that does not exist.';
    return read();
  } catch (error) {
    return `It cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** ical.js makes 9 April of the 99th day of a 13th month. */
function hasRealDates({ component }: ICAL.Event): boolean {
  const dates = ['dtstart', 'dtend'].flatMap((name) => {
    const property = component.getFirstProperty(name);
    if (property === null || property === undefined) return [];
    const raw = property.jCal[3] as unknown;
    return [typeof raw === 'string' ? raw.slice(0, 10) : ''];
  });
  return component.hasProperty('dtstart') && dates.every((date) => dayNumber(date) !== null);
}

function nameOf(event: ICAL.Event): string {
  const name = String(event.summary ?? '')
    .replaceAll('\0', '')
    .toWellFormed()
    .trim();
  return name === '' ? 'without a name' : name.slice(0, MAX_NAME);
}

/** Days of a repeated event that stand in the file once more, moved or cancelled: by the event's id. */
function movedDays(events: readonly ICAL.Event[]): Map<string, Set<number>> {
  const moved = new Map<string, Set<number>>();
  for (const event of events) {
    if (!event.isRecurrenceException()) continue;
    const days = moved.get(event.uid) ?? new Set();
    days.add(dayOf(event.recurrenceId));
    moved.set(event.uid, days);
  }
  return moved;
}

/** What a file's events are read by. */
interface Context {
  fromDay: number;
  toDay: number;
  moved: Map<string, Set<number>>;
  watch: (work: () => number[] | string) => number[] | string;
}

/** The holidays an event makes, or why it makes none. */
function daysOf(event: ICAL.Event, context: Context): string[] | string {
  const { fromDay, toDay } = context;
  if (/^cancelled$/i.test(String(event.component.getFirstPropertyValue('status') ?? ''))) {
    return 'It was cancelled.';
  }
  const length = wholeDays(event);
  if (typeof length === 'string') return length;
  const starts = startsOf(event, context);
  if (typeof starts === 'string') return starts;
  const dates = starts
    .filter((day) => day <= toDay && day + length > fromDay)
    .map((day) => {
      const first = dateOfDay(Math.max(day, fromDay));
      const last = dateOfDay(Math.min(day + length - 1, toDay));
      return first === last ? first : `${first}/${last}`;
    });
  return dates.length > 0 ? dates : `It lies outside ${dateOfDay(fromDay)} to ${dateOfDay(toDay)}.`;
}

/** How many whole days an event lasts, or why it is no holiday. */
function wholeDays(event: ICAL.Event): number | string {
  const { startDate, endDate } = event;
  if (startDate === null || startDate === undefined) return 'It has no beginning.';
  const midnight = (time: ICAL.Time): boolean =>
    time.isDate || (time.hour === 0 && time.minute === 0 && time.second === 0);
  const length = dayOf(endDate) - dayOf(startDate);
  if (!midnight(startDate) || !midnight(endDate) || length < 1) return 'It is not a whole day.';
  return length > MAX_DAYS ? `It lasts longer than ${MAX_DAYS} days.` : length;
}

/** The days an event begins on up to the end of the window. */
function startsOf(
  event: ICAL.Event,
  { toDay, moved, watch }: Pick<Context, 'toDay' | 'moved' | 'watch'>,
): number[] | string {
  if (!event.isRecurring() || event.isRecurrenceException()) return [dayOf(event.startDate)];
  if (/SECONDLY|MINUTELY|HOURLY/.test(Object.keys(event.getRecurrenceTypes()).join())) {
    return 'It repeats within a day.';
  }
  const elsewhere = moved.get(event.uid);
  const fits = mendRule(event);
  if (fits === null) return 'Its repetition is of a kind that is not understood (BYSETPOS).';
  try {
    return watch(() => {
      // Without a rule the first day is one of its own, beside those that are listed.
      const starts = event.component.hasProperty('rrule') ? [] : [dayOf(event.startDate)];
      const iterator = event.iterator();
      for (let steps = 0; steps < MAX_STEPS; steps += 1) {
        const next = iterator.next() as ICAL.Time | null | undefined;
        if (next === null || next === undefined || dayOf(next) > toDay) return starts;
        if (fits(next) && elsewhere?.has(dayOf(next)) !== true) starts.push(dayOf(next));
      }
      return 'It repeats too often.';
    });
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
      ? 'Its repetition takes too long to work out.'
      : `Its repetition cannot be read: ${message ?? String(error)}`;
  }
}

/**
 * Yearly rules as ical.js can follow them: "the third of all Mondays of a month", as Outlook writes it, becomes "the third Monday".
 * Answers whether a day is truly the rule's, since ical.js moves 29 February into March; null: the rule cannot be followed.
 */
function mendRule({ component, startDate }: ICAL.Event): ((day: ICAL.Time) => boolean) | null {
  const rule = component.getFirstPropertyValue('rrule');
  if (!(rule instanceof ICAL.Recur) || rule.freq !== 'YEARLY') return () => true;
  const parts = rule.parts as Record<string, (string | number)[] | undefined>;
  const { BYDAY: days, BYSETPOS: places, BYMONTH: months } = parts;
  if (places !== undefined) {
    const [day = ''] = days ?? [];
    const plain = days?.length === 1 && /^[A-Z]{2}$/.test(String(day));
    if (!plain || places.length !== 1 || months?.length !== 1) return null;
    parts['BYDAY'] = [`${places[0]}${day}`];
    delete parts['BYSETPOS'];
  }
  const byDate = ['BYDAY', 'BYYEARDAY', 'BYWEEKNO'].every((part) => parts[part] === undefined);
  const dates = (parts['BYMONTHDAY'] ?? [startDate.day]).map(Number);
  if (!byDate || !dates.some((date) => date > 28)) return () => true;
  const wanted = months?.map(Number) ?? [startDate.month];
  return ({ month, day }) => wanted.includes(month) && dates.includes(day);
}

/** Runs work under a time limit: a rule that never holds, "every 31 February", keeps the reader of rules looking for ever. */
function watchdog(): Context['watch'] {
  const box: { work: () => unknown } = { work: () => undefined };
  const context = createContext(box);
  const script = new Script('work()');
  let leftMs = MAX_MS_IN_ALL;
  return (work) => {
    if (leftMs <= 0) return 'Its file takes too long to work out.';
    const beganMs = performance.now();
    box.work = work;
    try {
      return script.runInContext(context, {
        timeout: Math.ceil(Math.min(leftMs, MAX_MS)),
      }) as ReturnType<typeof work>;
    } finally {
      leftMs -= performance.now() - beganMs;
    }
  };
}

/** The date a time shows on its own wall, as a day number. */
function dayOf({ year, month, day }: ICAL.Time): number {
  return Date.UTC(year, month - 1, day) / DAY_MS;
}
