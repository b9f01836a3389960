// The signature that goes below somebody's message about a ticket, with its placeholders filled in.
import { findPlaceholderValues } from '#db/canned-replies.ts';
import { findSignature } from '#db/signatures.ts';
import { fillPlaceholders } from '#domain/placeholders.ts';
import type { Signature } from '#domain/signature.ts';
import type { ApiDeps } from '../app-env.ts';

/** The author's own signature, or that of the mailbox; its texts are empty when neither has one. */
export async function signatureFor(
  deps: ApiDeps,
  of: { ticketId: number; userId: string; channelId: string | null },
): Promise<Signature> {
  const { text, html } = await findSignature(deps.sql, of.userId, of.channelId);
  const values = await findPlaceholderValues(deps.sql, of);
  if (values === undefined) return { text: '', html: null };
  const filled = html === null ? null : fillPlaceholders(html, values, 'html').text;
  return {
    text: fillPlaceholders(text, values, 'text').text,
    html: filled === null ? null : deps.sanitizeHtml(filled),
  };
}
