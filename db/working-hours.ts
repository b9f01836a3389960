// Working hours of people, compiled. Compiling asks a zone some 6,000 questions (about 10 ms): too much to do at each hand-out, so the
// few different ones of a desk are kept by what they say.
import type { CompiledCalendar } from '#domain/business-calendar.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';

const MAX_KEPT = 1_000;
const kept = new Map<string, CompiledCalendar>();

/** The hours with nothing left to look up; null for somebody without hours. */
export function compiledHours(definition: CalendarDefinition | null): CompiledCalendar | null {
  if (definition === null) return null;
  const key = JSON.stringify(definition);
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const fresh = compileCalendar(definition);
  kept.set(key, fresh);
  return fresh;
}
