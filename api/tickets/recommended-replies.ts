// Which canned replies fit a ticket, and why. Needs a seat (hubspot-help-desk.md 1.10, 1.12); nothing leaves the desk for it.
import { createRoute, z } from '@hono/zod-openapi';
import { recommendReplies } from '#db/recommended-replies.ts';
import { findTicketOrigin } from '#db/tickets.ts';
import { searchConfigurationOf } from '#domain/search-languages.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { CannedReply, cannedReplyToWire } from '../canned-replies.ts';
import { errorResponses, pageOf, TicketIdParam } from '../schemas.ts';
import { requireSight } from './show.ts';

const AT_MOST = 3;
/** A canned reply with what speaks for it. */
export const Recommended = z
  .strictObject({
    ...CannedReply.shape,
    matched: z.array(z.string()).openapi({
      description: 'Words of the ticket that speak for it, the most telling first.',
    }),
  })
  .openapi('RecommendedReply');

const recommendedRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/recommended-replies',
  operationId: 'listRecommendedReplies',
  summary: 'Canned replies that fit what the requester wrote',
  request: { params: TicketIdParam },
  responses: {
    200: {
      description: `The best ${AT_MOST} of those the caller may use, best first; none when none fits.`,
      content: { 'application/json': { schema: pageOf(Recommended) } },
    },
    ...errorResponses,
  },
});

/** What could be answered. */
export function registerRecommendedReplies(app: App, deps: ApiDeps): void {
  app.openapi(recommendedRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const { language } = await findTicketOrigin(deps.sql, id);
    const rows = await recommendReplies(deps.sql, {
      ...{ ticketId: id, userId: c.get('caller').userId, limit: AT_MOST },
      configuration: searchConfigurationOf(language),
    });
    const items = rows.map(({ matched, ...row }) => ({ ...cannedReplyToWire(row), matched }));
    return c.json({ items, nextCursor: null }, 200);
  });
}
