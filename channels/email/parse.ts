// Decides where a raw mail is read: small ones here, large ones in a thread beside the process's main one.
import { readInThread } from './parse-pool.ts';
import { readMail } from './read-mail.ts';
import type { ParsedMail } from './read-mail.ts';

/** Up to here a mail is read in a few hundredths of a second. */
const SMALL_MAIL_BYTES = 200_000;

/** Parses a mail; throws when nothing can be read at all. Large ones are read beside the process's main thread. */
export async function parseMail(
  source: Uint8Array,
  envelopeFrom: string | null,
): Promise<ParsedMail> {
  if (source.byteLength === 0) throw new Error('The mail is empty.');
  return source.byteLength > SMALL_MAIL_BYTES
    ? await readInThread(source, envelopeFrom)
    : await readMail(source, envelopeFrom);
}
