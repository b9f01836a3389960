// Saved views: whose they are, who sees them, who has pinned them, and how many tickets each holds.
import type { ViewValues } from '#domain/view.ts';
import { json, readWithin } from './sql.ts';
import type { Sql, SqlPool } from './sql.ts';
import { lookUpFilter, whereTickets } from './tickets.ts';
import type { TicketFilter } from './tickets.ts';

/** A saved view. */
export interface ViewRow extends ViewValues {
  id: string;
  ownerId: string;
  pinned: boolean;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const columns = (sql: Sql, userId: string) => sql`
  v.id, v.owner_id as "ownerId", v.name, v.conditions, v.columns, v.sort, v.layout, v.group_by as "groupBy", v.visibility,
  v.team_ids as "teamIds", v.position, v.version, v.created_at as "createdAt", v.updated_at as "updatedAt",
  exists (select 1 from view_pins p where p.user_id = ${userId} and p.view = v.id::text) as pinned`;

/** Whether somebody sees a view v. `all` is for admins, who look after what is shared with teams that are not theirs. */
const visibleTo = (sql: Sql, userId: string, all: boolean) => sql`
  (v.owner_id = ${userId} or v.visibility = 'everyone' or (${all} and v.visibility <> 'private')
    or (v.visibility = 'teams' and v.team_ids && array(select team_id from team_members where user_id = ${userId})))`;

/** The views that somebody sees, in their order. */
export async function listViews(
  sql: Sql,
  viewer: { userId: string; all: boolean },
): Promise<ViewRow[]> {
  return await sql<ViewRow[]>`
    select ${columns(sql, viewer.userId)} from views v
    where ${visibleTo(sql, viewer.userId, viewer.all)} order by v.position, lower(v.name), v.id limit 1000`;
}

/** One of them, or undefined. */
export async function findView(
  sql: Sql,
  id: string,
  viewer: { userId: string; all: boolean },
): Promise<ViewRow | undefined> {
  const [row] = await sql<ViewRow[]>`
    select ${columns(sql, viewer.userId)} from views v
    where v.id = ${id} and ${visibleTo(sql, viewer.userId, viewer.all)}`;
  return row;
}

/** Adds a view; undefined when its owner has as many as one person may own. */
export async function insertView(
  sql: Sql,
  ownerId: string,
  view: ViewValues,
  maxOwned: number,
): Promise<{ id: string } | undefined> {
  const [row] = await sql<{ id: string }[]>`
    insert into views (owner_id, name, conditions, columns, sort, layout, group_by, visibility, team_ids, position)
    select ${ownerId}, ${view.name}, ${json(sql, view.conditions)}, ${view.columns}, ${view.sort}, ${view.layout},
      ${view.groupBy}, ${view.visibility}, ${view.teamIds}::uuid[], ${view.position}
    where (select count(*) from views where owner_id = ${ownerId}) < ${maxOwned}
    returning id`;
  return row;
}

/** Changes a view; false when it is gone or `expected` is not its version. */
export async function updateView(
  sql: Sql,
  id: string,
  view: ViewValues,
  expected: number | null,
): Promise<boolean> {
  const rows = await sql`
    update views set name = ${view.name}, conditions = ${json(sql, view.conditions)}, columns = ${view.columns},
      sort = ${view.sort}, layout = ${view.layout}, group_by = ${view.groupBy}, visibility = ${view.visibility},
      team_ids = ${view.teamIds}::uuid[], position = ${view.position}, version = version + 1, updated_at = now()
    where id = ${id} and (${expected}::integer is null or version = ${expected}::integer)
    returning id`;
  return rows.length > 0;
}

/** Removes a view with everybody's pins. */
export async function deleteView(sql: Sql, id: string): Promise<void> {
  await sql`delete from views where id = ${id}`;
}

/** Pins a view, default or saved, for one person. */
export async function insertViewPin(sql: Sql, userId: string, view: string): Promise<void> {
  await sql`
    insert into view_pins (user_id, view) values (${userId}, ${view}) on conflict (user_id, view) do nothing`;
}

/** Takes a pin back. */
export async function deleteViewPin(sql: Sql, userId: string, view: string): Promise<void> {
  await sql`delete from view_pins where user_id = ${userId} and view = ${view}`;
}

/** What one person has pinned. */
export async function listViewPins(sql: Sql, userId: string): Promise<string[]> {
  const rows = await sql<{ view: string }[]>`select view from view_pins where user_id = ${userId}`;
  return rows.map(({ view }) => view);
}

/** A list to be counted. */
export interface CountAsk {
  id: string;
  filter: TicketFilter;
}

/**
 * How many tickets each list holds, counted up to a limit; null for one that cannot be counted in time. All in one statement; when that
 * takes too long, each by itself, so that one list nobody can count does not hide the others' figures.
 */
export async function countLists(
  sql: SqlPool,
  asks: readonly CountAsk[],
  limit: number,
  patience: { allMs: number; eachMs: number },
): Promise<Map<string, number | null>> {
  if (asks.length === 0) return new Map();
  const together = await readWithin(sql, patience.allMs, (tx) => countAtOnce(tx, asks, limit));
  if (together !== null) return together;
  const counts = new Map<string, number | null>();
  for (const ask of asks) {
    const alone = await readWithin(sql, patience.eachMs, (tx) => countAtOnce(tx, [ask], limit));
    counts.set(ask.id, alone?.get(ask.id) ?? null);
  }
  return counts;
}

async function countAtOnce(
  sql: Sql,
  lists: readonly CountAsk[],
  limit: number,
): Promise<Map<string, number>> {
  const asks = await Promise.all(
    lists.map(async ({ id, filter }) => ({ id, filter: await lookUpFilter(sql, filter) })),
  );
  const counts = asks.map(
    ({ id, filter }) => sql`
      (select count(*)::integer from (
        select 1 from tickets t where true ${whereTickets(sql, filter)} limit ${limit}) found) as ${sql(id)}`,
  );
  const [row] = await sql<Record<string, number>[]>`
    select ${counts.reduce((before, one) => sql`${before}, ${one}`)}`;
  return new Map(Object.entries(row ?? {}));
}
