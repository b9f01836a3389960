// Whom a reply goes to: the requester, and in copy everybody who takes part, once each and never the desk itself. Pure.
import { replyTag } from './mail.ts';

/** A mail server takes no more in one mail. */
const MAX_COPIES = 40;

/** To and Cc of a reply. `copies` are those the agent chose, else all who take part; addresses are compared without case. */
export function replyRecipients(ticket: {
  requester: string | null;
  copies: readonly string[];
  own: readonly string[];
}): { to: string[]; cc: string[] } {
  const to = ticket.requester === null ? [] : [ticket.requester];
  const seen = new Set([...to, ...ticket.own].map((one) => one.toLowerCase()));
  const cc: string[] = [];
  for (const address of ticket.copies) {
    const known = address.toLowerCase();
    if (seen.has(known) || isReplyAddress(known) || known.endsWith('@holdfast.invalid')) continue;
    seen.add(known);
    cc.push(known);
  }
  return { to, cc: cc.slice(0, MAX_COPIES) };
}

/** Who gets a mail unseen: nobody twice, and none who is in it already or is the desk itself. */
export function blindCopies(wanted: readonly string[], there: readonly string[]): string[] {
  const seen = new Set(there.map((one) => one.toLowerCase()));
  const unseen = wanted.map((one) => one.toLowerCase()).filter((one) => !seen.has(one));
  return [...new Set(unseen)].filter((one) => !isReplyAddress(one));
}

/** A signed address of a ticket: a mail to it would come back as the customer's. */
function isReplyAddress(address: string): boolean {
  return replyTag(/\+([^+@]*)@[^@]*$/.exec(address)?.[1] ?? null) !== null;
}
