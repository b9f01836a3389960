// What an admin may save: schemas of policies, calendars and business-hours questions. Zod lives here, never in workflow code.
import { z } from 'zod';
import { PRIORITIES } from './desk.ts';

export { previewBusinessHours, PreviewSchema } from './business-hours-preview.ts';
export { CalendarSchema, NamedCalendarSchema } from './calendar-schema.ts';

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
  version: z.number().int().positive().max(2_147_483_647).optional(),
};
