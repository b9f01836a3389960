// What a reply can bring along: blind copies nobody reads of, another sender, a signature, pictures in its words. Threading stays.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOutboundMail } from '#db/messages.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let alice: string;
let billing: Json;
beforeAll(async () => {
  desk = await startTestDesk();
  alice = await makeToken(desk.sql, await desk.addUser('alice'), ['read', 'write']);
  billing = await desk.call('POST', '/api/v1/channels', {
    ...{ name: 'Billing', address: 'billing@desk.test' },
    settings: {
      ...{ fromName: 'Billing', fromNameOf: 'both', signature: '{{desk.name}}, #{{ticket.id}}' },
      signatureHtml: '<i onclick="x">{{desk.name}}</i>',
    },
  });
});
afterAll(async () => {
  await desk.stop();
});

const as = (method: string, path: string, body?: unknown, expected?: number): Promise<Json> =>
  callApi(desk.app, alice, { method, path: `/api/v1${path}`, body, expected });
const newTicket = async (): Promise<number> =>
  (
    await as('POST', '/tickets', {
      ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test', name: 'Ann' } },
    })
  )['id'];
const reply = (id: number, more: object = {}, expected = 201): Promise<Json> =>
  as('POST', `/tickets/${id}/replies`, { body: 'Answer', ...more }, expected);
async function sent(id: string) {
  await eventually(async () => expect((await as('GET', `/messages/${id}`))['state']).toBe('sent'));
  return await PostalMime.parse(await readFile(join(desk.outbox, `${id}.eml`)));
}
async function upload(): Promise<string> {
  const form = new FormData();
  form.set('file', new File(['png'], 'shot.png', { type: 'image/png' }));
  const response = await desk.app.request('/api/v1/attachments', {
    ...{ method: 'POST', body: form, headers: { authorization: `Bearer ${alice}` } },
  });
  return ((await response.json()) as Json)['id'];
}

describe('a reply', () => {
  it('in blind copy reaches those who are named, once each, and says so to nobody', async () => {
    const id = await newTicket();
    const message = await reply(id, {
      cc: ['carl@customer.test'],
      bcc: ['Boss@desk.example', 'carl@customer.test', 'ann@customer.test', 'support@desk.test'],
    });
    expect(message).toMatchObject({ cc: ['carl@customer.test'], bcc: ['boss@desk.example'] });
    await sent(message['id']);
    expect(await readFile(join(desk.outbox, `${message['id']}.eml`), 'utf8')).not.toMatch(/boss@/i);
    const mail = await findOutboundMail(desk.sql, message['id']);
    expect(mail?.bcc).toEqual(['boss@desk.example']);
    // Nor does a later reply to everybody bring them in.
    expect((await reply(id))['cc']).not.toContain('boss@desk.example');
  });

  it('from another mailbox carries its address and name, and stays in the thread', async () => {
    const id = await newTicket();
    const first = await reply(id);
    const second = await reply(id, { channelId: billing['id'] });
    const mails = [await sent(first['id']), await sent(second['id'])];
    expect(mails.map(({ from }) => [from?.name, from?.address])).toEqual([
      ['Support', 'support@desk.test'],
      ['alice (Billing)', 'billing@desk.test'],
    ]);
    expect(mails[1]?.inReplyTo).toBe(mails[0]?.messageId);
    expect(mails[1]?.replyTo?.[0]?.address).toMatch(new RegExp(`^billing\\+t${id}-`));
    const dead = '00000000-0000-7000-8000-00000000dead';
    await reply(id, { channelId: dead }, 422);
  });

  it('is signed by the mailbox until its author has a signature, and not unless asked', async () => {
    const id = await newTicket();
    const more = { channelId: billing['id'], bodyHtml: '<p>Answer</p>', signature: 'own' };
    const byMailbox = await reply(id, more);
    expect(byMailbox['body']).toBe(`Answer\n\n-- \nBilling, #${id}`);
    expect(byMailbox['bodyHtml']).toContain('<i>Billing</i>');
    await as('PUT', '/me/signature', { text: 'Yours {{agent.nome}}' }, 422);
    await as('PUT', '/me/signature', { text: 'Yours, {{agent.name}}', html: '<b onclick=x>Y</b>' });
    expect(await as('GET', '/me/signature')).toEqual({
      ...{ text: 'Yours, {{agent.name}}', html: '<b>Y</b>' },
    });
    expect((await reply(id, more))['body']).toBe('Answer\n\n-- \nYours, alice');
    expect((await reply(id))['body']).toBe('Answer');
  });

  it('is shown beforehand: whom it goes to, from where, and what it is signed with', async () => {
    const id = await newTicket();
    await reply(id, { cc: ['carl@customer.test'] });
    const path = `/tickets/${id}/reply-defaults`;
    const usual = await as('GET', path);
    expect(usual).toMatchObject({
      ...{ to: ['ann@customer.test'], cc: [], channelId: desk.channel.id },
      signature: { text: 'Yours, alice', html: '<b>Y</b>' },
    });
    expect(usual['mailboxes'].map(({ address }: Json) => address)).toEqual([
      ...['support@desk.test', 'billing@desk.test'],
    ]);
    expect(JSON.stringify(usual)).not.toMatch(/password|smtp|imap/);
    await as('PUT', '/me/signature', { text: '' });
    const other = await as('GET', `${path}?channelId=${billing['id']}`);
    expect(other).toMatchObject({
      ...{ channelId: billing['id'], signature: { text: `Billing, #${id}` } },
    });
    await as('GET', `${path}?channelId=00000000-0000-7000-8000-00000000dead`, undefined, 422);
    await as('PUT', '/me/signature', { text: 'Yours, {{agent.name}}', html: '<b>Y</b>' });
  });

  it('brings a picture along that its words show, as a part of the mail', async () => {
    const id = await newTicket();
    const picture = await upload();
    const message = await reply(id, {
      bodyHtml: `<p>See <img src="/api/v1/attachments/${picture}" onerror="x"></p>`,
    });
    expect(message['bodyHtml']).toContain(`src="cid:${picture}@holdfast"`);
    expect(message['attachments']).toMatchObject([
      { id: picture, inline: true, contentId: `${picture}@holdfast` },
    ]);
    const mail = await sent(message['id']);
    expect(mail.attachments).toMatchObject([
      { contentId: `<${picture}@holdfast>`, disposition: 'inline', filename: 'shot.png' },
    ]);
    const foreign = '00000000-0000-7000-8000-00000000dead';
    const refused = await reply(
      id,
      { bodyHtml: `<img src="/api/v1/attachments/${foreign}">` },
      422,
    );
    expect(refused['code']).toBe('unknownReference');
    // Shown again in a later reply of the ticket: the bytes are kept once.
    const again = await reply(id, { bodyHtml: `<img src="/api/v1/attachments/${picture}">` });
    expect(again['attachments']).toMatchObject([{ contentId: `${picture}@holdfast` }]);
  });
});

describe('a forward', () => {
  it('takes blind copies and a signature above what it passes on', async () => {
    const id = await newTicket();
    const message = await as('POST', `/tickets/${id}/forward`, {
      ...{ to: ['vendor@example.org'], bcc: ['boss@desk.example'], body: 'Can you?' },
      signature: 'own',
    });
    expect(message['bcc']).toEqual(['boss@desk.example']);
    expect(message['quoted']).toMatch(/^Can you\?\n\n-- \nYours, alice\n\n-+ Forwarded/);
  });
});
