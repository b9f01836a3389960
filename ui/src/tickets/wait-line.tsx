// What this ticket waits for, and why: the durable workflow's next wake, in one line.
import { Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '../api/types.ts';
import { at, exact, span } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { useWakeWords } from './wake-words.ts';

export function WaitLine({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow();
  const words = useWakeWords();
  const wake = ticket.nextWake;
  const snooze =
    ticket.snoozedUntil !== null
      ? t('ticket.snoozed', { until: at(ticket.snoozedUntil, nowMs, i18n.language) })
      : ticket.snoozedUntilReply
        ? t('ticket.snoozedUntilReply')
        : null;
  return (
    <p
      data-testid="wait-line"
      className="flex flex-wrap items-center gap-1.5 text-[13px] text-soft"
    >
      <Hourglass size={13} aria-hidden="true" />
      {wake === null ? (
        <span>{snooze ?? t('ticket.waitsForNothing')}</span>
      ) : (
        <>
          <span>
            {t('ticket.waitingFor')}
            {t('common.colon')} <b className="font-medium text-ink">{words(wake.reason)}</b>
          </span>
          <time dateTime={wake.at} title={exact(wake.at, i18n.language)} className="tabular-nums">
            {at(wake.at, nowMs, i18n.language)}
            {Date.parse(wake.at) > nowMs ? ` (${span(Date.parse(wake.at) - nowMs)})` : ''}
          </time>
        </>
      )}
    </p>
  );
}
