// GET /search: what the command palette finds while somebody types: tickets, with the words around the hit, people and companies.
import { createRoute, z } from '@hono/zod-openapi';
import { HIT_MARKS, listSnippets, searchCompanies, searchContacts } from '#db/search.ts';
import { listTickets } from '#db/tickets.ts';
import type { ListedTicket, TicketFilter } from '#db/tickets.ts';
import { mayDo } from '#domain/permissions.ts';
import type { ApiDeps, App } from './app-env.ts';
import { At, Category, errorResponses, Priority, text } from './schemas.ts';
import { readSearch, refuseDeadlines } from './tickets/filter.ts';

const FoundTicket = z
  .strictObject({
    id: z.number().int(),
    subject: z.string(),
    status: z.string(),
    category: Category,
    priority: Priority,
    requester: z.strictObject({
      id: z.string(),
      name: z.string().nullable(),
      email: z.string().nullable(),
    }),
    assigneeId: z.string().nullable(),
    updatedAt: At,
    snippet: z
      .array(z.strictObject({ text: z.string(), hit: z.boolean() }))
      .nullable()
      .openapi({ description: 'The words around the newest hit; null when no message has one.' }),
  })
  .openapi('FoundTicket');
const Found = z.strictObject({
  tickets: z.array(FoundTicket),
  contacts: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string().nullable(),
      email: z.string().nullable(),
      phone: z.string().nullable(),
      companyId: z.string().nullable(),
    }),
  ),
  companies: z.array(
    z.strictObject({ id: z.string(), name: z.string(), domain: z.string().nullable() }),
  ),
  hints: z.array(z.strictObject({ text: z.string(), message: z.string() })),
});
const searchRoute = createRoute({
  method: 'get',
  path: '/api/v1/search',
  operationId: 'search',
  summary: 'Tickets, contacts and companies for what somebody is typing',
  request: {
    query: z.object({
      q: text(500, 1).openapi({
        description: 'As for the list of tickets; the last word may be the beginning of one.',
      }),
      limit: z.coerce.number().int().min(1).max(20).default(8).openapi({ description: 'Of each.' }),
    }),
  },
  responses: {
    200: {
      description:
        'The last changed tickets first; none that were merged away, spam only with is:spam.',
      content: { 'application/json': { schema: Found } },
    },
    ...errorResponses,
  },
});

/** The search of the palette. */
export function registerSearch(app: App, deps: ApiDeps): void {
  app.openapi(searchRoute, async (c) => {
    const { q, limit } = c.req.valid('query');
    const read = await readSearch(deps.sql, q);
    const { q: words, ticketId } = read.filter;
    const access = c.get('access');
    refuseDeadlines(access, read.conditions);
    const filter: TicketFilter = {
      ...read.filter,
      ...{ viewer: access, typing: true, conditions: { all: read.conditions } },
    };
    // People have neither numbers nor statuses: who asks for those means tickets.
    const aboutTickets = read.conditions.length > 0 || ticketId !== undefined;
    const people = aboutTickets || !mayDo(access, 'contact.view') ? undefined : words;
    const name = people?.replaceAll('"', '').trim() ?? '';
    const [tickets, contacts, companies] = await Promise.all([
      findTickets(deps, filter, limit),
      name === '' ? [] : searchContacts(deps.sql, name, limit),
      name === '' ? [] : searchCompanies(deps.sql, name, limit),
    ]);
    return c.json({ tickets, contacts, companies, hints: read.hints }, 200);
  });
}

async function findTickets(
  { sql }: ApiDeps,
  filter: TicketFilter,
  limit: number,
): Promise<z.infer<typeof FoundTicket>[]> {
  const page = { sort: '-updatedAt' as const, limit, after: null };
  const rows = await listTickets(sql, filter, page);
  const number = /^[1-9]\d{0,14}$/.exec(filter.q ?? '')?.[0];
  const byNumber =
    number === undefined
      ? []
      : await listTickets(sql, { viewer: filter.viewer, ticketId: Number(number) }, page);
  const found = [...byNumber, ...rows.filter(({ id }) => id !== byNumber[0]?.id)].slice(0, limit);
  const snippets =
    filter.q === undefined
      ? []
      : await listSnippets(
          sql,
          found.map(({ id }) => id),
          filter.q,
        );
  return found.map((row) =>
    toWire(
      row,
      snippets.find(({ ticketId }) => ticketId === row.id),
    ),
  );
}

function toWire(
  row: ListedTicket,
  hit: { snippet: string } | undefined,
): z.infer<typeof FoundTicket> {
  const { id, subject, status, requester, assigneeId } = row;
  return {
    ...{ id, subject, status, assigneeId, updatedAt: row.updatedAt.toISOString() },
    // The database checks these two lists.
    category: row.category as z.infer<typeof Category>,
    priority: row.priority as z.infer<typeof Priority>,
    requester: { id: requester.id, name: requester.name, email: requester.email },
    snippet: hit === undefined ? null : partsOf(hit.snippet),
  };
}

/** Text and hits in turn, so that nobody has to put marks into HTML. */
function partsOf(snippet: string): { text: string; hit: boolean }[] {
  return snippet
    .split(HIT_MARKS.begin)
    .flatMap((piece, at) => {
      const [hit = '', rest = ''] = at === 0 ? ['', piece] : piece.split(HIT_MARKS.end);
      return [
        { text: hit, hit: true },
        { text: rest, hit: false },
      ];
    })
    .filter((part) => part.text !== '');
}
