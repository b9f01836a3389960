// What an admin may save: schemas of policies, calendars and business-hours questions. Zod lives here, never in workflow code.
import { z } from 'zod';
import { dueAtMs, elapsedMs, nextOpenMs } from './business-calendar.ts';
import { calendarFaults, compileCalendar } from './calendar-compile.ts';
import type { CalendarDefinition } from './calendar-compile.ts';
import { PRIORITIES } from './desk.ts';

const Span = z.tuple([z.string(), z.string()]);
const Spans = z.array(Span).max(24);
const calendarShape = {
  timeZone: z.string().min(1).max(100),
  hours: z.union([
    z.literal('always'),
    z.partialRecord(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']), Spans),
  ]),
  holidays: z.array(z.string().max(10)).max(1_000).optional(),
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

/** A calendar without a name, as the preview takes it. */
export const CalendarSchema = z
  .strictObject({ name: z.string().max(200).optional(), ...calendarShape })
  .superRefine(refineCalendar);

/** A calendar to be saved. */
export const NamedCalendarSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(200)
      .refine((text) => !text.includes('\0'), 'no NUL'),
    ...calendarShape,
    version: z.number().int().positive().optional(),
  })
  .superRefine(refineCalendar);

const Seconds = z
  .number()
  .int()
  .positive()
  .max(366 * 86_400);
const Goal = z
  .strictObject({ seconds: Seconds, dueSoonSeconds: Seconds.optional() })
  .refine(({ seconds, dueSoonSeconds }) => (dueSoonSeconds ?? 0) < seconds, {
    path: ['dueSoonSeconds'],
    message: 'must be shorter than the goal itself',
  });
const GoalName = z.enum(['firstReply', 'nextReply', 'close']);

const Action = z.union([
  z.strictObject({
    type: z.literal('notify'),
    to: z.union([z.enum(['assignee', 'teamLeads', 'team']), z.strictObject({ userId: z.uuid() })]),
  }),
  z.strictObject({ type: z.literal('raisePriority'), to: z.enum(PRIORITIES).optional() }),
  z.strictObject({
    type: z.literal('reassign'),
    to: z.union([z.strictObject({ teamId: z.uuid() }), z.strictObject({ userId: z.uuid() })]),
  }),
  z.strictObject({ type: z.literal('addTag'), tag: z.string().min(1).max(100) }),
]);

/** The parts of a policy beyond its conditions. */
export const policyShape = {
  position: z.number().int().min(0).max(1_000_000).default(0),
  calendarId: z.uuid().nullable().default(null),
  goals: z
    .strictObject({
      firstReply: Goal.optional(),
      nextReply: Goal.optional(),
      close: Goal.optional(),
    })
    .refine(
      (goals) => Object.values(goals).some((goal) => goal !== undefined),
      'a policy needs at least one goal',
    ),
  pauseStatuses: z.array(z.string().min(1).max(64)).max(100).default([]),
  escalations: z
    .array(
      z.strictObject({
        goal: GoalName,
        when: z.union([
          z.enum(['dueSoon', 'overdue']),
          z.strictObject({ afterSeconds: Seconds }),
          z.strictObject({ beforeSeconds: Seconds }),
        ]),
        actions: z.array(Action).min(1).max(20),
      }),
    )
    .max(50)
    .default([]),
  appliesTo: z.enum(['newTickets', 'newAndOpenTickets']).default('newTickets'),
  version: z.number().int().positive().optional(),
};

const Instant = z.iso.datetime({ offset: true });
const Pauses = z
  .array(z.tuple([Instant, Instant]))
  .max(1_000)
  .optional();

/** The three questions of POST /business-hours/preview. A zero goal asks for the next opening; a negative one is refused. */
export const PreviewSchema = z.union([
  z.strictObject({
    calendar: CalendarSchema,
    start: Instant,
    goalSeconds: z
      .number()
      .int()
      .min(0)
      .max(10 * 366 * 86_400),
    pauses: Pauses,
  }),
  z.strictObject({ calendar: CalendarSchema, from: Instant, to: Instant, pauses: Pauses }),
  z.strictObject({ calendar: CalendarSchema, at: Instant }),
]);

/** Answers one question about a calendar. */
export function previewBusinessHours(
  ask: z.infer<typeof PreviewSchema>,
): { dueAt: string | null } | { elapsedSeconds: number } | { nextOpenAt: string | null } {
  const calendar = compileCalendar(ask.calendar as CalendarDefinition);
  const iso = (ms: number | null): string | null =>
    ms === null ? null : new Date(ms).toISOString();
  if ('at' in ask) return { nextOpenAt: iso(nextOpenMs(calendar, Date.parse(ask.at))) };
  const pauses = (ask.pauses ?? []).map(([from, to]): [number, number] => [
    Date.parse(from),
    Date.parse(to),
  ]);
  if ('goalSeconds' in ask) {
    return { dueAt: iso(dueAtMs(calendar, Date.parse(ask.start), ask.goalSeconds * 1000, pauses)) };
  }
  return {
    elapsedSeconds: elapsedMs(calendar, Date.parse(ask.from), Date.parse(ask.to), pauses) / 1000,
  };
}
