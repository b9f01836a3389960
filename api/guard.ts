// Middleware of the API: who calls, how often, how large; and idempotency keys for POSTs that create.
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { findCaller } from '#db/people.ts';
import { claimIdempotencyKey, finishIdempotencyKey } from '#db/tickets.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, AppEnv } from './app-env.ts';

const MAX_JSON_BYTES = 2 * 1024 * 1024;
const OPEN_PATHS = new Set(['/api/v1/openapi.json']);

/** Refuses whoever brings no living API key; readOnly keys and scopes may only read. */
export function authenticate(deps: ApiDeps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (OPEN_PATHS.has(c.req.path)) return await next();
    const token = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const hash = createHash('sha256')
      .update(token ?? '')
      .digest();
    const caller = token === undefined ? undefined : await findCaller(deps.sql, hash);
    if (caller === undefined) {
      throw new HoldfastError(
        'unauthenticated',
        'Send a valid API key as "Authorization: Bearer <key>".',
      );
    }
    c.set('caller', caller);
    const reads =
      c.req.method === 'GET' ||
      c.req.method === 'HEAD' ||
      /\/(preview|explain|dry-run)$/.test(c.req.path);
    if (!reads && (caller.role === 'readOnly' || !caller.scopes.includes('write'))) {
      throw new HoldfastError('forbidden', 'This API key may only read.');
    }
    return await next();
  };
}

/** Refuses everybody but admins. */
export function requireAdmin(c: Context<AppEnv>): void {
  const caller = c.get('caller');
  if (caller.role !== 'admin' || !caller.scopes.includes('admin')) {
    throw new HoldfastError('forbidden', 'Only admins may change this.');
  }
}

/** So many requests per minute and key; the answer says when to come back. */
export function rateLimit(deps: ApiDeps): MiddlewareHandler<AppEnv> {
  const limiter = new RateLimiterMemory({ points: deps.rateLimitPerMinute, duration: 60 });
  return async (c, next) => {
    const who = createHash('sha256')
      .update(c.req.header('authorization') ?? 'anonymous')
      .digest('base64');
    try {
      await limiter.consume(who);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      c.header('Retry-After', String(Math.ceil(error.msBeforeNext / 1000)));
      throw new HoldfastError('rateLimited', 'Too many requests; see Retry-After.');
    }
    return await next();
  };
}

/** Refuses bodies beyond the limit before they are read. Uploads have a limit of their own. */
export function limitBody(maxBytes = MAX_JSON_BYTES): MiddlewareHandler<AppEnv> {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new HoldfastError('bodyTooLarge', `The body may have at most ${maxBytes} bytes.`);
    },
  });
}

/** Same key and body: same answer, and the thing is created once. Answers of 5xx and 4xx free the key. */
export function idempotency(deps: ApiDeps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const key = c.req.header('idempotency-key');
    if (key === undefined || c.req.method !== 'POST') return await next();
    if (key.length === 0 || key.length > 200) {
      throw new HoldfastError('invalidRequest', 'Idempotency-Key must have 1 to 200 characters.');
    }
    const { userId } = c.get('caller');
    const body = Buffer.from(await c.req.raw.clone().arrayBuffer());
    const requestHash = createHash('sha256')
      .update(`${c.req.method} ${c.req.path}\n`)
      .update(body)
      .digest('hex');
    const claim = await claimIdempotencyKey(deps.sql, { userId, key, requestHash });
    if (claim !== 'claimed') return replay(claim, requestHash);
    await next();
    const good = c.res.status < 300 && (c.res.headers.get('content-type') ?? '').includes('json');
    const response: unknown = good ? withoutSecrets(await c.res.clone().json()) : null;
    await finishIdempotencyKey(deps.sql, {
      userId,
      key,
      status: good ? c.res.status : null,
      response,
    });
  };
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
    throw new HoldfastError(
      'idempotencyKeyInUse',
      'The first request with this key is still being answered.',
    );
  }
  return new Response(JSON.stringify(known.response), {
    status: known.status,
    headers: { 'content-type': 'application/json', 'idempotency-replayed': 'true' },
  });
}

/** A stable id for what a request creates or commands: the same for every repetition under one Idempotency-Key. */
export function requestUuid(c: Context<AppEnv>, purpose: string): string {
  const key = c.req.header('idempotency-key');
  const seed =
    key === undefined ? crypto.randomUUID() : `${c.get('caller').userId}\n${key}\n${c.req.path}`;
  const hex = createHash('sha256').update(`${purpose}\n${seed}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
