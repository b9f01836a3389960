// The first admin, invitations, and what somebody sees of themselves. Signing in itself is /api/auth/*, which better-auth answers.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  acceptInvitation,
  endSessions,
  findAccountFacts,
  findInvitation,
  hasAccounts,
  lockFirstAccount,
  putPassword,
  renameUser,
} from '#db/accounts.ts';
import { findGrant } from '#db/access.ts';
import { inNameOf } from '#db/audit.ts';
import { findPlace } from '#db/changes.ts';
import { findUser, insertUser } from '#db/people.ts';
import { HoldfastError } from '#domain/errors.ts';
import { allowedTo, ROLES } from '#domain/permissions.ts';
import { asCaller } from './admin/audit.ts';
import { PermissionName, TicketAccessSchema } from './admin/roles.ts';
import type { ApiDeps, App, AppEnv } from './app-env.ts';
import { remoteAddress } from './guard.ts';
import { errorResponses, text } from './schemas.ts';
import { hashOfToken, isSameToken } from './tokens.ts';

const Password = text(200, 10).openapi({ description: 'At least 10 characters.' });
const Name = text(200, 1);
const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } });
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: json(schema) });
const Done = z.strictObject({
  userId: z.string(),
  signedIn: z.boolean().openapi({
    description: 'False when the second factor is still asked for: go on as after a sign-in.',
  }),
});
const signedIn = {
  201: { description: 'The password is set, and the answer sets the cookie.', content: json(Done) },
  ...errorResponses,
};

const setupState = createRoute({
  method: 'get',
  path: '/api/v1/setup',
  operationId: 'getSetup',
  security: [],
  summary: 'Whether the desk waits for its first admin',
  responses: {
    200: {
      description: 'needed: nobody can sign in yet. singleSignOn: people can, by their provider.',
      content: json(z.strictObject({ needed: z.boolean(), singleSignOn: z.boolean() })),
    },
    ...errorResponses,
  },
});
const setup = createRoute({
  method: 'post',
  path: '/api/v1/setup',
  operationId: 'setUp',
  security: [],
  summary: 'Make the first admin of a fresh desk, with the token that its start printed',
  request: {
    body: body(
      z.strictObject({
        token: text(200, 1),
        name: Name,
        email: z.email().max(320),
        password: Password,
      }),
    ),
  },
  responses: signedIn,
});
const TokenParam = z.object({ token: z.string().regex(/^[A-Za-z0-9_-]{20,100}$/) });
const invitation = createRoute({
  method: 'get',
  path: '/api/v1/invitations/{token}',
  operationId: 'getInvitation',
  security: [],
  summary: 'Whom an invitation is for',
  request: { params: TokenParam },
  responses: {
    200: {
      description: 'It can be accepted.',
      content: json(z.strictObject({ name: z.string(), email: z.string() })),
    },
    ...errorResponses,
  },
});
const accept = createRoute({
  method: 'post',
  path: '/api/v1/invitations/{token}/accept',
  operationId: 'acceptInvitation',
  security: [],
  summary: 'Choose a password and come in',
  request: {
    params: TokenParam,
    body: body(z.strictObject({ password: Password, name: Name.optional() })),
  },
  responses: signedIn,
});
const Me = z
  .strictObject({
    user: z.strictObject({
      ...{
        id: z.string(),
        name: z.string(),
        email: z.string(),
        role: z.enum(ROLES),
        seat: z.boolean(),
      },
      roleId: z.string().nullable().openapi({ description: 'Of role custom: which one.' }),
      roleName: z.string().nullable(),
      teamIds: z.array(z.string()),
      availability: z.enum(['available', 'away']),
    }),
    permissions: z.array(PermissionName).openapi({
      description:
        'What the caller may do: their role, bounded by seat and by the scope of the key. The event accessChanged says that it is to be read again.',
    }),
    ticketAccess: TicketAccessSchema,
    signedInBy: z.enum(['session', 'apiKey']),
    twoFactor: z.boolean(),
    changesFrom: z.string().openapi({
      description:
        'The place in the stream of events at this answer: as since of GET /events it brings every change of tickets that answers from now on may not show.',
    }),
  })
  .openapi('Me');
const me = createRoute({
  method: 'get',
  path: '/api/v1/me',
  operationId: 'getMe',
  summary: 'Who is calling',
  responses: { 200: { description: 'The caller.', content: json(Me) }, ...errorResponses },
});
const patchMe = createRoute({
  method: 'patch',
  path: '/api/v1/me',
  operationId: 'patchMe',
  summary: 'Change one’s own name',
  request: { body: body(z.strictObject({ name: Name })) },
  responses: { 200: { description: 'The caller.', content: json(Me) }, ...errorResponses },
});

export function registerAccounts(app: App, deps: ApiDeps): void {
  app.on(['GET', 'POST'], '/api/auth/*', (c) => deps.accounts.handle(c.req.raw, remoteAddress(c)));
  app.openapi(setupState, async (c) => {
    const { singleSignOn } = deps.accounts;
    return c.json({ needed: !(await hasAccounts(deps.sql)), singleSignOn }, 200);
  });
  app.openapi(setup, async (c) => {
    const { token, name, email, password } = c.req.valid('json');
    if (!isSameToken(token, deps.setupToken))
      throw new HoldfastError(
        'forbidden',
        'This is not the token that the start of the desk printed.',
      );
    const passwordHash = await deps.accounts.hashPassword(password);
    const userId = await deps.sql.begin(async (tx) => {
      await lockFirstAccount(tx);
      if (await hasAccounts(tx))
        throw new HoldfastError('inUse', 'The desk has its first admin already; sign in.');
      const made = await insertUser(tx, {
        ...{ name, email, role: 'admin', seat: true, active: true, capacity: null },
        ...{ skills: [], availability: 'away', workingHours: null },
      });
      if (made === undefined)
        throw new HoldfastError('nameTaken', 'Somebody has this address already.');
      await putPassword(tx, { userId: made.id, passwordHash });
      return made.id;
    });
    return await enter(deps, c, { userId, email, password });
  });
  app.openapi(invitation, async (c) => {
    const { name, email } = await requireInvitation(deps, c.req.valid('param').token);
    return c.json({ name, email }, 200);
  });
  app.openapi(accept, async (c) => {
    const { password, name } = c.req.valid('json');
    const found = await requireInvitation(deps, c.req.valid('param').token);
    const passwordHash = await deps.accounts.hashPassword(password);
    const { userId, email } = found;
    const [requestId, address] = [c.get('requestId'), remoteAddress(c)];
    await inNameOf(deps.sql, { type: 'user', userId, requestId, address }, async (tx) => {
      if (!(await acceptInvitation(tx, found.id))) throw noInvitation();
      if (name !== undefined) await renameUser(tx, userId, name);
      await putPassword(tx, { userId, passwordHash });
      // Whoever was in by the password before is not who holds this invitation.
      await endSessions(tx, userId);
    });
    return await enter(deps, c, { userId, email, password });
  });
  app.openapi(me, async (c) => c.json(await meOf(deps, c), 200));
  app.openapi(patchMe, async (c) => {
    const { name } = c.req.valid('json');
    const { userId } = c.get('caller');
    await asCaller(c, deps, (tx) => renameUser(tx, userId, name));
    return c.json(await meOf(deps, c), 200);
  });
}

const noInvitation = (): HoldfastError =>
  new HoldfastError(
    'notFound',
    'This invitation is used, too old, or none of ours. Ask for another.',
  );

async function requireInvitation(deps: ApiDeps, token: string) {
  const found = await findInvitation(deps.sql, hashOfToken(token));
  if (found === undefined) throw noInvitation();
  return found;
}

/** Signs in whose password was just set: the cookie of the sign-in becomes this answer's. */
async function enter(
  deps: ApiDeps,
  c: Context<AppEnv>,
  of: { userId: string; email: string; password: string },
) {
  const { userId, email, password } = of;
  const answer = await deps.accounts.signIn({ email, password, address: remoteAddress(c) });
  for (const cookie of answer.headers.getSetCookie())
    c.header('set-cookie', cookie, { append: true });
  const { twoFactorRedirect } = (await answer.json().catch(() => ({}))) as {
    twoFactorRedirect?: boolean;
  };
  return c.json({ userId, signedIn: answer.ok && twoFactorRedirect !== true }, 201);
}

async function meOf(deps: ApiDeps, c: Context<AppEnv>): Promise<z.infer<typeof Me>> {
  const { userId, by } = c.get('caller');
  const access = c.get('access');
  const [user, facts, grant, changesFrom] = await Promise.all([
    findUser(deps.sql, userId),
    findAccountFacts(deps.sql, userId),
    findGrant(deps.sql, userId),
    findPlace(deps.sql, null),
  ]);
  if (user === undefined || grant === undefined)
    throw new HoldfastError('unauthenticated', 'This account is gone.');
  const { id, name, email, role, seat, availability } = user;
  const { teamIds, twoFactor } = facts;
  return {
    user: {
      ...{ id, name, email, role, seat, teamIds, availability },
      ...{ roleId: grant.roleId, roleName: grant.roleName },
    },
    permissions: allowedTo(access),
    ticketAccess: access.ticketAccess,
    signedInBy: by,
    ...{ twoFactor, changesFrom },
  };
}
