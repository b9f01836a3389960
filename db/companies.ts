// Companies: whom contacts belong to. A company that claims a domain gets the contacts with an address there who have none yet;
// later ones get it as they are stored (intake.ts, inbound.ts, contacts.ts).
import type { Sql, SqlPool } from './sql.ts';
import { breaksReference } from './sql.ts';

/** A company as the API shows it. */
export interface CompanyRow {
  id: string;
  name: string;
  domain: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const columns = (sql: Sql) => sql`
  c.id, c.name, c.domain, c.version, c.created_at as "createdAt", c.updated_at as "updatedAt"`;

/** One page of companies in id order, narrowed by a piece of name or domain. */
export async function listCompanies(
  sql: Sql,
  page: { q: string | null; afterId: string | null; limit: number },
): Promise<CompanyRow[]> {
  return await sql<CompanyRow[]>`
    select ${columns(sql)} from companies c
    where true
      ${page.q === null ? sql`` : sql`and (strpos(lower(c.name), lower(${page.q})) > 0 or strpos(lower(c.domain::text), lower(${page.q})) > 0)`}
      ${page.afterId === null ? sql`` : sql`and c.id > ${page.afterId}`}
    order by c.id limit ${page.limit}`;
}

/** One company, or undefined. */
export async function findCompany(sql: Sql, id: string): Promise<CompanyRow | undefined> {
  const [row] = await sql<CompanyRow[]>`select ${columns(sql)} from companies c where c.id = ${id}`;
  return row;
}

/** Which of some companies exist. */
export async function findKnownCompanies(sql: Sql, ids: readonly string[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from companies where id = any(${[...ids]}::uuid[])`;
  return rows.map(({ id }) => id);
}

/** A new company with the contacts of its domain, in the caller's transaction; refused by the database when another one claims the domain. */
export async function insertCompany(
  tx: Sql,
  values: { name: string; domain: string | null },
): Promise<CompanyRow> {
  const [row] = await tx<CompanyRow[]>`
    insert into companies as c (name, domain) values (${values.name}, ${values.domain}) returning ${columns(tx)}`;
  if (row === undefined) throw new Error('A company could not be stored.');
  await claimContacts(tx, row.id, row.domain);
  return row;
}

/**
 * Saves a company as read at a version; undefined when another edit came between. Contacts who were here by the old domain
 * leave with it, those of the new one come.
 */
export async function updateCompany(
  pool: SqlPool,
  company: { id: string; version: number; name: string; domain: string | null },
): Promise<CompanyRow | undefined> {
  return await pool.begin(async (sql) => {
    const [old] = await sql<{ domain: string | null }[]>`
      select domain from companies where id = ${company.id} for update`;
    const [row] = await sql<CompanyRow[]>`
      update companies c set name = ${company.name}, domain = ${company.domain}, version = c.version + 1, updated_at = now()
      where c.id = ${company.id} and c.version = ${company.version} returning ${columns(sql)}`;
    if (row !== undefined && (old?.domain ?? null) !== row.domain) {
      await releaseContacts(sql, row.id, old?.domain ?? null);
      await claimContacts(sql, row.id, row.domain);
    }
    return row;
  });
}

/** Forgets a company and takes its contacts out of it; refused while tickets, routing rules or SLA policies name it. */
export async function deleteCompany(
  pool: SqlPool,
  id: string,
): Promise<'deleted' | 'missing' | 'inUse'> {
  try {
    return await pool.begin(async (sql) => {
      const [rule] = await sql<{ used: boolean }[]>`
        select exists (select 1 from routing_rules where deleted_at is null and strpos(conditions::text, ${id}) > 0)
          or exists (select 1 from sla_policies p join sla_policy_versions v on v.policy_id = p.id and v.version = p.version
            where p.deleted_at is null and strpos(v.definition::text, ${id}) > 0) as used`;
      if (rule?.used === true) return 'inUse';
      await sql`
        update contacts set company_id = null, version = version + 1, updated_at = now() where company_id = ${id}`;
      const rows = await sql`delete from companies where id = ${id} returning id`;
      return rows.length > 0 ? 'deleted' : 'missing';
    });
  } catch (error) {
    if (breaksReference(error)) return 'inUse';
    throw error;
  }
}

async function claimContacts(sql: Sql, id: string, domain: string | null): Promise<void> {
  if (domain === null) return;
  await sql`
    update contacts set company_id = ${id}, version = version + 1, updated_at = now()
    where company_id is null and lower(split_part(email::text, '@', 2)) = ${domain.toLowerCase()}`;
}

async function releaseContacts(sql: Sql, id: string, domain: string | null): Promise<void> {
  if (domain === null) return;
  await sql`
    update contacts set company_id = null, version = version + 1, updated_at = now()
    where company_id = ${id} and lower(split_part(email::text, '@', 2)) = ${domain.toLowerCase()}`;
}
