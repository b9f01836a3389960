// One ticket: its head, what it waits for, its timeline, the composer, and the details beside it.
import { Link } from '@tanstack/react-router';
import { ArrowLeft, ChevronDown, ChevronUp, Info, X } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { usePatchTicket } from '../api/ticket-actions.ts';
import { useRights, useTicket } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Empty, Failure, Skeleton } from '../components/bits.tsx';
import { IconButton } from '../components/button.tsx';
import { useShortcuts } from '../lib/shortcuts.ts';
import { useReadOfTicket } from '../notices/use-read-of-ticket.ts';
import { Others } from '../presence/others.tsx';
import { WritingHere } from '../presence/writing-here.tsx';
import { shellStore, useShell } from '../shell/shell-store.ts';
import { TicketPickers } from './pickers.tsx';
import { Acts } from './ticket-acts.tsx';
import { Timeline } from './timeline.tsx';
import { WaitLine } from './wait-line.tsx';

const Composer = lazy(() =>
  import('../composer/composer.tsx').then((one) => ({ default: one.Composer })),
);
const Sidebar = lazy(() =>
  import('./sidebar/sidebar.tsx').then((one) => ({ default: one.Sidebar })),
);

export interface TicketViewProps {
  id: number;
  onClose?: () => void;
  step?: (by: 1 | -1) => void;
}

export function TicketView({ id, onClose, step }: TicketViewProps) {
  const { t } = useTranslation();
  const ticket = useTicket(id);
  useReadOfTicket(id);
  const { detailsOpen } = useShell();
  const may = useRights();
  const [sheet, setSheet] = useState(false);
  if (ticket.isPending) return <Skeleton lines={9} />;
  // Also of one that was shown before: what is out of sight now does not stay on the page.
  if (ticket.error instanceof ApiError && ticket.error.status === 404)
    return <Empty title={t('errors.notFound')} />;
  if (ticket.isError && ticket.data === undefined)
    return <Failure error={ticket.error} again={() => void ticket.refetch()} />;
  const data = ticket.data;
  return (
    <article aria-label={data.subject} className="flex h-full min-h-0">
      <div className="flex min-w-0 flex-1 flex-col">
        <Head ticket={data} onClose={onClose} step={step} onInfo={() => setSheet(true)} />
        <Timeline ticket={data} />
        <WritingHere ticket={data}>
          {data.mergedIntoId !== null ? (
            <MergedInto ticket={data} />
          ) : may('ticket.reply') || may('ticket.note') ? (
            <Suspense fallback={<div className="h-32 border-t border-line" />}>
              <Composer ticket={data} />
            </Suspense>
          ) : null}
        </WritingHere>
      </div>
      {detailsOpen ? (
        <aside
          aria-label={t('ticket.details')}
          className="w-80 shrink-0 overflow-y-auto border-s border-line bg-sunken max-xl:hidden"
        >
          <Suspense fallback={<Skeleton lines={8} />}>
            <Sidebar ticket={data} />
          </Suspense>
        </aside>
      ) : null}
      {sheet ? <DetailsSheet ticket={data} onClose={() => setSheet(false)} /> : null}
    </article>
  );
}

function MergedInto({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  return (
    <div className="border-t border-line bg-warn-tint p-4 text-center text-warn">
      {t('ticket.mergedNote')}{' '}
      <Link
        to="/tickets/$ticketId"
        params={{ ticketId: String(ticket.mergedIntoId) }}
        className="font-medium underline"
      >
        {t('ticket.merged', { id: ticket.mergedIntoId })}
      </Link>
    </div>
  );
}

/** The details over the page, where there is no room beside it. */
function DetailsSheet({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation();
  useShortcuts('sheet', [
    { keys: 'escape', label: t('common.close'), group: t('keys.ticket'), act: onClose },
  ]);
  return (
    <div className="fixed inset-0 z-40 flex justify-end bg-black/40 xl:hidden" onClick={onClose}>
      <aside
        aria-label={t('ticket.details')}
        className="h-full w-[min(22rem,92vw)] overflow-y-auto bg-sunken shadow-2xl"
        onClick={(event) => event.stopPropagation()}
      >
        <div className="flex justify-end p-2">
          <IconButton label={t('common.close')} onClick={onClose} autoFocus>
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
        <Suspense fallback={<Skeleton lines={8} />}>
          <Sidebar ticket={ticket} />
        </Suspense>
      </aside>
    </div>
  );
}

function Head({
  ticket,
  onClose,
  step,
  onInfo,
}: {
  ticket: Ticket;
  onClose: (() => void) | undefined;
  step: TicketViewProps['step'];
  onInfo: () => void;
}) {
  const { t } = useTranslation();
  const { detailsOpen } = useShell();
  return (
    <header className="flex flex-col gap-2 border-b border-line px-4 py-2.5">
      <div className="flex items-center gap-1">
        {onClose === undefined ? null : (
          <IconButton label={t('common.back')} className="-ms-2 lg:hidden" onClick={onClose}>
            <ArrowLeft size={18} aria-hidden="true" />
          </IconButton>
        )}
        <Subject ticket={ticket} />
        <Others ticketId={ticket.id} />
        {step === undefined ? null : (
          <span className="flex max-sm:hidden">
            <IconButton label={t('ticket.previous')} keys="k" onClick={() => step(-1)}>
              <ChevronUp size={16} aria-hidden="true" />
            </IconButton>
            <IconButton label={t('ticket.next')} keys="j" onClick={() => step(1)}>
              <ChevronDown size={16} aria-hidden="true" />
            </IconButton>
          </span>
        )}
        <IconButton label={t('ticket.showDetails')} className="xl:hidden" onClick={onInfo}>
          <Info size={17} aria-hidden="true" />
        </IconButton>
        <IconButton
          label={t('ticket.showDetails')}
          pressed={detailsOpen}
          className="max-xl:hidden"
          onClick={() => shellStore.set({ detailsOpen: !detailsOpen })}
        >
          <Info size={16} aria-hidden="true" />
        </IconButton>
        <Acts ticket={ticket} />
      </div>
      <TicketPickers ticket={ticket} />
      <WaitLine ticket={ticket} />
    </header>
  );
}

function Subject({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const patch = usePatchTicket();
  const mayEdit = useRights()('ticket.edit');
  const [editing, setEditing] = useState(false);
  useEffect(() => setEditing(false), [ticket.id]);
  if (!editing) {
    return (
      <h2 className="min-w-0 flex-1 text-[15px] font-semibold">
        <button
          type="button"
          disabled={!mayEdit}
          onClick={() => setEditing(true)}
          className="line-clamp-2 w-full text-start"
          title={t('common.edit')}
        >
          <span className="me-1.5 font-normal text-soft tabular-nums">#{ticket.id}</span>
          <bdi>{ticket.subject}</bdi>
        </button>
      </h2>
    );
  }
  const save = (text: string): void => {
    setEditing(false);
    const subject = text.trim();
    if (subject !== '' && subject !== ticket.subject)
      patch.mutate({ id: ticket.id, patch: { subject } });
  };
  return (
    <input
      autoFocus
      aria-label={t('ticket.subject')}
      defaultValue={ticket.subject}
      maxLength={998}
      onBlur={(event) => save(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setEditing(false);
      }}
      className="h-8 min-w-0 flex-1 rounded-md border border-line bg-raised px-2 font-semibold"
    />
  );
}
