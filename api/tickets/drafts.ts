// Drafts: what somebody has typed and not sent, saved as they type and kept across devices. Their author alone reads them.
import { createRoute, z } from '@hono/zod-openapi';
import {
  deleteComposerDrafts,
  findComposerDraft,
  listDraftsOfTicket,
  listMyDrafts,
  upsertComposerDraft,
} from '#db/drafts.ts';
import type { DraftContent, DraftRow } from '#db/drafts.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, DraftSchema, errorResponses, pageOf, text, TicketIdParam, Uuid } from '../schemas.ts';
import { decodeCursor, encodeCursor } from '../wire.ts';
import { requireSight } from './show.ts';

const Kind = z.enum(['reply', 'note', 'forward']);
/** An address as it is being typed: it need not be whole yet. */
const Typed = z.array(text(320, 1)).max(40);
const DraftInput = z
  .strictObject({
    kind: Kind,
    body: text(500_000),
    bodyHtml: text(1_000_000).nullable().optional(),
    to: Typed.optional(),
    cc: Typed.nullable().optional().openapi({
      description: 'Absent or null: everybody who takes part, as a reply without cc does.',
    }),
    bcc: Typed.optional(),
    mentions: z.array(Uuid).max(50).optional(),
    attachmentIds: z.array(Uuid).max(50).optional(),
    status: text(64, 1).nullable().optional(),
    channelId: Uuid.nullable().optional(),
    messageId: Uuid.nullable().optional(),
    baseRevision: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().openapi({
      description:
        'The revision this was typed on, 0 for a new draft. When another one stands there by now, it is 409 and `current` has it, or null when it was sent or thrown away. Without it the last writer wins.',
    }),
  })
  .openapi('DraftInput', { example: { kind: 'reply', body: 'We are' } });
const Saved = z
  .strictObject({
    ticketId: z.number().int(),
    kind: Kind,
    revision: z.number().int(),
    updatedAt: At,
  })
  .openapi('SavedDraft');
const ListedDraft = z.strictObject({ ...DraftSchema.shape, subject: z.string() });
const path = '/api/v1/tickets/{id}/draft';

const putRoute = createRoute({
  method: 'put',
  path,
  operationId: 'saveDraft',
  summary: 'Save what the caller has typed for a ticket: one draft for each kind',
  request: {
    params: TicketIdParam,
    body: { required: true, content: { 'application/json': { schema: DraftInput } } },
  },
  responses: {
    200: { description: 'Saved.', content: { 'application/json': { schema: Saved } } },
    ...errorResponses,
  },
});
const getRoute = createRoute({
  method: 'get',
  path,
  operationId: 'getDrafts',
  summary: "The caller's drafts for a ticket, at most one of each kind",
  request: { params: TicketIdParam },
  responses: {
    200: {
      description: 'A draft of a ticket that was merged into this one goes on here.',
      content: { 'application/json': { schema: pageOf(DraftSchema) } },
    },
    ...errorResponses,
  },
});
const deleteRoute = createRoute({
  method: 'delete',
  path,
  operationId: 'deleteDraft',
  summary: "Throw the caller's drafts for a ticket away, of one kind or all",
  request: {
    params: TicketIdParam,
    query: z.object({
      kind: Kind.optional(),
      revision: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().openapi({
        description: 'Only what is still at this revision: what was written elsewhere since stays.',
      }),
    }),
  },
  responses: { 204: { description: 'Gone.' }, ...errorResponses },
});
const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/drafts',
  operationId: 'listDrafts',
  summary: "The caller's drafts for all tickets, the newest first",
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().max(500).optional(),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageOf(ListedDraft) } },
    },
    ...errorResponses,
  },
});

const isRevision = (value: unknown): value is number => Number.isSafeInteger(value);

/** Saving, reading and throwing away. */
export function registerDrafts(app: App, deps: ApiDeps): void {
  app.openapi(putRoute, async (c) => {
    const { id: ticketId } = c.req.valid('param');
    await requireSight(deps, c.get('access'), ticketId);
    const { kind, baseRevision = null, attachmentIds = [], ...rest } = c.req.valid('json');
    const key = { userId: c.get('caller').userId, ticketId, kind };
    const content = contentOf(deps, rest);
    const saved = await upsertComposerDraft(deps.sql, {
      ...key,
      ...{ content, attachmentIds, baseRevision },
    });
    if (saved !== undefined) {
      const { revision, updatedAt } = saved;
      return c.json({ ticketId, kind, revision, updatedAt: updatedAt.toISOString() }, 200);
    }
    const current = await findComposerDraft(deps.sql, key);
    throw new HoldfastError('versionConflict', 'The draft was changed or sent elsewhere.', {
      current: current === undefined ? null : draftToWire(current),
    });
  });
  app.openapi(getRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const rows = await listDraftsOfTicket(deps.sql, c.get('caller').userId, id);
    return c.json({ items: rows.map(draftToWire), nextCursor: null }, 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const { id: ticketId } = c.req.valid('param');
    await requireSight(deps, c.get('access'), ticketId);
    const { kind = null, revision = null } = c.req.valid('query');
    const { userId } = c.get('caller');
    await deleteComposerDrafts(deps.sql, { userId, ticketId, kind, revision });
    return c.body(null, 204);
  });
  app.openapi(listRoute, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const revision = decodeCursor(cursor, isRevision);
    const rows = await listMyDrafts(deps.sql, c.get('access'), {
      limit: limit + 1,
      before: revision === null ? null : { revision },
    });
    const items = rows
      .slice(0, limit)
      .map(({ subject, ...row }) => ({ ...draftToWire(row), subject }));
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return c.json({ items, nextCursor: more ? encodeCursor(last.revision) : null }, 200);
  });
}

type DraftText = Omit<z.infer<typeof DraftInput>, 'kind' | 'baseRevision' | 'attachmentIds'>;

function contentOf(deps: ApiDeps, typed: DraftText): DraftContent {
  const { body, bodyHtml = null, to = [], cc = null, bcc = [], mentions = [] } = typed;
  const { status = null, channelId = null, messageId = null } = typed;
  const safe = bodyHtml === null ? null : deps.sanitizeHtml(bodyHtml);
  return { body, bodyHtml: safe, to, cc, bcc, mentions, status, channelId, messageId };
}

/** A draft as JSON. */
export function draftToWire(row: DraftRow): z.infer<typeof DraftSchema> {
  const { content, updatedAt, ...rest } = row;
  return { ...rest, ...content, updatedAt: updatedAt.toISOString() };
}
