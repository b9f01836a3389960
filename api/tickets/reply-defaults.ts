// What a reply to a ticket would be if its author chose nothing: whom it goes to, where it leaves from, what stands below it.
import { createRoute, z } from '@hono/zod-openapi';
import { listMailboxes } from '#db/channels.ts';
import { findReplyTarget } from '#db/messages.ts';
import { HoldfastError } from '#domain/errors.ts';
import { replyRecipients } from '#domain/reply-recipients.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses, TicketIdParam, Uuid } from '../schemas.ts';
import { requireMailbox } from './act.ts';
import { requireSight } from './show.ts';
import { signatureFor } from './signature-for.ts';

/** What the composer shows before anything is chosen. */
export const ReplyDefaults = z
  .strictObject({
    to: z.array(z.string()),
    cc: z.array(z.string()).openapi({ description: 'Everybody who takes part.' }),
    channelId: z.string().nullable().openapi({
      description: 'The mailbox it leaves from; null when the desk has none that sends.',
    }),
    mailboxes: z.array(z.strictObject({ id: z.string(), name: z.string(), address: z.string() })),
    signature: z.strictObject({ text: z.string(), html: z.string().nullable() }).openapi({
      description: 'As `signature: own` adds it, placeholders filled in; empty when there is none.',
    }),
  })
  .openapi('ReplyDefaults');

const route = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/reply-defaults',
  operationId: 'getReplyDefaults',
  summary: 'Whom a reply goes to, where it can leave from, and what it is signed with',
  request: {
    params: TicketIdParam,
    query: z.object({
      channelId: Uuid.optional().openapi({ description: 'As if it left from this mailbox.' }),
    }),
  },
  responses: {
    200: {
      description: 'What holds where a reply or a forward says nothing else.',
      content: { 'application/json': { schema: ReplyDefaults } },
    },
    ...errorResponses,
  },
});

/** Reading them. */
export function registerReplyDefaults(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id: ticketId } = c.req.valid('param');
    const { channelId: chosen = null } = c.req.valid('query');
    const { userId } = c.get('caller');
    await requireSight(deps, c.get('access'), ticketId);
    if (chosen !== null) await requireMailbox(deps, chosen);
    const target = await findReplyTarget(deps.sql, ticketId, chosen);
    if (target === undefined) throw new HoldfastError('notFound', 'There is no such ticket.');
    const { channelId, requesterEmail: requester, takingPart: copies, own } = target;
    return c.json(
      {
        ...replyRecipients({ requester, copies, own }),
        channelId,
        mailboxes: await listMailboxes(deps.sql),
        signature: await signatureFor(deps, { ticketId, userId, channelId }),
      },
      200,
    );
  });
}
