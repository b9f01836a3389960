// Beside a ticket: its deadlines, who asked, why it is here, what else they asked, and the workflow behind it all.
import { Link } from '@tanstack/react-router';
import { ExternalLink, Pause } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive, useTicketList } from '../api/queries.ts';
import type { GoalName, Sla, Ticket } from '../api/types.ts';
import { Badge } from '../components/bits.tsx';
import { at, exact, span } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { GOALS, StatusBadge, useNames } from './labels.tsx';
import { Life } from './life.tsx';

export function Details({ ticket }: { ticket: Ticket }) {
  return (
    <div className="flex flex-col gap-px">
      <SlaCard ticket={ticket} />
      <LifeCard ticket={ticket} />
      <RequesterCard ticket={ticket} />
      <RoutingCard ticket={ticket} />
      <WorkflowCard ticket={ticket} />
    </div>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-3">
      <h3 className="mb-2 text-xs font-semibold tracking-wide text-soft uppercase">{title}</h3>
      {children}
    </section>
  );
}

function SlaCard({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const { sla } = ticket;
  return (
    <Card title={t('sla.title')}>
      {sla.policyId === null ? (
        <p className="text-soft">{t('sla.none')}</p>
      ) : (
        <>
          <ul className="flex flex-col gap-1.5" data-testid="sla-goals">
            {GOALS.map((goal) => (
              <GoalLine key={goal} goal={goal} ticket={ticket} />
            ))}
          </ul>
          {sla.paused ? (
            <p className="mt-2 flex items-center gap-1.5 text-[13px] text-soft">
              <Pause size={13} aria-hidden="true" /> {t('sla.pausedHint')}
            </p>
          ) : null}
          <p className="mt-2 text-[13px] text-soft">
            {t('sla.policy', { name: sla.policyName ?? '…', version: sla.policyVersion })}
            {', '}
            {(sla.why ?? []).length === 0
              ? t('sla.always')
              : t('sla.because', { why: sla.why?.join(', ') })}
          </p>
        </>
      )}
    </Card>
  );
}

function GoalLine({ goal, ticket }: { goal: GoalName; ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const state = ticket.sla.goals[goal];
  if (state === null) return null;
  return (
    <li className="flex items-center justify-between gap-2">
      <span>{t(`sla.${goal}`)}</span>
      <span title={state.dueAt === null ? undefined : exact(state.dueAt, i18n.language)}>
        <GoalBadge state={state} paused={ticket.sla.paused} />
      </span>
    </li>
  );
}

function GoalBadge({
  state,
  paused,
}: {
  state: NonNullable<Sla['goals'][GoalName]>;
  paused: boolean;
}) {
  const { t } = useTranslation();
  const nowMs = useNow();
  if (state.completedAt !== null) {
    const late = state.state === 'completedLate';
    return <Badge tone={late ? 'danger' : 'good'}>{t(late ? 'sla.missed' : 'sla.met')}</Badge>;
  }
  if (state.dueAt === null) return <Badge>{t('sla.notRunning')}</Badge>;
  if (paused) return <Badge>{t('sla.paused')}</Badge>;
  const leftMs = Date.parse(state.dueAt) - nowMs;
  const tone = leftMs < 0 ? 'danger' : state.state === 'dueSoon' ? 'warn' : 'neutral';
  return (
    <Badge tone={tone}>
      {leftMs < 0
        ? t('sla.overdueBy', { span: span(-leftMs) })
        : t('sla.dueIn', { span: span(leftMs) })}
    </Badge>
  );
}

function LifeCard({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  return (
    <Card title={t('ticket.life')}>
      <Life ticket={ticket} />
    </Card>
  );
}

function RequesterCard({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const { requester } = ticket;
  const others = useTicketList({ requesterId: requester.id, sort: '-updatedAt' });
  const rest = (others.data?.pages[0]?.items ?? [])
    .filter((one) => one.id !== ticket.id)
    .slice(0, 6);
  return (
    <Card title={t('ticket.requester')}>
      <p className="font-medium">
        <bdi>{requester.name ?? requester.email ?? requester.phone}</bdi>
      </p>
      {requester.email === null ? null : <p className="break-all text-soft">{requester.email}</p>}
      {requester.phone === null ? null : <p className="text-soft">{requester.phone}</p>}
      <h4 className="mt-3 mb-1 text-xs font-medium text-soft">{t('ticket.otherTickets')}</h4>
      {rest.length === 0 ? (
        <p className="text-[13px] text-soft">{t('ticket.noOtherTickets')}</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {rest.map((one) => (
            <li key={one.id} className="flex items-center gap-2">
              <Link
                to="/tickets/$ticketId"
                params={{ ticketId: String(one.id) }}
                className="min-w-0 flex-1 truncate hover:underline"
              >
                <span className="text-soft">#{one.id}</span> <bdi>{one.subject}</bdi>
              </Link>
              <StatusBadge ticket={one} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function RoutingCard({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const { routing } = ticket;
  if (routing === null && ticket.followers.length === 0) return null;
  return (
    <Card title={t('ticket.routing')}>
      {routing === null ? null : (
        <>
          <p>{routing.reason}</p>
          <p className="text-[13px] text-soft">
            {routing.ruleName === null
              ? ''
              : `${routing.ruleName} v${routing.ruleVersion ?? ''} · `}
            {at(routing.at, Date.now(), i18n.language)}
          </p>
        </>
      )}
      {ticket.followers.length === 0 ? null : (
        <p className="mt-2 text-[13px] text-soft">
          {t('ticket.followers')}: {ticket.followers.map((id) => names.person(id)).join(', ')}
        </p>
      )}
    </Card>
  );
}

function WorkflowCard({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const live = useLive(ticket.id);
  return (
    <Card title={t('ticket.workflow')}>
      {live.data === undefined ? null : (
        <ul className="mb-2 flex flex-col gap-1 text-[13px] text-soft">
          {live.data.pendingSends.map((send) => (
            <li key={send.messageId}>
              {t('ticket.pendingSends')}: {send.kind}, {at(send.sendAt, Date.now(), i18n.language)}
            </li>
          ))}
          <li>{t('ticket.version', { version: live.data.version })}</li>
        </ul>
      )}
      <a
        href={ticket.workflow.url}
        target="_blank"
        rel="noreferrer noopener"
        className="inline-flex items-center gap-1.5 text-accent underline"
      >
        {ticket.workflow.id} <ExternalLink size={13} aria-hidden="true" />
      </a>
    </Card>
  );
}
