// Transactions of the pool: what is written in one is kept whole or not at all, however much goes on beside it, and a connection that is
// lost in the middle fails its own transaction alone.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSql } from '#db/sql.ts';
import type { SqlPool } from '#db/sql.ts';
import { eventually } from '#test/support/poll.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';

const BIG = 'x'.repeat(40_000);

let database: TestDatabase;
let sql: SqlPool;
beforeAll(async () => {
  database = await createTestDatabase(4);
  ({ sql } = database);
  await sql`create table pairs (id integer, body text)`;
});
afterAll(async () => {
  await database.drop();
});

const change = async (id: number): Promise<void> => {
  await sql.begin(async (tx) => {
    await tx`insert into pairs values (${id}, ${BIG})`;
    await tx`insert into pairs values (${id}, '')`;
    if (id % 3 === 0) throw new Error('changed its mind');
  });
};

describe('a transaction', () => {
  it('has its connection to itself, though hundreds of statements and of transactions begin at the same moment', async () => {
    const beside = (n: number): Promise<unknown> => sql`select ${n}::integer`.execute();
    // Each connection takes a hundred statements at a time; somewhere here the hundredth of one is a transaction's first.
    for (let round = 0; round < 30; round += 1) {
      await Promise.all([beside(0), beside(0), beside(0), beside(0)]);
      const begun = [
        ...Array.from({ length: 380 + round }, (_, n) => beside(n)),
        ...Array.from({ length: 10 }, (_, n) => change(round * 10 + n)),
      ];
      const failed = (await Promise.allSettled(begun)).filter(
        ({ status }) => status === 'rejected',
      );
      expect(new Set(failed.map((one) => String((one as PromiseRejectedResult).reason)))).toEqual(
        new Set(['Error: changed its mind']),
      );
    }
    const rows = await sql`select id, count(*)::integer from pairs group by id`;
    expect(rows).toHaveLength(200);
    expect(rows.every((row) => row['id'] % 3 !== 0 && row['count'] === 2)).toBe(true);
    const open = await sql`
      select query from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`;
    expect(open).toEqual([]);
  });

  it('that loses its connection fails, keeps nothing, and leaves the process and the pool as they were', async () => {
    const lost = sql.begin(async (tx) => {
      await tx`insert into pairs values (-1, 'lost')`;
      await tx`select pg_terminate_backend(pg_backend_pid())`;
      await tx`insert into pairs values (-1, 'never')`;
    });
    await expect(lost).rejects.toThrow(/CONNECTION|terminat/);
    await Promise.all(Array.from({ length: 20 }, (_, n) => change(10_000 + 3 * n + 1)));
    expect(await sql`select 1 from pairs where id = -1`).toHaveLength(0);
    expect(await sql`select 1 from pairs where id >= 10000`).toHaveLength(40);
  });

  it('that fails because something else hung up is taken back at once, and its connection serves the next', async () => {
    const refused = Object.assign(new Error('the store of files hung up'), { code: 'ECONNRESET' });
    for (let n = 0; n < 6; n += 1) {
      const failed = sql.begin(async (tx) => {
        await tx`insert into pairs values (-2, 'with a file')`;
        throw refused;
      });
      await expect(failed).rejects.toBe(refused);
    }
    expect(await sql`select 1 from pairs where id = -2`).toHaveLength(0);
  });

  it('that is begun, or still waits for a connection, when the pool ends fails and opens nothing', async () => {
    const own = createSql(database.url, { applicationName: 'ending', maxTransactions: 1 });
    const held = own.begin(async (tx) => await tx`select pg_sleep(0.3)`);
    const waits = own.begin(async (tx) => await tx`select 1`);
    const seen = Promise.allSettled([held, waits]);
    await own`select 1`;
    await own.end({ timeout: 1 });
    await expect(own.begin(async (tx) => await tx`select 1`)).rejects.toThrow(/ended/i);
    const [, waited] = await seen;
    expect(waited.status).toBe('rejected');
    await eventually(async () => {
      const open = await sql`select 1 from pg_stat_activity where application_name = 'ending'`;
      expect(open).toHaveLength(0);
    });
  });
});
