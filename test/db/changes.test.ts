// Changes are told by what was committed, not by the order in which their transactions began or drew their numbers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPlace, listChanges, lookAfter, lookFrom } from '#db/changes.ts';
import type { ChangesAsk } from '#db/changes.ts';
import type { Sql } from '#db/sql.ts';
import type { Viewer } from '#domain/permissions.ts';
import { createTestDatabase, storeTicket } from '#test/support/database.ts';
import { watchSql } from '#test/support/watched.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ticketId: number;
beforeAll(async () => {
  database = await createTestDatabase(5);
  ticketId = await storeTicket(database.sql);
});
afterAll(async () => {
  await database.drop();
});

const nobody = '00000000-0000-4000-8000-000000000000';
const viewers: Record<'all' | 'team', Viewer> = {
  all: { userId: nobody, ticketAccess: 'all', teamIds: [], mateIds: [] },
  // A ticket that nobody has is seen by every team.
  team: { userId: nobody, ticketAccess: 'team', teamIds: [], mateIds: [] },
};
let lastSeq = 0;
async function change(sql: Sql): Promise<number> {
  const seq = (lastSeq += 1);
  await sql`
    insert into ticket_events (ticket_id, seq, at, type, actor, data)
    values (${ticketId}, ${seq}, now(), 'tagsChanged', '{}', '{}')`;
  return seq;
}

/** One whole look, in pages; answers which changes it told, and the place behind them. */
async function look(
  since: string,
  viewer: keyof typeof viewers = 'all',
  pageSize = 2,
): Promise<{ told: number[]; place: string }> {
  const told: number[] = [];
  let ask: ChangesAsk = lookFrom(since);
  do {
    const page = await listChanges(database.sql, viewers[viewer], ask, pageSize);
    told.push(...page.map(({ version }) => version));
    ask = lookAfter(ask, page, pageSize);
  } while (ask.until !== null);
  return { told, place: ask.since };
}

it.each(['all', 'team'] as const)(
  'a change that is committed after later ones is told after them, to who sees %s',
  async (viewer) => {
    const { sql } = database;
    const start = await findPlace(sql, null);
    let late = 0;
    await sql.begin(async (tx) => {
      // This transaction has the lower number of both kinds, and ends last.
      late = await change(tx);
      const early = await change(sql);
      expect((await look(start, viewer)).told).toEqual([early]);
    });
    const all = await look(start, viewer);
    expect(all.told).toContain(late);
  },
);

it('each change is told once, whatever order transactions begin, draw numbers and end in', async () => {
  const { sql } = database;
  let place = await findPlace(sql, null);
  const told: number[] = [];
  const made: number[] = [];
  const lanes = [1, 2, 3, 4].map(async (lane) => {
    for (let round = 0; round < 15; round += 1) {
      await sql.begin(async (tx) => {
        // Half of them have a transaction number long before they draw a place.
        if ((lane + round) % 2 === 0) await tx`select pg_current_xact_id()`;
        await tx`select pg_sleep(${((lane * 7 + round * 3) % 5) / 1000})`;
        made.push(await change(tx));
        await tx`select pg_sleep(${((lane * 3 + round * 5) % 7) / 1000})`;
      });
    }
  });
  let done = false;
  const all = Promise.all(lanes).then(() => {
    done = true;
  });
  const lookOnce = async (): Promise<void> => {
    const seen = await look(place);
    told.push(...seen.told);
    place = seen.place;
  };
  while (!done) await lookOnce();
  await all;
  await lookOnce();
  expect(told.toSorted((a, b) => a - b)).toEqual(made.toSorted((a, b) => a - b));
});

it('a place that lies ahead, as after a restore from a backup, is the one of now', async () => {
  const now = await findPlace(database.sql, null);
  expect(await findPlace(database.sql, '999999999:999999999:')).toBe(now);
});

it.each(['all', 'team'] as const)(
  'a look whose last page is full is followed by one that tells what came since, to who sees %s',
  async (viewer) => {
    const { sql } = database;
    const start = await findPlace(sql, null);
    const made = [await change(sql), await change(sql), await change(sql), await change(sql)];
    const first = await look(start, viewer, 2);
    expect(first.told).toEqual(made);
    const next = await change(sql);
    expect((await look(first.place, viewer, 2)).told).toEqual([next]);
  },
);

it('a look reads just the rows it tells, beside a long past, an open transaction and a restored dump', async () => {
  const { sql } = database;
  await sql`
    insert into ticket_events (ticket_id, seq, xid, at, type, actor, data)
    select ${ticketId}, n, case when n < 11000 then '3'::xid8 else '99999999999'::xid8 end, now(), 'tagsChanged', '{}', '{}'
    from generate_series(1000, 21000) n`;
  await sql.begin(async (tx) => {
    await tx`select pg_current_xact_id()`;
    // Told already, though a transaction from before them is open.
    for (let n = 0; n < 40; n += 1) await change(sql);
    await sql`analyze ticket_events`;
    const place = await findPlace(sql, null);
    const seq = await change(sql);
    const told = await look(place);
    expect(told.told).toEqual([seq]);
    const plan = await explained(place);
    expect(plan).toMatch(/Index.* Scan using ticket_events_xid/);
    expect(plan).not.toContain('Seq Scan');
    // Whatever is filtered away was read for nothing.
    expect([...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].map(([, rows]) => rows)).toEqual(
      [],
    );
  });
});

/** How Postgres goes about a look: what it did for the very statement. */
async function explained(place: string): Promise<string> {
  const watched = watchSql(database);
  await listChanges(watched.sql, viewers.all, lookFrom(place), 500);
  const plan = await watched.planOf(
    watched.asked.find(({ query }) => query.includes('ticket_events')),
    'analyze',
  );
  await watched.end();
  return plan;
}
