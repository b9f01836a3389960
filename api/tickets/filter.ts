// What lists of tickets, and bulk changes, can be narrowed to. The same words in both, so that what a list shows is what a change takes.
import { z } from '@hono/zod-openapi';
import { findNamed } from '#db/search.ts';
import { TICKET_VIEWS } from '#db/tickets.ts';
import type { TicketFilter, TicketView } from '#db/tickets.ts';
import type { Sql } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import { categoriesNamed, parseSearch, SEARCH_OPERATORS } from '#domain/search-query.ts';
import type { NamedAsk, SearchHint, SearchQuery } from '#domain/search-query.ts';
import type { TicketSort } from '#domain/ticket-sort.ts';
import { viewFields } from '#domain/view-conditions.ts';
import type { ViewConditions } from '#domain/view-conditions.ts';
import { mayUseView } from '#domain/permissions.ts';
import type { Access } from '#domain/permissions.ts';
import { requirePermission } from '../access.ts';
import { Priority, text, Uuid } from '../schemas.ts';
import { requireView } from '../views/access.ts';
import { ViewConditionsSchema } from '../views/schemas.ts';

/** Fields of a filter; all optional, all must hold. */
export const TicketFilterFields = {
  view: z
    .union([z.enum(TICKET_VIEWS), Uuid])
    .optional()
    .openapi({ description: 'A default view by name, or a saved one by id.' }),
  status: text(64).optional(),
  category: z.enum(['new', 'open', 'waiting', 'closed']).optional(),
  assigneeId: z.union([Uuid, z.literal('none'), z.literal('me')]).optional(),
  teamId: Uuid.optional(),
  priority: Priority.optional(),
  channel: z.enum(['email', 'api', 'form']).optional(),
  tag: text(100, 1).optional(),
  requesterId: Uuid.optional(),
  slaState: z.enum(['none', 'ok', 'dueSoon', 'overdue', 'paused', 'completed']).optional(),
  q: text(500, 1)
    .optional()
    .openapi({
      description:
        `Words, "exact words", -words, #123, and the operators ${SEARCH_OPERATORS.map((one) => `\`${one}:\``).join(' ')}. ` +
        'What is not understood is searched for as text, and `hints` says so.',
    }),
};

/** What was asked for by those fields. */
export interface TicketAsk {
  view?: string | undefined;
  assigneeId?: string | undefined;
  slaState?: string | undefined;
  q?: string | undefined;
  conditions?: ViewConditions | undefined;
}

/** A filter as the database takes it, the order of its view, and what of a search was not understood. */
export interface ReadFilter {
  filter: TicketFilter;
  sort: TicketSort | null;
  hints: SearchHint[];
}

/** Looks up what a filter names: the saved view, the caller, and the names in a search. Refuses what the caller needs a seat for. */
export async function readFilter<T extends TicketAsk>(
  sql: Sql,
  access: Access,
  ask: T,
): Promise<ReadFilter> {
  const { view, assigneeId, q, conditions: asked, ...rest } = ask;
  const { userId } = access;
  if (view !== undefined && !mayUseView(access, view)) requirePermission(access, 'view.all');
  const saved =
    view === undefined || isDefaultView(view) ? null : await requireView(sql, access, view);
  const search = q === undefined ? null : await readSearch(sql, q);
  const trees = [saved?.conditions, asked, ...(search?.conditions ?? [])].filter(
    (tree) => tree !== undefined,
  );
  if (ask.slaState !== undefined) requirePermission(access, 'sla.view');
  refuseDeadlines(access, trees);
  const filter: TicketFilter = {
    ...rest,
    ...{ viewer: access, assigneeId: assigneeId === 'me' ? userId : assigneeId },
    ...(view !== undefined && isDefaultView(view) ? { view } : {}),
    ...(search === null ? {} : search.filter),
    ...(trees.length === 0 ? {} : { conditions: { all: trees } }),
  };
  return { filter, sort: saved?.sort ?? null, hints: search?.hints ?? [] };
}

/** Whether a condition asks for deadlines or how they stand. */
const ON_DEADLINES = /^(slaState|due|goal\..*|goalCompletedAt\..*)$/;

/** Refuses conditions on deadlines to who may not see these: the list would tell. */
export function refuseDeadlines(access: Access, trees: readonly ViewConditions[]): void {
  if (trees.some((tree) => viewFields(tree).some((field) => ON_DEADLINES.test(field))))
    requirePermission(access, 'sla.view');
}

/** The same of an order by deadlines. */
export function refuseSort(access: Access, sort: TicketSort): void {
  if (sort === 'sla' || sort === 'nextDueAt') requirePermission(access, 'sla.view');
}

export const isDefaultView = (view: string): view is TicketView =>
  (TICKET_VIEWS as readonly string[]).includes(view);

/** A search with its names looked up. */
export interface ReadSearch {
  filter: Pick<TicketFilter, 'q' | 'without' | 'ticketId'>;
  conditions: ViewConditions[];
  hints: SearchHint[];
}

/** Takes a search apart and finds out whom and what it names; a name of nobody finds nothing, and a hint says why. */
export async function readSearch(sql: Sql, q: string): Promise<ReadSearch> {
  const { words, without, ticketId, conditions, named, hints }: SearchQuery = parseSearch(q);
  const found = await findNamed(
    sql,
    named.flatMap(({ field, names }) => names.map((name) => ({ field, name }))),
  );
  const trees = named.map((ask) => {
    const any = ask.names.flatMap((name) => {
      const trees = namedTrees(ask.field, name, found);
      if (trees.length === 0)
        hints.push({ text: ask.text, message: `nothing is called "${name}"` });
      return trees;
    });
    return ask.negated ? { not: { any } } : { any };
  });
  return {
    filter: {
      ...(words === null ? {} : { q: words }),
      ...(without.length === 0 ? {} : { without }),
      ...(ticketId === null ? {} : { ticketId }),
    },
    conditions: [...conditions, ...trees],
    hints,
  };
}

const WORDS: Record<string, Record<string, string>> = {
  assignee: { me: 'me', nobody: 'nobody', none: 'nobody' },
  team: { mine: 'mine', none: 'none' },
};

function namedTrees(
  field: NamedAsk['field'],
  name: string,
  found: readonly { field: string; name: string; ids: string[] }[],
): ViewConditions[] {
  const word = WORDS[field]?.[name.toLowerCase()];
  if (word !== undefined) return [{ field, op: 'is', value: word }];
  const ids = found.find((one) => one.field === field && one.name === name)?.ids ?? [];
  if (ids.length > 0) return [{ field, op: 'in', value: ids }];
  const categories = field === 'status' ? categoriesNamed(name) : [];
  return categories.length === 0 ? [] : [{ field: 'category', op: 'in', value: categories }];
}

/** A tree of conditions in a query string. */
export const ConditionsParam = text(8_000, 2).optional().openapi({
  description:
    'A tree of conditions like that of a view, as JSON. The tickets of a view that is not saved.',
});

/** Reads it, or refuses it naming what is wrong with it. */
export function parseConditions(json: string | undefined): ViewConditions | undefined {
  if (json === undefined) return undefined;
  const parsed = ViewConditionsSchema.safeParse(parseJson(json));
  if (parsed.success) return parsed.data as ViewConditions;
  throw new HoldfastError('invalidRequest', 'The conditions cannot be read.', {
    errors: parsed.error.issues.slice(0, 10).map(({ path, message }) => ({
      ...{
        pointer: `/query/conditions${path.map((step) => `/${String(step)}`).join('')}`,
        message,
      },
    })),
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
