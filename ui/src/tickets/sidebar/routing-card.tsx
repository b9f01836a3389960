// Why a ticket is where it is: which rule put it there, and where it is offered next when nobody takes it.
import { useTranslation } from 'react-i18next';
import { at } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { durationText } from '../../sla/durations.ts';
import { useNames } from '../labels.tsx';
import { useReasonWords } from '../reason-words.ts';
import { Card } from './card.tsx';
import { Facts } from './facts.tsx';
import type { CardProps } from './card-props.ts';

export function RoutingCard({ ticket: { routing } }: CardProps) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const names = useNames();
  const reason = useReasonWords();
  if (routing === null) {
    return (
      <Card name="routing" title={t('ticket.routing')}>
        <p className="text-soft">{t('ticketPage.notRouted')}</p>
      </Card>
    );
  }
  const { ruleName, ruleVersion, fallback } = routing;
  const steps = fallback?.steps.slice(fallback.taken) ?? [];
  return (
    <Card name="routing" title={t('ticket.routing')}>
      <p className="break-words">{reason(routing.reason)}</p>
      <Facts
        of={[
          [
            t('ticketPage.rule'),
            ruleName === null
              ? null
              : t('sla.policy', { name: ruleName, version: ruleVersion ?? '…' }),
          ],
          [t('ticketPage.decided'), at(routing.at, nowMs, i18n.language)],
        ]}
      />
      {steps.length === 0 ? null : (
        <ul className="mt-2 flex flex-col gap-0.5 text-[13px] text-soft">
          {steps.map(({ afterSeconds, to }) => (
            <li key={afterSeconds}>
              {to === 'team'
                ? t('ticketPage.thenTeam', { span: durationText(afterSeconds) })
                : t('ticketPage.thenOther', {
                    ...{ span: durationText(afterSeconds), team: names.team(to.teamId) },
                  })}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
