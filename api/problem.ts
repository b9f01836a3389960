// The single writer of errors: RFC 9457 problem+json with a stable code. A code without a status does not type-check.
import type { Context } from 'hono';
import type { ErrorCode } from '#domain/errors.ts';
import { HoldfastError } from '#domain/errors.ts';

type Status = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

const PROBLEMS: Record<ErrorCode, { status: Status; title: string }> = {
  notFound: { status: 404, title: 'Not found' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  foreignPage: { status: 403, title: 'Not asked by a page of this desk' },
  forbidden: { status: 403, title: 'Not allowed' },
  invalidRequest: { status: 422, title: 'Invalid request' },
  malformedJson: { status: 400, title: 'Malformed JSON' },
  unsupportedMediaType: { status: 415, title: 'Unsupported media type' },
  bodyTooLarge: { status: 413, title: 'Body too large' },
  methodNotAllowed: { status: 405, title: 'Method not allowed' },
  rateLimited: { status: 429, title: 'Too many requests' },
  versionConflict: { status: 409, title: 'Changed meanwhile' },
  idempotencyKeyReused: { status: 422, title: 'Idempotency key reused' },
  idempotencyKeyInUse: { status: 409, title: 'Still being answered' },
  nameTaken: { status: 409, title: 'Name taken' },
  inUse: { status: 409, title: 'In use' },
  lastAdmin: { status: 409, title: 'Last admin' },
  unknownReference: { status: 422, title: 'Unknown reference' },
  unknownStatus: { status: 422, title: 'Unknown status' },
  statusNotAllowed: { status: 422, title: 'Status not allowed' },
  ticketMerged: { status: 409, title: 'Ticket was merged' },
  ticketEnded: { status: 409, title: 'Ticket has ended' },
  ticketBusyMerging: { status: 409, title: 'Merge under way' },
  mergeSelf: { status: 422, title: 'Cannot merge with itself' },
  mergeCycle: { status: 409, title: 'Already merged' },
  mergeConflict: { status: 409, title: 'Merge conflict' },
  mergeNotUndoable: { status: 409, title: 'Cannot be undone' },
  sendAlreadyLeft: { status: 409, title: 'Already sent' },
  messageUnknown: { status: 404, title: 'Not found' },
  snoozeInPast: { status: 422, title: 'Snooze in the past' },
  sendAtInPast: { status: 422, title: 'Sending in the past' },
  limitReached: { status: 422, title: 'Limit reached' },
  notRetryable: { status: 409, title: 'Not retryable' },
  temporalUnavailable: { status: 503, title: 'Ticket engine unavailable' },
  databaseUnavailable: { status: 503, title: 'Database unavailable' },
  internal: { status: 500, title: 'Internal error' },
};

/** Writes one error. */
export function problem(c: Context, error: HoldfastError): Response {
  const { status, title } = PROBLEMS[error.code];
  const body = {
    type: `https://holdfast.dev/problems/${error.code}`,
    title,
    status,
    detail: error.message,
    instance: `urn:request:${String(c.get('requestId') ?? '')}`,
    code: error.code,
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
    ...(error.ticketId === undefined ? {} : { ticketId: error.ticketId }),
    ...(error.current === undefined ? {} : { current: error.current }),
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (status === 503) headers['retry-after'] = '2';
  // Through the context, so that headers set before the error (Retry-After, Allow, X-Request-Id) leave with it.
  return c.newResponse(JSON.stringify(body), { status, headers });
}

/** What an unexpected error becomes: a database that is away, or a request id and no word of the cause. */
export function unexpected(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const { code = '' } = (error ?? {}) as { code?: string };
  if (/^(CONNECT|ECONN|EPIPE|57P|08|53)/.test(code)) {
    return new HoldfastError(
      'databaseUnavailable',
      'The database does not answer right now. Try again shortly.',
    );
  }
  if (code === '23505')
    return new HoldfastError('nameTaken', 'Something of this name or address exists already.');
  if (code === '23503')
    return new HoldfastError('unknownReference', 'Something the request names does not exist.');
  return new HoldfastError(
    'internal',
    'Something went wrong here. The request id helps to find it in the log.',
  );
}
