// Reads one IMAP mailbox by UID: the backlog one by one, then IDLE with polling as the fallback. The cursor moves after the commit,
// mail is never deleted or marked, and what cannot be read is quarantined so that fetching goes on.
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import type { FetchMessageObject } from 'imapflow';
import {
  findChannel,
  findMailboxCursor,
  updateChannelHealth,
  upsertMailboxCursor,
} from '#db/channels.ts';
import type { ChannelRow, ImapSettings } from '#db/channels.ts';
import { insertIdleMail } from '#db/intake.ts';
import type { StoredMail } from '#db/intake.ts';
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
  /** Pauses between the attempts at a mail that the server refuses; some seconds when left out. */
  refusalPausesMs?: readonly number[];
}

const REFUSAL_PAUSES_MS = [1_000, 3_000, 10_000];
/** How many other mails are asked for to learn whether the server refuses this one or all of them. */
const OTHERS_ASKED = 3;

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
  const uids = (await searchUids(client, `${lastUid + 1}:*`)).filter((uid) => uid > lastUid);
  for (const uid of uids) {
    if (deps.signal.aborted) return;
    await takeIn(deps, client, channelId, `${mailbox};${uidValidity};${uid}`, uid);
    await upsertMailboxCursor(sql, { channelId, folder: mailbox, uidValidity, lastUid: uid });
    deps.heartbeat({ mailbox, lastUid: uid });
  }
}

/** The numbers of the mails that are there, ascending. A refused search says nothing about them, so it throws. */
async function searchUids(client: ImapFlow, uid: string): Promise<number[]> {
  const found = await client.search({ uid }, { uid: true });
  if (!Array.isArray(found))
    throw new Error('The mail server refused to say which mails are there.');
  return found.toSorted((a, b) => a - b);
}

/** Takes one mail in; one that is too large or that the server does not hand out is set aside, so that the others go on. */
async function takeIn(
  deps: MailboxDeps,
  client: ImapFlow,
  channelId: string,
  place: string,
  uid: number,
): Promise<void> {
  const handed = await askPatiently(deps, client, uid);
  if (handed.kind === 'gone') return;
  if (handed.kind === 'refused') {
    const { envelope, internalDate } = handed.seen ?? {};
    await setAside(deps, {
      ...{ channelId, place, source: Buffer.alloc(0), receivedAt: dateOf(deps, internalDate) },
      reason: `unreadable: ${handed.words}`.slice(0, 400).toWellFormed(),
      externalId: storableText(envelope?.messageId),
      sender: storableText(envelope?.from?.[0]?.address)?.toLowerCase() ?? null,
    });
    return;
  }
  const { source, size, internalDate } = handed;
  const receivedAt = dateOf(deps, internalDate);
  if (source.byteLength <= (deps.maxBytes ?? MAX_BYTES)) {
    await ingestMail(deps.ingest, { channelId, source, envelope: null, receivedAt });
    return;
  }
  const head = source.subarray(0, KEPT_BYTES);
  const facts = (await parseMail(head, null).catch(() => null))?.facts;
  await setAside(deps, {
    ...{ channelId, place, source: head, receivedAt },
    reason: `tooLarge: ${size ?? source.byteLength} bytes, of which the beginning is kept`,
    externalId: facts?.messageId ?? null,
    sender: facts?.from ?? null,
  });
}

/** When the mail server got it: limits and deadlines count from then, not from when we came to fetch it. */
function dateOf(deps: MailboxDeps, internalDate: Date | string | undefined): Date {
  const nowMs = deps.clock();
  const ms = internalDate === undefined ? Number.NaN : new Date(internalDate).getTime();
  return new Date(Number.isNaN(ms) || ms <= 0 ? nowMs : Math.min(ms, nowMs));
}

function storableText(text: string | undefined): string | null {
  return (text ?? '').replaceAll('\0', '').slice(0, 998).toWellFormed() || null;
}

type Handed =
  | { kind: 'mail'; source: Buffer; size?: number; internalDate?: Date | string }
  | { kind: 'gone' }
  | { kind: 'refused'; words: string; seen: FetchMessageObject | null };

/**
 * Asks for a mail, several times when the server refuses. It counts as refused for itself only when the server hands out something
 * else meanwhile; a server that refuses everything (a quota, a lock, a restart) is asked again later, and the mail is not passed by.
 */
async function askPatiently(deps: MailboxDeps, client: ImapFlow, uid: number): Promise<Handed> {
  const pausesMs = deps.refusalPausesMs ?? REFUSAL_PAUSES_MS;
  const maxLength = (deps.maxBytes ?? MAX_BYTES) + 1;
  for (const pauseMs of pausesMs) {
    try {
      return await ask(client, uid, maxLength);
    } catch (error) {
      if (!isRefusal(error) || !client.usable) throw error;
      await pause(pauseMs, undefined, { signal: deps.signal });
    }
  }
  try {
    return await ask(client, uid, maxLength);
  } catch (error) {
    if (!isRefusal(error) || !client.usable) throw error;
    const seen = await handsOutOtherwise(client, uid, isTemporary(error));
    if (seen === false) throw error;
    return { kind: 'refused', words: error.responseText ?? error.message, seen };
  }
}

async function ask(client: ImapFlow, uid: number, maxLength: number): Promise<Handed> {
  const query = { source: { start: 0, maxLength }, size: true, internalDate: true };
  const mail = await client.fetchOne(String(uid), query, { uid: true });
  if (mail !== false && mail.source !== undefined) {
    const { source, size, internalDate } = mail;
    return {
      ...{ kind: 'mail', source },
      ...(size === undefined ? {} : { size }),
      ...(internalDate === undefined ? {} : { internalDate }),
    };
  }
  if (!(await searchUids(client, String(uid))).includes(uid)) return { kind: 'gone' };
  throw new NotHandedOut('the server lists the mail and does not hand it out');
}

/**
 * What the server says of the mail although it keeps its body; null when it hands out another one's; false when nothing at all. A
 * refusal for the time being (a quota of bytes) may leave envelopes out, so then only another mail's body shows that it is this one's.
 */
async function handsOutOtherwise(
  client: ImapFlow,
  uid: number,
  temporary: boolean,
): Promise<FetchMessageObject | null | false> {
  const query = { envelope: true, size: true, internalDate: true };
  const seen = await refusedAsFalse(client.fetchOne(String(uid), query, { uid: true }));
  const known = seen !== false && seen.envelope !== undefined ? seen : null;
  if (known !== null && !temporary) return known;
  const others = (await searchUids(client, '1:*'))
    .filter((other) => other !== uid)
    .toSorted((a, b) => Math.abs(a - uid) - Math.abs(b - uid));
  for (const other of others.slice(0, OTHERS_ASKED)) {
    const beginning = { source: { start: 0, maxLength: 1_000 } };
    const mail = await refusedAsFalse(client.fetchOne(String(other), beginning, { uid: true }));
    if (mail !== false && mail.source !== undefined) return known;
  }
  return false;
}

async function refusedAsFalse(
  asked: Promise<FetchMessageObject | false>,
): Promise<FetchMessageObject | false> {
  try {
    return await asked;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

class NotHandedOut extends Error {}

interface ImapError extends Error {
  responseStatus?: string;
  /** The whole answer as the library parsed it. */
  response?: unknown;
  responseText?: string;
}

/** The server said no to one command, and the connection is as it was. */
function isRefusal(error: unknown): error is ImapError {
  if (error instanceof NotHandedOut) return true;
  return error instanceof Error && (error as ImapError).responseStatus === 'NO';
}

/** Codes by which a server says that it may answer later. */
function isTemporary({ response }: ImapError): boolean {
  // The library looks the code up for some commands; for a fetch it leaves that to its caller.
  const { attributes } = (response ?? {}) as {
    attributes?: { section?: { value?: unknown }[] }[];
  };
  const code = attributes?.[0]?.section?.[0]?.value;
  return /^(UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|THROTTLED)$/i.test(String(code));
}

/** Quarantines what there is of a mail, with why. */
async function setAside(
  deps: MailboxDeps,
  mail: Pick<StoredMail, 'channelId' | 'reason' | 'receivedAt' | 'externalId' | 'sender'> & {
    place: string;
    source: Buffer;
  },
): Promise<void> {
  const { place, ...rest } = mail;
  // Without its words a mail is known by its place: its id must not stand in the way of the mail itself, should it come later.
  const id = mail.source.byteLength === 0 ? null : mail.externalId;
  await insertIdleMail(deps.ingest.sql, {
    ...rest,
    dedupeKey: id ?? syntheticId(Buffer.from(place)),
    outcome: 'quarantined',
    retry: false,
  });
}
