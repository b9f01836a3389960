// Handing out tickets: an agent's place is a row of ticket_assignments, taken under locks so that two routings never take one.
// Lock order everywhere: the team, then the user; load is counted after both are held.
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { ineligibility, pickAgent } from '#domain/routing.ts';
import type { Candidate, RoutingStrategy } from '#domain/routing.ts';
import { json } from './sql.ts';
import type { Sql, SqlPool } from './sql.ts';

/** An agent found for a ticket. */
export interface AgentFound {
  userId: string;
  reason: string;
}

interface CandidateRow extends Omit<Candidate, 'workingHours'> {
  workingHours: CalendarDefinition | null;
}

/** The members of a team as candidates, with their present load. */
export async function listCandidates(sql: Sql, teamId: string): Promise<Candidate[]> {
  const rows = await sql<CandidateRow[]>`
    select u.id as "userId", u.name, u.active, u.seat, u.role, u.availability,
      u.working_hours as "workingHours", u.capacity, u.skills, tm.main, tm.last_turn as "lastTurn",
      (select count(*) from ticket_assignments a join tickets t on t.id = a.ticket_id
        where a.user_id = u.id and t.category in ('new', 'open') and not t.spam and t.merged_into_id is null)::integer as load
    from team_members tm join users u on u.id = tm.user_id
    where tm.team_id = ${teamId}
    order by u.id`;
  return rows.map((row) => ({
    ...row,
    workingHours: row.workingHours === null ? null : compileCalendar(row.workingHours),
  }));
}

/** One person as a candidate for a rule that names them, whatever team they are in. */
export async function findCandidate(sql: Sql, userId: string): Promise<Candidate | undefined> {
  const [row] = await sql<CandidateRow[]>`
    select u.id as "userId", u.name, u.active, u.seat, u.role, u.availability,
      u.working_hours as "workingHours", u.capacity, u.skills, true as main, 0::bigint as "lastTurn",
      (select count(*) from ticket_assignments a join tickets t on t.id = a.ticket_id
        where a.user_id = u.id and t.category in ('new', 'open') and not t.spam and t.merged_into_id is null)::integer as load
    from users u where u.id = ${userId}`;
  if (row === undefined) return undefined;
  return {
    ...row,
    workingHours: row.workingHours === null ? null : compileCalendar(row.workingHours),
  };
}

/** Holds a place for one ticket with a free agent of the team; null when nobody may have it. Repeating it finds the same agent. */
export async function assignFromTeam(
  sql: SqlPool,
  ask: { teamId: string; ticketId: number; requiredSkills: string[]; nowMs: number },
): Promise<AgentFound | null> {
  return await sql.begin(async (tx) => {
    const strategy = await lockTeam(tx, ask.teamId);
    const held = await findAssignment(tx, ask.ticketId);
    if (held !== undefined) return held;
    if (strategy === undefined) return null;
    return await takePlace(tx, strategy, await lockCandidates(tx, ask.teamId), ask);
  });
}

/** Holds a place with one named person when they may have the ticket; otherwise the reason why not. */
export async function assignToUser(
  sql: SqlPool,
  ask: { userId: string; ticketId: number; requiredSkills: string[]; nowMs: number },
): Promise<{ found: AgentFound | null; reason: string }> {
  return await sql.begin(async (tx) => {
    await lockUser(tx, ask.userId);
    const held = await findAssignment(tx, ask.ticketId);
    if (held !== undefined) return { found: held, reason: held.reason };
    const candidate = await findCandidate(tx, ask.userId);
    const reason =
      candidate === undefined
        ? 'does not exist'
        : ineligibility(candidate, ask.requiredSkills, ask.nowMs);
    if (reason !== null) return { found: null, reason };
    const found = { userId: ask.userId, reason: 'named by the rule' };
    await insertAssignment(tx, ask.ticketId, null, found);
    return { found, reason: found.reason };
  });
}

/** Matches a team's waiting tickets, oldest first, with its free agents; `more` says that tickets and agents may be left. */
export async function assignWaiting(
  sql: SqlPool,
  ask: { teamId: string; nowMs: number; limit: number },
): Promise<{ assigned: { ticketId: number; userId: string; reason: string }[]; more: boolean }> {
  return await sql.begin(async (tx) => {
    const strategy = await lockTeam(tx, ask.teamId);
    if (strategy === undefined || strategy === 'manual') return { assigned: [], more: false };
    const candidates = await lockCandidates(tx, ask.teamId);
    const free = candidates.filter((one) => ineligibility(one, [], ask.nowMs) === null);
    if (free.length === 0) return { assigned: [], more: false };
    const skillSets = free.map(({ skills }) => skills);
    const waiting = await listWaitingTickets(tx, ask.teamId, ask.limit, skillSets);
    const assigned: { ticketId: number; userId: string; reason: string }[] = [];
    for (const { ticketId, requiredSkills } of waiting) {
      const found = await takePlace(tx, strategy, candidates, { ...ask, ticketId, requiredSkills });
      if (found !== null) assigned.push({ ticketId, ...found });
    }
    const more = waiting.length === ask.limit && assigned.length > 0;
    return { assigned, more };
  });
}

/** Gives one ticket to the best of the candidates and counts it, so that the next ticket of a batch sees it. */
async function takePlace(
  tx: Sql,
  strategy: RoutingStrategy,
  candidates: readonly Candidate[],
  ask: { teamId: string; ticketId: number; requiredSkills: string[]; nowMs: number },
): Promise<AgentFound | null> {
  const picked = pickAgent(strategy, candidates, ask.requiredSkills, ask.nowMs);
  if (picked === null) return null;
  const lastTurn = await insertPlaceInTurn(tx, ask.ticketId, ask.teamId, picked);
  // Another team was asked for the same ticket and was quicker: its agent has it.
  if (lastTurn === null) return (await findAssignment(tx, ask.ticketId)) ?? null;
  const holder = candidates.find(({ userId }) => userId === picked.userId);
  if (holder !== undefined) Object.assign(holder, { load: holder.load + 1, lastTurn });
  return picked;
}

/** Locks the members, who may be given tickets by another team of theirs at this moment, then counts their load. */
async function lockCandidates(tx: Sql, teamId: string): Promise<Candidate[]> {
  await tx`
    select u.id from users u join team_members tm on tm.user_id = u.id
    where tm.team_id = ${teamId} order by u.id for no key update of u`;
  return await listCandidates(tx, teamId);
}

/** Not `for update`: whoever holds a user and puts queue work for this team into the outbox would deadlock on its foreign key. */
async function lockTeam(tx: Sql, teamId: string): Promise<RoutingStrategy | undefined> {
  const [row] = await tx<{ strategy: RoutingStrategy }[]>`
    select strategy from teams where id = ${teamId} and active for no key update`;
  return row?.strategy;
}

async function lockUser(tx: Sql, userId: string): Promise<void> {
  await tx`select id from users where id = ${userId} for no key update`;
}

async function findAssignment(tx: Sql, ticketId: number): Promise<AgentFound | undefined> {
  const [row] = await tx<AgentFound[]>`
    select user_id as "userId", coalesce(reason->>'reason', '') as reason
    from ticket_assignments where ticket_id = ${ticketId}`;
  return row;
}

async function insertAssignment(
  tx: Sql,
  ticketId: number,
  teamId: string | null,
  found: AgentFound,
): Promise<void> {
  await tx`
    insert into ticket_assignments (ticket_id, user_id, team_id, reason)
    values (${ticketId}, ${found.userId}, ${teamId}, ${json(tx, { reason: found.reason })})
    on conflict (ticket_id) do nothing`;
}

/** Holds the place and moves the agent to the end of the team's turn; answers the turn's number, null when the place was taken. */
async function insertPlaceInTurn(
  tx: Sql,
  ticketId: number,
  teamId: string,
  found: AgentFound,
): Promise<number | null> {
  const [row] = await tx<{ lastTurn: number }[]>`
    with place as (
      insert into ticket_assignments (ticket_id, user_id, team_id, reason)
      values (${ticketId}, ${found.userId}, ${teamId}, ${json(tx, { reason: found.reason })})
      on conflict (ticket_id) do nothing returning user_id)
    update team_members set last_turn = nextval('assignment_turns') from place
    where team_members.team_id = ${teamId} and team_members.user_id = place.user_id
    returning last_turn as "lastTurn"`;
  return row?.lastTurn ?? null;
}

/**
 * Tickets that wait for an agent of the team and need no skills beyond those of somebody free, oldest first: a ticket that
 * nobody can take must not stand before those that somebody could. Served by tickets_team_waiting.
 */
async function listWaitingTickets(
  tx: Sql,
  teamId: string,
  limit: number,
  skillSets: readonly string[][],
): Promise<{ ticketId: number; requiredSkills: string[] }[]> {
  return await tx<{ ticketId: number; requiredSkills: string[] }[]>`
    select t.id as "ticketId", coalesce(r.required_skills, '{}') as "requiredSkills"
    from tickets t left join routing_rules r on r.id = (t.routing->>'ruleId')::uuid
    where t.team_id = ${teamId} and t.assignee_id is null and t.category in ('new', 'open')
      and not t.spam and t.merged_into_id is null and t.snoozed_until is null and not t.snoozed_until_reply
      and not exists (select 1 from ticket_assignments a where a.ticket_id = t.id)
      and (coalesce(r.required_skills, '{}') = '{}' or exists (
        select 1 from jsonb_array_elements(${json(tx, skillSets)}::jsonb) s
        where to_jsonb(r.required_skills) <@ s))
    order by t.created_at, t.id limit ${limit}`;
}

/** Teams in which a person's new freedom may help a waiting ticket. */
export async function listMainTeams(sql: Sql, userId: string): Promise<string[]> {
  const rows = await sql<{ teamId: string }[]>`
    select tm.team_id as "teamId" from team_members tm join teams t on t.id = tm.team_id
    where tm.user_id = ${userId} and tm.main and t.active order by tm.team_id`;
  return rows.map((row) => row.teamId);
}

/** Owes Temporal a look at the queues of a person's teams; in the transaction that frees them. */
export async function insertQueueCalls(sql: Sql, teamIds: readonly string[]): Promise<void> {
  await sql`
    with owed as (
      insert into relay_outbox (kind, team_id)
      select 'assignQueue', unnest(${[...teamIds]}::uuid[]) returning id)
    select pg_notify('relay', id::text) from owed`;
}

/** Gives back places that no ticket took over in time, and has the queues they free looked at again; answers how many. */
export async function releaseStaleAssignments(sql: Sql, olderThanMs: number): Promise<number> {
  const [row] = await sql<{ released: number }[]>`
    with freed as (
      delete from ticket_assignments a using tickets t
      where t.id = a.ticket_id and not a.confirmed
        and t.assignee_id is distinct from a.user_id and t.version > 0
        and a.created_at < now() - make_interval(secs => ${olderThanMs / 1000})
      returning a.user_id
    ), owed as (
      insert into relay_outbox (kind, team_id)
      select distinct 'assignQueue', tm.team_id
      from freed join team_members tm on tm.user_id = freed.user_id and tm.main
      join teams on teams.id = tm.team_id and teams.active
      returning id
    )
    select (select count(*)::integer from freed) as released,
      (select count(pg_notify('relay', owed.id::text)) from owed) as told`;
  return row?.released ?? 0;
}
