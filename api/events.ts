// GET /events: changes of tickets as server-sent events. Woken by NOTIFY, read from a place on, so that a client that comes back
// with Last-Event-ID gets what it missed. Progress of bulk changes goes to who asked for them, of rollouts to admins, notices to their
// person, who looks at a ticket to those who do, whether commands can be taken to all. And the attachments' routes, which are
// streams of bytes as well.
import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { SSEStreamingApi } from 'hono/streaming';
import { findBulkJob } from '#db/bulk.ts';
import { findRolloutById } from '#db/rollouts.ts';
import type { RolloutRow } from '#db/rollouts.ts';
import { findPlace, listChanges, lookAfter, lookFrom, placeOf } from '#db/changes.ts';
import type { TicketChangeRow } from '#db/changes.ts';
import { mayDo } from '#domain/permissions.ts';
import type { Access } from '#domain/permissions.ts';
import { HoldfastError } from '#domain/errors.ts';
import { findAttachment, insertUpload } from '#db/attachments.ts';
import { rolloutToWire } from './admin/rollouts.ts';
import { findAccess } from './access.ts';
import type { ApiDeps, App, Caller } from './app-env.ts';
import type { EngineWatch } from './engine-watch.ts';
import { keepAnswer } from './guard.ts';
import { noticeForStream } from './notifications.ts';
import type { PresenceWatch } from './presence.ts';
import { errorResponses, IdempotencyKey, UuidParam } from './schemas.ts';

/** Longer than the list of all transactions that a Postgres of ours has open at once. */
const MAX_PLACE = 8_000;
const Place = z
  .string()
  .max(MAX_PLACE)
  .regex(/^[\d:,]+$/)
  .optional();
const eventsRoute = createRoute({
  method: 'get',
  path: '/api/v1/events',
  operationId: 'streamEvents',
  summary:
    'Changes of tickets as they happen, as server-sent events; Last-Event-ID brings what was missed',
  request: {
    headers: z.object({ 'last-event-id': Place }),
    query: z.object({
      since: Place.openapi({
        description:
          'For a first stream, where Last-Event-ID cannot be sent: a place, as changesFrom of GET /me or the id of an event. Last-Event-ID goes before it.',
      }),
    }),
  },
  responses: {
    200: {
      description:
        'hello; ticketChanged {ticketId, version, type} of tickets the caller sees; ticketGone {ticketId} when a change took one out of ' +
        'their sight; accessChanged when they may do or see something else than before; bulkProgress; rolloutProgress (with ' +
        'settings.sla or settings.desk); notification {notice, bell, browser, unread, more} and notificationsRead {unread, more} of ' +
        'the caller; presence {ticketId, people} of tickets the caller looks at; engine {available} when it is found out whether ' +
        'commands can be taken, when that changes, and every 15 s as a sign of life. Only ticketChanged and ticketGone are sent ' +
        'again after Last-Event-ID.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...errorResponses,
  },
});
const Upload = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), contentType: z.string() },
    sizeBytes: z.number().int(),
  })
  .openapi('Upload');
const Binary = z.string().openapi({ format: 'binary' });
const uploadRoute = createRoute({
  method: 'post',
  path: '/api/v1/attachments',
  operationId: 'uploadAttachment',
  summary: 'Upload a file, to be named in attachmentIds of a reply or note',
  request: {
    headers: IdempotencyKey,
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.object({ file: Binary }),
        },
      },
    },
  },
  responses: {
    201: { description: 'The file.', content: { 'application/json': { schema: Upload } } },
    ...errorResponses,
  },
});
const downloadRoute = createRoute({
  method: 'get',
  path: '/api/v1/attachments/{id}',
  operationId: 'getAttachment',
  summary: 'The file itself',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'Images as themselves, everything else as bytes to be saved.',
      content: { 'application/octet-stream': { schema: Binary }, 'image/*': { schema: Binary } },
    },
    ...errorResponses,
  },
});

const HEARTBEAT_MS = 15_000;
const BATCH = 500;

/** A job that has come further. */
interface Moved {
  kind: 'bulk' | 'rollout';
  id: string;
}

/** A new notice, or (id null) notices that were read. */
interface Noticed {
  userId: string;
  id: string | null;
}

/** What one stream is to tell besides changes, by what it is about: of something that moved twice since the last look, the last. */
class Inbox {
  private readonly told = new Map<string, () => Promise<{ event: string; data: object } | null>>();
  /** Ends the stream's wait. */
  wake: () => void = () => undefined;

  put(about: string, read: () => Promise<{ event: string; data: object } | null>): void {
    this.told.set(about, read);
    this.wake();
  }

  get size(): number {
    return this.told.size;
  }

  /** Tells all of it. Without ids: a stream that is taken up again asks for the things themselves. */
  async empty(stream: SSEStreamingApi): Promise<void> {
    for (const [about, read] of [...this.told]) {
      this.told.delete(about);
      const said = await read();
      if (said === null) continue;
      await stream.writeSSE({ event: said.event, data: JSON.stringify(said.data) });
    }
  }
}

/** Wakes every open stream when a ticket changes; one LISTEN per process and kind. */
export class ChangeHub {
  private readonly waiting = new Set<() => void>();
  private readonly jobListeners = new Set<(moved: Moved) => void>();
  private readonly noticeListeners = new Set<(noticed: Noticed) => void>();
  private changes = 0;
  readonly heartbeatMs: number;
  constructor(heartbeatMs: number = HEARTBEAT_MS) {
    this.heartbeatMs = heartbeatMs;
  }

  /** Starts listening. */
  async start(deps: Pick<ApiDeps, 'sql'>): Promise<void> {
    const wakeAll = (): void => this.wakeAll();
    await deps.sql.listen('ticket_changed', wakeAll, wakeAll);
    for (const kind of ['bulk', 'rollout'] as const) {
      await deps.sql.listen(`${kind}_progress`, (id) => {
        for (const listener of this.jobListeners) listener({ kind, id });
      });
    }
    await deps.sql.listen('notification', (text) => {
      const noticed = JSON.parse(text) as Noticed;
      for (const listener of this.noticeListeners) listener(noticed);
    });
  }

  /** Lets every waiting stream look again, and those that are about to wait. */
  wakeAll(): void {
    this.changes += 1;
    for (const wake of this.waiting) wake();
  }

  /** How many changes there have been: to be read before looking, and given to `next` afterwards. */
  get generation(): number {
    return this.changes;
  }

  /** Tells of every bulk job and rollout that has moved, until the returned function is called. */
  onProgress(listener: (moved: Moved) => void): () => void {
    this.jobListeners.add(listener);
    return () => this.jobListeners.delete(listener);
  }

  /** Tells of every notice, until the returned function is called. */
  onNotice(listener: (noticed: Noticed) => void): () => void {
    this.noticeListeners.add(listener);
    return () => this.noticeListeners.delete(listener);
  }

  /** Resolves at the next change after `seen`, which may have been already, at something in the inbox, or after the heartbeat's time. */
  async next(seen: number, inbox?: Inbox): Promise<void> {
    if (seen !== this.changes || (inbox?.size ?? 0) > 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, this.heartbeatMs);
      this.waiting.add(done);
      if (inbox !== undefined) inbox.wake = done;
    });
  }
}

/** What streams are woken by, one of each per process. */
interface Watches {
  hub: ChangeHub;
  presence: PresenceWatch;
  engine: EngineWatch;
}

export function registerEvents(app: App, deps: ApiDeps, watches: Watches): void {
  app.openapi(eventsRoute, async (c) => {
    const asked = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').since;
    const place = await findPlace(deps.sql, asked === undefined ? null : requirePlace(asked));
    const caller = c.get('caller');
    const rights: Rights = { access: c.get('access') };
    return streamSSE(c, async (stream) => {
      const inbox = new Inbox();
      // A client that goes is let go at once, and not at the next beat.
      stream.onAbort(() => inbox.wake());
      const forget = fillInbox(deps, { ...watches, rights, inbox });
      try {
        await stream.writeSSE({ event: 'hello', data: '{}', id: place });
        await follow(deps, watches, { caller, rights, inbox, place, stream });
      } finally {
        forget();
      }
    }) as never;
  });
}

function requirePlace(text: string): string {
  const place = placeOf(text);
  if (place !== null) return place;
  throw new HoldfastError(
    'invalidRequest',
    'This is no place in the stream: send the id of an event.',
  );
}

/** What the listener of a stream may do and see by now: looked up again at each beat. */
interface Rights {
  access: Access;
}

/** Has what concerns a caller put into their stream's inbox, until the returned function is called. */
function fillInbox(deps: ApiDeps, of: Watches & { rights: Rights; inbox: Inbox }): () => void {
  const { hub, presence, engine, rights, inbox } = of;
  const mine = rights.access.userId;
  const forget = [
    hub.onProgress(({ kind, id }) =>
      inbox.put(id, async () => {
        const data =
          kind === 'bulk'
            ? await bulkProgress(deps, rights.access, id)
            : await rolloutOf(deps, rights.access, id);
        return data === null ? null : { event: `${kind}Progress`, data };
      }),
    ),
    hub.onNotice(({ userId, id }) => {
      if (userId !== mine) return;
      inbox.put(`notice ${id ?? ''}`, () => noticeForStream(deps.sql, rights.access, id));
    }),
    presence.onChange((present) => {
      // Whoever does not look at the ticket may not even know of it.
      if (!present.people.some(({ userId }) => userId === mine)) return;
      inbox.put(`presence ${present.ticketId}`, () =>
        Promise.resolve({ event: 'presence', data: present }),
      );
    }),
    engine.onChange((available) =>
      inbox.put('engine', () => Promise.resolve({ event: 'engine', data: { available } })),
    ),
  ];
  return () => {
    for (const one of forget) one();
  };
}

/** Writes changes until the client goes or its key is worth nothing any more. */
async function follow(
  deps: ApiDeps,
  { hub, engine }: Watches,
  of: {
    caller: Caller;
    rights: Rights;
    inbox: Inbox;
    place: string;
    stream: SSEStreamingApi;
  },
): Promise<void> {
  const { caller, rights, inbox, stream } = of;
  let look = lookFrom(of.place);
  let checkedAtMs = performance.now();
  while (!stream.aborted && !stream.closed) {
    const seen = hub.generation;
    const changes = await listChanges(deps.sql, rights.access, look, BATCH);
    look = lookAfter(look, changes, BATCH);
    const told = changes.map(toldOf).filter((one) => one !== null);
    for (const [index, one] of told.entries()) {
      // Only behind the last change of a look is a place from which nothing is missing.
      const isEnd = look.until === null && index === told.length - 1;
      await stream.writeSSE(isEnd ? { ...one, id: look.since } : one);
    }
    await inbox.empty(stream);
    // By the clock, not by silence: a busy stream is asked for its key as often as a quiet one.
    if (performance.now() - checkedAtMs >= hub.heartbeatMs) {
      const now = (await caller.stillIn()) ? await findAccess(deps, caller) : undefined;
      if (now === undefined || !mayDo(now, 'ticket.view')) return;
      const same = isSameAccess(rights.access, now);
      rights.access = now;
      if (!same) await stream.writeSSE({ event: 'accessChanged', data: '{}' });
      checkedAtMs = performance.now();
      await stream.write(': still here\n\n');
      // Browsers hide comments from pages; by this one they notice a connection that died without a word.
      const { available } = engine;
      // With the place: a listener to whom little is told would come back with one of hours ago.
      const id = look.until === null ? { id: look.since } : {};
      await stream.writeSSE({ event: 'engine', data: JSON.stringify({ available }), ...id });
    }
    if (look.until !== null) continue;
    await hub.next(seen, inbox);
  }
}

/** What a change is to who may see the ticket now, or might before it; null to everybody else. */
function toldOf({ sees, saw, ticketId, version, type }: TicketChangeRow) {
  if (sees) return { event: 'ticketChanged', data: JSON.stringify({ ticketId, version, type }) };
  return saw ? { event: 'ticketGone', data: JSON.stringify({ ticketId }) } : null;
}

/** Whether somebody may do and see what they might before. */
function isSameAccess(before: Access, now: Access): boolean {
  const facts = ({ held, ...rest }: Access): string => JSON.stringify([[...held], rest]);
  return facts(before) === facts(now);
}

/** The caller's own bulk job; null when it is somebody else's. */
async function bulkProgress(deps: ApiDeps, { userId }: Access, jobId: string) {
  const job = await findBulkJob(deps.sql, jobId);
  if (job === undefined || job.askedBy !== userId) return null;
  const { id, state, total, done, failed } = job;
  return { id, state, total, done, failed };
}

/** A rollout; null for everybody who makes none. */
async function rolloutOf(deps: ApiDeps, access: Access, rolloutId: string) {
  if (!mayDo(access, 'settings.sla') && !mayDo(access, 'settings.desk')) return null;
  const row = await findRolloutById(deps.sql, rolloutId);
  return row === undefined ? null : { ...rolloutToWire(row, deps), ...subjectOf(row) };
}

const subjectOf = ({ subjectKind, subjectId }: RolloutRow) => ({ subjectKind, subjectId });

export function registerAttachments(app: App, deps: ApiDeps): void {
  // Only described: the form is read by hand, since a file is no JSON.
  app.openAPIRegistry.registerPath(uploadRoute);
  app.post('/api/v1/attachments', async (c) => {
    if (!/^multipart\/form-data/i.test(c.req.header('content-type') ?? '')) {
      throw new HoldfastError('unsupportedMediaType', 'Send the file as multipart/form-data.');
    }
    const form = await c.req.parseBody().catch(() => ({}) as Record<string, never>);
    const file = form['file'];
    if (!(file instanceof File)) {
      throw new HoldfastError(
        'invalidRequest',
        'Send the file as multipart/form-data in the field "file".',
      );
    }
    const content = new Uint8Array(await file.arrayBuffer());
    const { key, sha256, sizeBytes } = await deps.files.put(content);
    const name = file.name.replaceAll(/[/\\\r\n"\0]/g, '_').slice(0, 200) || 'file';
    const contentType = (file.type || 'application/octet-stream').slice(0, 200);
    const uploadedBy = c.get('caller').userId;
    const upload = await deps.sql.begin(async (tx) => {
      const row = { name, contentType, sizeBytes, sha256, storeKey: key, uploadedBy };
      const made = { id: await insertUpload(tx, row), name, contentType, sizeBytes };
      await keepAnswer(c, tx, 201, made);
      return made;
    });
    return c.json(upload, 201);
  });
  app.openapi(downloadRoute, async (c) => {
    const found = await findAttachment(deps.sql, c.get('access'), c.req.valid('param').id);
    if (found === undefined) throw new HoldfastError('notFound', 'There is no such attachment.');
    const content = await deps.files.get(found.storeKey);
    return new Response(new Uint8Array(content), {
      headers: {
        // Whatever it claims to be, a browser must neither run nor guess it.
        'content-type':
          found.contentType.startsWith('image/') && found.contentType !== 'image/svg+xml'
            ? found.contentType
            : 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      },
    }) as never;
  });
}
