// A message as it was written: text first, the sender's own HTML on request in a frame that can do nothing, attachments, and what became of it.
import { ChevronDown, Download, Forward, StickyNote, TriangleAlert } from 'lucide-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../api/client.ts';
import { refreshTicket } from '../api/ticket-actions.ts';
import type { Message, Ticket } from '../api/types.ts';
import { Avatar, Badge, useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { cx } from '../lib/class-names.ts';
import { at, exact } from '../lib/time.ts';
import { useNow, useSlowNow } from '../lib/use-now.ts';
import { fromMessage } from '../composer/content.ts';
import { useTakeBack } from '../composer/take-back.ts';
import { ForwardButton } from './forward-button.tsx';
import { useAuthorOf } from './labels.tsx';

export function MessageCard({ ticket, message }: { ticket: Ticket; message: Message }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const [html, setHtml] = useState(false);
  const author = useAuthorOf(ticket)(message);
  const inbound = message.kind === 'inbound';
  return (
    <section
      aria-label={`${author ?? ''} ${at(message.createdAt, nowMs, i18n.language)}`}
      data-kind={message.kind}
      className={cx(
        'rounded-lg border px-4 py-3',
        message.kind === 'note'
          ? 'border-note-line bg-note-tint'
          : inbound
            ? 'border-line bg-raised'
            : 'border-line bg-sunken',
        message.state === 'cancelled' && 'opacity-60',
      )}
    >
      <header className="mb-1.5 flex flex-wrap items-center gap-2">
        <Avatar name={author ?? '?'} size={24} />
        <bdi className="font-medium">{author}</bdi>
        {message.kind === 'note' ? (
          <Badge tone="warn">
            <StickyNote size={11} aria-hidden="true" />
            {t('timeline.note')}
          </Badge>
        ) : null}
        {message.kind === 'forward' ? (
          <Badge>
            <Forward size={11} aria-hidden="true" />
            {t('timeline.forwarded')}
          </Badge>
        ) : null}
        {message.automatic ? <Badge>{t('timeline.automatic')}</Badge> : null}
        <span className="flex-1" />
        <Delivery ticket={ticket} message={message} />
        <ForwardButton ticketId={ticket.id} message={message} />
        <time
          dateTime={message.createdAt}
          title={exact(message.createdAt, i18n.language)}
          className="text-xs text-soft tabular-nums"
        >
          {at(message.createdAt, nowMs, i18n.language)}
        </time>
      </header>
      {message.to.length > 0 && message.kind !== 'note' && !inbound ? (
        <p className="mb-1 truncate text-xs text-soft">
          → {[...message.to, ...message.cc].join(', ')}
        </p>
      ) : null}
      {html && message.bodyHtml !== null ? (
        <HtmlMail message={message} />
      ) : (
        <Text message={message} />
      )}
      {message.bodyHtml === null || message.kind === 'note' ? null : (
        <button
          type="button"
          className="mt-1 text-xs text-soft underline"
          onClick={() => setHtml(!html)}
        >
          {t(html ? 'timeline.showText' : 'timeline.showHtml')}
        </button>
      )}
      {inbound ? null : <Pictures message={message} />}
      <Attachments message={message} />
      {message.failure === null ? null : (
        <p className="mt-2 flex items-center gap-1.5 text-[13px] text-danger">
          <TriangleAlert size={14} aria-hidden="true" /> {message.failure.text}
        </p>
      )}
    </section>
  );
}

function Text({ message }: { message: Message }) {
  const { t } = useTranslation();
  const [quoted, setQuoted] = useState(false);
  return (
    <>
      <div dir="auto" className="prose-mail">
        {message.body}
      </div>
      {message.quoted === null || message.quoted === '' ? null : (
        <>
          <button
            type="button"
            aria-expanded={quoted}
            onClick={() => setQuoted(!quoted)}
            className="mt-1 inline-flex items-center gap-1 text-xs text-soft underline"
          >
            <ChevronDown size={12} aria-hidden="true" />
            {t(quoted ? 'timeline.hideQuoted' : 'timeline.showQuoted')}
          </button>
          {quoted ? (
            <div dir="auto" className="prose-mail mt-1 border-s-2 border-line ps-3 text-soft">
              {message.quoted}
            </div>
          ) : null}
        </>
      )}
    </>
  );
}

/** What became of an outgoing message; undo while it waits, again when it failed. */
function Delivery({ ticket, message }: { ticket: Ticket; message: Message }) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow();
  const client = useQueryClient();
  const words = useWordsFor();
  const takeBack = useTakeBack(ticket.id);
  const retry = useMutation({
    mutationFn: () => call('POST', `/api/v1/messages/${message.id}/retry`),
    onError: (error) => toast.error(words(error)),
    onSettled: () => refreshTicket(client, ticket.id),
  });
  if (message.kind === 'inbound' || message.kind === 'note') return null;
  const later = message.sendAt !== null && Date.parse(message.sendAt) > nowMs + 60_000;
  const failed = message.state === 'failed' || message.failure !== null;
  return (
    <>
      <Badge tone={failed ? 'danger' : message.state === 'sent' ? 'good' : 'neutral'}>
        {later && message.state === 'queued' && message.sendAt !== null
          ? t('composer.scheduled', { at: at(message.sendAt, nowMs, i18n.language) })
          : t(`timeline.state.${message.state}`)}
      </Badge>
      {message.state === 'queued' ? (
        <Button small kind="ghost" onClick={() => takeBack(message.id, fromMessage(message))}>
          {t('timeline.undoSend')}
        </Button>
      ) : null}
      {message.state === 'failed' ? (
        <Button small busy={retry.isPending} onClick={() => retry.mutate()}>
          {t('timeline.retry')}
        </Button>
      ) : null}
    </>
  );
}

/** The pictures that a colleague put into the words: the text alone would only name them. */
function Pictures({ message }: { message: Message }) {
  const pictures = message.attachments.filter(
    ({ inline, contentType }) => inline && contentType.startsWith('image/'),
  );
  if (pictures.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-2">
      {pictures.map(({ id, name }) => (
        <li key={id}>
          <a href={`/api/v1/attachments/${id}`} download={name}>
            <img
              src={`/api/v1/attachments/${id}`}
              alt={name}
              loading="lazy"
              className="max-h-48 max-w-full rounded border border-line"
            />
          </a>
        </li>
      ))}
    </ul>
  );
}

function Attachments({ message }: { message: Message }) {
  const files = message.attachments.filter((one) => !one.inline);
  if (files.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-2">
      {files.map((file) => (
        <li key={file.id}>
          <a
            href={`/api/v1/attachments/${file.id}`}
            download={file.name}
            className="inline-flex max-w-64 items-center gap-2 rounded-md border border-line bg-raised px-2.5 py-1.5 hover:bg-sunken"
          >
            <Download size={14} aria-hidden="true" className="shrink-0 text-soft" />
            <bdi className="truncate">{file.name}</bdi>
            <span className="shrink-0 text-xs text-soft">{sizeOf(file.sizeBytes)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

const sizeOf = (bytes: number): string =>
  bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;

const REMOTE = /<img[^>]+src=["']?https?:|url\(\s*["']?https?:/i;

/**
 * The sender's HTML in a frame without scripts, forms or styles that leave it. Pictures from elsewhere would tell the sender that the
 * mail is being read: the desk's own policy for that page holds them back until they are asked for.
 */
function HtmlMail({ message }: { message: Message }) {
  const { t } = useTranslation();
  const [remote, setRemote] = useState(false);
  const [height, setHeight] = useState(160);
  const hasRemote = useMemo(() => REMOTE.test(message.bodyHtml ?? ''), [message.bodyHtml]);
  const fit = (frame: HTMLIFrameElement): void =>
    setHeight(Math.min(4_000, (frame.contentDocument?.documentElement.scrollHeight ?? 150) + 8));
  return (
    <div>
      {hasRemote && !remote ? (
        <p className="mb-2 flex items-center gap-2 text-xs text-soft">
          {t('timeline.remoteImages')}
          <button type="button" className="underline" onClick={() => setRemote(true)}>
            {t('timeline.loadImages')}
          </button>
        </p>
      ) : null}
      <iframe
        title={t('timeline.showHtml')}
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        src={`/api/v1/messages/${message.id}/html${remote ? '?images=remote' : ''}`}
        onLoad={(event) => fit(event.currentTarget)}
        style={{ height }}
        className="w-full rounded bg-white"
      />
    </div>
  );
}
