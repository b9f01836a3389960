// A view's tree of conditions as a condition on tickets t. Every comparison is asked the positive way and negated by "is not true", so
// that a ticket without a value is on the side that people expect: who asks for "not assigned to Ann" sees the unassigned ones, too.
import type postgres from 'postgres';
import {
  namePieces,
  plainConditions,
  plainGiven,
  scopeOf,
  withKnownNames,
} from '#domain/view-conditions.ts';
import type { PlainConditions, PlainTest, ViewConditions } from '#domain/view-conditions.ts';
import type { Sql } from './sql.ts';

/** A piece of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** How far back somebody's notes and messages are looked at for the lists that are made of them. */
export const NEWEST_OF_PERSON = 500;

/**
 * "and …" for the tickets a tree holds for. What follows from the tree is said besides: an index on open tickets alone can only serve
 * a statement that says "open" in its own words, and a change later than what it is a change of bounds the walk by date.
 */
export function whereConditions(
  sql: Sql,
  conditions: ViewConditions,
  userId: string,
  known: Known = null,
): Fragment {
  const plain = plainConditions(conditions);
  const { closed, namesSpam, updatedAfter } = scopeOf(plain);
  const bounds = updatedAfter.map((bound) => updatedBound(sql, bound));
  const rest = treeOf(sql, plainGiven(plain, known === 'open' ? false : closed), userId);
  if (known === 'open') return sql`${joined(sql, bounds)} and ${rest}`;
  return sql`and t.merged_into_id is null
    ${namesSpam ? sql`` : sql`and not t.spam`}
    ${closed === null ? sql`` : closed ? sql`and t.category = 'closed'` : sql`and t.category <> 'closed'`}
    ${joined(sql, bounds)} and ${rest}`;
}

/** What a statement says already of the tickets it looks at: that they are open, not spam and not merged away. */
export type Known = 'open' | null;

/** So many people or companies are asked for one by one; a piece of more names is looked for in the tickets themselves. */
const FEW_NAMES = 200;

/**
 * The tree as it is best asked: pieces of names that few have become those few, since an index finds their tickets, while the planner
 * does not know how few they are and would walk all tickets by date.
 */
export async function lookUpNames(sql: Sql, conditions: ViewConditions): Promise<ViewConditions> {
  const pieces = namePieces(conditions);
  if (pieces.length === 0) return conditions;
  const found = await Promise.all(
    pieces.map(async (piece) => ({ ...piece, ids: await listNamed(sql, piece, FEW_NAMES + 1) })),
  );
  return withKnownNames(
    conditions,
    found.filter(({ ids }) => ids.length <= FEW_NAMES),
  );
}

async function listNamed(
  sql: Sql,
  { field, text }: { field: 'requester' | 'company'; text: string },
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`${named(sql, field, text)} limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** People or companies with a piece of text in their name, address or domain; people are served by contacts_words. */
function named(sql: Sql, field: 'requester' | 'company', text: string): Fragment {
  const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return field === 'requester'
    ? sql`select c.id from contacts c where ${contactWords(sql)} ilike ${pattern}`
    : sql`select o.id from companies o where o.name ilike ${pattern} or o.domain::text ilike ${pattern}`;
}

/** The tree alone, for statements that say themselves which tickets they look at. */
export function conditionsOf(sql: Sql, conditions: ViewConditions, userId: string): Fragment {
  return treeOf(sql, plainConditions(conditions), userId);
}

const joined = (sql: Sql, parts: readonly Fragment[]): Fragment =>
  parts.reduce((before, one) => sql`${before} ${one}`, sql``);

/** An hour of grace: the clocks of the machines that write need not agree to the second. */
function updatedBound(sql: Sql, bound: { at: string } | { secondsAgo: number }): Fragment {
  return 'at' in bound
    ? sql`and t.updated_at >= ${bound.at}::timestamptz - interval '1 hour'`
    : sql`and t.updated_at >= now() - make_interval(secs => ${bound.secondsAgo}::float8 + 3600)`;
}

function treeOf(sql: Sql, node: PlainConditions, userId: string): Fragment {
  if ('all' in node) {
    return node.all
      .map((one) => treeOf(sql, one, userId))
      .reduce((before, one) => sql`${before} and ${one}`, sql`true`);
  }
  if ('any' in node) {
    if (node.any.length === 0) return sql`false`;
    const parts = node.any.map((one) => treeOf(sql, one, userId));
    return sql`(${parts.reduce((before, one) => sql`${before} or ${one}`)})`;
  }
  if (node.ask.op === 'isSet') return isSet(sql, node.field, node.holds);
  const { field, holds, ask } = node;
  if (field === 'category' && !holds && ask.op === 'in') {
    return sql`(t.category <> all(${ask.values.map(String)}::text[]))`;
  }
  const test = testOf(sql, node, userId);
  return node.holds ? sql`(${test})` : sql`((${test}) is not true)`;
}

function testOf(sql: Sql, { field, ask }: PlainTest, userId: string): Fragment {
  switch (ask.op) {
    case 'in':
      return isOneOf(sql, field, ask.values.map(String), userId);
    case 'contains':
      return contains(sql, field, ask.text);
    case 'flag':
      return flag(sql, field, userId);
    case 'isSet':
      return isSet(sql, field, true);
    case 'before':
    case 'after':
    case 'between':
    case 'withinLast':
    case 'olderThan':
    case 'withinNext':
      return inTime(sql, field, ask);
  }
}

/** Columns of text and ids. */
const COLUMNS: Readonly<Record<string, { name: string; id: boolean }>> = {
  status: { name: 't.status', id: false },
  category: { name: 't.category', id: false },
  priority: { name: 't.priority', id: false },
  channel: { name: 't.channel', id: false },
  language: { name: 't.language', id: false },
  slaState: { name: 't.sla_state', id: false },
  pipeline: { name: 't.pipeline_id', id: true },
  mailbox: { name: 't.channel_id', id: true },
  requester: { name: 't.requester_id', id: true },
  company: { name: 't.company_id', id: true },
  assignee: { name: 't.assignee_id', id: true },
  team: { name: 't.team_id', id: true },
};

function columnOf(field: string): { name: string; id: boolean } {
  const column = COLUMNS[field];
  if (column === undefined)
    throw new Error(`A condition asks for "${field}", which has no column.`);
  return column;
}

function isOneOf(sql: Sql, field: string, values: string[], userId: string): Fragment {
  if (field.startsWith('fields.')) return customIsOneOf(sql, customName(field), values);
  if (field.startsWith('goal.')) {
    return sql`t.sla->'goals'->${goalName(field)}::text->>'state' = any(${values}::text[])`;
  }
  if (field === 'tag') return sql`t.tags && ${values}::text[]`;
  const { name, id } = columnOf(field);
  const words = new Set(values.filter((value) => !/^[0-9a-f]{8}-/i.test(value)));
  if (!id || words.size === 0) return equals(sql, name, id, values);
  const ids = values.flatMap((value) =>
    value === 'me' ? [userId] : words.has(value) ? [] : [value],
  );
  const parts = [
    ...(ids.length > 0 ? [equals(sql, name, true, ids)] : []),
    ...(words.has('nobody') || words.has('none') ? [sql`${sql(name)} is null`] : []),
    ...(words.has('mine')
      ? [sql`${sql(name)} = any(array(select team_id from team_members where user_id = ${userId}))`]
      : []),
  ];
  return parts.reduce((before, one) => sql`${before} or ${one}`);
}

/** One value by "=", since only that lets an index give the rows in order. */
function equals(sql: Sql, name: string, id: boolean, values: string[]): Fragment {
  const [first] = values;
  if (values.length === 1 && first !== undefined) {
    return id ? sql`${sql(name)} = ${first}::uuid` : sql`${sql(name)} = ${first}::text`;
  }
  return id
    ? sql`${sql(name)} = any(${values}::uuid[])`
    : sql`${sql(name)} = any(${values}::text[])`;
}

const customName = (field: string): string => field.slice('fields.'.length);
const goalName = (field: string): string => field.slice(field.indexOf('.') + 1);

/** A custom field is text, a number, true or false, or a list of text: one of the values, or a list that has one. */
function customIsOneOf(sql: Sql, name: string, values: string[]): Fragment {
  return sql`t.fields->>${name}::text = any(${values}::text[])
    or (jsonb_typeof(t.fields->${name}::text) = 'array' and t.fields->${name}::text ?| ${values}::text[])`;
}

function contains(sql: Sql, field: string, text: string): Fragment {
  if (field === 'subject') return sql`t.search @@ plainto_tsquery('simple', ${text})`;
  if (field === 'requester') return sql`t.requester_id in (${named(sql, field, text)})`;
  if (field === 'company') return sql`t.company_id in (${named(sql, field, text)})`;
  return sql`strpos(lower(t.fields->>${customName(field)}::text), lower(${text})) > 0`;
}

/** What a contact c is looked for by; the words of the index contacts_words. */
export const contactWords = (sql: Sql): Fragment =>
  sql`(coalesce(c.name, '') || ' ' || coalesce(c.email::text, ''))`;

function flag(sql: Sql, field: string, userId: string): Fragment {
  switch (field) {
    case 'spam':
      return sql`t.spam`;
    case 'snoozed':
      return sql`t.snoozed_until is not null or t.snoozed_until_reply`;
    case 'followedByMe':
      return followedBy(sql, userId);
    case 'mentionsMe':
      return mentioning(sql, userId);
    case 'hasAttachment':
      return sql`exists (select 1 from messages m join attachments a on a.message_id = m.id
        where m.ticket_id = t.id and m.state <> 'draft' and not a.inline)`;
    default:
      throw new Error(`A condition asks for "${field}", which is no flag.`);
  }
}

/** An array, so that the few tickets somebody follows are found first instead of walking all by date. */
export const followedBy = (sql: Sql, userId: string): Fragment =>
  sql`t.id = any(array(select id from tickets where followers @> array[${userId}]::uuid[]))`;

/** The tickets, or the survivors of those, whose newest notes name somebody. */
export const mentioning = (sql: Sql, userId: string): Fragment => sql`t.id = any(array(
  select coalesce(o.merged_into_id, o.id) from (
    select m.ticket_id from message_mentions n join messages m on m.id = n.message_id
    where n.user_id = ${userId} and m.state = 'posted' order by n.created_at desc limit ${NEWEST_OF_PERSON}) newest
  join tickets o on o.id = newest.ticket_id))`;

type TimeAsk = Extract<
  PlainTest['ask'],
  { op: 'before' | 'after' | 'between' | 'withinLast' | 'olderThan' | 'withinNext' }
>;

function inTime(sql: Sql, field: string, ask: TimeAsk): Fragment {
  if (field === 'repliedAt') return repliedIn(sql, ask);
  const holds = span(sql, timeOf(sql, field), ask);
  return holds;
}

function timeOf(sql: Sql, field: string): Fragment {
  switch (field) {
    case 'createdAt':
      return sql`t.created_at`;
    case 'updatedAt':
      return sql`t.updated_at`;
    case 'closedAt':
      // The sum keeps the planner from counting twice what the bound on the last change says already.
      return sql`(t.closed_at + interval '0')`;
    case 'due':
      return openDue(sql);
    case 'snoozedUntil':
      return sql`t.snoozed_until`;
    default:
      return sql`(t.sla->'goals'->${goalName(field)}::text->>'completedAt')::timestamptz`;
  }
}

/**
 * The most urgent deadline of an open ticket t, null for closed ones and those that no list shows; the words of the index
 * tickets_open_due. One expression, since the planner takes "open" and "has a deadline" for independent and would expect a tenth.
 */
export const openDue = (sql: Sql): Fragment =>
  sql`(case when t.category <> 'closed' and not t.spam and t.merged_into_id is null then t.next_due_at end)`;

/** From an instant on, or until before it. */
function span(sql: Sql, time: Fragment, ask: TimeAsk): Fragment {
  switch (ask.op) {
    case 'before':
      return sql`${time} < ${ask.at}::timestamptz`;
    case 'after':
      return sql`${time} >= ${ask.at}::timestamptz`;
    case 'between':
      return sql`${time} >= ${ask.from}::timestamptz and ${time} < ${ask.to}::timestamptz`;
    case 'withinLast':
      return sql`${time} >= now() - make_interval(secs => ${ask.seconds}::float8)`;
    case 'olderThan':
      return sql`${time} < now() - make_interval(secs => ${ask.seconds}::float8)`;
    case 'withinNext':
      return sql`${time} >= now() and ${time} < now() + make_interval(secs => ${ask.seconds}::float8)`;
  }
}

/** Somebody of the desk answered then, whatever came later; served by messages_ticket. */
function repliedIn(sql: Sql, ask: TimeAsk): Fragment {
  return sql`exists (select 1 from messages m
    where m.ticket_id = t.id and ${personsReply(sql)} and ${span(sql, sql`m.created_at`, ask)})`;
}

/** A public reply m by a person. */
const personsReply = (sql: Sql): Fragment =>
  sql`m.kind = 'reply' and not m.automatic and m.state in ('queued', 'sending', 'sent')`;

function isSet(sql: Sql, field: string, wanted: boolean): Fragment {
  if (field.startsWith('fields.')) {
    const value = sql`coalesce(t.fields->>${customName(field)}::text, '')`;
    return wanted ? sql`${value} not in ('', '[]')` : sql`${value} in ('', '[]')`;
  }
  if (field === 'tag') return wanted ? sql`t.tags <> '{}'` : sql`t.tags = '{}'`;
  if (field === 'repliedAt') {
    const replied = sql`exists (select 1 from messages m where m.ticket_id = t.id and ${personsReply(sql)})`;
    return wanted ? replied : sql`not ${replied}`;
  }
  const value = field.startsWith('goal.')
    ? sql`t.sla->'goals'->${goalName(field)}::text->>'state'`
    : COLUMNS[field] === undefined
      ? timeOf(sql, field)
      : sql`${sql(columnOf(field).name)}`;
  return wanted ? sql`${value} is not null` : sql`${value} is null`;
}
