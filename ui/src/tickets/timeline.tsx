// All that happened to a ticket, in order: messages and notes as they were written, events in one line each, quiet ones folded.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeline } from '../api/queries.ts';
import type { Ticket, TimelineItem } from '../api/types.ts';
import { Failure, Skeleton } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { EventGroup } from './timeline-event.tsx';
import { MessageCard } from './message-card.tsx';

type Row =
  | { key: string; message: Extract<TimelineItem, { kind: 'message' }> }
  | { key: string; events: Extract<TimelineItem, { kind: 'event' }>[] };

/** Messages alone, and the events between two of them together. */
function rowsOf(items: TimelineItem[]): Row[] {
  const rows: Row[] = [];
  for (const item of items) {
    if (item.kind === 'message') {
      rows.push({ key: item.message.id, message: item });
      continue;
    }
    const last = rows.at(-1);
    if (last !== undefined && 'events' in last) last.events.push(item);
    else rows.push({ key: `e${item.event.ticketId}-${item.event.seq}`, events: [item] });
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
    paddingStart: 12,
    paddingEnd: 16,
  });
  useStayAtEnd(scroller, rows, list);
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
      {timeline.hasNextPage ? (
        <div className="flex justify-center pt-3">
          <Button
            small
            onClick={() => void timeline.fetchNextPage()}
            busy={timeline.isFetchingNextPage}
          >
            {t('ticket.older')}
          </Button>
        </div>
      ) : null}
      <div className="relative" style={{ height: list.getTotalSize() }}>
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
    </div>
  );
}

/** Opens at the newest message, and follows new ones while the reader is at the end; whoever reads further up is left alone. */
function useStayAtEnd(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: Row[],
  list: {
    scrollToIndex: (index: number, options: { align: 'end' }) => void;
    getTotalSize: () => number;
  },
): void {
  const atEnd = useRef(true);
  const [, setReady] = useState(false);
  const newest = rows.at(-1)?.key;
  const size = list.getTotalSize();
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = (): void => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80;
    };
    element.addEventListener('scroll', look, { passive: true });
    setReady(true);
    return () => element.removeEventListener('scroll', look);
  }, [scroller, rows.length === 0]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [scroller, newest, size]);
}
