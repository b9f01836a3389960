// Signed reply addresses: support+t123-<signature>@domain names a ticket in a way that nobody else can make up.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { replyTag } from '#domain/mail.ts';

function signature(secret: string, ticketId: number): string {
  return createHmac('sha256', secret).update(`ticket:${ticketId}`).digest('hex').slice(0, 16);
}

/** The address under which answers to a ticket come back. */
export function replyAddress(secret: string, channelAddress: string, ticketId: number): string {
  const at = channelAddress.lastIndexOf('@');
  const tag = `+t${ticketId}-${signature(secret, ticketId)}`;
  return `${channelAddress.slice(0, at)}${tag}${channelAddress.slice(at)}`;
}

/** The ticket that one of the recipients names with a true signature, or null. */
export function ticketOfReplyAddress(secret: string, recipients: readonly string[]): number | null {
  for (const recipient of recipients) {
    // The last plus: the channel's own address may hold one.
    const tag = replyTag(/\+([^+@]*)@[^@]*$/.exec(recipient)?.[1] ?? null);
    if (tag === null) continue;
    const expected = Buffer.from(signature(secret, tag.ticketId));
    if (timingSafeEqual(expected, Buffer.from(tag.signature))) return tag.ticketId;
  }
  return null;
}
