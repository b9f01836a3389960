// The columns a table of tickets can have: how wide each is, and what stands in it.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewValues } from '#domain/view.ts';
import { usePipelines } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { exact, shortAgo } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { DueBadge, PriorityIcon, StatusBadge, useNames } from './labels.tsx';

export type ColumnId = ViewValues['columns'][number];

/** Widths as CSS grid takes them. */
export const WIDTHS: Record<ColumnId, string> = {
  ...{
    id: '4rem',
    subject: 'minmax(12rem,1fr)',
    requester: '11rem',
    company: '9rem',
    status: '9rem',
  },
  ...{ category: '9rem', priority: '6.5rem', assignee: '9rem', team: '8rem', channel: '5rem' },
  ...{ tags: '10rem', sla: '7rem', due: '7rem', language: '4rem', createdAt: '5rem' },
  ...{ updatedAt: '5rem', closedAt: '5rem', snoozedUntil: '6rem', pipeline: '8rem' },
};

/** What a table shows unless its view says otherwise. */
export const USUAL_COLUMNS: ColumnId[] = [
  ...([
    'id',
    'subject',
    'requester',
    'status',
    'priority',
    'due',
    'assignee',
    'updatedAt',
  ] as const),
];

/** One cell. */
export function Cell({
  column,
  ticket,
  show,
}: {
  column: ColumnId;
  ticket: Ticket;
  show: (id: number) => void;
}): ReactNode {
  const { t } = useTranslation();
  const names = useNames();
  const pipelines = usePipelines();
  switch (column) {
    case 'id':
      return <span className="text-soft tabular-nums">{ticket.id}</span>;
    case 'subject':
      return (
        <button
          type="button"
          onClick={() => show(ticket.id)}
          className="block max-w-full truncate text-start hover:underline"
        >
          <bdi>{ticket.subject}</bdi>
        </button>
      );
    case 'requester':
      return <bdi className="text-soft">{ticket.requester.name ?? ticket.requester.email}</bdi>;
    case 'company':
      return <span className="text-soft">{ticket.requester.email?.split('@')[1]}</span>;
    case 'status':
      return <StatusBadge ticket={ticket} />;
    case 'category':
      return t(`ticket.categories.${ticket.category}`);
    case 'priority':
      return (
        <span className="inline-flex items-center gap-1">
          <PriorityIcon priority={ticket.priority} /> {t(`ticket.priorities.${ticket.priority}`)}
        </span>
      );
    case 'assignee':
      return names.person(ticket.assigneeId) ?? '—';
    case 'team':
      return names.team(ticket.teamId) ?? '—';
    case 'channel':
      return ticket.channel;
    case 'tags':
      return ticket.tags.join(', ');
    case 'sla':
    case 'due':
      return <DueBadge sla={ticket.sla} />;
    case 'language':
      return null;
    case 'pipeline':
      return pipelines.data?.find((one) => one.id === ticket.pipelineId)?.name;
    case 'createdAt':
    case 'updatedAt':
    case 'closedAt':
    case 'snoozedUntil':
      return <Ago iso={ticket[column]} />;
  }
}

function Ago({ iso }: { iso: string | null }) {
  const { i18n } = useTranslation();
  const nowMs = useSlowNow();
  if (iso === null) return null;
  return (
    <time dateTime={iso} title={exact(iso, i18n.language)} className="text-soft tabular-nums">
      {shortAgo(iso, nowMs, i18n.language)}
    </time>
  );
}
