// Reads one IMAP mailbox by UID: the backlog one by one, then IDLE with polling as the fallback. The cursor moves after the commit,
// mail is never deleted or marked, and what cannot be read is quarantined so that fetching goes on.
import { ImapFlow } from 'imapflow';
import {
  findChannel,
  findMailboxCursor,
  updateChannelHealth,
  upsertMailboxCursor,
} from '#db/channels.ts';
import type { ChannelRow, ImapSettings } from '#db/channels.ts';
import { insertIdleMail } from '#db/intake.ts';
import { ingestMail } from './ingest.ts';
import type { IngestDeps } from './ingest.ts';
import { parseMail } from './parse.ts';
import { syntheticId } from './read-mail.ts';

/** Larger mails are set aside with their beginning: they would be held in memory several times. */
const MAX_BYTES = 50 * 1024 * 1024;
const KEPT_BYTES = 256 * 1024;
const BEAT_MS = 5_000;

/** What reading works with. */
export interface MailboxDeps {
  ingest: IngestDeps;
  clock: () => number;
  pollMs: number;
  signal: AbortSignal;
  heartbeat: (details: { mailbox: string; lastUid?: number }) => void;
  /** The largest mail that is taken in; 50 MB when left out. */
  maxBytes?: number;
}

/** Reads until aborted or until the channel is switched off or changed; throws when the server cannot be reached. */
export async function readMailbox(deps: MailboxDeps, channelId: string): Promise<'off' | 'moved'> {
  const channel = await findChannel(deps.ingest.sql, channelId);
  const settings = channel?.settings.imap;
  if (channel === undefined || !channel.enabled || settings === undefined) return 'off';
  const client = newClient(settings);
  const end = (): void => client.close();
  deps.signal.addEventListener('abort', end, { once: true });
  try {
    await client.connect();
    await updateChannelHealth(deps.ingest.sql, channelId, {
      ok: true,
      at: isoNow(deps),
      text: 'connected',
    });
    return await follow(deps, client, channel, settings);
  } catch (error) {
    if (deps.signal.aborted) return 'moved';
    const { responseText, message } = error as { responseText?: string; message?: string };
    const text = (responseText ?? message ?? String(error)).slice(0, 500);
    await updateChannelHealth(deps.ingest.sql, channelId, { ok: false, at: isoNow(deps), text });
    throw error;
  } finally {
    deps.signal.removeEventListener('abort', end);
    client.close();
  }
}

function isoNow(deps: MailboxDeps): string {
  return new Date(deps.clock()).toISOString();
}

function newClient(settings: ImapSettings): ImapFlow {
  const client = new ImapFlow({
    host: settings.host,
    port: settings.port,
    secure: settings.secure ?? settings.port === 993,
    auth: { user: settings.user, pass: settings.password },
    logger: false,
  });
  // Connection errors also reject what is under way; without a listener they would end the process.
  client.on('error', () => undefined);
  return client;
}

async function follow(
  deps: MailboxDeps,
  client: ImapFlow,
  channel: ChannelRow,
  settings: ImapSettings,
): Promise<'off' | 'moved'> {
  const folder = settings.folder ?? 'INBOX';
  await client.mailboxOpen(folder, { readOnly: true });
  // Numbers mean something in one account's folder only: many servers give every inbox the same validity.
  const mailbox = `${settings.user}@${settings.host}/${folder}`;
  // What the server announces while older mail is being taken in counts as well.
  let announced = false;
  let wake = (): void => undefined;
  const announce = (): void => {
    announced = true;
    wake();
  };
  client.on('exists', announce);
  client.on('close', announce);
  deps.signal.addEventListener('abort', announce, { once: true });
  const beat = setInterval(() => deps.heartbeat({ mailbox }), BEAT_MS);
  try {
    for (;;) {
      announced = false;
      await readNew(deps, client, channel.id, mailbox);
      if (deps.signal.aborted) return 'moved';
      const present = await findChannel(deps.ingest.sql, channel.id);
      if (present?.enabled !== true || present.settings.imap === undefined) return 'off';
      if (present.version !== channel.version) return 'moved';
      // IDLE has no answer until it ends, which the next command brings about.
      void client.idle().catch(() => undefined);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deps.pollMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (announced) wake();
      });
      if (deps.signal.aborted) return 'moved';
      await client.noop();
    }
  } finally {
    clearInterval(beat);
    deps.signal.removeEventListener('abort', announce);
  }
}

/** Takes everything beyond the cursor in, one by one. */
async function readNew(
  deps: MailboxDeps,
  client: ImapFlow,
  channelId: string,
  mailbox: string,
): Promise<void> {
  const { sql } = deps.ingest;
  if (client.mailbox === false) throw new Error('The mailbox was closed by the server.');
  const uidValidity = Number(client.mailbox.uidValidity);
  const cursor = await findMailboxCursor(sql, channelId, mailbox);
  // A new validity means new numbers: start over, the Message-IDs keep what was read from becoming new mail.
  const lastUid = cursor?.uidValidity === uidValidity ? cursor.lastUid : 0;
  const found = await client.search({ uid: `${lastUid + 1}:*` }, { uid: true });
  const uids = (Array.isArray(found) ? found : [])
    .filter((uid) => uid > lastUid)
    .toSorted((a, b) => a - b);
  for (const uid of uids) {
    if (deps.signal.aborted) return;
    await takeIn(deps, client, channelId, `${mailbox};${uidValidity};${uid}`, uid);
    await upsertMailboxCursor(sql, { channelId, folder: mailbox, uidValidity, lastUid: uid });
    deps.heartbeat({ mailbox, lastUid: uid });
  }
}

/** Takes one mail in; one that is too large or that the server does not hand out is set aside, so that the others go on. */
async function takeIn(
  deps: MailboxDeps,
  client: ImapFlow,
  channelId: string,
  place: string,
  uid: number,
): Promise<void> {
  const maxBytes = deps.maxBytes ?? MAX_BYTES;
  const limit = { start: 0, maxLength: maxBytes + 1 };
  const receivedAt = new Date(deps.clock());
  try {
    const mail = await client.fetchOne(String(uid), { source: limit, size: true }, { uid: true });
    if (mail === false || mail.source === undefined) {
      const still = await client.search({ uid: String(uid) }, { uid: true });
      if (!Array.isArray(still) || !still.includes(uid)) return;
      throw new NotHandedOut('the server lists the mail and does not hand it out');
    }
    const { source } = mail;
    if (source.byteLength <= maxBytes) {
      await ingestMail(deps.ingest, { channelId, source, envelope: null, receivedAt });
      return;
    }
    const reason = `tooLarge: ${mail.size ?? source.byteLength} bytes, of which the beginning is kept`;
    const head = source.subarray(0, KEPT_BYTES);
    await setAside(deps, { channelId, place, source: head, reason, receivedAt });
  } catch (error) {
    // Refusing one mail leaves the connection as it is; everything else is for the next attempt.
    const { responseStatus, responseText, message } = error as ImapError;
    const refused = responseStatus === 'NO' || error instanceof NotHandedOut;
    if (!refused || !client.usable) throw error;
    const reason = `unreadable: ${(responseText ?? message ?? '').slice(0, 400)}`;
    await setAside(deps, { channelId, place, source: Buffer.alloc(0), reason, receivedAt });
  }
}

class NotHandedOut extends Error {}

interface ImapError {
  responseStatus?: string;
  responseText?: string;
  message?: string;
}

/** Quarantines what there is of a mail, with why. */
async function setAside(
  deps: MailboxDeps,
  mail: { channelId: string; place: string; source: Buffer; reason: string; receivedAt: Date },
): Promise<void> {
  const { place, ...rest } = mail;
  const parsed = await parseMail(mail.source, null).catch(() => null);
  await insertIdleMail(deps.ingest.sql, {
    ...rest,
    dedupeKey: parsed?.facts.messageId ?? syntheticId(Buffer.from(place)),
    externalId: parsed?.facts.messageId ?? null,
    outcome: 'quarantined',
    sender: parsed?.facts.from ?? null,
    retry: false,
  });
}
