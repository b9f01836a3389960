// The live summary: many figures of one look at the tickets, and since when it is today for the reader.
import type { Figure, SummaryDay } from '#domain/summary.ts';
import type { Viewer } from '#domain/permissions.ts';
import { visibleTickets } from './access.ts';
import type { Sql } from './sql.ts';
import { conditionsOf } from './ticket-conditions.ts';

/** Since when it is today in a zone, yesterday, and yesterday at this time; undefined when Postgres knows no such zone. */
export async function findSummaryDay(sql: Sql, timeZone: string): Promise<SummaryDay | undefined> {
  try {
    return await readDay(sql, timeZone);
  } catch (error) {
    if (((error ?? {}) as { code?: unknown }).code === UNKNOWN_ZONE) return undefined;
    throw error;
  }
}

const UNKNOWN_ZONE = '22023';

async function readDay(sql: Sql, timeZone: string): Promise<SummaryDay | undefined> {
  const iso = (at: ReturnType<typeof sql>) =>
    sql`to_char((${at}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const local = sql`(now() at time zone ${timeZone}::text)`;
  const [row] = await sql<SummaryDay[]>`
    select ${iso(sql`date_trunc('day', ${local}) at time zone ${timeZone}::text`)} as today,
      ${iso(sql`(date_trunc('day', ${local}) - interval '1 day') at time zone ${timeZone}::text`)} as yesterday,
      ${iso(sql`(${local} - interval '1 day') at time zone ${timeZone}::text`)} as "sameTimeYesterday"`;
  return row;
}

/** Figures of open tickets: one walk over those, whatever the number of figures; served by tickets_open_updated. */
export async function countOpenFigures(
  sql: Sql,
  figures: readonly Figure[],
  viewer: Viewer,
): Promise<Map<string, number>> {
  const [row] = await sql<Record<string, number>[]>`
    select ${countsOf(sql, figures, viewer.userId)} from tickets t
    where t.merged_into_id is null and not t.spam and t.category <> 'closed' ${visibleTickets(sql, viewer)}`;
  return new Map(Object.entries(row ?? {}));
}

/** Figures of what happened since an instant: no ticket that changed last before it is one of them; served by tickets_updated. */
export async function countRecentFigures(
  sql: Sql,
  figures: readonly Figure[],
  viewer: Viewer,
  since: string,
): Promise<Map<string, number>> {
  const [row] = await sql<Record<string, number>[]>`
    select ${countsOf(sql, figures, viewer.userId)} from tickets t
    where t.merged_into_id is null and not t.spam and t.updated_at >= ${since}::timestamptz - interval '1 hour' ${visibleTickets(sql, viewer)}`;
  return new Map(Object.entries(row ?? {}));
}

function countsOf(sql: Sql, figures: readonly Figure[], userId: string) {
  return figures
    .map(
      ({ name, conditions }) =>
        sql`count(*) filter (where ${conditionsOf(sql, conditions, userId)})::integer as ${sql(name)}`,
    )
    .reduce((before, one) => sql`${before}, ${one}`);
}
