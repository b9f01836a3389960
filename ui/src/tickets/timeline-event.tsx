// Events between two messages: the last ones in a line each, the rest behind a word.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TimelineItem } from '../api/types.ts';
import { at as timeOf, exact } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { useEventWords } from './event-words.ts';

type Item = Extract<TimelineItem, { kind: 'event' }>;
const SHOWN = 4;
/** Said by the message's own state, or of the machine alone. */
const QUIET = new Set([
  'messageReceived',
  'replyAccepted',
  'forwardAccepted',
  'noteAdded',
  'deliverySucceeded',
  'mergeReserved',
  'mergeReleased',
  'ended',
  'messagePassedOn',
]);

export function EventGroup({ items }: { items: Item[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const loud = items.filter(({ event }) => !QUIET.has(event.type));
  if (loud.length === 0) return null;
  const shown = all ? loud : loud.slice(-SHOWN);
  return (
    <ul className="flex flex-col gap-1 border-s-2 border-line ps-3 text-[13px] text-soft">
      {loud.length > shown.length ? (
        <li>
          <button type="button" className="underline" onClick={() => setAll(true)}>
            {t('timeline.events', { count: loud.length - shown.length })}
          </button>
        </li>
      ) : null}
      {shown.map((item) => (
        <EventLine key={`${item.event.ticketId}-${item.event.seq}`} item={item} />
      ))}
    </ul>
  );
}

function EventLine({ item }: { item: Item }) {
  const { i18n } = useTranslation();
  const nowMs = useSlowNow();
  const words = useEventWords()(item.event);
  return (
    <li className="flex flex-wrap items-baseline gap-x-1.5">
      <span className="font-medium text-ink">{words.who}</span>
      <span>{words.what}</span>
      {words.why === null ? null : <span className="italic">— {words.why}</span>}
      <time
        dateTime={item.at}
        title={exact(item.at, i18n.language)}
        className="text-xs tabular-nums"
      >
        {timeOf(item.at, nowMs, i18n.language)}
      </time>
    </li>
  );
}
