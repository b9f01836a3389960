// Middleware of the API: who calls, how often, how large; and idempotency keys for POSTs that create.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import {
  claimIdempotencyKey,
  findIdempotentTicket,
  freeIdempotencyKey,
  keepIdempotentAnswer,
  keepIdempotentTicket,
} from '#db/idempotency.ts';
import type { Sql, SqlPool } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import { uuidOfHash } from '#domain/ids.ts';
import type { ApiDeps, AppEnv, Caller } from './app-env.ts';
import { callerOf } from './caller.ts';

const MAX_JSON_BYTES = 2 * 1024 * 1024;
const MAX_UPLOAD_BYTES = 25 * 1024 * 1024;
/** Addresses for those who cannot sign in yet, and the description of all others. */
const OPEN_PATHS = /^\/api\/v1\/(openapi\.json|setup|invitations\/.*)$/;

/** Tries with keys that are none, per address and minute: enough for people's mistakes, too few for guessing. */
const MAX_STRANGE_TRIES = 600;

/**
 * Lets in who brings a living API key, so many requests per minute and key; what they may do is asked in access.ts. Requests without
 * one are counted by the address they come from, so that a new invention in every header opens no new allowance; a key that
 * was good a moment ago is not kept out by strangers behind the same address.
 */
export function admit(deps: ApiDeps): MiddlewareHandler<AppEnv> {
  const byKey = new RateLimiterMemory({ points: deps.rateLimitPerMinute, duration: 60 });
  const points = Math.min(deps.rateLimitPerMinute, MAX_STRANGE_TRIES);
  const byAddress = new RateLimiterMemory({ points, duration: 60 });
  return async (c, next) => {
    const address = remoteAddress(c) ?? 'unknown';
    if (OPEN_PATHS.test(c.req.path)) {
      await consume(c, byAddress, address);
      return await next();
    }
    const found = await callerOf(deps, c);
    if ((await byKey.get(found.who)) === null)
      refuseExhausted(c, await byAddress.get(address), points);
    const caller = await found.look();
    if (caller === undefined) {
      await consume(c, byAddress, address);
      throw new HoldfastError(
        'unauthenticated',
        'Sign in, or send a valid API key as "Authorization: Bearer <key>".',
      );
    }
    await consume(c, byKey, found.who);
    c.set('caller', caller);
    return await next();
  };
}

async function consume(c: Context<AppEnv>, limiter: RateLimiterMemory, who: string): Promise<void> {
  try {
    await limiter.consume(who);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    refuseExhausted(c, error, 0);
  }
}

function refuseExhausted(c: Context<AppEnv>, used: RateLimiterRes | null, points: number): void {
  if (used === null || used.consumedPoints < points) return;
  c.header('Retry-After', String(Math.ceil(used.msBeforeNext / 1000)));
  throw new HoldfastError('rateLimited', 'Too many requests; see Retry-After.');
}

/** Where a request came from; null without a network, as in tests. */
export function remoteAddress(c: Context<AppEnv>): string | null {
  return c.get('address');
}

/**
 * Finds out where requests come from. Of what X-Forwarded-For says only the entries of our own proxies are believed, from the right:
 * whatever stands before them the caller may have written.
 */
export function findAddress(proxies: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { incoming } = (c.env ?? {}) as { incoming?: unknown };
    const peer = incoming === undefined ? null : (getConnInfo(c).remote.address ?? null);
    const told = (c.req.header('x-forwarded-for') ?? '').split(',').map((one) => one.trim());
    const believed = proxies === 0 ? undefined : told.at(-proxies);
    c.set('address', believed !== undefined && isIP(believed) !== 0 ? believed : peer);
    return await next();
  };
}

/** Refuses bodies beyond the limit before anything reads them; uploads may be larger. */
export function limitBody(): MiddlewareHandler<AppEnv> {
  const limitTo = (maxSize: number): MiddlewareHandler<AppEnv> =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw new HoldfastError('bodyTooLarge', `The body may have at most ${maxSize} bytes.`);
      },
    });
  const [small, large] = [limitTo(MAX_JSON_BYTES), limitTo(MAX_UPLOAD_BYTES)];
  return async (c, next) => {
    const isUpload = c.req.path === '/api/v1/attachments';
    // To look at a body is to make a stream of it, which takes longer than the rest of this file: most say how long they are.
    if (announces(c, isUpload ? MAX_UPLOAD_BYTES : MAX_JSON_BYTES)) return await next();
    return await (isUpload ? large : small)(c, next);
  };
}

/** Whether a request says that its body has at most so many bytes; the server holds it to what it says. */
function announces(c: Context<AppEnv>, bytes: number): boolean {
  const told = c.req.header('content-length');
  const streamed = c.req.header('transfer-encoding') !== undefined;
  return !streamed && told !== undefined && /^\d+$/.test(told) && Number(told) <= bytes;
}

/** Same key and body: same answer, and the thing is created once. Answers of 5xx and 4xx free the key. */
export function idempotency(deps: ApiDeps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const mine = keyOf(c);
    if (mine === null) return await next();
    if (mine.key.length === 0 || mine.key.length > 200) {
      throw new HoldfastError('invalidRequest', 'Idempotency-Key must have 1 to 200 characters.');
    }
    const requestHash = await hashRequest(c);
    const claim = await claimIdempotencyKey(deps.sql, { ...mine, requestHash });
    if (claim !== 'claimed') return replay(claim, requestHash);
    await next();
    if (c.get('answerKept') === true && c.res.status < 300) return;
    const good = c.res.status < 300 && (c.res.headers.get('content-type') ?? '').includes('json');
    if (!good) return await freeIdempotencyKey(deps.sql, mine);
    const response = withoutSecrets(await c.res.clone().json());
    await keepIdempotentAnswer(deps.sql, { ...mine, status: c.res.status, response });
  };
}

/**
 * Keeps the answer of a request that creates in the very transaction that creates: whatever dies afterwards, a repetition is
 * answered and makes nothing. Does nothing without an Idempotency-Key.
 */
export async function keepAnswer(
  c: Context<AppEnv>,
  tx: Sql,
  status: number,
  answer: object,
): Promise<void> {
  const mine = keyOf(c);
  if (mine === null) return;
  if (!(await keepIdempotentAnswer(tx, { ...mine, status, response: withoutSecrets(answer) })))
    throw beingAnswered();
  c.set('answerKept', true);
}

/**
 * Makes a ticket in a transaction, once under an Idempotency-Key: answers the one that an earlier attempt has made, when its
 * process died before it could say so. `make` calls `keep` as soon as the ticket has its number.
 */
export async function makeTicketOnce(
  c: Context<AppEnv>,
  sql: SqlPool,
  make: (tx: Sql, keep: (ticketId: number) => Promise<void>) => Promise<number>,
): Promise<number> {
  const mine = keyOf(c);
  try {
    return await sql.begin((tx) =>
      make(tx, async (ticketId) => {
        if (mine === null || (await keepIdempotentTicket(tx, { ...mine, ticketId }))) return;
        throw new MadeBefore();
      }),
    );
  } catch (error) {
    if (mine === null || !(error instanceof MadeBefore)) throw error;
    const known = await findIdempotentTicket(sql, mine);
    // The key was forgotten in between: 24 hours have passed.
    if (known === null) throw beingAnswered();
    return known;
  }
}

/** Undoes an attempt that a ticket has come before. */
class MadeBefore extends Error {}

function keyOf(c: Context<AppEnv>): { userId: string; key: string } | null {
  const key = c.req.header('idempotency-key');
  // Nobody's at the addresses that are open to all: a key belongs to whoever calls.
  const caller = c.get('caller') as Caller | undefined;
  return key === undefined || c.req.method !== 'POST' || caller === undefined
    ? null
    : { userId: caller.userId, key };
}

/** What was asked. Of an upload the file itself: every attempt frames it differently. */
async function hashRequest(c: Context<AppEnv>): Promise<string> {
  const hash = createHash('sha256').update(`${c.req.method} ${c.req.path}\n`);
  if (!/^multipart\/form-data/i.test(c.req.header('content-type') ?? ''))
    return hash.update(Buffer.from(await c.req.raw.clone().arrayBuffer())).digest('hex');
  // Read once: the route gets the same form. One that cannot be read is the route's to refuse.
  const form = await c.req.parseBody().catch(() => ({}));
  for (const [name, value] of Object.entries(form)) {
    if (typeof value === 'string') hash.update(`${name}\n${value}\n`);
    else if (value instanceof File)
      hash
        .update(`${name}\n${value.name}\n${value.type}\n`)
        .update(Buffer.from(await value.arrayBuffer()));
  }
  return hash.digest('hex');
}

/** A new API key's token is shown once and kept nowhere: a repeated request learns of the key, not of its token. */
function withoutSecrets(response: unknown): unknown {
  const { token: _token, ...rest } = response as Record<string, unknown>;
  return rest;
}

function replay(
  known: { requestHash: string; status: number | null; response: unknown },
  requestHash: string,
): Response {
  if (known.requestHash !== requestHash) {
    throw new HoldfastError(
      'idempotencyKeyReused',
      'This Idempotency-Key was used for another request.',
    );
  }
  if (known.status === null) {
    throw beingAnswered();
  }
  return new Response(JSON.stringify(known.response), {
    status: known.status,
    headers: { 'content-type': 'application/json', 'idempotency-replayed': 'true' },
  });
}

function beingAnswered(): HoldfastError {
  return new HoldfastError(
    'idempotencyKeyInUse',
    'The first request with this key is still being answered.',
  );
}

/** A stable id for what a request creates or commands: the same for every repetition under one Idempotency-Key. */
export function requestUuid(c: Context<AppEnv>, purpose: string): string {
  const key = c.req.header('idempotency-key');
  const seed =
    key === undefined ? crypto.randomUUID() : `${c.get('caller').userId}\n${key}\n${c.req.path}`;
  return uuidOfHash(createHash('sha256').update(`${purpose}\n${seed}`).digest('hex'));
}
