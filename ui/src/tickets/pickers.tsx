// The facts of a ticket that are changed in place: assignee, status, priority, team, tags. Each has a key.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePatchTicket } from '../api/ticket-actions.ts';
import type { TicketPatch } from '../api/ticket-actions.ts';
import { useRights, useMe, usePeople, usePipelines, useTeams } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Avatar } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Picker } from '../components/picker.tsx';
import type { Choice } from '../components/picker.tsx';
import { useShortcuts } from '../lib/shortcuts.ts';
import type { Shortcut } from '../lib/shortcuts.ts';
import { PRIORITIES, PriorityIcon, StatusBadge, statusesOf, useNames } from './labels.tsx';

/** Everybody a ticket can be given to: oneself first, then those who are there. */
export function useAssigneeChoices(): Choice[] {
  const { t } = useTranslation();
  const people = usePeople();
  const me = useMe();
  const mine = me.data?.user.id;
  const active = (people.data ?? []).filter((one) => one.active);
  const rank = (id: string, away: boolean): number => (id === mine ? 0 : away ? 2 : 1);
  return [
    ...active
      .toSorted(
        (a, b) => rank(a.id, a.availability === 'away') - rank(b.id, b.availability === 'away'),
      )
      .map((one) => ({
        ...{ id: one.id, label: one.name, words: `${one.email} ${one.id === mine ? 'me' : ''}` },
        icon: <Avatar name={one.name} size={18} away={one.availability === 'away'} />,
        ...(one.id === mine
          ? { hint: t('common.me') }
          : one.availability === 'away'
            ? { hint: t('nav.away') }
            : {}),
      })),
    { id: 'none', label: t('ticket.unassigned') },
  ];
}

type Hold = { open: boolean; onOpenChange: (open: boolean) => void };
interface PickProps {
  ticket: Ticket;
  hold: Hold;
  change: (patch: TicketPatch) => void;
}

/** All of them in a row, each with its key. */
export function TicketPickers({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const patch = usePatchTicket();
  const me = useMe();
  const may = useRights();
  const [mayEdit, mayAssign] = [may('ticket.edit'), may('ticket.assign')];
  const pipelines = usePipelines();
  const [open, setOpen] = useState<string | null>(null);
  const hold = (name: string): Hold => ({
    ...{ open: open === name, onOpenChange: (is) => setOpen(is ? name : null) },
  });
  const change = (body: TicketPatch): void => patch.mutate({ id: ticket.id, patch: body });
  const closed = ticket.category === 'closed';
  const other = statusesOf(pipelines.data, ticket.pipelineId).find(
    (one) => one.category === (closed ? 'open' : 'closed'),
  );
  const mine = me.data?.user.id;
  const group = t('keys.ticket');
  const assigning: Shortcut[] = [
    { keys: 'a', label: t('ticket.assign'), group, act: () => setOpen('assignee') },
    ...(mine === undefined
      ? []
      : [
          {
            ...{ keys: 'i', label: t('ticket.assignToMe'), group },
            act: () => change({ assigneeId: mine }),
          },
        ]),
  ];
  const editing: Shortcut[] = [
    { keys: 's', label: t('ticket.status'), group, act: () => setOpen('status') },
    { keys: 'p', label: t('ticket.priority'), group, act: () => setOpen('priority') },
    { keys: 'l', label: t('ticket.tags'), group, act: () => setOpen('tags') },
    ...(other === undefined
      ? []
      : [
          {
            ...{ keys: 'e', label: t(closed ? 'ticket.reopen' : 'ticket.close'), group },
            act: () => change({ status: other.id }),
          },
        ]),
  ];
  useShortcuts('pickers', [...(mayAssign ? assigning : []), ...(mayEdit ? editing : [])]);
  // Who may not change a fact still reads it.
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <fieldset disabled={!mayEdit} className="contents">
        <StatusPicker ticket={ticket} hold={hold('status')} change={change} />
        <PriorityPicker ticket={ticket} hold={hold('priority')} change={change} />
      </fieldset>
      <fieldset disabled={!mayAssign} className="contents">
        <AssigneePicker ticket={ticket} hold={hold('assignee')} change={change} />
        <TeamPicker ticket={ticket} hold={hold('team')} change={change} />
      </fieldset>
      <fieldset disabled={!mayEdit} className="contents">
        <TagsPicker ticket={ticket} hold={hold('tags')} change={change} />
      </fieldset>
    </div>
  );
}

function StatusPicker({ ticket, hold, change }: PickProps) {
  const { t } = useTranslation();
  const pipelines = usePipelines();
  return (
    <Picker
      {...hold}
      label={t('ticket.status')}
      chosen={[ticket.status]}
      choices={statusesOf(pipelines.data, ticket.pipelineId).map(({ id, name }) => ({
        id,
        label: name,
      }))}
      onChoose={(status) => change({ status })}
      trigger={
        <button type="button" aria-label={t('ticket.status')} className="rounded hover:opacity-80">
          <StatusBadge ticket={ticket} />
        </button>
      }
    />
  );
}

function PriorityPicker({ ticket, hold, change }: PickProps) {
  const { t } = useTranslation();
  return (
    <Picker
      {...hold}
      label={t('ticket.priority')}
      chosen={[ticket.priority]}
      choices={PRIORITIES.map((id) => ({
        id,
        label: t(`ticket.priorities.${id}`),
        icon: <PriorityIcon priority={id} />,
      }))}
      onChoose={(priority) => change({ priority: priority as Ticket['priority'] })}
      trigger={
        <Button
          small
          kind="ghost"
          aria-label={`${t('ticket.priority')}${t('common.colon')} ${t(`ticket.priorities.${ticket.priority}`)}`}
        >
          <PriorityIcon priority={ticket.priority} /> {t(`ticket.priorities.${ticket.priority}`)}
        </Button>
      }
    />
  );
}

function AssigneePicker({ ticket, hold, change }: PickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const assignees = useAssigneeChoices();
  const assignee = names.person(ticket.assigneeId);
  return (
    <Picker
      {...hold}
      label={t('ticket.assign')}
      chosen={[ticket.assigneeId ?? 'none']}
      choices={assignees}
      onChoose={(id) => change({ assigneeId: id === 'none' ? null : id })}
      trigger={
        <Button small kind="ghost">
          {assignee === null ? null : <Avatar name={assignee} size={18} />}
          <bdi className="max-w-44 truncate">{assignee ?? t('ticket.unassigned')}</bdi>
        </Button>
      }
    />
  );
}

function TeamPicker({ ticket, hold, change }: PickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const teams = useTeams();
  return (
    <Picker
      {...hold}
      label={t('ticket.team')}
      chosen={[ticket.teamId ?? 'none']}
      choices={[
        ...(teams.data ?? []).map(({ id, name }) => ({ id, label: name })),
        { id: 'none', label: t('ticket.noTeam') },
      ]}
      onChoose={(id) => change({ teamId: id === 'none' ? null : id })}
      trigger={
        <Button small kind="ghost">
          <bdi className="max-w-44 truncate">{names.team(ticket.teamId) ?? t('ticket.noTeam')}</bdi>
        </Button>
      }
    />
  );
}

function TagsPicker({ ticket, hold, change }: PickProps) {
  const { t } = useTranslation();
  const toggled = (tag: string): string[] =>
    ticket.tags.includes(tag) ? ticket.tags.filter((one) => one !== tag) : [...ticket.tags, tag];
  return (
    <Picker
      {...hold}
      several
      label={t('ticket.tags')}
      chosen={ticket.tags}
      choices={ticket.tags.map((tag) => ({ id: tag, label: tag }))}
      onChoose={(tag) => change({ tags: toggled(tag) })}
      onCreate={(tag) => change({ tags: [...new Set([...ticket.tags, tag])] })}
      trigger={
        <Button small kind="ghost">
          <bdi className="max-w-60 truncate">
            {ticket.tags.length === 0 ? `+ ${t('ticket.tags')}` : ticket.tags.join(', ')}
          </bdi>
        </Button>
      }
    />
  );
}
