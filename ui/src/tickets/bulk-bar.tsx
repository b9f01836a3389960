// What can be done to all chosen tickets at once: a durable job, whose progress is shown until it is done.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CheckCheck, Tag, UserPlus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../api/client.ts';
import { usePipelines } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button, IconButton } from '../components/button.tsx';
import { Picker } from '../components/picker.tsx';
import { PRIORITIES, PriorityIcon } from './labels.tsx';
import { useAssigneeChoices } from './pickers.tsx';
import type { Selection } from './selection.ts';

interface Job {
  id: string;
  state: string;
  total: number;
  done: number;
  failed: number;
}
const POLL_MS = 700;

export function BulkBar({ selection, items }: { selection: Selection; items: Ticket[] }) {
  const { t } = useTranslation();
  const change = useBulkChange(selection);
  const assignees = useAssigneeChoices();
  const pipelines = usePipelines();
  const statuses =
    pipelines.data?.flatMap(({ statuses: all, name }) =>
      all.map((one) => ({ ...one, group: name })),
    ) ?? [];
  return (
    <div
      role="toolbar"
      aria-label={t('list.selected', { count: selection.ids.size })}
      className="flex flex-wrap items-center gap-1.5 border-b border-line bg-tint px-3 py-2"
    >
      <input
        type="checkbox"
        aria-label={t('common.more')}
        checked={selection.ids.size === items.length}
        onChange={(event) =>
          selection.setAll(event.target.checked ? items.map((one) => one.id) : [])
        }
        className="size-4 accent-[var(--accent)]"
      />
      <span className="me-1 text-[13px] font-medium tabular-nums">
        {t('list.selected', { count: selection.ids.size })}
      </span>
      <Picker
        label={t('ticket.assign')}
        chosen={[]}
        choices={assignees}
        onChoose={(id) => change.mutate({ assigneeId: id === 'none' ? null : id })}
        trigger={
          <Button small>
            <UserPlus size={14} aria-hidden="true" /> {t('ticket.assign')}
          </Button>
        }
      />
      <Picker
        label={t('ticket.status')}
        chosen={[]}
        choices={statuses.map(({ id, name, group }) => ({ id, label: name, group }))}
        onChoose={(status) => change.mutate({ status })}
        trigger={<Button small>{t('ticket.status')}</Button>}
      />
      <Picker
        label={t('ticket.priority')}
        chosen={[]}
        choices={PRIORITIES.map((id) => ({
          id,
          label: t(`ticket.priorities.${id}`),
          icon: <PriorityIcon priority={id} />,
        }))}
        onChoose={(priority) => change.mutate({ priority })}
        trigger={<Button small>{t('ticket.priority')}</Button>}
      />
      <Picker
        label={t('ticket.tags')}
        chosen={[]}
        choices={[...new Set(items.flatMap((one) => one.tags))].map((id) => ({ id, label: id }))}
        onChoose={(tag) => change.mutate({ addTags: [tag] })}
        onCreate={(tag) => change.mutate({ addTags: [tag] })}
        trigger={
          <Button small>
            <Tag size={14} aria-hidden="true" /> {t('ticket.tags')}
          </Button>
        }
      />
      <Button small onClick={() => change.mutate({ close: true })}>
        <CheckCheck size={14} aria-hidden="true" /> {t('ticket.close')}
      </Button>
      <span className="flex-1" />
      <IconButton label={t('list.clear')} onClick={() => selection.setAll([])}>
        <X size={15} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** Starts a bulk job and tells how it goes until it ends. */
function useBulkChange(selection: Selection) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (command: object) => {
      let job = await call<Job>('POST', '/api/v1/tickets/bulk', {
        body: { ids: [...selection.ids], command },
        idempotencyKey: crypto.randomUUID(),
      });
      const id = `bulk-${job.id}`;
      selection.setAll([]);
      while (job.state === 'queued' || job.state === 'running') {
        toast.loading(t('list.bulkStarted', { done: job.done + job.failed, total: job.total }), {
          id,
        });
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        job = await call<Job>('GET', `/api/v1/tickets/bulk/${job.id}`);
      }
      const say = job.failed > 0 ? toast.warning : toast.success;
      say(t('list.bulkDone', { done: job.done, failed: job.failed }), { id });
    },
    onError: (error) => toast.error(words(error)),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => ['tickets', 'ticket', 'counts'].includes(String(queryKey[0])),
      }),
  });
}
