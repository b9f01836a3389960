// Users, teams, routing rules and API keys.
import type { RoutingRule, RoutingStrategy } from '#domain/routing.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { insertQueueCalls, listMainTeams } from './assignments.ts';
import { bumpRevision } from './desk-rules.ts';
import { behind, json } from './sql.ts';
import type { ListPage, Sql, SqlPool } from './sql.ts';

/** A user as the API shows them. */
export interface UserRow {
  id: string;
  name: string;
  email: string;
  role: 'admin' | 'agent' | 'readOnly';
  seat: boolean;
  capacity: number | null;
  skills: string[];
  availability: 'available' | 'away';
  workingHours: CalendarDefinition | null;
  active: boolean;
  version: number;
}

/** What a user can be made of. */
export type UserValues = Omit<UserRow, 'id' | 'version'>;

/** Users by name, all or one page of them. */
export async function listUsers(sql: Sql, page?: ListPage): Promise<UserRow[]> {
  return await sql<UserRow[]>`
    select id, name, email, role, seat, capacity, skills, availability, working_hours as "workingHours", active, version
    from users where true ${behind(sql, 'name', page)} order by name, id limit ${page?.limit ?? null}`;
}

/** One user, or undefined. */
export async function findUser(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`
    select id, name, email, role, seat, capacity, skills, availability, working_hours as "workingHours", active, version
    from users where id = ${id}`;
  return row;
}

/** Adds a user; undefined when the address is taken. */
export async function insertUser(sql: Sql, user: UserValues): Promise<{ id: string } | undefined> {
  const [row] = await sql<{ id: string }[]>`
    insert into users (name, email, role, seat, capacity, skills, availability, working_hours, active)
    values (${user.name}, ${user.email}, ${user.role}, ${user.seat}, ${user.capacity}, ${user.skills},
      ${user.availability}, ${user.workingHours === null ? null : json(sql, user.workingHours)}, ${user.active})
    on conflict (email) do nothing returning id`;
  return row;
}

/**
 * Changes a user and, since that may free an agent, has the queues of their teams looked at; undefined when there is none
 * or `expected` is not their version.
 */
export async function updateUser(
  sql: SqlPool,
  id: string,
  user: UserValues,
  expected: number | null = null,
): Promise<UserRow | undefined> {
  return await sql.begin(async (tx) => {
    const [row] = await tx<UserRow[]>`
      update users set name = ${user.name}, email = ${user.email}, role = ${user.role}, seat = ${user.seat},
        capacity = ${user.capacity}, skills = ${user.skills}, availability = ${user.availability},
        working_hours = ${user.workingHours === null ? null : json(tx, user.workingHours)}, active = ${user.active},
        version = version + 1, updated_at = now()
      where id = ${id} and (${expected}::integer is null or version = ${expected}::integer)
      returning id, name, email, role, seat, capacity, skills, availability, working_hours as "workingHours", active, version`;
    if (row !== undefined) await insertQueueCalls(tx, await listMainTeams(tx, id));
    return row;
  });
}

/** Sets one person available or away, leaving alone what an admin changes meanwhile; undefined when there is none. */
export async function updateAvailability(
  sql: SqlPool,
  id: string,
  availability: UserRow['availability'],
): Promise<UserRow | undefined> {
  return await sql.begin(async (tx) => {
    const [row] = await tx<UserRow[]>`
      update users set availability = ${availability}, version = version + 1, updated_at = now()
      where id = ${id}
      returning id, name, email, role, seat, capacity, skills, availability, working_hours as "workingHours", active, version`;
    if (row !== undefined) await insertQueueCalls(tx, await listMainTeams(tx, id));
    return row;
  });
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

/** Routing rules in order, all or one page of them. */
export async function listRoutingRules(sql: Sql, page?: ListPage): Promise<RoutingRule[]> {
  return await sql<RoutingRule[]>`
    select id, version, name, position, enabled, conditions, assign, required_skills as "requiredSkills"
    from routing_rules where deleted_at is null ${behind(sql, 'position', page)}
    order by position, id limit ${page?.limit ?? null}`;
}

/** Saves a routing rule, new (id null) or changed; null when it is gone or `expected` is not its version. */
export async function saveRoutingRule(
  sql: SqlPool,
  rule: Omit<RoutingRule, 'id' | 'version'> & { id: string | null; expected?: number | null },
): Promise<{ id: string; version: number } | null> {
  const expected = rule.expected ?? null;
  return await sql.begin(async (tx) => {
    const [row] =
      rule.id === null
        ? await tx<{ id: string; version: number }[]>`
            insert into routing_rules (name, position, enabled, conditions, assign, required_skills)
            values (${rule.name}, ${rule.position}, ${rule.enabled}, ${json(tx, rule.conditions)},
              ${json(tx, rule.assign)}, ${rule.requiredSkills})
            returning id, version`
        : await tx<{ id: string; version: number }[]>`
            update routing_rules set name = ${rule.name}, position = ${rule.position}, enabled = ${rule.enabled},
              conditions = ${json(tx, rule.conditions)}, assign = ${json(tx, rule.assign)},
              required_skills = ${rule.requiredSkills}, version = version + 1, updated_at = now()
            where id = ${rule.id} and deleted_at is null
              and (${expected}::integer is null or version = ${expected}::integer)
            returning id, version`;
    if (row === undefined) return null;
    await bumpRevision(tx);
    return row;
  });
}

/** Takes a rule out of use; false when there is none. */
export async function deleteRoutingRule(sql: SqlPool, id: string): Promise<boolean> {
  return await sql.begin(async (tx) => {
    const rows = await tx`
      update routing_rules set deleted_at = now() where id = ${id} and deleted_at is null returning id`;
    if (rows.length > 0) await bumpRevision(tx);
    return rows.length > 0;
  });
}

/** Who calls, by API key. */
export interface CallerRow {
  keyId: string;
  userId: string;
  role: UserRow['role'];
  scopes: string[];
}

/** The caller of a key that is not revoked and whose user is active; notes that the key was used, at most once a minute. */
export async function findCaller(sql: Sql, tokenHash: Buffer): Promise<CallerRow | undefined> {
  const [row] = await sql<CallerRow[]>`
    with found as (
      select k.id, k.user_id, u.role, k.scopes, k.last_used_at
      from api_keys k join users u on u.id = k.user_id
      where k.token_hash = ${tokenHash} and k.revoked_at is null and u.active
    ), used as (
      update api_keys k set last_used_at = now() from found
      where k.id = found.id and (found.last_used_at is null or found.last_used_at < now() - interval '1 minute')
    )
    select id as "keyId", user_id as "userId", role, scopes from found`;
  return row;
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

/** Keys, newest first (ids grow with time), all or one page of them. */
export async function listApiKeys(sql: Sql, page?: ListPage): Promise<ApiKeyRow[]> {
  const after = page?.after?.id ?? null;
  return await sql<ApiKeyRow[]>`
    select id, user_id as "userId", name, token_start as "tokenStart", scopes, created_at as "createdAt",
      last_used_at as "lastUsedAt", revoked_at as "revokedAt"
    from api_keys where ${after}::uuid is null or id < ${after}::uuid
    order by id desc limit ${page?.limit ?? null}`;
}

/** Ends a key at once; false when there is no living one. */
export async function revokeApiKey(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    update api_keys set revoked_at = now() where id = ${id} and revoked_at is null returning id`;
  return rows.length > 0;
}
