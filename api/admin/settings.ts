// Desk-wide settings, and the pipelines a ticket can be in.
import { createRoute, z } from '@hono/zod-openapi';
import { findSettings, listPipelines, updateSettings } from '#db/desk-rules.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { requireAdmin } from '../guard.ts';
import { asCaller } from './audit.ts';
import { Category, errorResponses, pageOf } from '../schemas.ts';

const Pipeline = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    statuses: z.array(z.strictObject({ id: z.string(), name: z.string(), category: Category })),
  })
  .openapi('Pipeline');

/** Settings and pipelines. */
export function registerSettings(app: App, deps: ApiDeps): void {
  const Settings = z.strictObject({
    replyAssigns: z.boolean(),
    statusAfterReply: z.literal('waiting').nullable(),
    reopenWindowDays: z.number().int().min(0).max(3_650),
    undoSendSeconds: z.number().int().min(0).max(300),
    deliveryGiveUpHours: z.number().min(0).max(720),
    automaticPerSenderPerDay: z.number().int().min(0).max(100_000),
    messagesPerSenderPerHour: z.number().int().min(1).max(1_000_000),
    awayReassign: z.strictObject({
      enabled: z.boolean(),
      afterSeconds: z
        .number()
        .int()
        .min(0)
        .max(366 * 86_400),
    }),
    reopenedWhenAway: z.enum(['stay', 'teamQueue']),
  });
  const content = { 'application/json': { schema: Settings } };
  const read = createRoute({
    method: 'get',
    path: '/api/v1/settings',
    operationId: 'getSettings',
    responses: { 200: { description: 'The settings.', content }, ...errorResponses },
  });
  const change = createRoute({
    method: 'patch',
    path: '/api/v1/settings',
    operationId: 'patchSettings',
    request: {
      body: { required: true, content: { 'application/json': { schema: Settings.partial() } } },
    },
    responses: { 200: { description: 'The settings.', content }, ...errorResponses },
  });
  app.openapi(read, async (c) => c.json(await findSettings(deps.sql), 200));
  app.openapi(change, async (c) => {
    requireAdmin(c);
    const changes = Object.fromEntries(
      Object.entries(c.req.valid('json')).filter(([, value]) => value !== undefined),
    );
    await asCaller(c, deps, (sql) => updateSettings(sql, changes));
    return c.json(await findSettings(deps.sql), 200);
  });
  registerWebhookSecret(app, deps);
  const pipelines = createRoute({
    method: 'get',
    path: '/api/v1/pipelines',
    operationId: 'listPipelines',
    responses: {
      200: {
        description: 'All.',
        content: {
          'application/json': { schema: pageOf(Pipeline) },
        },
      },
      ...errorResponses,
    },
  });
  app.openapi(pipelines, async (c) =>
    c.json(
      { items: (await listPipelines(deps.sql)).map((row) => ({ ...row })), nextCursor: null },
      200,
    ),
  );
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
    requireAdmin(c);
    return c.json({ secret: deps.webhookSecret }, 200);
  });
}
