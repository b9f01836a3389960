// What an admin does about somebody's account: invite them, see how far that is, and help who has lost their second factor.
import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import {
  findAccount,
  insertAccountMail,
  insertInvitation,
  removeSecondFactor,
} from '#db/accounts.ts';
import type { AccountRow } from '#db/accounts.ts';
import { findUser } from '#db/people.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, errorResponses, UuidParam } from '../schemas.ts';
import { hashOfToken } from '../tokens.ts';
import { asCaller } from './audit.ts';

const INVITED_FOR_MS = 7 * 86_400_000;

const invite = createRoute({
  method: 'post',
  path: '/api/v1/users/{id}/invite',
  operationId: 'inviteUser',
  summary: 'Mail somebody a link to choose their password; an earlier link ends',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'The mail is on its way.',
      content: { 'application/json': { schema: z.strictObject({ expiresAt: At }) } },
    },
    ...errorResponses,
  },
});

const UserAccount = z
  .strictObject({
    signsInBy: z.array(z.enum(['password', 'singleSignOn'])).openapi({
      description: 'Empty: they have not come yet.',
    }),
    twoFactor: z.boolean(),
    lastSignInAt: At.nullable().openapi({
      description: 'Of the sessions that still live; null without one.',
    }),
    invitedUntil: At.nullable().openapi({ description: 'When the open invitation ends.' }),
    invitationMail: z
      .strictObject({
        state: z.enum(['queued', 'sent', 'failed']),
        failure: z.strictObject({ code: z.string(), text: z.string() }).nullable(),
      })
      .nullable()
      .openapi({ description: 'The newest one, with the words of the server that refused it.' }),
  })
  .openapi('UserAccount');
const account = createRoute({
  method: 'get',
  path: '/api/v1/users/{id}/account',
  operationId: 'getUserAccount',
  summary: 'How somebody signs in, and whether their invitation has left',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'Their account.',
      content: { 'application/json': { schema: UserAccount } },
    },
    ...errorResponses,
  },
});

const removeFactor = createRoute({
  method: 'delete',
  path: '/api/v1/users/{id}/second-factor',
  operationId: 'removeSecondFactor',
  summary: 'Let somebody who has lost their second factor sign in by password alone',
  request: { params: UuidParam },
  responses: {
    204: { description: 'It is gone, and they are signed out everywhere.' },
    ...errorResponses,
  },
});

const unknownUser = (): HoldfastError => new HoldfastError('notFound', 'There is no such user.');

function accountToWire(row: AccountRow): z.infer<typeof UserAccount> {
  const { mailState, mailFailure: failure } = row;
  return {
    signsInBy: [
      ...(row.hasPassword ? (['password'] as const) : []),
      ...(row.hasSingleSignOn ? (['singleSignOn'] as const) : []),
    ],
    twoFactor: row.twoFactor,
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    invitedUntil: row.invitedUntil?.toISOString() ?? null,
    invitationMail: mailState === null ? null : { state: mailState, failure },
  };
}

/** Accounts of others. */
export function registerUserAccounts(app: App, deps: ApiDeps): void {
  app.openapi(invite, async (c) => {
    const { id } = c.req.valid('param');
    const user = await findUser(deps.sql, id);
    if (user === undefined || !user.active)
      throw new HoldfastError('notFound', 'There is no such active user.');
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(deps.clock() + INVITED_FOR_MS);
    await asCaller(c, deps, async (tx) => {
      const invitedBy = c.get('caller').userId;
      await insertInvitation(tx, {
        ...{ userId: id, tokenHash: hashOfToken(token), invitedBy, expiresAt },
      });
      const url = `${deps.publicUrl}/invite?token=${token}`;
      await insertAccountMail(tx, { userId: id, kind: 'invitation', url });
    });
    return c.json({ expiresAt: expiresAt.toISOString() }, 200);
  });
  app.openapi(account, async (c) => {
    const row = await findAccount(deps.sql, c.req.valid('param').id);
    if (row === undefined) throw unknownUser();
    return c.json(accountToWire(row), 200);
  });
  app.openapi(removeFactor, async (c) => {
    const { id } = c.req.valid('param');
    if ((await findUser(deps.sql, id)) === undefined) throw unknownUser();
    await asCaller(c, deps, (tx) => removeSecondFactor(tx, id));
    return c.body(null, 204);
  });
}
