// Users, teams, routing rules and API keys.
import type { Absence } from '#domain/availability.ts';
import type { ChannelKind } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { Role, TicketAccess } from '#domain/permissions.ts';
import type { RoutingStrategy } from '#domain/routing.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { insertQueueCalls, listMainTeams, listPeopleAsCandidates } from './assignments.ts';
import { absencesOf, insertAvailabilityCalls } from './availability.ts';
import { behind, json } from './sql.ts';
import type { ListPage, Sql, SqlPool } from './sql.ts';

/** A user as the API shows them. */
export interface UserRow {
  id: string;
  name: string;
  email: string;
  role: Role;
  /** Of role custom: which one. */
  roleId: string | null;
  /** null: as the role has it. */
  ticketAccess: TicketAccess | null;
  seat: boolean;
  capacity: number | null;
  channelCapacity: Partial<Record<ChannelKind, number>>;
  skills: string[];
  /** Levels above 1. */
  skillLevels: Record<string, number>;
  availability: 'available' | 'away';
  workingHours: CalendarDefinition | null;
  /** Ranges out of office that are not over. */
  absences: Absence[];
  active: boolean;
  version: number;
}

/** What a user can be made of. */
export type UserValues = Omit<
  UserRow,
  'id' | 'version' | 'absences' | 'channelCapacity' | 'skillLevels' | 'roleId' | 'ticketAccess'
> &
  Partial<Pick<UserRow, 'channelCapacity' | 'skillLevels' | 'roleId' | 'ticketAccess'>>;

const userColumns = (sql: Sql) => sql`
  u.id, u.name, u.email, u.role, u.role_id as "roleId", u.ticket_access as "ticketAccess", u.seat, u.capacity, u.channel_capacity as "channelCapacity", u.skills,
  u.skill_levels as "skillLevels", u.availability, u.working_hours as "workingHours", u.active, u.version,
  ${absencesOf(sql, Date.now())} as absences`;

/** Users by name, all or one page of them. */
export async function listUsers(sql: Sql, page?: ListPage): Promise<UserRow[]> {
  return await sql<UserRow[]>`
    select ${userColumns(sql)} from users u
    where true ${behind(sql, 'name', page)} order by u.name, u.id limit ${page?.limit ?? null}`;
}

/** One user, or undefined. */
export async function findUser(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`select ${userColumns(sql)} from users u where u.id = ${id}`;
  return row;
}

/** Adds a user, and owes their hours a workflow; undefined when the address is taken. */
export async function insertUser(sql: Sql, user: UserValues): Promise<{ id: string } | undefined> {
  const [row] = await sql<{ id: string }[]>`
    with made as (
      insert into users (name, email, role, role_id, ticket_access, seat, capacity, channel_capacity, skills, skill_levels, availability, working_hours, active)
      values (${user.name}, ${user.email}, ${user.role}, ${user.roleId ?? null}, ${user.ticketAccess ?? null}, ${user.seat}, ${user.capacity},
        ${json(sql, user.channelCapacity ?? {})}, ${user.skills}, ${json(sql, user.skillLevels ?? {})},
        ${user.availability}, ${user.workingHours === null ? null : json(sql, user.workingHours)}, ${user.active})
      on conflict (email) do nothing returning id
    ), owed as (
      insert into relay_outbox (kind, payload)
      select 'availability', jsonb_build_object('userId', id) from made where ${user.workingHours !== null} returning id)
    select made.id, (select count(pg_notify('relay', owed.id::text)) from owed) as told from made`;
  return row === undefined ? undefined : { id: row.id };
}

/**
 * Changes a user and, since that may free an agent, has the queues of their teams looked at; undefined when there is none
 * or `expected` is not their version. Throws HoldfastError: lastAdmin.
 */
export async function updateUser(
  sql: SqlPool,
  id: string,
  user: UserValues,
  expected: number | null = null,
): Promise<UserRow | undefined> {
  return await sql.begin(async (tx) => {
    if (user.role !== 'admin' || !user.active) await keepAnAdmin(tx, id);
    const [row] = await tx<UserRow[]>`
      update users u set name = ${user.name}, email = ${user.email}, role = ${user.role}, role_id = ${user.roleId ?? null},
        ticket_access = ${user.ticketAccess ?? null}, seat = ${user.seat},
        capacity = ${user.capacity}, channel_capacity = ${json(tx, user.channelCapacity ?? {})},
        skills = ${user.skills}, skill_levels = ${json(tx, user.skillLevels ?? {})}, availability = ${user.availability},
        working_hours = ${user.workingHours === null ? null : json(tx, user.workingHours)}, active = ${user.active},
        version = version + 1, updated_at = now()
      where id = ${id} and (${expected}::integer is null or version = ${expected}::integer)
      returning ${userColumns(tx)}`;
    if (row !== undefined) await oweLooks(tx, id);
    return row;
  });
}

/** Locks all admins, so that two who would demote each other come one after the other, and refuses to lose the last. */
async function keepAnAdmin(tx: Sql, userId: string): Promise<void> {
  const admins = await tx<{ id: string }[]>`
    select id from users where role = 'admin' and active order by id for update`;
  if (admins.length !== 1 || admins[0]?.id !== userId) return;
  throw new HoldfastError('lastAdmin', 'This is the only active admin; make another one first.');
}

/** Sets one person available or away, leaving alone what an admin changes meanwhile; undefined when there is none. */
export async function updateAvailability(
  sql: SqlPool,
  id: string,
  availability: UserRow['availability'],
): Promise<UserRow | undefined> {
  return await sql.begin(async (tx) => {
    const [row] = await tx<UserRow[]>`
      update users u set availability = ${availability}, version = version + 1, updated_at = now()
      where id = ${id}
      returning ${userColumns(tx)}`;
    if (row !== undefined) await oweLooks(tx, id);
    return row;
  });
}

async function oweLooks(tx: Sql, userId: string): Promise<void> {
  await insertQueueCalls(tx, await listMainTeams(tx, userId));
  await insertAvailabilityCalls(tx, [userId]);
}

/** What somebody holds of what they can take, by channel. */
export interface UserLoad {
  open: number;
  capacity: number | null;
  channelLoad: Partial<Record<ChannelKind, number>>;
  channelCapacity: Partial<Record<ChannelKind, number>>;
}

/** One person's open tickets against their capacity; undefined when there is no such user. */
export async function findUserLoad(sql: Sql, id: string): Promise<UserLoad | undefined> {
  const [row] = await listPeopleAsCandidates(sql, [id], Date.now());
  if (row === undefined) return undefined;
  const { load: open, capacity, channelLoad, channelCapacity } = row;
  return { open, capacity, channelLoad, channelCapacity };
}

/** Which of the given users and teams do not exist or are out of use. */
export async function findUnknownPlaces(
  sql: Sql,
  named: { userIds: readonly string[]; teamIds: readonly string[] },
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select n.id from unnest(${[...named.userIds]}::uuid[]) as n(id)
    where not exists (select 1 from users u where u.id = n.id and u.active)
    union
    select n.id from unnest(${[...named.teamIds]}::uuid[]) as n(id)
    where not exists (select 1 from teams t where t.id = n.id and t.active)`;
  return rows.map((row) => row.id);
}

/** Which of some skills nobody of the desk has at the level that is asked for. */
export async function findMissingSkills(
  sql: Sql,
  needs: readonly { name: string; level: number }[],
): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select n.name from jsonb_to_recordset(${json(sql, needs)}::jsonb) as n(name text, level integer)
    where not exists (select 1 from users u where u.active and n.name = any(u.skills)
      and coalesce((u.skill_levels->>n.name)::integer, 1) >= n.level)`;
  return rows.map(({ name }) => name);
}

/** A member of a team. */
export interface MemberValues {
  userId: string;
  main: boolean;
  lead: boolean;
}

/** A team with its members. */
export interface TeamRow {
  id: string;
  name: string;
  strategy: RoutingStrategy;
  members: MemberValues[];
  version: number;
}

/** Active teams by name, all or one page of them. */
export async function listTeams(sql: Sql, page?: ListPage): Promise<TeamRow[]> {
  return await sql<TeamRow[]>`
    select t.id, t.name, t.strategy, t.version,
      coalesce(json_agg(json_build_object('userId', m.user_id, 'main', m.main, 'lead', m.lead) order by m.user_id)
        filter (where m.user_id is not null), '[]') as members
    from teams t left join team_members m on m.team_id = t.id
    where t.active ${behind(sql, 't.name', page)} group by t.id order by t.name, t.id limit ${page?.limit ?? null}`;
}

/** How a team in use hands out its tickets. */
export async function findTeamStrategy(sql: Sql, id: string): Promise<RoutingStrategy | undefined> {
  const [row] = await sql<{ strategy: RoutingStrategy }[]>`
    select strategy from teams where id = ${id} and active`;
  return row?.strategy;
}

/** Saves a team, new (id null) or changed; null when it is gone or `expected` is not its version. Turns of members who stay are kept. */
export async function saveTeam(
  sql: SqlPool,
  team: {
    id: string | null;
    name: string;
    strategy: RoutingStrategy;
    members: MemberValues[];
    expected?: number | null;
  },
): Promise<{ id: string } | null> {
  const expected = team.expected ?? null;
  return await sql.begin(async (tx) => {
    const [row] =
      team.id === null
        ? await tx<{ id: string }[]>`
            insert into teams (name, strategy) values (${team.name}, ${team.strategy}) returning id`
        : await tx<{ id: string }[]>`
            update teams set name = ${team.name}, strategy = ${team.strategy}, version = version + 1, updated_at = now()
            where id = ${team.id} and active
              and (${expected}::integer is null or version = ${expected}::integer)
            returning id`;
    if (row === undefined) return null;
    const ids = team.members.map((member) => member.userId);
    await tx`delete from team_members where team_id = ${row.id} and user_id <> all(${ids}::uuid[])`;
    for (const { userId, main, lead } of team.members) {
      await tx`
        insert into team_members (team_id, user_id, main, lead) values (${row.id}, ${userId}, ${main}, ${lead})
        on conflict (team_id, user_id) do update set main = excluded.main, lead = excluded.lead`;
    }
    await insertQueueCalls(tx, [row.id]);
    return row;
  });
}

/** What still names a team: rules of routing, SLA policies, and open tickets that are in it or will be offered to it. */
export interface TeamUse {
  rules: number;
  policies: number;
  openTickets: number;
}

/** Takes a team out of use unless something names it; what does, or null when the team is gone already. */
export async function deleteTeam(sql: SqlPool, id: string): Promise<TeamUse | null> {
  return await sql.begin(async (tx) => {
    const [team] = await tx`select id from teams where id = ${id} and active for update`;
    if (team === undefined) return null;
    const use = await countTeamUse(tx, id);
    if (use.rules + use.policies + use.openTickets > 0) return use;
    await tx`update teams set active = false, version = version + 1, updated_at = now() where id = ${id}`;
    return use;
  });
}

async function countTeamUse(sql: Sql, id: string): Promise<TeamUse> {
  const [row] = await sql<TeamUse[]>`
    select
      (select count(*) from routing_rules where deleted_at is null
        and (assign->>'teamId' = ${id} or fallback @> ${json(sql, [{ to: { teamId: id } }])}::jsonb))::integer as rules,
      (select count(*) from sla_policies p join sla_policy_versions v on v.policy_id = p.id and v.version = p.version
        where p.deleted_at is null and strpos(v.definition::text, ${id}) > 0)::integer as policies,
      (select count(*) from tickets t where t.category <> 'closed' and not t.spam and t.merged_into_id is null
        and (t.team_id = ${id} or (t.assignee_id is null and t.routing->'fallback' @> ${json(sql, [{ to: { teamId: id } }])}::jsonb))
      )::integer as "openTickets"`;
  return row ?? { rules: 0, policies: 0, openTickets: 0 };
}

/** An API key as the API shows it: never the token. */
export interface ApiKeyRow {
  id: string;
  userId: string;
  name: string;
  tokenStart: string;
  scopes: string[];
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** Adds a key; only the hash of its token is stored. */
export async function insertApiKey(
  sql: Sql,
  key: { userId: string; name: string; tokenHash: Buffer; tokenStart: string; scopes: string[] },
): Promise<{ id: string }> {
  const [row] = await sql<{ id: string }[]>`
    insert into api_keys (user_id, name, token_hash, token_start, scopes)
    values (${key.userId}, ${key.name}, ${key.tokenHash}, ${key.tokenStart}, ${key.scopes})
    on conflict (token_hash) do update set name = excluded.name
    returning id`;
  if (row === undefined) throw new Error('An API key could not be stored.');
  return row;
}

/** Keys, newest first (ids grow with time), all or one page of them, of everybody or of one user. */
export async function listApiKeys(
  sql: Sql,
  page?: ListPage,
  userId: string | null = null,
): Promise<ApiKeyRow[]> {
  const after = page?.after?.id ?? null;
  return await sql<ApiKeyRow[]>`
    select id, user_id as "userId", name, token_start as "tokenStart", scopes, created_at as "createdAt",
      last_used_at as "lastUsedAt", revoked_at as "revokedAt"
    from api_keys where (${after}::uuid is null or id < ${after}::uuid)
      and (${userId}::uuid is null or user_id = ${userId}::uuid)
    order by id desc limit ${page?.limit ?? null}`;
}

/** Ends a key at once, of everybody or of one user; false when there is no living one. */
export async function revokeApiKey(
  sql: Sql,
  id: string,
  userId: string | null = null,
): Promise<boolean> {
  const rows = await sql`
    update api_keys set revoked_at = now()
    where id = ${id} and revoked_at is null and (${userId}::uuid is null or user_id = ${userId}::uuid) returning id`;
  return rows.length > 0;
}
