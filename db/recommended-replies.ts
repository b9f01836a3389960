// Which canned replies fit what a requester wrote: by the words both have and few others use.
import type { CannedReplyRow } from './canned-replies.ts';
import { cannedColumns, usableBy } from './canned-replies.ts';
import type { Sql } from './sql.ts';

/** A canned reply that fits, with the words of the ticket that speak for it, the most telling first. */
export interface RecommendedReplyRow extends CannedReplyRow {
  matched: string[];
}

/**
 * The best few for a ticket of those that somebody may use, best first. A word weighs by how few replies have it, double in a name;
 * those in more than a quarter of the replies, greetings above all, weigh nothing, and one word alone must be of the name. Looked at are
 * the subject, the requester's last three messages, and the 500 replies that were changed last.
 */
export async function recommendReplies(
  sql: Sql,
  of: { ticketId: number; userId: string; configuration: string; limit: number },
): Promise<RecommendedReplyRow[]> {
  const { ticketId, userId, configuration, limit } = of;
  return await sql<RecommendedReplyRow[]>`
    with written as (
      select left(t.subject || ' ' || coalesce(string_agg(left(m.body, 2000), ' '), ''), 7000) as text
      from tickets t left join lateral (
        select body from messages where ticket_id = t.id and kind = 'inbound' order by created_at desc, id desc limit 3) m on true
      where t.id = ${ticketId} group by t.id
    ), asked as (
      select distinct on (stem.lexeme) stem.lexeme, lower(word) as word
      from written, regexp_split_to_table(text, '[^[:alnum:]]+') word,
        unnest(to_tsvector(${configuration}::regconfig, word)) stem
    ), usable as (
      select r.id, setweight(to_tsvector(${configuration}::regconfig, r.name), 'A') || to_tsvector(${configuration}::regconfig,
        left(regexp_replace(r.body, '\\{\\{[^}]*\\}\\}', ' ', 'g'), 5000)) as words
      from canned_replies r where ${usableBy(sql, userId)} order by r.updated_at desc limit 500
    ), said as (
      select u.id, w.lexeme, 'A' = any(w.weights) as named, count(*) over (partition by w.lexeme) as replies
      from usable u, unnest(u.words) w
    ), telling as (
      select s.id, a.word, s.named,
        (case when s.named then 2 else 1 end) * ln((1 + (select count(*) from usable)) / s.replies::float8) as weight
      from said s join asked a on a.lexeme = s.lexeme
      where s.replies = 1 or s.replies * 4 <= (select count(*) from usable)
    ), best as (
      select id, sum(weight) as score, array_agg(word order by weight desc, word) as matched from telling
      group by id having count(*) > 1 or bool_or(named)
      order by score desc, id limit ${limit}
    )
    select ${cannedColumns(sql)}, b.matched from best b join canned_replies r on r.id = b.id order by b.score desc, r.id`;
}
