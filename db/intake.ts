// Taking one mail in: one question before it is judged, one statement that stores it with everything it causes. A statement is its
// own transaction, so a mail costs two round trips and one commit, and there is no moment at which half of it is stored.
import { DEFAULT_SETTINGS } from '#domain/desk.ts';
import type { DeskSettings } from '#domain/desk.ts';
import type { ThreadCandidate } from '#domain/mail.ts';
import type { InboundRecord } from './inbound.ts';
import { json, planned } from './sql.ts';
import type { Sql } from './sql.ts';

/** Everything the rules for mail ask of the desk. */
export interface IntakeContext {
  /** The mail was delivered before. */
  seen: boolean;
  settings: DeskSettings;
  /** Who is to be answered: the address of Reply-To when nobody reads that of From, or when From is ours; null when there is none. */
  sender: string | null;
  /** That is Reply-To's. */
  insteadOfFrom: boolean;
  /** The sender is one of the desk's own addresses. */
  fromOurselves: boolean;
  /** Mails of this sender so far: of the last hour (none when this one is older: a backlog is no flood), automatic ones of the last day. */
  lastHour: number;
  automaticLastDay: number;
  candidates: ThreadCandidate[];
  /** Our message that a bounce returns. */
  returned: { id: string; ticketId: number; to: string[]; cc: string[] } | null;
}

/** Reads the context of a mail; candidates are our own mails, and stored ones of others in the same channel, named by headerIds. */
export async function readIntakeContext(
  sql: Sql,
  mail: {
    channelId: string;
    dedupeKey: string;
    from: string | null;
    /** Null when it is a reply address of the desk. */
    replyTo: string | null;
    /** Nobody reads what is sent to `from`. */
    noReply: boolean;
    headerIds: readonly string[];
    bouncedId: string | null;
    receivedAt: Date;
  },
): Promise<IntakeContext> {
  const { channelId } = mail;
  const ids = [...mail.headerIds];
  const [row] = await planned(sql)<
    (Omit<IntakeContext, 'settings'> & { value: Partial<DeskSettings> })[]
  >`
    select exists (select 1 from inbound_messages
        where channel_id = ${channelId} and dedupe_key = ${mail.dedupeKey}) as seen,
      (select value from settings) as value,
      who.sender, who.instead as "insteadOfFrom",
      exists (select 1 from channels where address = who.sender::citext) as "fromOurselves",
      lately.hour as "lastHour", lately.automatic as "automaticLastDay",
      case when cardinality(${ids}::text[]) = 0 then '[]'::jsonb else (
        select coalesce(jsonb_agg(jsonb_build_object('ticketId', m.ticket_id, 'messageIdHeader', m.message_id_header,
          'ours', m.kind <> 'inbound', 'createdAtMs', (extract(epoch from m.created_at) * 1000)::bigint,
          'senderTakesPart', exists (select 1 from messages p where p.ticket_id = m.ticket_id
            and (p.from_address = who.sender or who.sender = any(p.to_addresses) or who.sender = any(p.cc_addresses))))), '[]')
        from messages m
        where m.message_id_header = any(${ids}::text[]) and m.state <> 'draft'
          and (m.channel_id = ${channelId} or m.kind <> 'inbound')) end as candidates,
      (select jsonb_build_object('id', id, 'ticketId', ticket_id, 'to', to_addresses, 'cc', cc_addresses) from messages
        where message_id_header = ${mail.bouncedId} and kind in ('reply', 'forward') limit 1) as returned
    from (select instead, case when instead then ${mail.replyTo}::text else ${mail.from}::text end as sender
      from (select ${mail.replyTo}::text is not null
          and not exists (select 1 from channels where address = ${mail.replyTo}::text::citext)
          and (${mail.noReply} or exists (select 1 from channels where address = ${mail.from}::text::citext)) as instead) choice) who
    cross join lateral (select
        count(*) filter (where i.received_at > now() - interval '1 hour'
          and ${mail.receivedAt}::timestamptz > now() - interval '1 hour')::integer as hour,
        count(m.id) filter (where m.automatic)::integer as automatic
      from inbound_messages i left join messages m on m.id = i.message_id
      where i.sender = who.sender and i.received_at > now() - interval '1 day') lately`;
  if (row === undefined) throw new Error('The context of a mail could not be read.');
  const { value, ...context } = row;
  return { ...context, settings: { ...DEFAULT_SETTINGS, ...value } };
}

/** A mail as it is stored whatever becomes of it; retry: it became nothing before, and a person asks for another try. */
export interface StoredMail extends InboundRecord {
  retry: boolean;
}

/** What people see of it. */
export interface IntakeMessage {
  email: string;
  contactName: string | null;
  automatic: boolean;
  subject: string;
  body: string;
  bodyHtml: string | null;
  quoted: string | null;
  to: string[];
  cc: string[];
  inReplyTo: string | null;
  references: string[];
  files: IntakeFile[];
}

/** A file of it, in the store already. */
export interface IntakeFile {
  name: string;
  contentType: string;
  contentId: string | null;
  inline: boolean;
  sha256: string;
  sizeBytes: number;
  storeKey: string;
}

/**
 * Stores a mail that becomes nothing; its id, or undefined when it was stored before. Of one that waits for a person the admins are
 * told, once an hour for each kind of reason.
 */
export async function insertIdleMail(sql: Sql, mail: StoredMail): Promise<string | undefined> {
  const kind = (mail.reason ?? '').split(':')[0] ?? '';
  const [row] = await planned(sql)<{ id: string }[]>`
    with stored as (
      insert into inbound_messages
        (channel_id, dedupe_key, external_id, outcome, reason, sender, source, source_bytes, received_at)
      values (${mail.channelId}, ${mail.dedupeKey}, ${mail.externalId}, ${mail.outcome}, ${mail.reason},
        ${mail.sender}, ${Buffer.from(mail.source)}, ${mail.source.byteLength}, ${mail.receivedAt})
      on conflict (channel_id, dedupe_key) do update set retried_at = now(), reason = excluded.reason
        where ${mail.retry} and inbound_messages.outcome in ('ignored', 'quarantined')
      returning id
    ), told as (
      insert into notifications (user_id, ticket_id, seq, type, data, at, dedupe_key)
      select u.id, null, 0, 'mailQuarantined', jsonb_build_object('inboundId', stored.id, 'reason', ${kind}::text), now(),
        'mailQuarantined:' || ${kind}::text || ':' || to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24')
      from stored, users u
      where ${mail.outcome} = 'quarantined' and u.role = 'admin' and u.active
      on conflict (user_id, dedupe_key) where dedupe_key is not null do nothing
    )
    select id from stored`;
  return row?.id;
}

/** What storing a mail answers. */
export interface StoredIntake {
  inboundId: string;
  ticketId: number;
  messageId: string;
}

/**
 * Stores a mail as a new ticket at version 0 with its contact, message, files and the debt to start its workflow; undefined when
 * it was stored before. The relay is to be rung afterwards.
 */
export async function insertMailAsTicket(
  sql: Sql,
  mail: StoredMail,
  message: IntakeMessage,
  ticket: { subject: string; language: string | null; followUpOfId: number | null },
): Promise<StoredIntake | undefined> {
  const [row] = await planned(sql)<StoredIntake[]>`
    with ids as materialized (
      select nextval(pg_get_serial_sequence('tickets', 'id')) as ticket_id, uuidv7() as message_id
    ), claimed as (
      insert into inbound_messages (channel_id, dedupe_key, external_id, outcome, reason, sender, source, source_bytes,
        received_at, ticket_id, message_id)
      select ${mail.channelId}, ${mail.dedupeKey}, ${mail.externalId}, 'ticket', ${mail.reason}, ${mail.sender},
        ${Buffer.from(mail.source)}, ${mail.source.byteLength}, ${mail.receivedAt}, ids.ticket_id, ids.message_id
      from ids
      on conflict (channel_id, dedupe_key) do update set outcome = 'ticket', reason = excluded.reason,
          retried_at = now(), ticket_id = excluded.ticket_id, message_id = excluded.message_id
        where ${mail.retry} and inbound_messages.outcome in ('ignored', 'quarantined')
      returning id, ticket_id, message_id
    ), contact as (
      insert into contacts (email, name, company_id)
      select ${message.email}, ${message.contactName},
        (select id from companies where domain = split_part(${message.email}, '@', 2)::citext)
      from claimed
      on conflict (email) do update set name = coalesce(contacts.name, excluded.name)
      returning id, company_id
    ), place as (
      select p.id as pipeline_id, s.id as status, s.category
      from pipelines p join pipeline_statuses s on s.pipeline_id = p.id
      where p.deleted_at is null
      order by p.position, p.id, not s.at_creation, s.category <> 'new', s.position, s.id limit 1
    ), born as (
      insert into tickets (id, subject, pipeline_id, status, category, requester_id, company_id, channel, channel_id,
        language, follow_up_of_id, created_at, updated_at)
      select claimed.ticket_id, ${ticket.subject},
        place.pipeline_id, place.status, place.category, contact.id, contact.company_id, 'email', ${mail.channelId},
        ${ticket.language}, ${ticket.followUpOfId}, ${mail.receivedAt}, ${mail.receivedAt}
      from claimed, contact, place
    ), owed as (
      insert into relay_outbox (kind, ticket_id) select 'ticketBorn', ticket_id from claimed
    ), written as (
      insert into messages (id, ticket_id, kind, state, author_contact_id, channel_id, automatic, subject, body, body_html,
        quoted, from_address, to_addresses, cc_addresses, message_id_header, in_reply_to_header, references_header, created_at)
      select claimed.message_id, claimed.ticket_id, 'inbound', 'received', contact.id, ${mail.channelId},
        ${message.automatic}, ${message.subject}, ${message.body}, ${message.bodyHtml}, ${message.quoted}, ${mail.sender},
        ${message.to}, ${message.cc}, ${mail.dedupeKey}, ${message.inReplyTo}, ${message.references}, ${mail.receivedAt}
      from claimed, contact
    ), files as (
      insert into attachments (message_id, name, content_type, size_bytes, sha256, store_key, content_id, inline)
      select claimed.message_id, f.name, f."contentType", f."sizeBytes", f.sha256, f."storeKey", f."contentId", f.inline
      from claimed, jsonb_to_recordset(${json(sql, message.files)}::jsonb) as f(name text, "contentType" text,
        "sizeBytes" bigint, sha256 text, "storeKey" text, "contentId" text, inline boolean)
    )
    select id as "inboundId", ticket_id as "ticketId", message_id as "messageId" from claimed`;
  return row;
}

/**
 * Stores a mail as a message of a ticket, with its contact, files and the debt to tell the workflow; undefined when it was stored
 * before. The relay is to be rung afterwards.
 */
export async function insertMailAsReply(
  sql: Sql,
  mail: StoredMail,
  message: IntakeMessage,
  reply: {
    ticketId: number;
    bounce: { bouncedMessageId: string; bouncePermanent: boolean; bounceFailed: boolean } | null;
    /** What to note at the message that came back, for people; empty for nothing. */
    bounceText: string;
  },
): Promise<StoredIntake | undefined> {
  const fact = {
    type: 'receiveMessage',
    atMs: mail.receivedAt.getTime(),
    automatic: message.automatic,
    ...reply.bounce,
  };
  const [row] = await planned(sql)<StoredIntake[]>`
    with claimed as (
      insert into inbound_messages (channel_id, dedupe_key, external_id, outcome, reason, sender, source, source_bytes,
        received_at, ticket_id, message_id)
      values (${mail.channelId}, ${mail.dedupeKey}, ${mail.externalId}, 'reply', ${mail.reason}, ${mail.sender},
        ${Buffer.from(mail.source)}, ${mail.source.byteLength}, ${mail.receivedAt}, ${reply.ticketId}, uuidv7())
      on conflict (channel_id, dedupe_key) do update set outcome = 'reply', reason = excluded.reason,
          retried_at = now(), ticket_id = excluded.ticket_id, message_id = excluded.message_id
        where ${mail.retry} and inbound_messages.outcome in ('ignored', 'quarantined')
      returning id, ticket_id, message_id
    ), contact as (
      insert into contacts (email, name, company_id)
      select ${message.email}, ${message.contactName},
        (select id from companies where domain = split_part(${message.email}, '@', 2)::citext)
      from claimed
      on conflict (email) do update set name = coalesce(contacts.name, excluded.name)
      returning id
    ), written as (
      insert into messages (id, ticket_id, kind, state, author_contact_id, channel_id, automatic, subject, body, body_html,
        quoted, from_address, to_addresses, cc_addresses, message_id_header, in_reply_to_header, references_header, created_at)
      select claimed.message_id, claimed.ticket_id, 'inbound', 'received', contact.id, ${mail.channelId},
        ${message.automatic}, ${message.subject}, ${message.body}, ${message.bodyHtml}, ${message.quoted}, ${mail.sender},
        ${message.to}, ${message.cc}, ${mail.dedupeKey}, ${message.inReplyTo}, ${message.references}, ${mail.receivedAt}
      from claimed, contact
    ), files as (
      insert into attachments (message_id, name, content_type, size_bytes, sha256, store_key, content_id, inline)
      select claimed.message_id, f.name, f."contentType", f."sizeBytes", f.sha256, f."storeKey", f."contentId", f.inline
      from claimed, jsonb_to_recordset(${json(sql, message.files)}::jsonb) as f(name text, "contentType" text,
        "sizeBytes" bigint, sha256 text, "storeKey" text, "contentId" text, inline boolean)
    ), returned as (
      update messages m set failure = jsonb_build_object('code', 'bounced',
        'text', left(concat_ws(E'\\n', m.failure->>'text', ${reply.bounceText}::text), 1000))
      from claimed where m.id = ${reply.bounce?.bouncedMessageId ?? null}::uuid and ${reply.bounceText}::text <> ''
    ), owed as (
      insert into relay_outbox (kind, ticket_id, payload)
      select 'ticketSignal', ticket_id, ${json(sql, fact)}::jsonb || jsonb_build_object('messageId', message_id)
      from claimed
    )
    select id as "inboundId", ticket_id as "ticketId", message_id as "messageId" from claimed`;
  return row;
}
