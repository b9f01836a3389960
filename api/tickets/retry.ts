// Another try for a message whose delivery was given up: the same mail with the same Message-ID, by a new deliver run.
import { createRoute } from '@hono/zod-openapi';
import { findGivenUpMessage, findMessage } from '#db/messages.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { requestUuid } from '../guard.ts';
import { errorResponses, MessageSchema, UuidParam } from '../schemas.ts';
import { messageToWire } from '../wire.ts';

const route = createRoute({
  method: 'post',
  path: '/api/v1/messages/{id}/retry',
  operationId: 'retryMessage',
  summary: 'Send a message again whose delivery failed for good',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'The message, on its way again.',
      content: { 'application/json': { schema: MessageSchema } },
    },
    ...errorResponses,
  },
});

export function registerRetryMessage(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const message = await findGivenUpMessage(deps.sql, c.get('access'), id);
    if (message === undefined) throw new HoldfastError('notFound', 'There is no such message.');
    const { state, kind, automatic, ticketId, statusAfter } = message;
    if (automatic) {
      throw new HoldfastError(
        'notRetryable',
        'The desk wrote this by itself; write a reply instead.',
      );
    }
    if (state !== 'failed' || (kind !== 'reply' && kind !== 'forward')) {
      throw new HoldfastError(
        'notRetryable',
        `The message is ${state}; only failed ones leave again.`,
      );
    }
    await deps.gateway.act({
      ticketId,
      requestId: requestUuid(c, 'retrySend'),
      actor: { type: 'user', userId: c.get('caller').userId },
      command: {
        ...{ type: 'retrySend', messageId: id, kind },
        ...(statusAfter === null ? {} : { status: statusAfter }),
      },
      followMerge: true,
    });
    const queued = await findMessage(deps.sql, id);
    if (queued === undefined) throw new Error(`Message ${id} vanished.`);
    return c.json(messageToWire(queued), 200);
  });
}
