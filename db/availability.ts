// Who is there: ranges out of office, what an agent's availability workflow has made of the facts so far, and the tickets that
// somebody who went away gives back.
import type { AvailabilityFacts, Absence, KnownAvailability } from '#domain/availability.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { json } from './sql.ts';
import type { Sql } from './sql.ts';
import { compiledHours } from './working-hours.ts';

/** A range out of office as the API shows it. */
export interface AbsenceRow {
  id: string;
  from: Date;
  to: Date;
  note: string | null;
}

/** Ranges of a user u that are not over at an instant, as JSON of epoch ms; for the select lists of this folder. */
export const absencesOf = (sql: Sql, nowMs: number) => sql`
  coalesce((select jsonb_agg(jsonb_build_object('fromMs', floor(extract(epoch from x.from_at) * 1000)::bigint,
      'toMs', floor(extract(epoch from x.to_at) * 1000)::bigint) order by x.from_at)
    from user_absences x where x.user_id = u.id and x.to_at > ${new Date(nowMs)}), '[]')`;

/** A user's ranges that are not over, the earliest first. */
export async function listAbsences(sql: Sql, userId: string, nowMs: number): Promise<AbsenceRow[]> {
  return await sql<AbsenceRow[]>`
    select id, from_at as "from", to_at as "to", note from user_absences
    where user_id = ${userId} and to_at > ${new Date(nowMs)} order by from_at, id`;
}

/** Adds a range, and owes the user's workflow a look; undefined when there is no such user. Call it in a transaction. */
export async function insertAbsence(
  sql: Sql,
  absence: { userId: string; from: Date; to: Date; note: string | null },
): Promise<AbsenceRow | undefined> {
  const [row] = await sql<AbsenceRow[]>`
    insert into user_absences (user_id, from_at, to_at, note)
    select id, ${absence.from}, ${absence.to}, ${absence.note} from users where id = ${absence.userId}
    returning id, from_at as "from", to_at as "to", note`;
  if (row !== undefined) await insertAvailabilityCalls(sql, [absence.userId]);
  return row;
}

/** Takes a range back; false when the user has no such range. Call it in a transaction. */
export async function deleteAbsence(sql: Sql, userId: string, id: string): Promise<boolean> {
  const rows = await sql`
    delete from user_absences where id = ${id} and user_id = ${userId} returning id`;
  if (rows.length > 0) await insertAvailabilityCalls(sql, [userId]);
  return rows.length > 0;
}

/**
 * Owes the availability workflows of some people a look at what has changed, in the transaction that changed it. Nothing is owed for
 * people who have neither hours nor ranges and had none, unless tickets go back when somebody goes away.
 */
export async function insertAvailabilityCalls(sql: Sql, userIds: readonly string[]): Promise<void> {
  await sql`
    with owed as (
      insert into relay_outbox (kind, payload)
      select 'availability', jsonb_build_object('userId', u.id) from users u
      where u.id = any(${[...userIds]}::uuid[])
        and (u.working_hours is not null
          or exists (select 1 from user_absences x where x.user_id = u.id and x.to_at > now())
          or exists (select 1 from user_availability a where a.user_id = u.id)
          or coalesce((select (value->'awayReassign'->>'enabled')::boolean from settings), false))
      returning id)
    select pg_notify('relay', id::text) from owed`;
}

/** The same for everybody, when the rules of going away have changed. */
export async function insertAvailabilityCallsOfAll(sql: Sql): Promise<void> {
  const rows = await sql<{ id: string }[]>`select id from users where active`;
  await insertAvailabilityCalls(
    sql,
    rows.map(({ id }) => id),
  );
}

/** What decides on somebody's availability, what was made of it last, and the team that their tickets without one go to. */
export interface AvailabilitySource {
  facts: AvailabilityFacts;
  teamId: string | null;
  known: KnownAvailability | null;
}

/** Two looks at one person must not both find the same change. */
export async function lockUser(sql: Sql, userId: string): Promise<void> {
  await sql`select id from users where id = ${userId} for no key update`;
}

/** Reads it; undefined when there is no such user. Who is not active is away. */
export async function findAvailability(
  sql: Sql,
  userId: string,
  nowMs: number,
): Promise<AvailabilitySource | undefined> {
  const [row] = await sql<
    {
      toggle: 'available' | 'away';
      workingHours: CalendarDefinition | null;
      absences: Absence[];
      teamId: string | null;
      availability: 'available' | 'away' | null;
      since: Date;
      nextAt: Date | null;
      handedBack: boolean;
    }[]
  >`
    select case when u.active then u.availability else 'away' end as toggle, u.working_hours as "workingHours",
      ${absencesOf(sql, nowMs)} as absences,
      (select tm.team_id from team_members tm join teams t on t.id = tm.team_id
        where tm.user_id = u.id and tm.main and t.active order by t.created_at, t.id limit 1) as "teamId",
      a.availability, a.since, a.next_at as "nextAt", a.handed_back as "handedBack"
    from users u left join user_availability a on a.user_id = u.id
    where u.id = ${userId}`;
  if (row === undefined) return undefined;
  const { toggle, absences, teamId, availability, since, nextAt, handedBack } = row;
  return {
    facts: { toggle, absences, hours: compiledHours(row.workingHours) },
    teamId,
    known:
      availability === null
        ? null
        : {
            ...{ availability, handedBack, sinceMs: since.getTime() },
            nextAtMs: nextAt?.getTime() ?? null,
          },
  };
}

/** Keeps what was made of the facts, and when they are looked at again. */
export async function upsertAvailability(
  sql: Sql,
  seen: {
    userId: string;
    availability: 'available' | 'away';
    sinceMs: number;
    nextAtMs: number | null;
    handedBack: boolean;
  },
): Promise<void> {
  const nextAt = seen.nextAtMs === null ? null : new Date(seen.nextAtMs);
  await sql`
    insert into user_availability (user_id, availability, since, next_at, handed_back)
    values (${seen.userId}, ${seen.availability}, ${new Date(seen.sinceMs)}, ${nextAt}, ${seen.handedBack})
    on conflict (user_id) do update set availability = excluded.availability, since = excluded.since,
      next_at = excluded.next_at, handed_back = excluded.handed_back, updated_at = now()`;
}

/** What becomes of an open ticket t when its assignee is away for good: goesBack, or it waits for its requester, or nobody else is there. */
const fateOf = (sql: Sql, teamId: string | null) => sql`
  (case when t.category not in ('new', 'open') then 'waits'
    when t.team_id is null and ${teamId}::uuid is null then 'noTeam' else 'goesBack' end)`;

/** An open ticket of somebody, and what becomes of it when its assignee is away. */
export interface HeldTicket {
  ticketId: number;
  subject: string;
  fate: 'goesBack' | 'waits' | 'noTeam';
  teamId: string | null;
}

/** Somebody's open tickets by what would become of them: counted by team, and the oldest `limit` of each fate. */
export async function listHeldTickets(
  sql: Sql,
  held: { userId: string; teamId: string | null; limit: number },
): Promise<{
  counts: { fate: HeldTicket['fate']; teamId: string | null; count: number }[];
  sample: HeldTicket[];
}> {
  const { userId, teamId, limit } = held;
  const counts = await sql<{ fate: HeldTicket['fate']; teamId: string | null; count: number }[]>`
    select ${fateOf(sql, teamId)} as fate, coalesce(t.team_id, ${teamId}::uuid) as "teamId", count(*)::integer as count
    from tickets t
    where t.assignee_id = ${userId} and t.category <> 'closed' and not t.spam and t.merged_into_id is null
    group by 1, 2 order by 3 desc, 2`;
  const sample = await sql<HeldTicket[]>`
    select "ticketId", subject, fate, "teamId" from (
      select t.id as "ticketId", t.subject, ${fateOf(sql, teamId)} as fate, coalesce(t.team_id, ${teamId}::uuid) as "teamId",
        row_number() over (partition by ${fateOf(sql, teamId)} order by t.created_at, t.id) as place
      from tickets t
      where t.assignee_id = ${userId} and t.category <> 'closed' and not t.spam and t.merged_into_id is null) held
    where place <= ${limit} order by place, fate`;
  return { counts, sample };
}

/** Owes each open ticket of somebody the word that they are away; answers how many. Those without any team stay with them. */
export async function insertTicketReturns(
  sql: Sql,
  away: { userId: string; teamId: string | null; reason: string },
): Promise<number> {
  const fact = { type: 'returnToQueue', ...away };
  const [row] = await sql<{ owed: number }[]>`
    with owed as (
      insert into relay_outbox (kind, ticket_id, payload)
      select 'ticketSignal', t.id, ${json(sql, fact)} from tickets t
      where t.assignee_id = ${away.userId} and t.category <> 'closed' and not t.spam and t.merged_into_id is null
        and ${fateOf(sql, away.teamId)} = 'goesBack'
      order by t.created_at, t.id
      returning id)
    select count(pg_notify('relay', id::text))::integer as owed from owed`;
  return row?.owed ?? 0;
}

/**
 * People whose availability workflow has missed its next look, or never had a first one although they have hours or ranges. full:
 * everybody who has a next look, for a Temporal that has lost its data.
 */
export async function listUnattendedUsers(
  sql: Sql,
  lateSeconds: number,
  full: boolean,
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select u.id from users u left join user_availability a on a.user_id = u.id
    where (a.next_at < now() - make_interval(secs => ${lateSeconds})
        or (${full} and a.next_at is not null)
        or (a.user_id is null and u.active and u.updated_at < now() - make_interval(secs => ${lateSeconds})
          and (u.working_hours is not null
            or exists (select 1 from user_absences x where x.user_id = u.id and x.to_at > now()))))
      and not exists (select 1 from relay_outbox o where o.kind = 'availability' and o.payload->>'userId' = u.id::text)
    order by u.id limit ${limit}`;
  return rows.map(({ id }) => id);
}
