// The stream of changes: what was committed after a place in it. A place is a snapshot of Postgres, which names the transactions that were
// committed by then, so that none is told twice or left out, whatever order they end in and however long another one stays open.
import type { Viewer } from '#domain/permissions.ts';
import { isSeen } from './access.ts';
import type { Sql } from './sql.ts';

/** A change of a ticket, and whether the viewer sees the ticket now and saw it just before the change. */
export interface TicketChangeRow {
  xid: string;
  position: number;
  ticketId: number;
  version: number;
  type: string;
  sees: boolean;
  saw: boolean;
  /** The place behind all that was committed when this was read. */
  until: string;
}

/** What a look reads: what was committed after `since`; of a look that takes several pages, up to `until` and behind the last row. */
export interface ChangesAsk {
  since: string;
  until: string | null;
  behind: { xid: string; position: number };
}
/** The look that begins at a place. */
export const lookFrom = (since: string): ChangesAsk => ({
  ...{ since, until: null, behind: { xid: '0', position: 0 } },
});

/** What is read after a page: the rest of its look when it was full, else the next look, from behind all that this one told. */
export function lookAfter(
  ask: ChangesAsk,
  page: readonly TicketChangeRow[],
  limit: number,
): ChangesAsk {
  const last = page.at(-1);
  const until = last?.until ?? ask.until;
  if (until === null) return ask;
  return page.length < limit ? lookFrom(until) : { ...ask, until, behind: last ?? ask.behind };
}

/** A transaction number. Postgres has some longer ones, which no database comes to. */
const DIGITS = /^\d{1,19}$/;

/** A place as a client gives it back: a snapshot as it was told, or the number of the first transaction to tell of. Null when it is neither. */
export function placeOf(text: string): string | null {
  if (DIGITS.test(text)) return placeOf(`${text}:${text}:`);
  const [least = '', end = '', open = '', ...more] = text.split(':');
  if (more.length > 0 || ![least, end].every((part) => DIGITS.test(part))) return null;
  const running = open === '' ? [] : open.split(',');
  if (!running.every((part) => DIGITS.test(part))) return null;
  const [from, to] = [BigInt(least) || 1n, BigInt(end) || 1n];
  const inOrder = running.every((part, index) => {
    const xid = BigInt(part);
    return xid >= from && xid < to && (index === 0 || xid > BigInt(running[index - 1] ?? 0));
  });
  return from <= to && inOrder ? `${from}:${to}:${open}` : null;
}

/** The place now; or the given one, unless it lies ahead, as one does that was told before the database was restored. */
export async function findPlace(sql: Sql, given: string | null): Promise<string> {
  const [row] = await sql<{ place: string }[]>`
    select (case when pg_snapshot_xmax(given) <= pg_snapshot_xmax(pg_current_snapshot()) then given
      else pg_current_snapshot() end)::text as place from (select ${given}::pg_snapshot as given) asked`;
  if (row === undefined) throw new Error('a select without a table answers one row');
  return row.place;
}

/**
 * A page of a look at changes, in an order that stays. Who had the ticket before a change stands in the first later event that moved it,
 * else in the row as it is.
 */
export async function listChanges(
  sql: Sql,
  viewer: Viewer,
  ask: ChangesAsk,
  limit: number,
): Promise<TicketChangeRow[]> {
  const { since, until, behind } = ask;
  const end = sql`coalesce(${until}::pg_snapshot, pg_current_snapshot())`;
  const columns = sql`xid, position, ticket_id, seq, type`;
  const rest = sql`(xid, position) > (${behind.xid}::xid8, ${behind.position}::bigint)
    and pg_visible_in_snapshot(xid, ${end}) order by xid, position limit ${limit}`;
  // Two ways into the index, since a place leaves open what was running then and what began later: nothing told is read again. The upper bound
  // keeps out rows of another server's numbering, as a restored dump brings them.
  const told = sql`
    (select ${columns} from ticket_events
      where xid = any(array(select pg_snapshot_xip(${since}::pg_snapshot))) and ${rest})
    union all
    (select ${columns} from ticket_events
      where xid >= pg_snapshot_xmax(${since}::pg_snapshot) and xid < pg_snapshot_xmax(${end}) and ${rest})
    order by xid, position limit ${limit}`;
  if (viewer.ticketAccess === 'all') {
    return await sql<TicketChangeRow[]>`
      select xid::text, position, ticket_id as "ticketId", seq as version, type, true as sees, true as saw, ${end}::text as until
      from (${told}) changes order by xid, position`;
  }
  return await sql<TicketChangeRow[]>`
    with changes as (${told})
    select e.xid::text, e.position, e.ticket_id as "ticketId", e.seq as version, e.type, ${end}::text as until,
      coalesce(${isSeen(sql, viewer, 't')}, false) as sees, coalesce(${isSeen(sql, viewer, 'before')}, false) as saw
    from changes e join tickets t on t.id = e.ticket_id
    left join lateral (${laterMove(sql, 'assigneeChanged')}) a on true
    left join lateral (${laterMove(sql, 'teamChanged')}) g on true
    left join lateral (
      select not (f.data->>'follows')::boolean as followed from ticket_events f
      where f.ticket_id = e.ticket_id and f.seq >= e.seq and f.type = 'followersChanged'
        and f.data->>'userId' = ${viewer.userId} order by f.seq limit 1) f on true
    cross join lateral (
      select t.id, case when a.moved then a.had else t.assignee_id end as assignee_id,
        case when g.moved then g.had else t.team_id end as team_id,
        case when f.followed then array[${viewer.userId}]::uuid[] when not f.followed then '{}' else t.followers end as followers
    ) before
    order by e.xid, e.position`;
}

/** Who had ticket e.ticket_id before the first move of a kind from e.seq on. */
const laterMove = (sql: Sql, type: 'assigneeChanged' | 'teamChanged') => sql`
  select true as moved, (m.data->>'from')::uuid as had from ticket_events m
  where m.ticket_id = e.ticket_id and m.seq >= e.seq and m.type = ${type} order by m.seq limit 1`;
