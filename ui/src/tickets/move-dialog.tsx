// Moving a ticket to another team, pipeline or mailbox: what comes of it is said before, and the toast takes it back.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../api/client.ts';
import { refreshTicket, showTicket } from '../api/ticket-actions.ts';
import { useAll, useAround, useMay, usePipelines, useTeams } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField } from '../components/field.tsx';
import { statusesOf, useNames } from './labels.tsx';
import { MovePreview } from './move-preview.tsx';
import type { Move } from './move-preview.tsx';

interface Mailbox {
  id: string;
  kind: Ticket['channel'];
  name: string;
  address: string | null;
  enabled: boolean;
}
const NONE = 'none';

export function MoveDialog({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open onClose={onClose} title={t('ticketPage.move.title', { id: ticket.id })}>
      <Inside ticket={ticket} onClose={onClose} />
    </Dialog>
  );
}

function Inside({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const [chosen, setChosen] = useState<Move>({});
  const channelId = useAround(ticket.id)?.mailbox?.id;
  const change = moveOf(ticket, channelId, chosen);
  const nothing = Object.keys(change).length === 0;
  const move = useMove(ticket, channelId, onClose);
  const set = (more: Move): void => setChosen({ ...chosen, ...more });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!nothing) move.mutate(change);
      }}
    >
      <Places {...{ ticket, channelId, chosen, set }} />
      {change.teamId !== undefined && ticket.assigneeId !== null ? (
        <p className="text-[13px] text-soft">
          {t('ticketPage.move.losesAssignee', { name: names.person(ticket.assigneeId) })}
        </p>
      ) : null}
      {change.channelId === undefined ? null : (
        <p className="text-[13px] text-soft">{t('ticketPage.move.newSender')}</p>
      )}
      {nothing ? null : <MovePreview ticket={ticket} move={change} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" kind="primary" disabled={nothing} busy={move.isPending}>
          {t('ticketPage.move.submit')}
        </Button>
      </div>
    </form>
  );
}

function Places({
  ticket,
  channelId,
  chosen,
  set,
}: {
  ticket: Ticket;
  channelId: string | undefined;
  chosen: Move;
  set: (more: Move) => void;
}) {
  const { t } = useTranslation();
  const teams = useTeams();
  const pipelines = usePipelines();
  const mailboxes = useAll<Mailbox>('/api/v1/channels');
  const mayEdit = useMay('ticket.edit');
  const sending = (mailboxes.data ?? []).filter(({ kind, enabled }) => kind === 'email' && enabled);
  const pipelineId = chosen.pipelineId ?? ticket.pipelineId;
  const statuses = statusesOf(pipelines.data, pipelineId);
  return (
    <>
      <SelectField
        autoFocus
        label={t('ticket.team')}
        value={(chosen.teamId === undefined ? ticket.teamId : chosen.teamId) ?? NONE}
        onChange={({ target }) => set({ teamId: target.value === NONE ? null : target.value })}
      >
        <option value={NONE}>{t('ticket.noTeam')}</option>
        {(teams.data ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {mayEdit && (pipelines.data?.length ?? 0) > 1 ? (
        <SelectField
          label={t('ticket.pipeline')}
          value={pipelineId}
          onChange={({ target }) => {
            const first = statusesOf(pipelines.data, target.value).find(
              ({ category }) => category === ticket.category,
            );
            set({
              pipelineId: target.value,
              ...(first === undefined ? {} : { status: first.id }),
            });
          }}
        >
          {(pipelines.data ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      ) : null}
      {pipelineId === ticket.pipelineId ? null : (
        <SelectField
          label={t('ticketPage.move.statusThere')}
          value={chosen.status ?? statuses[0]?.id ?? ''}
          onChange={({ target }) => set({ status: target.value })}
        >
          {statuses.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      {sending.length > (channelId === undefined ? 0 : 1) ? (
        <SelectField
          label={t('ticketPage.move.mailbox')}
          value={chosen.channelId ?? channelId ?? ''}
          onChange={({ target }) => set(target.value === '' ? {} : { channelId: target.value })}
        >
          {channelId === undefined ? <option value="">{t('common.none')}</option> : null}
          {sending.map(({ id, name, address }) => (
            <option key={id} value={id}>
              {address ?? name}
            </option>
          ))}
        </SelectField>
      ) : null}
    </>
  );
}

/** What of the choice is another place than the present one. */
function moveOf(ticket: Ticket, channelId: string | undefined, chosen: Move): Move {
  const away = chosen.pipelineId !== undefined && chosen.pipelineId !== ticket.pipelineId;
  return {
    ...(chosen.teamId === undefined || chosen.teamId === ticket.teamId
      ? {}
      : { teamId: chosen.teamId }),
    ...(away ? { pipelineId: chosen.pipelineId } : {}),
    ...(away && chosen.status !== undefined ? { status: chosen.status } : {}),
    ...(chosen.channelId === undefined || chosen.channelId === channelId
      ? {}
      : { channelId: chosen.channelId }),
  };
}

function useMove(ticket: Ticket, channelId: string | undefined, onClose: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const words = useWordsFor();
  const path = `/api/v1/tickets/${ticket.id}`;
  // As it was when the move was asked for: events may show the moved one before the move is answered.
  const before = { ticket, channelId };
  const undo = async (change: Move, was: typeof before): Promise<void> => {
    const { teamId, pipelineId, status, assigneeId } = was.ticket;
    try {
      const back = {
        ...(change.teamId === undefined ? {} : { teamId }),
        ...(change.pipelineId === undefined ? {} : { pipelineId, status }),
        ...(change.channelId === undefined ? {} : { channelId: was.channelId }),
      };
      await call('POST', `${path}/move`, { body: back });
      // The move took the ticket from whoever had it.
      if (change.teamId !== undefined && assigneeId !== null)
        await call('PATCH', path, { body: { assigneeId } });
      toast.success(t('ticketPage.move.undone'));
    } catch (error) {
      toast.error(words(error));
    }
    refreshTicket(client, ticket.id);
  };
  return useMutation({
    mutationFn: (change: Move) => call<Ticket>('POST', `${path}/move`, { body: change }),
    onMutate: () => before,
    onSuccess: (moved, change, was) => {
      onClose();
      showTicket(client, moved);
      // Back to no mailbox at all there is no way.
      const canUndo = change.channelId === undefined || was.channelId !== undefined;
      toast.success(t('ticketPage.move.done'), {
        duration: 15_000,
        ...(canUndo
          ? { action: { label: t('common.undo'), onClick: () => void undo(change, was) } }
          : {}),
      });
    },
    onError: (error) => toast.error(words(error)),
    onSettled: () => refreshTicket(client, ticket.id),
  });
}
