// Searching beside lists of tickets: names that a search uses, people and companies by a piece of their name, and the words around a hit.
import type { NamedAsk } from '#domain/search-query.ts';
import type { Sql } from './sql.ts';
import { contactWords } from './ticket-conditions.ts';
import { queryOf } from './tickets.ts';

/** What a name stands for: ids of people, teams or mailboxes, or statuses. */
export interface Named {
  field: NamedAsk['field'];
  name: string;
  ids: string[];
}

/**
 * What names stand for, in one statement: whoever has that name, address or id, else everybody whose name begins like that. People and
 * teams out of use are found too: their tickets are still there.
 */
export async function findNamed(
  sql: Sql,
  asked: readonly { field: NamedAsk['field']; name: string }[],
): Promise<Named[]> {
  if (asked.length === 0) return [];
  return await sql<Named[]>`
    with asked as (
      select field, name, lower(name) as wanted from unnest(${asked.map(({ field }) => field)}::text[],
        ${asked.map(({ name }) => name)}::text[]) as a(field, name)
    ), known as (
      select 'assignee' as field, id::text, lower(name) as name, lower(email::text) as other from users
      union all select 'team', id::text, lower(name), id::text from teams
      union all select 'status', id, lower(name), lower(id) from pipeline_statuses
      union all select 'mailbox', id::text, lower(name), lower(address::text) from channels
    ), found as (
      select a.field, a.name, k.id, a.wanted in (k.name, k.other, lower(k.id)) as exactly
      from asked a join known k on k.field = a.field
        and (a.wanted in (k.name, k.other, lower(k.id)) or starts_with(k.name, a.wanted) or starts_with(k.other, a.wanted))
    )
    select field, name, array_agg(distinct id) as ids from found f
    where f.exactly or not exists (select 1 from found e where e.field = f.field and e.name = f.name and e.exactly)
    group by field, name`;
}

/** A contact that was found. */
export interface FoundContact {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  companyId: string | null;
}

/** Contacts with a piece of text in name, address or number, those who wrote last first; served by contacts_words. */
export async function searchContacts(
  sql: Sql,
  text: string,
  limit: number,
): Promise<FoundContact[]> {
  return await sql<FoundContact[]>`
    with found as (
      select c.id, c.name, c.email, c.phone, c.company_id from contacts c
      where ${contactWords(sql)} ilike ${likePattern(text)} limit 1000
    )
    select id, name, email, phone, company_id as "companyId" from found
    order by lower(name) = lower(${text}) or lower(email::text) = lower(${text}) desc nulls last, id desc limit ${limit}`;
}

/** A company that was found. */
export interface FoundCompany {
  id: string;
  name: string;
  domain: string | null;
}

/** Companies with a piece of text in name or domain. */
export async function searchCompanies(
  sql: Sql,
  text: string,
  limit: number,
): Promise<FoundCompany[]> {
  return await sql<FoundCompany[]>`
    select id, name, domain from companies
    where name ilike ${likePattern(text)} or domain::text ilike ${likePattern(text)}
    order by lower(name) = lower(${text}) desc, name, id limit ${limit}`;
}

const likePattern = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** Marks around hits in a snippet: they cannot stand in the text itself, which is stored without control characters like these. */
export const HIT_MARKS = { begin: '\u0002', end: '\u0003' } as const;

/** The words around the newest hit in each ticket's messages; tickets found by their subject alone are left out. */
export async function listSnippets(
  sql: Sql,
  ticketIds: readonly number[],
  words: string,
): Promise<{ ticketId: number; snippet: string }[]> {
  const options = `StartSel=${HIT_MARKS.begin}, StopSel=${HIT_MARKS.end}, MaxWords=24, MinWords=12, ShortWord=0`;
  return await sql<{ ticketId: number; snippet: string }[]>`
    with query as (select ${queryOf(sql, words, true)} as q)
    select w.id as "ticketId",
      ts_headline('simple', translate(left(m.body, 20000), ${HIT_MARKS.begin + HIT_MARKS.end}, '  '), query.q, ${options}) as snippet
    from query, unnest(${[...ticketIds]}::bigint[]) as w(id)
    cross join lateral (
      select body from messages m where m.ticket_id = w.id and m.state <> 'draft' and m.search @@ query.q
      order by m.created_at desc, m.id desc limit 1) m`;
}
