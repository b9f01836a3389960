// One ticket: its head, what it waits for, its timeline, the composer, and the details beside it.
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, ChevronDown, ChevronUp, Ellipsis, Info, Maximize2, X } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { ApiError } from '../api/client.ts';
import { useTicketVerb, usePatchTicket } from '../api/ticket-actions.ts';
import { useMay, useMe, useTicket } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Empty, Failure, Skeleton } from '../components/bits.tsx';
import { IconButton } from '../components/button.tsx';
import { Menu } from '../components/menu.tsx';
import type { MenuItem } from '../components/menu.tsx';
import { cx } from '../lib/class-names.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { shellStore, useShell } from '../shell/shell-store.ts';
import { Details } from './details.tsx';
import { MergeDialog } from './merge-dialog.tsx';
import { TicketPickers } from './pickers.tsx';
import { SnoozeDialog } from './snooze-dialog.tsx';
import { Timeline } from './timeline.tsx';
import { WaitLine } from './wait-line.tsx';

const Composer = lazy(() => import('./composer.tsx').then((one) => ({ default: one.Composer })));

export interface TicketViewProps {
  id: number;
  onClose?: () => void;
  step?: (by: 1 | -1) => void;
}

export function TicketView({ id, onClose, step }: TicketViewProps) {
  const { t } = useTranslation();
  const ticket = useTicket(id);
  const { detailsOpen } = useShell();
  const may = useMay();
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
        {data.mergedIntoId !== null ? (
          <MergedInto ticket={data} />
        ) : may('ticket.reply') || may('ticket.note') ? (
          <Suspense fallback={<div className="h-32 border-t border-line" />}>
            <Composer ticket={data} />
          </Suspense>
        ) : null}
      </div>
      {detailsOpen ? (
        <aside
          aria-label={t('ticket.details')}
          className="w-80 shrink-0 overflow-y-auto border-s border-line bg-sunken max-xl:hidden"
        >
          <Details ticket={data} />
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
        <Details ticket={ticket} />
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
  const mayEdit = useMay()('ticket.edit');
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

function Acts({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const me = useMe();
  const verb = useTicketVerb();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'merge' | 'snooze' | null>(null);
  const follows = me.data !== undefined && ticket.followers.includes(me.data.user.id);
  const snoozed = ticket.snoozedUntil !== null || ticket.snoozedUntilReply;
  const group = t('keys.ticket');
  const wake = (): void => verb.mutate({ id: ticket.id, verb: 'snooze', body: { until: null } });
  const follow = (): void =>
    verb.mutate({ id: ticket.id, verb: 'follow', body: { follow: !follows } });
  const may = useMay();
  const snooze = { keys: 'h', label: t('ticket.snooze'), act: () => setDialog('snooze') };
  const merge = { keys: 'm', label: t('ticket.merge'), act: () => setDialog('merge') };
  const watch = { keys: 'f', label: t(follows ? 'ticket.unfollow' : 'ticket.follow'), act: follow };
  const offered = [
    ...(may('ticket.edit') ? [snooze] : []),
    ...(may('ticket.merge') ? [merge] : []),
    ...(may('ticket.follow') ? [watch] : []),
  ];
  useShortcuts(
    'acts',
    offered.map((one) => ({ ...one, group })),
  );
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(`${location.origin}/tickets/${ticket.id}`);
    toast.success(t('ticket.copied'));
  };
  const merged = ticket.mergedIntoId !== null;
  const items: MenuItem[] = [
    ...offered.map((one) =>
      one === snooze && snoozed
        ? { label: t('ticket.wakeNow'), act: wake }
        : { ...one, disabled: one === merge && merged },
    ),
    { label: t('ticket.copyLink'), apart: offered.length > 0, act: () => void copy() },
    {
      label: t('ticket.fullPage'),
      icon: <Maximize2 size={14} aria-hidden="true" />,
      act: () =>
        void navigate({ to: '/tickets/$ticketId', params: { ticketId: String(ticket.id) } }),
    },
    {
      label: t('ticket.openWorkflow'),
      act: () => window.open(ticket.workflow.url, '_blank', 'noopener'),
    },
    ...(may('ticket.spam')
      ? [
          {
            ...{ label: t(ticket.spam ? 'ticket.notSpam' : 'ticket.spam'), apart: true },
            danger: !ticket.spam,
            act: () => verb.mutate({ id: ticket.id, verb: 'spam', body: { spam: !ticket.spam } }),
          },
        ]
      : []),
  ];
  return (
    <>
      <Menu
        items={items}
        trigger={
          <IconButton label={t('common.more')} className={cx('-me-2')}>
            <Ellipsis size={17} aria-hidden="true" />
          </IconButton>
        }
      />
      <MergeDialog ticket={ticket} open={dialog === 'merge'} onClose={() => setDialog(null)} />
      <SnoozeDialog ticket={ticket} open={dialog === 'snooze'} onClose={() => setDialog(null)} />
    </>
  );
}
