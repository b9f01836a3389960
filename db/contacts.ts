// Contacts: the people who write to the desk. A contact without a company gets the one that claims the domain of its address.
import type { Sql } from './sql.ts';
import { breaksReference } from './sql.ts';

/** A contact as the API shows it. */
export interface ContactRow {
  id: string;
  email: string | null;
  phone: string | null;
  name: string | null;
  companyId: string | null;
  /** The user who looks after them; rules can send their tickets there. */
  ownerId: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** What people write of a contact. companyId undefined: that of the address's domain. */
export interface ContactValues {
  email: string | null;
  phone: string | null;
  name: string | null;
  companyId: string | null | undefined;
  ownerId: string | null;
}

const columns = (sql: Sql) => sql`
  c.id, c.email, c.phone, c.name, c.company_id as "companyId", c.owner_id as "ownerId", c.version, c.created_at as "createdAt", c.updated_at as "updatedAt"`;

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

/**
 * Finds or makes the contact of an address, with the phone number when nobody else has it. A contact known by that number alone is the
 * same person, who now has an address as well.
 */
export async function upsertRequester(
  sql: Sql,
  who: { email: string; phone: string | null; name: string | null },
): Promise<{ id: string; companyId: string | null }> {
  const { email, phone, name } = who;
  const [row] = await sql<{ id: string; companyId: string | null }[]>`
    with by_phone as (
      select id, email from contacts where phone = ${phone}::text
    ), known as (
      update contacts c set email = ${email}, name = coalesce(c.name, ${name}::text),
        company_id = coalesce(c.company_id, ${companyOf(sql, email)}), version = c.version + 1, updated_at = now()
      from by_phone where c.id = by_phone.id and by_phone.email is null
        and not exists (select 1 from contacts where email = ${email})
      returning c.id, c.company_id
    ), made as (
      insert into contacts as c (email, phone, name, company_id)
      select ${email}, case when exists (select 1 from by_phone) then null else ${phone}::text end, ${name},
        ${companyOf(sql, email)}
      where not exists (select 1 from known)
      on conflict (email) do update set name = coalesce(c.name, excluded.name), phone = coalesce(c.phone, excluded.phone)
      returning c.id, c.company_id
    )
    select id, company_id as "companyId" from known union all select id, company_id from made`;
  if (row === undefined) throw new Error('A contact could not be stored.');
  return row;
}

/** One page of contacts in id order, narrowed by a piece of name or address, or by company. */
export async function listContacts(
  sql: Sql,
  page: { q: string | null; companyId: string | null; afterId: string | null; limit: number },
): Promise<ContactRow[]> {
  return await sql<ContactRow[]>`
    select ${columns(sql)} from contacts c
    where true
      ${page.q === null ? sql`` : sql`and (strpos(lower(c.email::text), lower(${page.q})) > 0 or strpos(lower(c.name), lower(${page.q})) > 0 or strpos(c.phone, ${page.q}) > 0)`}
      ${page.companyId === null ? sql`` : sql`and c.company_id = ${page.companyId}`}
      ${page.afterId === null ? sql`` : sql`and c.id > ${page.afterId}`}
    order by c.id limit ${page.limit}`;
}

/** One contact, or undefined. */
export async function findContact(sql: Sql, id: string): Promise<ContactRow | undefined> {
  const [row] = await sql<ContactRow[]>`select ${columns(sql)} from contacts c where c.id = ${id}`;
  return row;
}

/** Who has this address, if anybody. */
export async function findContactByEmail(
  sql: Sql,
  email: string,
): Promise<{ id: string } | undefined> {
  const [row] = await sql<{ id: string }[]>`select id from contacts where email = ${email}`;
  return row;
}

/** A new contact; refused by the database when its address or phone number is taken. */
export async function insertContact(sql: Sql, values: ContactValues): Promise<ContactRow> {
  const { email, phone, name, companyId, ownerId } = values;
  const [row] = await sql<ContactRow[]>`
    insert into contacts as c (email, phone, name, owner_id, company_id)
    values (${email}, ${phone}, ${name}, ${ownerId}, ${companyId === undefined ? companyOf(sql, email) : companyId})
    returning ${columns(sql)}`;
  if (row === undefined) throw new Error('A contact could not be stored.');
  return row;
}

/** Saves a contact as read at a version; undefined when another edit came between. */
export async function updateContact(
  sql: Sql,
  contact: { id: string; version: number } & ContactValues,
): Promise<ContactRow | undefined> {
  const { email, phone, name, companyId, ownerId } = contact;
  const [row] = await sql<ContactRow[]>`
    update contacts c set email = ${email}, phone = ${phone}, name = ${name}, owner_id = ${ownerId},
      company_id = ${companyId === undefined ? sql`coalesce(c.company_id, ${companyOf(sql, email)})` : companyId},
      version = c.version + 1, updated_at = now()
    where c.id = ${contact.id} and c.version = ${contact.version}
    returning ${columns(sql)}`;
  return row;
}

/** Forgets a contact who has neither a ticket nor a message. */
export async function deleteContact(
  sql: Sql,
  id: string,
): Promise<'deleted' | 'missing' | 'inUse'> {
  try {
    const rows = await sql`delete from contacts where id = ${id} returning id`;
    return rows.length > 0 ? 'deleted' : 'missing';
  } catch (error) {
    if (breaksReference(error)) return 'inUse';
    throw error;
  }
}

function companyOf(sql: Sql, email: string | null) {
  return sql`(select id from companies where domain = split_part(${email}::text, '@', 2)::citext)`;
}
