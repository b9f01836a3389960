// The promises of a ticket: three goals counting down in working time, what holds the clocks, what happens next, and which policy says so.
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { Hourglass, Moon, Pause } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Condition } from '#domain/desk.ts';
import { useMay } from '../../api/queries.ts';
import type { Around, GoalName, Sla, Ticket } from '../../api/types.ts';
import { Badge } from '../../components/bits.tsx';
import { at, exact, span } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import { durationText } from '../../sla/durations.ts';
import { useSlaWords } from '../../sla/words.ts';
import { GOALS } from '../labels.tsx';
import { useWakeWords } from '../wake-words.ts';
import { Card } from './card.tsx';
import type { CardProps } from './card-props.ts';
import { useClock } from './working-clock.ts';
import type { WorkingClock } from './working-clock.ts';

export function SlaCard({ ticket, around }: CardProps) {
  const { t } = useTranslation();
  const clock = useClock(around.policy?.calendar ?? null);
  if (ticket.sla.policyId === null) {
    return (
      <Card name="sla" title={t('sla.title')}>
        <p className="text-soft">{t('sla.none')}</p>
      </Card>
    );
  }
  return (
    <Card name="sla" title={t('sla.title')}>
      <ul className="flex flex-col gap-2" data-testid="sla-goals">
        {GOALS.map((goal) => (
          <GoalLine key={goal} {...{ goal, ticket, around, clock }} />
        ))}
      </ul>
      <Standing {...{ ticket, around, clock }} />
      <NextWake ticket={ticket} />
      <PolicyLine {...{ ticket, around }} />
    </Card>
  );
}

interface Parts extends CardProps {
  clock: WorkingClock;
}

function GoalLine({ goal, ticket, around, clock }: Parts & { goal: GoalName }) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow();
  const state = ticket.sla.goals[goal];
  if (state === null) return null;
  const target = around.policy?.targets[goal] ?? null;
  const instant = state.completedAt ?? state.dueAt;
  const said = state.completedAt === null ? 'ticketPage.sla.due' : 'ticketPage.sla.done';
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2">
      <span>{t(`sla.${goal}`)}</span>
      <GoalBadge state={state} paused={ticket.sla.paused} clock={clock} />
      <span className="col-span-2 text-xs text-soft">
        {instant === null ? null : (
          <time dateTime={instant} title={exact(instant, i18n.language)} className="tabular-nums">
            {t(said, { at: at(instant, nowMs, i18n.language) })}
          </time>
        )}
        {target === null ? null : (
          <>
            {instant === null ? null : ' · '}
            {t('ticketPage.sla.promised', { span: durationText(target.seconds) })}
          </>
        )}
      </span>
    </li>
  );
}

function GoalBadge({
  state,
  paused,
  clock,
}: {
  state: NonNullable<Sla['goals'][GoalName]>;
  paused: boolean;
  clock: WorkingClock;
}) {
  const { t } = useTranslation();
  const nowMs = useNow();
  if (state.completedAt !== null) {
    const late = state.state === 'completedLate';
    return <Badge tone={late ? 'danger' : 'good'}>{t(late ? 'sla.missed' : 'sla.met')}</Badge>;
  }
  if (paused) return <Badge>{t('sla.paused')}</Badge>;
  if (state.dueAt === null) return <Badge>{t('sla.notRunning')}</Badge>;
  const dueMs = Date.parse(state.dueAt);
  if (dueMs < nowMs) {
    return (
      <Badge tone="danger">{t('sla.overdueBy', { span: span(clock.between(dueMs, nowMs)) })}</Badge>
    );
  }
  return (
    <Badge tone={state.state === 'dueSoon' ? 'warn' : 'neutral'}>
      {t('sla.dueIn', { span: span(clock.between(nowMs, dueMs)) })}
    </Badge>
  );
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="mt-2 flex items-start gap-1.5 text-[13px] text-soft">
      <span aria-hidden="true" className="mt-0.5 shrink-0">
        {icon}
      </span>
      <span className="min-w-0">{children}</span>
    </p>
  );
}

/** What holds the clocks: the ticket itself, or the hour. */
function Standing({ ticket, around, clock }: Parts) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow();
  const runs = GOALS.some((goal) => ticket.sla.goals[goal]?.completedAt === null);
  if (!runs) return null;
  if (ticket.sla.paused) {
    return <Line icon={<Pause size={13} />}>{pausedBecause(ticket, around, t)}</Line>;
  }
  const name = around.policy?.calendar?.name;
  if (name === undefined)
    return <Line icon={<Hourglass size={13} />}>{t('ticketPage.sla.always')}</Line>;
  const opensMs = clock.closedUntil(nowMs);
  if (opensMs !== null) {
    const opens = at(new Date(opensMs).toISOString(), nowMs, i18n.language);
    return (
      <Line icon={<Moon size={13} />}>{t('ticketPage.sla.closedNow', { name, at: opens })}</Line>
    );
  }
  return clock.known ? (
    <Line icon={<Hourglass size={13} />}>{t('ticketPage.sla.workingTime', { name })}</Line>
  ) : null;
}

function pausedBecause(ticket: Ticket, around: Around, t: TFunction): string {
  if (ticket.spam) return t('ticketPage.sla.pausedSpam');
  if (ticket.mergedIntoId !== null) return t('ticketPage.sla.pausedMerged');
  const status = around.pipeline.statuses.find(({ id }) => id === ticket.status)?.name;
  return status === undefined ? t('sla.pausedHint') : t('ticketPage.sla.pausedStatus', { status });
}

function NextWake({ ticket: { nextWake } }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow();
  const words = useWakeWords();
  if (nextWake === null) return null;
  const apartMs = Date.parse(nextWake.at) - nowMs;
  return (
    <p className="mt-2 text-[13px] text-soft">
      {t('ticketPage.sla.next')}
      {t('common.colon')} <b className="font-medium text-ink">{words(nextWake.reason)}</b>{' '}
      <time
        dateTime={nextWake.at}
        title={exact(nextWake.at, i18n.language)}
        className="tabular-nums"
      >
        {at(nextWake.at, nowMs, i18n.language)}
        {apartMs > 0 ? ` (${span(apartMs)})` : ''}
      </time>
    </p>
  );
}

function PolicyLine({ ticket, around }: CardProps) {
  const { t } = useTranslation();
  const words = useSlaWords();
  const mayOpen = useMay('settings.view');
  const { policy } = around;
  if (policy === null) return null;
  const label = t('sla.policy', { name: policy.name, version: policy.version });
  // A save that the ticket has followed and its surroundings not yet: its conditions come with the next look.
  const present = ticket.sla.policyVersion === policy.version;
  return (
    <p className="mt-2 text-[13px] text-soft">
      {mayOpen ? (
        <Link
          to="/settings/sla-policies/$policyId"
          params={{ policyId: policy.id }}
          search={{ version: policy.version }}
          className="text-accent underline"
        >
          {label}
        </Link>
      ) : (
        label
      )}
      {present ? (
        <>
          {', '}
          {policy.conditions.length === 0
            ? t('sla.always')
            : t('sla.because', { why: words.conditions(named(policy.conditions, around)) })}
        </>
      ) : null}
    </p>
  );
}

/** Conditions with the company's name in place of its id, which the other words do not know. */
function named(
  conditions: NonNullable<Around['policy']>['conditions'],
  { company }: Around,
): Condition[] {
  const nameOf = (value: unknown): unknown => (value === company?.id ? company?.name : value);
  return conditions.map((one) =>
    one.field === 'companyId' && company !== null
      ? { ...one, value: Array.isArray(one.value) ? one.value.map(nameOf) : nameOf(one.value) }
      : one,
  ) as Condition[];
}
