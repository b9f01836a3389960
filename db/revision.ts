// The number that counts every save of what concerns tickets.
import type { Sql } from './sql.ts';

/** Counts a save; in the same transaction as the save itself. */
export async function bumpRevision(sql: Sql): Promise<number> {
  const [row] = await sql<{ revision: number }[]>`
    update desk_revision set revision = revision + 1 returning revision`;
  return row?.revision ?? 0;
}
