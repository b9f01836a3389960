// Composes and sends one mail. Without SMTP settings it goes to the outbox folder as an .eml, which the desk says out loud.
// A mail keeps its Message-ID over all attempts: a retry after a crash is the same mail to whoever gets it twice.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import type { SmtpSettings } from '#db/channels.ts';
import type { OutboundMail } from '#db/messages.ts';
import type { AttachmentStore } from '../attachments.ts';
import { replyAddress } from './reply-address.ts';

/** How an attempt ended; text is the server's own words. */
export type SendResult =
  | { kind: 'sent'; text: string }
  | { kind: 'permanent'; code: string; text: string }
  | { kind: 'temporary'; code: string; text: string };

/** What sending needs of the world. */
export interface SenderDeps {
  outboxFolder: string;
  attachments: AttachmentStore;
  replySecret: string;
  /** Used by channels without SMTP settings of their own; null sends to the outbox folder. */
  defaultSmtp: SmtpSettings | null;
}

/** Sends one mail once. Never throws for what a server says. */
export async function sendMail(deps: SenderDeps, mail: OutboundMail): Promise<SendResult> {
  if (mail.channelAddress === null) {
    return {
      kind: 'permanent',
      code: 'noChannel',
      text: 'The desk has no email channel to send from.',
    };
  }
  if (mail.to.length === 0) {
    return { kind: 'permanent', code: 'noRecipient', text: 'The requester has no email address.' };
  }
  const options = await compose(deps, mail, mail.channelAddress);
  const smtp = mail.channelSettings.smtp ?? deps.defaultSmtp;
  if (smtp === null) return await writeToOutbox(deps.outboxFolder, mail.id, options);
  const transport = nodemailer.createTransport({
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
  try {
    const info: { response?: string; rejected?: unknown[] } = await transport.sendMail(options);
    return { kind: 'sent', text: String(info.response ?? '') };
  } catch (error) {
    return failureOf(error);
  } finally {
    transport.close();
  }
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
      content: await deps.attachments.get(file.storeKey),
      ...(file.inline && file.contentId !== null
        ? { cid: file.contentId.replace(/^<|>$/g, ''), contentDisposition: 'inline' as const }
        : {}),
    })),
  );
  const token = `[#${mail.ticketId}]`;
  const subject = mail.subject.includes(token) ? mail.subject : `${mail.subject} ${token}`;
  const prefix = mail.kind === 'reply' ? 'Re: ' : 'Fwd: ';
  return {
    from: { name: mail.channelSettings.fromName ?? 'Support', address },
    replyTo: replyAddress(deps.replySecret, address, mail.ticketId),
    to: mail.to,
    cc: mail.cc,
    subject: /^(re|fwd?|aw|wg|tr):/i.test(subject) ? subject : `${prefix}${subject}`,
    text: mail.body,
    ...(mail.bodyHtml === null ? {} : { html: mail.bodyHtml }),
    ...(mail.messageIdHeader === null ? {} : { messageId: mail.messageIdHeader }),
    ...(mail.inReplyTo === null ? {} : { inReplyTo: mail.inReplyTo }),
    references: mail.references,
    headers: { 'X-Holdfast-Ticket': String(mail.ticketId) },
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
function failureOf(error: unknown): SendResult {
  const { responseCode, code, message } = error as {
    responseCode?: number;
    code?: string;
    message?: string;
  };
  const text = (message ?? String(error)).slice(0, 1_000);
  const permanent = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  if (permanent) return { kind: 'permanent', code: `smtp${responseCode}`, text };
  const known = responseCode === undefined ? (code ?? 'unknown') : `smtp${responseCode}`;
  return { kind: 'temporary', code: known, text };
}
