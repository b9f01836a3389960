// A database of its own per caller, cloned from the migrated template.
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { insertNewTicket, upsertContactByEmail } from '#db/inbound.ts';
import { createSql } from '#db/sql.ts';
import type { SqlPool } from '#db/sql.ts';

/** A clone of the template and how to get rid of it. */
export interface TestDatabase {
  sql: SqlPool;
  url: string;
  drop(): Promise<void>;
}

/** Makes a database that nobody else uses. */
export async function createTestDatabase(maxConnections = 10): Promise<TestDatabase> {
  const { postgresUrl } = inject('stack');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = createSql(postgresUrl, { maxConnections: 1 });
  await admin`create database ${admin(name)} template holdfast_template`;
  const url = postgresUrl.replace(/\/postgres$/, `/${name}`);
  const sql = createSql(url, { maxConnections, maxPlanned: 4 });
  return {
    sql,
    url,
    async drop() {
      await sql.end({ timeout: 5 });
      await admin`drop database ${admin(name)} with (force)`;
      await admin.end();
    },
  };
}

/** Stores a ticket that no workflow leads, for tests of what hangs on one; answers its id. */
export async function storeTicket(sql: SqlPool): Promise<number> {
  const contact = await upsertContactByEmail(sql, 'ann@customer.test', 'Ann');
  return await insertNewTicket(sql, {
    ...{ subject: 'T', requesterId: contact.id, companyId: null, channel: 'api', channelId: null },
    createdAt: new Date(),
  });
}
