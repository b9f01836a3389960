// "Try it": what a draft would have done to the tickets of the past, asked before anything is saved.
import { useMutation, useQuery } from '@tanstack/react-query';
import { FlaskConical, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { SelectField } from '../components/field.tsx';
import { Section } from './frame.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { TrialResultView } from './trial-result.tsx';
import { POLICIES } from './types.ts';
import type { PolicyContent, Trial } from './types.ts';

const DAYS = [7, 30, 90, 180, 365];
const POLL_MS = 500;

/** The job that was asked last, followed until it ends. */
function useTrial(policyId: string | null) {
  const base = policyId === null ? POLICIES : `${POLICIES}/${policyId}`;
  const [asked, setAsked] = useState<{ id: string; draft: string } | null>(null);
  const path = `${base}/simulations/${asked?.id}`;
  const job = useQuery({
    queryKey: ['trial', asked?.id],
    queryFn: () => call<Trial>('GET', path),
    enabled: asked !== null,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.state === 'running' ? POLL_MS : false,
  });
  const ask = useMutation({
    mutationFn: ({ draft, days }: { draft: PolicyContent; days: number }) =>
      call<Trial>('POST', `${base}/simulate`, {
        body: { draft, days },
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: (trial, { draft }) => setAsked({ id: trial.id, draft: JSON.stringify(draft) }),
  });
  const stop = useMutation({
    mutationFn: () => call<Trial>('DELETE', path),
    onSettled: () => job.refetch(),
  });
  return { asked, job, ask, stop };
}

export function TrialPanel(props: {
  /** Null while the policy is not saved for the first time. */
  policyId: string | null;
  draft: PolicyContent;
  disabled: boolean;
}) {
  const { t } = useTranslation();
  return (
    <Section title={t('slaAdmin.trial')} hint={t('slaAdmin.trialHint')}>
      <Inside {...props} />
    </Section>
  );
}

function Inside({
  policyId,
  draft,
  disabled,
}: {
  policyId: string | null;
  draft: PolicyContent;
  disabled: boolean;
}) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const [days, setDays] = useState(90);
  const { asked, job, ask, stop } = useTrial(policyId);
  const running = ask.isPending || (asked !== null && (job.data?.state ?? 'running') === 'running');
  const stale = asked !== null && asked.draft !== JSON.stringify(draft);
  const error = ask.error ?? job.error ?? stop.error;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-2">
        <SelectField
          label={t('slaAdmin.trialDays')}
          value={days}
          onChange={({ target }) => setDays(Number(target.value))}
        >
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {t('slaAdmin.days', { count })}
            </option>
          ))}
        </SelectField>
        <Button busy={running} disabled={disabled} onClick={() => ask.mutate({ draft, days })}>
          <FlaskConical size={15} aria-hidden="true" />
          {t('slaAdmin.trialRun')}
        </Button>
        {running && asked !== null ? (
          <Button kind="ghost" onClick={() => stop.mutate()}>
            <X size={15} aria-hidden="true" />
            {t('slaAdmin.trialStop')}
          </Button>
        ) : null}
      </div>
      {error === null ? null : (
        <p role="alert" className="text-danger">
          {words(error)}
        </p>
      )}
      {job.data === undefined ? null : <Outcome trial={job.data} stale={stale} />}
    </div>
  );
}

function Outcome({ trial, stale }: { trial: Trial; stale: boolean }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  if (trial.state === 'running') {
    const words =
      trial.total === null
        ? t('slaAdmin.trialStarting')
        : t('slaAdmin.trialRunning', {
            looked: number.format(trial.looked),
            total: number.format(trial.total),
          });
    return (
      <div className="flex flex-col gap-1.5">
        <ProgressBar label={t('slaAdmin.trial')} done={trial.looked} total={trial.total} />
        <p role="status" className="text-[13px] text-soft tabular-nums">
          {words}
        </p>
      </div>
    );
  }
  if (trial.state === 'cancelled') return <p role="status">{t('slaAdmin.trialStopped')}</p>;
  if (trial.result === null)
    return (
      <p role="alert" className="text-danger">
        {t('slaAdmin.trialFailed')}
      </p>
    );
  return (
    <>
      {stale ? (
        <p role="status" className="rounded bg-warn-tint px-3 py-2 text-warn">
          {t('slaAdmin.trialStale')}
        </p>
      ) : null}
      <TrialResultView result={trial.result} />
    </>
  );
}
