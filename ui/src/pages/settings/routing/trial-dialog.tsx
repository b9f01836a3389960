// The drafted rules tried on past tickets, before anything is saved: how many would go elsewhere, from where to where.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client.ts';
import { Failure, Skeleton } from '../../../components/bits.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { SelectField } from '../../../components/field.tsx';
import { usePlaceNames } from '../../../sla/words.ts';
import { RULES } from '../types.ts';
import type { Rule } from '../types.ts';
import { bodyOf, isNew } from './rules-draft.ts';

interface Place {
  teamId: string | null;
  userId: string | null;
}
type Target = Place & { ruleId: string | null; ruleName: string | null };
interface Trial {
  looked: number;
  changed: number;
  sample: { ticketId: number; subject: string; from: Target; to: Target }[];
  byTarget: { from: Place; to: Place; count: number }[];
}
const COUNTS = [100, 500, 2_000, 5_000];
const CELL = 'px-2 py-1.5 text-start align-top';

export function TrialDialog({
  open,
  rules,
  onClose,
}: {
  open: boolean;
  rules: Rule[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog
      wide
      open={open}
      onClose={onClose}
      title={t('admin.routing.trial')}
      hint={t('admin.routing.trialHint')}
    >
      {open ? <Inside rules={rules} /> : null}
    </Dialog>
  );
}

function Inside({ rules }: { rules: Rule[] }) {
  const { t } = useTranslation();
  const [lastTickets, setLastTickets] = useState(500);
  const body = {
    lastTickets,
    rules: rules.map((rule, position) => ({
      ...{ ...bodyOf(rule), position },
      ...(isNew(rule.id) ? {} : { id: rule.id }),
    })),
  };
  const trial = useQuery({
    queryKey: ['routing-trial', body],
    queryFn: ({ signal }) => call<Trial>('POST', `${RULES}/dry-run`, { body, signal }),
    staleTime: 0,
  });
  return (
    <div className="flex flex-col gap-4">
      <div className="max-w-48">
        <SelectField
          label={t('admin.routing.lastTickets')}
          value={lastTickets}
          onChange={({ target }) => setLastTickets(Number(target.value))}
        >
          {COUNTS.map((count) => (
            <option key={count} value={count}>
              {t('admin.routing.tickets', { count })}
            </option>
          ))}
        </SelectField>
      </div>
      {trial.isError ? <Failure error={trial.error} again={() => void trial.refetch()} /> : null}
      {trial.isPending ? <Skeleton lines={5} /> : null}
      {trial.data === undefined ? null : <Result trial={trial.data} />}
    </div>
  );
}

function Result({ trial: { looked, changed, byTarget, sample } }: { trial: Trial }) {
  const { t } = useTranslation();
  const place = usePlaceWords();
  return (
    <>
      <p role="status" className="text-base font-medium">
        {t(changed === 0 ? 'admin.routing.same' : 'admin.routing.looked', { looked, changed })}
      </p>
      {changed === 0 ? null : (
        <div
          tabIndex={0}
          role="group"
          aria-label={t('admin.routing.trial')}
          className="overflow-x-auto"
        >
          <table className="w-full text-[13px]">
            <thead className="text-soft">
              <tr className="border-b border-line">
                <th className={CELL}>{t('admin.routing.from')}</th>
                <th className={CELL}>{t('admin.routing.toColumn')}</th>
                <th className={`${CELL} !text-end`}>{t('admin.routing.count')}</th>
              </tr>
            </thead>
            <tbody>
              {byTarget.map(({ from, to, count }) => (
                <tr key={`${place(from)} ${place(to)}`} className="border-b border-line">
                  <td className={CELL}>{place(from)}</td>
                  <td className={`${CELL} font-medium`}>{place(to)}</td>
                  <td className={`${CELL} !text-end tabular-nums`}>{count}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <h3 className="mt-4 mb-1 text-[13px] font-semibold">
            {t('admin.routing.sample', { count: sample.length })}
          </h3>
          <ul className="flex flex-col divide-y divide-line text-[13px]">
            {sample.map(({ ticketId, subject, from, to }) => (
              <li key={ticketId} className="py-1.5">
                <Link
                  to="/tickets/$ticketId"
                  params={{ ticketId: String(ticketId) }}
                  target="_blank"
                  className="hover:underline"
                >
                  <span className="text-soft tabular-nums">#{ticketId}</span> <bdi>{subject}</bdi>
                </Link>
                <span className="block text-soft">
                  {place(from)} → <span className="text-ink">{place(to)}</span>
                  {to.ruleName === null ? '' : ` ${t('admin.routing.by', { rule: to.ruleName })}`}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function usePlaceWords(): (place: Place) => string {
  const { t } = useTranslation();
  const names = usePlaceNames();
  return ({ teamId, userId }) => {
    if (userId !== null) return names.person(userId);
    return teamId === null ? t('admin.routing.nowhere') : names.team(teamId);
  };
}
