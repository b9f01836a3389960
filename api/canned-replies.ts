// Canned replies: texts that agents use again and again, with placeholders. Everybody keeps private ones; shared ones are kept by admins
// and by those who lead the teams they are for.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  deleteCannedReply,
  findCannedReply,
  findPlaceholderValues,
  insertCannedReply,
  leadsTeams,
  listCannedReplies,
  updateCannedReply,
} from '#db/canned-replies.ts';
import type { CannedReplyRow, CannedReplyValues, CannedVisibility } from '#db/canned-replies.ts';
import { findUnknownPlaces } from '#db/people.ts';
import type { Sql } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import { fillPlaceholders, PLACEHOLDERS } from '#domain/placeholders.ts';
import type { ApiDeps, App, AppEnv } from './app-env.ts';
import { asCaller } from './admin/audit.ts';
import { conflict } from './admin/references.ts';
import { mustBeAllowed } from './access.ts';
import { keepAnswer } from './guard.ts';
import { PLACEHOLDERS_DESCRIPTION, refuseUnknownPlaceholders } from './placeholders.ts';
import {
  At,
  errorResponses,
  expectedVersion,
  IdempotencyKey,
  IfMatch,
  pageOf,
  ReadVersion,
  text,
  TicketIdParam,
  Uuid,
  UuidParam,
} from './schemas.ts';
import { requireSight } from './tickets/show.ts';
import { decodeCursor, encodeCursor, isUuid } from './wire.ts';

const Visibility = z.enum(['private', 'team', 'everyone']);
/** One as it was written. */
export const CannedReply = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    shortcut: z.string().nullable(),
    body: z.string(),
    bodyHtml: z.string().nullable(),
    visibility: Visibility,
    teamIds: z.array(z.string()),
    ownerId: z.string(),
    version: z.number().int(),
    updatedAt: At,
  })
  .openapi('CannedReply');
const Texts = {
  body: text(100_000, 1).openapi({ description: PLACEHOLDERS_DESCRIPTION }),
  bodyHtml: text(500_000).nullable().default(null),
};
const CannedReplyInput = z
  .strictObject({
    name: text(200, 1),
    shortcut: z
      .string()
      .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,49}$/)
      .nullable()
      .default(null)
      .openapi({
        description: 'What is typed for it; once among the shared, once among one’s own.',
      }),
    ...Texts,
    visibility: Visibility.default('private'),
    teamIds: z.array(Uuid).max(50).default([]).openapi({
      description: 'Whose it is: one or more with the visibility team, none with the others.',
    }),
    version: ReadVersion,
  })
  .openapi('CannedReplyInput', {
    example: { name: 'Thanks', shortcut: 'ty', body: 'Hello {{requester.firstName|there}}!' },
  });
const Rendered = z
  .strictObject({
    body: z.string(),
    bodyHtml: z.string().nullable(),
    missing: z.array(z.enum(PLACEHOLDERS)).openapi({
      description: 'Placeholders that had neither a value nor a fallback: nothing stands there.',
    }),
  })
  .openapi('RenderedReply');
const path = '/api/v1/canned-replies';
const one = { 'application/json': { schema: CannedReply } };
const rendered = {
  200: { description: 'Filled in.', content: { 'application/json': { schema: Rendered } } },
  ...errorResponses,
};
const bodyOf = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});
const TicketNumber = TicketIdParam.shape.id;

const listRoute = createRoute({
  method: 'get',
  path,
  operationId: 'listCannedReplies',
  summary: 'Canned replies the caller may use, by name',
  request: {
    query: z.object({
      q: text(200, 1).optional().openapi({ description: 'In the name or the shortcut.' }),
      limit: z.coerce.number().int().min(1).max(200).default(100),
      cursor: z.string().max(1_000).optional(),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageOf(CannedReply) } },
    },
    ...errorResponses,
  },
});
const createOne = createRoute({
  method: 'post',
  path,
  operationId: 'createCannedReply',
  summary: 'Keep a canned reply',
  request: { headers: IdempotencyKey, body: bodyOf(CannedReplyInput) },
  responses: { 201: { description: 'The canned reply.', content: one }, ...errorResponses },
});
const getRoute = createRoute({
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getCannedReply',
  summary: 'Get a canned reply as it was written',
  request: { params: UuidParam },
  responses: { 200: { description: 'The canned reply.', content: one }, ...errorResponses },
});
const putRoute = createRoute({
  method: 'put',
  path: `${path}/{id}`,
  operationId: 'replaceCannedReply',
  summary: 'Change a canned reply',
  request: { params: UuidParam, headers: IfMatch, body: bodyOf(CannedReplyInput) },
  responses: { 200: { description: 'Saved.', content: one }, ...errorResponses },
});
const deleteRoute = createRoute({
  method: 'delete',
  path: `${path}/{id}`,
  operationId: 'deleteCannedReply',
  summary: 'Forget a canned reply',
  request: { params: UuidParam },
  responses: { 204: { description: 'Gone.' }, ...errorResponses },
});
const renderRoute = createRoute({
  method: 'post',
  path: `${path}/{id}/render`,
  operationId: 'renderCannedReply',
  summary: 'A canned reply filled in for a ticket and the caller',
  request: { params: UuidParam, body: bodyOf(z.strictObject({ ticketId: TicketNumber })) },
  responses: rendered,
});
const previewRoute = createRoute({
  method: 'post',
  path: `${path}/preview`,
  operationId: 'previewCannedReply',
  summary: 'A text that is not saved, filled in for a ticket and the caller',
  request: { body: bodyOf(z.strictObject({ ...Texts, ticketId: TicketNumber })) },
  responses: rendered,
});

interface Place {
  name: string;
  id: string;
}
const isPlace = (value: unknown): value is Place => {
  const { name, id } = (value ?? {}) as Partial<Place>;
  return isUuid(id) && typeof name === 'string' && !name.includes('\0') && name.isWellFormed();
};

/** Keeping, changing and using canned replies. */
export function registerCannedReplies(app: App, deps: ApiDeps): void {
  registerReading(app, deps);
  registerWriting(app, deps);
}

function registerReading(app: App, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { q = null, limit, cursor } = c.req.valid('query');
    const after = decodeCursor(cursor, isPlace);
    const page = { q, limit: limit + 1, after };
    const rows = await listCannedReplies(deps.sql, c.get('caller').userId, page);
    const items = rows.slice(0, limit).map(cannedReplyToWire);
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    const nextCursor = more ? encodeCursor({ name: last.name, id: last.id }) : null;
    return c.json({ items, nextCursor }, 200);
  });
  app.openapi(getRoute, async (c) =>
    c.json(cannedReplyToWire(await requireUsable(deps.sql, c, c.req.valid('param').id)), 200),
  );
  app.openapi(renderRoute, async (c) => {
    const row = await requireUsable(deps.sql, c, c.req.valid('param').id);
    return c.json(await render(deps, c, c.req.valid('json').ticketId, row), 200);
  });
  app.openapi(previewRoute, async (c) => {
    const { ticketId, body, bodyHtml } = c.req.valid('json');
    refuseUnknown(body, bodyHtml);
    return c.json(await render(deps, c, ticketId, { body, bodyHtml }), 200);
  });
}

function registerWriting(app: App, deps: ApiDeps): void {
  app.openapi(createOne, async (c) => {
    const values = valuesOf(deps, c.req.valid('json'));
    const made = await asCaller(c, deps, async (sql) => {
      await requireKeeper(sql, c, values);
      const row = cannedReplyToWire(await insertCannedReply(sql, c.get('caller').userId, values));
      await keepAnswer(c, sql, 201, row);
      return row;
    });
    return c.json(made, 201);
  });
  app.openapi(putRoute, async (c) => {
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const values = valuesOf(deps, body);
    const expected = expectedVersion(c.req.header('if-match'), body);
    const saved = await asCaller(c, deps, async (sql) => {
      await requireKeeper(sql, c, await requireUsable(sql, c, id));
      await requireKeeper(sql, c, values);
      return await updateCannedReply(sql, {
        ...{ id, userId: c.get('caller').userId, expected },
        ...values,
      });
    });
    if (saved === undefined) throw conflict();
    return c.json(cannedReplyToWire(saved), 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid('param');
    await asCaller(c, deps, async (sql) => {
      await requireKeeper(sql, c, await requireUsable(sql, c, id));
      await deleteCannedReply(sql, id);
    });
    return c.body(null, 204);
  });
}

/** A row as the API shows it. */
export function cannedReplyToWire({
  updatedAt,
  ...row
}: CannedReplyRow): z.infer<typeof CannedReply> {
  return { ...row, updatedAt: updatedAt.toISOString() };
}

/** One that is not for the caller is the same 404 as one that does not exist. */
async function requireUsable(sql: Sql, c: Context<AppEnv>, id: string): Promise<CannedReplyRow> {
  const row = await findCannedReply(sql, c.get('caller').userId, id);
  if (row === undefined) throw new HoldfastError('notFound', 'There is no such canned reply.');
  return row;
}

/** Shared ones are changed by admins, and a team's by whoever leads all of its teams. */
async function requireKeeper(
  sql: Sql,
  c: Context<AppEnv>,
  { visibility, teamIds }: { visibility: CannedVisibility; teamIds: string[] },
): Promise<void> {
  if (visibility === 'private') return;
  const unknown = await findUnknownPlaces(sql, { userIds: [], teamIds });
  if (unknown.length > 0) {
    throw new HoldfastError('unknownReference', 'A team does not exist.', {
      errors: [{ pointer: '/teamIds', message: 'unknown or out of use' }],
    });
  }
  const leads = visibility === 'team' && (await leadsTeams(sql, c.get('caller').userId, teamIds));
  if (!leads) mustBeAllowed(c, 'settings.desk');
}

function refuseUnknown(body: string, bodyHtml: string | null): void {
  refuseUnknownPlaceholders('/body', body);
  if (bodyHtml !== null) refuseUnknownPlaceholders('/bodyHtml', bodyHtml);
}

function valuesOf(deps: ApiDeps, body: z.infer<typeof CannedReplyInput>): CannedReplyValues {
  const { name, shortcut, visibility } = body;
  refuseUnknown(body.body, body.bodyHtml);
  const teamIds = [...new Set(body.teamIds.map((id) => id.toLowerCase()))];
  if ((visibility === 'team') !== teamIds.length > 0) {
    const message =
      visibility === 'team' ? 'name the teams it is for' : 'only with the visibility team';
    throw new HoldfastError('invalidRequest', 'Teams and visibility do not fit.', {
      errors: [{ pointer: '/teamIds', message }],
    });
  }
  const bodyHtml = body.bodyHtml === null ? null : deps.sanitizeHtml(body.bodyHtml);
  return { name, shortcut, body: body.body, bodyHtml, visibility, teamIds };
}

async function render(
  deps: ApiDeps,
  c: Context<AppEnv>,
  ticketId: number,
  { body, bodyHtml }: { body: string; bodyHtml: string | null },
): Promise<z.infer<typeof Rendered>> {
  await requireSight(deps, c.get('access'), ticketId);
  const { userId } = c.get('caller');
  const values = await findPlaceholderValues(deps.sql, { ticketId, userId, channelId: null });
  if (values === undefined) throw new HoldfastError('notFound', 'There is no such ticket.');
  const plain = fillPlaceholders(body, values, 'text');
  const html = bodyHtml === null ? null : fillPlaceholders(bodyHtml, values, 'html');
  return {
    body: plain.text,
    // Made safe again: inside an address, a customer's name could be one that runs.
    bodyHtml: html === null ? null : deps.sanitizeHtml(html.text),
    missing: [...new Set([...plain.missing, ...(html?.missing ?? [])])],
  };
}
