// The one way to the desk's API: cookies, the header that proves the request is our own page's, and errors as they were meant.

/** What the API says of a request it refuses (RFC 9457). */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: { pointer: string; message: string }[];
  ticketId?: number;
  /** Of a save that clashed: how the thing stands now. */
  current?: unknown;
}

/** A refused or failed request. `code` is of the API's closed list, or `unreachable` when there was no answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: { pointer: string; message: string }[];
  readonly current: unknown;
  constructor(problem: Pick<Problem, 'detail' | 'code' | 'status' | 'errors' | 'current'>) {
    super(problem.detail);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.errors = problem.errors ?? [];
    this.current = problem.current;
  }
}

/** What belongs to a call beside its address. */
export interface CallOptions {
  body?: unknown;
  query?: Record<string, string | number | boolean | undefined | null>;
  /** A key makes a repeated POST the same POST. */
  idempotencyKey?: string;
  ifMatch?: number;
  signal?: AbortSignal;
  /** Goes out even when the page is being left. */
  keepalive?: boolean;
}

/** What of the desk answers; the banner listens. A desk out of reach says nothing about its engine, so both are kept. */
type Reach = 'ok' | 'offline' | 'temporal';
const answers = { desk: true, engine: true };
const listeners = new Set<() => void>();

/** The state of the connection, as a store for useSyncExternalStore. */
export const reachStore = {
  get: (): Reach => (!answers.desk ? 'offline' : answers.engine ? 'ok' : 'temporal'),
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** Notes what was just found of the desk itself, or of the engine behind it. */
  note: (found: Partial<typeof answers>): void => {
    Object.assign(answers, found);
    for (const listener of listeners) listener();
  },
};

/** Calls the API and answers its JSON; throws ApiError. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const { body, signal } = options;
  const form = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(path + queryOf(options.query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        'x-holdfast': '1',
        ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
        ...(options.idempotencyKey === undefined
          ? {}
          : { 'idempotency-key': options.idempotencyKey }),
        ...(options.ifMatch === undefined ? {} : { 'if-match': String(options.ifMatch) }),
      },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      ...(options.keepalive === true ? { keepalive: true } : {}),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    reachStore.note({ desk: false });
    throw new ApiError({ detail: 'unreachable', code: 'unreachable', status: 0 });
  }
  return await answerOf<T>(response);
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  const json = parse(text);
  // A proxy that stands before the desk answers for it when it is away, in words of its own.
  reachStore.note({ desk: response.ok || json !== null });
  if (response.ok) return json as T;
  const problem = (json ?? {}) as Partial<Problem> & { message?: string };
  if (problem.code === 'temporalUnavailable') reachStore.note({ engine: false });
  throw new ApiError({
    detail: problem.detail ?? problem.message ?? response.statusText,
    code: problem.code ?? 'internal',
    status: response.status,
    current: problem.current,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  });
}

function parse(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return null;
  }
}

function queryOf(query: CallOptions['query']): string {
  if (query === undefined) return '';
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
