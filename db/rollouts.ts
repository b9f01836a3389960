// Rollouts: which open tickets a save of rules concerns, and which of them follow it by now. Counts are counts of those rows.
import type { TicketState } from '#domain/ticket-types.ts';
import { json } from './sql.ts';
import type { Sql } from './sql.ts';

/** What was saved: a policy, the calendar that policies count by, a pipeline, or the settings. */
export type RolloutSubject = 'slaPolicy' | 'calendar' | 'pipeline' | 'settings';

export type RolloutState =
  | 'planning'
  | 'running'
  | 'paused'
  | 'cancelled'
  | 'superseded'
  | 'finished';

/** One rollout with its counts. */
export interface RolloutRow {
  id: string;
  subjectKind: RolloutSubject;
  subjectId: string;
  subjectVersion: number;
  revision: number;
  state: RolloutState;
  total: number;
  done: number;
  failed: number;
  /** Tickets whose deadline moves earlier, and how many of them follow. */
  urgent: number;
  urgentDone: number;
  createdAt: Date;
  finishedAt: Date | null;
}

/** Stores what open tickets are to follow, with what Temporal is owed for it; a rollout of the same thing before it is superseded. */
export async function insertRollout(
  sql: Sql,
  rollout: {
    subjectKind: RolloutSubject;
    subjectId: string;
    subjectVersion: number;
    revision: number;
    askedBy: string | null;
  },
): Promise<void> {
  const { subjectKind, subjectId } = rollout;
  await sql`
    with superseded as (
      update rollouts set state = 'superseded', updated_at = now(), finished_at = now()
      where subject_id = ${subjectId} and state in ('planning', 'running', 'paused') returning id
    ), stored as (
      insert into rollouts (subject_kind, subject_id, subject_version, revision, asked_by)
      values (${subjectKind}, ${subjectId}, ${rollout.subjectVersion}, ${rollout.revision}, ${rollout.askedBy})
    ), owed as (
      insert into relay_outbox (kind, payload) values ('rollout', ${json(sql, { subjectKind, subjectId })}) returning id
    )
    select pg_notify('relay', id::text) from owed
    union all select pg_notify('rollout_progress', id::text) from superseded`;
}

/** The newest rollout of a policy or calendar, or undefined. */
export async function findRollout(sql: Sql, subjectId: string): Promise<RolloutRow | undefined> {
  const [row] = await sql<RolloutRow[]>`
    select ${columns(sql)}
    from rollouts r cross join lateral (${counts(sql)}) c
    where r.subject_id = ${subjectId} order by r.revision desc, r.id desc limit 1`;
  return row;
}

/** One rollout, or undefined. */
export async function findRolloutById(sql: Sql, id: string): Promise<RolloutRow | undefined> {
  const [row] = await sql<RolloutRow[]>`
    select ${columns(sql)}
    from rollouts r cross join lateral (${counts(sql)}) c
    where r.id = ${id}`;
  return row;
}

const columns = (sql: Sql) => sql`
  r.id, r.subject_kind as "subjectKind", r.subject_id as "subjectId", r.subject_version as "subjectVersion",
  r.revision, r.state, c.total, c.done, c.failed, c.urgent, c.urgent_done as "urgentDone",
  r.created_at as "createdAt", r.finished_at as "finishedAt"`;

const counts = (sql: Sql) => sql`
  select count(*)::integer as total,
    count(*) filter (where outcome = 'followed')::integer as done,
    count(*) filter (where outcome = 'failed')::integer as failed,
    count(*) filter (where urgent)::integer as urgent,
    count(*) filter (where urgent and outcome = 'followed')::integer as urgent_done
  from rollout_tickets where rollout_id = r.id`;

/** Moves a rollout from one of the given states to another, and tells whoever listens; false when it is in none of them. */
export async function moveRollout(
  sql: Sql,
  id: string,
  from: readonly RolloutState[],
  to: RolloutState,
): Promise<boolean> {
  const final = to === 'cancelled' || to === 'finished';
  const rows = await sql`
    with moved as (
      update rollouts set state = ${to}, updated_at = now(), finished_at = case when ${final} then now() end
      where id = ${id} and state = any(${[...from]}) returning id)
    select pg_notify('rollout_progress', id::text) from moved`;
  return rows.length > 0;
}

/** What a person does to a rollout that is under way; its workflow is told. False when it is not in a state that allows it. */
export async function steerRollout(
  sql: Sql,
  id: string,
  from: readonly RolloutState[],
  to: RolloutState,
): Promise<boolean> {
  const rows = await sql`
    with moved as (
      update rollouts set state = ${to}, updated_at = now(), finished_at = case when ${to === 'cancelled'} then now() end
      where id = ${id} and state = any(${[...from]}) returning id, subject_kind, subject_id
    ), owed as (
      insert into relay_outbox (kind, payload)
      select 'rollout', jsonb_build_object('subjectKind', subject_kind, 'subjectId', subject_id) from moved returning id
    )
    select pg_notify('relay', owed.id::text), pg_notify('rollout_progress', moved.id::text) from owed, moved`;
  return rows.length > 0;
}

/** Notes that a rollout is being worked on, and tells whoever listens for its progress. */
export async function touchRollout(sql: Sql, id: string): Promise<void> {
  await sql`
    with touched as (update rollouts set updated_at = now() where id = ${id} returning id)
    select pg_notify('rollout_progress', id::text) from touched`;
}

/** An open ticket whose rules are of an older save. */
export interface RolloutCandidate {
  id: number;
  policyId: string | null;
  policyVersion: number | null;
  calendarVersion: number | null;
  nextWakeAt: Date | null;
  state: TicketState;
  subject: string;
  body: string;
  requesterEmail: string | null;
  companyId: string | null;
  mailbox: string | null;
  language: string | null;
  fields: Record<string, unknown>;
}

/** One page of open tickets that do not follow the rollout's save yet and are not part of it, by id. */
export async function listRolloutCandidates(
  sql: Sql,
  rollout: { id: string; revision: number },
  afterId: number,
  limit: number,
): Promise<RolloutCandidate[]> {
  return await sql<RolloutCandidate[]>`
    select t.id, t.policy_id as "policyId", t.policy_version as "policyVersion", t.calendar_version as "calendarVersion",
      t.next_wake_at as "nextWakeAt", s.state, t.subject, c.email as "requesterEmail", t.company_id as "companyId",
      ch.address as mailbox, t.language, t.fields,
      coalesce((select left(m.body, 20000) from messages m
        where m.ticket_id = t.id and m.kind = 'inbound' order by m.created_at, m.id limit 1), '') as body
    from tickets t
    join ticket_snapshots s on s.ticket_id = t.id
    join contacts c on c.id = t.requester_id
    left join channels ch on ch.id = t.channel_id
    where t.id > ${afterId} and s.ticket_id > ${afterId} and t.category <> 'closed' and not t.ended and t.merged_into_id is null
      and t.rules_revision < ${rollout.revision}
      and not exists (select 1 from rollout_tickets r where r.rollout_id = ${rollout.id} and r.ticket_id = t.id)
    order by t.id limit ${limit}`;
}

/** Makes tickets part of a rollout. */
export async function insertRolloutTickets(
  sql: Sql,
  rolloutId: string,
  tickets: readonly { id: number; urgent: boolean }[],
): Promise<void> {
  if (tickets.length === 0) return;
  await sql`
    insert into rollout_tickets (rollout_id, ticket_id, urgent)
    select ${rolloutId}, n.id, n.urgent
    from jsonb_to_recordset(${json(sql, tickets)}::jsonb) as n(id bigint, urgent boolean)
    on conflict do nothing`;
}

/** The next tickets to be told: urgent ones first, those that did not follow last time at the end. */
export async function listRolloutPending(
  sql: Sql,
  rolloutId: string,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select ticket_id as id from rollout_tickets
    where rollout_id = ${rolloutId} and outcome is null
    order by urgent desc, attempts, ticket_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/**
 * Notes which of the given tickets follow by now, or need not any more because they closed, merged or ended; answers those that are
 * still behind, and whether the rollout goes on: null when a person paused or cancelled it, or a newer save has taken over.
 */
export async function noteRolloutFollowers(
  sql: Sql,
  rollout: { id: string; revision: number },
  ticketIds: readonly number[],
): Promise<number[] | null> {
  const [row] = await sql<{ behind: number[]; running: boolean }[]>`
    with noted as (
      update rollout_tickets r set outcome = 'followed', followed_at = now()
      from tickets t
      where r.rollout_id = ${rollout.id} and r.ticket_id = any(${[...ticketIds]}::bigint[]) and r.outcome is null
        and t.id = r.ticket_id
        and (t.rules_revision >= ${rollout.revision} or t.category = 'closed' or t.ended or t.merged_into_id is not null)
      returning r.ticket_id
    )
    select coalesce((select jsonb_agg(r.ticket_id order by r.ticket_id) from rollout_tickets r
        where r.rollout_id = ${rollout.id} and r.ticket_id = any(${[...ticketIds]}::bigint[]) and r.outcome is null
          and r.ticket_id not in (select ticket_id from noted)), '[]') as behind,
      (select state = 'running' from rollouts where id = ${rollout.id}) as running`;
  return row === undefined || !row.running ? null : row.behind;
}

/** Takes failures back of tickets that follow after all; answers how many. */
export async function noteLateFollowers(
  sql: Sql,
  rollout: { id: string; revision: number },
): Promise<number> {
  const rows = await sql`
    update rollout_tickets r set outcome = 'followed', followed_at = now()
    from tickets t
    where r.rollout_id = ${rollout.id} and r.outcome = 'failed' and t.id = r.ticket_id
      and (t.rules_revision >= ${rollout.revision} or t.category = 'closed' or t.ended or t.merged_into_id is not null)
    returning r.ticket_id`;
  return rows.length;
}

/** Notes that tickets were told and did not follow in time; after maxAttempts they count as failed. */
export async function postponeRolloutTickets(
  sql: Sql,
  rolloutId: string,
  ticketIds: readonly number[],
  maxAttempts: number,
): Promise<void> {
  await sql`
    update rollout_tickets set attempts = attempts + 1,
      outcome = case when attempts + 1 >= ${maxAttempts} then 'failed' end
    where rollout_id = ${rolloutId} and ticket_id = any(${[...ticketIds]}::bigint[]) and outcome is null`;
}
