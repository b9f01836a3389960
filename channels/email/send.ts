// Composes and sends one mail. Without SMTP settings it goes to the outbox folder as an .eml, which the desk says out loud.
// A mail keeps its Message-ID over all attempts: a retry after a crash is the same mail to whoever gets it twice.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import nodemailer from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import type { SmtpSettings } from '#db/channels.ts';
import type { OutboundMail } from '#db/messages.ts';
import { AttachmentMissing } from '../attachments.ts';
import type { AttachmentStore } from '../attachments.ts';
import { replyAddress } from './reply-address.ts';

/** An attempt ends within this time, and well before the activity that makes it is given up and made again. */
const LIMIT_MS = 85_000;
/** The server wants other settings, not another mail: an operator can still put that right. */
const SETTINGS_CODES = [530, 534, 535, 538];

/**
 * How an attempt ended; text is the server's own words. A mail that left with a code did not reach everybody: some were refused for
 * good, and those in `delayed` are to be tried again, alone.
 */
export type SendResult =
  | { kind: 'sent'; code?: string; text: string; delayed?: string[] }
  | SendFailure;
type SendFailure = { kind: 'permanent' | 'temporary'; code: string; text: string };

/** Told who has the mail, as soon as a server has taken it for them. */
export type NoteDelivered = (addresses: string[]) => Promise<void>;

/** A recipient that the server refused, and how. */
interface Refused {
  address: string;
  failure: SendFailure;
}

/** What sending needs of the world. */
export interface SenderDeps {
  outboxFolder: string;
  attachments: AttachmentStore;
  replySecret: string;
  /** Used by channels without SMTP settings of their own; null sends to the outbox folder. */
  defaultSmtp: SmtpSettings | null;
}

/** Sends one mail once, to those who do not have it yet. Never throws for what a server says or a store lacks. */
export async function sendMail(
  deps: SenderDeps,
  mail: OutboundMail,
  noteDelivered: NoteDelivered,
): Promise<SendResult> {
  const address = mail.channelAddress;
  if (address === null) {
    return {
      kind: 'permanent',
      code: 'noChannel',
      text: 'The desk has no email channel to send from.',
    };
  }
  if (mail.to.length === 0) {
    return { kind: 'permanent', code: 'noRecipient', text: 'The requester has no email address.' };
  }
  const smtp = mail.channelSettings.smtp ?? deps.defaultSmtp;
  try {
    if (smtp === null) {
      const options = await compose(deps, mail, address);
      return await writeToOutbox(deps.outboxFolder, mail.id, options);
    }
    return await sendByServer(deps, mail, { address, smtp, noteDelivered });
  } catch (error) {
    return failureOf(error);
  }
}

interface Way {
  address: string;
  smtp: SmtpSettings;
  noteDelivered: NoteDelivered;
}

/**
 * The people it is for come first, in a transaction of their own: only when they have it do those in copy get theirs. In one
 * transaction a server may take the copies and refuse the requester, and a further attempt would send the copies again.
 */
async function sendByServer(deps: SenderDeps, mail: OutboundMail, way: Way): Promise<SendResult> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const texts: string[] = [];
  const refused: Refused[] = [];
  const first = mail.to.filter((one) => isOwed(mail, one));
  const copies = [...new Set([...mail.cc, ...mail.bcc])].filter(
    (one) => !mail.to.includes(one) && isOwed(mail, one),
  );
  if (first.length > 0) {
    try {
      texts.push(await handOver(deps, mail, way, { recipients: first, refused, signal }));
    } catch (error) {
      // Somebody has it already: the others are told apart from a mail that nobody got.
      if (!mail.to.some((one) => mail.deliveredTo.includes(one))) throw error;
      refused.push(...refusedAll(first, error));
    }
  }
  if (copies.length > 0) {
    try {
      texts.push(await handOver(deps, mail, way, { recipients: copies, refused, signal }));
    } catch (error) {
      refused.push(...refusedAll(copies, error));
    }
  }
  const text = texts.at(-1) ?? '';
  if (refused.length === 0) return { kind: 'sent', text };
  const lines = refused.map(({ address, failure }) => `${address}: ${failure.text}`);
  const late = refused.filter(({ failure }) => failure.kind === 'temporary');
  return {
    kind: 'sent',
    code: late[0]?.failure.code ?? 'recipientRefused',
    text: lines.join('\n').slice(0, 1_000),
    delayed: late.map(({ address }) => address),
  };
}

/** Everybody at the first attempts, then those alone who were asked to wait. */
function isOwed({ deliveredTo, delayedTo }: OutboundMail, recipient: string): boolean {
  return delayedTo.length > 0 ? delayedTo.includes(recipient) : !deliveredTo.includes(recipient);
}

/** One transaction: answers the server's words and adds those it refused; throws when it took the mail for nobody. */
async function handOver(
  deps: SenderDeps,
  mail: OutboundMail,
  { address, smtp, noteDelivered }: Way,
  to: { recipients: string[]; refused: Refused[]; signal: AbortSignal },
): Promise<string> {
  const { recipients, refused, signal } = to;
  const options = await compose(deps, mail, address);
  const transport = openTransport(smtp);
  try {
    const envelope = { from: address, to: addressees(recipients) };
    const info = await transport.sendMail({ ...options, envelope, signal });
    const errors: RecipientError[] = info.rejectedErrors ?? [];
    const missed = errors.flatMap((error) => refusedOne(recipients, error));
    const without = new Set(missed.map((one) => one.address));
    await noteDelivered(recipients.filter((one) => !without.has(one)));
    refused.push(...missed);
    return String(info.response ?? '');
  } finally {
    transport.close();
    closeFiles(options);
  }
}

interface RecipientError extends Error {
  recipient?: string | undefined;
  rejectedErrors?: RecipientError[] | undefined;
}

function refusedOne(recipients: readonly string[], error: RecipientError): Refused[] {
  // The library writes international domains in their own way: nobody else can be meant when there is only one.
  const told = error.recipient?.toLowerCase();
  const address =
    recipients.find((one) => one.toLowerCase() === told) ??
    (recipients.length === 1 ? recipients[0] : error.recipient);
  return address === undefined ? [] : [{ address, failure: failureOf(error) }];
}

/** None of them has it: each for its own reason when the server gave one, else all for the same. */
function refusedAll(recipients: readonly string[], error: unknown): Refused[] {
  const { rejectedErrors = [] } = error as RecipientError;
  const each = rejectedErrors.flatMap((one) => refusedOne(recipients, one));
  const failure = failureOf(error);
  return recipients.map(
    (address) => each.find((one) => one.address === address) ?? { address, failure },
  );
}

function openTransport(smtp: SmtpSettings) {
  return nodemailer.createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.secure ?? smtp.port === 465,
    ...(smtp.user === undefined ? {} : { auth: { user: smtp.user, pass: smtp.password ?? '' } }),
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** A mail that could not be handed over has not read its files. */
function closeFiles({ attachments }: SendMailOptions): void {
  for (const { content } of attachments ?? []) if (content instanceof Readable) content.destroy();
}

/** As objects: in a text, a comma inside an address would make another recipient of its second half. */
function addressees(addresses: readonly string[]): { name: string; address: string }[] {
  return addresses.map((address) => ({ name: '', address }));
}

/** Whose name stands in From: what the desk writes by itself is never an agent's. */
function senderName({ channelSettings, authorName, kind, automatic }: OutboundMail): string {
  const desk = channelSettings.fromName ?? 'Support';
  const of = channelSettings.fromNameOf ?? 'desk';
  if (of === 'desk' || authorName === null || automatic || kind === 'notice') return desk;
  return of === 'agent' ? authorName : `${authorName} (${desk})`;
}

async function compose(
  deps: SenderDeps,
  mail: OutboundMail,
  address: string,
): Promise<SendMailOptions> {
  const files = await Promise.all(
    mail.attachments.map(async (file) => ({
      filename: file.name,
      contentType: file.contentType,
      content: await deps.attachments.stream(file.storeKey),
      ...(file.inline && file.contentId !== null
        ? { cid: file.contentId.replace(/^<|>$/g, ''), contentDisposition: 'inline' as const }
        : {}),
    })),
  );
  const token = mail.ticketId === null ? '' : `[#${mail.ticketId}]`;
  const subject = mail.subject.includes(token) ? mail.subject : `${mail.subject} ${token}`;
  const prefix = { reply: 'Re: ', forward: 'Fwd: ', notice: '' }[mail.kind];
  // An answer to a notice must not become a message of the requester's, nor may machines answer machines.
  const automatic = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };
  return {
    from: { name: senderName(mail), address },
    ...(mail.kind === 'notice' || mail.ticketId === null
      ? {}
      : { replyTo: replyAddress(deps.replySecret, address, mail.ticketId) }),
    to: addressees(mail.to),
    cc: addressees(mail.cc),
    subject: /^(re|fwd?|aw|wg|tr):/i.test(subject) ? subject : `${prefix}${subject}`,
    text: mail.kind === 'forward' ? (mail.quoted ?? mail.body) : mail.body,
    ...(mail.bodyHtml === null ? {} : { html: mail.bodyHtml }),
    ...(mail.messageIdHeader === null ? {} : { messageId: mail.messageIdHeader }),
    ...(mail.inReplyTo === null ? {} : { inReplyTo: mail.inReplyTo }),
    references: mail.references,
    headers: {
      ...(mail.ticketId === null ? {} : { 'X-Holdfast-Ticket': String(mail.ticketId) }),
      // Tells other mail robots not to answer.
      ...(mail.kind === 'notice' || mail.automatic ? automatic : {}),
    },
    attachments: files,
  };
}

async function writeToOutbox(
  folder: string,
  id: string,
  options: SendMailOptions,
): Promise<SendResult> {
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true });
  const { message } = await composer.sendMail(options);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${id}.eml`);
  await writeFile(`${path}.part`, message as Buffer);
  await rename(`${path}.part`, path);
  return { kind: 'sent', text: `written to ${path}` };
}

/** 5xx is for good, everything else may pass: an unknown fault is retried, since the same mail twice is better than none. */
function failureOf(error: unknown): SendFailure {
  if (error instanceof AttachmentMissing) {
    return { kind: 'permanent', code: 'attachmentMissing', text: error.message };
  }
  const { responseCode, code, message } = error as {
    responseCode?: number;
    code?: string;
    message?: string;
  };
  const text = (message ?? String(error)).slice(0, 1_000);
  const permanent =
    responseCode !== undefined &&
    responseCode >= 500 &&
    code !== 'EAUTH' &&
    !SETTINGS_CODES.includes(responseCode);
  if (permanent) return { kind: 'permanent', code: `smtp${responseCode}`, text };
  const known = responseCode === undefined ? (code ?? 'unknown') : `smtp${responseCode}`;
  return { kind: 'temporary', code: known, text };
}
