// How many due dates a second one core computes: calendars as desks have them, 8 h goals, no Intl on the way.
// Measures only; bench/main.ts compares with the budget (100,000 a second). Run alone: npx tsx bench/due-dates.ts
import { pathToFileURL } from 'node:url';
import { dueAtMs } from '#domain/business-calendar.ts';
import type { CompiledCalendar } from '#domain/business-calendar.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BASE_MS = Date.UTC(2025, 0, 1);
const STARTS = 4_096;
const ROUNDS = 40;

/** Due dates per second for an ordinary calendar with and without a pause, a long goal, and a calendar open all the time. */
export function benchDueDates(): { name: string; perSecond: number }[] {
  const office = officeCalendar();
  const always = compileCalendar({ timeZone: 'Europe/Berlin', hours: 'always' });
  return [
    measure('8 h, weekdays with lunch break and holidays, one pause', office, 8 * HOUR_MS, true),
    measure('8 h, weekdays with lunch break and holidays', office, 8 * HOUR_MS, false),
    measure('200 h, weekdays with lunch break and holidays', office, 200 * HOUR_MS, false),
    measure('8 h, always open, one pause', always, 8 * HOUR_MS, true),
  ];
}

function officeCalendar(): CompiledCalendar {
  const day: [string, string][] = [
    ['09:00', '12:00'],
    ['13:00', '17:00'],
  ];
  const calendar = compileCalendar({
    timeZone: 'Europe/Berlin',
    hours: { mon: day, tue: day, wed: day, thu: day, fri: day },
    holidays: ['2025-01-01', '2025-04-18', '2025-04-21', '2025-05-01', '2025-12-25', '2025-12-26'],
  });
  // As a workflow gets it: out of a JSON payload.
  return JSON.parse(JSON.stringify(calendar)) as CompiledCalendar;
}

function measure(
  name: string,
  calendar: CompiledCalendar,
  goalMs: number,
  paused: boolean,
): { name: string; perSecond: number } {
  const asks = Array.from({ length: STARTS }, (_, index) => {
    // Spread over two years without dice: a stride that shares no factor with a week.
    const startMs = BASE_MS + ((index * 7_919 * 60_000) % (730 * DAY_MS));
    return { startMs, pauses: [[startMs + HOUR_MS, startMs + 5 * HOUR_MS]] as [number, number][] };
  });
  let sum = 0;
  const round = (): void => {
    for (const { startMs, pauses } of asks) {
      sum += dueAtMs(calendar, startMs, goalMs, paused ? pauses : []) ?? 0;
    }
  };
  round();
  const beganMs = performance.now();
  for (let index = 0; index < ROUNDS; index += 1) round();
  const seconds = (performance.now() - beganMs) / 1000;
  // Using the sum keeps the engine from dropping the work.
  if (sum === 0) throw new Error(`${name}: nothing was ever due`);
  return { name, perSecond: Math.round((ROUNDS * STARTS) / seconds) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, perSecond } of benchDueDates()) {
    console.log(`${perSecond.toLocaleString('en').padStart(12)}/s  ${name}`);
  }
}
