// Where a rule's ticket is offered when nobody took it in time: steps in order, counted from when it began to wait.
import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FallbackStep } from '#domain/desk.ts';
import { useTeams } from '../../../api/queries.ts';
import { Button, IconButton } from '../../../components/button.tsx';
import { SelectField } from '../../../components/field.tsx';
import { DurationField } from '../../../sla/duration-field.tsx';

const FIRST_SECONDS = 900;
const MAX_STEPS = 10;

export function FallbackEditor({
  steps,
  errorAt,
  onChange,
}: {
  steps: FallbackStep[];
  errorAt: (pointer: string) => string | undefined;
  onChange: (steps: FallbackStep[]) => void;
}) {
  const { t } = useTranslation();
  const teams = useTeams();
  const replace = (index: number, change: Partial<FallbackStep>): void =>
    onChange(steps.map((step, at) => (at === index ? { ...step, ...change } : step)));
  const add = (): void => {
    const [team] = teams.data ?? [];
    const afterSeconds = (steps.at(-1)?.afterSeconds ?? 0) + FIRST_SECONDS;
    onChange([...steps, { afterSeconds, to: team === undefined ? 'team' : { teamId: team.id } }]);
  };
  return (
    <div className="flex flex-col gap-3">
      <ol className="flex flex-col gap-3 empty:hidden">
        {steps.map((step, index) => (
          <li key={index} className="flex items-start gap-2">
            <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-[9rem_1fr]">
              <DurationField
                label={t('admin.routing.after')}
                value={step.afterSeconds}
                error={errorAt(`/fallback/${index}/afterSeconds`)}
                onChange={(seconds) => replace(index, { afterSeconds: seconds ?? Number.NaN })}
              />
              <SelectField
                label={t('admin.routing.widenTo')}
                value={step.to === 'team' ? 'team' : step.to.teamId}
                error={errorAt(`/fallback/${index}/to`) ?? errorAt(`/fallback/${index}/to/teamId`)}
                onChange={({ target }) =>
                  replace(index, {
                    to: target.value === 'team' ? 'team' : { teamId: target.value },
                  })
                }
              >
                <option value="team">{t('admin.routing.toWhole')}</option>
                {(teams.data ?? []).map(({ id, name }) => (
                  <option key={id} value={id}>
                    {t('admin.routing.toTeam', { team: name })}
                  </option>
                ))}
              </SelectField>
            </div>
            <IconButton
              label={t('admin.routing.removeStep', { number: index + 1 })}
              className="mt-6"
              onClick={() => onChange(steps.filter((_, at) => at !== index))}
            >
              <X size={15} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ol>
      <div>
        <Button small disabled={steps.length >= MAX_STEPS} onClick={add}>
          <Plus size={14} aria-hidden="true" />
          {t('admin.routing.addStep')}
        </Button>
      </div>
    </div>
  );
}
