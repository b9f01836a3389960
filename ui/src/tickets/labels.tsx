// A ticket's small facts as people read them: status, priority, people, and the deadline that presses most.
import { AlarmClock, Pause, SignalHigh, SignalLow, SignalMedium, Siren } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { GoalName, Message, Pipeline, Priority, Sla, Ticket } from '../api/types.ts';
import { usePeople, usePipelines, useTeams } from '../api/queries.ts';
import { Badge } from '../components/bits.tsx';
import { span } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';

export const PRIORITIES: Priority[] = ['urgent', 'high', 'normal', 'low'];
const PRIORITY_ICONS = { urgent: Siren, high: SignalHigh, normal: SignalMedium, low: SignalLow };
const PRIORITY_LOOKS: Record<Priority, string> = {
  ...{ urgent: 'text-danger', high: 'text-warn', normal: 'text-soft', low: 'text-soft' },
};

/** The priority as a picture with its word for screen readers. */
export function PriorityIcon({ priority, size = 15 }: { priority: Priority; size?: number }) {
  const { t } = useTranslation();
  const Icon = PRIORITY_ICONS[priority];
  const label = t(`ticket.priorities.${priority}`);
  return (
    <Icon
      size={size}
      role="img"
      aria-label={label}
      className={`shrink-0 ${PRIORITY_LOOKS[priority]}`}
    />
  );
}

const CATEGORY_TONES = { new: 'accent', open: 'warn', waiting: 'neutral', closed: 'good' } as const;

/** The status in the desk's own words. */
export function StatusBadge({
  ticket,
}: {
  ticket: Pick<Ticket, 'status' | 'category' | 'pipelineId'>;
}) {
  const name = useStatusName();
  return <Badge tone={CATEGORY_TONES[ticket.category]}>{name(ticket)}</Badge>;
}

/** Finds the name of a status in its pipeline. */
export function useStatusName(): (
  ticket: Pick<Ticket, 'status' | 'category' | 'pipelineId'>,
) => string {
  const { t } = useTranslation();
  const pipelines = usePipelines();
  return ({ pipelineId, status, category }) =>
    statusesOf(pipelines.data, pipelineId).find((one) => one.id === status)?.name ??
    t(`ticket.categories.${category}`);
}

/** The statuses of a pipeline. */
export const statusesOf = (pipelines: Pipeline[] | undefined, id: string): Pipeline['statuses'] =>
  pipelines?.find((one) => one.id === id)?.statuses ?? [];

/** Names of people and teams by their ids. */
export function useNames(): {
  person: (id: string | null) => string | null;
  team: (id: string | null) => string | null;
} {
  const people = usePeople();
  const teams = useTeams();
  return {
    person: (id) => people.data?.find((one) => one.id === id)?.name ?? (id === null ? null : '…'),
    team: (id) => teams.data?.find((one) => one.id === id)?.name ?? (id === null ? null : '…'),
  };
}

/** Finds who wrote a message of a ticket. */
export function useAuthorOf(ticket: Ticket): (message: Message) => string | null {
  const { t } = useTranslation();
  const names = useNames();
  const { requester } = ticket;
  return ({ authorUserId, automatic, kind, from }) => {
    if (authorUserId !== null) return names.person(authorUserId);
    if (automatic && kind !== 'inbound') return t('timeline.system');
    return requester.name ?? from ?? requester.email;
  };
}

/** The deadline that presses most, counting down; nothing when none runs. */
export function DueBadge({ sla }: { sla: Sla }) {
  const { t } = useTranslation();
  const nowMs = useNow();
  const goal = sla.mostUrgent === null ? null : sla.goals[sla.mostUrgent];
  if (sla.mostUrgent === null || goal?.dueAt == null || goal.completedAt !== null) return null;
  const label = t(`sla.${sla.mostUrgent}`);
  if (sla.paused) {
    return (
      <Badge title={`${label}: ${t('sla.paused')}`}>
        <Pause size={11} role="img" aria-label={`${label}: ${t('sla.paused')}`} />
      </Badge>
    );
  }
  const leftMs = Date.parse(goal.dueAt) - nowMs;
  const words =
    leftMs < 0
      ? t('sla.overdueBy', { span: span(-leftMs) })
      : t('sla.dueIn', { span: span(leftMs) });
  const tone = leftMs < 0 ? 'danger' : goal.state === 'dueSoon' ? 'warn' : 'neutral';
  return (
    <Badge tone={tone} title={`${label} ${words}`}>
      <AlarmClock size={11} aria-hidden="true" />
      <span className="sr-only">
        {label} {words}
      </span>
      <span aria-hidden="true">{leftMs < 0 ? `−${span(-leftMs)}` : span(leftMs)}</span>
    </Badge>
  );
}

export const GOALS: GoalName[] = ['firstReply', 'nextReply', 'close'];
