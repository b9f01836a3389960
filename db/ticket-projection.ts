// The read model's writer: one statement per projection, taken or refused as a whole by its fence.
// Called by activities only; no route, job or script writes the tickets row.
import type { RoutingDecision } from '#domain/desk.ts';
import type { NotificationTopic } from '#domain/notifications.ts';
import type { SlaView } from '#domain/sla.ts';
import type { TicketState } from '#domain/ticket-types.ts';
import { json } from './sql.ts';
import type { Sql } from './sql.ts';

/** A row of ticket_events to be written; at in ISO. */
export interface EventRow {
  seq: number;
  at: string;
  type: string;
  actor: unknown;
  data: unknown;
}

/** A message's new state, taken only from one of the states it may come from. */
export interface MessageStateRow {
  id: string;
  state: 'queued' | 'posted' | 'cancelled';
  from: string[];
  send_at: string | null;
}

/** A notice for one person; one per (person, ticket, seq). */
export interface NoticeRow {
  user_id: string;
  seq: number;
  type: string;
  /** What they may have chosen not to be told of. */
  topic: NotificationTopic | null;
  data: unknown;
  at: string;
}

/** A note that an escalation step posts; path: where its words stand in the policy version's definition. */
export interface StepNoteRow {
  id: string;
  policy_id: string;
  version: number;
  path: string[];
  at: string;
}

/** A notice that an escalation step sends out of the desk: known from here on, so that one whose workflow is lost is missed. */
export interface StepNoticeWrite {
  seq: number;
  action: number;
  kind: 'email' | 'webhook';
}

/** Everything one projection writes. */
export interface ProjectionWrite {
  state: TicketState;
  sla: SlaView;
  slaJson: unknown;
  routing: RoutingDecision | null;
  wakeAtMs: number | null;
  wakeReason: string | null;
  /** The save whose rules the ticket carries, and the version of the calendar its deadlines count by. */
  rulesRevision: number;
  calendarVersion: number | null;
  /** Not null: refused when the desk's rules have another revision by now. */
  onlyAtRevision: number | null;
  fence: { runStartedMs: number; historyLength: number };
  events: EventRow[];
  messages: MessageStateRow[];
  notices: NoticeRow[];
  stepNotes: StepNoteRow[];
  stepNotices: StepNoticeWrite[];
  editIds: string[];
  /** The place held in ticket_assignments is given back although nobody else takes it. */
  releaseAssignment: boolean;
  /** More people than before may have the waiting ticket: its team's queue is looked at again. */
  asksOthers: boolean;
}

const at = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/**
 * Writes a ticket's row, events, snapshot, message states, notices and the agent's place in one statement.
 * Refused (taken = false) when a newer fence has written before: (run start, history length, version) must not go back.
 * Puts assign-queue work into the outbox when an agent's capacity was freed or the ticket began to wait for one.
 */
// oxlint-disable-next-line max-lines-per-function -- one statement, all or nothing, whole and visible
export async function projectTicketRow(
  sql: Sql,
  write: ProjectionWrite,
): Promise<{ taken: boolean; revision: number }> {
  const { state, sla, fence } = write;
  const waits =
    state.assigneeId === null && isOpen(state) && !isSnoozed(state) && state.teamId !== null;
  const [row] = await sql<{ taken: boolean; revision: number }[]>`
    with old as (
      select id, assignee_id, team_id, category, spam, merged_into_id, version,
        assignee_id is null and category in ('new', 'open') and not spam and merged_into_id is null
          and snoozed_until is null and not snoozed_until_reply and version > 0 as waited
      from tickets where id = ${state.id} for no key update
    ), taken as (
      update tickets t set
        subject = coalesce((select e.subject from ticket_edits e
          where e.id = any(${write.editIds}::uuid[]) and e.subject is not null
          order by array_position(${write.editIds}::uuid[], e.id) desc limit 1), t.subject),
        fields = case when cardinality(${write.editIds}::uuid[]) = 0 then t.fields
          else t.fields || coalesce((select jsonb_object_agg(f.key, f.value order by array_position(${write.editIds}::uuid[], e.id))
            from ticket_edits e
            cross join lateral jsonb_each(coalesce(e.fields, '{}')) f
            where e.id = any(${write.editIds}::uuid[])), '{}') end,
        pipeline_id = ${state.pipelineId}, status = ${state.status}, category = ${state.category},
        priority = ${state.priority}, assignee_id = ${state.assigneeId}, team_id = ${state.teamId},
        channel_id = ${state.channelId}, tags = ${state.tags}, followers = ${state.followers}::uuid[],
        sla = ${json(sql, write.slaJson)}, policy_id = ${sla.policyId}, policy_version = ${sla.policyVersion},
        rules_revision = ${write.rulesRevision}, calendar_version = ${write.calendarVersion},
        sla_state = ${sla.state}, next_due_at = ${at(sla.nextDueAtMs)},
        next_wake_at = ${at(write.wakeAtMs)}, next_wake_reason = ${write.wakeReason},
        routing = ${write.routing === null ? null : json(sql, write.routing)},
        escalation_level = ${state.escalationLevel}, snoozed_until = ${at(state.snoozedUntilMs)},
        snoozed_until_reply = ${state.snoozedUntilReply},
        merged_into_id = ${state.mergedInto?.ticketId ?? null}, spam = ${state.spam}, ended = ${state.ended},
        version = ${state.version}, fence_run_started_ms = ${fence.runStartedMs},
        fence_history_length = ${fence.historyLength},
        updated_at = ${at(state.updatedAtMs)}, closed_at = ${at(state.closedAtMs)}
      from old
      where t.id = old.id
        and (t.fence_run_started_ms, t.fence_history_length, t.version)
          <= (${fence.runStartedMs}::bigint, ${fence.historyLength}::integer, ${state.version}::integer)
        and (${write.onlyAtRevision}::bigint is null
          or ${write.onlyAtRevision}::bigint = (select revision from desk_revision))
      returning t.id
    ), written_events as (
      insert into ticket_events (ticket_id, seq, at, type, actor, data)
      select taken.id, e.seq, e.at, e.type, e.actor, e.data
      from taken, jsonb_to_recordset(${json(sql, write.events)}::jsonb)
        as e(seq integer, at timestamptz, type text, actor jsonb, data jsonb)
      on conflict (ticket_id, seq) do update
        set at = excluded.at, type = excluded.type, actor = excluded.actor, data = excluded.data, xid = excluded.xid
    ), undone_events as (
      delete from ticket_events e using taken where e.ticket_id = taken.id and e.seq > ${state.version}
    ), snapshot as (
      insert into ticket_snapshots (ticket_id, version, state)
      select taken.id, ${state.version}, ${json(sql, state)} from taken
      on conflict (ticket_id) do update set version = excluded.version, state = excluded.state
    )${
      write.messages.length === 0
        ? sql``
        : sql`, message_states as (
      update messages m set state = n.state, send_at = coalesce(n.send_at, m.send_at)
      from taken, jsonb_to_recordset(${json(sql, write.messages)}::jsonb)
        as n(id uuid, state text, "from" text[], send_at timestamptz)
      where m.id = n.id and m.state = any(n."from")
    )`
    }${
      write.notices.length === 0
        ? sql``
        : sql`, notices as (
      insert into notifications (user_id, ticket_id, seq, type, data, at, bell, browser, mail)
      select n.user_id, taken.id, n.seq, n.type, n.data, n.at, coalesce(own.bell, everybody.bell, true),
        coalesce(own.browser, everybody.browser, false),
        case when coalesce(own.email, everybody.email, false) then 'owed' end
      from taken, jsonb_to_recordset(${json(sql, write.notices)}::jsonb)
        as n(user_id uuid, seq integer, type text, topic text, data jsonb, at timestamptz)
      left join notification_settings own on own.user_id = n.user_id and own.topic = n.topic
      left join notification_settings everybody on everybody.user_id is null and everybody.topic = n.topic
      where coalesce(own.bell or own.browser or own.email, everybody.bell or everybody.browser or everybody.email, true)
      on conflict (user_id, ticket_id, seq) do nothing
      returning id, user_id, mail
    ), notice_mails as (
      insert into relay_outbox (kind, payload)
      select 'noticeMail', jsonb_build_object('notificationId', notices.id) from notices where notices.mail = 'owed'
      returning id
    )`
    }${
      write.stepNotes.length === 0
        ? sql``
        : sql`, step_notes as (
      insert into messages (id, ticket_id, kind, state, automatic, body, created_at)
      select n.id, taken.id, 'note', 'posted', true, v.definition #>> n.path, n.at
      from taken, jsonb_to_recordset(${json(sql, write.stepNotes)}::jsonb)
        as n(id uuid, policy_id uuid, version integer, path text[], at timestamptz)
      join sla_policy_versions v on v.policy_id = n.policy_id and v.version = n.version
      where v.definition #>> n.path is not null
      on conflict (id) do nothing
    )`
    }${
      write.stepNotices.length === 0
        ? sql``
        : sql`, step_notices as (
      insert into step_notices (ticket_id, seq, action, kind, state)
      select taken.id, n.seq, n.action, n.kind, 'trying'
      from taken, jsonb_to_recordset(${json(sql, write.stepNotices)}::jsonb) as n(seq integer, action integer, kind text)
      on conflict (ticket_id, seq, action) do nothing
    )`
    }, place_taken as (
      insert into ticket_assignments (ticket_id, user_id, team_id, confirmed)
      select taken.id, ${state.assigneeId}::uuid, ${state.teamId}::uuid, true
      from taken where ${state.assigneeId}::uuid is not null and ${holdsPlace(state)}
      on conflict (ticket_id) do update set user_id = excluded.user_id, team_id = excluded.team_id, confirmed = true
      where (ticket_assignments.user_id, ticket_assignments.confirmed) is distinct from (excluded.user_id, true)
    ), place_freed as (
      delete from ticket_assignments a using taken
      where a.ticket_id = taken.id and ${write.releaseAssignment || !holdsPlace(state)}
      returning a.user_id
    ), queues as (
      insert into relay_outbox (kind, team_id)
      select 'assignQueue', team.id
      from taken, old, teams team
      where team.active and team.strategy <> 'manual'
        and ((${waits} and team.id = ${state.teamId}::uuid
              and (not old.waited or old.team_id is distinct from ${state.teamId}::uuid or ${write.asksOthers}))
          or team.id in (select tm.team_id from team_members tm join place_freed f on f.user_id = tm.user_id where tm.main)
          or (old.assignee_id is not null
              and old.category in ('new', 'open') and not old.spam and old.merged_into_id is null
              and not (${isOpen(state)} and old.assignee_id is not distinct from ${state.assigneeId}::uuid)
              and team.id in (select tm.team_id from team_members tm where tm.user_id = old.assignee_id and tm.main)))
      returning id
    )
    select exists(select 1 from taken) as taken,
      (select revision from desk_revision) as revision,
      (select pg_notify('ticket_changed', json_build_object('id', taken.id, 'version', ${state.version}::integer)::text) from taken) as told,
      (select count(pg_notify('relay', queues.id::text)) from queues) as queued
      ${
        write.notices.length === 0
          ? sql``
          : sql`,
      (select count(pg_notify('notification', json_build_object('userId', n.user_id, 'id', n.id)::text)) from notices n) as noticed,
      (select count(pg_notify('relay', m.id::text)) from notice_mails m) as mailed`
      }`;
  if (row === undefined) throw new Error('The projection statement returned no row.');
  return { taken: row.taken, revision: row.revision };
}

/** Whether its assignee's place is held: closed tickets, spam and merged ones are nobody's load, and their rows would only be counted. */
function holdsPlace(state: TicketState): boolean {
  return state.category !== 'closed' && !state.spam && state.mergedInto === null;
}

function isOpen(state: TicketState): boolean {
  return (
    (state.category === 'new' || state.category === 'open') &&
    !state.spam &&
    state.mergedInto === null
  );
}

function isSnoozed(state: TicketState): boolean {
  return state.snoozedUntilMs !== null || state.snoozedUntilReply;
}

/** What routing and policies judge a ticket on, plus its birth and its snapshot if it has lived before. */
export interface TicketSource {
  id: number;
  subject: string;
  pipelineId: string;
  status: string;
  priority: 'low' | 'normal' | 'high' | 'urgent';
  requesterId: string;
  requesterEmail: string | null;
  companyId: string | null;
  assigneeId: string | null;
  teamId: string | null;
  channel: 'email' | 'api' | 'form';
  channelId: string | null;
  mailbox: string | null;
  tags: string[];
  fields: Record<string, unknown>;
  language: string | null;
  birth: { status?: string; teamId?: string | null; assigneeId?: string | null };
  createdAt: Date;
  version: number;
  body: string;
  snapshot: TicketState | null;
  /** Messages that its workflow has not taken yet, oldest first; for a newborn ticket only. */
  unheard: { messageId: string; atMs: number; automatic: boolean }[];
  /** Of the rules its row was written by, and of the desk's. */
  rulesRevision: number;
  revision: number;
}

/** Reads what a ticket's workflow is born or rebuilt from; undefined when there is no such row. */
export async function findTicketSource(
  sql: Sql,
  ticketId: number,
): Promise<TicketSource | undefined> {
  const [row] = await sql<TicketSource[]>`
    select t.id, t.subject, t.pipeline_id as "pipelineId", t.status, t.priority,
      t.requester_id as "requesterId", c.email as "requesterEmail", t.company_id as "companyId",
      t.assignee_id as "assigneeId", t.team_id as "teamId", t.channel, t.channel_id as "channelId",
      ch.address as mailbox, t.tags, t.fields, t.language, t.birth, t.created_at as "createdAt", t.version,
      t.rules_revision as "rulesRevision",
      coalesce((select left(m.body, 20000) from messages m
        where m.ticket_id = t.id and m.kind = 'inbound' order by m.created_at, m.id limit 1), '') as body,
      s.state as snapshot,
      case when s.ticket_id is null then coalesce((select jsonb_agg(jsonb_build_object('messageId', u.id,
          'atMs', floor(extract(epoch from u.created_at) * 1000)::bigint, 'automatic', u.automatic) order by u.created_at, u.id)
        from (select id, created_at, automatic from messages
          where ticket_id = t.id and kind = 'inbound' and state = 'received'
          order by created_at, id limit 150) u), '[]') else '[]' end as unheard,
      (select revision from desk_revision) as revision
    from tickets t
    join contacts c on c.id = t.requester_id
    left join channels ch on ch.id = t.channel_id
    left join ticket_snapshots s on s.ticket_id = t.id
    where t.id = ${ticketId}`;
  return row;
}

/** People an escalation notice goes to: the leads of a team, or all its members. */
export async function listTeamPeople(
  sql: Sql,
  teamId: string,
  leadsOnly: boolean,
): Promise<string[]> {
  const rows = await sql<{ userId: string }[]>`
    select tm.user_id as "userId" from team_members tm join users u on u.id = tm.user_id
    where tm.team_id = ${teamId} and u.active and (tm.lead or not ${leadsOnly})
    order by tm.user_id`;
  return rows.map((row) => row.userId);
}
