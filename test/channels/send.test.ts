// Mail out, against a mail server that fails in the ways servers do: what left is known to have left, and to whom.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFolderStore } from '#channels/attachments-folder.ts';
import { sendMail } from '#channels/email/send.ts';
import type { SenderDeps, SendResult } from '#channels/email/send.ts';
import type { OutboundMail } from '#db/messages.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-send-'));
const store = createFolderStore(join(folder, 'files'));
const deps: SenderDeps = {
  outboxFolder: join(folder, 'outbox'),
  attachments: store,
  replySecret: 'a secret of the tests',
  defaultSmtp: null,
};
let refusals: Record<string, number>;
let dataReply: number | null;
let delivered: string[];
let received: { from: string; to: string[]; source: Buffer }[];
const sink = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onMailFrom: (_address, _session, callback) => callback(refusal(refusals['mail'])),
  onRcptTo: ({ address }, _session, callback) => callback(refusal(refusals[address])),
  onData: (stream, { envelope }, callback) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      if (dataReply !== null) return callback(refusal(dataReply));
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
      const to = envelope.rcptTo.map(({ address }) => address);
      received.push({ from, to, source: Buffer.concat(chunks) });
      callback(null, 'kept');
    });
  },
});
function refusal(responseCode: number | undefined): Error | null {
  return responseCode === undefined
    ? null
    : Object.assign(new Error('says the server'), { responseCode });
}
let port: number;
const sockets: Socket[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  port = await listen(sink.server);
});
beforeEach(() => {
  [refusals, dataReply, received, delivered] = [{}, null, [], []];
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  await new Promise<void>((resolve) => sink.close(() => resolve()));
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
/** A server that says its lines, one per line of the client, and then whatever `end` does. */
async function scripted(lines: string[], end: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    const left = [...lines];
    const next = (): void => {
      const line = left.shift();
      if (line === undefined) end(socket);
      else socket.write(`${line}\r\n`);
    };
    socket.on('error', () => undefined);
    socket.on('data', next);
    next();
  });
  servers.push(server);
  return await listen(server);
}
function mail(more: Partial<OutboundMail> = {}, smtpPort = port): OutboundMail {
  return {
    ...{ id: 'message-1', ticketId: 7, kind: 'reply', state: 'queued', subject: 'Printer' },
    ...{ body: 'Our answer', quoted: null, bodyHtml: null, to: ['ann@customer.test'] },
    ...{ cc: [], bcc: [], authorName: null },
    ...{ messageIdHeader: '<m1@desk.test>', inReplyTo: '<q1@customer.test>' },
    ...{ references: ['<q0@customer.test>', '<q1@customer.test>'], attachments: [] },
    ...{ automatic: false, outdated: false },
    ...{ deliveredTo: [], delayedTo: [], failure: null },
    channelAddress: 'support@desk.test',
    channelSettings: { smtp: { host: '127.0.0.1', port: smtpPort } },
    ...more,
  };
}

async function send(one: OutboundMail): Promise<SendResult> {
  return await sendMail(deps, one, async (addresses) => {
    delivered.push(...addresses);
  });
}

describe('a mail that the server takes', () => {
  it('reaches those in blind copy, who are in no header of it', async () => {
    const one = mail({ cc: ['cc@customer.test'], bcc: ['boss@desk.example', 'cc@customer.test'] });
    expect(await send(one)).toMatchObject({ kind: 'sent' });
    expect(received.flatMap(({ to }) => to).toSorted()).toEqual(
      ['ann@customer.test', 'boss@desk.example', 'cc@customer.test'].toSorted(),
    );
    for (const { source } of received) expect(String(source)).not.toMatch(/boss@/i);
    expect(delivered).toContain('boss@desk.example');
  });

  it('carries its own id, its thread, the signed reply address and its files', async () => {
    const { key } = await store.put(Buffer.from('bytes'));
    const file = { name: 'naïve "x".txt', contentType: 'text/plain', storeKey: key };
    const result = await send(mail({ attachments: [{ ...file, contentId: null, inline: false }] }));
    expect(result).toMatchObject({ kind: 'sent' });
    const read = await PostalMime.parse(received[0]?.source ?? '');
    expect(read).toMatchObject({
      messageId: '<m1@desk.test>',
      inReplyTo: '<q1@customer.test>',
      references: '<q0@customer.test> <q1@customer.test>',
      subject: 'Re: Printer [#7]',
      from: { address: 'support@desk.test' },
    });
    expect(read.replyTo?.[0]?.address).toMatch(/^support\+t7-[0-9a-f]{16}@desk\.test$/);
    expect(read.attachments[0]?.filename).toBe('naïve "x".txt');
  });

  it('goes to nobody else, whatever an address or a subject contains', async () => {
    await send(mail({ to: ['x,victim@evil.test'], subject: 'Hi\r\nBcc: victim@evil.test' }));
    const [taken] = received;
    expect(taken?.to).toHaveLength(1);
    expect(taken?.to).not.toContain('victim@evil.test');
    expect(String(taken?.source)).not.toMatch(/^bcc:/im);
  });
});

describe('people in copy', () => {
  const both = { to: ['ann@customer.test'], cc: ['boss@customer.test'] };

  it('get the same mail', async () => {
    expect(await send(mail(both))).toEqual({ kind: 'sent', text: '250 kept' });
    expect(received.map(({ to }) => to)).toEqual([['ann@customer.test'], ['boss@customer.test']]);
    for (const { source } of received) {
      expect(String(source)).toMatch(/^To: ann@customer\.test\r?$/m);
      expect(String(source)).toMatch(/^Cc: boss@customer\.test\r?$/m);
      expect(String(source)).toMatch(/^Message-ID: <m1@desk\.test>\r?$/m);
    }
  });

  it.each([
    [550, { kind: 'permanent', code: 'smtp550' }],
    [451, { kind: 'temporary', code: 'smtp451' }],
  ])(
    'get nothing while the requester is refused with %d: the attempt has failed',
    async (code, expected) => {
      refusals = { 'ann@customer.test': code };
      expect(await send(mail(both))).toMatchObject(expected);
      expect(received).toEqual([]);
    },
  );

  it('who are refused for good are named, and the requester gets it once', async () => {
    refusals = { 'boss@customer.test': 550 };
    const result = await send(mail(both));
    expect(result).toMatchObject({ kind: 'sent', code: 'recipientRefused', delayed: [] });
    expect(result.text).toMatch(/^boss@customer\.test: .*says the server/);
    expect(received.map(({ to }) => to)).toEqual([['ann@customer.test']]);
  });

  it('who are asked to wait get it at a later attempt, as the same mail, and nobody gets it twice', async () => {
    const cc = ['boss@customer.test', 'desk@customer.test', 'gone@customer.test'];
    refusals = { 'boss@customer.test': 451, 'gone@customer.test': 550 };
    const first = await send(mail({ ...both, cc }));
    expect(first).toMatchObject({ code: 'smtp451', delayed: ['boss@customer.test'] });
    expect(delivered).toEqual(['ann@customer.test', 'desk@customer.test']);
    refusals = { 'boss@customer.test': 451 };
    const again = mail({ ...both, cc, deliveredTo: delivered, delayedTo: ['boss@customer.test'] });
    expect(await send(again)).toMatchObject({ delayed: ['boss@customer.test'] });
    refusals = {};
    expect(await send(again)).toEqual({ kind: 'sent', text: '250 kept' });
    expect(received.map(({ to }) => to)).toEqual([
      ['ann@customer.test'],
      ['desk@customer.test'],
      ['boss@customer.test'],
    ]);
    const ids = received.map(({ source }) => /^Message-ID: .*$/m.exec(String(source))?.[0]);
    expect(new Set(ids).size).toBe(1);
  });

  it('get theirs alone when the worker died after the requester had it', async () => {
    expect(await send(mail({ ...both, deliveredTo: ['ann@customer.test'] }))).toMatchObject({
      kind: 'sent',
    });
    expect(received.map(({ to }) => to)).toEqual([['boss@customer.test']]);
  });

  it('of a forward to several: one who is refused is named, the others get it', async () => {
    refusals = { 'b@vendor.test': 550 };
    const result = await send(mail({ kind: 'forward', to: ['a@vendor.test', 'b@vendor.test'] }));
    expect(result).toMatchObject({ kind: 'sent', code: 'recipientRefused' });
    expect(received.map(({ to }) => to)).toEqual([['a@vendor.test']]);
  });
});

describe('a mail that the server does not take', () => {
  it.each([
    [550, { kind: 'permanent', code: 'smtp550' }],
    [552, { kind: 'permanent', code: 'smtp552' }],
    [451, { kind: 'temporary', code: 'smtp451' }],
    [421, { kind: 'temporary', code: 'smtp421' }],
  ])('after its data, with %d', async (code, expected) => {
    dataReply = code;
    expect(await send(mail())).toMatchObject(expected);
  });

  it.each([530, 535])('since it asks for a login (%d) can leave later', async (code) => {
    refusals = { mail: code };
    expect(await send(mail())).toMatchObject({ kind: 'temporary' });
  });

  it.each<[string, string[]]>([
    ['at once', []],
    ['after the greeting', ['220 hi']],
    [
      'in the middle of the data',
      ['220 hi', '250 hello', '250 from', '250 to', '354 go on', '421 gone'],
    ],
  ])('since it hangs up %s, can leave later', async (_when, lines) => {
    const where = await scripted(lines, (socket) => socket.destroy());
    expect(await send(mail({}, where))).toMatchObject({ kind: 'temporary' });
  });

  it('since nobody listens, or its name is unknown, can leave later', async () => {
    const nobody = mail({ channelSettings: { smtp: { host: '127.0.0.1', port: 1 } } });
    expect(await send(nobody)).toMatchObject({ kind: 'temporary' });
    const unknown = mail({ channelSettings: { smtp: { host: 'nowhere.invalid', port: 25 } } });
    expect(await send(unknown)).toMatchObject({ kind: 'temporary' });
  });
});

describe('a mail with a file', () => {
  const file = { name: 'x', contentType: 'text/plain', contentId: null, inline: false };

  it('that is gone is given up, instead of being tried for ever', async () => {
    const attachments = [{ ...file, storeKey: '0'.repeat(64) }];
    expect(await send(mail({ attachments }))).toMatchObject({
      kind: 'permanent',
      code: 'attachmentMissing',
    });
  });

  it('that no server took leaves no file open', async () => {
    const { key } = await store.put(Buffer.alloc(2_000_000, 'x'));
    const attachments = [{ ...file, storeKey: key }];
    const before = readdirSync('/proc/self/fd').length;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await send(mail({ attachments, channelSettings: { smtp: { host: '127.0.0.1', port: 1 } } }));
    }
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 10);
  });
});

describe('without a mail server', () => {
  it('a mail is written to the outbox, once however often it is sent', async () => {
    const there = mail({ channelSettings: {} });
    await send(there);
    expect(await send(there)).toMatchObject({ kind: 'sent' });
    expect(readdirSync(deps.outboxFolder)).toEqual(['message-1.eml']);
    expect(readFileSync(join(deps.outboxFolder, 'message-1.eml'), 'utf8')).toContain('Our answer');
  });
});
