// Takes one mail in: a single transaction from "never seen" to "stored, threaded and owed to its ticket's workflow".
// Whatever cannot be understood is quarantined with its source; only a database that does not answer is the sender's problem.
import {
  claimInboundForRetry,
  countFromSender,
  findInboundByKey,
  findInboundSource,
  findLandingTicket,
  findOwnMessage,
  insertAttachment,
  insertInbound,
  insertInboundMessage,
  insertNewTicket,
  listThreadCandidates,
  takesPart,
  updateInboundOutcome,
  upsertContactByEmail,
} from '#db/inbound.ts';
import { listChannels } from '#db/channels.ts';
import type { ChannelRow } from '#db/channels.ts';
import { findSettings } from '#db/desk-rules.ts';
import { insertTicketSignal } from '#db/relay.ts';
import type { Sql, SqlPool } from '#db/sql.ts';
import type { DeskSettings } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ThreadCandidate } from '#domain/mail.ts';
import {
  bounceOf,
  isAutomatic,
  referencedIds,
  subjectToken,
  threadByReferences,
} from '#domain/mail.ts';
import type { AttachmentStore } from '../attachments.ts';
import { parseMail, syntheticId } from './parse.ts';
import type { ParsedMail } from './parse.ts';
import { ticketOfReplyAddress } from './reply-address.ts';

/** What ingest works with. */
export interface IngestDeps {
  sql: SqlPool;
  attachments: AttachmentStore;
  replySecret: string;
}

/** A mail as it came in. */
export interface IncomingMail {
  channelId: string;
  source: Uint8Array;
  envelope: { from: string; to: string[] } | null;
  receivedAt: Date;
}

/** What became of it; every mail has exactly one of these. */
export interface IngestResult {
  inboundId: string;
  outcome: 'ticket' | 'reply' | 'ignored' | 'quarantined';
  reason: string | null;
  ticketId: number | null;
  messageId: string | null;
  duplicate: boolean;
}

type Verdict = Omit<IngestResult, 'inboundId' | 'duplicate'>;
type StoredFile = { key: string; sha256: string; sizeBytes: number };

/** Takes a mail in, once however often it is delivered. Throws only when the database cannot be reached. */
export async function ingestMail(deps: IngestDeps, mail: IncomingMail): Promise<IngestResult> {
  let parsed: ParsedMail | null = null;
  try {
    parsed = await parseMail(mail.source, mail.envelope?.from ?? null);
    const files = await storeFiles(deps, parsed);
    return await takeIn(deps, mail, parsed, files);
  } catch (error) {
    if (isDatabaseGone(error)) throw error;
    const reason = `unreadable: ${error instanceof Error ? error.message : String(error)}`;
    return await quarantine(deps, mail, parsed, reason.slice(0, 500));
  }
}

/** Takes a quarantined or ignored mail in after all, as a ticket or reply; throws notRetryable when it became something. */
export async function retryInbound(deps: IngestDeps, inboundId: string): Promise<Verdict> {
  const stored = await findInboundSource(deps.sql, inboundId);
  if (stored === undefined) throw new HoldfastError('notFound', 'There is no such message.');
  const parsed = await parseMail(stored.source, null);
  const files = await storeFiles(deps, parsed);
  return await deps.sql.begin(async (tx) => {
    if (!(await claimInboundForRetry(tx, inboundId))) {
      throw new HoldfastError(
        'notRetryable',
        'Only a quarantined or ignored message can be retried.',
      );
    }
    const mail = {
      channelId: stored.channelId,
      source: stored.source,
      envelope: null,
      receivedAt: stored.receivedAt,
    };
    const verdict = await place(tx, deps, mail, parsed, files, true);
    await updateInboundOutcome(tx, inboundId, verdict);
    return verdict;
  });
}

async function storeFiles(deps: IngestDeps, parsed: ParsedMail): Promise<StoredFile[]> {
  return await Promise.all(parsed.attachments.map(({ content }) => deps.attachments.put(content)));
}

async function takeIn(
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail,
  files: readonly StoredFile[],
): Promise<IngestResult> {
  const done = await deps.sql.begin(async (tx) => {
    const inboundId = await insertInbound(tx, {
      channelId: mail.channelId,
      dedupeKey: parsed.dedupeKey,
      externalId: parsed.facts.messageId,
      outcome: 'ignored',
      reason: null,
      sender: parsed.facts.from,
      source: mail.source,
      receivedAt: mail.receivedAt,
    });
    if (inboundId === undefined) return null;
    const verdict = await place(tx, deps, mail, parsed, files, false);
    await updateInboundOutcome(tx, inboundId, verdict);
    return { inboundId, ...verdict, duplicate: false };
  });
  return done ?? (await seenBefore(deps, mail.channelId, parsed.dedupeKey));
}

async function seenBefore(
  deps: IngestDeps,
  channelId: string,
  dedupeKey: string,
): Promise<IngestResult> {
  const seen = await findInboundByKey(deps.sql, channelId, dedupeKey);
  if (seen === undefined) throw new Error('A message vanished between two statements.');
  const { id, outcome, reason, ticketId, messageId } = seen;
  return { inboundId: id, outcome, reason, ticketId, messageId, duplicate: true };
}

async function quarantine(
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail | null,
  reason: string,
): Promise<IngestResult> {
  const dedupeKey = parsed?.dedupeKey ?? syntheticId(mail.source);
  const inboundId = await insertInbound(deps.sql, {
    channelId: mail.channelId,
    dedupeKey,
    externalId: parsed?.facts.messageId ?? null,
    outcome: 'quarantined',
    reason,
    sender: parsed?.facts.from ?? null,
    source: mail.source,
    receivedAt: mail.receivedAt,
  });
  if (inboundId === undefined) return await seenBefore(deps, mail.channelId, dedupeKey);
  return {
    inboundId,
    outcome: 'quarantined',
    reason,
    ticketId: null,
    messageId: null,
    duplicate: false,
  };
}

/** Decides where the mail goes and writes it there. `insist`: a person asked for it, so limits and ignoring do not count. */
async function place(
  tx: Sql,
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail,
  files: readonly StoredFile[],
  insist: boolean,
): Promise<Verdict> {
  const { facts } = parsed;
  const nothing = { ticketId: null, messageId: null };
  // Sent at once on the transaction's connection: four questions, one round trip.
  const [settings, own, sent, candidates] = await Promise.all([
    findSettings(tx),
    listChannels(tx),
    countFromSender(tx, facts.from ?? ''),
    listThreadCandidates(tx, mail.channelId, referencedIds(facts), facts.from),
  ]);
  const automatic = isAutomatic(facts);
  const refusal = insist ? null : refusalOf(facts.from, automatic, settings, own, sent);
  if (refusal !== null) return { ...refusal, ...nothing };
  const bounce = bounceOf(facts);
  const returned =
    bounce?.originalMessageId === null || bounce === null
      ? undefined
      : await findOwnMessage(tx, bounce.originalMessageId);
  const threaded = returned?.ticketId ?? (await findThread(tx, deps, mail, parsed, candidates));
  const landing = threaded === null ? undefined : await findLandingTicket(tx, threaded);
  if (landing === undefined && automatic && !insist) {
    return { outcome: 'ignored', reason: 'automaticUnthreaded', ...nothing };
  }
  const windowMs = settings.reopenWindowDays * 86_400_000;
  const over =
    landing?.closedAt !== undefined &&
    landing.closedAt !== null &&
    landing.closedAt.getTime() + windowMs < mail.receivedAt.getTime();
  const contact = await upsertContactByEmail(
    tx,
    facts.from ?? 'unknown@holdfast.invalid',
    parsed.fromName,
  );
  const joins = landing !== undefined && (!over || automatic);
  const ticketId = joins
    ? landing.id
    : await insertNewTicket(tx, {
        subject: facts.subject.trim() === '' ? '(no subject)' : facts.subject,
        requesterId: contact.id,
        companyId: contact.companyId,
        channel: 'email',
        channelId: mail.channelId,
        followUpOfId: landing?.id ?? null,
        createdAt: mail.receivedAt,
      });
  const messageId = await writeMessage(tx, mail, parsed, files, {
    ticketId,
    contactId: contact.id,
    automatic,
  });
  if (!joins) return { outcome: 'ticket', reason: over ? 'followUp' : null, ticketId, messageId };
  await insertTicketSignal(tx, ticketId, {
    type: 'receiveMessage',
    messageId,
    atMs: mail.receivedAt.getTime(),
    automatic,
    ...(returned === undefined
      ? {}
      : { bouncedMessageId: returned.id, bouncePermanent: bounce?.permanent ?? false }),
  });
  const reason = returned === undefined ? (automatic ? 'automatic' : null) : 'bounce';
  return { outcome: 'reply', reason, ticketId, messageId };
}

/** Why a mail goes no further: no sender, our own address, or one sender's limits; null when it may. */
function refusalOf(
  from: string | null,
  automatic: boolean,
  settings: DeskSettings,
  own: readonly ChannelRow[],
  sent: { lastHour: number; automaticLastDay: number },
): Pick<Verdict, 'outcome' | 'reason'> | null {
  if (from === null) return { outcome: 'quarantined', reason: 'noSender' };
  if (own.some(({ address }) => address === from))
    return { outcome: 'ignored', reason: 'ownAddress' };
  if (automatic && sent.automaticLastDay >= settings.automaticPerSenderPerDay) {
    return { outcome: 'ignored', reason: 'senderLimit' };
  }
  const tooMany = sent.lastHour > settings.messagesPerSenderPerHour;
  return tooMany ? { outcome: 'quarantined', reason: 'senderRate' } : null;
}

async function writeMessage(
  tx: Sql,
  mail: IncomingMail,
  parsed: ParsedMail,
  files: readonly StoredFile[],
  of: { ticketId: number; contactId: string; automatic: boolean },
): Promise<string> {
  const { facts } = parsed;
  const messageId = await insertInboundMessage(tx, {
    ...of,
    channelId: mail.channelId,
    subject: facts.subject,
    body: parsed.text,
    bodyHtml: parsed.html,
    quoted: parsed.quoted,
    from: facts.from,
    to: parsed.to,
    cc: parsed.cc,
    messageIdHeader: parsed.dedupeKey,
    inReplyTo: facts.inReplyTo,
    references: facts.references.slice(-50),
    createdAt: mail.receivedAt,
  });
  for (const [index, file] of files.entries()) {
    const part = parsed.attachments[index];
    if (part === undefined) continue;
    const { name, contentType, contentId, inline } = part;
    const { sha256, sizeBytes, key: storeKey } = file;
    await insertAttachment(tx, {
      messageId,
      name,
      contentType,
      contentId,
      inline,
      sha256,
      sizeBytes,
      storeKey,
    });
  }
  return messageId;
}

/** In-Reply-To, References, signed reply address, then the subject's token with a known participant. */
async function findThread(
  tx: Sql,
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail,
  candidates: readonly ThreadCandidate[],
): Promise<number | null> {
  const { facts } = parsed;
  const byReference = threadByReferences(facts, candidates);
  if (byReference !== null) return byReference;
  const recipients = [...(mail.envelope?.to ?? []), ...facts.recipients].map((one) =>
    one.toLowerCase(),
  );
  const byAddress = ticketOfReplyAddress(deps.replySecret, recipients);
  if (byAddress !== null) return byAddress;
  const token = subjectToken(facts.subject);
  if (token === null || facts.from === null) return null;
  return (await takesPart(tx, token, facts.from)) ? token : null;
}

/** Connection faults of Postgres: the mail was not stored, and the sender must try again. */
function isDatabaseGone(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return false;
  return /^(CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|08|53|57P|40|CONNECTION_)/.test(code);
}
