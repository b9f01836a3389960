// What a move would do to the promises of a ticket, goal by goal, before it is made.
import { useQuery } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useMay } from '../api/queries.ts';
import type { MovePreview as Preview, Sla, Ticket } from '../api/types.ts';
import { Failure, Skeleton } from '../components/bits.tsx';
import { at } from '../lib/time.ts';
import { GOALS } from './labels.tsx';

/** What POST /move is told; what stays is left out. */
export interface Move {
  teamId?: string | null;
  pipelineId?: string;
  status?: string;
  channelId?: string;
}

export function MovePreview({ ticket, move }: { ticket: Ticket; move: Move }) {
  const { t } = useTranslation();
  const maySee = useMay('sla.view');
  const preview = useQuery({
    queryKey: ['move-preview', ticket.id, ticket.version, move],
    queryFn: ({ signal }) =>
      call<Preview>('POST', `/api/v1/tickets/${ticket.id}/move/preview`, { body: move, signal }),
    enabled: maySee,
    placeholderData: (before) => before,
  });
  if (!maySee) return null;
  if (preview.isPending) return <Skeleton lines={2} />;
  if (preview.isError) return <Failure error={preview.error} />;
  const { before, after } = preview.data;
  return (
    <section
      aria-label={t('ticketPage.move.sla')}
      aria-live="polite"
      className="rounded-lg border border-line bg-sunken px-3 py-2 text-[13px]"
    >
      <h3 className="mb-1 font-medium">{t('ticketPage.move.sla')}</h3>
      <p className="mb-1">
        <Change from={before.policyName ?? null} to={after.policyName ?? null} />
      </p>
      <ul className="flex flex-col gap-0.5">
        {GOALS.map((goal) => (
          <GoalChange key={goal} {...{ goal, before, after }} />
        ))}
      </ul>
      <p className="mt-1 text-soft">{t('ticketPage.move.clocksStay')}</p>
    </section>
  );
}

function GoalChange({
  goal,
  before,
  after,
}: {
  goal: (typeof GOALS)[number];
  before: Sla;
  after: Sla;
}) {
  const { t, i18n } = useTranslation();
  if (before.goals[goal] === null && after.goals[goal] === null) return null;
  const words = (sla: Sla): string | null => {
    const state = sla.goals[goal];
    if (state === null) return null;
    if (state.completedAt !== null)
      return t(state.state === 'completedLate' ? 'sla.missed' : 'sla.met');
    if (sla.paused) return t('sla.paused');
    return state.dueAt === null ? t('sla.notRunning') : at(state.dueAt, Date.now(), i18n.language);
  };
  return (
    <li className="flex flex-wrap gap-x-1.5">
      <span className="text-soft">
        {t(`sla.${goal}`)}
        {t('common.colon')}
      </span>
      <Change from={words(before)} to={words(after)} />
    </li>
  );
}

/** What was and what would be; once when it stays. */
function Change({ from, to }: { from: string | null; to: string | null }) {
  const { t } = useTranslation();
  const none = t('common.none');
  if (from === to) return <span>{t('ticketPage.move.stays', { what: from ?? none })}</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <s className="text-soft">{from ?? none}</s>
      <ArrowRight size={12} role="img" aria-label={t('ticketPage.move.becomes')} />
      <b className="font-medium">{to ?? none}</b>
    </span>
  );
}
