// The escalation ladder: steps, each with its instant, its repetition and what happens.
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GOAL_NAMES } from '#domain/desk.ts';
import type { EscalationStepDefinition, GoalName } from '#domain/desk.ts';
import { Button, IconButton } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { ActionEditor } from './action-editor.tsx';
import { DurationField } from './duration-field.tsx';
import { kindOf, secondsOf, useSlaWords } from './words.ts';
import type { WhenKind } from './words.ts';

type Step = EscalationStepDefinition;
type ErrorAt = (pointer: string) => string | undefined;
const WHENS: WhenKind[] = ['before', 'dueSoon', 'overdue', 'after'];
const DEFAULT_SECONDS = 1_800;

export function LadderEditor({
  steps,
  onChange,
  errorAt,
}: {
  steps: Step[];
  onChange: (steps: Step[]) => void;
  errorAt: ErrorAt;
}) {
  const { t } = useTranslation();
  const words = useSlaWords();
  // Steps that were there are told in words and opened to be changed; new ones are open.
  const [begun] = useState(steps.length);
  const add = (): void =>
    onChange([
      ...steps,
      { goal: 'firstReply', when: 'overdue', actions: [{ type: 'notify', to: 'teamLeads' }] },
    ]);
  return (
    <div className="flex flex-col gap-3">
      <ol className="flex flex-col gap-3">
        {steps.map((step, index) => (
          <li key={index}>
            <fieldset className="relative min-w-0 rounded-md border border-line bg-sunken">
              <legend className="sr-only">{t('slaAdmin.step', { number: index + 1 })}</legend>
              <details open={index >= begun}>
                <summary className="cursor-pointer py-3 ps-3 pe-12 break-words hover:text-accent">
                  {words.step(step)}
                </summary>
                <div className="px-3 pb-3">
                  <StepEditor
                    step={step}
                    errorAt={(pointer) => errorAt(`/escalations/${index}${pointer}`)}
                    onChange={(next) =>
                      onChange(steps.map((one, at) => (at === index ? next : one)))
                    }
                  />
                </div>
              </details>
              <div className="absolute end-1 top-1">
                <IconButton
                  label={t('slaAdmin.removeStep', { number: index + 1 })}
                  onClick={() => onChange(steps.filter((_, at) => at !== index))}
                >
                  <X size={15} aria-hidden="true" />
                </IconButton>
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      <div>
        <Button small onClick={add} disabled={steps.length >= 50}>
          <Plus size={14} aria-hidden="true" />
          {t('slaAdmin.addStep')}
        </Button>
      </div>
    </div>
  );
}

function whenOf(kind: WhenKind, seconds: number): Step['when'] {
  if (kind === 'after') return { afterSeconds: seconds };
  return kind === 'before' ? { beforeSeconds: seconds } : kind;
}

interface StepProps {
  step: Step;
  onChange: (step: Step) => void;
  errorAt: ErrorAt;
}

function StepEditor({ step, onChange, errorAt }: StepProps) {
  const { t } = useTranslation();
  const kind = kindOf(step);
  const seconds = secondsOf(step);
  const counts = seconds !== undefined || step.repeat !== undefined;
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-2 sm:grid-cols-2">
        <SelectField
          label={t('slaAdmin.goal')}
          value={step.goal}
          onChange={({ target }) => onChange({ ...step, goal: target.value as GoalName })}
        >
          {GOAL_NAMES.map((goal) => (
            <option key={goal} value={goal}>
              {t(`slaAdmin.goalNames.${goal}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('slaAdmin.when')}
          value={kind}
          error={errorAt('/when')}
          onChange={({ target }) =>
            onChange({
              ...step,
              when: whenOf(target.value as WhenKind, seconds ?? DEFAULT_SECONDS),
            })
          }
        >
          {WHENS.map((one) => (
            <option key={one} value={one}>
              {t(`slaAdmin.whens.${one}`)}
            </option>
          ))}
        </SelectField>
        {seconds === undefined ? null : (
          <DurationField
            label={t('slaAdmin.howLong')}
            value={seconds}
            error={errorAt(kind === 'after' ? '/when/afterSeconds' : '/when/beforeSeconds')}
            onChange={(next) => onChange({ ...step, when: whenOf(kind, next ?? Number.NaN) })}
          />
        )}
        {counts ? (
          <SelectField
            label={t('slaAdmin.hours')}
            value={step.hours ?? 'working'}
            onChange={({ target }) =>
              onChange({ ...step, hours: target.value as 'working' | 'always' })
            }
          >
            <option value="working">{t('slaAdmin.hoursWorking')}</option>
            <option value="always">{t('slaAdmin.hoursAlways')}</option>
          </SelectField>
        ) : null}
      </div>
      <Repeat step={step} onChange={onChange} errorAt={errorAt} />
      <Actions step={step} onChange={onChange} errorAt={errorAt} />
    </div>
  );
}

function Repeat({ step, onChange, errorAt }: StepProps) {
  const { t } = useTranslation();
  const { repeat, ...once } = step;
  return (
    <div className="flex flex-col gap-2">
      <label className="flex items-center gap-2 text-[13px]">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={repeat !== undefined}
          onChange={({ target }) =>
            onChange(target.checked ? { ...once, repeat: { everySeconds: 3_600, times: 3 } } : once)
          }
        />
        {t('slaAdmin.repeat')}
      </label>
      {repeat === undefined ? null : (
        <div className="grid grid-cols-2 gap-2">
          <DurationField
            label={t('slaAdmin.every')}
            value={repeat.everySeconds}
            error={errorAt('/repeat/everySeconds')}
            onChange={(everySeconds) =>
              onChange({
                ...once,
                repeat: { ...repeat, everySeconds: everySeconds ?? Number.NaN },
              })
            }
          />
          <TextField
            type="number"
            min={1}
            max={100}
            label={t('slaAdmin.times')}
            value={repeat.times}
            error={errorAt('/repeat/times')}
            onChange={({ target }) =>
              onChange({ ...once, repeat: { ...repeat, times: Number(target.value) } })
            }
          />
        </div>
      )}
    </div>
  );
}

function Actions({ step, onChange, errorAt }: StepProps) {
  const { t } = useTranslation();
  const { actions } = step;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-[13px] font-medium">{t('slaAdmin.actions')}</p>
      <ul className="flex flex-col gap-2">
        {actions.map((action, index) => (
          <li key={index} className="flex items-start gap-2">
            <ActionEditor
              action={action}
              errorUnder={() =>
                [
                  '',
                  '/to',
                  '/to/userId',
                  '/to/teamId',
                  '/to/email',
                  '/to/webhookUrl',
                  '/tag',
                  '/status',
                  '/body',
                ]
                  .map((part) => errorAt(`/actions/${index}${part}`))
                  .find((one) => one !== undefined)
              }
              onChange={(next) =>
                onChange({
                  ...step,
                  actions: actions.map((one, at) => (at === index ? next : one)),
                })
              }
            />
            {actions.length === 1 ? null : (
              <IconButton
                label={t('slaAdmin.removeAction', { number: index + 1 })}
                onClick={() =>
                  onChange({ ...step, actions: actions.filter((_, at) => at !== index) })
                }
              >
                <X size={15} aria-hidden="true" />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      <div>
        <Button
          small
          kind="ghost"
          disabled={actions.length >= 20}
          onClick={() =>
            onChange({ ...step, actions: [...actions, { type: 'notify', to: 'assignee' }] })
          }
        >
          <Plus size={14} aria-hidden="true" />
          {t('slaAdmin.addAction')}
        </Button>
      </div>
    </div>
  );
}
