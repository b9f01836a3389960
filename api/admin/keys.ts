// API keys: made, shown once, listed without their token, revoked. Never changed.
import { createHash, randomBytes } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { findGrant } from '#db/access.ts';
import { insertApiKey, listApiKeys, revokeApiKey } from '#db/people.ts';
import type { ApiKeyRow } from '#db/people.ts';
import { HoldfastError } from '#domain/errors.ts';
import { includesScope, mayDo, SCOPES } from '#domain/permissions.ts';
import type { Access } from '#domain/permissions.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, text, Uuid } from '../schemas.ts';
import { refuseBeyond } from './roles.ts';
import { registerResource } from './resource.ts';

const Scopes = z.array(z.enum(SCOPES)).min(1).max(3).openapi({
  description:
    'What the key may be used for at most: write includes read, admin includes both. It never does more than its user may.',
});
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

/** Whose keys a caller meets: everybody's, or their own. */
const ownerOf = (access: Access): string | null =>
  mayDo(access, 'key.all') ? null : access.userId;

/** A key gives what its user may do: to make one for somebody who may more would be to take it. */
async function refuseForeignKey(
  sql: SqlPool,
  access: Access,
  key: { userId: string; scopes: readonly string[] },
): Promise<void> {
  const most = SCOPES.findLast((one) => key.scopes.includes(one)) ?? 'read';
  if (!includesScope(access.scope, most)) {
    throw new HoldfastError('forbidden', `Nobody gives what they do not have (scope ${most}).`);
  }
  if (key.userId.toLowerCase() === access.userId) return;
  if (!mayDo(access, 'key.all')) {
    throw new HoldfastError('forbidden', 'Your role allows keys of your own only (key.all).');
  }
  const grant = await findGrant(sql, key.userId);
  if (grant !== undefined) refuseBeyond(access, grant);
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
    list: async ({ sql }, page, access) =>
      (await listApiKeys(sql, page, ownerOf(access))).map(keyToWire),
    async save({ sql }, _id, body, { access }) {
      await refuseForeignKey(sql, access, body);
      const token = `hf_${randomBytes(32).toString('base64url')}`;
      const tokenHash = createHash('sha256').update(token).digest();
      const { id } = await insertApiKey(sql, { ...body, tokenHash, tokenStart: token.slice(0, 8) });
      const row = (await listApiKeys(sql)).find((one) => one.id === id);
      if (row === undefined) throw new Error(`API key ${id} vanished.`);
      // The only time the token is shown.
      return { ...keyToWire(row), token };
    },
    remove: ({ sql }, id, access) => revokeApiKey(sql, id, ownerOf(access)),
  });
}
