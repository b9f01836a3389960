// What can be done with a ticket as a whole: in its menu, by keys, and through them in the palette.
import { useNavigate } from '@tanstack/react-router';
import { Ellipsis, Eye, EyeOff, Maximize2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import type { Permission } from '#domain/permissions.ts';
import { useTicketVerb } from '../api/ticket-actions.ts';
import { useMe } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { IconButton } from '../components/button.tsx';
import { Menu } from '../components/menu.tsx';
import type { MenuItem } from '../components/menu.tsx';
import { useShortcuts } from '../lib/shortcuts.ts';

const MergeDialog = lazy(() =>
  import('./merge-dialog.tsx').then((one) => ({ default: one.MergeDialog })),
);
const SnoozeDialog = lazy(() =>
  import('./snooze-dialog.tsx').then((one) => ({ default: one.SnoozeDialog })),
);
const MoveDialog = lazy(() =>
  import('./move-dialog.tsx').then((one) => ({ default: one.MoveDialog })),
);
type DialogName = 'merge' | 'snooze' | 'move';

interface Act extends MenuItem {
  keys: string;
  needs: Permission;
}

/** The button that follows, and the menu of all acts. */
export function Acts({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const me = useMe();
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const all = useActs(ticket, setDialog);
  const rest = useRest(ticket);
  const permissions = me.data?.permissions ?? [];
  const acts = all.filter(({ needs }) => permissions.includes(needs));
  useShortcuts(
    'acts',
    acts
      .filter(({ disabled }) => disabled !== true)
      .map(({ keys, label, act }) => ({ keys, label, act, group: t('keys.ticket') })),
  );
  const close = (): void => setDialog(null);
  const follow = acts.find(({ keys }) => keys === 'f');
  const spam = acts.filter(({ keys }) => keys === '!');
  const menu = acts.filter(({ keys }) => keys !== '!');
  return (
    <>
      {follow === undefined ? null : (
        <IconButton
          label={follow.label}
          keys="f"
          pressed={follows(ticket, me.data?.user.id)}
          className="max-sm:hidden"
          onClick={follow.act}
        >
          {follow.icon}
        </IconButton>
      )}
      <Menu
        items={[...menu, ...rest, ...spam]}
        trigger={
          <IconButton label={t('common.more')} className="-me-2">
            <Ellipsis size={17} aria-hidden="true" />
          </IconButton>
        }
      />
      <Suspense fallback={null}>
        {dialog === 'merge' ? <MergeDialog open ticket={ticket} onClose={close} /> : null}
        {dialog === 'snooze' ? <SnoozeDialog open ticket={ticket} onClose={close} /> : null}
        {dialog === 'move' ? <MoveDialog ticket={ticket} onClose={close} /> : null}
      </Suspense>
    </>
  );
}

const follows = (ticket: Ticket, userId: string | undefined): boolean =>
  userId !== undefined && ticket.followers.includes(userId);

/** Acts that have a key. */
function useActs(ticket: Ticket, open: (dialog: DialogName) => void): Act[] {
  const { t } = useTranslation();
  const me = useMe();
  const verb = useTicketVerb();
  const tell = (name: string, body: object) => () =>
    verb.mutate({ id: ticket.id, verb: name, body });
  const following = follows(ticket, me.data?.user.id);
  const snoozed = ticket.snoozedUntil !== null || ticket.snoozedUntilReply;
  const Icon = following ? EyeOff : Eye;
  return [
    { label: t('ticket.snooze'), keys: 'h', needs: 'ticket.edit', act: () => open('snooze') },
    {
      ...{ keys: 'u', needs: 'ticket.edit' },
      ...(snoozed
        ? { label: t('ticket.wakeNow'), act: tell('snooze', { until: null }) }
        : { label: t('ticketPage.snoozeUntilReply'), act: tell('snooze', { untilReply: true }) }),
    },
    {
      ...{ label: t(following ? 'ticket.unfollow' : 'ticket.follow'), keys: 'f' },
      ...{ needs: 'ticket.follow', icon: <Icon size={16} aria-hidden="true" /> },
      act: tell('follow', { follow: !following }),
    },
    {
      ...{ label: t('ticket.move'), keys: 'v', needs: 'ticket.assign', apart: true },
      act: () => open('move'),
      disabled: ticket.mergedIntoId !== null,
    },
    {
      ...{ label: t('ticket.merge'), keys: 'm', needs: 'ticket.merge' },
      act: () => open('merge'),
      disabled: ticket.mergedIntoId !== null,
    },
    {
      ...{ label: t(ticket.spam ? 'ticket.notSpam' : 'ticket.spam'), keys: '!' },
      ...{ needs: 'ticket.spam', danger: !ticket.spam, apart: true },
      act: tell('spam', { spam: !ticket.spam }),
    },
  ];
}

/** Acts that the menu alone has. */
function useRest(ticket: Ticket): MenuItem[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(`${location.origin}/tickets/${ticket.id}`);
    toast.success(t('ticket.copied'));
  };
  return [
    { label: t('ticket.copyLink'), apart: true, act: () => void copy() },
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
  ];
}
