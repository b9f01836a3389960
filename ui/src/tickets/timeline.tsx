// All that happened to a ticket, in order: messages and notes as they were written, events in one line each, quiet ones folded.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeline } from '../api/queries.ts';
import { keyOf } from '../api/timeline-pages.ts';
import type { Ticket, TimelineItem } from '../api/types.ts';
import { Failure, Skeleton } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { fetchNext, fetchNextWhenIdle } from '../lib/more-pages.ts';
import { EventGroup } from './timeline-event.tsx';
import { MessageCard } from './message-card.tsx';

type Row =
  | { key: string; message: Extract<TimelineItem, { kind: 'message' }> }
  | { key: string; events: Extract<TimelineItem, { kind: 'event' }>[] };

/** Older messages are fetched when so much is left above what is seen. */
const AHEAD_PX = 1_500;
/** Room for the word that there is more. */
const ROOM_PX = 52;

/** Messages alone, and the events between two of them together: by their last one, since older ones may join them. */
function rowsOf(items: TimelineItem[]): Row[] {
  const rows: Row[] = [];
  for (const item of items) {
    if (item.kind === 'message') {
      rows.push({ key: item.message.id, message: item });
      continue;
    }
    const last = rows.at(-1);
    if (last !== undefined && 'events' in last) {
      last.events.push(item);
      last.key = keyOf(item);
    } else rows.push({ key: keyOf(item), events: [item] });
  }
  return rows;
}

export function Timeline({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const timeline = useTimeline(ticket.id);
  const rows = useMemo(
    () => rowsOf((timeline.data?.pages.flatMap((page) => page.items) ?? []).toReversed()),
    [timeline.data],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index] !== undefined && 'events' in rows[index] ? 36 : 140),
    overscan: 6,
    getItemKey: (index) => rows[index]?.key ?? index,
    paddingStart: timeline.hasNextPage ? ROOM_PX : 12,
    paddingEnd: 16,
    // What is read stays where it is when older messages come in above it.
    anchorTo: 'end',
  });
  const { away, toEnd } = useStayAtEnd(scroller, rows, list.getTotalSize());
  const { hasNextPage, isFetching, isFetchNextPageError } = timeline;
  const first = list.getVirtualItems()[0]?.index;
  useEffect(() => {
    const above = scroller.current?.scrollTop ?? Infinity;
    if (!isFetchNextPageError && above < AHEAD_PX) fetchNextWhenIdle(timeline);
  }, [first, rows.length, hasNextPage, isFetching, isFetchNextPageError]);
  if (timeline.isPending)
    return (
      <div className="flex-1">
        <Skeleton lines={7} />
      </div>
    );
  if (timeline.isError && rows.length === 0)
    return (
      <div className="flex-1">
        <Failure error={timeline.error} again={() => void timeline.refetch()} />
      </div>
    );
  return (
    <div
      ref={scroller}
      data-testid="timeline"
      tabIndex={0}
      role="log"
      aria-label={t('keys.ticket')}
      className="min-h-0 flex-1 overflow-y-auto px-4"
    >
      <div className="relative" style={{ height: list.getTotalSize() }}>
        {hasNextPage ? (
          <div className="absolute inset-x-0 top-3 flex justify-center">
            <Button
              small
              onClick={() => void fetchNext(timeline)}
              busy={timeline.isFetchingNextPage}
            >
              {t('ticket.older')}
            </Button>
          </div>
        ) : null}
        {list.getVirtualItems().map((place) => {
          const row = rows[place.index];
          if (row === undefined) return null;
          return (
            <div
              key={place.key}
              ref={list.measureElement}
              data-index={place.index}
              className="absolute inset-x-0 pb-3"
              style={{ transform: `translateY(${place.start}px)` }}
            >
              {'message' in row ? (
                <MessageCard ticket={ticket} message={row.message.message} />
              ) : (
                <EventGroup items={row.events} />
              )}
            </div>
          );
        })}
      </div>
      {away ? (
        <div className="pointer-events-none sticky bottom-3 flex justify-end">
          <Button small className="pointer-events-auto shadow-lg" onClick={toEnd}>
            <ArrowDown size={14} aria-hidden="true" /> {t('ticketPage.toNewest')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** Opens at the newest message, and follows new ones while the reader is at the end; whoever reads further up is left alone. */
function useStayAtEnd(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: Row[],
  size: number,
): { away: boolean; toEnd: () => void } {
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const newest = rows.at(-1)?.key;
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = (): void => {
      const below = element.scrollHeight - element.scrollTop - element.clientHeight;
      atEnd.current = below < 80;
      setAway(below > 2 * element.clientHeight);
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [scroller, rows.length === 0]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [scroller, newest, size]);
  const toEnd = (): void => {
    // Rows are measured on the way, and the end moves: from here on it is followed.
    atEnd.current = true;
    setAway(false);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
    scroller.current?.focus();
  };
  return { away, toEnd };
}
