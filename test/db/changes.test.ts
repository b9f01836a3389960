// Changes are told by what was committed, not by the order in which their transactions began or drew their numbers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPlace, listChanges, lookFrom } from '#db/changes.ts';
import type { ChangesAsk } from '#db/changes.ts';
import { insertNewTicket, upsertContactByEmail } from '#db/inbound.ts';
import type { Sql } from '#db/sql.ts';
import type { Viewer } from '#domain/permissions.ts';
import { createTestDatabase } from '#test/support/database.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ticketId: number;
beforeAll(async () => {
  database = await createTestDatabase(5);
  const contact = await upsertContactByEmail(database.sql, 'ann@customer.test', 'Ann');
  ticketId = await insertNewTicket(database.sql, {
    ...{ subject: 'T', requesterId: contact.id, companyId: null, channel: 'api', channelId: null },
    createdAt: new Date(),
  });
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
  for (;;) {
    const page = await listChanges(database.sql, viewers[viewer], ask, pageSize);
    told.push(...page.map(({ version }) => version));
    const last = page.at(-1);
    if (last !== undefined) ask = { ...ask, until: last.until, behind: last };
    if (page.length < pageSize) return { told, place: ask.until ?? since };
  }
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

it('a look reads as many rows as it tells, though the desk has a long past', async () => {
  const { sql } = database;
  await sql`
    insert into ticket_events (ticket_id, seq, at, type, actor, data)
    select ${ticketId}, n, now(), 'tagsChanged', '{}', '{}' from generate_series(1000, 21000) n`;
  await sql`analyze ticket_events`;
  const place = await findPlace(sql, null);
  const seq = await change(sql);
  expect((await look(place)).told).toEqual([seq]);
  const plan = await sql`
    explain select position from ticket_events
    where xid >= pg_snapshot_xmin(${place}::pg_snapshot) and (xid, position) > ('0'::xid8, 0::bigint)
      and not pg_visible_in_snapshot(xid, ${place}::pg_snapshot) order by xid, position limit 500`;
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toMatch(/Index.* Scan using ticket_events_xid/);
  expect(text).not.toContain('Sort');
});
