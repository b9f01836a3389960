// How Postgres plans: what is found by keys once, what is a list each time for what it asks.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findGrant, findKeyHolder, listVisibleIds } from '#db/access.ts';
import { createSql, planForValues, planned, readWithin } from '#db/sql.ts';
import type { Sql, SqlPool } from '#db/sql.ts';
import { findTicket, listTickets } from '#db/tickets.ts';
import { seesAll } from '#domain/permissions.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';

const NOBODY = '00000000-0000-7000-8000-000000000000';

let database: TestDatabase;
let sql: SqlPool;
beforeAll(async () => {
  database = await createTestDatabase();
  sql = createSql(database.url, { maxConnections: 1, maxPlanned: 1, maxTransactions: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** How often a connection has planned its statements for their values, and how often it has used a plan for any. */
async function plansOf(connection: Sql): Promise<{ forValues: number; forAny: number }> {
  const [row] = await connection<{ forValues: number; forAny: number }[]>`
    select coalesce(sum(custom_plans), 0)::integer as "forValues", coalesce(sum(generic_plans), 0)::integer as "forAny"
    from pg_prepared_statements where statement not like '%pg_catalog%' and statement not like '%pg_prepared_statements%'`;
  return row ?? { forValues: -1, forAny: -1 };
}

const modeOf = async (connection: Sql): Promise<unknown> => {
  const [row] = await connection`select current_setting('plan_cache_mode') as mode`;
  return row?.['mode'];
};

it('who calls and which ticket they mean is planned once', async () => {
  for (let round = 0; round < 3; round += 1) {
    await findKeyHolder(sql, Buffer.from('key'));
    await findGrant(sql, NOBODY);
    await findTicket(sql, seesAll(NOBODY), 1);
    await listVisibleIds(sql, seesAll(NOBODY), [1]);
  }
  expect(await plansOf(planned(sql))).toEqual({ forValues: 0, forAny: 12 });
  expect(await plansOf(sql)).toEqual({ forValues: 0, forAny: 0 });
});

it('a list is planned for what it asks, however often it is asked', async () => {
  for (let round = 0; round < 8; round += 1) {
    await listTickets(
      sql,
      { viewer: seesAll(NOBODY) },
      { sort: '-updatedAt', limit: 50, after: null },
    );
  }
  expect(await plansOf(sql)).toEqual({ forValues: 8, forAny: 0 });
});

it('a transaction plans once, but where it reads a list', async () => {
  await sql.begin(async (tx) => {
    expect(planned(tx)).toBe(tx);
    expect(await modeOf(tx)).toBe('force_generic_plan');
    await planForValues(tx);
    expect(await modeOf(tx)).toBe('force_custom_plan');
  });
  expect(await sql.begin(async (tx) => await modeOf(tx))).toBe('force_generic_plan');
  expect(await readWithin(sql, 1_000, modeOf)).toBe('force_custom_plan');
});
