// Mail in: threading, duplicates, automatic mail, bounces, quarantine; by the desk's own SMTP listener, on a real Postgres.
import { createConnection } from 'node:net';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestMail } from '#channels/email/ingest.ts';
import type { IngestResult } from '#channels/email/ingest.ts';
import { replyAddress } from '#channels/email/reply-address.ts';
import { startSmtpListener } from '#channels/email/smtp-listener.ts';
import type { SmtpListener } from '#channels/email/smtp-listener.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

const CORPUS = fileURLToPath(new URL('../../../shared/data/mail', import.meta.url));
let desk: TestDesk;
let listener: SmtpListener;
const quiet = { info: () => undefined, error: () => undefined };

beforeAll(async () => {
  desk = await startTestDesk({ automaticPerSenderPerDay: 3, messagesPerSenderPerHour: 2_000 });
  listener = await startSmtpListener({
    host: '127.0.0.1',
    port: 0,
    maxBytes: 5_000_000,
    ...{ maxBytesInFlight: 50_000_000, maxPerAddress: 20 },
    ingest: desk.ingest,
    clock: Date.now,
    log: quiet,
  });
});
afterAll(async () => {
  await listener.close();
  await desk.stop();
});

let counter = 0;
function mail(headers: Record<string, string>, body = 'Hello'): string {
  counter += 1;
  const all = {
    From: 'ann@customer.test',
    To: 'support@desk.test',
    Subject: `Mail ${counter}`,
    'Message-ID': `<m${counter}@customer.test>`,
    ...headers,
  };
  return `${Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n${body}\r\n`;
}
async function take(
  source: string,
  envelope: { from: string; to: string[] } | null = null,
): Promise<IngestResult> {
  return await ingestMail(desk.ingest, {
    channelId: desk.channel.id,
    source: Buffer.from(source),
    envelope,
    receivedAt: new Date(),
  });
}
/** What a mail server writes when it could not deliver a mail of ours. */
function bounce(header: string, recipient: string, status: string): string {
  const report = [
    ...['--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.customer.test'],
    ...['', `Final-Recipient: rfc822; ${recipient}`, 'Action: failed', `Status: ${status}`],
    ...['Diagnostic-Code: smtp; 550 no such user', ''],
    ...['--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${header}`, '', '--b--'],
  ];
  const type = 'multipart/report; report-type=delivery-status; boundary=b';
  return mail(
    { From: 'MAILER-DAEMON@mx.customer.test', 'Content-Type': type },
    report.join('\r\n'),
  );
}
async function ticketOf(id: number | null, version = 1): Promise<Record<string, any>> {
  return await eventually(async () => {
    const ticket = await desk.call('GET', `/api/v1/tickets/${id}`);
    expect(ticket['version']).toBeGreaterThanOrEqual(version);
    return ticket;
  });
}
async function answered(): Promise<{ ticketId: number; header: string }> {
  const { ticketId } = await take(mail({}));
  await ticketOf(ticketId);
  const reply = await desk.call('POST', `/api/v1/tickets/${ticketId}/replies`, {
    body: 'Our answer',
  });
  return { ticketId: ticketId ?? 0, header: `<${reply['id']}@desk.test>` };
}

describe('one message, one row', () => {
  it('however often and at once it is delivered', async () => {
    const source = mail({});
    const results = await Promise.all(Array.from({ length: 32 }, () => take(source)));
    expect(new Set(results.map(({ inboundId }) => inboundId)).size).toBe(1);
    expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    const [row] =
      await desk.sql`select count(*)::integer as n from messages where ticket_id = ${results[0]?.ticketId ?? 0}`;
    expect(row?.['n']).toBe(1);
  });

  it('a mail without Message-ID gets a stable one: it is kept, and recognised when it comes again', async () => {
    const source = mail({ 'Message-ID': '' });
    const [first, again] = [await take(source), await take(source)];
    expect(first).toMatchObject({ outcome: 'ticket', duplicate: false });
    expect(again).toMatchObject({ ticketId: first.ticketId, duplicate: true });
  });

  it('the row is visible at once at version 0, before any workflow has run', async () => {
    await desk.stopWorkers();
    const { ticketId } = await take(mail({ Subject: 'While the engine sleeps' }));
    const sleeping = await desk.call('GET', `/api/v1/tickets/${ticketId}`);
    expect(sleeping).toMatchObject({ version: 0, subject: 'While the engine sleeps' });
    await desk.startWorkers();
    expect(await ticketOf(ticketId)).toMatchObject({ status: 'new' });
  });
});

describe('threading', () => {
  it('an answer joins its ticket by In-Reply-To and opens it again, whatever became of the subject', async () => {
    const { ticketId, header } = await answered();
    const result = await take(mail({ 'In-Reply-To': header, Subject: 'Something else' }));
    expect(result).toMatchObject({ outcome: 'reply', ticketId });
    await eventually(async () =>
      expect(await ticketOf(ticketId)).toMatchObject({ status: 'waitingOnUs' }),
    );
  });

  it('by References when In-Reply-To is missing, and by the signed reply address when both are', async () => {
    const { ticketId, header } = await answered();
    expect(await take(mail({ References: `<unknown@x> ${header}` }))).toMatchObject({ ticketId });
    const address = replyAddress(desk.ingest.replySecret, 'support@desk.test', ticketId);
    expect(await take(mail({ To: address }))).toMatchObject({ ticketId });
    const forged = address.replace(/-[0-9a-f]{16}@/, '-0000000000000000@');
    expect(await take(mail({ From: 'eve@evil.test', To: forged }))).toMatchObject({
      outcome: 'ticket',
    });
  });

  it('a subject token counts only from somebody who takes part in the ticket', async () => {
    const { ticketId } = await answered();
    expect(await take(mail({ Subject: `Re: hello [#${ticketId}]` }))).toMatchObject({
      outcome: 'reply',
      ticketId,
    });
    expect(
      await take(mail({ From: 'eve@evil.test', Subject: `Re: hello [#${ticketId}]` })),
    ).toMatchObject({ outcome: 'ticket' });
    expect(await take(mail({ Subject: `x[#${ticketId}]y` }))).toMatchObject({ outcome: 'ticket' });
  });

  it('an empty In-Reply-To matches nothing, and two people answering one newsletter stay apart', async () => {
    const [one, two] = [
      await take(mail({ 'In-Reply-To': '<>', References: '' })),
      await take(mail({ 'In-Reply-To': '' })),
    ];
    expect(one.ticketId).not.toBe(two.ticketId);
    const news = '<news@letter.test>';
    const ann = await take(mail({ From: 'ann2@customer.test', 'In-Reply-To': news }));
    const bob = await take(
      mail({ From: 'bob2@customer.test', 'In-Reply-To': news, References: news }),
    );
    expect(ann.ticketId).not.toBe(bob.ticketId);
  });

  it('one mail to two of our addresses makes a ticket in each', async () => {
    await desk.call('POST', '/api/v1/channels', { name: 'Sales', address: 'sales@desk.test' });
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: listener.port,
      ignoreTLS: true,
    });
    const info = await transport.sendMail({
      from: 'ann@customer.test',
      to: ['support@desk.test', 'sales@desk.test'],
      subject: 'Both',
      text: 'x',
    });
    expect(String(info.response).match(/ticket/g)).toHaveLength(2);
  });
});

describe('mail that a machine passes on', () => {
  it.each<[string, Record<string, string>]>([
    ['by Amazon SES', { 'Feedback-ID': '1.eu-west-1.abc:AmazonSES' }],
    ['by a list server that says so', { 'List-ID': '<help.customer.test>' }],
    ['by a Google Group', { Precedence: 'list', 'List-ID': '<help.customer.test>' }],
    ['in bulk', { Precedence: 'bulk' }],
    ['from an address nobody reads', { From: 'no-reply@shop.test' }],
  ])('%s becomes a ticket', async (_how, headers) => {
    expect(await take(mail({ From: 'list@customer.test', ...headers }))).toMatchObject({
      outcome: 'ticket',
    });
  });

  it.each([
    ['a contact form', 'noreply@shop.test', 'Ann <ann3@customer.test>', 'ann3@customer.test'],
    [
      'a group with our own address',
      'support@desk.test',
      'ann4@customer.test',
      'ann4@customer.test',
    ],
    [
      'a person who wants answers elsewhere',
      'ann5@customer.test',
      'x@evil.test',
      'ann5@customer.test',
    ],
  ])('%s: the one to answer is the requester', async (_what, From, replyTo, requester) => {
    const { ticketId } = await take(mail({ From, 'Reply-To': replyTo }));
    expect((await ticketOf(ticketId))['requester']).toMatchObject({ email: requester });
  });

  it('is ours when its answers come back to us: no ticket of our own mail', async () => {
    const { ticketId } = await answered();
    const own = replyAddress(desk.ingest.replySecret, 'support@desk.test', ticketId);
    for (const replyTo of [own, 'sales@desk.test', 'support@desk.test']) {
      const back = await take(mail({ From: 'support@desk.test', 'Reply-To': replyTo }));
      expect(back).toMatchObject({ outcome: 'ignored', reason: 'ownAddress' });
    }
  });

  it('joins its ticket without opening it again', async () => {
    const { ticketId, header } = await answered();
    expect(
      await take(mail({ From: 'list2@customer.test', 'In-Reply-To': header, Precedence: 'list' })),
    ).toMatchObject({
      ...{ outcome: 'reply', reason: 'automatic', ticketId },
    });
    expect(await ticketOf(ticketId)).toMatchObject({ status: 'waitingOnContact' });
  });
});

describe('mail that nobody wrote', () => {
  it('that belongs to no ticket becomes none', async () => {
    for (const headers of [
      { From: 'away@customer.test', 'Auto-Submitted': 'auto-replied' },
      { From: 'away@customer.test', 'X-Autoreply': 'yes' },
      { From: 'MAILER-DAEMON@mx.customer.test' },
    ]) {
      expect(await take(mail(headers))).toMatchObject({
        ...{ outcome: 'ignored', reason: 'automaticUnthreaded' },
      });
    }
  });

  it('a copy that came back leaves the clock, is noted at the message and told to its author', async () => {
    const alice = await desk.addUser('alice-bounces');
    await desk.call('POST', '/api/v1/sla-policies', {
      ...{ name: 'Bounces', goals: { firstReply: { seconds: 3_600 } } },
    });
    const { ticketId } = await take(mail({ Cc: 'boss@customer.test' }));
    await ticketOf(ticketId);
    const token = await makeToken(desk.sql, alice, ['read', 'write']);
    const asAlice = (method: string, path: string, body?: unknown) =>
      callApi(desk.app, token, { method, path, body });
    const reply = await asAlice('POST', `/api/v1/tickets/${ticketId}/replies`, {
      ...{ body: 'Our answer', cc: ['boss@customer.test'] },
    });
    await desk.call('PATCH', `/api/v1/tickets/${ticketId}`, { assigneeId: null });
    await eventually(async () =>
      expect((await desk.call('GET', `/api/v1/messages/${reply['id']}`))['state']).toBe('sent'),
    );
    const returned = bounce(`<${reply['id']}@desk.test>`, 'boss@customer.test', '5.1.1');
    expect(await take(returned, { from: '', to: ['support@desk.test'] })).toMatchObject({
      reason: 'bounce',
    });
    const failure = { code: 'bounced', text: 'boss@customer.test: 550 no such user' };
    await eventually(async () => {
      const { items } = await asAlice('GET', '/api/v1/notifications');
      expect(items).toContainEqual(
        expect.objectContaining({ type: 'bounceReceived', ticketId, failure }),
      );
    });
    expect(await desk.call('GET', `/api/v1/messages/${reply['id']}`)).toMatchObject({ failure });
    const ticket = await ticketOf(ticketId);
    expect(ticket['sla'].goals.firstReply.state).toBe('completedOnTime');
    const again = bounce(`<${reply['id']}@desk.test>`, 'ann@customer.test', '5.1.1');
    await take(again, { from: '', to: ['support@desk.test'] });
    await eventually(async () =>
      expect((await ticketOf(ticketId))['sla'].goals.firstReply.completedAt).toBeNull(),
    );
  });

  it('an auto-reply threads but does not open the ticket again', async () => {
    const { ticketId, header } = await answered();
    const result = await take(mail({ 'In-Reply-To': header, 'Auto-Submitted': 'auto-replied' }));
    expect(result).toMatchObject({ outcome: 'reply', reason: 'automatic', ticketId });
    const version = (await ticketOf(ticketId))['version'] as number;
    await eventually(async () =>
      expect((await ticketOf(ticketId))['version']).toBeGreaterThanOrEqual(version),
    );
    expect(await ticketOf(ticketId)).toMatchObject({ status: 'waitingOnContact' });
  });

  it('a bounce finds the message it returns, gives its clock back and tells the assignee', async () => {
    const { ticketId, header } = await answered();
    await eventually(async () => {
      const [row] = await desk.sql`select state from messages where message_id_header = ${header}`;
      expect(row?.['state']).toBe('sent');
    });
    const report = [
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.customer.test',
      '',
      'Final-Recipient: rfc822; ann@customer.test',
      'Action: failed',
      'Status: 5.1.1',
      '',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: ${header}`,
      'Subject: Re: x',
      '',
      '--b--',
    ].join('\r\n');
    const source = mail(
      {
        From: 'MAILER-DAEMON@mx.customer.test',
        'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
      },
      `--b\r\nContent-Type: text/plain\r\n\r\nfailed\r\n--b\r\n${report}`,
    );
    expect(await take(source, { from: '', to: ['support@desk.test'] })).toMatchObject({
      outcome: 'reply',
      reason: 'bounce',
      ticketId,
    });
    await eventually(async () => {
      const { items } = await desk.call('GET', `/api/v1/tickets/${ticketId}/timeline`);
      expect(items.map((item: any) => item.event?.type)).toContain('bounceReceived');
    });
    // Whether the ticket had heard by then that the mail left, or not: the reply counts for nothing.
    expect(await ticketOf(ticketId)).toMatchObject({ status: 'new' });
  });

  it('our own address is ignored as that one mail, and a machine that goes on and on is stopped by its limit', async () => {
    expect(await take(mail({ From: 'support@desk.test' }))).toMatchObject({
      outcome: 'ignored',
      reason: 'ownAddress',
    });
    const { header } = await answered();
    const outcomes: (string | null)[] = [];
    for (let index = 0; index < 5; index += 1) {
      const result = await take(
        mail({ From: 'loop@robot.test', 'In-Reply-To': header, 'Auto-Submitted': 'auto-replied' }),
      );
      outcomes.push(result.reason);
    }
    expect(outcomes).toEqual(['automatic', 'automatic', 'automatic', 'senderLimit', 'senderLimit']);
  });

  it('what cannot be placed is quarantined with its source, and a person can take it in after all', async () => {
    const source = mail({ From: 'not an address' });
    const stuck = await take(source);
    expect(stuck).toMatchObject({ outcome: 'quarantined', reason: 'noSender' });
    const { items } = await desk.call('GET', '/api/v1/inbound?outcome=quarantined');
    expect(items.map(({ id }: any) => id)).toContain(stuck.inboundId);
    const retried = await desk.call(
      'POST',
      `/api/v1/inbound/${stuck.inboundId}/retry`,
      undefined,
      200,
    );
    expect(retried).toMatchObject({ outcome: 'ticket' });
    await desk.call('POST', `/api/v1/inbound/${stuck.inboundId}/retry`, undefined, 409);
  });
});

describe('one mail to two of our addresses that answers a ticket', () => {
  it('is in that ticket once', async () => {
    await desk.call('POST', '/api/v1/channels', { name: 'Two', address: 'two@desk.test' });
    const { ticketId, header } = await answered();
    const transport = nodemailer.createTransport({
      ...{ host: '127.0.0.1', port: listener.port, ignoreTLS: true },
    });
    const info = await transport.sendMail({
      ...{ from: 'ann@customer.test', to: ['support@desk.test', 'two@desk.test'], text: 'x' },
      ...{ messageId: '<both@customer.test>', inReplyTo: header },
    });
    expect(String(info.response)).toMatch(/reply [-0-9a-f]+, ignored/);
    const [row] = await desk.sql`select count(*)::integer as n from messages
      where ticket_id = ${ticketId} and message_id_header = '<both@customer.test>'`;
    expect(row?.['n']).toBe(1);
    const { items } = await desk.call('GET', '/api/v1/inbound?outcome=ignored');
    expect(items[0]).toMatchObject({ reason: 'duplicateInTicket' });
  });
});

describe('mail that waits for a person', () => {
  it('is told to the admins once for each reason, and counted', async () => {
    const before = await quarantined();
    await desk.sql`delete from notifications where type = 'mailQuarantined'`;
    for (let index = 0; index < 3; index += 1) await take(mail({ From: 'nobody' }));
    const { items } = await desk.call('GET', '/api/v1/notifications');
    const told = items.filter(({ type }: any) => type === 'mailQuarantined');
    expect(told).toMatchObject([{ ticketId: null, data: { reason: 'noSender' } }]);
    expect(await quarantined()).toBe(before + 3);
  });

  it('that cannot be stored says why instead of failing, and loses nothing', async () => {
    const stuck = await take(mail({ From: 'nobody' }));
    const empty = Buffer.alloc(0);
    await desk.sql`update inbound_messages set source = ${empty} where id = ${stuck.inboundId}`;
    const path = `/api/v1/inbound/${stuck.inboundId}/retry`;
    const answer = await desk.call('POST', path, undefined, 409);
    expect(answer).toMatchObject({ code: 'notRetryable' });
    expect(answer['detail']).toContain('never handed it out');
  });

  it('with a file name cut inside an emoji is taken in', async () => {
    const name = Buffer.from(`${'a'.repeat(199)}😀.pdf`).toString('base64');
    const disposition = `attachment; filename="=?utf-8?B?${name}?="`;
    const source = mail({ 'Content-Disposition': disposition, 'Content-Type': 'application/pdf' });
    expect(await take(source)).toMatchObject({ outcome: 'ticket' });
  });

  it('is not made of a backlog, however long its sender’s letters waited', async () => {
    await desk.call('PATCH', '/api/v1/settings', { messagesPerSenderPerHour: 3 });
    const outcomes: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      // Half of them have just arrived, the others lay in the mailbox for two hours.
      const receivedAt = new Date(Date.now() - (index < 6 ? 0 : 7_200_000));
      const source = Buffer.from(mail({ From: 'busy@customer.test' }));
      const incoming = { channelId: desk.channel.id, source, envelope: null, receivedAt };
      outcomes.push((await ingestMail(desk.ingest, incoming)).outcome);
    }
    await desk.call('PATCH', '/api/v1/settings', { messagesPerSenderPerHour: 2_000 });
    expect(outcomes).toEqual([
      ...Array.from({ length: 3 }, () => 'ticket'),
      ...Array.from({ length: 3 }, () => 'quarantined'),
      ...Array.from({ length: 6 }, () => 'ticket'),
    ]);
  });

  async function quarantined(): Promise<number> {
    const response = await desk.app.request('/readyz');
    return ((await response.json()) as { quarantined: number }).quarantined;
  }
});

describe('/readyz', () => {
  it('says that mail leaves by SMTP as soon as one channel has a server of its own', async () => {
    const mode = async () =>
      ((await (await desk.app.request('/readyz')).json()) as { mail: string }).mail;
    expect(await mode()).toBe('outbox');
    const body = { name: 'Own', address: 'own-smtp@desk.test' };
    const settings = { smtp: { host: 'h', port: 25 } };
    const { id } = await desk.call('POST', '/api/v1/channels', { ...body, settings });
    expect(await mode()).toBe('smtp');
    await desk.call('PUT', `/api/v1/channels/${id}`, body);
    expect(await mode()).toBe('outbox');
  });
});

describe('the SMTP listener', () => {
  it('asks senders to come again when too much is under way, and takes their mail then', async () => {
    const own = await startSmtpListener({
      ...{ host: '127.0.0.1', port: 0, maxBytes: 100_000, ingest: desk.ingest },
      ...{ maxBytesInFlight: 150_000, maxPerAddress: 20, clock: Date.now, log: quiet },
    });
    const waiting = createConnection(own.port, '127.0.0.1');
    const says = async (words: string): Promise<string> => {
      const answer = new Promise<string>((resolve) =>
        waiting.once('data', (chunk) => resolve(String(chunk))),
      );
      if (words !== '') waiting.write(`${words}\r\n`);
      return await answer;
    };
    await says('');
    await says('EHLO test');
    expect(await says('MAIL FROM:<a@b.test> SIZE=90000')).toMatch(/^250/);
    const large = Buffer.from(mail({}, `${'x'.repeat(70)}\r\n`.repeat(1_200)));
    expect(await sendRaw(own.port, large)).toMatch(/^452/);
    expect(await sendRaw(own.port, Buffer.from(mail({})))).toMatch(/^250/);
    waiting.destroy();
    await eventually(async () => expect(await sendRaw(own.port, large)).toMatch(/^250/));
    await own.close();
  });

  const transport = () =>
    nodemailer.createTransport({ host: '127.0.0.1', port: listener.port, ignoreTLS: true });

  it('refuses addresses that are not ours, and mails that are too large', async () => {
    await expect(
      transport().sendMail({ from: 'a@b.test', to: 'stranger@elsewhere.test', text: 'x' }),
    ).rejects.toThrow(/550/);
    const large = transport().sendMail({
      from: 'a@b.test',
      to: 'support@desk.test',
      text: 'x'.repeat(6_000_000),
    });
    await expect(large).rejects.toThrow(/552|size/i);
  });

  it('serves a channel whose own address holds a plus, and knows the answers that come to it', async () => {
    await desk.call('POST', '/api/v1/channels', { name: 'EU', address: 'help+eu@desk.test' });
    const send = async (to: string): Promise<string> => {
      const info = await transport().sendMail({ from: 'plus@customer.test', to, text: 'x' });
      return String(info.response);
    };
    expect(await send('help+eu@desk.test')).toContain('ticket');
    const [row] = await desk.sql`select max(id)::integer as id from tickets`;
    const address = replyAddress(desk.ingest.replySecret, 'help+eu@desk.test', Number(row?.['id']));
    expect(await send(address)).toContain('reply');
    await expect(send('help+us@desk.test')).rejects.toThrow(/550/);
  });

  it('never says 250 for a mail that no channel takes any more', async () => {
    const gone = await desk.call('POST', '/api/v1/channels', {
      name: 'Gone',
      address: 'gone@desk.test',
    });
    const answer = await sendRaw(listener.port, Buffer.from(mail({})), {
      to: 'gone@desk.test',
      beforeData: async () => {
        await desk.sql`update channels set enabled = false where id = ${gone['id']}`;
      },
    });
    expect(answer).toMatch(/^451/);
  });

  it('stops soon although somebody is still connected', async () => {
    const own = await startSmtpListener({
      ...{ host: '127.0.0.1', port: 0, maxBytes: 1_000, ingest: desk.ingest },
      ...{ maxBytesInFlight: 1_000, maxPerAddress: 20 },
      ...{ clock: Date.now, log: quiet },
    });
    const socket = createConnection(own.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('data', resolve));
    const startMs = Date.now();
    await own.close();
    expect(Date.now() - startMs).toBeLessThan(6_000);
    socket.destroy();
  });

  it('keeps attachments, inline images and safe HTML, and folds the quoted part away', async () => {
    const info = await transport().sendMail({
      ...{ from: '"Ann Ä" <ann@customer.test>', to: 'support@desk.test', subject: 'Grüße 你好' },
      text: 'New words\n\nOn Mon, 3 Mar 2025 at 10:00, Support <support@desk.test> wrote:\n> old words\n',
      html: '<p onclick="x()">New <b>words</b><script>alert(1)</script><a href="javascript:x()">y</a></p>',
      attachments: [{ filename: 'naïve.txt', content: 'data' }],
    });
    const inboundId = /ticket ([0-9a-f-]{36})/.exec(String(info.response))?.[1] ?? '';
    const [row] =
      await desk.sql`select ticket_id as id from inbound_messages where id = ${inboundId}`;
    const { items } = await desk.call('GET', `/api/v1/tickets/${row?.['id']}/timeline`);
    const { message } = items.find((item: any) => item.kind === 'message');
    expect(message).toMatchObject({
      subject: 'Grüße 你好',
      body: 'New words',
      attachments: [{ name: 'naïve.txt', sizeBytes: 4 }],
    });
    expect(message.quoted).toContain('old words');
    expect(message.bodyHtml).not.toMatch(/script|onclick|javascript/);
    const file = await desk.app.request(`/api/v1/attachments/${message.attachments[0].id}`);
    expect(file.status).toBe(401);
  });
});

describe('the corpus of real-world mails', () => {
  const present = existsSync(CORPUS);
  const files = present
    ? readdirSync(CORPUS, { recursive: true })
        .map((name) => join(CORPUS, String(name)))
        .filter((path) => statSync(path).isFile() && !/LICEN[CS]E|README|\.md$/i.test(path))
    : [];
  if (!present) console.log(`SKIPPED: no corpus at ${CORPUS}`);

  it.skipIf(!present)(
    'goes through SMTP: each file ends as ticket, reply, ignored or quarantined, and none is silent',
    async () => {
      const outcomes: Record<string, number> = {};
      for (const path of files) {
        const response = await sendRaw(listener.port, readFileSync(path));
        const outcome = /(ticket|reply|ignored|quarantined)/.exec(response)?.[1] ?? response;
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
      console.log(`corpus of ${files.length} mails:`, outcomes);
      expect(
        Object.keys(outcomes).every((outcome) =>
          /^(ticket|reply|ignored|quarantined)$/.test(outcome),
        ),
      ).toBe(true);
      expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(files.length);
      expect(files.length).toBeGreaterThanOrEqual(200);
    },
  );
});

/** Speaks SMTP by hand, so that the bytes arrive as they are in the file. */
async function sendRaw(
  port: number,
  source: Buffer,
  more: { to?: string; beforeData?: () => Promise<void> } = {},
): Promise<string> {
  const body = source.toString('latin1').replaceAll(/\r?\n/g, '\r\n').replaceAll(/^\./gm, '..');
  const steps = [
    'EHLO test\r\n',
    'MAIL FROM:<someone@corpus.test>\r\n',
    `RCPT TO:<${more.to ?? 'support@desk.test'}>\r\n`,
    'DATA\r\n',
    `${body}\r\n.\r\n`,
    'QUIT\r\n',
  ];
  return await new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    let step = 0;
    let answer = '';
    let pending = '';
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.on('data', (chunk: Buffer) => {
      pending += chunk.toString();
      if (!/^\d{3} .*\r\n$/m.test(pending)) return;
      if (step === 5) answer = pending;
      pending = '';
      const words = Buffer.from(steps[step] ?? '', 'latin1');
      const ready = step === 3 ? (more.beforeData?.() ?? Promise.resolve()) : Promise.resolve();
      step += 1;
      ready.then(() => socket.write(words), reject);
    });
  });
}
