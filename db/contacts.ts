// Contacts: the people who write to the desk.
import type { Sql } from './sql.ts';

/** A contact as the API shows it. */
export interface ContactRow {
  id: string;
  email: string | null;
  phone: string | null;
  name: string | null;
  companyId: string | null;
  createdAt: Date;
}

/** Finds or makes the contact of a phone number; without one a new contact of that name. */
export async function upsertContactByPhone(
  sql: Sql,
  phone: string | null,
  name: string | null,
): Promise<{ id: string; companyId: string | null }> {
  const [row] = await sql<{ id: string; companyId: string | null }[]>`
    insert into contacts (phone, name) values (${phone}, ${name})
    on conflict (phone) do update set name = coalesce(contacts.name, excluded.name)
    returning id, company_id as "companyId"`;
  if (row === undefined) throw new Error('A contact could not be stored.');
  return row;
}

/** One page of contacts in id order, narrowed by a piece of name or address. */
export async function listContacts(
  sql: Sql,
  page: { q: string | null; afterId: string | null; limit: number },
): Promise<ContactRow[]> {
  return await sql<ContactRow[]>`
    select id, email, phone, name, company_id as "companyId", created_at as "createdAt" from contacts
    where (${page.q}::text is null or email ilike '%' || ${page.q} || '%' or name ilike '%' || ${page.q} || '%')
      and (${page.afterId}::uuid is null or id > ${page.afterId}::uuid)
    order by id limit ${page.limit}`;
}
