// How many tickets each view holds, and what a view that is not saved yet would show.
import { createRoute, z } from '@hono/zod-openapi';
import { listTickets, TICKET_VIEWS } from '#db/tickets.ts';
import type { TicketFilter } from '#db/tickets.ts';
import { countLists, listViews } from '#db/views.ts';
import { TICKET_SORTS } from '#domain/ticket-sort.ts';
import type { ViewConditions } from '#domain/view-conditions.ts';
import { mayDo, mayUseView } from '#domain/permissions.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses, TicketSchema } from '../schemas.ts';
import { refuseDeadlines, refuseSort } from '../tickets/filter.ts';
import { showTicket } from '../tickets/show.ts';
import { ViewConditionsSchema } from './schemas.ts';

/** Beyond this nobody reads the figure. */
const MAX_COUNTED = 1_000;
/** People do not wait longer for figures beside a list. */
const PATIENCE = { allMs: 1_000, eachMs: 200 };

const Count = z.strictObject({
  count: z.number().int().nullable(),
  capped: z.boolean(),
});
const countsRoute = createRoute({
  method: 'get',
  path: '/api/v1/views/counts',
  operationId: 'countViews',
  summary: 'How many tickets each view that the caller sees holds',
  responses: {
    200: {
      description:
        `By id, for default views by name. Counted up to ${MAX_COUNTED}: capped says that there are more. ` +
        'count is null for a view that takes too long to count.',
      content: {
        'application/json': { schema: z.strictObject({ counts: z.record(z.string(), Count) }) },
      },
    },
    ...errorResponses,
  },
});
const previewRoute = createRoute({
  method: 'post',
  path: '/api/v1/views/preview',
  operationId: 'previewView',
  summary: 'How many tickets conditions hold for now, and the first of them',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            conditions: ViewConditionsSchema,
            sort: z.enum(TICKET_SORTS).default('-updatedAt'),
            limit: z.number().int().min(1).max(50).default(10),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The count like those of views, and a page.',
      content: {
        'application/json': {
          schema: Count.extend({ items: z.array(TicketSchema) }),
        },
      },
    },
    ...errorResponses,
  },
});

const wireCount = (count: number | null): z.infer<typeof Count> =>
  count === null
    ? { count: null, capped: false }
    : { count: Math.min(count, MAX_COUNTED), capped: count > MAX_COUNTED };

/** Both routes. */
export function registerViewCounts(app: App, deps: ApiDeps): void {
  app.openapi(countsRoute, async (c) => {
    const viewer = c.get('access');
    const { userId } = viewer;
    const saved = mayDo(viewer, 'view.all')
      ? await listViews(deps.sql, { userId, all: false })
      : [];
    const asks: { id: string; filter: TicketFilter }[] = [
      ...TICKET_VIEWS.filter((view) => mayUseView(viewer, view)).map((view) => ({
        ...{ id: view, filter: { view, viewer } },
      })),
      ...saved.map(({ id, conditions }) => ({ id, filter: { conditions, viewer } })),
    ];
    const counts = await countLists(deps.sql, asks, MAX_COUNTED + 1, PATIENCE);
    const entries = asks.map(({ id }) => [id, wireCount(counts.get(id) ?? null)]);
    return c.json({ counts: Object.fromEntries(entries) }, 200);
  });
  app.openapi(previewRoute, async (c) => {
    const viewer = c.get('access');
    const { sort, limit, ...ask } = c.req.valid('json');
    const filter = { conditions: ask.conditions as ViewConditions, viewer };
    refuseSort(viewer, sort);
    refuseDeadlines(viewer, [filter.conditions]);
    const [rows, counts] = await Promise.all([
      listTickets(deps.sql, filter, { sort, limit, after: null }),
      countLists(deps.sql, [{ id: 'draft', filter }], MAX_COUNTED + 1, PATIENCE),
    ]);
    const items = rows.map((row) => showTicket(deps, viewer, row));
    return c.json({ ...wireCount(counts.get('draft') ?? null), items }, 200);
  });
}
