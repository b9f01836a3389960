// Replies, notes and forwards: the text is stored as a draft, the ticket's workflow accepts it, its delivery is a workflow of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  deleteDraft,
  findVisibleMessage,
  findOriginalMessage,
  findReplyTarget,
  insertDraft,
  insertMentions,
  listScheduledMessages,
} from '#db/messages.ts';
import type { OriginalMessage } from '#db/messages.ts';
import { deleteSentDrafts, markDraftSent } from '#db/drafts.ts';
import type { Sql } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import { seesAll } from '#domain/permissions.ts';
import type { Viewer } from '#domain/permissions.ts';
import { forwardedHtml, forwardedText } from '#domain/forwarding.ts';
import { withInlineImages } from '#domain/inline-images.ts';
import { blindCopies, replyRecipients } from '#domain/reply-recipients.ts';
import { signed } from '#domain/signature.ts';
import type { TicketCommand } from '#domain/ticket-types.ts';
import type { ApiDeps, App, AppEnv } from '../app-env.ts';
import { requestUuid } from '../guard.ts';
import {
  IdempotencyKey,
  errorResponses,
  Instant,
  MessageSchema,
  pageOf,
  text,
  TicketIdParam,
  Uuid,
  UuidParam,
} from '../schemas.ts';
import { messageToWire } from '../wire.ts';
import { mustBeAllowed } from '../access.ts';
import { requireMailbox } from './act.ts';
import { requireSight } from './show.ts';
import { signatureFor } from './signature-for.ts';

const UNDO_PATIENCE_MS = 8000;
const UNDO_PAUSE_MS = 100;
const Address = z.email().max(320);
const common = {
  body: text(500_000, 1),
  bodyHtml: text(1_000_000).optional(),
  attachmentIds: z.array(Uuid).max(50).optional().openapi({
    description:
      'Pictures that bodyHtml shows by their address (`/api/v1/attachments/{id}`) go along inline and need not be named.',
  }),
  draftRevision: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().openapi({
    description: 'The draft this was: it goes when the message is accepted, and not before.',
  }),
};
/** What mails of agents have besides. */
const leaving = {
  cc: z.array(Address).max(40).optional(),
  bcc: z.array(Address).max(40).optional(),
  channelId: Uuid.optional().openapi({
    description: 'The mailbox it leaves from, instead of the ticket’s own.',
  }),
  signature: z.enum(['none', 'own']).default('none').openapi({
    description: 'own: the caller’s signature goes below, or that of the mailbox.',
  }),
  sendAt: Instant.optional(),
};
const Reply = z
  .strictObject({
    ...common,
    ...leaving,
    status: text(64, 1).optional(),
  })
  .openapi('NewReply', { example: { body: 'We are on it.' } });
const Note = z
  .strictObject({ ...common, mentions: z.array(Uuid).max(50).optional() })
  .openapi('NewNote', { example: { body: 'Called them.' } });
const Forward = z
  .strictObject({
    ...common,
    ...leaving,
    to: z.array(Address).min(1).max(40),
    includeOriginal: z.boolean().default(true),
    messageId: Uuid.optional(),
  })
  .openapi('NewForward', {
    description:
      'The original goes along below the words, with its files, unless includeOriginal is false: the message of messageId, else the newest of the contact. Notes are never forwarded.',
    example: { to: ['vendor@example.org'], body: 'Can you help?' },
  });

type Kind = 'reply' | 'note' | 'forward';
interface Draft {
  body: string;
  bodyHtml?: string | undefined;
  attachmentIds?: string[] | undefined;
  to?: string[] | undefined;
  cc?: string[] | undefined;
  bcc?: string[] | undefined;
  channelId?: string | undefined;
  signature?: 'none' | 'own' | undefined;
  draftRevision?: number | undefined;
  sendAt?: string | undefined;
  status?: string | undefined;
  mentions?: string[] | undefined;
  includeOriginal?: boolean | undefined;
  messageId?: string | undefined;
}

function sendRoute<T extends z.ZodType>(
  path: string,
  operationId: string,
  summary: string,
  schema: T,
) {
  return createRoute({
    method: 'post',
    path: `/api/v1/tickets/{id}/${path}`,
    operationId,
    summary,
    request: {
      params: TicketIdParam,
      headers: IdempotencyKey,
      body: { required: true, content: { 'application/json': { schema } } },
    },
    responses: {
      201: {
        description: 'The message.',
        content: { 'application/json': { schema: MessageSchema } },
      },
      ...errorResponses,
    },
  });
}

const replyRoute = sendRoute('replies', 'replyToTicket', 'Reply to the requester', Reply);
const noteRoute = sendRoute('notes', 'addNote', 'Add an internal note', Note);
const forwardRoute = sendRoute('forward', 'forwardTicket', 'Forward to somebody else', Forward);

const scheduledRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/scheduled',
  operationId: 'listScheduledMessages',
  summary: 'Messages that leave later, the next first; to change one, undo it and write it anew',
  request: { params: TicketIdParam },
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: pageOf(MessageSchema) } },
    },
    ...errorResponses,
  },
});
const undoRoute = createRoute({
  method: 'delete',
  path: '/api/v1/messages/{id}',
  operationId: 'undoSend',
  summary: 'Stop a message inside its undo window',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'The message, cancelled.',
      content: { 'application/json': { schema: MessageSchema } },
    },
    ...errorResponses,
  },
});
const getRoute = createRoute({
  method: 'get',
  path: '/api/v1/messages/{id}',
  operationId: 'getMessage',
  summary: 'Get a message and how its delivery stands',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'The message.',
      content: { 'application/json': { schema: MessageSchema } },
    },
    ...errorResponses,
  },
});

export function registerMessages(app: App, deps: ApiDeps): void {
  app.openapi(replyRoute, async (c) =>
    c.json(await post(deps, c, 'reply', c.req.valid('param').id, c.req.valid('json')), 201),
  );
  app.openapi(noteRoute, async (c) =>
    c.json(await post(deps, c, 'note', c.req.valid('param').id, c.req.valid('json')), 201),
  );
  app.openapi(forwardRoute, async (c) =>
    c.json(await post(deps, c, 'forward', c.req.valid('param').id, c.req.valid('json')), 201),
  );
  app.openapi(getRoute, async (c) =>
    c.json(
      messageToWire(await requireMessage(deps, c.get('access'), c.req.valid('param').id)),
      200,
    ),
  );
  app.openapi(scheduledRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const rows = await listScheduledMessages(deps.sql, id, new Date(deps.clock()));
    return c.json({ items: rows.map(messageToWire), nextCursor: null }, 200);
  });
  app.openapi(undoRoute, async (c) => {
    const { id } = c.req.valid('param');
    const message = await stopSend(deps, c.get('access'), id);
    await deps.gateway.act({
      ticketId: message.ticketId,
      requestId: requestUuid(c, 'undoSend'),
      actor: { type: 'user', userId: c.get('caller').userId },
      command: { type: 'undoSend', messageId: id },
      followMerge: true,
    });
    return c.json(
      messageToWire(await requireMessage(deps, seesAll(c.get('caller').userId), id)),
      200,
    );
  });
}

/** Stops a message that waits to leave. Its ticket starts the delivery a moment after it took the reply, so a quick undo waits for it. */
async function stopSend(deps: ApiDeps, viewer: Viewer, id: string) {
  const giveUpAtMs = Date.now() + UNDO_PATIENCE_MS;
  for (;;) {
    const message = await requireMessage(deps, viewer, id);
    const answer = message.state === 'queued' ? await deps.gateway.cancelSend(id) : message.state;
    if (answer === 'cancelled') return message;
    if (answer !== 'notBegun') {
      throw new HoldfastError('sendAlreadyLeft', 'The message has left, or is just leaving.');
    }
    if (Date.now() > giveUpAtMs) {
      throw new HoldfastError('temporalUnavailable', 'The delivery does not answer; try again.');
    }
    await sleep(UNDO_PAUSE_MS);
  }
}

async function requireMessage(deps: ApiDeps, viewer: Viewer, id: string) {
  const message = await findVisibleMessage(deps.sql, viewer, id);
  if (message === undefined) throw new HoldfastError('notFound', 'There is no such message.');
  return message;
}

async function post(
  deps: ApiDeps,
  c: Context<AppEnv>,
  kind: Kind,
  ticketId: number,
  draft: Draft,
): Promise<z.infer<typeof MessageSchema>> {
  const nowMs = deps.clock();
  const sendAtMs = draft.sendAt === undefined ? undefined : Date.parse(draft.sendAt);
  if (sendAtMs !== undefined && sendAtMs < nowMs - 60_000) {
    throw new HoldfastError('sendAtInPast', 'sendAt must not lie in the past.', {
      errors: [{ pointer: '/sendAt', message: 'lies in the past' }],
    });
  }
  const id = requestUuid(c, 'message');
  const { userId } = c.get('caller');
  await requireSight(deps, c.get('access'), ticketId);
  if (draft.status !== undefined) mustBeAllowed(c, 'ticket.edit');
  await storeDraft(deps, { id, kind, ticketId, draft, userId, nowMs });
  const mentions = await storeMentions(
    deps,
    id,
    (draft.mentions ?? []).map((one) => one.toLowerCase()),
  );
  // Nobody needs a notice of having named themselves.
  const told = mentions.filter((one) => one !== userId);
  const command: TicketCommand =
    kind === 'note'
      ? { type: 'addNote', messageId: id, ...(told.length === 0 ? {} : { mentions: told }) }
      : {
          type: kind,
          messageId: id,
          ...(sendAtMs === undefined ? {} : { sendAtMs }),
          ...(kind === 'reply' && draft.status !== undefined ? { status: draft.status } : {}),
        };
  try {
    const requestId = requestUuid(c, command.type);
    await deps.gateway.act({ ticketId, requestId, actor: { type: 'user', userId }, command });
  } catch (error) {
    // Only a refusal means that it will never be accepted; with Temporal out of reach the same request may come again.
    if (error instanceof HoldfastError && error.code !== 'temporalUnavailable')
      await deleteDraft(deps.sql, id);
    throw error;
  }
  if (draft.draftRevision !== undefined) await deleteSentDrafts(deps.sql, userId, id);
  return messageToWire(await requireMessage(deps, seesAll(userId), id));
}

async function storeMentions(deps: ApiDeps, id: string, userIds: string[]): Promise<string[]> {
  if (userIds.length === 0) return [];
  const known = await insertMentions(deps.sql, id, userIds);
  if (userIds.every((one) => known.includes(one))) return known;
  await deleteDraft(deps.sql, id);
  throw new HoldfastError('unknownReference', 'The note names somebody who is not there.', {
    errors: [{ pointer: '/mentions', message: 'unknown or inactive' }],
  });
}

async function storeDraft(
  deps: ApiDeps,
  of: { id: string; kind: Kind; ticketId: number; draft: Draft; userId: string; nowMs: number },
): Promise<void> {
  const { id, kind, ticketId, draft, userId, nowMs } = of;
  const channelId = draft.channelId ?? null;
  if (channelId !== null) await requireMailbox(deps, channelId);
  const target = await findReplyTarget(deps.sql, ticketId, channelId);
  if (target === undefined) throw new HoldfastError('notFound', 'There is no such ticket.');
  const leaves = kind !== 'note';
  const recipients =
    kind === 'reply'
      ? replyRecipients({
          requester: target.requesterEmail,
          copies: draft.cc ?? target.takingPart,
          own: target.own,
        })
      : { to: draft.to ?? [], cc: draft.cc ?? [] };
  const domain = target.channelAddress?.split('@').at(-1) ?? 'holdfast.invalid';
  const row = {
    ...{ id, ticketId, kind, authorUserId: userId, ...recipients },
    bcc: blindCopies(draft.bcc ?? [], [...recipients.to, ...recipients.cc, ...target.own]),
    ...(await contentOf(deps, { kind, ticketId, draft, userId, channelId: target.channelId })),
    channelId: leaves ? target.channelId : null,
    subject: leaves ? target.subject : null,
    from: leaves ? target.channelAddress : null,
    // Fixed before the first attempt: whatever crashes, every copy of this mail is the same mail.
    messageIdHeader: leaves ? `<${id}@${domain}>` : null,
    inReplyTo: kind === 'reply' ? target.lastMessageId : null,
    references: kind === 'reply' ? target.references : [],
    sendAt: draft.sendAt === undefined ? null : new Date(draft.sendAt),
    createdAt: new Date(nowMs),
  };
  const { draftRevision: revision } = draft;
  if (row.attachmentIds.length === 0 && revision === undefined) {
    await insertDraft(deps.sql, row);
    return;
  }
  await deps.sql.begin(async (tx) => {
    await storeWithFiles(tx, row);
    if (revision === undefined) return;
    await markDraftSent(tx, { userId, ticketId, kind, revision, messageId: id });
  });
}

/** Stores a message with its files, or throws and so undoes it: it must not leave without a file that its author has named. */
async function storeWithFiles(tx: Sql, row: Parameters<typeof insertDraft>[1]): Promise<void> {
  const taken = await insertDraft(tx, row);
  if (taken === null || taken === row.attachmentIds.length) return;
  throw new HoldfastError('unknownReference', 'Not every file can be taken.', {
    errors: [
      {
        pointer: '/attachmentIds',
        message: 'unknown, of another ticket, uploaded by somebody else or under way already',
      },
    ],
  });
}

/** What a message says and brings along. */
interface Content {
  body: string;
  bodyHtml: string | null;
  quoted: string | null;
  attachmentIds: string[];
  inlineIds: string[];
}

/** The words and files of a message; HTML as it may be shown to others. */
async function contentOf(
  deps: ApiDeps,
  of: { kind: Kind; ticketId: number; draft: Draft; userId: string; channelId: string | null },
): Promise<Content> {
  const { kind, ticketId, draft } = of;
  const named = (draft.attachmentIds ?? []).map((one) => one.toLowerCase());
  const written = draft.bodyHtml === undefined ? null : deps.sanitizeHtml(draft.bodyHtml);
  const shown = written === null ? null : withInlineImages(written, named);
  const inlineIds = shown?.attachmentIds ?? [];
  const words = { body: draft.body, html: shown?.html ?? null };
  const { body, html } =
    draft.signature === 'own' ? signed(words, await signatureFor(deps, of)) : words;
  const original = kind === 'forward' ? await originalOf(deps, ticketId, draft) : undefined;
  const attachmentIds = [...new Set([...named, ...inlineIds, ...(original?.attachmentIds ?? [])])];
  const files = { attachmentIds, inlineIds };
  if (original === undefined) return { body, bodyHtml: html, quoted: null, ...files };
  const passedOn = { ...original, atMs: original.at.getTime() };
  return {
    ...{ body, ...files, quoted: forwardedText(body, passedOn) },
    bodyHtml: forwardedHtml({ text: body, html }, passedOn),
  };
}

/** The message that a forward passes on; undefined when it is to go without, or the ticket has none. */
async function originalOf(
  deps: ApiDeps,
  ticketId: number,
  { includeOriginal, messageId: named }: Draft,
): Promise<OriginalMessage | undefined> {
  if (includeOriginal === false) return undefined;
  const messageId = named ?? null;
  const original = await findOriginalMessage(deps.sql, { ticketId, messageId });
  if (original !== undefined || messageId === null) return original;
  throw new HoldfastError('unknownReference', 'There is no such message to pass on.', {
    errors: [{ pointer: '/messageId', message: 'unknown, of another ticket, or a note' }],
  });
}
