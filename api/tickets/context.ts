// Everything a ticket's page shows beside its timeline, in one answer; and who follows it.
import { createRoute, z } from '@hono/zod-openapi';
import { listDraftsOfTicket } from '#db/drafts.ts';
import { listPresence } from '#db/presence.ts';
import { countOtherTickets, findTicketContext, listOtherTickets } from '#db/ticket-context.ts';
import type { TicketContextRow } from '#db/ticket-context.ts';
import { HoldfastError } from '#domain/errors.ts';
import { GOAL_NAMES } from '#domain/desk.ts';
import { mayDo } from '#domain/permissions.ts';
import type { Access } from '#domain/permissions.ts';
import { requireLayoutOf, SidebarLayoutSchema } from '../admin/sidebar-layouts.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { PresenceSchema, presenceToWire } from '../presence.ts';
import {
  At,
  Category,
  DraftSchema,
  errorResponses,
  pageOf,
  Priority,
  TicketIdParam,
  TicketSchema,
} from '../schemas.ts';
import { draftToWire } from './drafts.ts';
import { requireSight, requireTicket, showOne } from './show.ts';

const NEWEST_OTHERS = 5;
const MAX_COUNTED = 500;
const Named = z.strictObject({ id: z.string(), name: z.string() });
const Target = z
  .strictObject({ seconds: z.number(), dueSoonSeconds: z.number().nullable() })
  .nullable();
const OtherTicket = z
  .strictObject({
    ...{ id: z.number().int(), subject: z.string(), status: z.string(), category: Category },
    ...{ priority: Priority, assigneeId: z.string().nullable(), createdAt: At, updatedAt: At },
  })
  .openapi('OtherTicket');
/** Everything around a ticket as JSON. */
export const Context = z
  .strictObject({
    ticket: TicketSchema,
    contact: z.strictObject({
      ...{ id: z.string(), name: z.string().nullable(), email: z.string().nullable() },
      ...{ phone: z.string().nullable(), createdAt: At },
      owner: Named.nullable(),
    }),
    company: z.strictObject({ ...Named.shape, domain: z.string().nullable() }).nullable(),
    assignee: Named.nullable(),
    team: Named.nullable(),
    mailbox: z.strictObject({ ...Named.shape, address: z.string().nullable() }).nullable(),
    pipeline: z.strictObject({
      ...Named.shape,
      statuses: z.array(z.strictObject({ ...Named.shape, category: Category })),
    }),
    otherTickets: z
      .strictObject({
        items: z.array(OtherTicket),
        count: z.number().int(),
        more: z.boolean(),
      })
      .openapi({
        description: `The contact's newest ${NEWEST_OTHERS} that the caller sees, and how many there are, counted up to ${MAX_COUNTED}.`,
      }),
    policy: z
      .strictObject({
        ...Named.shape,
        version: z.number().int(),
        conditions: z.array(
          z.strictObject({ field: z.string(), op: z.string(), value: z.unknown().optional() }),
        ),
        targets: z.strictObject({ firstReply: Target, nextReply: Target, close: Target }),
        pauseStatuses: z
          .array(z.string())
          .openapi({ description: 'Ids of statuses in which all three clocks stand still.' }),
        calendar: z.strictObject({ ...Named.shape, version: z.number().int() }).nullable(),
      })
      .nullable()
      .openapi({
        description:
          'The version that rules the ticket: all of its conditions held. Targets are in working time of the calendar, or around the clock without one. How the goals stand is in ticket.sla.',
      }),
    language: z.string().nullable(),
    followers: z.array(Named),
    drafts: z.array(DraftSchema).openapi({ description: 'The caller’s own.' }),
    presence: PresenceSchema.shape.people,
    layout: SidebarLayoutSchema,
  })
  .openapi('TicketContext');

const contextRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/context',
  operationId: 'getTicketContext',
  summary: 'All that a ticket’s page shows beside its timeline',
  request: { params: TicketIdParam },
  responses: {
    200: {
      description: 'As it is now.',
      content: { 'application/json': { schema: Context } },
    },
    ...errorResponses,
  },
});
const followersRoute = createRoute({
  method: 'get',
  path: '/api/v1/tickets/{id}/followers',
  operationId: 'listFollowers',
  summary: 'Who follows a ticket, by name',
  request: { params: TicketIdParam },
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: pageOf(Named) } },
    },
    ...errorResponses,
  },
});

/** The page's data and its followers. */
export function registerTicketContext(app: App, deps: ApiDeps): void {
  app.openapi(contextRoute, async (c) =>
    c.json(await contextOf(deps, c.req.valid('param').id, c.get('access')), 200),
  );
  app.openapi(followersRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const found = await findTicketContext(deps.sql, id);
    return c.json({ items: found?.followers ?? [], nextCursor: null }, 200);
  });
}

async function contextOf(
  deps: ApiDeps,
  id: number,
  access: Access,
): Promise<z.infer<typeof Context>> {
  const { sql } = deps;
  const { userId } = access;
  const row = await requireTicket(deps, access, id);
  const [around, others, count, drafts, present, layout] = await Promise.all([
    findTicketContext(sql, id),
    listOtherTickets(sql, access, id, NEWEST_OTHERS),
    countOtherTickets(sql, access, id, MAX_COUNTED + 1),
    listDraftsOfTicket(sql, userId, id),
    listPresence(sql, id),
    requireLayoutOf(sql, userId),
  ]);
  if (around === undefined) throw new HoldfastError('notFound', 'There is no such ticket.');
  const { contact, owner, policy, calendar, ...rest } = around;
  return {
    ...rest,
    ticket: showOne(deps, access, row),
    contact: { ...contact, createdAt: new Date(contact.createdAt).toISOString(), owner },
    otherTickets: {
      items: others.map((one) => OtherTicket.parse(withInstants(one))),
      ...{ count: Math.min(count, MAX_COUNTED), more: count > MAX_COUNTED },
    },
    policy: policy === null || !mayDo(access, 'sla.view') ? null : policyToWire(policy, calendar),
    drafts: drafts.map(draftToWire),
    presence: presenceToWire(id, present).people,
    layout,
  };
}

function withInstants<T extends { createdAt: Date; updatedAt: Date }>(row: T) {
  const { createdAt, updatedAt } = row;
  return { ...row, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

function policyToWire(
  { goals, ...policy }: NonNullable<TicketContextRow['policy']>,
  calendar: TicketContextRow['calendar'],
): NonNullable<z.infer<typeof Context>['policy']> {
  const targets = GOAL_NAMES.map((name) => {
    const goal = goals[name];
    const { seconds = 0, dueSoonSeconds = null } = goal ?? {};
    return [name, goal === undefined ? null : { seconds, dueSoonSeconds }] as const;
  });
  return {
    ...policy,
    targets: Object.fromEntries(targets) as Record<
      (typeof GOAL_NAMES)[number],
      { seconds: number; dueSoonSeconds: number | null } | null
    >,
    calendar,
  };
}
