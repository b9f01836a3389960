// Messages on their way out: drafts, whom they go to, what they pass on, and how sending went.
import type { Viewer } from '#domain/permissions.ts';
import { visibleWith } from './access.ts';
import type { ChannelSettings } from './channels.ts';
import { planned } from './sql.ts';
import type { Sql } from './sql.ts';

/** A message as the API shows it. */
export interface MessageView {
  id: string;
  ticketId: number;
  kind: 'inbound' | 'reply' | 'note' | 'forward';
  state: string;
  authorUserId: string | null;
  authorContactId: string | null;
  automatic: boolean;
  subject: string | null;
  body: string;
  bodyHtml: string | null;
  quoted: string | null;
  from: string | null;
  to: string[];
  cc: string[];
  /** Shown to the desk alone. */
  bcc: string[];
  sendAt: Date | null;
  sentAt: Date | null;
  failure: { code: string; text: string } | null;
  createdAt: Date;
  attachments: {
    id: string;
    name: string;
    contentType: string;
    sizeBytes: number;
    inline: boolean;
    contentId: string | null;
  }[];
}

/** The columns of a MessageView, of messages m. */
export const messageColumns = (sql: Sql) => sql`
  m.id, m.ticket_id as "ticketId", m.kind, m.state, m.author_user_id as "authorUserId",
  m.author_contact_id as "authorContactId", m.automatic, m.subject, m.body, m.body_html as "bodyHtml", m.quoted,
  m.from_address as "from", m.to_addresses as "to", m.cc_addresses as cc,
  m.bcc_addresses as bcc, m.send_at as "sendAt", m.sent_at as "sentAt",
  m.failure, m.created_at as "createdAt",
  coalesce((select json_agg(json_build_object('id', a.id, 'name', a.name, 'contentType', a.content_type,
    'sizeBytes', a.size_bytes, 'inline', a.inline, 'contentId', btrim(a.content_id, '<>')) order by a.created_at, a.id)
    from attachments a where a.message_id = m.id), '[]') as attachments`;

/** What a reply needs to know of its ticket and of those merged into it. */
export interface ReplyTarget {
  subject: string;
  requesterEmail: string | null;
  channelId: string | null;
  channelAddress: string | null;
  /** Everybody who takes part besides, by their first mail: senders and recipients of customers' mails, requesters of merged tickets. */
  takingPart: string[];
  /** The desk's own addresses. */
  own: string[];
  lastMessageId: string | null;
  references: string[];
}

/**
 * The ticket's own email channel answers; for tickets that came in another way, or whose channel is out of use, the desk's oldest one:
 * adding a mailbox must not change what address such tickets are answered from. An agent may choose another by channelId. Mails of somebody the ticket was forwarded to bring
 * nobody in: who was asked behind the customer's back must not get what the customer gets.
 */
export async function findReplyTarget(
  sql: Sql,
  ticketId: number,
  channelId: string | null = null,
): Promise<ReplyTarget | undefined> {
  const [row] = await planned(sql)<ReplyTarget[]>`
    with recursive family as (
      select id, requester_id from tickets where id = ${ticketId}
      union select t.id, t.requester_id from tickets t join family on t.merged_into_id = family.id
    ), mails as (
      select m.id, m.kind, m.automatic, m.from_address, m.to_addresses, m.cc_addresses, m.message_id_header, m.created_at
      from messages m join family on family.id = m.ticket_id
      where m.kind in ('inbound', 'reply') and m.state <> 'draft'
    ), asked as (
      select lower(a) as address from messages f join family on family.id = f.ticket_id
        cross join unnest(f.to_addresses || f.cc_addresses) a
      where f.kind = 'forward' and f.state <> 'draft'
      except select lower(c.email::text) from family join contacts c on c.id = family.requester_id
    ), people as (
      select c.email::text as address, null::timestamptz as at, 0 as place
      from family join contacts c on c.id = family.requester_id where family.id <> ${ticketId} and c.email is not null
      union all
      select a.address, m.created_at, a.place from mails m
        cross join unnest(m.from_address || m.to_addresses || m.cc_addresses) with ordinality as a(address, place)
      where m.kind = 'inbound' and not m.automatic and a.address is not null
        and coalesce(lower(m.from_address), '') not in (select address from asked)
    )
    select t.subject, c.email as "requesterEmail", ch.id as "channelId", ch.address as "channelAddress",
      coalesce((select array_agg(p.address order by p.at nulls first, p.place, p.address) from people p), '{}') as "takingPart",
      coalesce((select array_agg(o.address::text) from channels o where o.address is not null), '{}') as own,
      (select m.message_id_header from mails m where m.message_id_header is not null
        order by m.created_at desc, m.id desc limit 1) as "lastMessageId",
      coalesce((select array_agg(h.header order by h.created_at, h.id) from (
        select m.message_id_header as header, m.created_at, m.id from mails m where m.message_id_header is not null
        order by m.created_at desc, m.id desc limit 30) h), '{}') as "references"
    from tickets t
    join contacts c on c.id = t.requester_id
    left join lateral (
      select id, address from channels
      where kind = 'email' and enabled
      order by id = coalesce(${channelId}::uuid, t.channel_id) desc nulls last, created_at, id limit 1) ch on true
    where t.id = ${ticketId}`;
  return row;
}

/** A message as it is passed on to somebody else. */
export interface OriginalMessage {
  id: string;
  from: string | null;
  fromName: string | null;
  to: string[];
  cc: string[];
  subject: string;
  /** All of its text, with what it quotes. */
  text: string;
  html: string | null;
  at: Date;
  attachmentIds: string[];
}

/** The message to be forwarded: the one named, else the contact's newest. Notes never leave the desk. */
export async function findOriginalMessage(
  sql: Sql,
  of: { ticketId: number; messageId: string | null },
): Promise<OriginalMessage | undefined> {
  const [row] = await sql<OriginalMessage[]>`
    with recursive family as (
      select id from tickets where id = ${of.ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    )
    select m.id, coalesce(m.from_address, c.email) as "from", coalesce(c.name, u.name) as "fromName", m.to_addresses as "to",
      m.cc_addresses as cc, coalesce(m.subject, t.subject) as subject, coalesce(m.quoted, m.body) as text,
      m.body_html as html, m.created_at as at,
      array(select a.id from attachments a where a.message_id = m.id order by a.created_at, a.id) as "attachmentIds"
    from messages m join family on family.id = m.ticket_id join tickets t on t.id = m.ticket_id
      left join contacts c on c.id = m.author_contact_id left join users u on u.id = m.author_user_id
    where m.kind in ('inbound', 'reply', 'forward') and m.state not in ('draft', 'cancelled')
      and case when ${of.messageId}::uuid is null then m.kind = 'inbound' else m.id = ${of.messageId}::uuid end
    order by m.automatic, m.created_at desc, m.id desc limit 1`;
  return row;
}

/**
 * A message of a person, shown to nobody until its ticket's workflow accepts it; repeating the id changes nothing. Its files are the
 * author's own uploads, and copies of files that messages of the ticket (or of those merged into it) have already: the bytes are kept once.
 * Answers how many files it has taken; null when it was stored before.
 */
export async function insertDraft(
  sql: Sql,
  draft: {
    id: string;
    ticketId: number;
    kind: 'reply' | 'note' | 'forward';
    authorUserId: string;
    channelId: string | null;
    subject: string | null;
    body: string;
    bodyHtml: string | null;
    quoted: string | null;
    from: string | null;
    to: string[];
    cc: string[];
    bcc: string[];
    messageIdHeader: string | null;
    inReplyTo: string | null;
    references: string[];
    sendAt: Date | null;
    createdAt: Date;
    attachmentIds: string[];
    /** Of those the ones that the words show: pictures by Content-ID. */
    inlineIds: string[];
  },
): Promise<number | null> {
  const [row] = await planned(sql)<{ stored: number; taken: number }[]>`
    with recursive family as (
      select id from tickets where id = ${draft.ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    ), stored as (
      insert into messages (id, ticket_id, kind, state, author_user_id, channel_id, subject, body, body_html, quoted,
        from_address, to_addresses, cc_addresses, bcc_addresses, message_id_header, in_reply_to_header, references_header, send_at,
        created_at)
      values (${draft.id}, ${draft.ticketId}, ${draft.kind}, 'draft', ${draft.authorUserId}, ${draft.channelId},
        ${draft.subject}, ${draft.body}, ${draft.bodyHtml}, ${draft.quoted}, ${draft.from}, ${draft.to}, ${draft.cc},
        ${draft.bcc}, ${draft.messageIdHeader}, ${draft.inReplyTo}, ${draft.references}, ${draft.sendAt}, ${draft.createdAt})
      on conflict (id) do nothing returning id
    ), loose as (
      update attachments a set message_id = stored.id, inline = a.id = any(${draft.inlineIds}::uuid[]),
        content_id = case when a.id = any(${draft.inlineIds}::uuid[]) then a.id || '@holdfast' end
      from stored
      where a.id = any(${draft.attachmentIds}::uuid[]) and a.message_id is null and a.uploaded_by = ${draft.authorUserId}
      returning a.id
    ), copied as (
      insert into attachments (message_id, name, content_type, size_bytes, sha256, store_key, content_id, inline, created_at)
      select stored.id, a.name, a.content_type, a.size_bytes, a.sha256, a.store_key,
        case when a.id = any(${draft.inlineIds}::uuid[]) then a.id || '@holdfast' else a.content_id end,
        a.inline or a.id = any(${draft.inlineIds}::uuid[]), a.created_at
      from stored, attachments a join messages m on m.id = a.message_id
      where a.id = any(${draft.attachmentIds}::uuid[]) and m.state <> 'draft' and m.ticket_id in (select id from family)
      returning id
    )
    select (select count(*) from stored)::integer as stored,
      ((select count(*) from loose) + (select count(*) from copied))::integer as taken`;
  return row === undefined || row.stored === 0 ? null : row.taken;
}

/** A mail the desk sends by itself, on its way at once; repeating the id changes nothing. */
export async function insertAutomaticReply(
  sql: Sql,
  mail: {
    id: string;
    ticketId: number;
    target: ReplyTarget & { requesterEmail: string };
    subject: string;
    body: string;
    messageIdHeader: string;
    sendAt: Date;
    createdAt: Date;
  },
): Promise<void> {
  const { target } = mail;
  await sql`
    insert into messages (id, ticket_id, kind, state, channel_id, automatic, subject, body, from_address, to_addresses,
      message_id_header, in_reply_to_header, references_header, send_at, created_at)
    values (${mail.id}, ${mail.ticketId}, 'reply', 'queued', ${target.channelId}, true, ${mail.subject}, ${mail.body},
      ${target.channelAddress}, ${[target.requesterEmail]}, ${mail.messageIdHeader}, ${target.lastMessageId},
      ${target.references}, ${mail.sendAt}, ${mail.createdAt})
    on conflict (id) do nothing`;
}

/** What decides whether a person may be written to by the desk itself. */
export async function findWarningFacts(
  sql: Sql,
  ticketId: number,
): Promise<
  | { pipelineId: string; requesterName: string | null; robot: boolean; automaticToday: number }
  | undefined
> {
  const [row] = await sql<
    { pipelineId: string; requesterName: string | null; robot: boolean; automaticToday: number }[]
  >`
    select t.pipeline_id as "pipelineId", c.name as "requesterName",
      coalesce((select bool_and(m.automatic) from messages m
        where m.ticket_id = t.id and m.kind = 'inbound' and m.author_contact_id = c.id), false) as robot,
      (select count(*)::integer from messages m
        where m.automatic and m.kind = 'reply' and m.created_at > now() - interval '1 day'
          and m.state <> 'cancelled' and m.to_addresses @> array[c.email::text]) as "automaticToday"
    from tickets t join contacts c on c.id = t.requester_id where t.id = ${ticketId}`;
  return row;
}

/** Forgets a draft that its ticket refused: its author's uploads are free again, copies go with it. */
export async function deleteDraft(sql: Sql, id: string): Promise<void> {
  await sql`
    with draft as (select id from messages where id = ${id} and state = 'draft'),
    copies as (delete from attachments a using draft where a.message_id = draft.id and a.uploaded_by is null),
    freed as (
      update attachments a set message_id = null from draft where a.message_id = draft.id and a.uploaded_by is not null)
    delete from messages m using draft where m.id = draft.id`;
}

/** One message that is no draft; undefined when there is none that the viewer sees. */
export async function findVisibleMessage(
  sql: Sql,
  viewer: Viewer,
  id: string,
): Promise<MessageView | undefined> {
  const [row] = await planned(sql)<MessageView[]>`
    select ${messageColumns(sql)} from messages m
    where m.id = ${id} and m.state <> 'draft' ${visibleWith(sql, viewer, sql`m.ticket_id`)}`;
  return row;
}

/** One message, or undefined: for the desk itself, whatever anybody sees. */
export async function findMessage(sql: Sql, id: string): Promise<MessageView | undefined> {
  const [row] = await planned(sql)<MessageView[]>`
    select ${messageColumns(sql)} from messages m where m.id = ${id}`;
  return row;
}

/** A message with what is needed to send it again: the status its reply was to leave behind is in the ticket's events. */
export async function findGivenUpMessage(
  sql: Sql,
  viewer: Viewer,
  id: string,
): Promise<
  | {
      state: string;
      kind: MessageView['kind'];
      automatic: boolean;
      ticketId: number;
      statusAfter: string | null;
    }
  | undefined
> {
  const [row] = await sql<
    {
      state: string;
      kind: MessageView['kind'];
      automatic: boolean;
      ticketId: number;
      statusAfter: string | null;
    }[]
  >`
    select m.state, m.kind, m.automatic, m.ticket_id as "ticketId",
      (select e.data->'send'->>'statusAfter' from ticket_events e
        where e.ticket_id = m.ticket_id and e.type in ('replyAccepted', 'sendRetried')
          and e.data->'send'->>'messageId' = m.id::text order by e.seq desc limit 1) as "statusAfter"
    from messages m where m.id = ${id} and m.state <> 'draft' ${visibleWith(sql, viewer, sql`m.ticket_id`)}`;
  return row;
}

/** Names people in a note; answers those who can be named, the others are unknown or inactive. */
export async function insertMentions(
  sql: Sql,
  messageId: string,
  userIds: readonly string[],
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with named as (select id from users where id = any(${[...userIds]}::uuid[]) and active),
    stored as (
      insert into message_mentions (message_id, user_id) select ${messageId}, id from named
      on conflict (message_id, user_id) do nothing)
    select id from named`;
  return rows.map((row) => row.id);
}

/** Messages of a ticket that are to leave later, the next first. */
export async function listScheduledMessages(
  sql: Sql,
  ticketId: number,
  now: Date,
): Promise<MessageView[]> {
  return await sql<MessageView[]>`
    select ${messageColumns(sql)} from messages m
    where m.ticket_id = ${ticketId} and m.state = 'queued' and m.send_at > ${now}
    order by m.send_at, m.id limit 100`;
}

/** Everything a mail is composed of. */
export interface OutboundMail {
  id: string;
  /** Null of a mail that is of no ticket: an invitation. */
  ticketId: number | null;
  /** A notice is written by the desk itself: it says so, and asks for no answer. */
  kind: 'reply' | 'forward' | 'notice';
  state: string;
  subject: string;
  body: string;
  /** Of a forward: the whole text that leaves, with the message it passes on. */
  quoted: string | null;
  bodyHtml: string | null;
  to: string[];
  cc: string[];
  /** They get the mail, and nobody reads of them in it. */
  bcc: string[];
  messageIdHeader: string | null;
  inReplyTo: string | null;
  references: string[];
  /** Who has it already, and who is to be tried again: both empty before the first attempt. */
  deliveredTo: string[];
  delayedTo: string[];
  failure: { code: string; text: string } | null;
  channelAddress: string | null;
  channelSettings: ChannelSettings;
  /** The agent who wrote it; null when the desk did. */
  authorName: string | null;
  automatic: boolean;
  /** Warns that its ticket will close itself, and the ticket no longer waits. */
  outdated: boolean;
  attachments: {
    name: string;
    contentType: string;
    storeKey: string;
    contentId: string | null;
    inline: boolean;
  }[];
}

/** A message for its delivery, or undefined. */
export async function findOutboundMail(sql: Sql, id: string): Promise<OutboundMail | undefined> {
  const [row] = await sql<OutboundMail[]>`
    select m.id, m.ticket_id as "ticketId", m.kind, m.state, coalesce(m.subject, t.subject) as subject, m.body,
      m.quoted, m.body_html as "bodyHtml", m.to_addresses as "to", m.cc_addresses as cc, m.bcc_addresses as bcc, m.message_id_header as "messageIdHeader",
      m.in_reply_to_header as "inReplyTo", m.references_header as "references", m.automatic, m.delivered_to as "deliveredTo",
      m.delayed_to as "delayedTo", m.failure, ch.address as "channelAddress",
      coalesce(ch.settings, '{}') as "channelSettings", u.name as "authorName",
      case when m.automatic and t.category <> 'waiting' then exists (select 1 from ticket_events e
        where e.ticket_id = m.ticket_id and e.type = 'closeWarned' and e.data->'send'->>'messageId' = m.id::text)
        else false end as outdated,
      coalesce((select json_agg(json_build_object('name', a.name, 'contentType', a.content_type, 'storeKey', a.store_key,
        'contentId', a.content_id, 'inline', a.inline) order by a.created_at) from attachments a where a.message_id = m.id), '[]') as attachments
    from messages m join tickets t on t.id = m.ticket_id left join channels ch on ch.id = m.channel_id
      left join users u on u.id = m.author_user_id
    where m.id = ${id}`;
  return row;
}

/** Notes that an attempt begins; false when the message is not to be sent (any more). One that some are still owed stays sent. */
export async function startSending(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    update messages set attempts = attempts + 1, state = case when state = 'sent' then 'sent' else 'sending' end
    where id = ${id} and (state in ('draft', 'queued', 'sending', 'failed')
      or (state = 'sent' and cardinality(delayed_to) > 0)) returning id`;
  return rows.length > 0;
}

/** Notes who has a message, before anything else is tried: whatever happens next, they do not get it again. */
export async function addDelivered(
  sql: Sql,
  id: string,
  addresses: readonly string[],
): Promise<void> {
  await sql`
    update messages set delivered_to = array(select distinct one from unnest(delivered_to || ${[...addresses]}::text[]) one)
    where id = ${id}`;
}

/** Notes how an attempt or a delivery ended. What has left stays sent; those in delayedTo are still owed it. */
export async function finishSending(
  sql: Sql,
  result: {
    id: string;
    state: 'sent' | 'failed' | 'queued' | 'cancelled';
    at: Date;
    failure: { code: string; text: string } | null;
    delayedTo?: string[];
  },
): Promise<void> {
  await sql`
    update messages set state = case when state = 'sent' then 'sent' else ${result.state} end,
      sent_at = case when ${result.state} = 'sent' and state <> 'sent' then ${result.at} else sent_at end,
      failure = ${result.failure === null ? null : sql.json(result.failure)},
      delayed_to = ${result.delayedTo ?? []}::text[]
    where id = ${result.id} and (state <> 'sent' or cardinality(delayed_to) > 0)`;
}
