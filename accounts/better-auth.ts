// Accounts by better-auth: passwords, sessions, second factors, single sign-on. It keeps its own tables in the schema `auth`, which
// db/migrations makes; an account's id is the id of its person in `users`. The rest of the desk knows it by the contract alone.
import { betterAuth } from 'better-auth';
import { genericOAuth, twoFactor } from 'better-auth/plugins';
import pg from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { Accounts } from '#api/accounts-contract.ts';
import { hashPassword, isPassword } from './passwords.ts';

/** What accounts are made with. */
export interface AccountsOptions {
  databaseUrl: string;
  /** Where people reach the desk: links in mails lead there, and cookies are `Secure` when it is https. */
  publicUrl: string;
  /** Signs cookies and encrypts second factors. */
  secret: string;
  deskName: string;
  /** Mails a link to choose a new password. */
  sendResetLink(of: { userId: string; url: string }): Promise<void>;
  /** Whether a person is active: nobody else gets a session. */
  mayEnter(userId: string): Promise<boolean>;
  sso: SingleSignOn | null;
  /** Tries to sign in per address and minute. */
  triesPerMinute: number;
}

/** An OpenID Connect provider. */
export interface SingleSignOn {
  issuer: string;
  clientId: string;
  clientSecret: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ADDRESS_HEADER = 'x-holdfast-address';
const MAX_FAILED_TRIES = 10;
const FORGIVEN_AFTER_SECONDS = 15 * MINUTE;

/** The address people are told, and the one this request came to: a desk on one machine has several names. */
function ownOrigins(publicUrl: string, request: Request | undefined): string[] {
  const told = new URL(publicUrl).origin;
  return request === undefined ? [told] : [told, new URL(request.url).origin];
}

function authOptions(options: AccountsOptions, pool: pg.Pool) {
  const { publicUrl, secret, deskName, sso, triesPerMinute } = options;
  const tries = { window: MINUTE, max: triesPerMinute };
  return {
    ...{ appName: deskName, baseURL: publicUrl, basePath: '/api/auth', secret, database: pool },
    trustedOrigins: (request?: Request) => ownOrigins(publicUrl, request),
    telemetry: { enabled: false },
    logger: { level: 'error' as const },
    // People come by setup and by invitation; nobody makes an account by themselves, nor takes another address.
    disabledPaths: [
      '/sign-up/email',
      '/update-user',
      '/change-email',
      '/delete-user',
      '/is-username-available',
    ],
    emailAndPassword: {
      ...{ enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 200 },
      ...{ revokeSessionsOnPasswordReset: true, resetPasswordTokenExpiresIn: HOUR },
      password: {
        hash: hashPassword,
        verify: ({ hash, password }: { hash: string; password: string }) =>
          isPassword(hash, password),
      },
      sendResetPassword: async ({ user, token }: { user: { id: string }; token: string }) => {
        const url = `${publicUrl}/reset-password?token=${token}`;
        await options.sendResetLink({ userId: user.id, url });
      },
    },
    databaseHooks: {
      session: {
        create: {
          before: async ({ userId }: { userId: string }) => await options.mayEnter(userId),
        },
      },
    },
    session: { expiresIn: 30 * DAY, updateAge: DAY, freshAge: HOUR },
    account: { accountLinking: { enabled: true, trustedProviders: ['sso'] } },
    rateLimit: {
      ...{ enabled: true, storage: 'database' as const, window: MINUTE, max: 600 },
      customRules: {
        '/sign-in/*': tries,
        '/two-factor/*': tries,
        '/request-password-reset': { window: HOUR, max: 10 },
        '/reset-password': tries,
        '/change-password': tries,
        '/get-session': false as const,
      },
    },
    advanced: {
      // Said out loud, since the library relaxes both where it takes itself for tested.
      ...{ disableCSRFCheck: false, disableOriginCheck: false },
      cookiePrefix: 'holdfast',
      useSecureCookies: publicUrl.startsWith('https:'),
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' as const, path: '/' },
    },
    plugins: [
      twoFactor({ issuer: deskName }),
      ...(sso === null
        ? []
        : [
            genericOAuth({
              config: [
                {
                  ...{ providerId: 'sso', clientId: sso.clientId, clientSecret: sso.clientSecret },
                  discoveryUrl: `${sso.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
                  scopes: ['openid', 'email', 'profile'],
                  ...{ pkce: true, disableSignUp: true },
                },
              ],
            }),
          ]),
    ],
  };
}

/** Makes the accounts of one process; its pool is ended with `stop`. */
export function createAccounts(options: AccountsOptions): Accounts & { stop(): Promise<void> } {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    ...{ max: 5, options: '-c search_path=auth', application_name: 'holdfast-accounts' },
  });
  const auth = betterAuth(authOptions(options, pool));
  const tries = new RateLimiterPostgres({
    ...{ storeClient: pool, schemaName: 'auth', tableName: 'sign_in_tries', tableCreated: true },
    ...{ points: MAX_FAILED_TRIES, duration: FORGIVEN_AFTER_SECONDS, clearExpiredByTimeout: false },
  });
  return {
    hashPassword,
    async sessionOf(headers) {
      const found = await auth.api.getSession({ headers });
      if (found === null) return null;
      return { userId: found.user.id, sessionId: found.session.id, token: found.session.token };
    },
    async handle(request, address) {
      const asked = withAddress(request, address);
      if (!new URL(request.url).pathname.endsWith('/sign-in/email'))
        return await auth.handler(asked);
      return await limited(tries, asked, (one) => auth.handler(one));
    },
    signIn: (of) => auth.handler(withAddress(signInRequest(options.publicUrl, of), of.address)),
    stop: () => pool.end(),
  };
}

/** Lets a person fail so often, whatever address they come from; who signs in is forgiven. */
async function limited(
  tries: RateLimiterPostgres,
  request: Request,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  const body = (await request
    .clone()
    .json()
    .catch(() => ({}))) as { email?: unknown };
  const who = typeof body.email === 'string' ? body.email.toLowerCase().slice(0, 200) : '';
  const known = await tries.get(who);
  if (known !== null && known.consumedPoints >= MAX_FAILED_TRIES) {
    const seconds = String(Math.ceil(known.msBeforeNext / 1000));
    return Response.json(
      { code: 'TOO_MANY_TRIES', message: 'Too many failed tries; wait a while.' },
      { status: 429, headers: { 'retry-after': seconds } },
    );
  }
  const response = await answer(request);
  if (response.status === 401) await tries.penalty(who, 1);
  else if (response.ok) await tries.delete(who);
  return response;
}

/** The address the connection came from, in the one header that is believed: what a caller writes there is replaced. */
function withAddress(request: Request, address: string | null): Request {
  const headers = new Headers(request.headers);
  headers.set(ADDRESS_HEADER, address ?? '127.0.0.1');
  return new Request(request, { headers });
}

function signInRequest(publicUrl: string, of: { email: string; password: string }): Request {
  return new Request(`${publicUrl}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(publicUrl).origin },
    body: JSON.stringify({ email: of.email, password: of.password }),
  });
}
