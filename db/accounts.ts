// Accounts beside better-auth's own statements: passwords given by setup and invitation, who a session belongs to, invitations, and
// the mails that accounts send.
import { json, planned } from './sql.ts';
import type { Sql, SqlPool } from './sql.ts';

/** Whether anybody can sign in yet. */
export async function hasAccounts(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ some: boolean }[]>`
    select exists (
      select 1 from auth."account" a join users u on u.id::text = a."userId" where u.active) as some`;
  return row?.some ?? false;
}

/** Lets nobody else make the first account until this transaction ends. */
export async function lockFirstAccount(tx: Sql): Promise<void> {
  await tx`select pg_advisory_xact_lock(7204612)`;
}

/** Gives a person a password, new or another one. The hash is argon2id's own text. */
export async function putPassword(
  tx: Sql,
  of: { userId: string; passwordHash: string },
): Promise<void> {
  await tx`
    insert into auth."account" ("id", "accountId", "providerId", "userId", "password", "updatedAt")
    values (uuidv7()::text, ${of.userId}, 'credential', ${of.userId}, ${of.passwordHash}, now())
    on conflict ("userId") where "providerId" = 'credential'
      do update set "password" = excluded."password", "updatedAt" = now()`;
}

/** Ends all sessions of a person. */
export async function endSessions(tx: Sql, userId: string): Promise<void> {
  await tx`delete from auth."session" where "userId" = ${userId}`;
}

/** Takes somebody's second factor away, with the devices it was not asked on: for one who has lost it. Ends their sessions. */
export async function removeSecondFactor(tx: Sql, userId: string): Promise<void> {
  await endSessions(tx, userId);
  await tx`delete from auth."twoFactor" where "userId" = ${userId}`;
  await tx`delete from auth."verification" where "value" = ${userId}`;
  await tx`update auth."user" set "twoFactorEnabled" = false where "id" = ${userId}`;
}

/** What an admin sees of somebody's account. */
export interface AccountRow {
  hasPassword: boolean;
  hasSingleSignOn: boolean;
  twoFactor: boolean;
  lastSignInAt: Date | null;
  invitedUntil: Date | null;
  mailState: AccountMailRow['state'] | null;
  mailFailure: { code: string; text: string } | null;
}

/** How somebody can sign in, and how far their invitation is; undefined when there is no such person. */
export async function findAccount(sql: Sql, userId: string): Promise<AccountRow | undefined> {
  const [row] = await sql<AccountRow[]>`
    select coalesce(u."twoFactorEnabled", false) as "twoFactor",
      exists (select 1 from auth."account" a where a."userId" = u."id" and a."providerId" = 'credential') as "hasPassword",
      exists (select 1 from auth."account" a where a."userId" = u."id" and a."providerId" = 'sso') as "hasSingleSignOn",
      (select max(s."createdAt") from auth."session" s where s."userId" = u."id") as "lastSignInAt",
      (select max(i.expires_at) from invitations i
        where i.user_id::text = u."id" and i.accepted_at is null and i.expires_at > now()) as "invitedUntil",
      m.state as "mailState", m.failure as "mailFailure"
    from auth."user" u left join lateral (
      select state, failure from account_mails
      where user_id = ${userId} and kind = 'invitation' order by created_at desc limit 1) m on true
    where u."id" = ${userId}`;
  return row;
}

/** Whether a person is active: nobody else gets a session. */
export async function isActiveUser(sql: Sql, userId: string): Promise<boolean> {
  const [row] = await sql`select 1 from users where id = ${userId} and active`;
  return row !== undefined;
}

/** Whether a session still lets somebody in. */
export async function isSessionAlive(sql: Sql, sessionId: string): Promise<boolean> {
  const [row] = await planned(sql)`
    select 1 from auth."session" s join users u on u.id::text = s."userId"
    where s."id" = ${sessionId} and s."expiresAt" > now() and u.active`;
  return row !== undefined;
}

/** What a person sees of themselves beside their row: their teams, and whether they sign in with two factors. */
export async function findAccountFacts(
  sql: Sql,
  userId: string,
): Promise<{ teamIds: string[]; twoFactor: boolean }> {
  const [row] = await sql<{ teamIds: string[]; twoFactor: boolean }[]>`
    select
      coalesce((select array_agg(m.team_id order by m.team_id) from team_members m
        join teams t on t.id = m.team_id where m.user_id = ${userId} and t.active), '{}') as "teamIds",
      coalesce((select "twoFactorEnabled" from auth."user" where "id" = ${userId}), false) as "twoFactor"`;
  return row ?? { teamIds: [], twoFactor: false };
}

/** An invitation that can be accepted. */
export interface InvitationRow {
  id: string;
  userId: string;
  name: string;
  email: string;
}

/** Adds an invitation in place of those before it. */
export async function insertInvitation(
  tx: Sql,
  of: { userId: string; tokenHash: Buffer; invitedBy: string; expiresAt: Date },
): Promise<void> {
  await tx`delete from invitations where user_id = ${of.userId} and accepted_at is null`;
  await tx`
    insert into invitations (user_id, token_hash, invited_by, expires_at)
    values (${of.userId}, ${of.tokenHash}, ${of.invitedBy}, ${of.expiresAt})`;
}

/** The invitation a token stands for, when it is neither used nor old and its person is active. */
export async function findInvitation(
  sql: Sql,
  tokenHash: Buffer,
): Promise<InvitationRow | undefined> {
  const [row] = await sql<InvitationRow[]>`
    select i.id, u.id as "userId", u.name, u.email from invitations i join users u on u.id = i.user_id
    where i.token_hash = ${tokenHash} and i.accepted_at is null and i.expires_at > now() and u.active`;
  return row;
}

/** Uses an invitation; false when somebody was faster. */
export async function acceptInvitation(tx: Sql, id: string): Promise<boolean> {
  const rows = await tx`
    update invitations set accepted_at = now() where id = ${id} and accepted_at is null returning id`;
  return rows.length > 0;
}

/** Changes a person's name, as they themselves may. */
export async function renameUser(sql: Sql, userId: string, name: string): Promise<void> {
  await sql`
    update users set name = ${name}, version = version + 1, updated_at = now() where id = ${userId}`;
}

/** A mail of an account. */
export interface AccountMailRow {
  id: string;
  kind: 'invitation' | 'passwordReset';
  url: string | null;
  state: 'queued' | 'sent' | 'failed';
  name: string;
  email: string;
}

/** Stores a mail and owes it a workflow, both or neither. */
export async function insertAccountMail(
  sql: Sql | SqlPool,
  mail: { userId: string; kind: AccountMailRow['kind']; url: string },
): Promise<void> {
  await sql`
    with made as (
      insert into account_mails (user_id, kind, url) values (${mail.userId}, ${mail.kind}, ${mail.url}) returning id
    ), owed as (
      insert into relay_outbox (kind, payload)
      select 'accountMail', jsonb_build_object('mailId', id) from made returning id)
    select count(pg_notify('relay', owed.id::text)) from owed`;
}

/** Stores a mail with a link to choose another password, for an active person who has one: an account begins otherwise. */
export async function insertResetMail(
  sql: Sql | SqlPool,
  of: { userId: string; url: string },
): Promise<void> {
  const [row] = await sql`
    select 1 from auth."account" a join users u on u.id::text = a."userId"
    where u.id = ${of.userId} and u.active and a."providerId" = 'credential'`;
  if (row !== undefined) await insertAccountMail(sql, { ...of, kind: 'passwordReset' });
}

/** Mails that nobody seems to be sending: their workflow may be lost. Links that are old by now are not worth a mail. */
export async function listStuckAccountMails(sql: Sql, olderSeconds: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select m.id from account_mails m
    where m.state = 'queued' and m.created_at < now() - make_interval(secs => ${olderSeconds})
      and m.created_at > now() - interval '24 hours'
      and not exists (select 1 from relay_outbox o
        where o.kind = 'accountMail' and o.payload->>'mailId' = m.id::text)
    order by m.created_at limit 100`;
  return rows.map(({ id }) => id);
}

/** Forgets what lets nobody in any more: old sessions, links and counts of tries, and mails of a month ago. */
export async function deleteOldAccountRows(sql: Sql): Promise<void> {
  await sql`
    with sessions as (delete from auth."session" where "expiresAt" < now()),
      links as (delete from auth."verification" where "expiresAt" < now()),
      addresses as (delete from auth."rateLimit"
        where "lastRequest" < extract(epoch from now() - interval '1 day') * 1000),
      tries as (delete from auth.sign_in_tries where expire < extract(epoch from now()) * 1000),
      old as (delete from invitations where expires_at < now() - interval '30 days')
    delete from account_mails where created_at < now() - interval '30 days'`;
}

/** A mail with whom it is for. */
export async function findAccountMail(sql: Sql, id: string): Promise<AccountMailRow | undefined> {
  const [row] = await sql<AccountMailRow[]>`
    select m.id, m.kind, m.url, m.state, u.name, u.email
    from account_mails m join users u on u.id = m.user_id where m.id = ${id}`;
  return row;
}

/** Notes how an attempt ended; the link goes with the mail. */
export async function noteAccountMail(
  sql: Sql,
  id: string,
  of: { state: AccountMailRow['state']; failure: { code: string; text: string } | null },
): Promise<void> {
  await sql`
    update account_mails set state = ${of.state}, attempts = attempts + 1,
      failure = ${of.failure === null ? null : json(sql, of.failure)},
      url = case when ${of.state} = 'queued' then url end,
      sent_at = case when ${of.state} = 'sent' then now() end
    where id = ${id} and state = 'queued'`;
}
