// An IMAP server of a few lines that refuses in the ways servers do, which no server for tests can be told to.
import { createServer } from 'node:net';
import type { Socket } from 'node:net';

/** A mail in it; a server may know a mail and not hand out its body. */
export interface StoredMail {
  uid: number;
  source: string;
  internalDate: Date;
}

/** What the server answers instead: the words of a tagged NO, or null to serve. */
export type Refuses = (command: {
  name: string;
  uids: number[];
  wantsBody: boolean;
}) => string | null;

/** A running server. */
export interface ImapServer {
  port: number;
  mails: StoredMail[];
  refuses: Refuses;
  close(): Promise<void>;
}

/** Starts one with an empty mailbox that refuses nothing. */
export async function startImapServer(): Promise<ImapServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    let pending = '';
    socket.on('data', (chunk: Buffer) => {
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        socket.write(answer(self, line), 'latin1');
      }
    });
  });
  const self: ImapServer = {
    port: 0,
    mails: [],
    refuses: () => null,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  self.port = typeof address === 'object' && address !== null ? address.port : 0;
  return self;
}

function answer(server: ImapServer, line: string): string {
  const [tag = '', ...rest] = line.split(' ');
  const text = rest.join(' ').toUpperCase();
  const name = text.replace(/^UID /, '').split(' ')[0] ?? '';
  const set = /^UID (?:FETCH|SEARCH(?: UID)?) ([\d:*,]+)/.exec(
    text.replace('SEARCH UID', 'SEARCH'),
  )?.[1];
  const chosen = server.mails.filter(({ uid }) => isIn(uid, set ?? '1:*'));
  const wantsBody = text.includes('BODY');
  const no = server.refuses({ name, uids: chosen.map(({ uid }) => uid), wantsBody });
  if (no !== null) return `${tag} NO ${no}\r\n`;
  const done = `${tag} OK done\r\n`;
  switch (name) {
    case 'CAPABILITY':
      return `* CAPABILITY IMAP4rev1\r\n${done}`;
    case 'LIST':
      return `* LIST () "/" INBOX\r\n${done}`;
    case 'SELECT':
    case 'EXAMINE': {
      const next = Math.max(0, ...server.mails.map(({ uid }) => uid)) + 1;
      const counts = `* ${server.mails.length} EXISTS\r\n* 0 RECENT\r\n* FLAGS ()\r\n`;
      return `${counts}* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT ${next}] x\r\n${tag} OK [READ-ONLY] done\r\n`;
    }
    case 'SEARCH':
      return `* SEARCH ${chosen.map(({ uid }) => uid).join(' ')}\r\n${done}`;
    case 'FETCH':
      return `${chosen.map((mail) => fetched(server, mail, wantsBody)).join('')}${done}`;
    default:
      return done;
  }
}

function isIn(uid: number, set: string): boolean {
  return set.split(',').some((part) => {
    const [from = '', to = from] = part.split(':');
    return uid >= Number(from) && (to === '*' || uid <= Number(to));
  });
}

function fetched(server: ImapServer, mail: StoredMail, wantsBody: boolean): string {
  const bytes = Buffer.from(mail.source).toString('latin1');
  const [day = '', month = '', year = '', time = ''] = mail.internalDate
    .toUTCString()
    .split(' ')
    .slice(1);
  const date = `"${day}-${month}-${year} ${time} +0000"`;
  const envelope =
    '(NIL "Known" (("Ann" NIL "ann" "customer.test")) NIL NIL NIL NIL NIL NIL "<known@customer.test>")';
  const known = `UID ${mail.uid} RFC822.SIZE ${bytes.length} INTERNALDATE ${date}`;
  const what = wantsBody ? `BODY[]<0> {${bytes.length}}\r\n${bytes}` : `ENVELOPE ${envelope}`;
  return `* ${server.mails.indexOf(mail) + 1} FETCH (${known} ${what})\r\n`;
}
