// What people have typed and not sent, kept across devices. A draft is no message: nobody but its author reads it.
import { json, planned } from './sql.ts';
import type { Viewer } from '#domain/permissions.ts';
import { visibleWith } from './access.ts';
import type { Sql } from './sql.ts';

/** What a draft is for. */
export type DraftKind = 'reply' | 'note' | 'forward';

/** The words and choices of a draft, beside its files. */
export interface DraftContent {
  body: string;
  bodyHtml: string | null;
  to: string[];
  cc: string[] | null;
  bcc: string[];
  mentions: string[];
  status: string | null;
  channelId: string | null;
  /** Of a forward: which message is passed on; null is the newest of the contact. */
  messageId: string | null;
}

/** A draft of one person. */
export interface DraftRow {
  ticketId: number;
  kind: DraftKind;
  revision: number;
  content: DraftContent;
  attachments: {
    id: string;
    name: string;
    contentType: string;
    sizeBytes: number;
  }[];
  updatedAt: Date;
}

const draftColumns = (sql: Sql) => sql`
  d.ticket_id as "ticketId", d.kind, d.revision, d.content, d.updated_at as "updatedAt",
  coalesce((select json_agg(json_build_object('id', a.id, 'name', a.name, 'contentType', a.content_type,
    'sizeBytes', a.size_bytes) order by array_position(d.attachment_ids, a.id))
    from attachments a where a.id = any(d.attachment_ids)), '[]') as attachments`;

/**
 * Not sent yet, as far as its ticket knows: what became an accepted message is a draft no more. A scalar, since the planner would
 * hash all messages for an "exists" beside an "or".
 */
const unsent = (sql: Sql, d = sql`d`) => sql`
  coalesce((select m.state from messages m where m.id = ${d}.message_id), 'draft') = 'draft'`;

/** Whose draft of what. */
export interface DraftKey {
  userId: string;
  ticketId: number;
  kind: DraftKind;
}

/**
 * Saves a draft; the last writer wins. With a baseRevision it is saved only over that revision (0: over none), else undefined: somebody
 * else has written or sent it meanwhile.
 */
export async function upsertComposerDraft(
  sql: Sql,
  draft: DraftKey & {
    content: DraftContent;
    attachmentIds: readonly string[];
    baseRevision: number | null;
  },
): Promise<{ revision: number; updatedAt: Date } | undefined> {
  const { userId, ticketId, kind, content, baseRevision } = draft;
  const files = [...draft.attachmentIds];
  const base = sql`${baseRevision}::bigint`;
  const [row] = await planned(sql)<{ revision: number; updatedAt: Date }[]>`
    insert into composer_drafts as kept (user_id, ticket_id, kind, content, attachment_ids)
    select ${userId}, ${ticketId}, ${kind}, ${json(sql, content)}, ${files}::uuid[]
    where ${base} is null or ${base} = 0 or exists (select 1 from composer_drafts d
      where d.user_id = ${userId} and d.ticket_id = ${ticketId} and d.kind = ${kind})
    on conflict (user_id, ticket_id, kind) do update set content = excluded.content,
      attachment_ids = excluded.attachment_ids, revision = excluded.revision, message_id = null, updated_at = now()
    where ${base} is null or ${base} = case when ${unsent(sql, sql`kept`)} then kept.revision else 0 end
    returning kept.revision, kept.updated_at as "updatedAt"`;
  return row;
}

/** Somebody's drafts of a ticket and of those merged into it: of one kind the ticket's own, else the newest. */
export async function listDraftsOfTicket(
  sql: Sql,
  userId: string,
  ticketId: number,
): Promise<DraftRow[]> {
  return await planned(sql)<DraftRow[]>`
    with recursive family as (
      select id from tickets where id = ${ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    )
    select distinct on (d.kind) ${draftColumns(sql)} from composer_drafts d join family on family.id = d.ticket_id
    where d.user_id = ${userId} and ${unsent(sql)}
    order by d.kind, d.ticket_id = ${ticketId} desc, d.updated_at desc`;
}

/** One draft, or undefined. */
export async function findComposerDraft(
  sql: Sql,
  { userId, ticketId, kind }: DraftKey,
): Promise<DraftRow | undefined> {
  const [row] = await planned(sql)<DraftRow[]>`
    select ${draftColumns(sql)} from composer_drafts d
    where d.user_id = ${userId} and d.ticket_id = ${ticketId} and d.kind = ${kind} and ${unsent(sql)}`;
  return row;
}

/** One page of somebody's drafts, the newest first, with what their tickets are called; of tickets they see no more there is none. */
export async function listMyDrafts(
  sql: Sql,
  viewer: Viewer,
  page: { limit: number; before: { revision: number } | null },
): Promise<(DraftRow & { subject: string })[]> {
  const before = page.before?.revision ?? null;
  // Revisions grow with every save: the order of the newest save, without ties.
  return await sql<(DraftRow & { subject: string })[]>`
    select ${draftColumns(sql)}, t.subject from composer_drafts d join tickets t on t.id = d.ticket_id
    where d.user_id = ${viewer.userId} and ${unsent(sql)} and (${before}::bigint is null or d.revision < ${before}::bigint)
      ${visibleWith(sql, viewer, sql`d.ticket_id`)}
    order by d.revision desc limit ${page.limit}`;
}

/** Notes, in the transaction that stores a message, which draft it was: accepted, the draft is gone from that very commit. */
export async function markDraftSent(
  sql: Sql,
  draft: DraftKey & { revision: number; messageId: string },
): Promise<void> {
  const { userId, ticketId, kind, revision, messageId } = draft;
  await planned(sql)`
    with recursive family as (
      select id from tickets where id = ${ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    )
    update composer_drafts set message_id = ${messageId}
    where user_id = ${userId} and kind = ${kind} and revision <= ${revision} and ticket_id in (select id from family)`;
}

/** Forgets the drafts that became this message. */
export async function deleteSentDrafts(sql: Sql, userId: string, messageId: string): Promise<void> {
  await planned(
    sql,
  )`delete from composer_drafts where user_id = ${userId} and message_id = ${messageId}`;
}

/** Throws drafts of a ticket and of those merged into it away, of one kind or all; with a revision only what is still that. */
export async function deleteComposerDrafts(
  sql: Sql,
  of: { userId: string; ticketId: number; kind: DraftKind | null; revision: number | null },
): Promise<void> {
  await planned(sql)`
    with recursive family as (
      select id from tickets where id = ${of.ticketId}
      union select t.id from tickets t join family on t.merged_into_id = family.id
    )
    delete from composer_drafts where user_id = ${of.userId} and ticket_id in (select id from family)
      and (${of.kind}::text is null or kind = ${of.kind}::text)
      and (${of.revision}::bigint is null or revision = ${of.revision}::bigint)`;
}
