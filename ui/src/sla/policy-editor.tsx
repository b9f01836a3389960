// The editor of an SLA policy, from which tickets to whom a save reaches.
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { SelectField, TextField } from '../components/field.tsx';
import { usePipelines } from '../api/queries.ts';
import { uniqueById } from './condition-value.tsx';
import { ConditionsEditor } from './conditions-editor.tsx';
import { AskBeforeLeaving } from './ask-before-leaving.tsx';
import { FoundDraft } from './found-draft.tsx';
import { useDraft } from './draft.ts';
import { Section, useMayChange } from './frame.tsx';
import { GoalsEditor } from './goals-editor.tsx';
import { LadderEditor } from './ladder-editor.tsx';
import { useCalendars } from './queries.ts';
import { ReachChoice } from './reach-choice.tsx';
import { Conflict, SavePanel } from './save-panel.tsx';
import { TrialPanel } from './trial-panel.tsx';
import { POLICIES } from './types.ts';
import type { Policy, PolicyContent } from './types.ts';
import { errorsAt, useSave } from './use-save.ts';

type Edit = (change: Partial<PolicyContent>) => void;
type ErrorAt = (pointer: string) => string | undefined;

export function PolicyEditor({
  id,
  version,
  saved,
}: {
  id: string | null;
  version: number;
  saved: PolicyContent;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange() === true;
  const { draft, changed, found, edit, explain, rebase, drop, isUnsaved } = useDraft(
    `policy ${id ?? 'new'}`,
    saved,
    version,
  );
  const save = useSave<Policy>(POLICIES, id);
  // The place in the order is the list's to change: a draft from before a move does not take it back.
  const content = { ...draft.content, position: saved.position };
  const faults = useFaults(content);
  const errorAt = errorsAt(save.error);
  const send = (base: number): void =>
    save.mutate(
      { content, base, reason: draft.reason },
      {
        onSuccess: (policy) => {
          drop();
          save.reset();
          toast.success(t('slaAdmin.saved', { version: policy.version }));
          if (id === null)
            void navigate({
              to: '/settings/sla-policies/$policyId',
              params: { policyId: policy.id },
            });
        },
      },
    );
  return (
    <div className="flex flex-col gap-4">
      <FoundDraft shown={found && changed} onDrop={drop} />
      <AskBeforeLeaving isUnsaved={isUnsaved} onDrop={drop} />
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <Fields content={content} edit={edit} errorAt={errorAt} />
      </fieldset>
      {mayChange ? (
        <>
          <TrialPanel policyId={id} draft={content} disabled={faults.length > 0} />
          {id !== null && changed && version > draft.base ? (
            <Conflict
              {...{ path: POLICIES, id, base: draft.base }}
              onTheirs={drop}
              onMine={(present) => {
                rebase(present);
                send(present);
              }}
            />
          ) : null}
          <SavePanel
            {...{ faults, changed: changed || id === null, busy: save.isPending }}
            {...{ reason: draft.reason, onReason: explain, error: save.error }}
            onSave={() => send(draft.base)}
            onDrop={() => {
              save.reset();
              drop();
            }}
          >
            <ReachChoice reach={content.appliesTo} onChange={(appliesTo) => edit({ appliesTo })} />
          </SavePanel>
        </>
      ) : null}
    </div>
  );
}

/** What can be said to be wrong before the desk is asked. */
function useFaults({ name, goals, escalations }: PolicyContent): string[] {
  const { t } = useTranslation();
  const targets = Object.values(goals);
  const spans = [
    ...targets.flatMap(({ seconds, dueSoonSeconds = 1 }) => [seconds, dueSoonSeconds]),
    ...escalations.flatMap(({ when, repeat }) => [
      ...(typeof when === 'string' ? [] : Object.values(when)),
      ...(repeat === undefined ? [] : [repeat.everySeconds]),
    ]),
  ];
  return [
    ...(name.trim() === '' ? [t('slaAdmin.nameNeeded')] : []),
    ...(targets.length === 0 ? [t('slaAdmin.goalNeeded')] : []),
    ...(spans.some(Number.isNaN) ? [t('slaAdmin.durationFault')] : []),
    ...(targets.some(({ seconds, dueSoonSeconds = 0 }) => dueSoonSeconds >= seconds)
      ? [t('slaAdmin.dueSoonFault')]
      : []),
  ];
}

function Fields({
  content,
  edit,
  errorAt,
}: {
  content: PolicyContent;
  edit: Edit;
  errorAt: ErrorAt;
}) {
  const { t } = useTranslation();
  const calendars = useCalendars();
  return (
    <>
      <Section title={t('slaAdmin.conditions')} hint={t('slaAdmin.conditionsHint')}>
        <div className="flex flex-col gap-3">
          <TextField
            required
            label={t('slaAdmin.name')}
            maxLength={200}
            value={content.name}
            error={errorAt('/name')}
            onChange={({ target }) => edit({ name: target.value })}
          />
          <ConditionsEditor
            conditions={content.conditions}
            errorAt={errorAt}
            onChange={(conditions) => edit({ conditions })}
          />
        </div>
      </Section>
      <Section title={t('slaAdmin.goals')} hint={t('slaAdmin.goalsHint')}>
        <div className="flex flex-col gap-4">
          <GoalsEditor
            goals={content.goals}
            errorAt={errorAt}
            onChange={(goals) => edit({ goals })}
          />
          <SelectField
            label={t('slaAdmin.calendar')}
            hint={t('slaAdmin.calendarHint')}
            value={content.calendarId ?? ''}
            error={errorAt('/calendarId')}
            onChange={({ target }) =>
              edit({ calendarId: target.value === '' ? null : target.value })
            }
          >
            <option value="">{t('slaAdmin.aroundTheClock')}</option>
            {(calendars.data ?? []).map(({ id, name, timeZone }) => (
              <option key={id} value={id}>
                {name} ({timeZone})
              </option>
            ))}
          </SelectField>
          <PauseStatuses content={content} edit={edit} />
        </div>
      </Section>
      <Section title={t('slaAdmin.ladder')} hint={t('slaAdmin.ladderHint')}>
        <LadderEditor
          steps={content.escalations}
          errorAt={errorAt}
          onChange={(escalations) => edit({ escalations })}
        />
      </Section>
    </>
  );
}

function PauseStatuses({ content, edit }: { content: PolicyContent; edit: Edit }) {
  const { t } = useTranslation();
  const pipelines = usePipelines();
  const { pauseStatuses } = content;
  const statuses = uniqueById(pipelines.data?.flatMap((one) => one.statuses) ?? []).filter(
    ({ category }) => category !== 'closed',
  );
  const toggle = (id: string): void =>
    edit({
      pauseStatuses: pauseStatuses.includes(id)
        ? pauseStatuses.filter((one) => one !== id)
        : [...pauseStatuses, id],
    });
  return (
    <fieldset>
      <legend className="text-[13px] font-medium">{t('slaAdmin.pause')}</legend>
      <p className="mb-1.5 text-xs text-soft">{t('slaAdmin.pauseHint')}</p>
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        {statuses.map(({ id, name }) => (
          <label key={id} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={pauseStatuses.includes(id)}
              onChange={() => toggle(id)}
            />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
