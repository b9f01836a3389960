// Events between two messages: the last ones in a line each, the rest behind a word.
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../api/queries.ts';
import type { TimelineItem } from '../api/types.ts';
import { at as timeOf, exact } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { changesNothing } from './event-sentences.ts';
import type { CauseWords } from './event-sentences.ts';
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

const isLoud = ({ event }: Item): boolean =>
  event.type === 'rulesAdopted' ? !changesNothing(event.data) : !QUIET.has(event.type);

export function EventGroup({ items }: { items: Item[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const loud = items.filter(isLoud);
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
    <li data-event={item.event.type}>
      <span className="flex flex-wrap items-baseline gap-x-1.5">
        <span className="font-medium text-ink">{words.who}</span>
        <span className="min-w-0 break-words">{words.what}</span>
        {words.why === null ? null : <span className="italic">— {words.why}</span>}
        <time
          dateTime={item.at}
          title={exact(item.at, i18n.language)}
          className="text-xs tabular-nums"
        >
          {timeOf(item.at, nowMs, i18n.language)}
        </time>
      </span>
      {words.causes.map((cause) => (
        <Cause key={cause.what} cause={cause} />
      ))}
      {words.moves.map((move) => (
        <span key={move} className="block ps-3 tabular-nums">
          {move}
        </span>
      ))}
    </li>
  );
}

/** Which save it followed, with the way to that version for whoever may see it. */
function Cause({ cause }: { cause: CauseWords }) {
  const mayOpen = useMay('settings.view');
  const { to, what, more } = cause;
  const link = 'text-accent underline';
  return (
    <span className="block ps-3">
      {to === null || !mayOpen ? (
        what
      ) : to.page === 'policy' ? (
        <Link
          to="/settings/sla-policies/$policyId"
          params={{ policyId: to.id }}
          search={to.search}
          className={link}
        >
          {what}
        </Link>
      ) : (
        <Link
          to="/settings/calendars/$calendarId"
          params={{ calendarId: to.id }}
          search={to.search}
          className={link}
        >
          {what}
        </Link>
      )}
      {more === null ? null : <span className="italic"> — {more}</span>}
    </span>
  );
}
