// Merging two tickets, undoing a merge, and splitting messages off into a ticket of their own.
import { createRoute, z } from '@hono/zod-openapi';
import { listVisibleIds } from '#db/access.ts';
import { insertNewTicket } from '#db/inbound.ts';
import { findTicketMerge, insertTicketMerge } from '#db/merges.ts';
import { forgetRelayBirth, insertTicketSignal } from '#db/relay.ts';
import { findRootTicket, findTicketOrigin, moveMessages } from '#db/tickets.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { makeTicketOnce, requestUuid } from '../guard.ts';
import {
  IdempotencyKey,
  errorResponses,
  text,
  TicketIdParam,
  TicketSchema,
  Uuid,
  UuidParam,
} from '../schemas.ts';
import { requireTicket, showChanged } from './show.ts';

const Merged = z.strictObject({ mergeId: z.string(), ticket: TicketSchema });
const answer = {
  200: {
    description: 'The merge and the ticket that lives on.',
    content: { 'application/json': { schema: Merged } },
  },
  ...errorResponses,
};

const mergeRoute = createRoute({
  method: 'post',
  path: '/api/v1/tickets/{id}/merge',
  operationId: 'mergeTicket',
  summary: 'Merge this ticket into another',
  request: {
    params: TicketIdParam,
    headers: IdempotencyKey,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            intoTicketId: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
          }),
        },
      },
    },
  },
  responses: answer,
});

const undoRoute = createRoute({
  method: 'post',
  path: '/api/v1/merges/{id}/undo',
  operationId: 'undoMerge',
  summary: 'Undo a merge: the merged ticket lives again',
  request: { params: UuidParam },
  responses: answer,
});

const splitRoute = createRoute({
  method: 'post',
  path: '/api/v1/tickets/{id}/split',
  operationId: 'splitTicket',
  summary: 'Make a ticket of its own from some messages',
  request: {
    params: TicketIdParam,
    headers: IdempotencyKey,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            messageIds: z.array(Uuid).min(1).max(200),
            subject: text(998, 1).optional(),
          }),
        },
      },
    },
  },
  responses: {
    201: {
      description: 'The new ticket.',
      content: { 'application/json': { schema: TicketSchema } },
    },
    ...errorResponses,
  },
});

export function registerMerges(app: App, deps: ApiDeps): void {
  app.openapi(mergeRoute, async (c) => {
    const { id: loserId } = c.req.valid('param');
    const { intoTicketId } = c.req.valid('json');
    const { userId } = c.get('caller');
    const access = c.get('access');
    const loser = await requireTicket(deps, access, loserId);
    const mergeId = requestUuid(c, 'merge');
    const before = await findTicketMerge(deps.sql, mergeId);
    // The same request again, whose first answer was lost with the process that owed it.
    if (before?.state === 'merged') {
      const ticket = await showChanged(deps, access, before.survivorId);
      return c.json({ mergeId, ticket }, 200);
    }
    if (before !== undefined && before.state !== 'running') {
      throw new HoldfastError('mergeConflict', `This merge is ${before.state}.`);
    }
    const survivorId = await findRootTicket(deps.sql, intoTicketId);
    // Both must be seen: the one that was named, and the one it has become part of.
    const seen = await listVisibleIds(deps.sql, access, [intoTicketId, survivorId ?? 0]);
    if (survivorId === undefined || !seen.has(intoTicketId) || !seen.has(survivorId)) {
      throw new HoldfastError('unknownReference', 'There is no such ticket to merge into.', {
        errors: [{ pointer: '/intoTicketId', message: 'unknown' }],
      });
    }
    if (intoTicketId === loserId)
      throw new HoldfastError('mergeSelf', 'A ticket cannot be merged into itself.');
    if (survivorId === loserId) {
      throw new HoldfastError(
        'mergeCycle',
        `Ticket ${intoTicketId} is part of ticket ${loserId} already.`,
      );
    }
    if (loser.mergedIntoId !== null) {
      throw new HoldfastError('ticketMerged', `Ticket ${loserId} was merged before.`, {
        ticketId: loser.mergedIntoId,
      });
    }
    if (
      !(await insertTicketMerge(deps.sql, { id: mergeId, loserId, survivorId, askedBy: userId }))
    ) {
      throw new HoldfastError(
        'ticketBusyMerging',
        `Another merge of ticket ${loserId} is under way.`,
      );
    }
    const actor = { type: 'user' as const, userId };
    const { refusal } = await deps.gateway.merge({ mergeId, loserId, survivorId, actor });
    if (refusal !== null) {
      throw new HoldfastError(
        refusal.code,
        refusal.detail,
        refusal.ticketId === undefined ? {} : { ticketId: refusal.ticketId },
      );
    }
    return c.json({ mergeId, ticket: await showChanged(deps, access, survivorId) }, 200);
  });

  app.openapi(undoRoute, async (c) => {
    const { id: mergeId } = c.req.valid('param');
    const merge = await findTicketMerge(deps.sql, mergeId);
    const access = c.get('access');
    const both = merge === undefined ? [] : [merge.loserId, merge.survivorId];
    const seen = await listVisibleIds(deps.sql, access, both);
    if (merge === undefined || seen.size < 2) {
      throw new HoldfastError('notFound', 'There is no such merge.');
    }
    if (merge.state !== 'merged' && merge.state !== 'undoing') {
      throw new HoldfastError('mergeNotUndoable', `This merge is ${merge.state}.`);
    }
    const { loserId, survivorId } = merge;
    const actor = { type: 'user' as const, userId: c.get('caller').userId };
    await deps.gateway.undoMerge({ mergeId, loserId, survivorId, actor });
    return c.json({ mergeId, ticket: await showChanged(deps, access, loserId) }, 200);
  });

  app.openapi(splitRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { messageIds, subject } = c.req.valid('json');
    const ticket = await requireTicket(deps, c.get('access'), id);
    const origin = await findTicketOrigin(deps.sql, id);
    const newId = await makeTicketOnce(c, deps.sql, async (tx, keep) => {
      const toTicketId = await insertNewTicket(tx, {
        subject: subject ?? ticket.subject,
        requesterId: ticket.requester.id,
        ...origin,
        channel: ticket.channel as 'email' | 'api' | 'form',
        splitFromId: id,
        createdAt: new Date(deps.clock()),
        startsItself: true,
      });
      await keep(toTicketId);
      const moved = await moveMessages(tx, { fromTicketId: id, toTicketId, messageIds });
      if (moved !== new Set(messageIds).size) {
        throw new HoldfastError(
          'unknownReference',
          'Not all of these are messages of this ticket that can be moved.',
          {
            errors: [{ pointer: '/messageIds', message: 'unknown or still on its way' }],
          },
        );
      }
      await insertTicketSignal(tx, id, {
        type: 'recordSplit',
        messageIds,
        intoTicketId: toTicketId,
      });
      return toTicketId;
    });
    if (await deps.gateway.open(newId)) forgetRelayBirth(deps.sql, newId);
    return c.json(await showChanged(deps, c.get('access'), newId), 201);
  });
}
