// Notices of escalation steps that leave the desk: what one is made of, and what became of it.
import type { ActionRef, EscalationActionDefinition } from '#domain/desk.ts';
import type { TicketEvent } from '#domain/ticket-types.ts';
import type { ChannelSettings } from './channels.ts';
import { json } from './sql.ts';
import type { Sql } from './sql.ts';

/** One notice: the action of one escalated event. */
export interface NoticeKey {
  ticketId: number;
  seq: number;
  action: number;
}

/** Everything a notice is composed of. */
export interface NoticeSource {
  action: EscalationActionDefinition | null;
  policyName: string;
  subject: string;
  status: string;
  priority: string;
  assigneeId: string | null;
  teamId: string | null;
  sla: unknown;
  channelAddress: string | null;
  channelSettings: ChannelSettings;
  state: 'trying' | 'sent' | 'failed' | null;
}

/** What a notice says and to whom; undefined when the ticket or the policy version is gone. The newest email channel sends for others. */
export async function findNoticeSource(
  sql: Sql,
  { ticketId, seq, action }: NoticeKey,
  ref: ActionRef,
): Promise<NoticeSource | undefined> {
  const [row] = await sql<NoticeSource[]>`
    select v.definition #> ${['escalations', String(ref.step), 'actions', String(ref.action)]}::text[] as action,
      v.name as "policyName", t.subject, t.status, t.priority, t.assignee_id as "assigneeId", t.team_id as "teamId", t.sla,
      ch.address as "channelAddress", coalesce(ch.settings, '{}') as "channelSettings",
      (select n.state from step_notices n
        where n.ticket_id = t.id and n.seq = ${seq} and n.action = ${action}) as state
    from tickets t
    join sla_policy_versions v on v.policy_id = ${ref.policyId} and v.version = ${ref.version}
    left join lateral (
      select address, settings from channels
      where kind = 'email' and enabled order by id = t.channel_id desc nulls last, created_at limit 1) ch on true
    where t.id = ${ticketId}`;
  return row;
}

/** Notes how an attempt ended; what was sent stays sent. */
export async function upsertStepNotice(
  sql: Sql,
  key: NoticeKey,
  outcome: {
    kind: 'email' | 'webhook';
    state: 'trying' | 'sent' | 'failed';
    failure: { code: string; text: string } | null;
    at: Date;
  },
): Promise<void> {
  const { kind, state, failure, at } = outcome;
  const sentAt = state === 'sent' ? at : null;
  const words = failure === null ? null : json(sql, failure);
  await sql`
    insert into step_notices (ticket_id, seq, action, kind, state, attempts, failure, sent_at)
    values (${key.ticketId}, ${key.seq}, ${key.action}, ${kind}, ${state}, 1, ${words}, ${sentAt})
    on conflict (ticket_id, seq, action) do update
      set state = excluded.state, attempts = step_notices.attempts + 1, failure = excluded.failure,
        sent_at = excluded.sent_at, updated_at = now()
      where step_notices.state <> 'sent'`;
}

/** Gives a notice up with the words its last attempt left. */
export async function failStepNotice(sql: Sql, key: NoticeKey): Promise<void> {
  await sql`
    update step_notices set state = 'failed', updated_at = now()
    where ticket_id = ${key.ticketId} and seq = ${key.seq} and action = ${key.action} and state <> 'sent'`;
}

/** A notice as the API shows it. */
export interface StepNoticeRow {
  seq: number;
  action: number;
  kind: 'email' | 'webhook';
  state: 'trying' | 'sent' | 'failed';
  attempts: number;
  failure: { code: string; text: string } | null;
  createdAt: Date;
  sentAt: Date | null;
}

/** The notices a ticket's escalations sent out of the desk, newest first. */
export async function listStepNotices(sql: Sql, ticketId: number): Promise<StepNoticeRow[]> {
  return await sql<StepNoticeRow[]>`
    select seq, action, kind, state, attempts, failure, created_at as "createdAt", sent_at as "sentAt"
    from step_notices where ticket_id = ${ticketId} order by seq desc, action limit 1000`;
}

/** A notice that nobody has tried for a while, with the event it belongs to. */
export interface StuckNotice extends NoticeKey {
  data: Extract<TicketEvent, { type: 'escalated' }>;
}

/** Notices that wait for an attempt: their workflow may be between two of them, or lost. Older ones than the limit are given up. */
export async function listStuckNotices(
  sql: Sql,
  lateSeconds: number,
  giveUpHours: number,
): Promise<StuckNotice[]> {
  return await sql<StuckNotice[]>`
    select n.ticket_id as "ticketId", n.seq, n.action, e.data
    from step_notices n join ticket_events e on e.ticket_id = n.ticket_id and e.seq = n.seq and e.type = 'escalated'
    where n.state = 'trying' and n.updated_at < now() - make_interval(secs => ${lateSeconds})
      and n.created_at > now() - make_interval(hours => ${giveUpHours})
    order by n.created_at limit 500`;
}
