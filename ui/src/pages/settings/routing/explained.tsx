// An explanation: where the ticket goes, what each rule made of it, and whom it could go to.
import { Check, Minus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useAll } from '../../../api/queries.ts';
import { Avatar, Badge } from '../../../components/bits.tsx';
import { Section } from '../../../sla/frame.tsx';
import { usePlaceNames, useSlaWords } from '../../../sla/words.ts';
import { useReasonWords } from '../../../tickets/reason-words.ts';
import { RULES } from '../types.ts';
import type { Rule } from '../types.ts';

export interface Explanation {
  ruleId: string | null;
  rules: {
    ruleId: string;
    name: string;
    enabled: boolean;
    matched: boolean;
    held: string[];
    failed: string | null;
  }[];
  teamId: string | null;
  candidates: {
    userId: string;
    name: string;
    eligible: boolean;
    reason: string | null;
    load: number;
    capacity: number | null;
  }[];
  pick: { userId: string | null; reason: string };
}

export function Explained({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation();
  const names = usePlaceNames();
  const reason = useReasonWords();
  const { ruleId, teamId, pick, candidates } = explanation;
  const goes =
    pick.userId !== null
      ? t('admin.explain.goesTo', { name: names.person(pick.userId) })
      : teamId !== null
        ? t('admin.explain.goesToTeam', { team: names.team(teamId) })
        : t('admin.explain.goesNowhere');
  return (
    <>
      <div role="status" className="rounded-lg border border-line bg-tint p-4">
        <p className="text-base font-semibold">
          {ruleId === null ? t('admin.explain.noRule') : goes}
        </p>
        {ruleId === null ? null : (
          <p className="text-soft">{t('admin.explain.because', { reason: reason(pick.reason) })}</p>
        )}
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Section title={t('admin.explain.rules')}>
          <ol className="flex flex-col gap-2.5">
            {explanation.rules.map((rule) => (
              <RuleVerdict key={rule.ruleId} verdict={rule} takes={rule.ruleId === ruleId} />
            ))}
          </ol>
        </Section>
        {ruleId === null ? null : (
          <Section title={t('admin.explain.candidates')}>
            {candidates.length === 0 ? (
              <p className="text-soft">{t('admin.explain.noCandidates')}</p>
            ) : null}
            <ul className="flex flex-col gap-2">
              {candidates.map((one) => (
                <li key={one.userId} className="flex items-start gap-2">
                  <Avatar name={one.name} size={22} away={!one.eligible} />
                  <span className="min-w-0 flex-1">
                    <span className="font-medium">{one.name}</span>{' '}
                    <span className="text-[13px] text-soft tabular-nums">
                      {t('admin.explain.load', { load: one.load, capacity: one.capacity ?? '∞' })}
                    </span>
                    {one.reason === null ? null : (
                      <span className="block text-[13px] text-soft">{reason(one.reason)}</span>
                    )}
                  </span>
                  {one.eligible ? <Badge tone="good">{t('admin.explain.eligible')}</Badge> : null}
                </li>
              ))}
            </ul>
          </Section>
        )}
      </div>
    </>
  );
}

function RuleVerdict({
  verdict: { ruleId, name, enabled, matched, held, failed },
  takes,
}: {
  verdict: Explanation['rules'][number];
  takes: boolean;
}) {
  const { t } = useTranslation();
  const words = useSlaWords();
  const rules = useAll<Rule>(RULES);
  const conditions = rules.data?.find(({ id }) => id === ruleId)?.conditions ?? [];
  // Conditions are judged in order: as many as held stand before the one that failed.
  const broken = conditions[held.length];
  const said = (() => {
    if (!enabled) return t('admin.explain.isOff');
    if (failed !== null) {
      const condition = broken === undefined ? failed : words.condition(broken);
      return t('admin.explain.fails', { condition });
    }
    return t(takes ? 'admin.explain.takes' : 'admin.explain.matchesToo');
  })();
  return (
    <li className="flex items-start gap-2">
      {takes ? (
        <Check size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-good" />
      ) : matched ? (
        <Minus size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-soft" />
      ) : (
        <X size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-danger" />
      )}
      <span className="min-w-0">
        <span className="font-medium">{name}</span>
        <span className="block text-[13px] text-soft">{said}</span>
      </span>
    </li>
  );
}
