// GET /healthz and /readyz: whether this process lives, and whether everything it needs answers. Open to everybody, so no details.
import { createRoute, z } from '@hono/zod-openapi';
import { hasOwnSmtp } from '#db/channels.ts';
import { countQuarantined } from '#db/inbound.ts';
import { measureRelay } from '#db/relay.ts';
import type { ApiDeps, App } from './app-env.ts';

const Readiness = z
  .strictObject({
    status: z.enum(['ready', 'waiting']),
    missing: z.array(z.enum(['postgres', 'temporal', 'worker'])),
    relay: z.strictObject({ rows: z.number().int(), oldestSeconds: z.number() }).nullable(),
    mail: z
      .enum(['smtp', 'outbox'])
      .openapi({ description: 'smtp: by the default server, or by one of a channel’s own.' }),
    quarantined: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Mails of the last day that wait for a person.' }),
  })
  .openapi('Readiness');
const readiness = { 'application/json': { schema: Readiness } };
const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'Whether this process is alive',
  security: [],
  responses: {
    200: {
      description: 'It is.',
      content: { 'application/json': { schema: z.strictObject({ status: z.literal('alive') }) } },
    },
  },
});
const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Whether Postgres, Temporal and a worker answer',
  security: [],
  responses: {
    200: { description: 'They do.', content: readiness },
    503: { description: 'Not all of them; `missing` names the others.', content: readiness },
  },
});

/** Both routes. */
export function registerHealth(app: App, deps: ApiDeps): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'alive' as const }, 200));
  app.openapi(readyRoute, async (c) => {
    const [relay, engine, quarantined, ownSmtp] = await Promise.all([
      measureRelay(deps.sql).catch(() => null),
      deps.gateway.health(),
      countQuarantined(deps.sql).catch(() => null),
      hasOwnSmtp(deps.sql).catch(() => false),
    ]);
    const parts = { postgres: relay !== null, temporal: engine.temporal, worker: engine.workers };
    const missing = (['postgres', 'temporal', 'worker'] as const).filter((name) => !parts[name]);
    const body = {
      status: missing.length === 0 ? ('ready' as const) : ('waiting' as const),
      missing,
      relay,
      mail: ownSmtp ? ('smtp' as const) : deps.mailMode,
      quarantined,
    };
    return c.json(body, missing.length === 0 ? 200 : 503);
  });
}
