// Merging: search the ticket that is to stay, look at both, merge; the toast takes it back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../api/client.ts';
import { refreshTicket } from '../api/ticket-actions.ts';
import type { Page, Ticket } from '../api/types.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { cx } from '../lib/class-names.ts';
import { StatusBadge } from './labels.tsx';

export function MergeDialog({
  ticket,
  open,
  onClose,
}: {
  ticket: Ticket;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog
      wide
      open={open}
      onClose={onClose}
      title={t('merge.title', { id: ticket.id })}
      hint={t('merge.hint')}
    >
      {open ? <Inside ticket={ticket} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Inside({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [into, setInto] = useState<Ticket | null>(null);
  const words = useDeferredValue(text.trim());
  // Without words: what else the same person wrote, which is what is merged most.
  const found = useQuery({
    queryKey: ['merge-targets', ticket.id, words],
    queryFn: async ({ signal }) => {
      if (/^#?\d+$/.test(words))
        return [await call<Ticket>('GET', `/api/v1/tickets/${words.replace('#', '')}`, { signal })];
      const query =
        words === '' ? { requesterId: ticket.requester.id, limit: 8 } : { q: words, limit: 8 };
      return (await call<Page<Ticket>>('GET', '/api/v1/tickets', { query, signal })).items;
    },
    placeholderData: (before) => before,
  });
  const merge = useMerge(ticket, onClose);
  const targets = (found.data ?? []).filter(
    (one) => one.id !== ticket.id && one.mergedIntoId === null,
  );
  return (
    <div className="flex flex-col gap-3">
      <TextField
        autoFocus
        label={t('merge.search')}
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul className="flex max-h-72 flex-col gap-1 overflow-y-auto">
        {targets.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              aria-pressed={into?.id === one.id}
              onClick={() => setInto(one)}
              className={cx(
                'flex w-full items-center gap-2 rounded-md border px-3 py-2 text-start',
                into?.id === one.id ? 'border-accent bg-tint' : 'border-line hover:bg-sunken',
              )}
            >
              <span className="text-soft tabular-nums">#{one.id}</span>
              <bdi className="min-w-0 flex-1 truncate">{one.subject}</bdi>
              <span className="truncate text-xs text-soft">
                {one.requester.name ?? one.requester.email}
              </span>
              <StatusBadge ticket={one} />
            </button>
          </li>
        ))}
        {targets.length === 0 && !found.isPending ? (
          <li className="py-4 text-center text-soft">{t('common.nothingFound')}</li>
        ) : null}
      </ul>
      <Button
        kind="primary"
        disabled={into === null}
        busy={merge.isPending}
        onClick={() => (into === null ? undefined : merge.mutate(into.id))}
      >
        {t('merge.submit', { id: into === null ? '…' : `#${into.id}` })}
      </Button>
    </div>
  );
}

function useMerge(ticket: Ticket, onClose: () => void) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const client = useQueryClient();
  const navigate = useNavigate();
  const undo = async (mergeId: string): Promise<void> => {
    try {
      await call('POST', `/api/v1/merges/${mergeId}/undo`);
      toast.success(t('ticket.mergeUndone'));
      await navigate({ to: '/tickets/$ticketId', params: { ticketId: String(ticket.id) } });
    } catch (error) {
      toast.error(words(error));
    }
    refreshTicket(client, ticket.id);
  };
  return useMutation({
    mutationFn: (intoTicketId: number) =>
      call<{ mergeId: string; ticket: Ticket }>('POST', `/api/v1/tickets/${ticket.id}/merge`, {
        body: { intoTicketId },
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: ({ mergeId, ticket: survivor }) => {
      onClose();
      toast.success(t('merge.done', { id: `#${survivor.id}` }), {
        duration: 15_000,
        action: { label: t('common.undo'), onClick: () => void undo(mergeId) },
      });
      refreshTicket(client, survivor.id);
      refreshTicket(client, ticket.id);
      void navigate({ to: '/tickets/$ticketId', params: { ticketId: String(survivor.id) } });
    },
    onError: (error) => toast.error(words(error)),
  });
}
