// The operator's page: what of the desk needs a look, and why, each with its way into the Temporal UI. It still says what it knows when parts are down.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CheckCircle2, CircleHelp, ExternalLink, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import type { Operations } from '../api/types.ts';
import { Badge, Failure, Skeleton } from '../components/bits.tsx';
import { faultWords } from '../lib/known-sentences.ts';
import { at, span } from '../lib/time.ts';
import { useWakeWords } from '../tickets/wake-words.ts';
import { PageFrame } from './page-frame.tsx';

const AGAIN_MS = 5_000;

export function OperationsPage() {
  const { t } = useTranslation();
  const operations = useQuery({
    queryKey: ['operations'],
    queryFn: () => call<Operations>('GET', '/api/v1/operations'),
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
  const { data } = operations;
  return (
    <PageFrame
      title={t('nav.operations')}
      acts={data === undefined ? null : <Out url={data.url}>{t('operations.allWorkflows')}</Out>}
    >
      {operations.isError ? (
        <Failure error={operations.error} again={() => void operations.refetch()} />
      ) : null}
      {data === undefined ? <Skeleton lines={10} /> : <Parts data={data} />}
    </PageFrame>
  );
}

type PartName = Exclude<keyof Operations, 'at' | 'url'>;
const ORDER: PartName[] = [
  ...(['postgres', 'temporal', 'taskQueues', 'api', 'lateTimers', 'deliveries'] as const),
  ...(['relay', 'reconciler', 'mailboxes', 'quarantine', 'jobs'] as const),
];
const RANK = { attention: 0, unknown: 1, ok: 2 };

function Parts({ data }: { data: Operations }) {
  // What needs a look comes first.
  const names = ORDER.toSorted((one, other) => RANK[data[one].state] - RANK[data[other].state]);
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {names.map((name) => (
        <Part key={name} name={name} part={data[name]}>
          <Inside name={name} data={data} />
        </Part>
      ))}
    </div>
  );
}

const STATES = {
  ok: { Icon: CheckCircle2, look: 'text-good' },
  attention: { Icon: TriangleAlert, look: 'text-danger' },
  unknown: { Icon: CircleHelp, look: 'text-warn' },
};

function Part({
  name,
  part,
  children,
}: {
  name: PartName;
  part: { state: keyof typeof STATES; why: string[] };
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const { Icon, look } = STATES[part.state];
  return (
    <section
      aria-label={t(`operations.parts.${name}`)}
      data-state={part.state}
      className="rounded-lg border border-line bg-raised p-4"
    >
      <h2 className="mb-2 flex items-center gap-2 font-semibold">
        <Icon
          size={16}
          className={look}
          role="img"
          aria-label={t(`operations.states.${part.state}`)}
        />
        {t(`operations.parts.${name}`)}
      </h2>
      {part.why.map((why) => (
        <p key={why} className={`mb-1 text-[13px] ${look}`}>
          {faultWords(why, t)}
        </p>
      ))}
      <div className="text-[13px]">{children}</div>
    </section>
  );
}

function Out({ url, children }: { url: string; children: ReactNode }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer noopener"
      className="inline-flex items-center gap-1 text-accent underline"
    >
      {children} <ExternalLink size={12} aria-hidden="true" />
    </a>
  );
}

function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="min-w-0 truncate tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const MB = 1024 ** 2;

/** What is known of each part. */
function Inside({ name, data }: { name: PartName; data: Operations }): ReactNode {
  const { t } = useTranslation();
  switch (name) {
    case 'postgres': {
      const known = data.postgres.data;
      return known === null ? null : (
        <Facts
          facts={[
            [t('operations.version'), known.version],
            [t('operations.latency'), `${known.latencyMs.toFixed(1)} ms`],
            [t('operations.connections'), `${known.connections} / ${known.maxConnections}`],
            [t('operations.size'), `${Math.round(known.sizeBytes / MB)} MB`],
          ]}
        />
      );
    }
    case 'temporal': {
      const known = data.temporal.data;
      return known === null ? null : (
        <Facts
          facts={[
            [t('operations.version'), known.version],
            [t('operations.latency'), `${known.latencyMs.toFixed(1)} ms`],
          ]}
        />
      );
    }
    case 'api': {
      const known = data.api.data;
      return known === null ? null : (
        <Facts
          facts={[
            ['Node', known.node],
            [t('operations.uptime'), span(known.uptimeSeconds * 1000)],
          ]}
        />
      );
    }
    case 'taskQueues':
      return <TaskQueues queues={data.taskQueues.data ?? []} />;
    case 'lateTimers':
      return <LateTimers part={data.lateTimers} />;
    case 'deliveries':
      return <Deliveries part={data.deliveries} />;
    case 'relay':
      return <Relay part={data.relay} />;
    case 'reconciler':
      return <Reconciler part={data.reconciler} />;
    case 'mailboxes':
      return <Mailboxes boxes={data.mailboxes.data ?? []} />;
    case 'quarantine': {
      const known = data.quarantine.data;
      return known === null ? null : (
        <Facts
          facts={[
            [t('operations.lastDay'), known.lastDay],
            [t('operations.lastMonth'), known.lastMonth],
          ]}
        />
      );
    }
    case 'jobs':
      return <Jobs jobs={data.jobs.data ?? []} />;
  }
}

function TaskQueues({ queues }: { queues: NonNullable<Operations['taskQueues']['data']> }) {
  const { t } = useTranslation();
  return (
    <table className="w-full">
      <thead className="text-xs text-soft">
        <tr>
          <th scope="col" className="text-start font-normal">
            {t('operations.queue')}
          </th>
          <th scope="col" className="text-end font-normal">
            {t('operations.waiting')}
          </th>
          <th scope="col" className="text-end font-normal">
            {t('operations.workers')}
          </th>
        </tr>
      </thead>
      <tbody>
        {queues.map(({ name, url, workflows, activities }) => (
          <tr key={name}>
            <th scope="row" className="text-start font-normal">
              <Out url={url}>{name}</Out>
            </th>
            <td className="text-end tabular-nums">{workflows.backlog + activities.backlog}</td>
            <td className="text-end tabular-nums">
              {
                new Set([...workflows.pollers, ...activities.pollers].map((one) => one.identity))
                  .size
              }
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function TicketLink({ id }: { id: number }) {
  return (
    <Link
      to="/tickets/$ticketId"
      params={{ ticketId: String(id) }}
      className="underline tabular-nums"
    >
      #{id}
    </Link>
  );
}

function Lines({ children }: { children: ReactNode }) {
  return <ul className="mt-2 flex flex-col gap-1.5">{children}</ul>;
}

function LateTimers({ part }: { part: Operations['lateTimers'] }) {
  const { t } = useTranslation();
  const wake = useWakeWords();
  if (part.data === null) return null;
  return (
    <>
      <Facts facts={[[t('operations.count'), part.data.count]]} />
      <Lines>
        {part.data.sample.map((one) => (
          <li key={one.ticketId} className="flex flex-wrap gap-x-2">
            <TicketLink id={one.ticketId} /> {one.reason === null ? null : wake(one.reason)}
            <Badge tone="danger">
              {t('operations.late', { span: span(one.lateSeconds * 1000) })}
            </Badge>
            <Out url={one.workflow.url}>{one.workflow.id}</Out>
          </li>
        ))}
      </Lines>
    </>
  );
}

function Deliveries({ part }: { part: Operations['deliveries'] }) {
  const { t, i18n } = useTranslation();
  if (part.data === null) return null;
  return (
    <>
      <Facts facts={[[t('operations.failedLastDay'), part.data.failedLastDay]]} />
      <Lines>
        {part.data.sample.map((one) => (
          <li key={one.workflow.id}>
            <span className="flex flex-wrap gap-x-2">
              <TicketLink id={one.ticketId} />
              <Badge tone={one.state === 'failed' ? 'danger' : 'warn'}>{one.state}</Badge>
              {t('operations.attempts', { count: one.attempts })}
              {one.nextAttemptAt === null
                ? null
                : t('operations.nextAt', { at: at(one.nextAttemptAt, Date.now(), i18n.language) })}
              <Out url={one.workflow.url}>{one.workflow.id.slice(0, 16)}…</Out>
            </span>
            <span className="block truncate text-soft">{one.failure?.text}</span>
          </li>
        ))}
      </Lines>
    </>
  );
}

function Relay({ part }: { part: Operations['relay'] }) {
  const { t } = useTranslation();
  if (part.data === null) return null;
  return (
    <>
      <Facts
        facts={[
          [t('operations.waiting'), part.data.count],
          [t('operations.oldest'), span(part.data.oldestSeconds * 1000)],
        ]}
      />
      <Lines>
        {part.data.sample.map((one, index) => (
          <li key={index} className="truncate">
            {one.kind} {one.ticketId === null ? null : <TicketLink id={one.ticketId} />}{' '}
            <span className="text-soft">{one.lastError}</span>
          </li>
        ))}
      </Lines>
    </>
  );
}

function Reconciler({ part }: { part: Operations['reconciler'] }) {
  const { t, i18n } = useTranslation();
  if (part.data === null) return null;
  const { nextRunAt, url, runs } = part.data;
  return (
    <>
      <Facts
        facts={[
          [
            t('operations.nextRun'),
            nextRunAt === null ? '—' : at(nextRunAt, Date.now(), i18n.language),
          ],
        ]}
      />
      <Lines>
        {runs.slice(0, 5).map((run) => (
          <li key={run.at} className="flex flex-wrap gap-x-2">
            <time dateTime={run.at}>{at(run.at, Date.now(), i18n.language)}</time>
            <span className="text-soft">
              {Object.entries(run.findings)
                .filter(([, count]) => count > 0)
                .map(([what, count]) => `${what} ${count}`)
                .join(', ') || t('operations.nothingFound')}
            </span>
          </li>
        ))}
      </Lines>
      <Out url={url}>{t('operations.schedule')}</Out>
    </>
  );
}

function Mailboxes({ boxes }: { boxes: NonNullable<Operations['mailboxes']['data']> }) {
  const { t } = useTranslation();
  return (
    <Lines>
      {boxes.map((box) => (
        <li key={box.channelId}>
          <span className="flex flex-wrap gap-x-2">
            <bdi>{box.address ?? box.name}</bdi>
            <Badge tone={box.ok === false ? 'danger' : box.ok === true ? 'good' : 'neutral'}>
              {t(
                box.enabled
                  ? box.ok === false
                    ? 'operations.states.attention'
                    : 'operations.states.ok'
                  : 'common.off',
              )}
            </Badge>
            {box.workflow === null ? null : (
              <Out url={box.workflow.url}>{t('ticket.workflow')}</Out>
            )}
          </span>
          <span className="block truncate text-soft">{box.text}</span>
        </li>
      ))}
    </Lines>
  );
}

function Jobs({ jobs }: { jobs: NonNullable<Operations['jobs']['data']> }) {
  const { t } = useTranslation();
  if (jobs.length === 0) return <p className="text-soft">{t('operations.nothingFound')}</p>;
  return (
    <Lines>
      {jobs.map((job) => (
        <li key={job.id} className="flex flex-wrap gap-x-2">
          <span>{t(`operations.kinds.${job.kind}`)}</span>
          <Badge tone={job.failed > 0 ? 'danger' : 'neutral'}>{job.state}</Badge>
          <span className="tabular-nums">
            {t('operations.jobOf', { failed: job.failed, total: job.total })}
          </span>
          <Out url={job.workflow.url}>{job.workflow.id.slice(0, 20)}…</Out>
        </li>
      ))}
    </Lines>
  );
}
