// What stands below messages: each agent's own words, else those of the address they write from.
import type { Sql } from './sql.ts';

/** Words below a message; html is safe already. */
export interface SignatureRow {
  text: string;
  html: string | null;
}

/** Somebody's own signature. */
export async function findOwnSignature(sql: Sql, userId: string): Promise<SignatureRow> {
  const [row] = await sql<SignatureRow[]>`
    select signature as text, signature_html as html from users where id = ${userId}`;
  return row ?? { text: '', html: null };
}

/** Changes somebody's own signature. */
export async function updateOwnSignature(
  sql: Sql,
  userId: string,
  signature: SignatureRow,
): Promise<void> {
  await sql`
    update users set signature = ${signature.text}, signature_html = ${signature.html} where id = ${userId}`;
}

/** What somebody's message from a channel is signed with: their own words, else the channel's, else nothing. */
export async function findSignature(
  sql: Sql,
  userId: string,
  channelId: string | null,
): Promise<SignatureRow> {
  const [row] = await sql<SignatureRow[]>`
    select s.text, s.html from (
      select 0 as place, u.signature as text, u.signature_html as html from users u where u.id = ${userId}
      union all
      select 1, coalesce(ch.settings->>'signature', ''), ch.settings->>'signatureHtml' from channels ch where ch.id = ${channelId}
    ) s where s.text <> '' or s.html is not null order by s.place limit 1`;
  return row ?? { text: '', html: null };
}
