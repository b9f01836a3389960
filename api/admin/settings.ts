// Desk-wide settings. What a pipeline says for itself stands in pipelines.ts.
import { createRoute, z } from '@hono/zod-openapi';
import { findSettings, updateSettings } from '#db/desk-rules.ts';
import type { SqlPool } from '#db/sql.ts';
import type { DeskSettings } from '#domain/desk.ts';
import { AutoCloseSchema, DeskStatusOnSchema } from '#domain/pipeline-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { asCaller } from './audit.ts';
import { requireCalendar } from './pipelines.ts';
import { errorResponses } from '../schemas.ts';

const Settings = z.strictObject({
  replyAssigns: z.boolean().openapi({
    description: 'Whoever replies to a ticket without an assignee becomes its assignee.',
  }),
  statusAfterReply: z.literal('waiting').nullable().openapi({
    description: 'Where a public reply of an agent moves a new or open ticket; null leaves it.',
  }),
  statusOn: DeskStatusOnSchema.openapi('DeskStatusOn', {
    description:
      'Where mail moves tickets: to the first status of a category, or null for not at all. `customerReply` moves waiting tickets, ' +
      'and a closed ticket opens in any case. `firstInbound` is the status a mail’s ticket begins in. `deliveryFailed` and `bounce` ' +
      'move open tickets only. A pipeline may name statuses of its own, also for `agentReply`.',
  }),
  autoClose: AutoCloseSchema.nullable().openapi('AutoClose', {
    description:
      'Closes a ticket whose status has been of category waiting for `afterSeconds` of working time: by the calendar of the ticket’s ' +
      'policy, else by `calendarId`, else around the clock. Time in which it was snoozed does not count. The warning leaves once per ' +
      'wait, `warnBeforeSeconds` before; {{ticketId}}, {{subject}} and {{requesterName}} are filled in.',
  }),
  spamDeleteAfterDays: z.number().int().min(1).max(3_650).nullable().openapi({
    description: 'Spam is deleted for good after this many days; null keeps it.',
  }),
  reopenWindowDays: z.number().int().min(0).max(3_650).openapi({
    description:
      'A customer’s mail reopens a ticket closed no longer ago; later it begins a follow-up ticket.',
  }),
  undoSendSeconds: z.number().int().min(0).max(300).openapi({
    description: 'A reply waits so long before it leaves, and can be taken back until then.',
  }),
  deliveryGiveUpHours: z.number().min(0).max(720).openapi({
    description: 'How long a delivery is tried again before it counts as failed.',
  }),
  automaticPerSenderPerDay: z.number().int().min(0).max(100_000).openapi({
    description: 'Automatic mails one sender may cause or send in a day; the rest is ignored.',
  }),
  messagesPerSenderPerHour: z.number().int().min(1).max(1_000_000).openapi({
    description: 'Messages one sender may send in an hour; further ones are quarantined.',
  }),
  awayReassign: z
    .strictObject({
      enabled: z.boolean(),
      afterSeconds: z
        .number()
        .int()
        .min(0)
        .max(366 * 86_400),
    })
    .openapi({
      description:
        'Whether new and open tickets of somebody who is away so long go back to their team’s queue; waiting ones stay.',
    }),
  reopenedWhenAway: z.enum(['stay', 'teamQueue']).openapi({
    description:
      'What becomes of a ticket that a customer’s reply opens while its assignee is away.',
  }),
});
const SettingsPatch = Settings.partial().extend({
  statusOn: DeskStatusOnSchema.partial()
    .optional()
    .openapi({ description: 'Events that are left out keep what they have.' }),
});

/** Reads and changes the settings. */
export function registerSettings(app: App, deps: ApiDeps): void {
  const content = { 'application/json': { schema: Settings } };
  const read = createRoute({
    method: 'get',
    path: '/api/v1/settings',
    operationId: 'getSettings',
    summary: 'The settings of the desk',
    responses: { 200: { description: 'The settings.', content }, ...errorResponses },
  });
  const change = createRoute({
    method: 'patch',
    path: '/api/v1/settings',
    operationId: 'patchSettings',
    summary: 'Change settings; those left out stay as they are',
    request: {
      body: { required: true, content: { 'application/json': { schema: SettingsPatch } } },
    },
    responses: { 200: { description: 'The settings.', content }, ...errorResponses },
  });
  app.openapi(read, async (c) => c.json(await findSettings(deps.sql), 200));
  app.openapi(change, async (c) => {
    const patch = c.req.valid('json');
    const { userId } = c.get('caller');
    await asCaller(c, deps, async (sql) => {
      await requireCalendar(sql, patch.autoClose, '/autoClose/calendarId');
      await updateSettings(sql, await changesOf(sql, patch), userId);
    });
    return c.json(await findSettings(deps.sql), 200);
  });
  registerWebhookSecret(app, deps);
}

/** The changed keys as they are stored; events that a change does not name keep what they had. */
async function changesOf(
  sql: SqlPool,
  patch: z.infer<typeof SettingsPatch>,
): Promise<Partial<DeskSettings>> {
  const { statusOn: events, ...plain } = patch;
  const named = (of: object) =>
    Object.fromEntries(Object.entries(of).filter(([, v]) => v !== undefined));
  if (events === undefined) return named(plain);
  const before = (await findSettings(sql)).statusOn;
  return { ...named(plain), statusOn: { ...before, ...named(events) } };
}

/** What webhooks are signed with: only who runs a receiver needs it, and only an admin may hand it out. */
function registerWebhookSecret(app: App, deps: ApiDeps): void {
  const route = createRoute({
    method: 'get',
    path: '/api/v1/webhook-secret',
    operationId: 'getWebhookSecret',
    summary: 'The key that webhooks are signed with',
    responses: {
      200: {
        description:
          'Holdfast-Signature is `t=<second>,v1=<hex of HMAC-SHA256 with this key over "<second>.<body>">`.',
        content: { 'application/json': { schema: z.strictObject({ secret: z.string() }) } },
      },
      ...errorResponses,
    },
  });
  app.openapi(route, (c) => {
    return c.json({ secret: deps.webhookSecret }, 200);
  });
}
