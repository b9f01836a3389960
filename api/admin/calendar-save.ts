// A calendar on the wire, and its save: shared by the resource, the restoration of a version and the import of holidays.
import { z } from '@hono/zod-openapi';
import { saveCalendar } from '#db/policies.ts';
import type { SqlPool } from '#db/sql.ts';
import { calendarFaults, compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { HoldfastError } from '#domain/errors.ts';
import { NamedCalendarSchema } from '#domain/sla-policy-schema.ts';
import { conflict } from './references.ts';

const { hours, holidays, overrides } = NamedCalendarSchema.shape;
/** Fields of a calendar. */
export const calendarShape = {
  name: z.string(),
  timeZone: z.string(),
  ...{ hours, holidays, overrides },
};
/** A calendar as the API shows it. */
export const Calendar = z
  .strictObject({ id: z.string(), version: z.number().int(), ...calendarShape })
  .openapi('Calendar');

/** Saves a calendar as its next version; refuses what cannot be counted by, naming the field, and what came too late. */
export async function saveDefinition(
  sql: SqlPool,
  calendar: {
    id: string | null;
    name: string;
    definition: CalendarDefinition;
    savedBy: string;
    expected: number | null;
    reason: string | null;
  },
): Promise<z.infer<typeof Calendar>> {
  const { name, definition } = calendar;
  const errors = calendarFaults(definition).map(({ path, message }) => ({
    pointer: `/${path.join('/')}`,
    message,
  }));
  if (errors.length > 0) {
    throw new HoldfastError('invalidRequest', 'This calendar cannot be saved.', { errors });
  }
  const saved = await saveCalendar(sql, { ...calendar, compiled: compileCalendar(definition) });
  if (saved === null) throw conflict();
  return { ...saved, name, ...definition } as z.infer<typeof Calendar>;
}
