// Reads one IMAP mailbox by UID: the backlog in pages, then IDLE with polling as the fallback. The cursor moves after the commit,
// mail is never deleted or marked, and what cannot be read is quarantined so that fetching goes on.
import { ImapFlow } from 'imapflow';
import {
  findChannel,
  findMailboxCursor,
  updateChannelHealth,
  upsertMailboxCursor,
} from '#db/channels.ts';
import type { ChannelRow, ImapSettings } from '#db/channels.ts';
import { ingestMail } from './ingest.ts';
import type { IngestDeps } from './ingest.ts';

const PAGE = 50;

/** What reading works with. */
export interface MailboxDeps {
  ingest: IngestDeps;
  clock: () => number;
  pollMs: number;
  signal: AbortSignal;
  heartbeat: (details: { lastUid: number }) => void;
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
    return await follow(deps, client, channel, settings.folder ?? 'INBOX');
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
  folder: string,
): Promise<'off' | 'moved'> {
  await client.mailboxOpen(folder, { readOnly: true });
  for (;;) {
    await readNew(deps, client, channel.id, folder);
    if (deps.signal.aborted) return 'moved';
    const present = await findChannel(deps.ingest.sql, channel.id);
    if (present?.enabled !== true || present.settings.imap === undefined) return 'off';
    if (present.version !== channel.version) return 'moved';
    await newMailOrTimeout(client, deps);
    await client.noop();
  }
}

/** Takes in everything beyond the cursor, page by page. */
async function readNew(
  deps: MailboxDeps,
  client: ImapFlow,
  channelId: string,
  folder: string,
): Promise<void> {
  const { sql } = deps.ingest;
  const mailbox = client.mailbox;
  if (mailbox === false) throw new Error('The mailbox was closed by the server.');
  const uidValidity = Number(mailbox.uidValidity);
  const cursor = await findMailboxCursor(sql, channelId, folder);
  // A new validity means new numbers: start over, the Message-IDs keep what was read from becoming new mail.
  let lastUid = cursor?.uidValidity === uidValidity ? cursor.lastUid : 0;
  const found = await client.search({ uid: `${lastUid + 1}:*` }, { uid: true });
  const uids = (Array.isArray(found) ? found : [])
    .filter((uid) => uid > lastUid)
    .toSorted((a, b) => a - b);
  for (let start = 0; start < uids.length; start += PAGE) {
    for (const uid of uids.slice(start, start + PAGE)) {
      if (deps.signal.aborted) return;
      const mail = await client.fetchOne(
        String(uid),
        { source: true, internalDate: true },
        { uid: true },
      );
      if (mail !== false && mail.source !== undefined) {
        await ingestMail(deps.ingest, {
          channelId,
          source: mail.source,
          envelope: null,
          receivedAt: new Date(deps.clock()),
        });
      }
      lastUid = uid;
      await upsertMailboxCursor(sql, { channelId, folder, uidValidity, lastUid });
      deps.heartbeat({ lastUid });
    }
  }
}

/** Waits for the server to announce mail (IDLE starts by itself), for the poll interval, or for the end. */
async function newMailOrTimeout(client: ImapFlow, deps: MailboxDeps): Promise<void> {
  const idling = client.idle().catch(() => undefined);
  await new Promise<void>((resolve) => {
    const beat = setInterval(() => deps.heartbeat({ lastUid: 0 }), 5_000);
    const done = (): void => {
      clearTimeout(timer);
      clearInterval(beat);
      client.off('exists', done);
      client.off('close', done);
      deps.signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, deps.pollMs);
    client.on('exists', done);
    client.on('close', done);
    deps.signal.addEventListener('abort', done, { once: true });
  });
  void idling;
}
