// The list as a board: a column a category, cards that can be dragged into another one's status.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePatchTicket } from '../api/ticket-actions.ts';
import { useRights, usePipelines } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Button } from '../components/button.tsx';
import { cx } from '../lib/class-names.ts';
import { fetchNext } from '../lib/more-pages.ts';
import { DueBadge, PriorityIcon, statusesOf, useNames } from './labels.tsx';
import type { ListProps } from './ticket-list.tsx';

const CATEGORIES = ['new', 'open', 'waiting', 'closed'] as const;

export function Board({ items, list, show }: ListProps) {
  const { t } = useTranslation();
  const pipelines = usePipelines();
  const patch = usePatchTicket();
  const [over, setOver] = useState<string | null>(null);
  const drop = (ticket: Ticket | undefined, category: Ticket['category']): void => {
    setOver(null);
    if (ticket === undefined || ticket.category === category) return;
    const to = statusesOf(pipelines.data, ticket.pipelineId).find(
      (one) => one.category === category,
    );
    if (to !== undefined) patch.mutate({ id: ticket.id, patch: { status: to.id } });
  };
  return (
    <div className="flex min-h-0 flex-1 gap-3 overflow-x-auto bg-sunken p-3">
      {CATEGORIES.map((category) => {
        const cards = items.filter((one) => one.category === category);
        return (
          <section
            key={category}
            aria-label={t(`ticket.categories.${category}`)}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(category);
            }}
            onDrop={(event) =>
              drop(
                items.find((one) => String(one.id) === event.dataTransfer.getData('text/plain')),
                category,
              )
            }
            className={cx(
              'flex w-72 shrink-0 flex-col rounded-lg border border-line',
              over === category && 'bg-tint',
            )}
          >
            <h2 className="px-3 py-2 text-[13px] font-semibold">
              {t(`ticket.categories.${category}`)}{' '}
              <span className="font-normal text-soft">{cards.length}</span>
            </h2>
            <ul className="flex min-h-0 flex-1 flex-col gap-2 overflow-y-auto p-2">
              {cards.map((ticket) => (
                <BoardCard key={ticket.id} ticket={ticket} show={show} />
              ))}
            </ul>
          </section>
        );
      })}
      {list.hasNextPage ? (
        <Button onClick={() => void fetchNext(list)} busy={list.isFetchingNextPage}>
          {t('common.more')}
        </Button>
      ) : null}
    </div>
  );
}

function BoardCard({ ticket, show }: { ticket: Ticket; show: (id: number) => void }) {
  const names = useNames();
  const may = useRights();
  return (
    <li
      draggable={may('ticket.edit')}
      onDragStart={(event) => event.dataTransfer.setData('text/plain', String(ticket.id))}
      className="relative rounded-lg border border-line bg-raised p-2.5 shadow-sm hover:border-soft"
    >
      <button
        type="button"
        onClick={() => show(ticket.id)}
        className="block w-full text-start after:absolute after:inset-0"
      >
        <span className="text-xs text-soft">#{ticket.id}</span>
        <bdi className="line-clamp-2">{ticket.subject}</bdi>
      </button>
      <div className="mt-1.5 flex items-center gap-1.5">
        <PriorityIcon priority={ticket.priority} size={14} />
        <DueBadge sla={ticket.sla} />
        <span className="flex-1 truncate text-end text-xs text-soft">
          {names.person(ticket.assigneeId)}
        </span>
      </div>
    </li>
  );
}
