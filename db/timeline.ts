// The timeline people read: messages and events of a ticket and of those merged into it, in one order, page by page.
import { messageColumns } from './messages.ts';
import type { MessageView } from './messages.ts';
import type { Sql } from './sql.ts';

/** Where an item stands: messages before events of the same instant, then by number and id. */
export interface TimelinePlace {
  /** ISO with microseconds: rounded, a page could begin with the end of the one before. */
  at: string;
  kind: 'message' | 'event';
  ticketId: number;
  /** Of an event; 0 of a message. */
  seq: number;
  /** Of a message; null of an event. */
  id: string | null;
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * The places of one page in order. It ends at `limit` items, or sooner: before the item with which its text would exceed maxBytes, since
 * bodies may have megabytes; an item that alone exceeds it stands alone. `more` says that something comes after it. Drafts are shown to nobody. The index messages_ticket serves the first part, the
 * primary key of ticket_events the second.
 */
export async function listTimelinePlaces(
  sql: Sql,
  page: {
    ticketId: number;
    order: 'asc' | 'desc';
    after: TimelinePlace | null;
    limit: number;
    maxBytes: number;
  },
): Promise<{ places: TimelinePlace[]; more: boolean }> {
  const { after } = page;
  const forward = page.order === 'asc';
  const ordered = forward
    ? sql`order by at, rank, "ticketId", seq, id`
    : sql`order by at desc, rank desc, "ticketId" desc, seq desc, id desc`;
  const rank = after?.kind === 'event' ? 1 : 0;
  // Through text: postgres.js makes a Date of what is bound as timestamptz, and cuts its microseconds off.
  const behind =
    after === null
      ? sql``
      : sql`where (at, rank, "ticketId", seq, id) ${forward ? sql`>` : sql`<`}
          (${after.at}::text::timestamptz, ${rank}::integer, ${after.ticketId}::bigint, ${after.seq}::integer, ${after.id ?? NO_ID}::uuid)`;
  const rows = await sql<
    (Omit<TimelinePlace, 'at'> & { instant: string; position: number; through: number })[]
  >`
    with recursive family as (
      select id from tickets where id = ${page.ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    ), items as (
      (select * from (
        select m.created_at as at, 0 as rank, 0::bigint as "ticketId", 0 as seq, m.id,
          octet_length(m.body) + coalesce(octet_length(m.body_html), 0) + coalesce(octet_length(m.quoted), 0) as bytes
        from messages m join family on family.id = m.ticket_id where m.state <> 'draft') one
      ${behind} ${ordered} limit ${page.limit + 1})
      union all
      (select * from (
        select e.at, 1 as rank, e.ticket_id as "ticketId", e.seq, ${NO_ID}::uuid as id, pg_column_size(e.data) as bytes
        from ticket_events e join family on family.id = e.ticket_id) one
      ${behind} ${ordered} limit ${page.limit + 1})
    )
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as instant,
      case rank when 0 then 'message' else 'event' end as kind, "ticketId", seq,
      case rank when 0 then id end as id, row_number() over w as position,
      (sum(bytes) over w)::bigint as through
    from items window w as (${ordered}) ${ordered} limit ${page.limit + 1}`;
  const places = rows
    .filter(
      ({ position, through }) =>
        position <= page.limit && (position === 1 || through <= page.maxBytes),
    )
    .map(({ instant: at, kind, ticketId, seq, id }) => ({ at, kind, ticketId, seq, id }));
  return { places, more: places.length < rows.length };
}

/** Messages by id, in any order. */
export async function listMessagesByIds(sql: Sql, ids: readonly string[]): Promise<MessageView[]> {
  return await sql<MessageView[]>`
    select ${messageColumns(sql)} from messages m where m.id = any(${[...ids]}::uuid[])`;
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

/** Events by ticket and number, in any order. */
export async function listEventsByPlaces(
  sql: Sql,
  places: readonly { ticketId: number; seq: number }[],
): Promise<EventView[]> {
  const ticketIds = places.map(({ ticketId }) => ticketId);
  const seqs = places.map(({ seq }) => seq);
  return await sql<EventView[]>`
    select e.ticket_id as "ticketId", e.seq, e.at, e.type, e.actor, e.data
    from unnest(${ticketIds}::bigint[], ${seqs}::integer[]) as wanted(ticket_id, seq)
    join ticket_events e on e.ticket_id = wanted.ticket_id and e.seq = wanted.seq`;
}
