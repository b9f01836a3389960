// Handing out tickets: an agent's place is a row of ticket_assignments, taken under locks so that two routings never take one.
// Lock order everywhere: the team, then the user; load is counted after both are held.
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import type { ChannelKind } from '#domain/desk.ts';
import { reasonOf } from '#domain/routing-reasons.ts';
import {
  ineligibility,
  needsOf,
  NO_NEEDS,
  pickAgent,
  skillLevel,
  STRATEGIES_BY_LOAD,
} from '#domain/routing.ts';
import type {
  Candidate,
  RoutingAsk,
  RoutingStrategy,
  SkillNeeds,
  Sticky,
  StickyClaim,
} from '#domain/routing.ts';
import { absencesOf } from './availability.ts';
import { json } from './sql.ts';
import type { Sql, SqlPool } from './sql.ts';
import { compiledHours } from './working-hours.ts';

/** An agent found for a ticket. */
export interface AgentFound {
  userId: string;
  reason: string;
}

/** A ticket that wants an agent. */
export interface PlaceAsk {
  ticketId: number;
  needs: SkillNeeds;
  channel: ChannelKind;
  sticky?: StickyClaim | null;
  nowMs: number;
}

interface CandidateRow extends Omit<Candidate, 'workingHours' | 'load'> {
  workingHours: CalendarDefinition | null;
}

function candidateOf(row: CandidateRow): Candidate {
  const load = Object.values(row.channelLoad).reduce((sum, count) => sum + count, 0);
  return { ...row, load, workingHours: compiledHours(row.workingHours) };
}

/** What of a user u makes a candidate at an instant. Load: open tickets of theirs, and places held that no ticket has taken over yet. */
const candidateColumns = (sql: Sql, nowMs: number, load = channelLoad(sql)) => sql`
  u.id as "userId", u.name, u.active, u.seat, u.availability,
  (u.role not in ('readOnly', 'custom') or exists (select 1 from roles r
    where r.id = u.role_id and r.permissions @> array['ticket.reply'])) as "mayReply",
  u.working_hours as "workingHours", u.capacity, u.channel_capacity as "channelCapacity", u.skills, u.skill_levels as "skillLevels",
  ${absencesOf(sql, nowMs)} as absences,
  ${load} as "channelLoad"`;

/**
 * Open tickets of a user u by channel, as JSON; served by tickets_load and ticket_assignments_unconfirmed. From the few places to their
 * tickets, each "offset 0" says so: in a desk whose tables have grown since Postgres looked at them it would go through all open tickets.
 */
const channelLoad = (sql: Sql) => sql`
  coalesce((select jsonb_object_agg(held.channel, held.n) from (
    select open.channel, count(*)::integer as n from (
      select t.channel from tickets t
      where t.assignee_id = u.id and t.category in ('new', 'open') and not t.spam and t.merged_into_id is null
      union all
      select t.channel
      from (select a.ticket_id from ticket_assignments a where a.user_id = u.id and not a.confirmed offset 0) a
      cross join lateral (select t.* from tickets t where t.id = a.ticket_id offset 0) t
      where t.category in ('new', 'open') and not t.spam and t.merged_into_id is null
        and t.assignee_id is distinct from u.id) open
    group by open.channel) held), '{}')`;

/**
 * The same where it decides who of a team gets a ticket, else nothing: of people without a limit, in a team that does not go by load,
 * hundreds of tickets would be counted for each new one while the team is locked.
 */
const decidingLoad = (sql: Sql) => sql`
  case when u.capacity is null and u.channel_capacity = '{}' and team.strategy <> all(${[...STRATEGIES_BY_LOAD]}::text[]) then '{}'
    else ${channelLoad(sql)} end`;

/** The members of a team as candidates, with their present load; the statement is sent at once. */
export async function listCandidates(
  sql: Sql,
  teamId: string,
  nowMs: number,
  load = channelLoad(sql),
): Promise<Candidate[]> {
  const rows = await sql<CandidateRow[]>`
    select ${candidateColumns(sql, nowMs, load)}, tm.main, tm.last_turn as "lastTurn"
    from team_members tm join users u on u.id = tm.user_id join teams team on team.id = tm.team_id
    where tm.team_id = ${teamId}
    order by u.id`.execute();
  return rows.map(candidateOf);
}

/** Some people as candidates, whatever teams they are in. */
export async function listPeopleAsCandidates(
  sql: Sql,
  userIds: readonly string[],
  nowMs: number,
): Promise<Candidate[]> {
  const rows = await sql<CandidateRow[]>`
    select ${candidateColumns(sql, nowMs)}, true as main, 0::bigint as "lastTurn"
    from users u where u.id = any(${[...userIds]}::uuid[]) order by u.id`;
  return rows.map(candidateOf);
}

/** Who has the claim on a requester's ticket that a rule asks for: the assignee of their newest other one, or who looks after them. */
export async function findClaim(
  sql: Sql,
  sticky: Sticky,
  requesterId: string,
  ticketId: number,
): Promise<StickyClaim | null> {
  if (sticky === 'none') return null;
  const [row] = await sql<{ lastAssignee: string | null; contactOwner: string | null }[]>`
    select c.owner_id as "contactOwner", ${lastAssignee(sql, sql`c.id`, sql`${ticketId}`)} as "lastAssignee"
    from contacts c where c.id = ${requesterId}`;
  const userId = row?.[sticky] ?? null;
  return userId === null ? null : { userId, why: sticky };
}

/** The assignee of the newest other ticket of a requester; served by tickets_requester_assigned. */
const lastAssignee = (
  sql: Sql,
  requesterId: ReturnType<typeof sql>,
  ticketId: ReturnType<typeof sql>,
) => sql`
  (select before.assignee_id from tickets before
    where before.requester_id = ${requesterId} and before.assignee_id is not null and before.id <> ${ticketId}
    order by before.created_at desc, before.id desc limit 1)`;

/** Holds a place for one ticket with a free agent of the team; null when nobody may have it. Repeating it finds the same agent. */
export async function assignFromTeam(
  sql: SqlPool,
  ask: PlaceAsk & { teamId: string },
): Promise<AgentFound | null> {
  return await sql.begin(async (tx) => {
    const [{ strategy, candidates }, held] = await Promise.all([
      lockTeamAndMembers(tx, ask),
      findAssignment(tx, ask.ticketId),
    ]);
    if (held !== undefined) return held;
    if (strategy === undefined) return null;
    return await takePlace(tx, strategy, candidates, ask);
  });
}

/**
 * Holds a place with one named person, or with whoever the ticket sticks to when they may have it; otherwise the reason why the named
 * one may not.
 */
export async function assignToUser(
  sql: SqlPool,
  ask: PlaceAsk & { userId: string },
): Promise<{ found: AgentFound | null; reason: string }> {
  const { userId, ticketId, sticky } = ask;
  const wanted = [...new Set([userId, ...(sticky ? [sticky.userId] : [])])];
  return await sql.begin(async (tx) => {
    await lockUsers(tx, wanted);
    const held = await findAssignment(tx, ticketId);
    if (held !== undefined) return { found: held, reason: held.reason };
    const candidates = await listPeopleAsCandidates(tx, wanted, ask.nowMs);
    const claimed = pickAgent('manual', candidates, ask);
    const named = candidates.find((one) => one.userId === userId);
    const reason = named === undefined ? reasonOf('unknownPerson') : ineligibility(named, ask);
    if (claimed === null && reason !== null) return { found: null, reason };
    const found = claimed ?? { userId, reason: reasonOf('namedByRule') };
    await insertAssignment(tx, ticketId, null, found);
    return { found, reason: found.reason };
  });
}

/** Matches a team's waiting tickets, oldest first, with its free agents; `more` says that tickets and agents may be left. */
export async function assignWaiting(
  sql: SqlPool,
  ask: { teamId: string; nowMs: number; limit: number },
): Promise<{ assigned: { ticketId: number; userId: string; reason: string }[]; more: boolean }> {
  return await sql.begin(async (tx) => {
    const { strategy, candidates } = await lockTeamAndMembers(tx, ask);
    if (strategy === undefined || strategy === 'manual') return { assigned: [], more: false };
    const anything = { needs: NO_NEEDS, channel: null, nowMs: ask.nowMs };
    const free = candidates.filter((one) => ineligibility(one, anything) === null);
    if (free.length === 0) return { assigned: [], more: false };
    const waiting = await listWaitingTickets(
      tx,
      ask.teamId,
      ask.limit,
      free.map(offerOf(anything)),
    );
    const assigned: { ticketId: number; userId: string; reason: string }[] = [];
    for (const ticket of waiting) {
      const place = { ...ask, ...ticket, needs: needsOf(ticket), sticky: claimOf(ticket) };
      const found = await takePlace(tx, strategy, candidates, place);
      if (found !== null) assigned.push({ ticketId: ticket.ticketId, ...found });
    }
    const more = waiting.length === ask.limit && assigned.length > 0;
    return { assigned, more };
  });
}

/** What a free agent can take: the skills with their levels, and the channels with room. */
interface Offer {
  skills: Record<string, number>;
  channels: ChannelKind[];
}

const CHANNELS: readonly ChannelKind[] = ['email', 'api', 'form'];

function offerOf(anything: RoutingAsk): (candidate: Candidate) => Offer {
  return (candidate) => ({
    skills: Object.fromEntries(candidate.skills.map((name) => [name, skillLevel(candidate, name)])),
    channels: CHANNELS.filter(
      (channel) => ineligibility(candidate, { ...anything, channel }) === null,
    ),
  });
}

/** Gives one ticket to the best of the candidates and counts it, so that the next ticket of a batch sees it. */
async function takePlace(
  tx: Sql,
  strategy: RoutingStrategy,
  candidates: readonly Candidate[],
  ask: PlaceAsk & { teamId: string },
): Promise<AgentFound | null> {
  const picked = pickAgent(strategy, candidates, ask);
  if (picked === null) return null;
  const lastTurn = await insertPlaceInTurn(tx, ask.ticketId, ask.teamId, picked);
  // Another team was asked for the same ticket and was quicker: its agent has it.
  if (lastTurn === null) return (await findAssignment(tx, ask.ticketId)) ?? null;
  const holder = candidates.find(({ userId }) => userId === picked.userId);
  if (holder !== undefined) {
    const held = (holder.channelLoad[ask.channel] ?? 0) + 1;
    const channelLoad = { ...holder.channelLoad, [ask.channel]: held };
    Object.assign(holder, { load: holder.load + 1, channelLoad, lastTurn });
  }
  return picked;
}

/**
 * Locks a team, then its members, who may be given tickets by another team of theirs at this moment, then counts their load. The
 * three statements are sent at once, before whatever the caller asks along with them, and done in this order: execute() sends.
 * The team's lock is not `for update`: whoever holds a user and puts queue work for this team into the outbox would deadlock on
 * its foreign key.
 */
async function lockTeamAndMembers(
  tx: Sql,
  { teamId, nowMs }: { teamId: string; nowMs: number },
): Promise<{ strategy: RoutingStrategy | undefined; candidates: Candidate[] }> {
  const team = tx<{ strategy: RoutingStrategy }[]>`
    select strategy from teams where id = ${teamId} and active for no key update`.execute();
  const members = tx`
    select u.id from users u join team_members tm on tm.user_id = u.id
    where tm.team_id = ${teamId} order by u.id for no key update of u`.execute();
  const counted = listCandidates(tx, teamId, nowMs, decidingLoad(tx));
  const [[row], , candidates] = await Promise.all([team, members, counted]);
  return { strategy: row?.strategy, candidates };
}

async function lockUsers(tx: Sql, userIds: readonly string[]): Promise<void> {
  await tx`select id from users where id = any(${[...userIds]}::uuid[]) order by id for no key update`;
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

interface WaitingTicket {
  ticketId: number;
  channel: ChannelKind;
  requiredSkills: string[];
  requiredLevels: Record<string, number>;
  preferredSkills: string[];
  sticky: Sticky;
  claimant: string | null;
}

function claimOf({ sticky, claimant }: WaitingTicket): StickyClaim | null {
  return sticky === 'none' || claimant === null ? null : { userId: claimant, why: sticky };
}

/**
 * Tickets that wait for an agent of the team and ask for no more than one of those free offers, oldest first: a ticket that nobody
 * can take must not stand before those that somebody could. A rule's skills count while the ticket is where the rule put it and no
 * fallback has dropped them. Served by tickets_team_waiting.
 */
async function listWaitingTickets(
  tx: Sql,
  teamId: string,
  limit: number,
  offers: readonly Offer[],
): Promise<WaitingTicket[]> {
  return await tx<WaitingTicket[]>`
    with offers as materialized (
      select o.skills, o.channels from jsonb_to_recordset(${json(tx, offers)}::jsonb) as o(skills jsonb, channels jsonb))
    select t.id as "ticketId", t.channel, coalesce(asks.skills, '{}') as "requiredSkills",
      coalesce(r.required_levels, '{}') as "requiredLevels", coalesce(r.preferred_skills, '{}') as "preferredSkills",
      coalesce(r.sticky, 'none') as sticky,
      case r.sticky when 'contactOwner' then (select c.owner_id from contacts c where c.id = t.requester_id)
        when 'lastAssignee' then ${lastAssignee(tx, tx`t.requester_id`, tx`t.id`)} end as claimant
    from tickets t
    left join routing_rules r on r.id = (t.routing->>'ruleId')::uuid and r.deleted_at is null
    left join lateral (select r.required_skills as skills
      where t.team_id = (t.routing->>'teamId')::uuid and not coalesce((t.routing->>'skillsDropped')::boolean, false)) asks on true
    where t.team_id = ${teamId} and t.assignee_id is null and t.category in ('new', 'open')
      and not t.spam and t.merged_into_id is null and t.snoozed_until is null and not t.snoozed_until_reply
      and not exists (select 1 from ticket_assignments a where a.ticket_id = t.id)
      and exists (select 1 from offers o
        where o.channels ? t.channel
          and not exists (select 1 from unnest(asks.skills) as s(name)
            where coalesce((o.skills->>s.name)::integer, 0) < coalesce((r.required_levels->>s.name)::integer, 1)))
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

/** Places that no ticket took over in time: what told the tickets may have been lost. */
export async function listStaleAssignments(
  sql: Sql,
  olderThanMs: number,
  limit: number,
): Promise<{ ticketId: number; userId: string; teamId: string | null; reason: string }[]> {
  return await sql<{ ticketId: number; userId: string; teamId: string | null; reason: string }[]>`
    select a.ticket_id as "ticketId", a.user_id as "userId", a.team_id as "teamId", coalesce(a.reason->>'reason', '') as reason
    from ticket_assignments a join tickets t on t.id = a.ticket_id
    where not a.confirmed and t.assignee_id is distinct from a.user_id and t.version > 0
      and a.created_at < now() - make_interval(secs => ${olderThanMs / 1000})
    order by a.created_at limit ${limit}`;
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
