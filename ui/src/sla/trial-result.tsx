// What a trial found, drawn: goals met now and with the draft, by goal, team and priority, and the tickets that would change sides.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { GOAL_NAMES } from '#domain/desk.ts';
import { cx } from '../lib/class-names.ts';
import { at } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { PRIORITIES } from '../tickets/labels.tsx';
import type { Attainment, ChangedTickets, Compared, TrialResult } from './types.ts';
import { useSlaWords } from './words.ts';

interface Row {
  id: string;
  label: string;
  compared: Compared;
}

const countOf = ({ met, missed }: Attainment): number => met + missed;
const isThere = ({ compared }: Row): boolean =>
  countOf(compared.before) + countOf(compared.after) > 0;

export function TrialResultView({ result }: { result: TrialResult }) {
  const { t, i18n } = useTranslation();
  const words = useSlaWords();
  const number = new Intl.NumberFormat(i18n.language);
  const goals = GOAL_NAMES.map((name) => ({
    ...{ id: name, label: words.goal(name), compared: result.goals[name] },
  })).filter(isThere);
  const teams = Object.entries(result.byTeam)
    .map(([id, compared]) => ({ id, label: teamName(id), compared }))
    .filter(isThere)
    .toSorted((a, b) => a.label.localeCompare(b.label));
  const priorities = PRIORITIES.flatMap((id) => {
    const compared = result.byPriority[id];
    return compared === undefined ? [] : [{ id, label: t(`ticket.priorities.${id}`), compared }];
  }).filter(isThere);
  function teamName(id: string): string {
    return /^[0-9a-f-]{36}$/.test(id) ? words.team(id) : t('slaAdmin.noTeam');
  }
  return (
    <div className="flex flex-col gap-5" data-testid="trial-result">
      <p role="status" className="text-soft">
        {t('slaAdmin.trialDone', {
          tickets: number.format(result.tickets),
          concerned: number.format(result.concerned),
        })}
      </p>
      {goals.length === 0 ? (
        <p>{t(result.concerned === 0 ? 'slaAdmin.trialNobody' : 'slaAdmin.trialNothing')}</p>
      ) : (
        <>
          <div className="flex flex-wrap gap-2">
            <Verdict
              tone={result.newlyMissed.count === 0 ? 'quiet' : 'bad'}
              words={t('slaAdmin.newlyMissed', { count: result.newlyMissed.count })}
            />
            <Verdict
              tone={result.saved.count === 0 ? 'quiet' : 'good'}
              words={t('slaAdmin.newlySaved', { count: result.saved.count })}
            />
          </div>
          <div className="grid gap-5 sm:grid-cols-2">
            <Bars title={t('slaAdmin.byGoal')} rows={goals} />
            <Bars title={t('slaAdmin.byPriority')} rows={priorities} />
            <Bars title={t('slaAdmin.byTeam')} rows={teams} />
          </div>
        </>
      )}
      <Sample
        changes={result.newlyMissed}
        title={t('slaAdmin.newlyMissed', { count: result.newlyMissed.count })}
      />
      <Sample
        changes={result.saved}
        title={t('slaAdmin.newlySaved', { count: result.saved.count })}
      />
    </div>
  );
}

const VERDICTS = {
  quiet: 'bg-sunken text-soft',
  bad: 'bg-danger-tint text-danger',
  good: 'bg-good-tint text-good',
};

function Verdict({ tone, words }: { tone: keyof typeof VERDICTS; words: string }) {
  return <p className={cx('rounded-md px-3 py-1.5 font-medium', VERDICTS[tone])}>{words}</p>;
}

function Bars({ title, rows }: { title: string; rows: Row[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="mb-2 text-xs font-semibold tracking-wide text-soft uppercase">{title}</h3>
      <ul className="flex flex-col gap-3">
        {rows.map(({ id, label, compared }) => (
          <li key={id}>
            <p className="mb-1 font-medium">{label}</p>
            <Bar label={t('slaAdmin.now')} attainment={compared.before} fill="bg-soft" />
            <Bar label={t('slaAdmin.withDraft')} attainment={compared.after} fill="bg-accent" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Bar({ label, attainment, fill }: { label: string; attainment: Attainment; fill: string }) {
  const { t, i18n } = useTranslation();
  const all = countOf(attainment);
  const share = all === 0 ? 0 : attainment.met / all;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(share);
  return (
    <div className="grid grid-cols-[3.2rem_1fr_2.8rem_minmax(3.5rem,auto)] items-center gap-2 text-[13px]">
      <span className="text-soft">{label}</span>
      <span className="h-2 overflow-hidden rounded-full bg-line" aria-hidden="true">
        <span className={cx('block h-full', fill)} style={{ width: `${share * 100}%` }} />
      </span>
      <span className="text-end tabular-nums">{all === 0 ? '–' : percent}</span>
      <span className="text-end text-xs text-soft tabular-nums">
        {all === 0 ? '' : t('slaAdmin.metOf', { met: attainment.met, all })}
      </span>
    </div>
  );
}

function Sample({ changes, title }: { changes: ChangedTickets; title: string }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const words = useSlaWords();
  if (changes.sample.length === 0) return null;
  const when = (iso: string | null): string => (iso === null ? '–' : at(iso, nowMs, i18n.language));
  return (
    <details>
      <summary className="cursor-pointer font-medium">{title}</summary>
      <div className="mt-2 overflow-x-auto" role="region" aria-label={title} tabIndex={0}>
        <table className="w-full text-start text-[13px] whitespace-nowrap">
          {changes.count === changes.sample.length ? null : (
            <caption className="pb-1 text-start text-soft">
              {t('slaAdmin.sampleOf', { count: changes.sample.length })}
            </caption>
          )}
          <thead className="text-soft">
            <tr>
              {[
                t('slaAdmin.ticket'),
                t('slaAdmin.goal'),
                t('slaAdmin.dueBefore'),
                t('slaAdmin.dueAfter'),
              ].map((head) => (
                <th key={head} scope="col" className="py-1 pe-4 text-start font-medium">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {changes.sample.map((one) => (
              <tr key={`${one.ticketId} ${one.goal}`} className="border-t border-line tabular-nums">
                <td className="py-1 pe-4">
                  <Link
                    to="/tickets/$ticketId"
                    params={{ ticketId: String(one.ticketId) }}
                    className="text-accent underline"
                  >
                    #{one.ticketId}
                  </Link>
                </td>
                <td className="py-1 pe-4">{words.goal(one.goal)}</td>
                <td className="py-1 pe-4">{when(one.dueBefore)}</td>
                <td className="py-1 pe-4">{when(one.dueAfter)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
