// Who calls: by an API key in the Authorization header, else by the cookie of a session. A cookie comes along with whatever a page
// asks for, so what changes something by cookie must also prove that a page of ours asked.
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { isSessionAlive } from '#db/accounts.ts';
import { findKeyHolder } from '#db/access.ts';
import { HoldfastError } from '#domain/errors.ts';
import { SCOPES } from '#domain/permissions.ts';
import type { ApiDeps, AppEnv, Caller } from './app-env.ts';

/** A session reaches as far as its person's role: scopes bound keys. */
const SESSION_SCOPES = [...SCOPES];

/** Whom a request claims to be from: `who` is what it is counted under, `look` finds out whether it is true. */
export async function callerOf(
  deps: ApiDeps,
  c: Context<AppEnv>,
): Promise<{ who: string; look: () => Promise<Caller | undefined> }> {
  const token = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (token !== undefined || c.req.header('cookie') === undefined) {
    const tokenHash = sha256(token ?? '');
    return { who: tokenHash.toString('base64'), look: () => byKey(deps, token, tokenHash) };
  }
  const session = await deps.accounts.sessionOf(c.req.raw.headers);
  const who = sha256(session?.token ?? '').toString('base64');
  return {
    who,
    look: async () => {
      if (session === null) return undefined;
      for (const cookie of session.renewal) c.header('set-cookie', cookie, { append: true });
      refuseForeignPages(deps, c);
      // Whether they are active is found with their rights, which every request asks for next (access.ts).
      return {
        ...{ userId: session.userId, scopes: SESSION_SCOPES, by: 'session' },
        stillIn: () => isSessionAlive(deps.sql, session.sessionId),
      };
    },
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

async function byKey(
  deps: ApiDeps,
  token: string | undefined,
  tokenHash: Buffer,
): Promise<Caller | undefined> {
  const found = token === undefined ? undefined : await findKeyHolder(deps.sql, tokenHash);
  if (found === undefined) return undefined;
  const { userId, scopes, ...grant } = found;
  return {
    ...{ userId, scopes, grant, by: 'apiKey' },
    stillIn: async () => (await findKeyHolder(deps.sql, tokenHash)) !== undefined,
  };
}

/**
 * A page of another origin can send our cookie, but neither a header of ours nor a false origin. Reading is safe: the browser keeps
 * the answer from the other page.
 */
function refuseForeignPages(deps: ApiDeps, c: Context<AppEnv>): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const origin = c.req.header('origin');
  const host = c.req.header('host');
  const ours =
    origin === undefined ||
    origin === new URL(deps.publicUrl).origin ||
    (host !== undefined && originHost(origin) === host);
  const site = c.req.header('sec-fetch-site') ?? 'same-origin';
  if (ours && site === 'same-origin' && c.req.header('x-holdfast') === '1') return;
  throw new HoldfastError(
    'foreignPage',
    'A change by session must come from a page of this desk, with the header X-Holdfast: 1.',
  );
}

function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
