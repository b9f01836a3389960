// Lists and search on years of tickets: every default view is served by an index, a search finds the same by either way it may take.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedTickets } from '#bench/seed-tickets.ts';
import { TYPICAL_VIEWS } from '#bench/typical-views.ts';
import { listHeldTickets } from '#db/availability.ts';
import { listDraftsOfTicket, listMyDrafts } from '#db/drafts.ts';
import { countUnreadNotifications, listNotifications } from '#db/notifications.ts';
import { deleteOldUploads } from '#db/reconcile.ts';
import { seedDemo } from '#db/seed-demo.ts';
import type { SqlPool } from '#db/sql.ts';
import { seesAll } from '#domain/permissions.ts';
import { countOtherTickets, listOtherTickets } from '#db/ticket-context.ts';
import { listTickets, TICKET_VIEWS } from '#db/tickets.ts';
import type { TicketFilter } from '#db/tickets.ts';
import type { TicketSort } from '#domain/ticket-sort.ts';
import { countLists } from '#db/views.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TicketPlace } from '#db/ticket-order.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { watchSql } from '#test/support/watched.ts';
import type { WatchedSql } from '#test/support/watched.ts';

const TICKETS = 20_000;
let database: TestDatabase;
let watched: WatchedSql;
let userId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedDemo(database.sql, 'hf_lists');
  await seedTickets(database.sql, TICKETS);
  const [user] = await database.sql<{ id: string }[]>`
    select assignee_id as id from tickets where assignee_id is not null limit 1`;
  userId = user?.id ?? '';
  watched = watchSql(database);
}, 60_000);
afterAll(async () => {
  await watched.end();
  await database.drop();
});

const page = { sort: '-updatedAt' as TicketSort, limit: 50, after: null };
const list = (filter: Omit<TicketFilter, 'viewer'>, more: Partial<typeof page> = {}) =>
  listTickets(database.sql, { ...filter, viewer: seesAll(userId) }, { ...page, ...more });

/** The plan of the last page that was asked for. */
async function planOf(
  filter: Omit<TicketFilter, 'viewer'>,
  sort: TicketSort = page.sort,
): Promise<string> {
  watched.asked.length = 0;
  await listTickets(watched.sql, { ...filter, viewer: seesAll(userId) }, { ...page, sort });
  return await plansOf((query) => query.includes('with page as'));
}

/** The plans of what was asked last. */
async function plansOf(wanted: (query: string) => boolean): Promise<string> {
  const plans: string[] = [];
  for (const one of watched.asked.filter(({ query }) => wanted(query))) {
    plans.push(await watched.planOf(one));
  }
  if (plans.length === 0) throw new Error('Nothing was asked.');
  return plans.join('\n');
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
    [{ q: 'word77', typing: true }, '-updatedAt'],
    [{ view: 'allOpen' }, 'sla'],
    [{ view: 'allOpen' }, '-priority'],
    [{ view: 'allOpen' }, 'priority'],
    [{ view: 'allOpen' }, 'updatedAt'],
    [{}, 'createdAt'],
  ] as const)('narrowed by %j reads no whole table', async ([filter, sort]) => {
    expect(await planOf(filter, sort)).not.toMatch(/Seq Scan on (tickets|messages|contacts)/);
  });
});

describe('a saved view', () => {
  it.for(TYPICAL_VIEWS)('"$what" reads no whole table', async ({ conditions, sort }) => {
    const plan = await planOf({ conditions }, sort);
    expect(plan).not.toMatch(/Seq Scan on (tickets|messages|contacts)/);
  });

  it('is counted, with all others, without reading a whole table', async () => {
    const lists = [
      ...TICKET_VIEWS.map((view) => ({ id: view, filter: { viewer: seesAll(userId), view } })),
      ...TYPICAL_VIEWS.map(({ what, conditions }) => ({
        id: what,
        filter: { viewer: seesAll(userId), conditions },
      })),
    ];
    watched.asked.length = 0;
    const counts = await countLists(watched.sql, lists, 1_001, { allMs: 60_000, eachMs: 60_000 });
    expect(counts.size).toBe(lists.length);
    const plan = await plansOf((query) => query.includes('found) as'));
    expect(plan).not.toMatch(/Seq Scan on (tickets|messages|contacts)/);
  });

  it('of a customer finds the few tickets of the few people first', async () => {
    const conditions = { field: 'requester', op: 'contains', value: 'customer77@' } as const;
    expect(await planOf({ conditions })).toContain('tickets_requester');
    const names = watched.asked.filter(({ query }) => query.includes('ilike'));
    expect(names).toHaveLength(1);
    // Two thousand contacts are read as fast as looked up: what counts is that the index can be used.
    const rows = await database.sql.begin(async (tx) => {
      await tx`set local enable_seqscan = off`;
      const { query = '', parameters = [] } = names[0] ?? {};
      return await tx.unsafe(`explain ${query}`, parameters as never[]);
    });
    expect(JSON.stringify(rows)).toContain('contacts_words');
  });
});

it('every list is planned for what it asks, however often it was asked before', async () => {
  const [row] = await database.sql`select current_setting('plan_cache_mode') as mode`;
  expect(row?.['mode']).toBe('force_custom_plan');
});

it('what becomes of the tickets of somebody who goes away is read by an index', async () => {
  watched.asked.length = 0;
  await listHeldTickets(watched.sql, { userId, teamId: null, limit: 50 });
  const held = watched.asked.filter(({ query }) => query.includes('assignee_id'));
  expect(held).toHaveLength(2);
  for (const one of held) {
    const plan = await watched.planOf(one);
    expect(plan).not.toMatch(/Seq Scan on tickets/);
  }
});

describe('what a page asks besides', () => {
  const ticketId = 77;
  const asks: Record<string, (sql: SqlPool) => Promise<unknown>> = {
    'the other tickets of a contact': (sql) => listOtherTickets(sql, seesAll(userId), ticketId, 5),
    'how many they are': (sql) => countOtherTickets(sql, seesAll(userId), ticketId, 501),
    'notices at the bell': (sql) =>
      listNotifications(sql, seesAll(userId), { unread: false, limit: 50, before: null }),
    'unread notices': (sql) =>
      listNotifications(sql, seesAll(userId), { unread: true, limit: 50, before: null }),
    'how many notices are unread': (sql) => countUnreadNotifications(sql, seesAll(userId), 1_001),
    'drafts of a person': (sql) => listMyDrafts(sql, seesAll(userId), { limit: 50, before: null }),
    'drafts for a ticket': (sql) => listDraftsOfTicket(sql, userId, ticketId),
    'uploads that nobody keeps': (sql) => deleteOldUploads(sql, 24),
  };
  beforeAll(async () => {
    const { sql } = database;
    await sql`
      insert into notifications (user_id, ticket_id, seq, type, at, read_at)
      select u.id, 1 + n % ${TICKETS}, 100 + n, 'ended', now() - n * interval '1 minute', case when n % 50 > 0 then now() end
      from users u, generate_series(1, 3000) n`;
    await sql`
      insert into composer_drafts (user_id, ticket_id, kind, content)
      select u.id, n, 'reply', '{}' from users u, generate_series(1, 2000) n`;
    await sql`
      insert into attachments (name, content_type, size_bytes, sha256, store_key)
      select 'x', 'x', 1, 'x', 'x' from generate_series(1, 3000)`;
    await sql`analyze notifications, composer_drafts, attachments`;
  });
  it.for(Object.keys(asks))('reads no whole table: %s', async (name) => {
    watched.asked.length = 0;
    await asks[name]?.(watched.sql);
    const plan = await watched.planOf(watched.asked.at(-1));
    expect(plan).not.toMatch(
      /Seq Scan on (tickets|messages|notifications|composer_drafts|attachments)/,
    );
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
    for (let after: TicketPlace | null = null; ;) {
      const rows: Awaited<ReturnType<typeof list>> = await list(
        { q },
        { after: after as never, limit: 2_000 },
      );
      ids.push(...rows.map(({ id }) => id));
      const last = rows.at(-1);
      if (last === undefined || rows.length < 2_000) return ids;
      after = last.place;
    }
  };

  it('of rare words looks the words up', async () => {
    expect(await planOf({ q: 'word77' })).toContain('messages_search');
    expect(await all('word77')).toEqual(await naive('word77 '));
  });

  describe('of words that one ticket in thirteen holds', () => {
    beforeAll(async () => {
      await database.sql`
        insert into messages (ticket_id, kind, state, body, created_at)
        select id, 'note', 'posted', 'middling matters', created_at from tickets where id % 13 = 0`;
      await database.sql`vacuum analyze messages`;
    });

    it('walks the order of the page with the words collected once', async () => {
      const plan = await planOf({ q: 'middling' });
      expect(plan).toContain('hashed SubPlan');
      expect(plan).toContain('messages_search');
      expect(await all('middling')).toEqual(await naive('middling '));
    });

    // Walked to its end, the order would take 15 s at a million.
    it('looks the words up after a part of the way when the page is not full by then', async () => {
      watched.asked.length = 0;
      const filter = { q: 'middling', status: 'new', viewer: seesAll(userId) };
      const found = await listTickets(watched.sql, filter, { ...page, limit: 1_000 });
      const [first = '', second = '', ...more] = watched.asked
        .map(({ query }) => query)
        .filter((query) => query.includes('with page as'));
      expect(first).toContain('t.id in (');
      expect(second).toContain('t.id = any(array(');
      expect(more).toEqual([]);
      const wanted = await database.sql<{ id: number }[]>`
        select id from tickets where id % 13 = 0 and status = 'new' and not spam order by updated_at desc, id desc`;
      expect(found.map(({ id }) => Number(id))).toEqual(wanted.map(({ id }) => id));
      expect(found.length).toBeGreaterThan(20);
    });
  });

  it('of common words walks the order of the page, and finds all the same', async () => {
    expect(await planOf({ q: 'printers' })).not.toContain('messages_search');
    const found = await all('printers');
    expect(found).toHaveLength(TICKETS);
    expect(found).toEqual(await naive('printers '));
  });
});
