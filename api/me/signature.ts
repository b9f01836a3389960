// The caller's own signature: what stands below their messages when they ask for it.
import { createRoute, z } from '@hono/zod-openapi';
import { findOwnSignature, updateOwnSignature } from '#db/signatures.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { PLACEHOLDERS_DESCRIPTION, refuseUnknownPlaceholders } from '../placeholders.ts';
import { errorResponses, text } from '../schemas.ts';

const path = '/api/v1/me/signature';
const Signature = z
  .strictObject({ text: z.string(), html: z.string().nullable() })
  .openapi('Signature');
const SignatureInput = z
  .strictObject({
    text: text(10_000).openapi({ description: PLACEHOLDERS_DESCRIPTION }),
    html: text(50_000).nullable().default(null),
  })
  .openapi('SignatureInput', { example: { text: 'Kind regards\n{{agent.name}}' } });
const answer = {
  200: {
    description: 'Empty means that the mailbox’s signature stands below instead.',
    content: { 'application/json': { schema: Signature } },
  },
  ...errorResponses,
};
const getRoute = createRoute({
  method: 'get',
  path,
  operationId: 'getMySignature',
  summary: "The caller's signature",
  responses: answer,
});
const putRoute = createRoute({
  method: 'put',
  path,
  operationId: 'replaceMySignature',
  summary: "Change the caller's signature",
  request: {
    body: { required: true, content: { 'application/json': { schema: SignatureInput } } },
  },
  responses: answer,
});

/** Reading and changing it. */
export function registerMySignature(app: App, deps: ApiDeps): void {
  app.openapi(getRoute, async (c) =>
    c.json(await findOwnSignature(deps.sql, c.get('caller').userId), 200),
  );
  app.openapi(putRoute, async (c) => {
    const { text: plain, html } = c.req.valid('json');
    refuseUnknownPlaceholders('/text', plain);
    if (html !== null) refuseUnknownPlaceholders('/html', html);
    const signature = { text: plain, html: html === null ? null : deps.sanitizeHtml(html) };
    await updateOwnSignature(deps.sql, c.get('caller').userId, signature);
    return c.json(signature, 200);
  });
}
