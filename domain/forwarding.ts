// How a message looks that is passed on to somebody else: the agent's words, then the original below a head that says whose it is. Pure.
import { escapeHtml, htmlOf } from './html-text.ts';

/** The message that is passed on. */
export interface Original {
  from: string | null;
  fromName: string | null;
  to: readonly string[];
  cc: readonly string[];
  subject: string;
  text: string;
  html: string | null;
  atMs: number;
}

const RULE = '---------- Forwarded message ----------';

/** The whole text of a forward. */
export function forwardedText(words: string, original: Original): string {
  const head = headOf(original).map(([name, value]) => `${name}: ${value}`);
  return [words.trimEnd(), '', RULE, ...head, '', original.text].join('\n');
}

/** The same as HTML; null when neither part was written in HTML. `html` of both parts must be safe already. */
export function forwardedHtml(
  words: { text: string; html: string | null },
  original: Original,
): string | null {
  if (words.html === null && original.html === null) return null;
  const head = headOf(original).map(([name, value]) => `<b>${name}:</b> ${escapeHtml(value)}<br>`);
  return [
    words.html ?? htmlOf(words.text),
    `<br><div>${RULE}<br>${head.join('')}</div>`,
    `<blockquote>${original.html ?? htmlOf(original.text)}</blockquote>`,
  ].join('\n');
}

function headOf(original: Original): [string, string][] {
  const { from, fromName } = original;
  const sender = fromName === null || from === null ? (from ?? fromName) : `${fromName} <${from}>`;
  const lines: [string, string][] = [
    ['From', sender ?? 'unknown'],
    ['Date', new Date(original.atMs).toUTCString()],
    ['Subject', original.subject],
    ['To', original.to.join(', ')],
    ['Cc', original.cc.join(', ')],
  ];
  return lines.filter(([, value]) => value !== '');
}
