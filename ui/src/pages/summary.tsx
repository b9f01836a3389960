// The desk now: what is open and pressing, who is there, and today against yesterday. Every number opens the tickets behind it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { TrendingDown, TrendingUp } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useTeams } from '../api/queries.ts';
import type { Summary } from '../api/types.ts';
import { Avatar, Badge, Failure, Skeleton } from '../components/bits.tsx';
import { cx } from '../lib/class-names.ts';
import { searchOfFilter } from '../lib/inbox-search.ts';
import { GOALS, PRIORITIES } from '../tickets/labels.tsx';
import { useReasonWords } from '../tickets/reason-words.ts';
import { PageFrame } from './page-frame.tsx';

type Figure = Summary['live']['open'];
const LIVE = [
  'unassigned',
  'overdue',
  'dueSoon',
  'new',
  'open',
  'waiting',
  'snoozed',
  'allOpen',
] as const;
const TONES: Partial<Record<(typeof LIVE)[number], string>> = {
  overdue: 'text-danger',
  dueSoon: 'text-warn',
};

export function SummaryPage() {
  const { t } = useTranslation();
  const teams = useTeams();
  const [teamId, setTeamId] = useState('');
  const summary = useQuery({
    queryKey: ['summary', teamId],
    queryFn: () =>
      call<Summary>('GET', '/api/v1/reports/summary', {
        query: { teamId, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const picker = (
    <select
      aria-label={t('ticket.team')}
      value={teamId}
      onChange={(event) => setTeamId(event.target.value)}
      className="h-8 max-w-full min-w-0 text-ellipsis rounded-md border border-line bg-raised px-2 max-sm:h-10"
    >
      <option value="">{t('summary.allTeams')}</option>
      {(teams.data ?? []).map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
  return (
    <PageFrame title={t('nav.summary')} acts={picker}>
      {summary.isError ? (
        <Failure error={summary.error} again={() => void summary.refetch()} />
      ) : null}
      {summary.data === undefined ? <Skeleton lines={10} /> : <Numbers summary={summary.data} />}
    </PageFrame>
  );
}

function Numbers({ summary }: { summary: Summary }) {
  const { t } = useTranslation();
  return (
    <>
      <section aria-label={t('summary.now')} className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        {LIVE.map((name) => (
          <Tile
            key={name}
            label={t(`summary.live.${name}`)}
            figure={summary.live[name]}
            tone={TONES[name]}
          />
        ))}
      </section>
      <div className="grid gap-4 lg:grid-cols-2">
        <Panel title={t('summary.today')}>
          <Days day={summary.day} />
        </Panel>
        <Panel title={t('summary.byPriority')}>
          <Bars
            rows={PRIORITIES.map((one) => ({
              label: t(`ticket.priorities.${one}`),
              figure: summary.byPriority[one],
            }))}
          />
        </Panel>
        <Panel title={t('summary.sla')}>
          <Goals goals={summary.goals} />
        </Panel>
        <Panel
          title={t('summary.agents', {
            available: summary.agents.available,
            full: summary.agents.atCapacity,
          })}
        >
          <Agents people={summary.agents.people} />
        </Panel>
      </div>
    </>
  );
}

/** A number that opens what it counts. */
function Count({
  figure,
  className,
  children,
}: {
  figure: Figure;
  className?: string;
  children?: ReactNode;
}) {
  const { view = 'search', ...search } = searchOfFilter(figure.filter);
  return (
    <Link
      to="/views/$viewId"
      params={{ viewId: view }}
      search={search}
      className={cx('tabular-nums hover:underline', className)}
    >
      {children ?? figure.count}
    </Link>
  );
}

function Tile({
  label,
  figure,
  tone,
}: {
  label: string;
  figure: Figure;
  tone: string | undefined;
}) {
  return (
    <Count
      figure={figure}
      className="rounded-lg border border-line bg-raised p-3 hover:no-underline hover:border-soft"
    >
      <span className={cx('block text-2xl font-semibold', figure.count > 0 && tone)}>
        {figure.count}
      </span>
      <span className="text-[13px] text-soft">{label}</span>
    </Count>
  );
}

function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0 rounded-lg border border-line bg-raised p-4">
      <h2 className="mb-3 font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Days({ day }: { day: Summary['day'] }) {
  const { t } = useTranslation();
  return (
    <table className="w-full">
      <thead className="text-start text-xs text-soft">
        <tr>
          <td />
          <th scope="col" className="ps-2 text-end font-normal">
            {t('summary.todaySoFar')}
          </th>
          <th scope="col" className="ps-2 text-end font-normal">
            {t('summary.yesterday')}
          </th>
          <th scope="col">
            <span className="sr-only">{t('summary.change')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {(['created', 'closed', 'replied'] as const).map((name) => {
          const { today, yesterday } = day[name];
          const change = today.count - yesterday.count;
          const Icon = change < 0 ? TrendingDown : TrendingUp;
          return (
            <tr key={name}>
              <th scope="row" className="py-1 text-start font-normal">
                {t(`summary.day.${name}`)}
              </th>
              <td className="text-end font-semibold">
                <Count figure={today} />
              </td>
              <td className="text-end text-soft">
                <Count figure={yesterday} />
              </td>
              <td className="w-20 text-end text-soft tabular-nums">
                {change === 0 ? (
                  '='
                ) : (
                  <span className="inline-flex items-center gap-1">
                    <Icon size={13} aria-hidden="true" />
                    {change > 0 ? `+${change}` : `−${-change}`}
                  </span>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Bars({ rows }: { rows: { label: string; figure: Figure }[] }) {
  const most = Math.max(1, ...rows.map(({ figure }) => figure.count));
  return (
    <ul className="flex flex-col gap-2">
      {rows.map(({ label, figure }) => (
        <li key={label} className="grid grid-cols-[6rem_1fr_3rem] items-center gap-2">
          <span className="truncate">{label}</span>
          <span className="h-2.5 rounded bg-sunken">
            <span
              className="block h-full rounded bg-accent"
              style={{ width: `${(figure.count / most) * 100}%` }}
            />
          </span>
          <span className="text-end">
            <Count figure={figure} />
          </span>
        </li>
      ))}
    </ul>
  );
}

const GOAL_STATES = ['overdue', 'dueSoon', 'active', 'completedOnTime', 'completedLate'] as const;
const FILLS: Record<(typeof GOAL_STATES)[number], string> = {
  ...{ overdue: 'bg-danger', dueSoon: 'bg-warn', active: 'bg-accent' },
  ...{ completedOnTime: 'bg-good', completedLate: 'bg-soft' },
};

function Goals({ goals }: { goals: Summary['goals'] }) {
  const { t } = useTranslation();
  return (
    <ul className="flex flex-col gap-4">
      {GOALS.map((goal) => {
        const total = Math.max(
          1,
          ...[GOAL_STATES.reduce((sum, state) => sum + goals[goal][state].count, 0)],
        );
        return (
          <li key={goal}>
            <div className="mb-1">{t(`sla.${goal}`)}</div>
            <div className="flex h-2.5 overflow-hidden rounded bg-sunken" aria-hidden="true">
              {GOAL_STATES.map((state) => (
                <span
                  key={state}
                  className={FILLS[state]}
                  style={{ width: `${(goals[goal][state].count / total) * 100}%` }}
                />
              ))}
            </div>
            <ul className="mt-1 flex flex-wrap gap-x-4 text-[13px] text-soft">
              {GOAL_STATES.map((state) => (
                <li key={state} className="inline-flex items-center gap-1.5">
                  <span className={cx('size-2 rounded-full', FILLS[state])} aria-hidden="true" />
                  {t(`summary.goalStates.${state}`)}{' '}
                  <Count figure={goals[goal][state]} className="font-medium text-ink" />
                </li>
              ))}
            </ul>
          </li>
        );
      })}
    </ul>
  );
}

const STATE_TONES = { available: 'good', atCapacity: 'warn', away: 'neutral' } as const;

function Agents({ people }: { people: Summary['agents']['people'] }) {
  const { t } = useTranslation();
  const reason = useReasonWords();
  return (
    <ul
      className="flex max-h-80 flex-col gap-1 overflow-y-auto"
      tabIndex={0}
      aria-label={t('summary.people')}
    >
      {people.map((one) => (
        <li
          key={one.userId}
          className="flex items-center gap-2 py-0.5"
          title={one.reason === null ? undefined : reason(one.reason)}
        >
          <Avatar name={one.name} away={one.state === 'away'} />
          <bdi className="min-w-0 flex-1 truncate">{one.name}</bdi>
          <Count figure={{ count: one.open, filter: one.filter }} className="text-soft">
            {one.capacity === null
              ? one.open
              : t('summary.load', { open: one.open, capacity: one.capacity })}
          </Count>
          <Badge tone={STATE_TONES[one.state]}>{t(`summary.states.${one.state}`)}</Badge>
        </li>
      ))}
    </ul>
  );
}
