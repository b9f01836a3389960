// Tries the servers of a mailbox as reading and sending use them: connects, encrypts, signs in, opens the folder. Nothing is read, sent
// or stored. Whoever may change mailboxes names the host, so by default none of the operator's own network is asked.
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { ImapFlow } from 'imapflow';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { ImapSettings, SmtpSettings } from '#db/channels.ts';
import type { ServerFault, TriedServer, TriedServers } from '#domain/mail-servers.ts';
import { addressOf, PrivateAddress } from '../public-network.ts';

/** Both servers are tried at once, and each within this time. */
const LIMIT_MS = 12_000;
const MAX_WORDS = 500;

/** What trying needs of the world. */
export interface TryDeps {
  /** Whether addresses of private networks and of this machine may be asked. */
  allowPrivate: boolean;
  /** How long one server may take; twelve seconds when left out. */
  limitMs?: number;
  /** A certificate that is trusted like those of the system; none when left out. */
  ca?: string;
}

/** Tries what there is of both. Never throws for what a server or a network says. */
export async function tryServers(
  deps: TryDeps,
  { imap, smtp }: { imap?: ImapSettings | undefined; smtp?: SmtpSettings | undefined },
): Promise<TriedServers> {
  const [triedImap, triedSmtp] = await Promise.all([
    imap === undefined ? null : attempt(deps, imap, (found) => signInByImap(deps, imap, found)),
    smtp === undefined ? null : attempt(deps, smtp, (found) => signInBySmtp(deps, smtp, found)),
  ]);
  return { imap: triedImap, smtp: triedSmtp };
}

/** What is found out on the way, so that a try which fails says how far it came. */
interface Found {
  address: string | null;
  tls: TriedServer['tls'];
  /** Ends the connection, whatever it is doing. */
  close: () => void;
}

async function attempt(
  { allowPrivate, limitMs = LIMIT_MS }: TryDeps,
  { host, password }: ImapSettings | SmtpSettings,
  signIn: (found: Found & { address: string }) => Promise<string>,
): Promise<TriedServer> {
  const beganMs = performance.now();
  const found: Found = { address: null, tls: null, close: () => undefined };
  const ended = (fault: ServerFault | null, words: string): TriedServer => ({
    ...{ ok: fault === null, fault, text: withoutPassword(words, password) },
    ...{ address: found.address, tls: found.tls, tookMs: Math.round(performance.now() - beganMs) },
  });
  try {
    const words = await within(limitMs, async () => {
      const address = await addressOf(host, allowPrivate);
      return await signIn(Object.assign(found, { address }));
    });
    return ended(null, words);
  } catch (error) {
    if (error instanceof PrivateAddress)
      return ended('privateAddress', `${error.message}; HOLDFAST_MAIL_PRIVATE=1 allows it.`);
    return ended(faultOf(error), wordsOf(error));
  } finally {
    found.close();
  }
}

class TimedOut extends Error {}

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new TimedOut(`No answer within ${limitMs / 1000} s.`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function signInByImap(
  { ca }: TryDeps,
  { host, port, secure, user, password, folder = 'INBOX' }: ImapSettings,
  found: Found & { address: string },
): Promise<string> {
  const client = new ImapFlow({
    // The address that was judged, under the name that its certificate must be for.
    ...{ host: found.address, ...named(host), port, secure: secure ?? port === 993 },
    ...{ auth: { user, pass: password }, logger: false, tls: trusting(ca) },
  });
  client.on('error', () => undefined);
  found.close = () => client.close();
  await client.connect();
  const { tls } = client;
  if (client.secureConnection && tls !== undefined && tls !== false)
    found.tls = { protocol: tls.version, cipher: tls.standardName ?? tls.name };
  try {
    const { exists } = await client.mailboxOpen(folder, { readOnly: true });
    return `${folder}: ${exists} messages`;
  } catch (error) {
    throw new FolderRefused(wordsOf(error));
  }
}

class FolderRefused extends Error {}

async function signInBySmtp(
  { ca }: TryDeps,
  { host, port, secure, user, password = '' }: SmtpSettings,
  found: Found & { address: string },
): Promise<string> {
  const connection = new SMTPConnection({
    ...{ host: found.address, ...named(host), port, secure: secure ?? port === 465 },
    ...{ connectionTimeout: LIMIT_MS, greetingTimeout: LIMIT_MS, socketTimeout: LIMIT_MS },
    tls: trusting(ca),
  });
  found.close = () => connection.close();
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    connection.once('end', () => reject(new Error('The server closed the connection.')));
    connection.connect((error) => (error === undefined ? resolve() : reject(error)));
  });
  connection.on('error', () => undefined);
  if (connection.secure) {
    const socket = connection._socket as TLSSocket;
    const { standardName } = socket.getCipher();
    found.tls = { protocol: socket.getProtocol() ?? '', cipher: standardName };
  }
  if (user !== undefined) {
    await new Promise<void>((resolve, reject) => {
      connection.login({ user, pass: password }, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }
  return String(connection.lastServerResponse || '');
}

/** A literal address is no name to ask for, and its certificate must be for the address. */
const named = (host: string): { servername?: string } =>
  isIP(host) === 0 ? { servername: host } : {};
const trusting = (ca: string | undefined): { ca?: string[] } =>
  ca === undefined ? {} : { ca: [...rootCertificates, ca] };

interface NetworkError extends Error {
  code?: string;
  /** Of IMAP: the server's own words. */
  responseText?: string;
  authenticationFailed?: boolean;
}

function wordsOf(error: unknown): string {
  const { responseText, message } = error as NetworkError;
  return responseText ?? message ?? String(error);
}

function faultOf(error: unknown): ServerFault {
  if (error instanceof TimedOut) return 'timedOut';
  if (error instanceof FolderRefused) return 'folder';
  const { code = '', authenticationFailed, message } = error as NetworkError;
  if (authenticationFailed === true || code === 'EAUTH') return 'signIn';
  if (/^(ENOTFOUND|EAI_|EDNS|ENODATA)/.test(code)) return 'unknownHost';
  if (/^(ETIMEDOUT|CONNECT_TIMEOUT|GREETING_TIMEOUT|UPGRADE_TIMEOUT)/.test(code)) return 'timedOut';
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code) || /certificate|SSL|TLS/.test(message))
    return 'insecure';
  return /^(ECONN|EHOST|ENET|ESOCKET|EPIPE)/.test(code) ? 'unreachable' : 'refused';
}

/** Servers may repeat what they were told. */
function withoutPassword(words: string, password: string | undefined): string {
  const clean =
    password === undefined || password === '' ? words : words.replaceAll(password, '********');
  return clean.slice(0, MAX_WORDS).toWellFormed();
}
