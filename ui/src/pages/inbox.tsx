// The agent's page: the list of a view, and the ticket that is open beside it (over it, on a phone).
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { prefetchTicket, useTicketList } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Empty } from '../components/bits.tsx';
import { cx } from '../lib/class-names.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { Board } from '../tickets/board.tsx';
import { ListHeader } from '../tickets/list-header.tsx';
import { TicketList } from '../tickets/ticket-list.tsx';
import { TicketTable } from '../tickets/ticket-table.tsx';
import { useSelection } from '../tickets/selection.ts';
import { TicketView } from '../tickets/ticket-view.tsx';
import { useLayoutOf } from '../views/use-layout.ts';
import { useView } from '../views/view-queries.ts';

export function Inbox() {
  const { t } = useTranslation();
  const { viewId } = useParams({ from: '/desk/views/$viewId' });
  const { ticketId } = useParams({ strict: false });
  const search = useSearch({ from: '/desk/views/$viewId' });
  const navigate = useNavigate();
  const layout = useLayoutOf(viewId);
  const open = ticketId === undefined ? null : Number(ticketId);
  const list = useTicketList({ ...search, ...(viewId === 'search' ? {} : { view: viewId }) });
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const selection = useSelection(viewId);
  const show = (id: number | null): void =>
    void navigate(
      id === null
        ? { to: '/views/$viewId', params: { viewId }, search }
        : {
            to: '/views/$viewId/tickets/$ticketId',
            params: { viewId, ticketId: String(id) },
            search,
          },
    );
  const step = useSteps(items, open, show, selection.toggle);
  const columns = useView(viewId)?.columns ?? [];
  const shared = { items, list, open, show, selection };
  const wide = layout !== 'split' && open === null;
  return (
    <div className="flex h-full">
      <section
        aria-label={t('keys.list')}
        className={cx(
          'flex min-h-0 flex-col border-line',
          wide ? 'min-w-0 flex-1' : 'w-full lg:w-[23rem] lg:shrink-0 lg:border-e',
          open !== null && 'max-lg:hidden',
        )}
      >
        <ListHeader viewId={viewId} search={search} selection={selection} items={items} />
        {wide && layout === 'table' ? (
          <TicketTable {...shared} columns={columns} />
        ) : wide && layout === 'board' ? (
          <Board {...shared} />
        ) : (
          <TicketList {...shared} viewId={viewId} />
        )}
      </section>
      {wide ? null : (
        <section
          aria-label={t('keys.ticket')}
          className={cx('min-w-0 flex-1', open === null && 'max-lg:hidden')}
        >
          {open === null ? (
            <div className="flex h-full items-center justify-center bg-sunken">
              <Empty title={t('ticket.pickOne')}>{t('ticket.pickOneHint')}</Empty>
            </div>
          ) : (
            <>
              {/* The list's own heading is not there on a phone. */}
              <h1 className="sr-only lg:hidden">{t('keys.ticket')}</h1>
              <TicketView key={open} id={open} onClose={() => show(null)} step={step} />
            </>
          )}
        </section>
      )}
    </div>
  );
}

/** Walking through the list by keys; the neighbours' pages are fetched before they are asked for. */
function useSteps(
  items: Ticket[],
  open: number | null,
  show: (id: number | null) => void,
  toggle: (id: number) => void,
): (by: 1 | -1) => void {
  const { t } = useTranslation();
  const client = useQueryClient();
  const step = (by: 1 | -1): void => {
    const index = items.findIndex((one) => one.id === open);
    const next = items[index === -1 ? (by === 1 ? 0 : items.length - 1) : index + by];
    if (next === undefined) return;
    show(next.id);
    const after = items[items.indexOf(next) + by];
    if (after !== undefined) prefetchTicket(client, after.id);
  };
  const group = t('keys.list');
  useShortcuts('list', [
    { keys: 'j', label: t('keys.down'), group, act: () => step(1) },
    { keys: 'k', label: t('keys.up'), group, act: () => step(-1) },
    { keys: 'down', label: t('keys.down'), group, act: () => step(1) },
    { keys: 'up', label: t('keys.up'), group, act: () => step(-1) },
    {
      keys: 'x',
      label: t('keys.select'),
      group,
      act: () => (open === null ? undefined : toggle(open)),
    },
    { keys: 'escape', label: t('common.back'), group, act: () => show(null) },
  ]);
  return step;
}
