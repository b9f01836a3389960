// Who sees which tickets: the one fragment that every statement uses which reads tickets, or what belongs to them, for a caller; what is
// stored of a user's rights; and the roles that a desk makes for itself.
import type { Grant, TicketAccess, Viewer } from '#domain/permissions.ts';
import type { PendingQuery } from 'postgres';
import { behind, breaksReference, planned } from './sql.ts';
import type { ListPage, Sql } from './sql.ts';

type Fragment = PendingQuery<[]>;

/**
 * "and …": the tickets of an alias that somebody sees. Own: assigned to them, followed by them, or naming them in a note. Team: these,
 * those in a team of theirs, and those without a team that nobody has or a teammate has. Each part has an index of its own, so that the
 * planner can collect a few tickets as well as meet many in the order of the list.
 */
export function visibleTickets(sql: Sql, viewer: Viewer, alias = 't'): Fragment {
  return viewer.ticketAccess === 'all' ? sql`` : sql`and ${isSeen(sql, viewer, alias)}`;
}

/** Whether somebody sees the ticket of an alias, as a condition: id, assignee_id, team_id and followers must be there. */
export function isSeen(sql: Sql, viewer: Viewer, alias: string): Fragment {
  const { userId, ticketAccess, teamIds, mateIds } = viewer;
  if (ticketAccess === 'all') return sql`true`;
  const t = sql(alias);
  const own = sql`${t}.assignee_id = ${userId}::uuid or ${t}.followers @> array[${userId}]::uuid[]
    or ${t}.id = any(array(${mentionedIn(sql, userId)}))`;
  if (ticketAccess === 'own') return sql`(${own})`;
  return sql`(${own} or ${t}.team_id = any(${teamIds}::uuid[])
    or (${t}.team_id is null and ${t}.assignee_id is null)
    or (${t}.team_id is null and ${t}.assignee_id = any(${mateIds}::uuid[])))`;
}

/** Tickets whose notes name somebody, and what these were merged into. */
const mentionedIn = (sql: Sql, userId: string): Fragment => sql`
  select unnest(array[o.id, o.merged_into_id]) from message_mentions n
  join messages m on m.id = n.message_id join tickets o on o.id = m.ticket_id
  where n.user_id = ${userId}::uuid and m.state = 'posted'`;

/**
 * "and …": what hangs on a ticket is seen with it, and with the ticket it was merged into, whose timeline shows it. `ticketId` is a
 * column of the outer statement.
 */
export function visibleWith(sql: Sql, viewer: Viewer, ticketId: Fragment): Fragment {
  return viewer.ticketAccess === 'all'
    ? sql``
    : sql`and exists (
        with recursive above as (
          select id, merged_into_id from tickets where id = ${ticketId}
          union select up.id, up.merged_into_id from tickets up join above on up.id = above.merged_into_id
        )
        select 1 from above join tickets t on t.id = above.id where ${isSeen(sql, viewer, 't')})`;
}

/** Which of the given tickets somebody sees. */
export async function listVisibleIds(
  sql: Sql,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Set<number>> {
  const rows = await planned(sql)<{ id: number }[]>`
    select t.id from tickets t where t.id = any(${[...ids]}::bigint[]) ${visibleTickets(sql, viewer)}`;
  return new Set(rows.map(({ id }) => id));
}

/** A user's rights as stored, with the role's name and the people around them. */
export interface GrantRow extends Grant {
  roleId: string | null;
  roleName: string | null;
  teamIds: string[];
  mateIds: string[];
}

const grantColumns = (sql: Sql) => sql`
  u.role, u.role_id as "roleId", r.name as "roleName", u.ticket_access as "ticketAccess", u.seat,
  case when r.id is not null then
    jsonb_build_object('permissions', to_jsonb(r.permissions), 'ticketAccess', r.ticket_access) end as custom,
  array(select m.team_id from team_members m where m.user_id = u.id order by m.team_id) as "teamIds",
  case when coalesce(u.ticket_access, r.ticket_access) = 'team' then array(
    select distinct mate.user_id from team_members m join team_members mate on mate.team_id = m.team_id
    where m.user_id = u.id order by mate.user_id) else '{}' end as "mateIds"`;

/** The rights of an active user, or undefined. Read with every request, as with a key: what an admin takes away is gone with the next one. */
export async function findGrant(sql: Sql, userId: string): Promise<GrantRow | undefined> {
  const [row] = await planned(sql)<GrantRow[]>`
    select ${grantColumns(sql)} from users u left join roles r on r.id = u.role_id
    where u.id = ${userId} and u.active`;
  return row;
}

/** Who calls by API key, with their rights. */
export interface KeyHolderRow extends GrantRow {
  userId: string;
  scopes: string[];
}

/** The holder of a key that is not revoked, if they are active; notes that the key was used, at most once a minute. */
export async function findKeyHolder(
  sql: Sql,
  tokenHash: Buffer,
): Promise<KeyHolderRow | undefined> {
  const [row] = await planned(sql)<KeyHolderRow[]>`
    with used as (
      update api_keys set last_used_at = now()
      where token_hash = ${tokenHash} and revoked_at is null
        and (last_used_at is null or last_used_at < now() - interval '1 minute')
        and exists (select 1 from users u where u.id = user_id and u.active)
    )
    select k.user_id as "userId", k.scopes, ${grantColumns(sql)}
    from api_keys k join users u on u.id = k.user_id left join roles r on r.id = u.role_id
    where k.token_hash = ${tokenHash} and k.revoked_at is null and u.active`;
  return row;
}

/** A role that the desk has made. */
export interface RoleRow {
  id: string;
  name: string;
  permissions: string[];
  ticketAccess: TicketAccess;
  /** How many users have it, inactive ones included. */
  users: number;
  version: number;
}

const roleColumns = (sql: Sql) => sql`
  roles.id, roles.name, roles.permissions, roles.ticket_access as "ticketAccess", roles.version,
  (select count(*)::integer from users u where u.role_id = roles.id) as users`;

/** Roles by name, all or one page of them. */
export async function listRoles(sql: Sql, page?: ListPage): Promise<RoleRow[]> {
  return await sql<RoleRow[]>`
    select ${roleColumns(sql)} from roles
    where true ${behind(sql, 'name', page)} order by name, id limit ${page?.limit ?? null}`;
}

/** One role, or undefined. */
export async function findRole(sql: Sql, id: string): Promise<RoleRow | undefined> {
  const [row] = await sql<RoleRow[]>`select ${roleColumns(sql)} from roles where id = ${id}`;
  return row;
}

/** A new role; refused by the database when its name is taken. */
export async function insertRole(
  sql: Sql,
  role: Pick<RoleRow, 'name' | 'permissions' | 'ticketAccess'>,
): Promise<RoleRow | undefined> {
  const [row] = await sql<RoleRow[]>`
    insert into roles (name, permissions, ticket_access) values (${role.name}, ${role.permissions}, ${role.ticketAccess})
    returning ${roleColumns(sql)}`;
  return row;
}

/** Saves a role, which holds at once for everybody who has it; undefined when it is gone or `expected` is not its version. */
export async function updateRole(
  sql: Sql,
  role: Pick<RoleRow, 'id' | 'name' | 'permissions' | 'ticketAccess'> & { expected: number | null },
): Promise<RoleRow | undefined> {
  const [row] = await sql<RoleRow[]>`
    update roles set name = ${role.name}, permissions = ${role.permissions}, ticket_access = ${role.ticketAccess},
      version = version + 1, updated_at = now()
    where id = ${role.id} and (${role.expected}::integer is null or version = ${role.expected}::integer)
    returning ${roleColumns(sql)}`;
  return row;
}

/** Removes a role that nobody has. */
export async function deleteRole(sql: Sql, id: string): Promise<'deleted' | 'missing' | 'inUse'> {
  try {
    const rows = await sql`delete from roles where id = ${id} returning id`;
    return rows.length > 0 ? 'deleted' : 'missing';
  } catch (error) {
    if (breaksReference(error)) return 'inUse';
    throw error;
  }
}
