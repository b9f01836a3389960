// Reads a raw mail: headers for the rules of domain/mail.ts, text and safe HTML for people, the new part apart from the quoted.
import { createHash } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import EmailReplyParser from 'email-reply-parser';
import { htmlToText } from 'html-to-text';
import PostalMime from 'postal-mime';
import type { Attachment, Email } from 'postal-mime';
import type { BouncedRecipient, BouncePart, MailFacts } from '#domain/mail.ts';
import { safeHtml, shallowHtml } from '../safe-html.ts';
import { detectLanguage } from './language.ts';

const MAX_RECIPIENTS = 40;
const MAX_TEXT = 1_000_000;
const MAX_NAME = 500;
const MAX_ATTACHMENTS = 200;
/** Longer ids stand in no index of Postgres; RFC 5322 lines have 998 characters at most. */
const MAX_ID_BYTES = 998;
const MAX_REPORT = 100_000;
const MAX_REPORTED = 100;
const MAX_FOLDED_TEXT = 20_000;
const FOLD_LIMIT_MS = 200;
/** Texts up to this length take 30 ms at the worst, so they need no watch, which costs a thread per call. */
const SHORT_TEXT = 1_000;

/** A file in a mail. */
export interface MailAttachment {
  name: string;
  contentType: string;
  content: Uint8Array;
  contentId: string | null;
  inline: boolean;
}

/** Everything the desk keeps of a mail. */
export interface ParsedMail {
  facts: MailFacts;
  fromName: string | null;
  replyToName: string | null;
  to: string[];
  cc: string[];
  /** The new words, quote and signature taken off when something is left without them. */
  text: string;
  quoted: string | null;
  html: string | null;
  attachments: MailAttachment[];
  /** Two letters of ISO 639-1; null when the text is too short or the guess uncertain. */
  language: string | null;
  /** The Message-ID, or a stable one made of the content when the mail has none. */
  dedupeKey: string;
}

/** Parses a mail here and now: a megabyte of short lines takes a second or more, in which nothing else is done. */
export async function readMail(
  source: Uint8Array,
  envelopeFrom: string | null,
): Promise<ParsedMail> {
  const email = await PostalMime.parse(source, { maxNestingDepth: 40 });
  const headers = headerMap(email);
  const facts: MailFacts = {
    from: cleanAddress(email.from?.address ?? email.sender?.address),
    replyTo: listOf(email.replyTo)[0] ?? null,
    envelopeFrom: envelopeFrom === null ? null : envelopeFrom.toLowerCase(),
    recipients: addressesOf(email),
    // An encoded subject may hold line breaks, which no header we send may have.
    subject: clean(email.subject ?? '')
      .replaceAll(/\p{Cc}+/gu, ' ')
      .slice(0, 998)
      .toWellFormed(),
    messageId: headerId(email.messageId),
    inReplyTo: headerId(email.inReplyTo),
    references: [...clean(email.references ?? '').matchAll(/<[^<>\s]+>/g)].map(([id]) =>
      storable(id),
    ),
    headers,
    contentType: headers['content-type'] ?? '',
    bounce: bouncePart(headers['content-type'] ?? '', email),
  };
  const html = email.html === undefined ? undefined : shallowHtml(email.html);
  const whole = cut(email.text ?? textOf(html), MAX_TEXT);
  const { text, quoted } = foldQuote(whole);
  return {
    facts,
    fromName: cut(email.from?.name ?? '', MAX_NAME) || null,
    replyToName: cut(email.replyTo?.[0]?.name ?? '', MAX_NAME) || null,
    to: listOf(email.to),
    cc: listOf(email.cc),
    text,
    quoted,
    html: html === undefined ? null : safeHtml(html),
    attachments: email.attachments.slice(0, MAX_ATTACHMENTS).map(attachmentOf),
    language: await detectLanguage(`${text}\n${facts.subject}`),
    dedupeKey: facts.messageId ?? syntheticId(source),
  };
}

/** A stable id for a mail without one: the same bytes give the same id, so a second delivery is seen. */
export function syntheticId(source: Uint8Array): string {
  return `<${createHash('sha256').update(source).digest('hex')}@holdfast.invalid>`;
}

function clean(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** The beginning of a text. A cut may fall inside a character of two halves, of which Postgres takes none. */
function cut(text: string, max: number): string {
  return clean(text).slice(0, max).toWellFormed();
}

function cleanAddress(address: string | undefined): string | null {
  const text = clean(address ?? '')
    .trim()
    .toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 320 ? text : null;
}

function headerMap(email: Email): Record<string, string> {
  const map: Record<string, string> = {};
  for (const { key, value } of email.headers) map[key] ??= clean(value ?? '');
  return map;
}

function headerId(text: string | undefined): string | null {
  const match = /<[^<>\s]+>/.exec(clean(text ?? ''));
  if (match !== null) return storable(match[0]);
  const bare = clean(text ?? '').trim();
  return /^[^\s<>@]+@[^\s<>@]+$/.test(bare) ? storable(`<${bare}>`) : null;
}

/** The id itself, or one made of it when it is too long to be looked up; the same for the mail and for those that name it. */
function storable(id: string): string {
  return Buffer.byteLength(id) <= MAX_ID_BYTES ? id : syntheticId(Buffer.from(id));
}

function listOf(list: Email['to']): string[] {
  const flat = (list ?? []).flatMap((one) => (one.group === undefined ? [one] : one.group));
  const addresses = flat.flatMap((one) => cleanAddress(one.address) ?? []);
  return [...new Set(addresses)].slice(0, MAX_RECIPIENTS);
}

function addressesOf(email: Email): string[] {
  const delivered = cleanAddress(email.deliveredTo);
  return [...listOf(email.to), ...listOf(email.cc), ...(delivered === null ? [] : [delivered])];
}

function textOf(html: string | undefined): string {
  if (html === undefined) return '';
  return htmlToText(html, {
    wordwrap: false,
    limits: { maxInputLength: MAX_TEXT, maxDepth: 60 },
    selectors: [{ selector: 'img', format: 'skip' }],
  });
}

const folding = createContext({ parse: (): string => '' });

function runWatched(parse: () => string): string {
  folding['parse'] = parse;
  return String(runInContext('parse()', folding, { timeout: FOLD_LIMIT_MS }));
}

/**
 * Splits the new words from what they quote. The library's expressions can take for ever on long or hostile quotes (one mail of
 * 770 kB stood still for minutes), so it sees the beginning only and is stopped after a moment: then nothing is folded.
 */
function foldQuote(whole: string): { text: string; quoted: string | null } {
  const text = whole.trim();
  const head = text.slice(0, MAX_FOLDED_TEXT);
  const parse = (): string => new EmailReplyParser().parseReply(head).trim();
  let visible = text;
  try {
    visible = head.length <= SHORT_TEXT ? parse() : runWatched(parse);
  } catch {
    return { text, quoted: null };
  }
  // Nothing left, or nothing folded in what was looked at: the mail is shown as it is.
  if (visible === '' || visible === head) return { text, quoted: null };
  return { text: visible, quoted: text };
}

function attachmentOf(part: Attachment, index: number): MailAttachment {
  const content =
    typeof part.content === 'string' ? Buffer.from(part.content) : new Uint8Array(part.content);
  const name = cut((part.filename ?? '').replaceAll(/[/\\\r\n"]/g, '_'), 200);
  return {
    name: name === '' ? `attachment-${index + 1}` : name,
    contentType: cut(part.mimeType, 200) || 'application/octet-stream',
    content,
    contentId: part.contentId === undefined ? null : cut(part.contentId, 998),
    inline: part.disposition === 'inline' || part.related === true,
  };
}

/** The machine-readable part of a bounce, and the id of the mail it returns. */
function bouncePart(contentType: string, email: Email): BouncePart | null {
  const isReport = /multipart\/report/i.test(contentType);
  const partOf = (type: RegExp): string | undefined => {
    const content = email.attachments.find(({ mimeType }) => type.test(mimeType))?.content;
    if (content === undefined || typeof content === 'string') return content;
    return Buffer.from(new Uint8Array(content)).subarray(0, MAX_REPORT).toString('latin1');
  };
  const status = partOf(/^message\/(global-)?delivery-status$/i);
  const daemon = /^mailer-daemon@/i.test(email.from?.address ?? '');
  if (status === undefined && !(isReport && /delivery-status/i.test(contentType)) && !daemon)
    return null;
  const text = (email.text ?? '').slice(0, MAX_REPORT);
  const original = partOf(/rfc822|^message\/global/i) ?? text;
  const recipients = reportedRecipients(status ?? text);
  return {
    // A daemon that writes no report: what its text says counts for whoever the mail was for.
    recipients: recipients.length > 0 ? recipients : [unnamedRecipient(status ?? '', text)],
    originalMessageId: headerId(reportField(original, 'message-id') ?? undefined),
  };
}

/** The blocks of a report that name a recipient; the first block is about the report itself. */
function reportedRecipients(report: string): BouncedRecipient[] {
  const blocks = report.replaceAll('\r\n', '\n').split(/\n[ \t]*\n/, MAX_REPORTED);
  return blocks.flatMap((block) => {
    const [original, final] = ['original-recipient', 'final-recipient'].map((name) =>
      // The type of the address comes first: rfc822; ann@customer.test
      cleanAddress(
        reportField(block, name)
          ?.split(';')
          .at(-1)
          ?.replace(/^\s*<|>\s*$/g, ''),
      ),
    );
    const address = original ?? final ?? null;
    if (address === null) return [];
    const diagnostic = reportField(block, 'diagnostic-code')?.replace(/^smtp;\s*/i, '') ?? null;
    return [
      {
        address,
        action: reportField(block, 'action'),
        status: reportField(block, 'status'),
        diagnostic: diagnostic === null ? null : cut(diagnostic, 300),
      },
    ];
  });
}

function unnamedRecipient(status: string, text: string): BouncedRecipient {
  const told = status === '' ? text : status;
  const code = /\b([45]\.\d{1,3}\.\d{1,3})\b/.exec(`${status}\n${text}`)?.[1] ?? null;
  return {
    ...{ address: null, action: reportField(told, 'action'), diagnostic: null },
    status: reportField(told, 'status') ?? code,
  };
}

/** The first field of that name; line by line, since one expression over a hostile report can take for ever. */
function reportField(text: string, name: string): string | null {
  const lines = text.split(/\r?\n/);
  const index = lines.findIndex(
    (line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`,
  );
  if (index < 0) return null;
  const value = (lines[index] ?? '').slice(name.length + 1).trim();
  // A long id stands on the next line, folded.
  const folded = lines[index + 1] ?? '';
  return value !== '' ? value : /^[ \t]/.test(folded) ? folded.trim() || null : null;
}
