// GET /messages/{id}/html: the sender's own HTML as a page for a frame. Its policy is its own: no scripts, and no pictures from elsewhere until asked for.
import { createRoute, z } from '@hono/zod-openapi';
import { findVisibleMessage } from '#db/messages.ts';
import type { MessageView } from '#db/messages.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses, UuidParam } from '../schemas.ts';

const route = createRoute({
  method: 'get',
  path: '/api/v1/messages/{id}/html',
  operationId: 'getMessageHtml',
  summary: 'The HTML of a message as a page that can run nothing, for a sandboxed frame',
  request: {
    params: UuidParam,
    query: z.object({
      images: z.enum(['own', 'remote']).default('own').openapi({
        description:
          'own: only those that came with the mail; remote: those of other servers too, which tells them that the mail is read.',
      }),
    }),
  },
  responses: {
    200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
    ...errorResponses,
  },
});

export function registerMessageHtml(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const message = await findVisibleMessage(deps.sql, c.get('access'), id);
    if (message === undefined || message.bodyHtml === null)
      throw new HoldfastError('notFound', 'There is no such message, or it has no HTML.');
    const images =
      c.req.valid('query').images === 'remote' ? "'self' https: http: data:" : "'self' data:";
    return c.html(pageOf(deps.sanitizeHtml(message.bodyHtml), message.attachments), 200, {
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src ${images}; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox`,
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, max-age=300',
    }) as never;
  });
}

/** Pictures that came with the mail are named by their content ids, and are attachments of ours. */
function pageOf(html: string, attachments: MessageView['attachments']): string {
  const byContentId = new Map(attachments.map((one) => [one.contentId, one.id]));
  const body = html.replaceAll(
    /(["'])cid:([^"']+)\1/gi,
    (whole, quote: string, contentId: string) => {
      const id = byContentId.get(contentId);
      return id === undefined ? whole : `${quote}/api/v1/attachments/${id}${quote}`;
    },
  );
  return `<!doctype html><html><head><meta charset="utf-8"><base target="_blank"><style>body{font:14px/1.45 system-ui,sans-serif;color:#16202a;background:#fff;margin:8px;overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}</style></head><body dir="auto">${body}</body></html>`;
}
