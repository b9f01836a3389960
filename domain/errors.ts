// The closed list of error codes. A refusal is a value, not an exception: decide() returns it, adapters translate it once.

/** Every code a caller of Holdfast can meet. Stored in histories and read by clients: never rename, only add. */
export type ErrorCode =
  | 'notFound'
  | 'unauthenticated'
  | 'forbidden'
  | 'foreignPage'
  | 'invalidRequest'
  | 'malformedJson'
  | 'unsupportedMediaType'
  | 'bodyTooLarge'
  | 'methodNotAllowed'
  | 'rateLimited'
  | 'versionConflict'
  | 'idempotencyKeyReused'
  | 'idempotencyKeyInUse'
  | 'nameTaken'
  | 'inUse'
  | 'lastAdmin'
  | 'unknownReference'
  | 'unknownStatus'
  | 'statusNotAllowed'
  | 'ticketMerged'
  | 'ticketEnded'
  | 'ticketBusyMerging'
  | 'mergeSelf'
  | 'mergeCycle'
  | 'mergeConflict'
  | 'mergeNotUndoable'
  | 'sendAlreadyLeft'
  | 'messageUnknown'
  | 'snoozeInPast'
  | 'sendAtInPast'
  | 'limitReached'
  | 'notRetryable'
  | 'temporalUnavailable'
  | 'databaseUnavailable'
  | 'internal';

/** A business refusal: the code decides what adapters do, the detail is one sentence for people. */
export interface Refusal {
  code: ErrorCode;
  detail: string;
  /** The surviving ticket when code is ticketMerged. */
  ticketId?: number;
}

/** Thrown only at the edges (API, activities) where an exception is the way out; carries a code of the closed list. */
export class HoldfastError extends Error {
  readonly code: ErrorCode;
  readonly errors: { pointer: string; message: string }[];
  readonly ticketId: number | undefined;
  /** What stands there now, for a caller whose own would else be lost; undefined says nothing of it. */
  readonly current: unknown;
  constructor(
    code: ErrorCode,
    detail: string,
    extra: {
      errors?: { pointer: string; message: string }[];
      ticketId?: number;
      current?: unknown;
    } = {},
  ) {
    super(detail);
    this.name = 'HoldfastError';
    this.code = code;
    this.errors = extra.errors ?? [];
    this.ticketId = extra.ticketId;
    this.current = extra.current;
  }
}
