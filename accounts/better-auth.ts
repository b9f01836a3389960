// Accounts by better-auth: passwords, sessions, second factors, single sign-on. It keeps its own tables in the schema `auth`, which
// db/migrations makes; an account's id is the id of its person in `users`. The rest of the desk knows it by the contract alone.
import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { genericOAuth, twoFactor } from 'better-auth/plugins';
import pg from 'pg';
import type { Accounts } from '#api/accounts-contract.ts';
import { HoldfastError } from '#domain/errors.ts';
import { AUTH_PATH, refusal } from './doors.ts';
import { accountLimits } from './limits.ts';
import type { AccountLimits } from './limits.ts';
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
  /** Tries to sign in per address and minute, and forgotten passwords per address and hour. */
  triesPerMinute: number;
}

/** An OpenID Connect provider. */
export interface SingleSignOn {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /**
   * Takes the provider's address of somebody for theirs although it does not say that it has verified it, as some never say. Only for
   * a provider where nobody can choose their own address: whoever brings a colleague's would be that colleague.
   */
  trustsAddresses: boolean;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ADDRESS_HEADER = 'x-holdfast-address';
const CALLBACK_PATH = `${AUTH_PATH}/callback/sso`;
const SIGN_IN_PATH = `${AUTH_PATH}/sign-in/email`;

/** The address people are told, and the one this request came to: a desk on one machine has several names. */
function ownOrigins(publicUrl: string, request: Request | undefined): string[] {
  const told = new URL(publicUrl).origin;
  return request === undefined ? [told] : [told, new URL(request.url).origin];
}

function authOptions(options: AccountsOptions, pool: pg.Pool, limits: AccountLimits) {
  const { publicUrl, secret, deskName, sso, triesPerMinute } = options;
  const tries = { window: MINUTE, max: triesPerMinute };
  return {
    ...{ appName: deskName, baseURL: publicUrl, basePath: AUTH_PATH, secret, database: pool },
    trustedOrigins: (request?: Request) => ownOrigins(publicUrl, request),
    telemetry: { enabled: false },
    logger: { level: 'error' as const },
    // Where somebody comes back to when the provider of single sign-on, or we, did not let them in.
    onAPIError: { errorURL: `${publicUrl}/sign-in` },
    // Links and half sign-ins are kept as hashes: who reads the table can use none of them.
    verification: { storeIdentifier: 'hashed' as const },
    emailAndPassword: {
      ...{ enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 200 },
      ...{ revokeSessionsOnPasswordReset: true, resetPasswordTokenExpiresIn: HOUR },
      password: {
        hash: hashPassword,
        verify: ({ hash, password }: { hash: string; password: string }) =>
          isPassword(hash, password),
      },
      sendResetPassword: async ({ user, token }: { user: { id: string }; token: string }) => {
        if (!(await limits.mayMailReset(user.id))) return;
        const url = `${publicUrl}/reset-password?token=${token}`;
        await options.sendResetLink({ userId: user.id, url });
      },
      onPasswordReset: async ({ user }: { user: { email: string } }) =>
        await limits.forgive(user.email),
    },
    databaseHooks: {
      session: {
        create: {
          before: async ({ userId }: { userId: string }) => {
            if (await options.mayEnter(userId)) return;
            const message = 'This account has been deactivated. Ask an admin of the desk.';
            throw new APIError('FORBIDDEN', { code: 'DEACTIVATED', message });
          },
        },
      },
    },
    session: { expiresIn: 30 * DAY, updateAge: DAY, freshAge: HOUR },
    account: {
      encryptOAuthTokens: true,
      accountLinking: { enabled: true, trustedProviders: sso?.trustsAddresses ? ['sso'] : [] },
    },
    rateLimit: {
      ...{ enabled: true, storage: 'database' as const, window: MINUTE, max: 600 },
      customRules: {
        '/sign-in/*': tries,
        '/two-factor/*': tries,
        '/request-password-reset': { window: HOUR, max: triesPerMinute },
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
    plugins: [twoFactor({ issuer: deskName }), ...(sso === null ? [] : [providerOf(sso)])],
  };
}

/** Only people of the desk come in by it: a provider that knows more people makes none here. */
function providerOf(sso: SingleSignOn) {
  const { issuer, clientId, clientSecret } = sso;
  return genericOAuth({
    config: [
      {
        ...{ providerId: 'sso', clientId, clientSecret, scopes: ['openid', 'email', 'profile'] },
        discoveryUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
        ...{ pkce: true, disableSignUp: true, requireIdTokenVerification: true },
      },
    ],
  });
}

/** Makes the accounts of one process; its pool is ended with `stop`. */
export function createAccounts(options: AccountsOptions): Accounts & { stop(): Promise<void> } {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    ...{ max: 5, options: '-c search_path=auth', application_name: 'holdfast-accounts' },
    connectionTimeoutMillis: 5_000,
  });
  // An idle connection that Postgres ends is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  const limits = accountLimits(pool);
  const auth = betterAuth(authOptions(options, pool, limits));
  const signIn = (request: Request): Promise<Response> =>
    limits.signIn(request, (one) => auth.handler(one));
  return {
    singleSignOn: options.sso !== null,
    hashPassword,
    async sessionOf(headers) {
      const { response, headers: answered } = await auth.api
        .getSession({ headers, returnHeaders: true })
        .catch(unavailable);
      if (response === null) return null;
      const { user, session } = response;
      const renewal = answered.getSetCookie();
      return { userId: user.id, sessionId: session.id, token: session.token, renewal };
    },
    async handle(request, address) {
      const refused = refusal(request);
      if (refused !== null) return refused;
      const asked = withAddress(request, address);
      const { pathname } = new URL(request.url);
      if (pathname === SIGN_IN_PATH) return await signIn(asked);
      const response = await auth.handler(asked);
      return pathname === CALLBACK_PATH ? await asPage(response, options.publicUrl) : response;
    },
    signIn: (of) => auth.handler(withAddress(signInRequest(options.publicUrl, of), of.address)),
    stop: () => pool.end(),
  };
}

/** A cookie that is wrong has no session; only a database that is away keeps the library from finding that out. */
function unavailable(): never {
  const text = 'The database does not answer right now. Try again shortly.';
  throw new HoldfastError('databaseUnavailable', text);
}

/** Who comes back from the provider is in a browser: a refusal is shown by our page, not as JSON. */
async function asPage(response: Response, publicUrl: string): Promise<Response> {
  if (response.status < 400) return response;
  const { code = 'failed' } = (await response.json().catch(() => ({}))) as { code?: string };
  const location = `${publicUrl}/sign-in?error=${encodeURIComponent(code.toLowerCase())}`;
  return new Response(null, { status: 302, headers: { location } });
}

/** The address the connection came from, in the one header that is believed: what a caller writes there is replaced. */
function withAddress(request: Request, address: string | null): Request {
  const headers = new Headers(request.headers);
  headers.set(ADDRESS_HEADER, address ?? '127.0.0.1');
  return new Request(request, { headers });
}

function signInRequest(publicUrl: string, of: { email: string; password: string }): Request {
  return new Request(publicUrl + SIGN_IN_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(publicUrl).origin },
    body: JSON.stringify({ email: of.email, password: of.password }),
  });
}
