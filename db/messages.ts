// Messages on their way out, and the timeline people read.
import type { ChannelSettings } from './channels.ts';
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
  }[];
}

/** Who a reply to a ticket goes to, and by which channel. */
export interface ReplyTarget {
  subject: string;
  requesterEmail: string | null;
  channelId: string | null;
  channelAddress: string | null;
  /** Everybody who was in Cc of the customer's mails. */
  ccSeen: string[];
  lastMessageId: string | null;
  references: string[];
}

/** What a reply needs to know of its ticket; the newest email channel answers for tickets that came in another way. */
export async function findReplyTarget(
  sql: Sql,
  ticketId: number,
): Promise<ReplyTarget | undefined> {
  const [row] = await sql<ReplyTarget[]>`
    select t.subject, c.email as "requesterEmail", ch.id as "channelId", ch.address as "channelAddress",
      coalesce((select array_agg(distinct a) from messages m cross join unnest(m.cc_addresses || m.to_addresses) a
        where m.ticket_id = t.id and m.kind = 'inbound' and not m.automatic
          and a not in (select address from channels where address is not null)
          and a <> coalesce(c.email, '') and a !~ '\\+t[0-9]+-[0-9a-f]{16}@'), '{}') as "ccSeen",
      (select m.message_id_header from messages m where m.ticket_id = t.id and m.message_id_header is not null
        and m.kind in ('inbound', 'reply') and m.state <> 'draft' order by m.created_at desc, m.id desc limit 1) as "lastMessageId",
      coalesce((select array_agg(h.header order by h.created_at) from (
        select m.message_id_header as header, m.created_at from messages m
        where m.ticket_id = t.id and m.message_id_header is not null and m.kind in ('inbound', 'reply') and m.state <> 'draft'
        order by m.created_at desc limit 30) h), '{}') as "references"
    from tickets t
    join contacts c on c.id = t.requester_id
    left join lateral (
      select id, address from channels
      where kind = 'email' and enabled order by id = t.channel_id desc nulls last, created_at limit 1) ch on true
    where t.id = ${ticketId}`;
  return row;
}

/** A message of a person, shown to nobody until its ticket's workflow accepts it; repeating the id changes nothing. */
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
    from: string | null;
    to: string[];
    cc: string[];
    messageIdHeader: string | null;
    inReplyTo: string | null;
    references: string[];
    sendAt: Date | null;
    createdAt: Date;
    attachmentIds: string[];
  },
): Promise<void> {
  await sql`
    with stored as (
      insert into messages (id, ticket_id, kind, state, author_user_id, channel_id, subject, body, body_html,
        from_address, to_addresses, cc_addresses, message_id_header, in_reply_to_header, references_header, send_at, created_at)
      values (${draft.id}, ${draft.ticketId}, ${draft.kind}, 'draft', ${draft.authorUserId}, ${draft.channelId},
        ${draft.subject}, ${draft.body}, ${draft.bodyHtml}, ${draft.from}, ${draft.to}, ${draft.cc},
        ${draft.messageIdHeader}, ${draft.inReplyTo}, ${draft.references}, ${draft.sendAt}, ${draft.createdAt})
      on conflict (id) do nothing returning id)
    update attachments a set message_id = stored.id from stored
    where a.id = any(${draft.attachmentIds}::uuid[]) and a.message_id is null`;
}

/** Forgets a draft that its ticket refused. */
export async function deleteDraft(sql: Sql, id: string): Promise<void> {
  await sql`
    with freed as (update attachments set message_id = null where message_id = ${id}
      and exists (select 1 from messages where id = ${id} and state = 'draft'))
    delete from messages where id = ${id} and state = 'draft'`;
}

/** One message, or undefined. */
export async function findMessage(sql: Sql, id: string): Promise<MessageView | undefined> {
  const [row] = await sql<MessageView[]>`
    select m.id, m.ticket_id as "ticketId", m.kind, m.state, m.author_user_id as "authorUserId",
      m.author_contact_id as "authorContactId", m.automatic, m.subject, m.body, m.body_html as "bodyHtml", m.quoted,
      m.from_address as "from", m.to_addresses as "to", m.cc_addresses as cc, m.send_at as "sendAt", m.sent_at as "sentAt",
      m.failure, m.created_at as "createdAt",
      coalesce((select json_agg(json_build_object('id', a.id, 'name', a.name, 'contentType', a.content_type,
        'sizeBytes', a.size_bytes, 'inline', a.inline) order by a.created_at) from attachments a where a.message_id = m.id), '[]') as attachments
    from messages m where m.id = ${id}`;
  return row;
}

/** A message with what is needed to send it again: the status its reply was to leave behind is in the ticket's events. */
export async function findGivenUpMessage(
  sql: Sql,
  id: string,
): Promise<
  | { state: string; kind: MessageView['kind']; ticketId: number; statusAfter: string | null }
  | undefined
> {
  const [row] = await sql<
    { state: string; kind: MessageView['kind']; ticketId: number; statusAfter: string | null }[]
  >`
    select m.state, m.kind, m.ticket_id as "ticketId",
      (select e.data->'send'->>'statusAfter' from ticket_events e
        where e.ticket_id = m.ticket_id and e.type in ('replyAccepted', 'sendRetried')
          and e.data->'send'->>'messageId' = m.id::text order by e.seq desc limit 1) as "statusAfter"
    from messages m where m.id = ${id} and m.state <> 'draft'`;
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

/** Messages of a ticket and of those merged into it, oldest first; drafts are shown to nobody. */
export async function listTicketMessages(sql: Sql, ticketId: number): Promise<MessageView[]> {
  return await sql<MessageView[]>`
    with recursive family as (
      select id from tickets where id = ${ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    )
    select m.id, m.ticket_id as "ticketId", m.kind, m.state, m.author_user_id as "authorUserId",
      m.author_contact_id as "authorContactId", m.automatic, m.subject, m.body, m.body_html as "bodyHtml", m.quoted,
      m.from_address as "from", m.to_addresses as "to", m.cc_addresses as cc, m.send_at as "sendAt", m.sent_at as "sentAt",
      m.failure, m.created_at as "createdAt",
      coalesce((select json_agg(json_build_object('id', a.id, 'name', a.name, 'contentType', a.content_type,
        'sizeBytes', a.size_bytes, 'inline', a.inline) order by a.created_at) from attachments a where a.message_id = m.id), '[]') as attachments
    from messages m join family on family.id = m.ticket_id
    where m.state <> 'draft' order by m.created_at, m.id limit 2000`;
}

/** An event as the timeline shows it. */
export interface EventView {
  ticketId: number;
  seq: number;
  at: Date;
  type: string;
  actor: unknown;
  data: unknown;
}

/** Events of a ticket and of those merged into it, oldest first. */
export async function listTicketEvents(sql: Sql, ticketId: number): Promise<EventView[]> {
  return await sql<EventView[]>`
    with recursive family as (
      select id from tickets where id = ${ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    )
    select e.ticket_id as "ticketId", e.seq, e.at, e.type, e.actor, e.data
    from ticket_events e join family on family.id = e.ticket_id
    order by e.at, e.ticket_id, e.seq limit 5000`;
}

/** Everything a mail is composed of. */
export interface OutboundMail {
  id: string;
  ticketId: number;
  kind: 'reply' | 'forward';
  state: string;
  subject: string;
  body: string;
  bodyHtml: string | null;
  to: string[];
  cc: string[];
  messageIdHeader: string | null;
  inReplyTo: string | null;
  references: string[];
  /** Who has it already, and who is to be tried again: both empty before the first attempt. */
  deliveredTo: string[];
  delayedTo: string[];
  failure: { code: string; text: string } | null;
  channelAddress: string | null;
  channelSettings: ChannelSettings;
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
      m.body_html as "bodyHtml", m.to_addresses as "to", m.cc_addresses as cc, m.message_id_header as "messageIdHeader",
      m.in_reply_to_header as "inReplyTo", m.references_header as "references", m.delivered_to as "deliveredTo",
      m.delayed_to as "delayedTo", m.failure, ch.address as "channelAddress",
      coalesce(ch.settings, '{}') as "channelSettings",
      coalesce((select json_agg(json_build_object('name', a.name, 'contentType', a.content_type, 'storeKey', a.store_key,
        'contentId', a.content_id, 'inline', a.inline) order by a.created_at) from attachments a where a.message_id = m.id), '[]') as attachments
    from messages m join tickets t on t.id = m.ticket_id left join channels ch on ch.id = m.channel_id
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
