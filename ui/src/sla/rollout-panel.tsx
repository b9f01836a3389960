// How far the newest save has come to open tickets, and a hand on it. Nothing is shown of what was never rolled out.
import { ExternalLink, Pause, Play, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { Badge, useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { at, span } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { Section, useMayChange } from './frame.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { isUnderWay, useRollout, useSteerRollout } from './queries.ts';
import type { Rollout } from './types.ts';

const TONES = {
  ...({ planning: 'accent', running: 'accent', paused: 'warn' } as const),
  ...({ cancelled: 'neutral', superseded: 'neutral', finished: 'good' } as const),
};

export function RolloutPanel({ path, id }: { path: string; id: string }) {
  const { t } = useTranslation();
  const { data: rollout } = useRollout(path, id);
  if (rollout === undefined || rollout === null) return null;
  return (
    <Section
      title={t('slaAdmin.rollout')}
      hint={t('slaAdmin.version', { version: rollout.version })}
      acts={
        <Badge tone={TONES[rollout.state]}>{t(`slaAdmin.rolloutStates.${rollout.state}`)}</Badge>
      }
    >
      <Numbers rollout={rollout} />
      <Acts path={path} id={id} rollout={rollout} />
    </Section>
  );
}

function Numbers({ rollout }: { rollout: Rollout }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const { total, done, failed, urgent, urgentDone, perSecond, secondsLeft, finishedAt } = rollout;
  const open = isUnderWay(rollout);
  if (total === 0 && rollout.state === 'finished')
    return <p className="text-soft">{t('slaAdmin.rolloutNone')}</p>;
  const numbers = new Intl.NumberFormat(i18n.language);
  const count = t('slaAdmin.rolloutCount', {
    done: numbers.format(done),
    total: numbers.format(total),
  });
  const pace = [
    ...(open && perSecond !== null
      ? [t('slaAdmin.rolloutRate', { rate: numbers.format(perSecond) })]
      : []),
    ...(open && secondsLeft !== null
      ? [t('slaAdmin.rolloutLeft', { span: span(secondsLeft * 1_000) })]
      : []),
    ...(finishedAt === null ? [] : [at(finishedAt, nowMs, i18n.language)]),
  ];
  return (
    <div className="flex flex-col gap-1.5">
      <ProgressBar label={t('slaAdmin.rollout')} done={done + failed} total={total} />
      <p role="status" className="tabular-nums">
        {count}
      </p>
      {urgent === 0 ? null : (
        <p className="text-[13px] text-soft tabular-nums">
          {t('slaAdmin.rolloutUrgent', { done: urgentDone, total: urgent })}
        </p>
      )}
      {failed === 0 ? null : (
        <p className="text-[13px] text-danger">{t('slaAdmin.rolloutFailed', { count: failed })}</p>
      )}
      {pace.length === 0 ? null : (
        <p className="text-[13px] text-soft tabular-nums">{pace.join(' · ')}</p>
      )}
      {rollout.state === 'cancelled' ? (
        <p className="text-[13px] text-soft">{t('slaAdmin.cancelledHint')}</p>
      ) : null}
    </div>
  );
}

function Acts({ path, id, rollout }: { path: string; id: string; rollout: Rollout }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const steer = useSteerRollout(path, id);
  const mayChange = useMayChange() === true;
  const act = (what: 'pause' | 'resume' | 'cancel'): void =>
    steer.mutate(what, { onError: (error) => toast.error(words(error)) });
  const open = isUnderWay(rollout) && mayChange;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-2">
      {open && rollout.state !== 'paused' ? (
        <Button small busy={steer.isPending} onClick={() => act('pause')}>
          <Pause size={13} aria-hidden="true" />
          {t('slaAdmin.pauseRollout')}
        </Button>
      ) : null}
      {open && rollout.state === 'paused' ? (
        <Button small busy={steer.isPending} onClick={() => act('resume')}>
          <Play size={13} aria-hidden="true" />
          {t('slaAdmin.resumeRollout')}
        </Button>
      ) : null}
      {open ? (
        <Button small busy={steer.isPending} onClick={() => act('cancel')}>
          <X size={13} aria-hidden="true" />
          {t('slaAdmin.cancelRollout')}
        </Button>
      ) : null}
      <a
        href={rollout.workflow.url}
        target="_blank"
        rel="noreferrer"
        className="inline-flex items-center gap-1 text-[13px] text-accent underline"
      >
        {t('slaAdmin.openWorkflow')}
        <ExternalLink size={13} aria-hidden="true" />
      </a>
    </div>
  );
}
