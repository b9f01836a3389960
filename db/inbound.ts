// Inbound messages: what arrived and what became of it, the look-ups threading needs, and the rows of a new ticket. intake.ts stores mails.
import type { Viewer } from '#domain/permissions.ts';
import { visibleTickets } from './access.ts';
import { json } from './sql.ts';
import type { Sql } from './sql.ts';

/** How long a caller that starts its ticket's workflow itself has before the relay does it. */
const START_GRACE_SECONDS = 5;

/** A message on its way in, stored whatever becomes of it. */
export interface InboundRecord {
  channelId: string;
  dedupeKey: string;
  externalId: string | null;
  outcome: 'ticket' | 'reply' | 'ignored' | 'quarantined';
  reason: string | null;
  sender: string | null;
  source: Uint8Array;
  receivedAt: Date;
}

/** What became of a message that was delivered before. */
export async function findInboundByKey(
  sql: Sql,
  channelId: string,
  dedupeKey: string,
): Promise<InboundView | undefined> {
  const [row] = await sql<InboundView[]>`
    select i.id, ch.kind as channel, i.outcome, i.reason, i.ticket_id as "ticketId", i.message_id as "messageId",
      i.external_id as "externalId", i.received_at as "receivedAt"
    from inbound_messages i join channels ch on ch.id = i.channel_id
    where i.channel_id = ${channelId} and i.dedupe_key = ${dedupeKey}`;
  return row;
}

/** An inbound message as the API shows it. */
export interface InboundView {
  id: string;
  channel: string;
  outcome: InboundRecord['outcome'];
  reason: string | null;
  ticketId: number | null;
  messageId: string | null;
  externalId: string | null;
  receivedAt: Date;
}

/** One page of the inbound messages that somebody sees, newest first. */
export async function listInbound(
  sql: Sql,
  viewer: Viewer,
  page: {
    outcome: string | null;
    limit: number;
    before: { receivedAt: string; id: string } | null;
  },
): Promise<InboundView[]> {
  return await sql<InboundView[]>`
    select i.id, ch.kind as channel, i.outcome, i.reason, i.ticket_id as "ticketId", i.message_id as "messageId",
      i.external_id as "externalId", i.received_at as "receivedAt"
    from inbound_messages i join channels ch on ch.id = i.channel_id
    where true
      ${visibleInbound(sql, viewer)}
      ${page.outcome === null ? sql`` : sql`and i.outcome = ${page.outcome}`}
      ${page.before === null ? sql`` : sql`and (i.received_at, i.id) < (${page.before.receivedAt}::timestamptz, ${page.before.id}::uuid)`}
    order by i.received_at desc, i.id desc limit ${page.limit}`;
}

/** "and …": a mail is seen with the ticket it landed in; one without a ticket, which could be anybody's, by who sees all. */
const visibleInbound = (sql: Sql, viewer: Viewer) =>
  viewer.ticketAccess === 'all'
    ? sql``
    : sql`and exists (select 1 from tickets t where t.id = i.ticket_id ${visibleTickets(sql, viewer)})`;

/** Whether there is an inbound message of this id that somebody sees. */
export async function isInboundVisible(sql: Sql, viewer: Viewer, id: string): Promise<boolean> {
  const rows = await sql`
    select 1 from inbound_messages i where i.id = ${id} ${visibleInbound(sql, viewer)}`;
  return rows.length > 0;
}

/** The raw source of a message and where it came in. */
export async function findInboundSource(
  sql: Sql,
  id: string,
): Promise<
  | { source: Buffer; channelId: string; outcome: string; receivedAt: Date; dedupeKey: string }
  | undefined
> {
  const [row] = await sql<
    { source: Buffer; channelId: string; outcome: string; receivedAt: Date; dedupeKey: string }[]
  >`
    select source, channel_id as "channelId", outcome, received_at as "receivedAt", dedupe_key as "dedupeKey"
    from inbound_messages where id = ${id}`;
  return row;
}

/** Whether an address takes part in a ticket: its requester, or in a mail of it. */
export async function takesPart(sql: Sql, ticketId: number, address: string): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select 1 from tickets t join contacts c on c.id = t.requester_id
        where t.id = ${ticketId} and c.email = ${address})
      or exists (select 1 from messages m where m.ticket_id = ${ticketId}
        and (m.from_address = ${address} or ${address} = any(m.to_addresses) or ${address} = any(m.cc_addresses))) as found`;
  return row?.found ?? false;
}

/** A ticket that mail lands in. */
export interface LandingTicket {
  id: number;
  category: string;
  closedAt: Date | null;
  requesterId: string;
  /** A mail of that Message-ID is in it, or in one merged into it, already. */
  holdsMail: boolean;
}

/** Where mail for a ticket lands: the survivor of all merges, whether it may still be reopened, and whether it has this mail. */
export async function findLandingTicket(
  sql: Sql,
  ticketId: number,
  messageIdHeader: string,
): Promise<LandingTicket | undefined> {
  const [row] = await sql<LandingTicket[]>`
    with recursive chain as (
      select id, merged_into_id, 0 as hops from tickets where id = ${ticketId}
      union all
      select t.id, t.merged_into_id, chain.hops + 1 from tickets t join chain on t.id = chain.merged_into_id
      where chain.hops < 300
    )
    select t.id, t.category, t.closed_at as "closedAt", t.requester_id as "requesterId",
      exists (select 1 from messages m where m.message_id_header = ${messageIdHeader} and m.kind = 'inbound'
        and m.ticket_id in (select id from chain)) as "holdsMail"
    from chain join tickets t on t.id = chain.id where chain.merged_into_id is null`;
  return row;
}

/** How many mails of the last day wait for a person. */
export async function countQuarantined(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from inbound_messages
    where outcome = 'quarantined' and received_at > now() - interval '1 day'`;
  return row?.count ?? 0;
}

/** Finds or makes the contact of an address; the company is that of the address's domain, if there is one. */
export async function upsertContactByEmail(
  sql: Sql,
  email: string,
  name: string | null,
): Promise<{ id: string; companyId: string | null }> {
  const [row] = await sql<{ id: string; companyId: string | null }[]>`
    insert into contacts (email, name, company_id)
    values (${email}, ${name}, (select id from companies where domain = split_part(${email}, '@', 2)))
    on conflict (email) do update set name = coalesce(contacts.name, excluded.name)
    returning id, company_id as "companyId"`;
  if (row === undefined) throw new Error('A contact could not be stored.');
  return row;
}

/** A new ticket's row at version 0, and the debt to start its workflow. */
export async function insertNewTicket(
  sql: Sql,
  ticket: {
    subject: string;
    priority?: string;
    requesterId: string;
    companyId: string | null;
    channel: 'email' | 'api' | 'form';
    channelId: string | null;
    pipelineId?: string | null;
    tags?: string[];
    fields?: Record<string, unknown>;
    language?: string | null;
    birth?: Record<string, unknown>;
    followUpOfId?: number | null;
    splitFromId?: number | null;
    createdAt: Date;
    /** The caller starts the workflow itself: the relay only steps in when it has not within this time. */
    startsItself?: boolean;
  },
): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    with place as (
      select p.id as pipeline_id, s.id as status, s.category
      from pipelines p join pipeline_statuses s on s.pipeline_id = p.id
      where p.deleted_at is null and (${ticket.pipelineId ?? null}::uuid is null or p.id = ${ticket.pipelineId ?? null}::uuid)
      order by p.position, p.id, not s.at_creation, s.category <> 'new', s.position, s.id limit 1
    ), born as (
      insert into tickets (subject, pipeline_id, status, category, priority, requester_id, company_id, channel,
        channel_id, tags, fields, language, birth, follow_up_of_id, split_from_id, created_at, updated_at)
      select ${ticket.subject}, place.pipeline_id, place.status, place.category, ${ticket.priority ?? 'normal'},
        ${ticket.requesterId}, ${ticket.companyId}, ${ticket.channel}, ${ticket.channelId}, ${ticket.tags ?? []},
        ${json(sql, ticket.fields ?? {})}, ${ticket.language ?? null}, ${json(sql, ticket.birth ?? {})}, ${ticket.followUpOfId ?? null},
        ${ticket.splitFromId ?? null}, ${ticket.createdAt}, ${ticket.createdAt}
      from place returning id
    ), owed as (
      insert into relay_outbox (kind, ticket_id, next_attempt_at)
      select 'ticketBorn', id, now() + make_interval(secs => ${ticket.startsItself === true ? START_GRACE_SECONDS : 0})
      from born returning id
    )
    select born.id, case when ${ticket.startsItself !== true} then pg_notify('relay', owed.id::text) end from born, owed`;
  if (row === undefined) throw new Error('A ticket could not be stored.');
  return row.id;
}

/** An inbound message's row, before its ticket's workflow has heard of it. */
export async function insertInboundMessage(
  sql: Sql,
  message: {
    ticketId: number;
    contactId: string | null;
    channelId: string | null;
    automatic: boolean;
    subject: string;
    body: string;
    bodyHtml: string | null;
    quoted: string | null;
    from: string | null;
    to: string[];
    cc: string[];
    messageIdHeader: string | null;
    inReplyTo: string | null;
    references: string[];
    createdAt: Date;
  },
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into messages (ticket_id, kind, state, author_contact_id, channel_id, automatic, subject, body, body_html,
      quoted, from_address, to_addresses, cc_addresses, message_id_header, in_reply_to_header, references_header, created_at)
    values (${message.ticketId}, 'inbound', 'received', ${message.contactId}, ${message.channelId}, ${message.automatic},
      ${message.subject}, ${message.body}, ${message.bodyHtml}, ${message.quoted}, ${message.from}, ${message.to},
      ${message.cc}, ${message.messageIdHeader}, ${message.inReplyTo}, ${message.references}, ${message.createdAt})
    returning id`;
  if (row === undefined) throw new Error('A message could not be stored.');
  return row.id;
}
