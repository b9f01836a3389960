// The three goals: how long, and how long before it a warning comes.
import { useTranslation } from 'react-i18next';
import { GOAL_NAMES } from '#domain/desk.ts';
import type { GoalName } from '#domain/desk.ts';
import { DurationField } from './duration-field.tsx';
import type { PolicyContent } from './types.ts';

type Goals = PolicyContent['goals'];

/** The goals with one of them changed; one without a time is none. */
function withGoal(
  goals: Goals,
  name: GoalName,
  seconds: number | undefined,
  dueSoonSeconds: number | undefined,
): Goals {
  const { [name]: _old, ...others } = goals;
  if (seconds === undefined) return others;
  const goal = { seconds, ...(dueSoonSeconds === undefined ? {} : { dueSoonSeconds }) };
  return { ...others, [name]: goal };
}

export function GoalsEditor({
  goals,
  onChange,
  errorAt,
}: {
  goals: Goals;
  onChange: (goals: Goals) => void;
  errorAt: (pointer: string) => string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-x-3 gap-y-3 sm:grid-cols-3">
      {GOAL_NAMES.map((name) => {
        const target = goals[name];
        const goal = t(`slaAdmin.goalNames.${name}`);
        const soonTooLong =
          target?.dueSoonSeconds !== undefined && target.dueSoonSeconds >= target.seconds;
        return (
          <div key={name} className="flex flex-col gap-2">
            <DurationField
              label={t('slaAdmin.goalTime', { goal })}
              value={target?.seconds}
              error={errorAt(`/goals/${name}/seconds`)}
              onChange={(seconds) =>
                onChange(withGoal(goals, name, seconds, target?.dueSoonSeconds))
              }
            />
            {target === undefined ? null : (
              <DurationField
                label={t('slaAdmin.dueSoon', { goal })}
                value={target.dueSoonSeconds}
                error={
                  soonTooLong
                    ? t('slaAdmin.dueSoonFault')
                    : errorAt(`/goals/${name}/dueSoonSeconds`)
                }
                onChange={(dueSoonSeconds) =>
                  onChange(withGoal(goals, name, target.seconds, dueSoonSeconds))
                }
              />
            )}
          </div>
        );
      })}
    </div>
  );
}
