// What nobody will ask for again goes after a day: uploads that no message took, and drafts that no ticket accepted, with their files.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deleteOldAccountRows } from '#db/accounts.ts';
import { insertUpload } from '#db/attachments.ts';
import { insertDraft } from '#db/messages.ts';
import { insertUser } from '#db/people.ts';
import { deleteOldDrafts, deleteOldUploads } from '#db/reconcile.ts';
import { createTestDatabase, storeTicket } from '#test/support/database.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let userId: string;
let ticketId: number;
beforeAll(async () => {
  database = await createTestDatabase(5);
  const user = await insertUser(database.sql, {
    ...{ name: 'A', email: 'a@desk.test', role: 'agent', seat: true, capacity: null, skills: [] },
    ...{ availability: 'away', workingHours: null, active: true },
  });
  userId = user?.id ?? '';
  ticketId = await storeTicket(database.sql);
});
afterAll(async () => {
  await database.drop();
});

const upload = (name: string): Promise<string> =>
  insertUpload(database.sql, {
    ...{ name, contentType: 'text/plain', sizeBytes: 1, sha256: 'x', storeKey: 'x' },
    uploadedBy: userId,
  });
const draft = async (attachmentIds: string[]): Promise<string> => {
  const id = randomUUID();
  await insertDraft(database.sql, {
    ...{ id, ticketId, kind: 'reply', authorUserId: userId, channelId: null, subject: 'T' },
    ...{
      body: 'x',
      bodyHtml: null,
      quoted: null,
      from: null,
      to: [],
      cc: [],
      bcc: [],
      inlineIds: [],
      messageIdHeader: null,
    },
    ...{ inReplyTo: null, references: [], sendAt: null, createdAt: new Date(), attachmentIds },
  });
  return id;
};
const age = (ids: string[]) => database.sql`
  with files as (update attachments set created_at = now() - interval '25 hours' where id = any(${ids}::uuid[]))
  update messages set created_at = now() - interval '25 hours' where id = any(${ids}::uuid[])`;
const left = async (): Promise<string[]> => {
  const rows = await database.sql<{ id: string }[]>`
    select id from attachments union select id from messages where state = 'draft'`;
  return rows.map(({ id }) => id).toSorted((one, other) => one.localeCompare(other));
};

it('old drafts go with their files, old loose uploads too, and nothing younger or in use', async () => {
  const [ofOldDraft, ofDraft, ofSent] = [await upload('1'), await upload('2'), await upload('3')];
  const [oldLoose, loose] = [await upload('4'), await upload('5')];
  const oldDraft = await draft([ofOldDraft]);
  const youngDraft = await draft([ofDraft]);
  const sent = await draft([ofSent]);
  await database.sql`update messages set state = 'sent' where id = ${sent}`;
  await age([oldDraft, ofOldDraft, oldLoose, ofDraft, sent, ofSent]);
  expect(await deleteOldDrafts(database.sql, 24)).toBe(1);
  expect(await deleteOldUploads(database.sql, 24)).toBe(1);
  const kept = [ofDraft, youngDraft, loose, ofSent];
  expect(await left()).toEqual(kept.toSorted((one, other) => one.localeCompare(other)));
});

it('what lets nobody in any more is forgotten, and what still does is kept', async () => {
  const { sql } = database;
  const session = (id: string, ends: string) => sql`
    insert into auth."session" ("id", "expiresAt", "token", "updatedAt", "userId")
    values (${id}, now() + ${ends}::interval, ${id}, now(), ${userId})`;
  const link = (id: string, ends: string) => sql`
    insert into auth."verification" ("id", "identifier", "value", "expiresAt")
    values (${id}, ${id}, ${userId}, now() + ${ends}::interval)`;
  const tries = (key: string, ends: string) => sql`
    insert into auth.sign_in_tries values (${key}, 1, extract(epoch from now() + ${ends}::interval) * 1000)`;
  const asked = (key: string, at: string) => sql`
    insert into auth."rateLimit" values (${key}, ${key}, 1, extract(epoch from now() + ${at}::interval) * 1000)`;
  const invitation = (name: string, ends: string) => sql`
    insert into invitations (user_id, token_hash, expires_at) values (${userId}, ${name}::bytea, now() + ${ends}::interval)`;
  const mail = (url: string, at: string) => sql`
    insert into account_mails (user_id, kind, url, created_at) values (${userId}, 'invitation', ${url}, now() + ${at}::interval)`;
  for (const one of [session, link, tries]) {
    await one('old', '-1 minute');
    await one('new', '1 minute');
  }
  await asked('old', '-2 days');
  await asked('new', '-1 hour');
  await invitation('old', '-31 days');
  await invitation('new', '-29 days');
  await mail('old', '-31 days');
  await mail('new', '-29 days');
  await deleteOldAccountRows(sql);
  const rows = await sql<{ name: string }[]>`
    select "id" as name from auth."session" union all select "id" from auth."verification"
    union all select key from auth.sign_in_tries union all select "key" from auth."rateLimit"
    union all select convert_from(token_hash, 'utf8') from invitations union all select url from account_mails`;
  expect(rows.map(({ name }) => name)).toEqual(Array(6).fill('new'));
});
