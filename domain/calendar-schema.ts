// The wire shape of a calendar: what an admin may save and what the business-hours preview takes. Zod lives here, never in
// workflow code; the rules beyond the shape are calendarFaults, the same that compileCalendar throws by.
import { z } from 'zod';
import { calendarFaults, WEEKDAYS } from './calendar-compile.ts';
import type { CalendarDefinition } from './calendar-compile.ts';

// Arrays of two, not tuples: readers of OpenAPI 3.1 do not agree on how a tuple is written.
const Spans = z.array(z.array(z.string().max(10)).length(2)).max(24);
const Name = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\0'), 'no NUL');
const calendarShape = {
  timeZone: z.string().min(1).max(100),
  hours: z.union([z.literal('always'), z.partialRecord(z.enum(WEEKDAYS), Spans)]),
  holidays: z
    .array(z.string().max(21))
    .max(1_000)
    .optional()
    .describe('Dates, or ranges "YYYY-MM-DD/YYYY-MM-DD" with both ends closed.'),
  overrides: z
    .record(z.string().max(10), Spans)
    .refine((value) => Object.keys(value).length <= 1_000, 'at most 1,000 overrides')
    .optional(),
};

/** Names each fault of a calendar by the field it is in. */
function refineCalendar(value: unknown, ctx: z.RefinementCtx): void {
  for (const { path, message } of calendarFaults(value as CalendarDefinition)) {
    ctx.addIssue({ code: 'custom', path, message });
  }
}

/** A calendar whose name may be missing, as the preview takes it; every issue carries the path of the offending field. */
export const CalendarSchema = z
  .strictObject({ name: Name.optional(), ...calendarShape })
  .superRefine(refineCalendar);

/** A calendar to be saved; version is the one that was read, for the conflict check. */
export const NamedCalendarSchema = z
  .strictObject({
    name: Name,
    ...calendarShape,
    version: z.number().int().positive().max(2_147_483_647).optional(),
  })
  .superRefine(refineCalendar);
