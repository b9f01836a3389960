// Reading tickets: one, or a page of a list. The row is written by its workflow alone (ticket-projection.ts).
import type { Condition } from '#domain/desk.ts';
import type { Viewer } from '#domain/permissions.ts';
import type { ViewConditions } from '#domain/view-conditions.ts';
import { visibleTickets } from './access.ts';
import { planned } from './sql.ts';
import type { Sql } from './sql.ts';
import {
  followedBy,
  mentioning,
  lookUpNames,
  NEWEST_OF_PERSON,
  whereConditions,
} from './ticket-conditions.ts';
import type { Fragment, Known } from './ticket-conditions.ts';
import { afterPlace, knownOf, narrowedTo, orderOf, placeIn, stagesOf } from './ticket-order.ts';
import type { Stage, TicketPage, TicketPlace } from './ticket-order.ts';

/** A ticket's row with its requester. */
export interface TicketRow {
  id: number;
  subject: string;
  status: string;
  category: string;
  pipelineId: string;
  priority: string;
  requester: { id: string; email: string | null; phone: string | null; name: string | null };
  assigneeId: string | null;
  teamId: string | null;
  channel: string;
  tags: string[];
  fields: Record<string, unknown>;
  followers: string[];
  sla: unknown;
  routing: unknown;
  escalationLevel: number;
  snoozedUntil: Date | null;
  snoozedUntilReply: boolean;
  mergedIntoId: number | null;
  followUpOfId: number | null;
  /** Tickets that came of a message after this one's reopen window. */
  followUps: number[];
  splitFromId: number | null;
  spam: boolean;
  version: number;
  nextWakeAt: Date | null;
  nextWakeReason: string | null;
  nextDueAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
  /** Of one ticket alone, not in lists: the policy version that rules it; nulls when none does. */
  policy?: { name: string | null; conditions: Condition[] | null };
}

const columns = (sql: Sql) => sql`
  t.id, t.subject, t.status, t.category, t.pipeline_id as "pipelineId", t.priority,
  json_build_object('id', c.id, 'email', c.email, 'phone', c.phone, 'name', c.name) as requester,
  t.assignee_id as "assigneeId", t.team_id as "teamId", t.channel, t.tags, t.fields, t.followers, t.sla, t.routing,
  t.escalation_level as "escalationLevel", t.snoozed_until as "snoozedUntil",
  t.snoozed_until_reply as "snoozedUntilReply", t.merged_into_id as "mergedIntoId",
  t.follow_up_of_id as "followUpOfId",
  coalesce((select json_agg(f.id order by f.id) from tickets f where f.follow_up_of_id = t.id), '[]') as "followUps", t.split_from_id as "splitFromId", t.spam, t.version,
  t.next_wake_at as "nextWakeAt", t.next_wake_reason as "nextWakeReason", t.next_due_at as "nextDueAt",
  t.created_at as "createdAt", t.updated_at as "updatedAt", t.closed_at as "closedAt"`;

/** One ticket with the policy version that rules it; undefined when there is none that the viewer sees. */
export async function findTicket(
  sql: Sql,
  viewer: Viewer,
  id: number,
): Promise<TicketRow | undefined> {
  const [row] = await planned(sql)<TicketRow[]>`
    select ${columns(sql)}, json_build_object('name', v.name, 'conditions', v.definition->'conditions') as policy
    from tickets t join contacts c on c.id = t.requester_id
    left join sla_policy_versions v on v.policy_id = t.policy_id and v.version = t.policy_version
    where t.id = ${id} ${visibleTickets(sql, viewer)}`;
  return row;
}

/** The lists every desk has. */
export const TICKET_VIEWS = [
  'unassigned',
  'myTeamUnassigned',
  'assignedToMe',
  'allOpen',
  'myMentions',
  'following',
  'allClosed',
  'sent',
  'spam',
] as const;
/** One of them. */
export type TicketView = (typeof TICKET_VIEWS)[number];

/** What a list is narrowed to: to what the viewer sees, and further; undefined keys do not narrow. */
export interface TicketFilter {
  viewer: Viewer;
  view?: TicketView | undefined;
  status?: string | undefined;
  category?: string | undefined;
  assigneeId?: string | undefined;
  teamId?: string | undefined;
  priority?: string | undefined;
  channel?: string | undefined;
  tag?: string | undefined;
  requesterId?: string | undefined;
  slaState?: string | undefined;
  /** Words and "exact words" that the subject or one message holds. */
  q?: string | undefined;
  /** The last word of q may be the beginning of one: somebody is still typing it. */
  typing?: boolean | undefined;
  /** Words that neither subject nor any message may hold, each by itself. */
  without?: string[] | undefined;
  ticketId?: number | undefined;
  /** Of a view that is no default one: it shows no merged tickets, and no spam unless it says so. */
  conditions?: ViewConditions | undefined;
}

/** A ticket in a page, and its place in the order. */
export type ListedTicket = TicketRow & { place: TicketPlace };

/** One page of tickets in order, after the given place. The partial indexes of 0001 serve the views. */
export async function listTickets(
  sql: Sql,
  asked: TicketFilter,
  page: TicketPage,
): Promise<ListedTicket[]> {
  const [search, filter] = await Promise.all([chooseSearch(sql, asked), lookUpFilter(sql, asked)]);
  const rows: ListedTicket[] = [];
  for (const [number, stage] of stagesOf(page.sort).entries()) {
    const after = page.after;
    if (after !== null && after.stage > number) continue;
    const place = after?.stage === number ? after : null;
    const limit = page.limit - rows.length;
    const found = await listStage(sql, { filter, search, stage, number }, { limit, after: place });
    rows.push(...found);
    if (rows.length >= page.limit) break;
  }
  return rows;
}

/** A filter whose conditions name people and companies by id where they are few. */
export async function lookUpFilter(sql: Sql, filter: TicketFilter): Promise<TicketFilter> {
  const { conditions } = filter;
  return conditions === undefined
    ? filter
    : { ...filter, conditions: await lookUpNames(sql, conditions) };
}

interface StageAsk {
  filter: TicketFilter;
  search: SearchPlan;
  stage: Stage;
  number: number;
}

/** Tickets of one stage of an order, which one index gives. */
async function listStage(sql: Sql, ask: StageAsk, page: StagePage): Promise<ListedTicket[]> {
  const rows = await readStage(sql, ask, page);
  if (ask.search !== 'fromBoth' || rows.length === page.limit) return rows;
  // The words are not where the order begins: their number bounds what is looked at now.
  return await readStage(sql, { ...ask, search: 'fromWords' }, page);
}

interface StagePage {
  limit: number;
  after: TicketPlace | null;
}

async function readStage(
  sql: Sql,
  { filter, search, stage, number }: StageAsk,
  { limit, after }: StagePage,
): Promise<ListedTicket[]> {
  const known = knownOf(stage);
  const place = sql`${narrowedTo(sql, stage)} ${afterPlace(sql, stage, after)} ${orderOf(sql, stage)}`;
  const found =
    search === 'fromBoth'
      ? sql`
        select t.id as page_id from (
          select t.* from tickets t
          where true ${whereTickets(sql, { ...filter, q: undefined, without: [] }, search, known)} ${place} limit ${WALK}) t
        where true ${wordsOf(sql, queryOf(sql, filter.q ?? '', filter.typing), search)} ${withoutWords(sql, filter)}
        ${orderOf(sql, stage)} limit ${limit}`
      : sql`
        select t.id as page_id from tickets t
        where true ${whereTickets(sql, filter, search, known)} ${place} limit ${limit}`;
  return await sql<ListedTicket[]>`
    with page as (${found})
    select ${columns(sql)}, ${placeIn(sql, stage, number)} as place
    from page join tickets t on t.id = page.page_id join contacts c on c.id = t.requester_id
    ${orderOf(sql, stage)}`;
}

/**
 * How a page of a search is found: from the few tickets that hold rare words; for words of many by looking at tickets in the order of
 * the page until it is full; and in between in that order too, a part of the way, against the tickets that hold the words, collected
 * once. The wrong way takes seconds at a million messages, the right one milliseconds.
 */
type SearchPlan = 'fromWords' | 'fromBoth' | 'fromOrder';

/** As few messages with the words are looked up at once, however few there are. */
const FEW_AT_LEAST = 1_000;
/** In square roots of all messages, up to where a way is the quickest: both costs grow as they do when as much is looked at each way. */
const ROOTS = { fromWords: 3, fromBoth: 25 };
/** So many tickets hold a page of words that are evenly spread, at the rarest of those that are collected, at a million. */
const WALK = 20_000;

async function chooseSearch(sql: Sql, filter: TicketFilter): Promise<SearchPlan> {
  if (filter.q === undefined) return 'fromWords';
  const { expected, all } = await sizeOf(sql, queryOf(sql, filter.q, filter.typing));
  const roots = expected / Math.sqrt(all);
  if (expected <= FEW_AT_LEAST || roots <= ROOTS.fromWords) return 'fromWords';
  return roots <= ROOTS.fromBoth ? 'fromBoth' : 'fromOrder';
}

/** How many messages the planner expects to hold the words, and how many there are. */
async function sizeOf(sql: Sql, query: Fragment): Promise<{ expected: number; all: number }> {
  const [words, size] = await Promise.all([
    sql<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }[]>`
      explain (format json) select 1 from messages where search @@ ${query}`,
    sql<
      { rows: number }[]
    >`select reltuples::float8 as rows from pg_class where oid = 'messages'::regclass`,
  ]);
  const expected = words[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
  return { expected, all: Math.max(1, size[0]?.rows ?? 1) };
}

/** The conditions of a filter, each beginning with "and", on tickets t. */
export function whereTickets(
  sql: Sql,
  filter: TicketFilter,
  search: SearchPlan = 'fromWords',
  known: Known = null,
) {
  const { q, typing, conditions, viewer } = filter;
  return sql`${visibleTickets(sql, viewer)} ${viewOf(sql, filter, known)} ${narrowed(sql, filter)}
    ${conditions === undefined ? sql`` : whereConditions(sql, conditions, viewer.userId, known)}
    ${q === undefined ? sql`` : wordsOf(sql, queryOf(sql, q, typing), search)}
    ${withoutWords(sql, filter)}`;
}

/** What is searched for, as a tsquery. The beginning of a word is only asked for where somebody is typing it. */
export function queryOf(sql: Sql, q: string, typing: boolean | undefined): Fragment {
  const last = typing === true ? /(?:^|\s)([\p{L}\p{N}]{2,})$/u.exec(q)?.[1] : undefined;
  if (last === undefined) return sql`websearch_to_tsquery('simple', ${q})`;
  const rest = q.slice(0, q.length - last.length).trim();
  return rest === ''
    ? sql`to_tsquery('simple', ${`${last}:*`})`
    : sql`(websearch_to_tsquery('simple', ${rest}) && to_tsquery('simple', ${`${last}:*`}))`;
}

/** Each way is written so that the planner takes it and no other, at the numbers for which it is chosen. */
function wordsOf(sql: Sql, query: Fragment, search: SearchPlan): Fragment {
  switch (search) {
    case 'fromWords':
      // An array, since the planner takes it for a few rows.
      return sql`and t.id = any(array(
        select id from tickets where search @@ ${query}
        union select ticket_id from messages where state <> 'draft' and search @@ ${query}))`;
    case 'fromBoth':
      // Within "or" the tickets are hashed and not joined.
      return sql`and (t.search @@ ${query} or t.id in (
        select ticket_id from messages where state <> 'draft' and search @@ ${query}))`;
    case 'fromOrder':
      // Without "offset 0" every match would be collected before the first look.
      return sql`and (t.search @@ ${query} or exists (select 1 from messages m
        where m.ticket_id = t.id and m.state <> 'draft' and m.search @@ ${query} offset 0))`;
  }
}

function withoutWords(sql: Sql, { without = [] }: TicketFilter): Fragment {
  return without.reduce((before, word) => sql`${before} ${withoutWord(sql, word)}`, sql``);
}

function withoutWord(sql: Sql, word: string) {
  const query = sql`phraseto_tsquery('simple', ${word})`;
  return sql`and not (t.search @@ ${query} or exists (select 1 from messages m
    where m.ticket_id = t.id and m.state <> 'draft' and m.search @@ ${query} offset 0))`;
}

function viewOf(sql: Sql, { view, viewer: { userId } }: TicketFilter, known: Known) {
  const said = known === 'open';
  const living = said ? sql`` : sql`and not t.spam and t.merged_into_id is null`;
  const open = said ? sql`` : sql`and t.category <> 'closed' ${living}`;
  switch (view) {
    case 'unassigned':
      return sql`${open} and t.assignee_id is null`;
    case 'myTeamUnassigned':
      return sql`${open} and t.assignee_id is null
        and t.team_id = any(array(select team_id from team_members where user_id = ${userId}))`;
    case 'assignedToMe':
      return sql`${open} and t.assignee_id = ${userId}`;
    case 'allOpen':
      return open;
    case 'following':
      return sql`${living} and ${followedBy(sql, userId)}`;
    case 'myMentions':
      return sql`${living} and ${mentioning(sql, userId)}`;
    case 'sent':
      // By the states it is not in: nearly every reply is sent, which the planner takes for as rare as among all messages.
      return sql`${living} and t.id = any(array(
        select coalesce(o.merged_into_id, o.id) from (
          select m.ticket_id from messages m
          where m.author_user_id = ${userId} and m.kind in ('reply', 'forward') and m.state not in ('draft', 'failed', 'cancelled')
          order by m.created_at desc limit ${NEWEST_OF_PERSON}) newest
        join tickets o on o.id = newest.ticket_id))`;
    case 'allClosed':
      return sql`and t.category = 'closed' ${living}`;
    case 'spam':
      return sql`and t.spam`;
    case undefined:
      return sql``;
  }
}

function narrowed(sql: Sql, filter: TicketFilter) {
  const { status, category, assigneeId, teamId, priority, channel, tag, requesterId, slaState } =
    filter;
  const { ticketId } = filter;
  return sql`
    ${ticketId === undefined ? sql`` : sql`and t.id = ${ticketId}`}
    ${status === undefined ? sql`` : sql`and t.status = ${status}`}
    ${category === undefined ? sql`` : sql`and t.category = ${category}`}
    ${assigneeId === undefined ? sql`` : assigneeId === 'none' ? sql`and t.assignee_id is null` : sql`and t.assignee_id = ${assigneeId}`}
    ${teamId === undefined ? sql`` : sql`and t.team_id = ${teamId}`}
    ${priority === undefined ? sql`` : sql`and t.priority = ${priority}`}
    ${channel === undefined ? sql`` : sql`and t.channel = ${channel}`}
    ${tag === undefined ? sql`` : sql`and t.tags @> array[${tag}]`}
    ${requesterId === undefined ? sql`` : sql`and t.requester_id = ${requesterId}`}
    ${slaState === undefined ? sql`` : sql`and t.sla_state = ${slaState}`}`;
}

/** The ticket all mergers of this one lead to; undefined when there is none. */
export async function findRootTicket(sql: Sql, id: number): Promise<number | undefined> {
  const [row] = await sql<{ id: number }[]>`
    with recursive chain as (
      select id, merged_into_id, 0 as hops from tickets where id = ${id}
      union all
      select t.id, t.merged_into_id, chain.hops + 1 from tickets t join chain on t.id = chain.merged_into_id
      where chain.hops < 300
    )
    select id from chain where merged_into_id is null`;
  return row?.id;
}

/** Keeps what a command must not carry through Temporal. */
export async function insertTicketEdit(
  sql: Sql,
  edit: { id: string; ticketId: number; subject: string | null; fields: unknown },
): Promise<void> {
  await sql`
    insert into ticket_edits (id, ticket_id, subject, fields)
    values (${edit.id}, ${edit.ticketId}, ${edit.subject}, ${edit.fields === null ? null : sql.json(edit.fields as never)})
    on conflict (id) do nothing`;
}

/** Which of the given ids exist and are in use, for a command that names them. */
export async function findMissingReferences(
  sql: Sql,
  ids: { userId?: string | null; teamId?: string | null },
): Promise<('assigneeId' | 'teamId')[]> {
  const { userId = null, teamId = null } = ids;
  if (userId === null && teamId === null) return [];
  const [row] = await planned(sql)<{ user: boolean; team: boolean }[]>`
    select ${userId}::uuid is null or exists (select 1 from users where id = ${userId}::uuid and active) as user,
      ${teamId}::uuid is null or exists (select 1 from teams where id = ${teamId}::uuid and active) as team`;
  return [
    ...(row?.user === true ? [] : (['assigneeId'] as const)),
    ...(row?.team === true ? [] : (['teamId'] as const)),
  ];
}

/** Where a ticket came from, for one that is split off from it: without its channel, no mailbox would answer. */
export async function findTicketOrigin(
  sql: Sql,
  id: number,
): Promise<{ channelId: string | null; companyId: string | null; language: string | null }> {
  const [row] = await sql<
    { channelId: string | null; companyId: string | null; language: string | null }[]
  >`
    select channel_id as "channelId", company_id as "companyId", language from tickets where id = ${id}`;
  return row ?? { channelId: null, companyId: null, language: null };
}

/** Moves messages to a ticket split off from theirs; answers how many moved. */
export async function moveMessages(
  sql: Sql,
  move: { fromTicketId: number; toTicketId: number; messageIds: string[] },
): Promise<number> {
  const rows = await sql`
    update messages set ticket_id = ${move.toTicketId},
      state = case when kind = 'inbound' then 'received' else state end
    where ticket_id = ${move.fromTicketId} and id = any(${move.messageIds}::uuid[]) and state in ('posted', 'received', 'sent')
    returning id`;
  return rows.length;
}
