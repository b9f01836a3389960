// What arrived: the list of inbound messages with what became of each, their raw source, and a retry.
import { createRoute, z } from '@hono/zod-openapi';
import { findInboundSource, isInboundVisible, listInbound } from '#db/inbound.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { Viewer } from '#domain/permissions.ts';
import type { ApiDeps, App } from './app-env.ts';
import { At, ChannelKind, errorResponses, pageOf, UuidParam } from './schemas.ts';
import { decodeCursor, encodeCursor, isTimePlace } from './wire.ts';

const Outcome = z.enum(['ticket', 'reply', 'ignored', 'quarantined']);
const Inbound = z.strictObject({
  id: z.string(),
  channel: ChannelKind,
  outcome: Outcome,
  reason: z.string().nullable(),
  ticketId: z.number().int().nullable(),
  messageId: z.string().nullable(),
  externalId: z.string().nullable(),
  receivedAt: At,
});
const limit = z.coerce.number().int().min(1).max(100).default(50);
const cursor = z.string().max(500).optional();
const pageAnswer = <T extends z.ZodType>(item: T) => ({
  200: {
    description: 'One page.',
    content: { 'application/json': { schema: pageOf(item) } },
  },
  ...errorResponses,
});

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/inbound',
  operationId: 'listInbound',
  summary: 'Every inbound message and what became of it',
  request: { query: z.object({ outcome: Outcome.optional(), limit, cursor }) },
  responses: pageAnswer(Inbound),
});
const sourceRoute = createRoute({
  method: 'get',
  path: '/api/v1/inbound/{id}/source',
  operationId: 'getInboundSource',
  summary: 'The raw source',
  request: { params: UuidParam },
  responses: {
    200: { description: 'As it arrived.', content: { 'message/rfc822': { schema: z.string() } } },
    ...errorResponses,
  },
});
const retryRoute = createRoute({
  method: 'post',
  path: '/api/v1/inbound/{id}/retry',
  operationId: 'retryInbound',
  summary: 'Take a quarantined or ignored message in after all',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'What became of it.',
      content: {
        'application/json': {
          schema: Inbound.pick({ outcome: true, reason: true, ticketId: true, messageId: true }),
        },
      },
    },
    ...errorResponses,
  },
});

export function registerInbound(app: App, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const query = c.req.valid('query');
    const place = decodeCursor(query.cursor, isTimePlace);
    const rows = await listInbound(deps.sql, c.get('access'), {
      outcome: query.outcome ?? null,
      limit: query.limit + 1,
      before: place === null ? null : { receivedAt: place.at, id: place.id },
    });
    const items = rows.slice(0, query.limit).map((row) => ({
      ...row,
      channel: ChannelKind.parse(row.channel),
      receivedAt: row.receivedAt.toISOString(),
    }));
    const last = items.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return c.json(
      { items, nextCursor: more ? encodeCursor({ at: last.receivedAt, id: last.id }) : null },
      200,
    );
  });
  app.openapi(sourceRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireInbound(deps, c.get('access'), id);
    const found = await findInboundSource(deps.sql, id);
    if (found === undefined) throw new HoldfastError('notFound', 'There is no such message.');
    const headers = {
      'content-type': 'message/rfc822',
      'content-disposition': 'attachment; filename="source.eml"',
    };
    return new Response(new Uint8Array(found.source), { headers }) as never;
  });
  app.openapi(retryRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireInbound(deps, c.get('access'), id);
    const { outcome, reason, ticketId, messageId } = await deps.retryInbound(id);
    return c.json({ outcome: Outcome.parse(outcome), reason, ticketId, messageId }, 200);
  });
}

async function requireInbound(deps: ApiDeps, viewer: Viewer, id: string): Promise<void> {
  if (await isInboundVisible(deps.sql, viewer, id)) return;
  throw new HoldfastError('notFound', 'There is no such message.');
}
