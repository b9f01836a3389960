// Who else has a ticket open, and whether they are writing: two answers to one customer are worse than none.
import { createRoute, z } from '@hono/zod-openapi';
import { deletePresence, listPresence, PRESENCE_SECONDS, upsertPresence } from '#db/presence.ts';
import type { PresentPerson } from '#db/presence.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ApiDeps, App } from './app-env.ts';
import { errorResponses, TicketIdParam } from './schemas.ts';
import { requireSight } from './tickets/show.ts';

const State = z.enum(['viewing', 'typing']);
/** Who looks at a ticket now. */
export const PresenceSchema = z
  .strictObject({
    ticketId: z.number().int(),
    people: z.array(z.strictObject({ userId: z.string(), name: z.string(), state: State })),
  })
  .openapi('Presence');
const path = '/api/v1/tickets/{id}/presence';
const answer = {
  200: {
    description: 'Everybody who looks at it now, the caller included.',
    content: { 'application/json': { schema: PresenceSchema } },
  },
  ...errorResponses,
};
const putRoute = createRoute({
  method: 'put',
  path,
  operationId: 'setPresence',
  summary: `Say that the caller looks at a ticket or writes; again every 20 s, since it counts for ${PRESENCE_SECONDS} s`,
  request: {
    params: TicketIdParam,
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ state: State }) } },
    },
  },
  responses: answer,
});
const getRoute = createRoute({
  method: 'get',
  path,
  operationId: 'getPresence',
  summary: 'Who looks at a ticket',
  request: { params: TicketIdParam },
  responses: answer,
});
const deleteRoute = createRoute({
  method: 'delete',
  path,
  operationId: 'endPresence',
  summary: 'Say that the caller looks at a ticket no more',
  request: { params: TicketIdParam },
  responses: { 204: { description: 'Noted.' }, ...errorResponses },
});

/** Coming, looking who is there, and going. */
export function registerPresence(app: App, deps: ApiDeps): void {
  app.openapi(putRoute, async (c) => {
    const { id: ticketId } = c.req.valid('param');
    await requireSight(deps, c.get('access'), ticketId);
    const { state } = c.req.valid('json');
    await upsertPresence(deps.sql, { ticketId, userId: c.get('caller').userId, state });
    return c.json(presenceToWire(ticketId, await listPresence(deps.sql, ticketId)), 200);
  });
  app.openapi(getRoute, async (c) => {
    const { id: ticketId } = c.req.valid('param');
    await requireSight(deps, c.get('access'), ticketId);
    return c.json(presenceToWire(ticketId, await listPresence(deps.sql, ticketId)), 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const { id: ticketId } = c.req.valid('param');
    await requireSight(deps, c.get('access'), ticketId);
    await deletePresence(deps.sql, ticketId, c.get('caller').userId);
    return c.body(null, 204);
  });
}

/** Who looks at a ticket as JSON. */
export function presenceToWire(
  ticketId: number,
  people: readonly PresentPerson[],
): z.infer<typeof PresenceSchema> {
  return {
    ticketId,
    people: people.map(({ userId, name, state }) => ({ userId, name, state })),
  };
}

/** Told of a ticket that others came to, or left. */
type PresenceListener = (presence: z.infer<typeof PresenceSchema>) => void;

/**
 * Watches tickets that somebody of this process' streams may look at: one look at Postgres for each change of a ticket, and one when
 * the next sign of life ends, since nobody says that they have lost their connection.
 */
export class PresenceWatch {
  private readonly sql: SqlPool;
  private readonly listeners = new Set<PresenceListener>();
  private readonly known = new Map<number, { text: string; timer: NodeJS.Timeout | null }>();

  constructor(sql: SqlPool) {
    this.sql = sql;
  }

  /** Starts listening. */
  async start(): Promise<void> {
    await this.sql.listen('presence', (ticketId) => this.lookSoon(Number(ticketId), 0));
  }

  /** Tells of every change, until the returned function is called. */
  onChange(listener: PresenceListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      for (const { timer } of this.known.values()) if (timer !== null) clearTimeout(timer);
      this.known.clear();
    };
  }

  private lookSoon(ticketId: number, delayMs: number): void {
    if (this.listeners.size === 0) return;
    const before = this.known.get(ticketId);
    if (before?.timer) clearTimeout(before.timer);
    // Several changes at once are one look.
    const timer = setTimeout(() => void this.look(ticketId), delayMs);
    timer.unref();
    this.known.set(ticketId, { text: before?.text ?? '', timer });
  }

  private async look(ticketId: number): Promise<void> {
    const people = await listPresence(this.sql, ticketId).catch(() => null);
    // Postgres is away for a moment: whoever leaves or comes next makes it look again.
    if (people === null) return;
    const presence = presenceToWire(ticketId, people);
    const text = JSON.stringify(presence);
    const before = this.known.get(ticketId)?.text;
    const ends = Math.min(...people.map(({ until }) => until.getTime()));
    if (people.length === 0) this.known.delete(ticketId);
    else this.known.set(ticketId, { text, timer: null });
    if (people.length > 0) this.lookSoon(ticketId, Math.max(500, ends - Date.now() + 100));
    if (text === before) return;
    for (const listener of this.listeners) listener(presence);
  }
}
