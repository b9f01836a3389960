// Takes one mail in: a single statement from "never seen" to "stored, threaded and owed to its ticket's workflow".
// Whatever cannot be understood is quarantined with its source; only a database that does not answer is the sender's problem.
import { findInboundByKey, findInboundSource, findLandingTicket, takesPart } from '#db/inbound.ts';
import {
  insertIdleMail,
  insertMailAsReply,
  insertMailAsTicket,
  readIntakeContext,
} from '#db/intake.ts';
import type { IntakeContext, IntakeMessage, StoredMail } from '#db/intake.ts';
import { ringRelay } from '#db/relay.ts';
import type { SqlPool } from '#db/sql.ts';
import type { DeskSettings } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import {
  automationOf,
  bounceOf,
  bounceText,
  isNoReply,
  missedRequester,
  referencedIds,
  subjectToken,
  threadByReferences,
} from '#domain/mail.ts';
import type { MailFacts } from '#domain/mail.ts';
import type { AttachmentStore } from '../attachments.ts';
import { parseMail } from './parse.ts';
import { syntheticId } from './read-mail.ts';
import type { ParsedMail } from './read-mail.ts';
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
    return await takeIn(deps, mail, parsed, false);
  } catch (error) {
    if (isDatabaseGone(error)) throw error;
    const reason = `unreadable: ${error instanceof Error ? error.message : String(error)}`;
    return await quarantine(deps, mail, parsed, reason.slice(0, 500).toWellFormed());
  }
}

/** Takes a quarantined or ignored mail in after all, as a ticket or reply; throws notRetryable when it became something or cannot. */
export async function retryInbound(deps: IngestDeps, inboundId: string): Promise<Verdict> {
  const stored = await findInboundSource(deps.sql, inboundId);
  if (stored === undefined) throw new HoldfastError('notFound', 'There is no such message.');
  const { channelId, source, receivedAt, dedupeKey } = stored;
  if (source.byteLength === 0) {
    throw new HoldfastError(
      'notRetryable',
      'There is nothing to take in: it was deleted with spam, or its mail server never handed it out. In the latter case open it in the mailbox and forward it to the desk.',
    );
  }
  const mail = { channelId, source, receivedAt, envelope: null };
  const result = await takeInAfterAll(deps, mail, dedupeKey);
  if (result.duplicate) {
    throw new HoldfastError(
      'notRetryable',
      'Only a quarantined or ignored message can be retried.',
    );
  }
  const { inboundId: _inboundId, duplicate: _duplicate, ...verdict } = result;
  return verdict;
}

async function takeInAfterAll(
  deps: IngestDeps,
  mail: IncomingMail,
  dedupeKey: string,
): Promise<IngestResult> {
  try {
    const parsed = await parseMail(mail.source, null);
    return await takeIn(deps, mail, { ...parsed, dedupeKey }, true);
  } catch (error) {
    if (isDatabaseGone(error) || error instanceof HoldfastError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new HoldfastError('notRetryable', `It still cannot be taken in: ${why}`);
  }
}

/** Decides where the mail goes and writes it there. `insist`: a person asked for it, so limits and ignoring do not count. */
async function takeIn(
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail,
  insist: boolean,
): Promise<IngestResult> {
  const { facts, dedupeKey } = parsed;
  const context = await contextOf(deps, mail, parsed);
  if (context.seen && !insist) return await seenBefore(deps, mail.channelId, dedupeKey);
  const author = authorOf(parsed, context);
  const automation = automationOf(facts);
  const refusal = insist ? null : refusalOf(automation === 'answer', context);
  if (refusal !== null) return await keepIdle(deps, mail, author, refusal);
  const threaded = context.returned?.ticketId ?? (await findThread(deps, mail, facts, context));
  const landing =
    threaded === null ? undefined : await findLandingTicket(deps.sql, threaded, dedupeKey);
  if (landing === undefined && automation === 'answer' && !insist) {
    return await keepIdle(deps, mail, author, ignored('automaticUnthreaded'));
  }
  // One mail to two addresses of ours that answers a ticket: both would put it there.
  if (landing?.holdsMail === true && !insist) {
    return await keepIdle(deps, mail, author, ignored('duplicateInTicket'));
  }
  const over = isOver(landing, context.settings, mail.receivedAt);
  const joins = landing !== undefined && (!over || automation === 'answer');
  const outcome = joins ? 'reply' : 'ticket';
  const followUp = over ? 'followUp' : null;
  const automatic = automation !== null;
  const reason = joins ? reasonToJoin(context.returned !== null, automatic) : followUp;
  const record = storedMail(mail, author, { outcome, reason }, insist);
  const message = intakeMessage(author, automatic, await storeFiles(deps, parsed));
  const stored = joins
    ? await insertMailAsReply(deps.sql, record, message, {
        ticketId: landing.id,
        ...bounced(facts, context.returned),
      })
    : await insertMailAsTicket(deps.sql, record, message, {
        subject: facts.subject.trim() === '' ? '(no subject)' : facts.subject,
        language: parsed.language,
        followUpOfId: landing?.id ?? null,
      });
  if (stored === undefined) return await seenBefore(deps, mail.channelId, dedupeKey);
  ringRelay(deps.sql);
  return { ...stored, outcome, reason, duplicate: false };
}

async function contextOf(
  deps: IngestDeps,
  mail: IncomingMail,
  { facts, dedupeKey }: ParsedMail,
): Promise<IntakeContext> {
  const { from, replyTo } = facts;
  // Our own mail that came back to us: its Reply-To leads here again.
  const ours = replyTo !== null && ticketOfReplyAddress(deps.replySecret, [replyTo]) !== null;
  return await readIntakeContext(deps.sql, {
    channelId: mail.channelId,
    dedupeKey,
    from,
    replyTo: ours ? null : replyTo,
    noReply: isNoReply(from),
    headerIds: referencedIds(facts),
    bouncedId: bounceOf(facts)?.originalMessageId ?? null,
    receivedAt: mail.receivedAt,
  });
}

/** The mail as that of the person who is to be answered. */
function authorOf(parsed: ParsedMail, context: IntakeContext): ParsedMail {
  if (!context.insteadOfFrom) return parsed;
  return {
    ...parsed,
    facts: { ...parsed.facts, from: context.sender },
    fromName: parsed.replyToName,
  };
}

/** What a mail that returns one of ours means for that one. */
function bounced(
  facts: MailFacts,
  returned: IntakeContext['returned'],
): Pick<Parameters<typeof insertMailAsReply>[3], 'bounce' | 'bounceText'> {
  const failed = bounceOf(facts)?.failed ?? [];
  if (returned === null) return { bounce: null, bounceText: '' };
  return {
    bounce: {
      bouncedMessageId: returned.id,
      bouncePermanent: missedRequester(failed, returned),
      bounceFailed: failed.length > 0,
    },
    bounceText: bounceText(failed),
  };
}

function ignored(reason: string): Pick<Verdict, 'outcome' | 'reason'> {
  return { outcome: 'ignored', reason };
}

function isOver(
  landing: { closedAt: Date | null } | undefined,
  settings: DeskSettings,
  receivedAt: Date,
): boolean {
  const closedAt = landing?.closedAt ?? null;
  const windowMs = settings.reopenWindowDays * 86_400_000;
  return closedAt !== null && closedAt.getTime() + windowMs < receivedAt.getTime();
}

function reasonToJoin(returned: boolean, automatic: boolean): string | null {
  if (returned) return 'bounce';
  return automatic ? 'automatic' : null;
}

async function storeFiles(deps: IngestDeps, parsed: ParsedMail): Promise<StoredFile[]> {
  return await Promise.all(parsed.attachments.map(({ content }) => deps.attachments.put(content)));
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
  return await keepIdle(deps, mail, parsed, { outcome: 'quarantined', reason });
}

/** Keeps a mail that becomes nothing, with its source and why. */
async function keepIdle(
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail | null,
  verdict: Pick<Verdict, 'outcome' | 'reason'>,
): Promise<IngestResult> {
  const record = storedMail(mail, parsed, verdict, false);
  const inboundId = await insertIdleMail(deps.sql, record);
  if (inboundId === undefined) return await seenBefore(deps, mail.channelId, record.dedupeKey);
  return { inboundId, ...verdict, ticketId: null, messageId: null, duplicate: false };
}

function storedMail(
  mail: IncomingMail,
  parsed: ParsedMail | null,
  verdict: Pick<Verdict, 'outcome' | 'reason'>,
  retry: boolean,
): StoredMail {
  return {
    channelId: mail.channelId,
    dedupeKey: parsed?.dedupeKey ?? syntheticId(mail.source),
    externalId: parsed?.facts.messageId ?? null,
    ...verdict,
    sender: parsed?.facts.from ?? null,
    source: mail.source,
    receivedAt: mail.receivedAt,
    retry,
  };
}

function intakeMessage(
  parsed: ParsedMail,
  automatic: boolean,
  files: readonly StoredFile[],
): IntakeMessage {
  const { facts, attachments } = parsed;
  return {
    email: facts.from ?? 'unknown@holdfast.invalid',
    contactName: parsed.fromName,
    automatic,
    subject: facts.subject,
    body: parsed.text,
    bodyHtml: parsed.html,
    quoted: parsed.quoted,
    to: parsed.to,
    cc: parsed.cc,
    inReplyTo: facts.inReplyTo,
    references: facts.references.slice(-50),
    files: files.flatMap(({ key: storeKey, sha256, sizeBytes }, index) => {
      const part = attachments[index];
      if (part === undefined) return [];
      const { name, contentType, contentId, inline } = part;
      return [{ name, contentType, contentId, inline, sha256, sizeBytes, storeKey }];
    }),
  };
}

/** Why a mail goes no further: no sender, our own address, or one sender's limits; null when it may. */
function refusalOf(
  automatic: boolean,
  context: IntakeContext,
): Pick<Verdict, 'outcome' | 'reason'> | null {
  const { settings } = context;
  if (context.sender === null) return { outcome: 'quarantined', reason: 'noSender' };
  if (context.fromOurselves) return ignored('ownAddress');
  if (automatic && context.automaticLastDay >= settings.automaticPerSenderPerDay) {
    return ignored('senderLimit');
  }
  const tooMany = context.lastHour >= settings.messagesPerSenderPerHour;
  return tooMany ? { outcome: 'quarantined', reason: 'senderRate' } : null;
}

/** In-Reply-To, References, signed reply address, then the subject's token with a known participant. */
async function findThread(
  deps: IngestDeps,
  mail: IncomingMail,
  facts: MailFacts,
  context: IntakeContext,
): Promise<number | null> {
  const byReference = threadByReferences(facts, context.candidates);
  if (byReference !== null) return byReference;
  const recipients = [...(mail.envelope?.to ?? []), ...facts.recipients].map((one) =>
    one.toLowerCase(),
  );
  const byAddress = ticketOfReplyAddress(deps.replySecret, recipients);
  if (byAddress !== null) return byAddress;
  const token = subjectToken(facts.subject);
  if (token === null || context.sender === null) return null;
  return (await takesPart(deps.sql, token, context.sender)) ? token : null;
}

/** Connection faults of Postgres: the mail was not stored, and the sender must try again. */
function isDatabaseGone(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return false;
  return /^(CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|08|53|57P|40|CONNECTION_)/.test(code);
}
