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
  .strictObject({
    seconds: Seconds.describe('Working time the goal allows.'),
    dueSoonSeconds: Seconds.optional().describe(
      'The goal is due soon so long before its deadline.',
    ),
  })
  .refine(
    ({ seconds, dueSoonSeconds }) => dueSoonSeconds === undefined || dueSoonSeconds < seconds,
    {
      path: ['dueSoonSeconds'],
      message: 'must be shorter than the goal itself',
    },
  );
const GoalName = z.enum(['firstReply', 'nextReply', 'close']);

const Text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be well-formed text');

/** Actions with nothing but ids: as an admin writes them and as events carry them. */
const PLAIN_ACTIONS = [
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
  z.strictObject({ type: z.literal('setStatus'), status: z.string().min(1).max(64) }),
] as const;
const Action = z.union([
  ...PLAIN_ACTIONS,
  z.strictObject({
    type: z.literal('notify'),
    to: z.union([
      z.strictObject({ email: z.email().max(320) }),
      z.strictObject({ webhookUrl: z.url({ protocol: /^https?$/ }).max(2_000) }),
    ]),
  }),
  z.strictObject({ type: z.literal('postNote'), body: Text(10_000) }),
]);
const ref = z.strictObject({
  ...{ policyId: z.string(), version: z.number().int() },
  ...{ step: z.number().int(), action: z.number().int() },
});

/** Actions as events show them: where the policy version names an address or holds words, the place in it. */
export const CarriedActions = z.array(
  z.union([
    ...PLAIN_ACTIONS,
    z.strictObject({ type: z.literal('notify'), to: z.enum(['email', 'webhook']), ref }),
    z.strictObject({ type: z.literal('postNote'), ref }),
  ]),
);

const Repeat = z
  .strictObject({
    everySeconds: Seconds,
    times: z.number().int().min(1).max(100),
  })
  .describe('The step happens again every so often, so many times, until the goal is completed.');
const Step = z
  .strictObject({
    goal: GoalName,
    when: z
      .union([
        z.enum(['dueSoon', 'overdue']),
        z.strictObject({ afterSeconds: Seconds }),
        z.strictObject({ beforeSeconds: Seconds }),
      ])
      .describe(
        'When the step is taken: at the warning (the goal needs dueSoonSeconds), at the deadline, or so many seconds after or before it. ' +
          'Once per wait of the customer, unless it repeats.',
      ),
    hours: z
      .enum(['working', 'always'])
      .optional()
      .describe('What its seconds count: working time outside pauses (when absent), or all of it.'),
    repeat: Repeat.optional(),
    actions: z.array(Action).min(1).max(20),
  })
  .refine(({ actions }) => actions.filter(({ type }) => type === 'setStatus').length <= 1, {
    path: ['actions'],
    message: 'a step sets at most one status',
  });
const MAX_ACTIONS = 1_000;

/** How many actions a ladder may cause on one ticket, every repetition counted. */
function actionsOf(steps: readonly z.infer<typeof Step>[]): number {
  return steps.reduce(
    (sum, { repeat, actions }) => sum + (1 + (repeat?.times ?? 0)) * actions.length,
    0,
  );
}

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
  pauseStatuses: z
    .array(z.string().min(1).max(64))
    .max(100)
    .describe(
      'Ids of statuses in which the clocks of all goals stand still; each must be a status of some pipeline.',
    )
    .default([]),
  escalations: z
    .array(Step)
    .max(50)
    .refine(
      (steps) => actionsOf(steps) <= MAX_ACTIONS,
      `a policy causes at most ${MAX_ACTIONS} actions on one ticket, repetitions counted`,
    )
    .default([]),
  appliesTo: z
    .enum(['newTickets', 'newAndOpenTickets'])
    .describe(
      'newTickets: the version rules tickets created after its save. newAndOpenTickets: open ones too. All their deadlines are then computed ' +
        'anew, those of goals completed already included, since a deadline is a pure function of the rules that hold: a first reply ' +
        'that was on time may count as late by a stricter policy, and the other way round.',
    )
    .default('newTickets'),
  version: z.number().int().positive().max(2_147_483_647).optional(),
};
