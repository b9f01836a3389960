// The list as a table, for those who compare: one line a ticket, columns that can be sorted by.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty, Failure, Skeleton } from '../components/bits.tsx';
import { cx } from '../lib/class-names.ts';
import { shortAgo } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { useShell } from '../shell/shell-store.ts';
import { DueBadge, PriorityIcon, StatusBadge, useNames } from './labels.tsx';
import type { ListProps } from './ticket-list.tsx';

const COLUMNS =
  'grid grid-cols-[2rem_4rem_minmax(12rem,1fr)_11rem_9rem_2rem_7rem_9rem_4rem] items-center gap-2 px-3';

export function TicketTable({ items, list, show, selection }: ListProps) {
  const { t, i18n } = useTranslation();
  const { dense } = useShell();
  const names = useNames();
  const nowMs = useSlowNow();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (dense ? 32 : 42),
    overscan: 15,
  });
  useEffect(() => rows.measure(), [rows, dense]);
  const seen = rows.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (last >= items.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (list.isPending) return <Skeleton lines={10} />;
  if (list.isError && items.length === 0)
    return <Failure error={list.error} again={() => void list.refetch()} />;
  if (items.length === 0) return <Empty title={t('list.empty')}>{t('list.emptyHint')}</Empty>;
  return (
    <div
      ref={scroller}
      role="table"
      aria-rowcount={items.length}
      className="min-h-0 flex-1 overflow-auto"
    >
      <div
        role="rowgroup"
        className="sticky top-0 z-10 min-w-[60rem] border-b border-line bg-sunken text-xs text-soft"
      >
        <div role="row" className={cx(COLUMNS, 'h-8')}>
          <span role="columnheader" aria-label={t('keys.select')} />
          <span role="columnheader">#</span>
          <span role="columnheader">{t('list.subject')}</span>
          <span role="columnheader">{t('list.requester')}</span>
          <span role="columnheader">{t('list.status')}</span>
          <span role="columnheader" aria-label={t('list.priority')} />
          <span role="columnheader">{t('list.due')}</span>
          <span role="columnheader">{t('list.assignee')}</span>
          <span role="columnheader">{t('list.updated')}</span>
        </div>
      </div>
      <div
        role="rowgroup"
        className="relative min-w-[60rem]"
        style={{ height: rows.getTotalSize() }}
      >
        {seen.map((row) => {
          const ticket = items[row.index];
          if (ticket === undefined) return null;
          return (
            <div
              key={ticket.id}
              role="row"
              className={cx(
                COLUMNS,
                'absolute inset-x-0 border-b border-line hover:bg-sunken',
                selection.ids.has(ticket.id) && 'bg-tint',
              )}
              style={{ height: row.size, transform: `translateY(${row.start}px)` }}
            >
              <span role="cell">
                <input
                  type="checkbox"
                  aria-label={t('list.select', { id: ticket.id })}
                  checked={selection.ids.has(ticket.id)}
                  onChange={() => selection.toggle(ticket.id)}
                  className="size-4 align-middle accent-[var(--accent)]"
                />
              </span>
              <span role="cell" className="text-soft tabular-nums">
                {ticket.id}
              </span>
              <span role="cell" className="min-w-0">
                <button
                  type="button"
                  onClick={() => show(ticket.id)}
                  className="block max-w-full truncate text-start hover:underline"
                >
                  <bdi>{ticket.subject}</bdi>
                </button>
              </span>
              <span role="cell" className="truncate text-soft">
                {ticket.requester.name ?? ticket.requester.email}
              </span>
              <span role="cell">
                <StatusBadge ticket={ticket} />
              </span>
              <span role="cell">
                <PriorityIcon priority={ticket.priority} />
              </span>
              <span role="cell">
                <DueBadge sla={ticket.sla} />
              </span>
              <span role="cell" className="truncate">
                {names.person(ticket.assigneeId) ?? '—'}
              </span>
              <span role="cell" className="text-soft tabular-nums">
                {shortAgo(ticket.updatedAt, nowMs, i18n.language)}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
