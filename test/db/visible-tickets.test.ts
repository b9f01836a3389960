// Who sees which tickets, on years of them: what the fragment finds is what its words say, worked out the slow way, and a page of it is
// found by an index, for somebody who sees half the desk as for somebody who sees nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedTickets } from '#bench/seed-tickets.ts';
import { findGrant } from '#db/access.ts';
import { insertUser, saveTeam } from '#db/people.ts';
import { seedDemo } from '#db/seed-demo.ts';
import type { SqlPool } from '#db/sql.ts';
import { listTickets, TICKET_VIEWS } from '#db/tickets.ts';
import { countLists } from '#db/views.ts';
import type { TicketPlace } from '#db/ticket-order.ts';
import type { ListedTicket, TicketFilter } from '#db/tickets.ts';
import type { TicketAccess, Viewer } from '#domain/permissions.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { watchSql } from '#test/support/watched.ts';
import type { WatchedSql } from '#test/support/watched.ts';

const TICKETS = 100_000;
let database: TestDatabase;
let watched: WatchedSql;
const viewers: Record<string, Viewer> = {};
const VIEWERS = [
  'own, one in six',
  'own, nothing',
  'team, half of all',
  'team, a small one',
  'team, none',
] as const;

beforeAll(async () => {
  database = await createTestDatabase();
  const { sql } = database;
  await seedDemo(sql, 'hf_visible');
  await seedTickets(sql, TICKETS);
  const small = await saveTeam(sql, { id: null, name: 'Small', strategy: 'manual', members: [] });
  const other = await saveTeam(sql, { id: null, name: 'Other', strategy: 'manual', members: [] });
  const [busy] = await sql<{ id: string }[]>`
    select assignee_id as id from tickets where assignee_id is not null limit 1`;
  const [support] = await sql<{ id: string }[]>`select id from teams where name = 'Support'`;
  const [fresh, mate] = [await newUser(sql, 'fresh'), await newUser(sql, 'mate')];
  // A few of a small team, a few without a team: nobody's, a mate's, a stranger's.
  await sql`update tickets set team_id = ${small?.id ?? ''} where id % 20000 = 7`;
  await sql`update tickets set team_id = null, assignee_id = null where id % 30000 = 11`;
  await sql`update tickets set team_id = null, assignee_id = ${mate} where id % 30000 = 13`;
  await sql`update tickets set team_id = null where id % 30000 = 17`;
  await sql`update tickets set team_id = ${other?.id ?? ''} where id % 3 = 2`;
  await sql`vacuum analyze tickets`;
  const viewer = (userId: string, ticketAccess: TicketAccess, teamIds: string[] = []): Viewer => ({
    ...{ userId, ticketAccess, teamIds, mateIds: teamIds.length === 0 ? [] : [userId, mate] },
  });
  viewers['own, one in six'] = viewer(busy?.id ?? '', 'own');
  viewers['own, nothing'] = viewer(fresh, 'own');
  viewers['team, half of all'] = viewer(busy?.id ?? '', 'team', [support?.id ?? '']);
  viewers['team, a small one'] = viewer(fresh, 'team', [small?.id ?? '']);
  viewers['team, none'] = viewer(fresh, 'team');
  watched = watchSql(database);
}, 240_000);
afterAll(async () => {
  await watched.end();
  await database.drop();
});

async function newUser(sql: SqlPool, name: string): Promise<string> {
  const made = await insertUser(sql, {
    ...{ name, email: `${name}@desk.test`, role: 'agent', seat: true, capacity: null, skills: [] },
    ...{ availability: 'away', workingHours: null, active: true },
  });
  return made?.id ?? '';
}

const page = { sort: '-updatedAt' as const, limit: 50, after: null };
const viewerOf = (name: string): Viewer => {
  const viewer = viewers[name];
  if (viewer === undefined) throw new Error(name);
  return viewer;
};

/** How many pages of the table a page of the list has read: what it costs, whatever else the machine does. */
async function buffersOf(filter: TicketFilter): Promise<{ plan: string; buffers: number }> {
  watched.asked.length = 0;
  await listTickets(watched.sql, filter, page);
  const last = watched.asked.findLast(({ query }) => query.includes('with page as'));
  const plan = await watched.planOf(last, 'analyze, buffers, timing off');
  const read = /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(plan);
  return { plan, buffers: Number(read?.[1] ?? 0) + Number(read?.[2] ?? 0) };
}

/** What somebody sees, in the words of ARCHITECTURE.md. */
async function naive(viewer: Viewer): Promise<number[]> {
  const rows = await database.sql<
    { id: number; assigneeId: string | null; teamId: string | null; followers: string[] }[]
  >`select id, assignee_id as "assigneeId", team_id as "teamId", followers from tickets`;
  const named = new Set(
    (
      await database.sql<{ id: number }[]>`
        select m.ticket_id as id from message_mentions n join messages m on m.id = n.message_id
        where n.user_id = ${viewer.userId} and m.state = 'posted'`
    ).map(({ id }) => id),
  );
  const own = (one: (typeof rows)[number]): boolean =>
    one.assigneeId === viewer.userId || one.followers.includes(viewer.userId) || named.has(one.id);
  const teams = ({ assigneeId, teamId }: (typeof rows)[number]): boolean =>
    teamId === null
      ? assigneeId === null || viewer.mateIds.includes(assigneeId)
      : viewer.teamIds.includes(teamId);
  return rows
    .filter((one) => own(one) || (viewer.ticketAccess === 'team' && teams(one)))
    .map(({ id }) => id)
    .toSorted((one, other) => other - one);
}

describe.for(VIEWERS)('somebody who sees %s', (name) => {
  it('finds what they see and nothing else', async () => {
    const viewer = viewerOf(name);
    const found: number[] = [];
    for (let after: TicketPlace | null = null; ;) {
      const rows: ListedTicket[] = await listTickets(
        database.sql,
        { viewer },
        { sort: '-id', limit: 5_000, after },
      );
      found.push(...rows.map(({ id }) => id));
      after = rows.at(-1)?.place ?? null;
      if (rows.length < 5_000) break;
    }
    expect(found).toEqual(await naive(viewer));
  }, 60_000);

  it.for([undefined, ...TICKET_VIEWS])('gets a page of the view %s by an index', async (view) => {
    const { plan, buffers } = await buffersOf({ viewer: viewerOf(name), view });
    expect(plan).not.toMatch(/Seq Scan on (tickets|messages|contacts)/);
    expect(buffers).toBeLessThan(5_000);
  });

  it('has every view counted like its list', async () => {
    const viewer = viewerOf(name);
    const asks = TICKET_VIEWS.map((view) => ({ id: view, filter: { viewer, view } }));
    const patience = { allMs: 60_000, eachMs: 60_000 };
    const counts = await countLists(database.sql, asks, 300, patience);
    for (const view of TICKET_VIEWS) {
      const rows = await listTickets(database.sql, { viewer, view }, { ...page, limit: 300 });
      expect([view, counts.get(view)]).toEqual([view, rows.length]);
    }
  });
});

describe('the rights of a user', () => {
  it('come with their teams, and with their teammates when these decide what they see', async () => {
    const { sql } = database;
    const [alice] = await sql<{ id: string }[]>`select id from users where name = 'Alice Archer'`;
    await sql`update users set role = 'lead', ticket_access = 'team' where id = ${alice?.id ?? ''}`;
    const limited = await findGrant(sql, alice?.id ?? '');
    expect(limited).toMatchObject({ role: 'lead', ticketAccess: 'team', custom: null });
    expect(limited?.mateIds.length).toBeGreaterThan(2);
    await sql`update users set ticket_access = null where id = ${alice?.id ?? ''}`;
    expect((await findGrant(sql, alice?.id ?? ''))?.mateIds).toEqual([]);
  });
});
