// What stands below an agent's words when a message leaves. Pure.
import { htmlOf } from './html-text.ts';

/** A text that is written once and stands below many messages; `html` must be safe already. */
export interface Signature {
  text: string;
  html: string | null;
}

/** The words with a signature below them, behind the line that mail programs know signatures by. */
export function signed(
  words: { body: string; html: string | null },
  { text, html }: Signature,
): { body: string; html: string | null } {
  if (text.trim() === '' && html === null) return words;
  const below = html ?? htmlOf(text);
  return {
    body: `${words.body.trimEnd()}\n\n-- \n${text.trimEnd()}`,
    html: words.html === null ? null : `${words.html}\n<div>-- <br>${below}</div>`,
  };
}
