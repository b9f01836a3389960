// Which message a forward passes on and with which files, and the way to another one. Until one is chosen it is the desk's choice: the
// newest that the customer wrote.
import { useQuery } from '@tanstack/react-query';
import { Paperclip } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useTimeline } from '../api/queries.ts';
import type { Message, Ticket } from '../api/types.ts';
import { at } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { canBePassedOn } from '../tickets/forward-button.tsx';
import { useAuthorOf } from '../tickets/labels.tsx';

const WORDS_SHOWN = 70;

export interface PassedOnProps {
  ticket: Ticket;
  messageId: string | null;
  onChange: (messageId: string) => void;
}

export function PassedOn({ ticket, messageId, onChange }: PassedOnProps) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const authorOf = useAuthorOf(ticket);
  const { offered, shown, none } = useOffered(ticket.id, messageId);
  const wordsOf = (message: Message): string => {
    const said = message.body.trim().replace(/\s+/g, ' ');
    const words = said.length > WORDS_SHOWN ? `${said.slice(0, WORDS_SHOWN)}…` : said;
    const when = at(message.createdAt, nowMs, i18n.language);
    return [authorOf(message), when, words].filter(Boolean).join(' · ');
  };
  const files = shown?.attachments.map(({ name }) => name) ?? [];
  return (
    <>
      <label className="flex items-center gap-2 py-0.5">
        {t('composer.passesOn')}
        <select
          value={shown?.id ?? ''}
          onChange={({ target }) => onChange(target.value)}
          className="h-7 min-w-0 flex-1 truncate rounded bg-transparent text-ink max-sm:h-9 max-sm:text-base"
        >
          {shown === undefined ? (
            <option value="" disabled>
              {t(none ? 'composer.passesOnNothing' : 'composer.passesOnUnknown')}
            </option>
          ) : null}
          {offered.map((message) => (
            <option key={message.id} value={message.id}>
              {wordsOf(message)}
            </option>
          ))}
        </select>
      </label>
      {files.length === 0 ? null : (
        <p className="flex items-center gap-1.5 pb-0.5 text-xs">
          <Paperclip size={12} role="img" aria-label={t('composer.goesAlong')} />
          <bdi className="min-w-0 truncate">{files.join(', ')}</bdi>
        </p>
      )}
    </>
  );
}

/** The messages to choose from, the newest first; the one that leaves; and whether there is none that could. */
function useOffered(ticketId: number, messageId: string | null) {
  const timeline = useTimeline(ticketId);
  const loaded = (timeline.data?.pages ?? [])
    .flatMap(({ items }) => items)
    .flatMap((item) =>
      item.kind === 'message' && canBePassedOn(item.message) ? [item.message] : [],
    );
  const isLoaded = messageId === null || loaded.some(({ id }) => id === messageId);
  // One that stands further back than what has been read of the thread.
  const far = useQuery({
    queryKey: ['message', messageId],
    queryFn: () => call<Message>('GET', `/api/v1/messages/${messageId}`),
    enabled: timeline.isSuccess && !isLoaded,
  });
  const offered = isLoaded || far.data === undefined ? loaded : [...loaded, far.data];
  const inbound = loaded.filter(({ kind }) => kind === 'inbound');
  const shown =
    messageId === null
      ? (inbound.find(({ automatic }) => !automatic) ?? inbound[0])
      : offered.find(({ id }) => id === messageId);
  const none = messageId === null && timeline.isSuccess && !timeline.hasNextPage;
  return { offered, shown, none };
}
