// The list as cards, one under the other: as fast with a hundred thousand tickets as with ten, since only what is seen exists.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { DraftMark } from './draft-mark.tsx';
import type { useTicketList } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Avatar, Empty, Failure, Skeleton } from '../components/bits.tsx';
import { cx } from '../lib/class-names.ts';
import { exact, shortAgo } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { useShell } from '../shell/shell-store.ts';
import { fetchNextWhenIdle } from '../lib/more-pages.ts';
import { DueBadge, PriorityIcon, StatusBadge, useNames } from './labels.tsx';
import { useInUse, useKeepPlace, withFocused } from './keep-place.ts';
import { useLookAhead } from './look-ahead.ts';
import type { Selection } from './selection.ts';

export interface ListProps {
  items: Ticket[];
  list: ReturnType<typeof useTicketList>;
  open: number | null;
  show: (id: number) => void;
  selection: Selection;
}

export function TicketList({
  items,
  list,
  open,
  show,
  selection,
  viewId,
}: ListProps & { viewId: string }) {
  const { t } = useTranslation();
  const { dense } = useShell();
  const height = dense ? 58 : 84;
  const scroller = useRef<HTMLDivElement>(null);
  const acts = useCardActs(show, selection);
  const { inUse, hears } = useInUse();
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    getItemKey: (index) => items[index]?.id ?? index,
    rangeExtractor: (range) => withFocused(range, items, inUse.current),
  });
  useEffect(() => rows.measure(), [rows, height]);
  const ahead = useLookAhead();
  useKeepPlace(scroller, inUse, { viewId, items, open, rowHeight: height });
  const seen = rows.getVirtualItems();
  const last = rows.range?.endIndex ?? 0;
  const { hasNextPage, isFetching } = list;
  useEffect(() => {
    if (last >= items.length - 15) fetchNextWhenIdle(list);
  }, [last, items.length, hasNextPage, isFetching]);
  useEffect(() => {
    const index = items.findIndex((one) => one.id === open);
    if (index >= 0) rows.scrollToIndex(index, { align: 'auto' });
    // Only when another ticket is opened: a list that changes must not jump.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [open]);
  if (list.isPending) return <Skeleton lines={8} />;
  if (list.isError && items.length === 0)
    return <Failure error={list.error} again={() => void list.refetch()} />;
  if (items.length === 0)
    return (
      <Empty title={t('list.empty')}>
        {t(viewId === 'unassigned' ? 'list.emptyUnassigned' : 'list.emptyHint')}
      </Empty>
    );
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto" data-testid="ticket-list">
      <ul className="relative" style={{ height: rows.getTotalSize() }} {...hears}>
        {seen.map((row) => {
          const ticket = items[row.index];
          if (ticket === undefined) return null;
          return (
            <li
              key={row.key}
              data-ticket={ticket.id}
              className="absolute inset-x-0"
              style={{ height: row.size, transform: `translateY(${row.start}px)` }}
              {...ahead(ticket.id)}
            >
              <Card
                ticket={ticket}
                isOpen={ticket.id === open}
                chosen={selection.ids.has(ticket.id)}
                {...{ dense, acts }}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface CardActs {
  show: (id: number) => void;
  /** Null when nothing can be done to chosen tickets. */
  toggle: ((id: number) => void) | null;
}

/** The same acts for as long as the list is there, whatever they do by now: rows need not be drawn again for them. */
function useCardActs(show: CardActs['show'], { possible, toggle }: Selection): CardActs {
  const now = useRef({ show, toggle });
  now.current = { show, toggle };
  return useMemo(
    () => ({
      show: (id) => now.current.show(id),
      toggle: possible ? (id) => now.current.toggle(id) : null,
    }),
    [possible],
  );
}

interface CardProps {
  ticket: Ticket;
  isOpen: boolean;
  chosen: boolean;
  acts: CardActs;
  dense: boolean;
}

const Card = memo(function Card({ ticket, isOpen, chosen, acts, dense }: CardProps) {
  const { show, toggle } = acts;
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const names = useNames();
  const assignee = names.person(ticket.assigneeId);
  const who = ticket.requester.name ?? ticket.requester.email ?? ticket.requester.phone ?? '';
  return (
    <div
      className={cx(
        'group relative flex h-full gap-2.5 border-b border-line ps-3 pe-3',
        dense ? 'py-1.5' : 'py-2.5',
        isOpen ? 'bg-tint' : chosen ? 'bg-sunken' : 'hover:bg-sunken',
      )}
    >
      <div className="relative mt-0.5 size-6 shrink-0">
        <span
          className={cx(
            'transition-opacity',
            chosen ? 'opacity-0' : toggle !== null && 'group-hover:opacity-0',
          )}
        >
          <Avatar name={who} />
        </span>
        {toggle !== null ? (
          <input
            type="checkbox"
            checked={chosen}
            aria-label={t('list.select', { id: ticket.id })}
            onChange={() => toggle(ticket.id)}
            className={cx(
              'absolute inset-1 z-10 size-4 accent-[var(--accent)] focus:opacity-100',
              chosen ? '' : 'opacity-0 group-hover:opacity-100',
            )}
          />
        ) : null}
      </div>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-2">
          <span
            className={cx(
              'min-w-0 flex-1 truncate text-[13px]',
              ticket.category === 'new' ? 'font-semibold' : 'text-soft',
            )}
          >
            {who}
          </span>
          <DraftMark ticketId={ticket.id} />
          <time
            dateTime={ticket.updatedAt}
            title={exact(ticket.updatedAt, i18n.language)}
            className="shrink-0 text-xs text-soft tabular-nums"
          >
            {shortAgo(ticket.updatedAt, nowMs, i18n.language)}
          </time>
        </div>
        <button
          type="button"
          onClick={() => show(ticket.id)}
          aria-current={isOpen}
          className={cx(
            'block w-full truncate text-start after:absolute after:inset-0',
            ticket.category === 'new' && 'font-semibold',
          )}
        >
          <span className="sr-only">#{ticket.id} </span>
          <bdi>{ticket.subject}</bdi>
        </button>
        {dense ? null : (
          <div className="mt-1 flex items-center gap-1.5 overflow-hidden">
            <PriorityIcon priority={ticket.priority} size={14} />
            <StatusBadge ticket={ticket} />
            <DueBadge sla={ticket.sla} />
            <span className="flex-1" />
            {assignee === null ? null : (
              <span className="truncate text-xs text-soft">{assignee}</span>
            )}
          </div>
        )}
      </div>
    </div>
  );
});
