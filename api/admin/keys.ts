// API keys: made, shown once, listed without their token, revoked. Never changed.
import { createHash, randomBytes } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { insertApiKey, listApiKeys, revokeApiKey } from '#db/people.ts';
import type { ApiKeyRow } from '#db/people.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, text, Uuid } from '../schemas.ts';
import { registerResource } from './resource.ts';

const Scopes = z
  .array(z.enum(['read', 'write', 'admin']))
  .min(1)
  .max(3);
const ApiKey = z
  .strictObject({
    id: z.string(),
    userId: z.string(),
    name: z.string(),
    tokenStart: z.string(),
    scopes: Scopes,
    createdAt: At,
    lastUsedAt: At.nullable(),
    revokedAt: At.nullable(),
    token: z
      .string()
      .optional()
      .openapi({ description: 'Only in the answer that makes the key, and only the first time.' }),
  })
  .openapi('ApiKey');

function keyToWire(row: ApiKeyRow) {
  return {
    ...row,
    scopes: Scopes.parse(row.scopes),
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}

/** API keys. */
export function registerKeys(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/api-keys',
    name: 'ApiKey',
    words: { one: 'an API key', many: 'API keys, the newest first' },
    input: z.strictObject({ name: text(200, 1), userId: Uuid, scopes: Scopes }),
    output: ApiKey,
    replaceable: false,
    orderBy: 'id',
    list: async ({ sql }, page) => (await listApiKeys(sql, page)).map(keyToWire),
    async save({ sql }, _id, body) {
      const token = `hf_${randomBytes(32).toString('base64url')}`;
      const tokenHash = createHash('sha256').update(token).digest();
      const { id } = await insertApiKey(sql, { ...body, tokenHash, tokenStart: token.slice(0, 8) });
      const row = (await listApiKeys(sql)).find((one) => one.id === id);
      if (row === undefined) throw new Error(`API key ${id} vanished.`);
      // The only time the token is shown.
      return { ...keyToWire(row), token };
    },
    remove: ({ sql }, id) => revokeApiKey(sql, id),
  });
}
