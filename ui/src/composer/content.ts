// What a draft is made of, on its way between the editor, this device and the desk. No React, no network.
import type { DraftOnDesk, Message } from '../api/types.ts';
import { mentioned, shownImages, withMentions } from './written.ts';

/** What is being written. */
export type Kind = DraftOnDesk['kind'];
export const KINDS = ['reply', 'note', 'forward'] as const satisfies readonly Kind[];

/** A file that is on the desk already. */
export interface File {
  id: string;
  name: string;
}

/** All that a draft holds. */
export interface Content {
  html: string;
  /** The same without markup, as the editor reads it. */
  text: string;
  to: string[];
  /** Null: everybody who takes part, whoever that is by then. */
  cc: string[] | null;
  bcc: string[];
  /** The mailbox it leaves from; null is the ticket's own. */
  channelId: string | null;
  /** The message that a forward passes on; null is the newest of the customer. */
  messageId: string | null;
  files: File[];
}

export const NOTHING: Content = {
  ...{ html: '', text: '', to: [], cc: null, bcc: [], channelId: null, messageId: null, files: [] },
};

/** Whether there is anything to keep. Which message to forward is chosen by one click, and alone makes no draft. */
export const isEmpty = (content: Content): boolean =>
  content.html === '' &&
  content.files.length + content.to.length + content.bcc.length === 0 &&
  content.cc === null &&
  content.channelId === null;

/** Whether two hold the same for their reader: markup of the editor and of the desk may differ. */
export function isSame(one: Content, other: Content): boolean {
  const facts = ({ text, to, cc, bcc, channelId, messageId, files, html }: Content): string =>
    JSON.stringify([
      text,
      to,
      cc,
      bcc,
      channelId,
      messageId,
      files.map(({ id }) => id),
      shownImages(html),
    ]);
  return facts(one) === facts(other);
}

/** What of a draft was not yet in the message that was made of it; all of it when it is no longer its beginning. */
export function restOf(now: Content, message: Content): Content {
  if (now === message) return NOTHING;
  const begun = message.html.replace(/<\/p>$/, '');
  const files = now.files.filter(({ id }) => !message.files.some((one) => one.id === id));
  if (!now.html.startsWith(begun) || !now.text.startsWith(message.text)) return now;
  const after = now.html.slice(begun.length);
  const html = after.startsWith('</p>') ? after.slice('</p>'.length) : `<p>${after.trimStart()}`;
  const text = now.text.slice(message.text.length).trim();
  return { ...NOTHING, html: text === '' && !html.includes('<img') ? '' : html, text, files };
}

/** Both, one below the other: neither is lost. */
export function joined(first: Content, second: Content): Content {
  const unique = (all: string[]): string[] => [...new Set(all)];
  return {
    html: [first.html, second.html].filter((html) => html !== '').join('<p></p>'),
    text: [first.text, second.text].filter((text) => text !== '').join('\n\n'),
    to: unique([...first.to, ...second.to]),
    cc: first.cc === null ? second.cc : unique([...first.cc, ...(second.cc ?? [])]),
    bcc: unique([...first.bcc, ...second.bcc]),
    channelId: first.channelId ?? second.channelId,
    messageId: first.messageId ?? second.messageId,
    files: [
      ...first.files,
      ...second.files.filter(({ id }) => !first.files.some((file) => file.id === id)),
    ],
  };
}

/** As the desk keeps it. Pictures in the words are named beside the files, so that they are not swept away. */
export function toDesk(kind: Kind, content: Content): object {
  const { html, text, to, cc, bcc, channelId, messageId, files } = content;
  return {
    ...{ kind, body: text, bodyHtml: html === '' ? null : html, to, cc, bcc, channelId, messageId },
    mentions: mentioned(html),
    attachmentIds: [...files.map(({ id }) => id), ...shownImages(html)],
  };
}

/** As the desk has it; `nameOf` knows how people are called that a note names. */
export function fromDesk(draft: DraftOnDesk, nameOf: (id: string) => string | null): Content {
  const { body, bodyHtml, to, cc, bcc, channelId, messageId, mentions } = draft;
  const named = mentions.flatMap((id) => {
    const label = nameOf(id);
    return label === null ? [] : [{ id, label }];
  });
  const html = withMentions(bodyHtml ?? htmlOf(body), named);
  const shown = shownImages(html);
  const files = draft.attachments.filter(({ id }) => !shown.includes(id));
  return {
    ...{ html, text: body, to, cc, bcc, channelId, messageId },
    files: files.map(({ id, name }) => ({ id, name })),
  };
}

/** A message that was taken back, as it was written: without what the desk put below its words. */
export function fromMessage(message: Message): { kind: Kind; content: Content } {
  const kind = message.kind === 'inbound' ? 'reply' : message.kind;
  const html = ownWords(message.bodyHtml) ?? htmlOf(message.body.split(SIGNED)[0] ?? '');
  const files = message.attachments.filter(({ inline }) => !inline);
  return {
    kind,
    content: {
      ...NOTHING,
      ...{
        html,
        text: message.body.split(SIGNED)[0] ?? '',
        cc: kind === 'reply' ? message.cc : null,
        bcc: message.bcc,
      },
      ...(kind === 'forward' ? { to: message.to, cc: message.cc } : {}),
      // What a forward passes on goes along again by itself.
      files: kind === 'forward' ? [] : files.map(({ id, name }) => ({ id, name })),
    },
  };
}

const SIGNED = '\n\n-- \n';
const BELOW = /\n<div>-- <br>|\n<br><div>-{5,} Forwarded message/;
const PICTURE = /src="cid:([0-9a-f-]{36})@holdfast"/g;

function ownWords(html: string | null): string | null {
  return (
    html?.split(BELOW)[0]?.replaceAll(PICTURE, (_, id: string) => {
      return `src="/api/v1/attachments/${id}"`;
    }) ?? null
  );
}

/** Plain text as paragraphs. */
export function htmlOf(text: string): string {
  if (text === '') return '';
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return escaped
    .split(/\n{2,}/)
    .map((part) => `<p>${part.replaceAll('\n', '<br>')}</p>`)
    .join('');
}
