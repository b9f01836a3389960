// What stands beside a ticket: one layout for everybody, and one for each team that wants its own.
import type { SidebarCard } from '#domain/sidebar.ts';
import { behind, json } from './sql.ts';
import type { ListPage, Sql } from './sql.ts';

/** A layout as stored; without a team it is everybody's. */
export interface SidebarLayoutRow {
  id: string;
  name: string;
  teamId: string | null;
  cards: SidebarCard[];
  version: number;
}

const columns = (sql: Sql) => sql`l.id, l.name, l.team_id as "teamId", l.cards, l.version`;

/** Layouts by name, all or one page of them. */
export async function listSidebarLayouts(sql: Sql, page?: ListPage): Promise<SidebarLayoutRow[]> {
  return await sql<SidebarLayoutRow[]>`
    select ${columns(sql)} from sidebar_layouts l
    where true ${behind(sql, 'l.name', page)} order by l.name, l.id limit ${page?.limit ?? null}`;
}

/** The layout of somebody: their main team's, else another team's of theirs, else everybody's. */
export async function findSidebarLayoutOf(
  sql: Sql,
  userId: string,
): Promise<SidebarLayoutRow | undefined> {
  const [row] = await sql<SidebarLayoutRow[]>`
    select ${columns(sql)} from sidebar_layouts l
    left join teams t on t.id = l.team_id and t.active
    left join team_members m on m.team_id = t.id and m.user_id = ${userId}
    where l.team_id is null or m.user_id is not null
    order by l.team_id is null, m.main desc, t.name, t.id limit 1`;
  return row;
}

/** Saves a layout, new (id null) or changed; undefined when it is gone or `expected` is not its version. */
export async function saveSidebarLayout(
  sql: Sql,
  layout: {
    id: string | null;
    name: string;
    teamId: string | null;
    cards: readonly SidebarCard[];
    expected: number | null;
  },
): Promise<SidebarLayoutRow | undefined> {
  const { id, name, teamId, expected } = layout;
  const cards = json(sql, layout.cards);
  const [row] =
    id === null
      ? await sql<SidebarLayoutRow[]>`
          insert into sidebar_layouts as l (name, team_id, cards) values (${name}, ${teamId}, ${cards})
          returning ${columns(sql)}`
      : await sql<SidebarLayoutRow[]>`
          update sidebar_layouts l set name = ${name}, team_id = ${teamId}, cards = ${cards}, version = version + 1,
            updated_at = now()
          where id = ${id} and (${expected}::integer is null or version = ${expected}::integer)
          returning ${columns(sql)}`;
  return row;
}

/** Forgets a team's layout; false when there is none such. Everybody's stays. */
export async function deleteSidebarLayout(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    delete from sidebar_layouts where id = ${id} and team_id is not null returning id`;
  return rows.length > 0;
}
