// The list as a table, for those who compare: one line a ticket, the columns of the view.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty, Failure, Skeleton } from '../components/bits.tsx';
import { cx } from '../lib/class-names.ts';
import { useShell } from '../shell/shell-store.ts';
import { fetchNextWhenIdle } from '../lib/more-pages.ts';
import { Cell, USUAL_COLUMNS, WIDTHS } from './table-columns.tsx';
import type { ColumnId } from './table-columns.tsx';
import type { ListProps } from './ticket-list.tsx';

const ROW = 'grid items-center gap-2 px-3';

export function TicketTable({
  items,
  list,
  show,
  selection,
  ...of
}: ListProps & { columns: ColumnId[] }) {
  const { t } = useTranslation();
  const { dense } = useShell();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = of.columns.length === 0 ? USUAL_COLUMNS : of.columns;
  const gridTemplateColumns = ['2rem', ...columns.map((one) => WIDTHS[one])].join(' ');
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (dense ? 32 : 42),
    overscan: 15,
  });
  useEffect(() => rows.measure(), [rows, dense]);
  const seen = rows.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  const { hasNextPage, isFetching } = list;
  useEffect(() => {
    if (last >= items.length - 20) fetchNextWhenIdle(list);
  }, [last, items.length, hasNextPage, isFetching]);
  if (list.isPending) return <Skeleton lines={10} />;
  if (list.isError && items.length === 0)
    return <Failure error={list.error} again={() => void list.refetch()} />;
  if (items.length === 0) return <Empty title={t('list.empty')}>{t('list.emptyHint')}</Empty>;
  return (
    <div
      ref={scroller}
      role="table"
      tabIndex={0}
      aria-rowcount={items.length}
      aria-label={t('keys.list')}
      className="min-h-0 flex-1 overflow-auto"
    >
      <div
        role="rowgroup"
        className="sticky top-0 z-10 min-w-[60rem] border-b border-line bg-sunken text-xs text-soft"
      >
        <div role="row" className={cx(ROW, 'h-8')} style={{ gridTemplateColumns }}>
          <span role="columnheader">
            <span className="sr-only">{t('keys.select')}</span>
          </span>
          {columns.map((column) => (
            <span key={column} role="columnheader">
              {t(`views.columnNames.${column}`)}
            </span>
          ))}
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
          const chosen = selection.ids.has(ticket.id);
          return (
            <div
              key={ticket.id}
              role="row"
              aria-rowindex={row.index + 1}
              className={cx(
                ROW,
                'absolute inset-x-0 border-b border-line hover:bg-sunken',
                chosen && 'bg-tint',
              )}
              style={{
                gridTemplateColumns,
                height: row.size,
                transform: `translateY(${row.start}px)`,
              }}
            >
              <span role="cell">
                <input
                  hidden={!selection.possible}
                  type="checkbox"
                  aria-label={t('list.select', { id: ticket.id })}
                  checked={chosen}
                  onChange={() => selection.toggle(ticket.id)}
                  className="size-4 align-middle accent-[var(--accent)]"
                />
              </span>
              {columns.map((column) => (
                <span key={column} role="cell" className="min-w-0 truncate">
                  <Cell column={column} ticket={ticket} show={show} />
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
