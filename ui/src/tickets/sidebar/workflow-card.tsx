// The life of a ticket on an axis of time, what it waits for, and the durable workflow behind it. That one is asked only when it is looked at.
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive } from '../../api/queries.ts';
import type { Ticket } from '../../api/types.ts';
import { Failure, Skeleton } from '../../components/bits.tsx';
import { at } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { Life } from '../life.tsx';
import { useWakeWords } from '../wake-words.ts';
import { Card } from './card.tsx';
import { Facts } from './facts.tsx';
import type { CardProps } from './card-props.ts';

export function WorkflowCard({ ticket }: CardProps) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  return (
    <Card name="workflow" title={t('ticket.life')}>
      <Life ticket={ticket} />
      <p className="mt-2">
        <a
          href={ticket.workflow.url}
          target="_blank"
          rel="noreferrer noopener"
          className="inline-flex items-center gap-1.5 text-accent underline"
        >
          {t('ticket.openWorkflow')} <ExternalLink size={13} aria-hidden="true" />
        </a>
      </p>
      <button
        type="button"
        aria-expanded={asked}
        onClick={() => setAsked(!asked)}
        className="mt-1 text-[13px] text-soft underline max-sm:py-1.5"
      >
        {t('ticketPage.askWorkflow')}
      </button>
      {asked ? <LiveState ticket={ticket} /> : null}
    </Card>
  );
}

function LiveState({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const live = useLive(ticket.id);
  const wakeWords = useWakeWords();
  if (live.isPending) return <Skeleton lines={3} />;
  if (live.isError) return <Failure error={live.error} again={() => void live.refetch()} />;
  const { version, projectedVersion, historyLength, pendingSends, lease, nextWake } = live.data;
  return (
    <Facts
      of={[
        [t('ticketPage.live.version'), `${version} / ${projectedVersion}`],
        [t('ticketPage.live.history'), historyLength],
        [
          t('ticketPage.live.wakes'),
          nextWake === null
            ? t('common.none')
            : `${wakeWords(nextWake.reason)}, ${at(nextWake.at, nowMs, i18n.language)}`,
        ],
        [
          t('ticket.pendingSends'),
          pendingSends.length === 0
            ? t('common.none')
            : pendingSends.map(({ sendAt }) => at(sendAt, nowMs, i18n.language)).join(', '),
        ],
        [
          t('ticketPage.live.held'),
          lease === null ? null : t('ticketPage.live.mergeWith', { id: lease.peerId }),
        ],
      ]}
    />
  );
}
