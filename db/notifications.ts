// Notices of people: what they were told of, what they have read, and where they want to be told. The projection writes them.
import type { NotificationTopic, NotificationWays } from '#domain/notifications.ts';
import type { Actor } from '#domain/ticket-types.ts';
import type { ChannelSettings } from './channels.ts';
import type { Viewer } from '#domain/permissions.ts';
import { visibleTickets } from './access.ts';
import type { Sql } from './sql.ts';

/** A notice of one person, who caused it, and what the message it is about says of its failure. */
export interface NotificationRow {
  id: string;
  ticketId: number | null;
  subject: string | null;
  type: string;
  actor: Actor | null;
  data: unknown;
  failure: { code: string; text: string } | null;
  at: Date;
  readAt: Date | null;
  /** `at` with its microseconds, for the place in the list. */
  place: string;
}

const columns = (sql: Sql) => sql`
  n.id, n.ticket_id as "ticketId", t.subject, n.type, e.actor, n.data, n.at, n.read_at as "readAt",
  to_char(n.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place,
  case n.type
    when 'bounceReceived' then (select m.failure from messages m where m.id = (n.data->>'bouncedMessageId')::uuid)
    when 'deliveryFailed' then (select m.failure from messages m where m.id = (n.data->>'messageId')::uuid)
  end as failure`;

/** "and …": of tickets somebody sees no more they are told nothing. */
const stillSeen = (sql: Sql, viewer: Viewer) =>
  viewer.ticketAccess === 'all'
    ? sql``
    : sql`and (n.ticket_id is null or exists (
        select 1 from tickets t where t.id = n.ticket_id ${visibleTickets(sql, viewer)}))`;

/** One page of somebody's notices at the bell, newest first. */
export async function listNotifications(
  sql: Sql,
  viewer: Viewer,
  page: { unread: boolean; limit: number; before: { at: string; id: string } | null },
): Promise<NotificationRow[]> {
  const at = page.before?.at ?? null;
  const unread = page.unread ? sql`and n.read_at is null` : sql``;
  return await sql<NotificationRow[]>`
    with page as (
      select n.* from notifications n
      where n.user_id = ${viewer.userId} and n.bell ${unread} ${stillSeen(sql, viewer)}
        and (${at}::text is null or (n.at, n.id) < (${at}::text::timestamptz, ${page.before?.id ?? null}::uuid))
      order by n.at desc, n.id desc limit ${page.limit}
    )
    select ${columns(sql)} from page n left join tickets t on t.id = n.ticket_id
      left join ticket_events e on e.ticket_id = n.ticket_id and e.seq = n.seq
    order by n.at desc, n.id desc`;
}

/** One notice of somebody, as their open stream is told of it, with where it is to show; undefined when it is not theirs. */
export async function findNotification(
  sql: Sql,
  viewer: Viewer,
  id: string,
): Promise<(NotificationRow & { bell: boolean; browser: boolean }) | undefined> {
  const [row] = await sql<(NotificationRow & { bell: boolean; browser: boolean })[]>`
    select ${columns(sql)}, n.bell, n.browser from notifications n left join tickets t on t.id = n.ticket_id
      left join ticket_events e on e.ticket_id = n.ticket_id and e.seq = n.seq
    where n.id = ${id} and n.user_id = ${viewer.userId} ${stillSeen(sql, viewer)}`;
  return row;
}

/** How many notices somebody has not read, counted up to a limit, beyond which nobody reads the figure. */
export async function countUnreadNotifications(
  sql: Sql,
  viewer: Viewer,
  limit: number,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from (
      select 1 from notifications n
      where n.user_id = ${viewer.userId} and n.read_at is null and n.bell ${stillSeen(sql, viewer)} limit ${limit}) unread`;
  return row?.count ?? 0;
}

/** Which notices are meant: some, all up to one of them (which may be forgotten by now), all of a ticket, or all. */
export type NotificationChoice =
  | { ids: string[] }
  | { upTo: string }
  | { ticketId: number }
  | { all: true };

/** Marks notices of somebody as read and lets their open streams know. */
export async function readNotifications(
  sql: Sql,
  userId: string,
  choice: NotificationChoice,
): Promise<void> {
  const which =
    'ids' in choice
      ? sql`and id = any(${choice.ids}::uuid[])`
      : 'upTo' in choice
        ? sql`and (at, id) <= (select at, id from notifications where id = ${choice.upTo} and user_id = ${userId})`
        : 'ticketId' in choice
          ? sql`and ticket_id = ${choice.ticketId}`
          : sql``;
  await sql`
    with read as (
      update notifications set read_at = now() where user_id = ${userId} and read_at is null ${which} returning id)
    select pg_notify('notification', json_build_object('userId', ${userId}::uuid, 'id', null)::text)
    where exists (select 1 from read)`;
}

/** Where somebody is told of a topic, and whether they have chosen so. */
export interface NotificationSetting extends NotificationWays {
  topic: NotificationTopic;
  chosen: boolean;
}

/** Where somebody is told of each topic; userId null: what holds for whoever has not chosen. */
export async function listNotificationSettings(
  sql: Sql,
  userId: string | null,
): Promise<NotificationSetting[]> {
  return await sql<NotificationSetting[]>`
    select d.topic, coalesce(s.bell, d.bell) as bell, coalesce(s.browser, d.browser) as browser,
      coalesce(s.email, d.email) as email, s.topic is not null as chosen
    from notification_settings d
    left join notification_settings s on s.user_id = ${userId}::uuid and s.topic = d.topic
    where d.user_id is null`;
}

/** Chooses where somebody (null: whoever has not chosen) is told of a topic. */
export async function upsertNotificationSetting(
  sql: Sql,
  setting: { userId: string | null; topic: NotificationTopic } & NotificationWays,
): Promise<void> {
  const { userId, topic, bell, browser, email } = setting;
  await sql`
    insert into notification_settings (user_id, topic, bell, browser, email)
    values (${userId}, ${topic}, ${bell}, ${browser}, ${email})
    on conflict (user_id, topic) do update set bell = excluded.bell, browser = excluded.browser, email = excluded.email`;
}

/** Takes a choice back: what holds for everybody holds again. */
export async function deleteNotificationSetting(
  sql: Sql,
  userId: string,
  topic: NotificationTopic,
): Promise<void> {
  await sql`delete from notification_settings where user_id = ${userId} and topic = ${topic}`;
}

/** What a notice's mail is made of. */
export interface NoticeMailSource {
  mail: 'owed' | 'sent' | 'failed' | 'skipped' | null;
  read: boolean;
  type: string;
  ticketId: number;
  subject: string;
  status: string;
  priority: string;
  email: string;
  active: boolean;
  /** Mails of notices that this person got in the last day. */
  mailedToday: number;
  channelAddress: string | null;
  channelSettings: ChannelSettings;
}

/** A notice for its mail; undefined when it is about no ticket, or gone. The ticket's channel sends it, else the oldest one. */
export async function findNoticeMail(sql: Sql, id: string): Promise<NoticeMailSource | undefined> {
  const [row] = await sql<NoticeMailSource[]>`
    select n.mail, n.read_at is not null as read, n.type, t.id as "ticketId", t.subject, t.status, t.priority, u.email, u.active,
      (select count(*)::integer from notifications o
        where o.user_id = n.user_id and o.mail = 'sent' and o.at > now() - interval '1 day') as "mailedToday",
      ch.address as "channelAddress", coalesce(ch.settings, '{}') as "channelSettings"
    from notifications n join users u on u.id = n.user_id join tickets t on t.id = n.ticket_id
    left join lateral (
      select address, settings from channels
      where kind = 'email' and enabled order by id = t.channel_id desc nulls last, created_at, id limit 1) ch on true
    where n.id = ${id}`;
  return row;
}

/** Notes what became of a notice's mail; what was sent stays sent. */
export async function finishNoticeMail(
  sql: Sql,
  id: string,
  mail: 'sent' | 'failed' | 'skipped',
): Promise<void> {
  await sql`update notifications set mail = ${mail} where id = ${id} and mail = 'owed'`;
}

/** Notices whose mail should have left, which no outbox row will start; those older than a limit have been given up. */
export async function listOwedNoticeMails(
  sql: Sql,
  lateSeconds: number,
  giveUpHours: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select n.id from notifications n
    where n.mail = 'owed' and n.at < now() - make_interval(secs => ${lateSeconds})
      and n.at > now() - make_interval(hours => ${giveUpHours})
      and not exists (select 1 from relay_outbox o
        where o.kind = 'noticeMail' and o.payload->>'notificationId' = n.id::text)
    order by n.at limit 500`;
  return rows.map((row) => row.id);
}

/** Forgets notices that nobody will look for any more; bounded, so that a round of the reconciler stays short. */
export async function deleteOldNotifications(sql: Sql, olderDays: number): Promise<number> {
  const rows = await sql`
    delete from notifications where id in (
      select id from notifications where at < now() - make_interval(days => ${olderDays}) order by at limit 5000)
    returning id`;
  return rows.length;
}
