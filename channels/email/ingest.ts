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
  bounceOf,
  isAutomatic,
  referencedIds,
  subjectToken,
  threadByReferences,
} from '#domain/mail.ts';
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
    return await quarantine(deps, mail, parsed, reason.slice(0, 500));
  }
}

/** Takes a quarantined or ignored mail in after all, as a ticket or reply; throws notRetryable when it became something. */
export async function retryInbound(deps: IngestDeps, inboundId: string): Promise<Verdict> {
  const stored = await findInboundSource(deps.sql, inboundId);
  if (stored === undefined) throw new HoldfastError('notFound', 'There is no such message.');
  const { channelId, source, receivedAt, dedupeKey } = stored;
  if (source.byteLength === 0) throw new HoldfastError('notRetryable', 'It was deleted with spam.');
  const parsed = await parseMail(source, null).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new HoldfastError('notRetryable', `It still cannot be read: ${why}`);
  });
  const mail = { channelId, source, receivedAt, envelope: null };
  const result = await takeIn(deps, mail, { ...parsed, dedupeKey }, true);
  if (result.duplicate) {
    throw new HoldfastError(
      'notRetryable',
      'Only a quarantined or ignored message can be retried.',
    );
  }
  const { inboundId: _inboundId, duplicate: _duplicate, ...verdict } = result;
  return verdict;
}

/** Decides where the mail goes and writes it there. `insist`: a person asked for it, so limits and ignoring do not count. */
async function takeIn(
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail,
  insist: boolean,
): Promise<IngestResult> {
  const { facts, dedupeKey } = parsed;
  const bounce = bounceOf(facts);
  const context = await readIntakeContext(deps.sql, {
    channelId: mail.channelId,
    dedupeKey,
    sender: facts.from,
    headerIds: referencedIds(facts),
    bouncedId: bounce?.originalMessageId ?? null,
  });
  if (context.seen && !insist) return await seenBefore(deps, mail.channelId, dedupeKey);
  const automatic = isAutomatic(facts);
  const refusal = insist ? null : refusalOf(facts.from, automatic, context);
  if (refusal !== null) return await keepIdle(deps, mail, parsed, refusal);
  const threaded = context.returned?.ticketId ?? (await findThread(deps, mail, parsed, context));
  const landing = threaded === null ? undefined : await findLandingTicket(deps.sql, threaded);
  if (landing === undefined && automatic && !insist) {
    const nothing = { outcome: 'ignored' as const, reason: 'automaticUnthreaded' };
    return await keepIdle(deps, mail, parsed, nothing);
  }
  const over = isOver(landing, context.settings, mail.receivedAt);
  const joins = landing !== undefined && (!over || automatic);
  const outcome = joins ? 'reply' : 'ticket';
  const followUp = over ? 'followUp' : null;
  const reason = joins ? reasonToJoin(context.returned !== null, automatic) : followUp;
  const record = storedMail(mail, parsed, { outcome, reason }, insist);
  const message = intakeMessage(parsed, automatic, await storeFiles(deps, parsed));
  const stored = joins
    ? await insertMailAsReply(deps.sql, record, message, {
        ticketId: landing.id,
        bounce:
          context.returned === null
            ? null
            : {
                bouncedMessageId: context.returned.id,
                bouncePermanent: bounce?.permanent ?? false,
              },
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
  from: string | null,
  automatic: boolean,
  context: IntakeContext,
): Pick<Verdict, 'outcome' | 'reason'> | null {
  const { settings } = context;
  if (from === null) return { outcome: 'quarantined', reason: 'noSender' };
  if (context.fromOurselves) return { outcome: 'ignored', reason: 'ownAddress' };
  if (automatic && context.automaticLastDay >= settings.automaticPerSenderPerDay) {
    return { outcome: 'ignored', reason: 'senderLimit' };
  }
  const tooMany = context.lastHour >= settings.messagesPerSenderPerHour;
  return tooMany ? { outcome: 'quarantined', reason: 'senderRate' } : null;
}

/** In-Reply-To, References, signed reply address, then the subject's token with a known participant. */
async function findThread(
  deps: IngestDeps,
  mail: IncomingMail,
  parsed: ParsedMail,
  context: IntakeContext,
): Promise<number | null> {
  const { facts } = parsed;
  const byReference = threadByReferences(facts, context.candidates);
  if (byReference !== null) return byReference;
  const recipients = [...(mail.envelope?.to ?? []), ...facts.recipients].map((one) =>
    one.toLowerCase(),
  );
  const byAddress = ticketOfReplyAddress(deps.replySecret, recipients);
  if (byAddress !== null) return byAddress;
  const token = subjectToken(facts.subject);
  if (token === null || facts.from === null) return null;
  return (await takesPart(deps.sql, token, facts.from)) ? token : null;
}

/** Connection faults of Postgres: the mail was not stored, and the sender must try again. */
function isDatabaseGone(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return false;
  return /^(CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|08|53|57P|40|CONNECTION_)/.test(code);
}
