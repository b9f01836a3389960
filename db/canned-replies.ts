// Texts that agents use again and again, and what is filled into them.
import type { PlaceholderValues } from '#domain/placeholders.ts';
import { namesOf } from '#domain/placeholders.ts';
import type { Sql } from './sql.ts';

/** Who may use a text. */
export type CannedVisibility = 'private' | 'team' | 'everyone';

/** A text as stored. */
export interface CannedReplyRow {
  id: string;
  name: string;
  shortcut: string | null;
  body: string;
  bodyHtml: string | null;
  visibility: CannedVisibility;
  teamIds: string[];
  ownerId: string;
  version: number;
  updatedAt: Date;
}

/** What people write of one. */
export type CannedReplyValues = Pick<
  CannedReplyRow,
  'name' | 'shortcut' | 'body' | 'bodyHtml' | 'visibility' | 'teamIds'
>;

/** Every column of `canned_replies r`, as the row has it. */
export const cannedColumns = (sql: Sql) => sql`
  r.id, r.name, r.shortcut, r.body, r.body_html as "bodyHtml", r.visibility, r.team_ids as "teamIds", r.owner_id as "ownerId",
  r.version, r.updated_at as "updatedAt"`;

/** Of `canned_replies r` those somebody may use: their own, those of their teams, and those for everybody. An admin has all shared ones. */
export const usableBy = (sql: Sql, userId: string) => sql`
  (r.visibility = 'everyone' or (r.visibility = 'private' and r.owner_id = ${userId})
    or (r.visibility = 'team' and (
      r.team_ids && array(select m.team_id from team_members m where m.user_id = ${userId})
      or exists (select 1 from users u where u.id = ${userId} and u.role = 'admin'))))`;

/** One page by name of what somebody may use; q looks in names and shortcuts. */
export async function listCannedReplies(
  sql: Sql,
  userId: string,
  page: { q: string | null; limit: number; after: { name: string; id: string } | null },
): Promise<CannedReplyRow[]> {
  const { q, after } = page;
  return await sql<CannedReplyRow[]>`
    select ${cannedColumns(sql)} from canned_replies r
    where ${usableBy(sql, userId)}
      and (${q}::text is null or strpos(lower(r.name), lower(${q}::text)) > 0
        or strpos(lower(coalesce(r.shortcut::text, '')), lower(${q}::text)) > 0)
      and (${after === null} or (r.name, r.id) > (${after?.name ?? ''}::text, ${after?.id ?? null}::uuid))
    order by r.name, r.id limit ${page.limit}`;
}

/** One that somebody may use, or undefined. */
export async function findCannedReply(
  sql: Sql,
  userId: string,
  id: string,
): Promise<CannedReplyRow | undefined> {
  const [row] = await sql<CannedReplyRow[]>`
    select ${cannedColumns(sql)} from canned_replies r where r.id = ${id} and ${usableBy(sql, userId)}`;
  return row;
}

/** Adds one. */
export async function insertCannedReply(
  sql: Sql,
  ownerId: string,
  reply: CannedReplyValues,
): Promise<CannedReplyRow> {
  const [row] = await sql<CannedReplyRow[]>`
    insert into canned_replies as r (name, shortcut, body, body_html, visibility, team_ids, owner_id)
    values (${reply.name}, ${reply.shortcut}, ${reply.body}, ${reply.bodyHtml}, ${reply.visibility},
      ${reply.teamIds}::uuid[], ${ownerId})
    returning ${cannedColumns(sql)}`;
  if (row === undefined) throw new Error('A canned reply could not be stored.');
  return row;
}

/** Changes one; undefined when it is gone or `expected` is not its version. Whoever makes a shared one private keeps it. */
export async function updateCannedReply(
  sql: Sql,
  change: { id: string; userId: string; expected: number | null } & CannedReplyValues,
): Promise<CannedReplyRow | undefined> {
  const { id, userId, expected } = change;
  const [row] = await sql<CannedReplyRow[]>`
    update canned_replies r set name = ${change.name}, shortcut = ${change.shortcut}, body = ${change.body},
      body_html = ${change.bodyHtml}, visibility = ${change.visibility}, team_ids = ${change.teamIds}::uuid[],
      owner_id = case when ${change.visibility} = 'private' then ${userId}::uuid else owner_id end,
      version = version + 1, updated_at = now()
    where id = ${id} and (${expected}::integer is null or version = ${expected}::integer)
    returning ${cannedColumns(sql)}`;
  return row;
}

/** Forgets one; false when it is gone already. */
export async function deleteCannedReply(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`delete from canned_replies where id = ${id} returning id`;
  return rows.length > 0;
}

/** Whether somebody leads every one of these teams. */
export async function leadsTeams(
  sql: Sql,
  userId: string,
  teamIds: readonly string[],
): Promise<boolean> {
  const [row] = await sql<{ all: boolean }[]>`
    select not exists (select 1 from unnest(${[...teamIds]}::uuid[]) as n(id)
      where not exists (select 1 from team_members m where m.team_id = n.id and m.user_id = ${userId} and m.lead)) as "all"`;
  return row?.all ?? false;
}

/** What placeholders stand for in a ticket, for the agent who writes; undefined when there is no such ticket. */
export async function findPlaceholderValues(
  sql: Sql,
  of: { ticketId: number; userId: string; channelId: string | null },
): Promise<PlaceholderValues | undefined> {
  const [row] = await sql<
    (Omit<
      PlaceholderValues,
      'requester.firstName' | 'requester.lastName' | 'agent.firstName' | 'desk.name'
    > & { fromName: string | null })[]
  >`
    select c.name as "requester.name", c.email as "requester.email", co.name as "company.name", t.id::text as "ticket.id",
      t.subject as "ticket.subject", coalesce(s.name, t.status) as "ticket.status", t.priority as "ticket.priority",
      u.name as "agent.name", u.email as "agent.email", team.name as "team.name",
      ch.address as "desk.email", coalesce(ch.settings->>'fromName', ch.name) as "fromName"
    from tickets t
    join contacts c on c.id = t.requester_id
    join users u on u.id = ${of.userId}
    left join companies co on co.id = t.company_id
    left join teams team on team.id = t.team_id
    left join pipeline_statuses s on s.pipeline_id = t.pipeline_id and s.id = t.status
    left join lateral (
      select address, name, settings from channels where kind = 'email' and enabled
      order by id = coalesce(${of.channelId}::uuid, t.channel_id) desc nulls last, created_at, id limit 1) ch on true
    where t.id = ${of.ticketId}`;
  if (row === undefined) return undefined;
  const { fromName, ...values } = row;
  const requester = namesOf(values['requester.name']);
  return {
    ...values,
    'requester.firstName': requester.first,
    'requester.lastName': requester.last,
    'agent.firstName': namesOf(values['agent.name']).first,
    'desk.name': fromName,
  };
}
