// Lists and search on years of tickets: every default view is served by an index, a search finds the same by either way it may take.
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedTickets } from '#bench/seed-tickets.ts';
import { seedDemo } from '#db/seed-demo.ts';
import type { SqlPool } from '#db/sql.ts';
import { seesAll } from '#domain/permissions.ts';
import { listTickets, TICKET_VIEWS } from '#db/tickets.ts';
import type { TicketFilter, TicketSort } from '#db/tickets.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';

const TICKETS = 20_000;
let database: TestDatabase;
let watched: SqlPool;
let userId: string;
const asked: { query: string; parameters: unknown[] }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await seedDemo(database.sql, 'hf_lists');
  await seedTickets(database.sql, TICKETS);
  const [user] = await database.sql<{ id: string }[]>`
    select assignee_id as id from tickets where assignee_id is not null limit 1`;
  userId = user?.id ?? '';
  watched = postgres(database.url, {
    max: 1,
    debug: (_connection, query, parameters) => void asked.push({ query, parameters }),
  }) as unknown as SqlPool;
}, 60_000);
afterAll(async () => {
  await watched.end();
  await database.drop();
});

const page = { sort: '-updatedAt' as TicketSort, limit: 50, after: null };
const list = (filter: Omit<TicketFilter, 'viewer'>, more: Partial<typeof page> = {}) =>
  listTickets(database.sql, { ...filter, viewer: seesAll(userId) }, { ...page, ...more });

/** The plan of the last page that was asked for. */
async function planOf(filter: Omit<TicketFilter, 'viewer'>, sort = page.sort): Promise<string> {
  asked.length = 0;
  await listTickets(watched, { ...filter, viewer: seesAll(userId) }, { ...page, sort });
  const last = asked.findLast(({ query }) => query.includes('with page as'));
  if (last === undefined) throw new Error('Nothing was asked.');
  const rows = await database.sql.unsafe(`explain ${last.query}`, last.parameters as never[]);
  return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
}

describe('a page of 50', () => {
  it.for(TICKET_VIEWS)('of the view %s reads no whole table', async (view) => {
    expect(await planOf({ view })).not.toMatch(/Seq Scan on (tickets|messages|contacts)/);
  });

  it.for([
    [{ tag: 'tag7' }, '-updatedAt'],
    [{ slaState: 'overdue' }, 'nextDueAt'],
    [{ priority: 'urgent', category: 'open' }, '-updatedAt'],
    [{ q: 'word77' }, '-updatedAt'],
    [{ q: 'printers' }, '-updatedAt'],
    [{ q: 'printers', view: 'assignedToMe' }, '-updatedAt'],
  ] as const)('narrowed by %j reads no whole table', async ([filter, sort]) => {
    expect(await planOf(filter, sort)).not.toMatch(/Seq Scan on (tickets|messages|contacts)/);
  });
});

describe('a search', () => {
  /** What it must find, worked out the slow way. */
  const naive = async (word: string): Promise<number[]> =>
    (
      await database.sql<{ id: number }[]>`
        select t.id from tickets t where exists (
          select 1 from messages m where m.ticket_id = t.id and position(${word} in m.body || ' ') > 0)
        order by t.updated_at desc, t.id desc`
    ).map(({ id }) => id);
  const all = async (q: string): Promise<number[]> => {
    const ids: number[] = [];
    for (let after: { value: string; id: number } | null = null; ;) {
      const rows: Awaited<ReturnType<typeof list>> = await list(
        { q },
        { after: after as never, limit: 2_000 },
      );
      ids.push(...rows.map(({ id }) => id));
      const last = rows.at(-1);
      if (last === undefined || rows.length < 2_000) return ids;
      after = { value: last.updatedAt.toISOString(), id: last.id };
    }
  };

  it('of rare words looks the words up', async () => {
    expect(await planOf({ q: 'word77' })).toContain('messages_search');
    expect(await all('word77')).toEqual(await naive('word77 '));
  });

  it('of common words walks the order of the page, and finds all the same', async () => {
    expect(await planOf({ q: 'printers' })).not.toContain('messages_search');
    const found = await all('printers');
    expect(found).toHaveLength(TICKETS);
    expect(found).toEqual(await naive('printers '));
  });
});
