// Hours of days: how they are typed ("9-12:30, 13:30-18"), and which of them a date has by a calendar.
import { dateOfDay, dayNumber, holidayDays, WEEKDAYS } from '#domain/calendar-compile.ts';
import type { CalendarDefinition, SpanText } from '#domain/calendar-compile.ts';

export type Spans = SpanText[];
export const WHOLE_DAY: Spans = [['00:00', '24:00']];

/** The spans of what was typed; none for an empty text, null when it cannot be read. */
export function parseSpans(text: string): Spans | null {
  const spans: Spans = [];
  for (const part of text.split(/[,;]/).map((one) => one.trim())) {
    if (part === '') continue;
    const match =
      /^(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|to|bis|à)\s*(\d{1,2})(?:[:.](\d{2}))?$/i.exec(part);
    if (match === null) return null;
    const [, fromHour = '', fromMinute = '00', toHour = '', toMinute = '00'] = match;
    const open = `${fromHour.padStart(2, '0')}:${fromMinute}`;
    const close = `${toHour.padStart(2, '0')}:${toMinute}`;
    spans.push([open, close]);
  }
  return spans;
}

export const spansText = (spans: Spans): string =>
  spans.map(([open, close]) => `${open}–${close}`).join(', ');

/** Where an instant of a day is, as a share of it. */
export function shareOfDay(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Math.min(1, (Number(hours) * 60 + Number(minutes)) / 1_440);
}

/** One day as a calendar has it, and why. */
export interface CalendarDay {
  date: string;
  spans: Spans;
  why: 'week' | 'holiday' | 'override';
}

/** The days from a date on. Hours of a date's own win over a holiday, as they do for deadlines. */
export function daysFrom(
  calendar: CalendarDefinition,
  first: string,
  count: number,
): CalendarDay[] {
  const from = dayNumber(first) ?? 0;
  const closed = holidayDays(calendar.holidays ?? []);
  return Array.from({ length: count }, (_, index) => {
    const day = from + index;
    const date = dateOfDay(day);
    const own = calendar.overrides?.[date];
    if (own !== undefined) return { date, spans: own, why: 'override' };
    if (closed.has(day)) return { date, spans: [], why: 'holiday' };
    // Day 0 was a Thursday.
    const weekday = WEEKDAYS[(day + 3) % 7] ?? 'mon';
    const spans = calendar.hours === 'always' ? WHOLE_DAY : (calendar.hours[weekday] ?? []);
    return { date, spans, why: 'week' };
  });
}

const partsIn = (zone: string, ms: number): string =>
  new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  })
    .format(ms)
    .replace(' ', 'T');

/** Date and time of an instant in a zone: "2026-03-29T14:05". */
export const localIn = (zone: string, ms: number): string => partsIn(zone, ms).slice(0, 16);

/** The instant of a date and time in a zone. Where clocks jump over it, the instant as far behind the jump. */
export function instantIn(zone: string, local: string): number {
  const asUtc = Date.parse(`${local}Z`);
  const offsetAt = (ms: number): number => Date.parse(`${partsIn(zone, ms)}Z`) - ms;
  const guess = asUtc - offsetAt(asUtc);
  return asUtc - offsetAt(guess);
}
