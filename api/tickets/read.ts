// GET of tickets: lists, one ticket, its timeline and its workflow's own state.
import { createRoute, z } from '@hono/zod-openapi';
import { listStepNotices } from '#db/step-notices.ts';
import { listTickets } from '#db/tickets.ts';
import { stagesOf } from '#db/ticket-order.ts';
import { listEventsByPlaces, listMessagesByIds, listTimelinePlaces } from '#db/timeline.ts';
import type { TimelinePlace } from '#db/timeline.ts';
import { HoldfastError } from '#domain/errors.ts';
import { mayDo } from '#domain/permissions.ts';
import type { Access } from '#domain/permissions.ts';
import { TICKET_SORTS } from '#domain/ticket-sort.ts';
import type { TicketSort } from '#domain/ticket-sort.ts';
import type { TicketLive } from '#workflows/messages.ts';
import type { ApiDeps, App } from '../app-env.ts';
import {
  ConditionsParam,
  parseConditions,
  readFilter,
  refuseSort,
  TicketFilterFields,
} from './filter.ts';
import {
  NO_SLA,
  requireSight,
  requireTicket,
  showOne,
  showTicket,
  wakeWithoutSla,
} from './show.ts';
import {
  At,
  errorResponses,
  MAX_VERSION,
  MessageSchema,
  pageOf,
  RoutingSchema,
  SlaSchema,
  TicketIdParam,
  TicketSchema,
  WakeSchema,
} from '../schemas.ts';
import { EventSchema } from './event-schemas.ts';
import { withCauses } from './rule-causes.ts';
import {
  decodeCursor,
  encodeCursor,
  eventToWire,
  isInstant,
  isUuid,
  messageToWire,
  routingToWire,
  slaViewToWire,
} from '../wire.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets',
  operationId: 'listTickets',
  summary: 'List tickets',
  request: {
    query: z.object({
      ...TicketFilterFields,
      conditions: ConditionsParam,
      sort: z
        .enum(TICKET_SORTS)
        .optional()
        .openapi({
          description:
            'Without it the order of the saved view, else -updatedAt. `sla`: the most urgent deadline first, tickets without one last; ' +
            '`nextDueAt` leaves those out.',
        }),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().max(500).optional(),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: {
        'application/json': {
          schema: pageOf(TicketSchema).extend({
            hints: z
              .array(z.strictObject({ text: z.string(), message: z.string() }))
              .optional()
              .openapi({
                description: 'With q: parts of it that were not understood as operators.',
              }),
          }),
        },
      },
    },
    ...errorResponses,
  },
});

/** A place in a list of one order: the stage of the order, the value there, and the id. */
interface Place {
  s: TicketSort;
  g: number;
  v: string;
  id: number;
}
const isPlace = (value: unknown): value is Place => {
  const { s, g, v, id } = (value ?? {}) as Partial<Place>;
  const sort = TICKET_SORTS.find((one) => one === s);
  return (
    sort !== undefined &&
    Number.isInteger(g) &&
    stagesOf(sort)[Number(g)] !== undefined &&
    isInstant(v) &&
    Number.isSafeInteger(id)
  );
};

const getRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}',
  operationId: 'getTicket',
  summary: 'Get a ticket',
  request: { params: TicketIdParam },
  responses: {
    200: { description: 'The ticket.', content: { 'application/json': { schema: TicketSchema } } },
    ...errorResponses,
  },
});

export const Live = z
  .strictObject({
    ticketId: z.number().int(),
    version: z.number().int(),
    status: z.string(),
    assigneeId: z.string().nullable(),
    teamId: z.string().nullable(),
    routing: RoutingSchema,
    sla: SlaSchema,
    policyWhy: z.array(z.string()),
    nextWake: WakeSchema.nullable(),
    pendingSends: z.array(
      z.strictObject({
        messageId: z.string(),
        kind: z.enum(['reply', 'forward', 'closeWarning']),
        acceptedAt: At,
        sendAt: At,
        scheduled: z.boolean(),
        statusAfter: z.string().nullable(),
      }),
    ),
    lease: z
      .strictObject({
        mergeId: z.string(),
        role: z.enum(['loser', 'survivor']),
        peerId: z.number().int(),
        until: At,
      })
      .nullable(),
    mergedIntoId: z.number().int().nullable(),
    projectedVersion: z.number().int(),
    historyLength: z.number().int(),
  })
  .openapi('TicketLive');

const StepNotice = z
  .strictObject({
    seq: z.number().int(),
    action: z.number().int(),
    kind: z.enum(['email', 'webhook']),
    state: z.enum(['trying', 'sent', 'failed']),
    attempts: z.number().int(),
    failure: z.strictObject({ code: z.string(), text: z.string() }).nullable(),
    createdAt: At,
    sentAt: At.nullable(),
  })
  .openapi('StepNotice');

/** What a page of messages may weigh; one that is heavier comes alone. */
const MAX_TIMELINE_BYTES = 4 * 1024 ** 2;
const TimelineItem = z.union([
  z.strictObject({ kind: z.literal('message'), at: At, message: MessageSchema }),
  z.strictObject({ kind: z.literal('event'), at: At, event: EventSchema }),
]);
const timelineRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/timeline',
  operationId: 'getTimeline',
  summary: 'Messages and events of a ticket in order, with those of tickets merged into it',
  request: {
    params: TicketIdParam,
    query: z.object({
      order: z.enum(['asc', 'desc']).default('asc'),
      limit: z.coerce.number().int().min(1).max(500).default(200),
      cursor: z.string().max(500).optional(),
    }),
  },
  responses: {
    200: {
      description: `One page; it is shorter than its limit where messages are long (about ${MAX_TIMELINE_BYTES / 1024 ** 2} MB a page).`,
      content: { 'application/json': { schema: pageOf(TimelineItem) } },
    },
    ...errorResponses,
  },
});

const liveRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/live',
  operationId: 'getLive',
  summary: "The workflow's own state: clocks, next wake and why, pending deliveries, lease",
  request: { params: TicketIdParam },
  responses: {
    200: {
      description: 'As of the last workflow task.',
      content: { 'application/json': { schema: Live } },
    },
    ...errorResponses,
  },
});

const noticesRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/step-notices',
  operationId: 'listStepNotices',
  summary: 'Mails and webhooks that escalations of this ticket sent out of the desk, newest first',
  request: { params: TicketIdParam },
  responses: {
    200: {
      description: 'seq names the escalated event of the timeline, action which of its actions.',
      content: { 'application/json': { schema: pageOf(StepNotice) } },
    },
    ...errorResponses,
  },
});

export function registerReadTickets(app: App, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { sort: wanted, limit, cursor, conditions: tree, ...ask } = c.req.valid('query');
    const access = c.get('access');
    const conditions = parseConditions(tree);
    const read = await readFilter(deps.sql, access, { ...ask, conditions });
    const sort = wanted ?? read.sort ?? '-updatedAt';
    refuseSort(access, sort);
    const place = decodeCursor(cursor, isPlace);
    if (place !== null && place.s !== sort) {
      throw new HoldfastError('invalidRequest', 'The cursor belongs to another sort order.');
    }
    const after = place === null ? null : { stage: place.g, value: place.v, id: place.id };
    const rows = await listTickets(deps.sql, read.filter, { sort, limit: limit + 1, after });
    const items = rows.slice(0, limit);
    const last = items.at(-1)?.place;
    const nextCursor =
      rows.length > limit && last !== undefined
        ? encodeCursor({ s: sort, g: last.stage, v: last.value, id: last.id })
        : null;
    const hints = ask.q === undefined ? {} : { hints: read.hints };
    const shown = items.map((row) => showTicket(deps, access, row));
    return c.json({ items: shown, nextCursor, ...hints }, 200);
  });

  app.openapi(getRoute, async (c) => {
    const access = c.get('access');
    const row = await requireTicket(deps, access, c.req.valid('param').id);
    return c.json(showOne(deps, access, row), 200);
  });

  app.openapi(timelineRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const { order, limit, cursor } = c.req.valid('query');
    const after = decodeCursor(cursor, isTimelinePlace);
    if (after !== null && after.order !== order) {
      throw new HoldfastError('invalidRequest', 'The cursor belongs to the other order.');
    }
    const page = { ticketId: id, order, after, limit, maxBytes: MAX_TIMELINE_BYTES };
    const { places, more } = await listTimelinePlaces(deps.sql, page);
    const last = places.at(-1);
    const nextCursor = more && last !== undefined ? encodeCursor({ ...last, order }) : null;
    return c.json({ items: await itemsAt(deps, places), nextCursor }, 200);
  });

  app.openapi(noticesRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const rows = await listStepNotices(deps.sql, id);
    const items = rows.map((row) => ({
      ...row,
      createdAt: row.createdAt.toISOString(),
      sentAt: row.sentAt?.toISOString() ?? null,
    }));
    return c.json({ items, nextCursor: null }, 200);
  });

  app.openapi(liveRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    return c.json(showLive(c.get('access'), liveToWire(await deps.gateway.live(id))), 200);
  });
}

/** The workflow's own state, without its deadlines where the caller has no seat for them. */
function showLive(access: Access, live: z.infer<typeof Live>): z.infer<typeof Live> {
  if (mayDo(access, 'sla.view')) return live;
  return { ...live, sla: NO_SLA, policyWhy: [], nextWake: wakeWithoutSla(live.nextWake) };
}

/** What stands at each place, in the order of the places. */
async function itemsAt(
  deps: ApiDeps,
  places: readonly TimelinePlace[],
): Promise<z.infer<typeof TimelineItem>[]> {
  const [messages, events] = await Promise.all([
    listMessagesByIds(
      deps.sql,
      places.flatMap(({ id }) => (id === null ? [] : [id])),
    ),
    listEventsByPlaces(
      deps.sql,
      places.filter(({ kind }) => kind === 'event'),
    ),
  ]);
  const messageOf = new Map(messages.map((row) => [row.id, row]));
  const eventOf = new Map(
    (await withCauses(deps.sql, events)).map((row) => [`${row.ticketId}/${row.seq}`, row]),
  );
  return places.flatMap((place): z.infer<typeof TimelineItem>[] => {
    const message = messageOf.get(place.id ?? '');
    if (message !== undefined) {
      const at = message.createdAt.toISOString();
      return [{ kind: 'message', at, message: messageToWire(message) }];
    }
    const event = eventOf.get(`${place.ticketId}/${place.seq}`);
    return event === undefined
      ? []
      : [{ kind: 'event', at: event.at.toISOString(), event: eventToWire(event) }];
  });
}

type TimelineCursor = TimelinePlace & { order: 'asc' | 'desc' };
const isTimelinePlace = (value: unknown): value is TimelineCursor => {
  const { at, kind, ticketId, seq, id, order } = (value ?? {}) as Partial<TimelineCursor>;
  return (
    isInstant(at) &&
    (order === 'asc' || order === 'desc') &&
    Number.isSafeInteger(ticketId) &&
    Number.isInteger(seq) &&
    Math.abs(Number(seq)) <= MAX_VERSION &&
    (kind === 'message' ? isUuid(id) : kind === 'event' && id === null)
  );
};

function liveToWire(live: TicketLive): z.infer<typeof Live> {
  const { routing, sla, nextWake, pendingSends, lease, ...rest } = live;
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    ...rest,
    routing: routing === null ? null : routingToWire(routing),
    sla: slaViewToWire(sla),
    nextWake: nextWake === null ? null : { at: at(nextWake.atMs), reason: nextWake.reason },
    pendingSends: pendingSends.map((send) => ({
      ...{ messageId: send.messageId, kind: send.kind, scheduled: send.scheduled },
      ...{ acceptedAt: at(send.acceptedAtMs), sendAt: at(send.sendAtMs) },
      statusAfter: send.statusAfter,
    })),
    lease:
      lease === null
        ? null
        : {
            ...{ mergeId: lease.mergeId, role: lease.role, peerId: lease.peerId },
            until: at(lease.untilMs),
          },
  };
}
