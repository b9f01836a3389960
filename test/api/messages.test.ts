// What leaves with a reply or forward and to whom: every file that was named, nobody forgotten, nothing that could harm a reader.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestMail } from '#channels/email/ingest.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let other: string;
beforeAll(async () => {
  desk = await startTestDesk();
  other = await makeToken(desk.sql, await desk.addUser('other'), ['read', 'write']);
});
afterAll(async () => {
  await desk.stop();
});

let counter = 0;
async function mailIn(headers: Record<string, string> = {}, body = 'Hello'): Promise<Json> {
  counter += 1;
  const all: Record<string, string> = {
    ...{ From: 'Ann <ann@customer.test>', To: 'support@desk.test', Subject: `Mail ${counter}` },
    'Message-ID': `<m${counter}@customer.test>`,
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const taken = await ingestMail(desk.ingest, {
    ...{ channelId: desk.channel.id, envelope: null, receivedAt: new Date() },
    source: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}\r\n`),
  });
  const id = taken.ticketId ?? 0;
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/tickets/${id}`))['version']).toBeGreaterThan(0),
  );
  return { ...taken, id, header: all['Message-ID'] };
}
const newTicket = async (): Promise<Json> =>
  await desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } },
  });
const reply = (id: number, more: object = {}, expected = 201) =>
  desk.call('POST', `/api/v1/tickets/${id}/replies`, { body: 'Answer', ...more }, expected);
const forward = (id: number, more: object = {}, expected = 201) => {
  const body = { to: ['vendor@example.org'], body: 'Can you help?', ...more };
  return desk.call('POST', `/api/v1/tickets/${id}/forward`, body, expected);
};
const messagesOf = async (id: number): Promise<any[]> =>
  (await desk.call('GET', `/api/v1/tickets/${id}/timeline?limit=500`))['items']
    .filter(({ kind }: any) => kind === 'message')
    .map(({ message }: any) => message);

async function upload(token: string | null, name: string, content: string): Promise<string> {
  const form = new FormData();
  form.set('file', new File([content], name, { type: 'text/plain' }));
  const key = token ?? (await makeToken(desk.sql, desk.adminId, ['read', 'write', 'admin']));
  const response = await desk.app.request('/api/v1/attachments', {
    ...{ method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } },
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as Json)['id'];
}
async function sent(id: string) {
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/messages/${id}`))['state']).toBe('sent'),
  );
  return await PostalMime.parse(await readFile(join(desk.outbox, `${id}.eml`)));
}

const PICTURE = [
  'MIME-Version: 1.0',
  'Content-Type: multipart/related; boundary=b',
  '',
  '--b',
  'Content-Type: text/html',
  '',
  '<p>See <img src="cid:pic@customer.test"></p><script>x</script>',
  '--b',
  'Content-Type: image/png; name=pic.png',
  'Content-Disposition: inline; filename=pic.png',
  'Content-ID: <pic@customer.test>',
  'Content-Transfer-Encoding: base64',
  '',
  'iVBORw0KGgo=',
  '--b--',
].join('\r\n');
/** A mail whose headers end where PICTURE begins. */
const mailWithPicture = async (): Promise<Json> => {
  const [mime = '', type = '', ...rest] = PICTURE.split('\r\n');
  const headers = Object.fromEntries([mime, type].map((line) => line.split(/: (.*)/).slice(0, 2)));
  return await mailIn(headers, rest.slice(1).join('\r\n'));
};

describe('files named by a reply', () => {
  it('that cannot be taken stop it: nothing leaves without them', async () => {
    const { id } = await newTicket();
    const [mine, theirs] = [await upload(null, 'a.txt', 'a'), await upload(other, 'b.txt', 'b')];
    const foreign = await newTicket();
    const there = await reply(foreign['id'], { attachmentIds: [await upload(null, 'c.txt', 'c')] });
    for (const attachmentIds of [
      [mine, '00000000-0000-7000-8000-00000000dead'],
      [mine, theirs],
      [mine, there['attachments'][0].id],
    ]) {
      const refused = await reply(id, { attachmentIds }, 422);
      expect(refused).toMatchObject({ code: 'unknownReference' });
      expect(refused['errors'][0].pointer).toBe('/attachmentIds');
    }
    expect(await messagesOf(id)).toHaveLength(1);
    const taken = await reply(id, { attachmentIds: [mine, mine.toUpperCase()] });
    expect(taken['attachments']).toHaveLength(1);
    const mail = await sent(taken['id']);
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['a.txt']);
  });

  it('may be files the ticket has already: of an earlier reply, or of the customer', async () => {
    const { id } = await mailWithPicture();
    const [picture] = (await messagesOf(id))[0].attachments;
    const first = await reply(id, { attachmentIds: [await upload(null, 'a.txt', 'a')] });
    const again = [picture.id, first['attachments'][0].id];
    const second = await reply(id, { attachmentIds: again });
    expect(second['attachments'].map(({ name }: any) => name).toSorted()).toEqual([
      'a.txt',
      'pic.png',
    ]);
    expect((await sent(second['id'])).attachments).toHaveLength(2);
    const kept = await desk.call('GET', `/api/v1/messages/${first['id']}`);
    expect(kept['attachments']).toHaveLength(1);
  });

  it('are free again when the ticket refuses the reply', async () => {
    const { id } = await newTicket();
    const file = await upload(null, 'a.txt', 'a');
    const refused = await reply(id, { attachmentIds: [file], status: 'nonsense' }, 422);
    expect(refused['code']).toBe('unknownStatus');
    await reply(id, { attachmentIds: [file] });
  });
});

describe('HTML of agents', () => {
  it.for(['replies', 'notes', 'forward'])(
    '%s: is as harmless as that of customers',
    async (path) => {
      const { id } = await newTicket();
      const bodyHtml =
        '<p onclick="x()">Hi<script>alert(1)</script><a href="javascript:x()">y</a></p>';
      const body = { body: 'Hi', bodyHtml, ...(path === 'forward' ? { to: ['v@x.test'] } : {}) };
      const message = await desk.call('POST', `/api/v1/tickets/${id}/${path}`, body);
      expect(message['bodyHtml']).toContain('<p>Hi<a');
      expect(message['bodyHtml']).not.toMatch(/script|onclick/);
    },
  );
});

describe('inline images', () => {
  it('say which cid of the HTML they are', async () => {
    const { id } = await mailWithPicture();
    const [message] = await messagesOf(id);
    expect(message.bodyHtml).toContain('src="cid:pic@customer.test"');
    expect(message.attachments).toMatchObject([{ inline: true, contentId: 'pic@customer.test' }]);
  });
});

describe('a forward', () => {
  it('passes the customer’s message on below the words, with its files', async () => {
    const { id } = await mailWithPicture();
    const message = await forward(id);
    expect(message).toMatchObject({ body: 'Can you help?', to: ['vendor@example.org'] });
    const mail = await sent(message['id']);
    expect(mail.text).toMatch(
      /^Can you help\?\n\n-+ Forwarded message -+\nFrom: Ann <ann@customer.test>/,
    );
    expect(mail.html).toMatch(/Can you help\?[\s\S]*<blockquote>[\s\S]*cid:pic@customer\.test/);
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['pic.png']);
  });

  it('passes on the message it is told to, never a note, and nothing when told so', async () => {
    const { id } = await mailIn({}, 'First words');
    const [first] = await messagesOf(id);
    await mailIn(
      { 'In-Reply-To': first.id, References: `<m${counter}@customer.test>` },
      'Second words',
    );
    const note = await desk.call('POST', `/api/v1/tickets/${id}/notes`, { body: 'Secret' });
    expect((await forward(id))['quoted']).toContain('Second words');
    expect((await forward(id, { messageId: first.id }))['quoted']).toContain('First words');
    const refused = await forward(id, { messageId: note['id'] }, 422);
    expect(refused['errors'][0].pointer).toBe('/messageId');
    const bare = await forward(id, { includeOriginal: false });
    expect((await sent(bare['id'])).text?.trim()).toBe('Can you help?');
  });

  it('takes the words, files and pictures of the message that was chosen, and those of no other', async () => {
    const { id, header } = await mailWithPicture();
    const answer = await reply(id, { attachmentIds: [await upload(null, 'a.txt', 'a')] });
    await mailIn({ 'In-Reply-To': header, References: header }, 'Newest words');
    const [first] = await messagesOf(id);
    const picture = await sent((await forward(id, { messageId: first.id }))['id']);
    expect(picture.html).toMatch(/<blockquote>[\s\S]*See[\s\S]*cid:pic@customer\.test/);
    expect(picture.text).not.toContain('Newest words');
    expect(picture.attachments).toMatchObject([{ filename: 'pic.png', disposition: 'inline' }]);
    const own = await sent((await forward(id, { messageId: answer['id'] }))['id']);
    expect(own.text).toMatch(/Forwarded message[\s\S]*\n\nAnswer/);
    expect(own.attachments.map(({ filename }) => filename)).toEqual(['a.txt']);
  });

  it('of a message of another ticket, of one nobody sees, or taken back, is refused as if there were none', async () => {
    const owen = await desk.addUser('Owen', { ticketAccess: 'own' });
    const key = await makeToken(desk.sql, owen, ['read', 'write']);
    const [mine, hidden] = [await mailIn(), await mailIn({}, 'Not for Owen')];
    await desk.call('PATCH', `/api/v1/tickets/${mine['id']}`, { assigneeId: owen });
    const [secret] = await messagesOf(hidden['id']);
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const back = await reply(mine['id'], { sendAt });
    await desk.call('DELETE', `/api/v1/messages/${back['id']}`);
    const refusal = async (ticketId: number, messageId: string, status: number): Promise<Json> => {
      const body = { to: ['vendor@example.org'], body: 'Look', messageId };
      const path = `/api/v1/tickets/${ticketId}/forward`;
      const ask = { method: 'POST', path, body, expected: status };
      const { instance: _id, ...rest } = await callApi(desk.app, key, ask);
      return rest;
    };
    const nobody = '00000000-0000-7000-8000-00000000dead';
    const unknown = await refusal(mine['id'], nobody, 422);
    expect(unknown).toMatchObject({ code: 'unknownReference' });
    expect(await refusal(mine['id'], secret.id, 422)).toEqual(unknown);
    expect(await refusal(mine['id'], back['id'], 422)).toEqual(unknown);
    const noTicket = await refusal(999_999, secret.id, 404);
    expect(await refusal(hidden['id'], secret.id, 404)).toEqual(noTicket);
    expect((await messagesOf(mine['id'])).map(({ kind }) => kind)).not.toContain('forward');
    expect((await messagesOf(hidden['id'])).map(({ kind }) => kind)).toEqual(['inbound']);
  });
});

describe('a reply', () => {
  const answers = (header: string) => ({ 'In-Reply-To': header, References: header });

  it('after a merge goes to everybody of both tickets, once, and threads in both', async () => {
    const loser = await mailIn({
      ...{ From: 'Ben <ben@customer.test>', Cc: 'carl@customer.test, Ann@customer.test' },
    });
    const survivor = await mailIn({ Cc: 'carl@customer.test, support@desk.test' });
    // Dora joins by answering what we wrote.
    const before = await sent((await reply(survivor['id'], { cc: [] }))['id']);
    const joined = await mailIn({
      ...{ From: 'dora@customer.test', ...answers(before.messageId ?? '') },
    });
    expect(joined['id']).toBe(survivor['id']);
    await desk.call(
      'POST',
      `/api/v1/tickets/${loser['id']}/merge`,
      { intoTicketId: survivor['id'] },
      200,
    );
    const message = await reply(survivor['id']);
    expect(message['to']).toEqual(['ann@customer.test']);
    expect(message['cc'].toSorted()).toEqual([
      'ben@customer.test',
      'carl@customer.test',
      'dora@customer.test',
    ]);
    const mail = await sent(message['id']);
    expect(mail.inReplyTo).toBe(joined['header']);
    for (const header of [loser['header'], survivor['header'], before.messageId, joined['header']])
      expect(mail.references).toContain(header);
  });

  it('does not go to those the ticket was forwarded to, though they have answered', async () => {
    const { id } = await mailIn();
    const message = await forward(id);
    const mail = await sent(message['id']);
    const back = await mailIn({
      ...{ From: 'vendor@example.org', Cc: 'boss@example.org' },
      ...answers(mail.messageId ?? ''),
    });
    expect(back['id']).toBe(id);
    expect(await reply(id)).toMatchObject({ to: ['ann@customer.test'], cc: [] });
  });

  it('goes to those the agent chose and nobody else', async () => {
    const { id } = await mailIn({ Cc: 'carl@customer.test' });
    const cc = ['Eve@x.test', 'eve@x.test', 'support@desk.test'];
    expect((await reply(id, { cc }))['cc']).toEqual(['eve@x.test']);
    expect((await reply(id, { cc: [] }))['cc']).toEqual([]);
  });
});

describe('a split ticket', () => {
  it('keeps the channel it came by and the company it is of', async () => {
    const second = await desk.call('POST', '/api/v1/channels', {
      ...{ name: 'Sales', address: 'sales@desk.test' },
    });
    const company = await desk.call('POST', '/api/v1/companies', { name: 'B', domain: 'b.test' });
    counter += 1;
    const { ticketId } = await ingestMail(desk.ingest, {
      ...{ channelId: second['id'], envelope: null, receivedAt: new Date() },
      source: Buffer.from(
        `From: x@b.test\r\nTo: sales@desk.test\r\nSubject: Two things\r\nMessage-ID: <s${counter}@b.test>\r\n\r\nOne, two\r\n`,
      ),
    });
    await eventually(async () =>
      expect((await messagesOf(ticketId ?? 0))[0].state).toBe('received'),
    );
    const [message] = await messagesOf(ticketId ?? 0);
    await eventually(async () => {
      const { version } = await desk.call('GET', `/api/v1/tickets/${ticketId}`);
      expect(version).toBeGreaterThan(0);
    });
    const path = `/api/v1/tickets/${ticketId}/split`;
    const split = await desk.call('POST', path, { messageIds: [message.id] });
    const [row] =
      await desk.sql`select company_id, channel_id from tickets where id = ${split['id']}`;
    expect(row).toEqual({ company_id: company['id'], channel_id: second['id'] });
    expect((await reply(split['id']))['from']).toBe('sales@desk.test');
  });
});

describe('a new ticket', () => {
  const ask = (requester: object, more: object = {}) =>
    desk.call('POST', '/api/v1/tickets', { subject: 'T', requester, ...more });

  it('keeps the phone number beside the address, of one person once', async () => {
    const made = await ask({ email: 'Pia@customer.test', phone: '+491', name: 'Pia' });
    expect(made['requester']).toMatchObject({ email: 'pia@customer.test', phone: '+491' });
    const caller = await ask({ phone: '+492', name: 'Quin' });
    const writer = await ask({ email: 'quin@customer.test', phone: '+492' });
    expect(writer['requester']).toEqual({ ...caller['requester'], email: 'quin@customer.test' });
    // A number that is somebody else's stays theirs.
    const third = await ask({ email: 'rob@customer.test', phone: '+491' });
    expect(third['requester']).toMatchObject({ email: 'rob@customer.test', phone: null });
  });

  it('of the API is routed by the language it is written in', async () => {
    const team = await desk.call('POST', '/api/v1/teams', { name: 'Deutsch' });
    await desk.call('POST', '/api/v1/routing-rules', {
      name: 'German',
      conditions: [{ field: 'language', op: 'is', value: 'de' }],
      assign: { teamId: team['id'] },
    });
    const german = {
      subject: 'Drucker brennt',
      body: 'Guten Tag, unser Drucker im zweiten Stock brennt seit heute Morgen. Bitte helfen Sie uns schnell.',
    };
    expect((await ask({ email: 'ann@customer.test' }, german))['teamId']).toBe(team['id']);
    expect((await ask({ email: 'ann@customer.test' }))['teamId']).toBeNull();
  });
});
