// The editor of one routing rule; what it changes belongs to the draft of the whole set, which is tried and saved together.
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Failure, Skeleton } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { SelectField, TextField } from '../../../components/field.tsx';
import { useAll, usePeople } from '../../../api/queries.ts';
import { ConditionsEditor } from '../../../sla/conditions-editor.tsx';
import { Section, SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { errorsAt } from '../../../sla/use-save.ts';
import { SkillsEditor } from '../parts/skills-editor.tsx';
import { TEAMS } from '../types.ts';
import type { AdminTeam, Rule } from '../types.ts';
import { FallbackEditor } from './fallback-editor.tsx';
import { RulesBar } from './rules-bar.tsx';
import { isNew, useRulesDraft } from './rules-draft.ts';

type ErrorAt = (pointer: string) => string | undefined;
interface Part {
  rule: Rule;
  edit: (change: Partial<Rule>) => void;
  errorAt: ErrorAt;
}
const STICKIES = ['none', 'lastAssignee', 'contactOwner'] as const;

export function RulePage() {
  const { t } = useTranslation();
  const { ruleId } = useParams({ from: '/desk/settings/routing/$ruleId' });
  const navigate = useNavigate();
  const mayChange = useMayChange() === true;
  const draft = useRulesDraft();
  const rule = draft.rules.find(({ id }) => id === ruleId);
  const leave = (): void => void navigate({ to: '/settings/routing' });
  const { refused } = draft;
  const errorAt = errorsAt(refused?.rule.id === ruleId ? refused.refusal : null);
  return (
    <SettingsFrame
      title={rule === undefined || rule.name === '' ? t('admin.routing.new') : rule.name}
      back={{ to: '/settings/routing', label: t('admin.pages.routing') }}
      acts={
        mayChange && rule !== undefined ? (
          <Button
            kind="danger"
            onClick={() => {
              draft.remove(rule.id);
              leave();
            }}
          >
            {t('admin.routing.removeRule')}
          </Button>
        ) : null
      }
    >
      {draft.loadError === null ? null : <Failure error={draft.loadError} again={draft.reload} />}
      {draft.saved === undefined && draft.loadError === null ? <Skeleton lines={8} /> : null}
      {draft.saved !== undefined && rule === undefined ? (
        <p className="text-soft">{t('admin.routing.gone')}</p>
      ) : null}
      {rule === undefined ? null : (
        <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
          <RuleFields
            key={rule.id}
            rule={rule}
            errorAt={errorAt}
            edit={(change) => draft.edit({ ...rule, ...change })}
          />
        </fieldset>
      )}
      <RulesBar draft={draft} {...(isNew(ruleId) ? { onSaved: leave } : {})} />
    </SettingsFrame>
  );
}

function RuleFields(part: Part) {
  const { t } = useTranslation();
  const { rule, edit, errorAt } = part;
  return (
    <>
      <div className="max-w-xl">
        <TextField
          required
          autoFocus={rule.name === ''}
          label={t('admin.name')}
          maxLength={200}
          value={rule.name}
          error={errorAt('/name')}
          onChange={({ target }) => edit({ name: target.value })}
        />
      </div>
      <Section title={t('admin.routing.conditions')} hint={t('admin.routing.conditionsHint')}>
        <ConditionsEditor
          conditions={rule.conditions}
          errorAt={errorAt}
          onChange={(conditions) => edit({ conditions })}
        />
      </Section>
      <Section title={t('admin.routing.assign')}>
        <AssignFields {...part} />
      </Section>
      <Section title={t('admin.routing.skills')}>
        <div className="grid gap-5 md:grid-cols-2">
          <div className="min-w-0">
            <h3 className="text-[13px] font-medium">{t('admin.routing.required')}</h3>
            <p className="mb-2 text-xs text-soft">{t('admin.routing.requiredHint')}</p>
            <SkillsEditor
              label={t('admin.routing.required')}
              skills={rule.requiredSkills}
              levels={rule.requiredLevels}
              error={errorAt('/requiredSkills')}
              onChange={(requiredSkills, requiredLevels) =>
                edit({ requiredSkills, requiredLevels })
              }
            />
          </div>
          <div className="min-w-0">
            <h3 className="text-[13px] font-medium">{t('admin.routing.preferred')}</h3>
            <p className="mb-2 text-xs text-soft">{t('admin.routing.preferredHint')}</p>
            <SkillsEditor
              label={t('admin.routing.preferred')}
              skills={rule.preferredSkills}
              levels={null}
              onChange={(preferredSkills) => edit({ preferredSkills })}
            />
          </div>
        </div>
      </Section>
      <Section title={t('admin.routing.fallback')} hint={t('admin.routing.fallbackHint')}>
        <FallbackEditor
          steps={rule.fallback}
          errorAt={errorAt}
          onChange={(fallback) => edit({ fallback })}
        />
      </Section>
    </>
  );
}

function AssignFields({ rule, edit, errorAt }: Part) {
  const { t } = useTranslation();
  const teams = useAll<AdminTeam>(TEAMS);
  const people = usePeople();
  const { assign, sticky } = rule;
  const isTeam = 'teamId' in assign;
  const chosen = isTeam ? assign.teamId : assign.userId;
  const list = isTeam ? teams.data : people.data?.filter(({ active }) => active);
  const team = isTeam ? teams.data?.find(({ id }) => id === chosen) : undefined;
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <SelectField
        label={t('admin.routing.assignKind')}
        value={isTeam ? 'team' : 'person'}
        onChange={({ target }) =>
          edit({ assign: target.value === 'team' ? { teamId: '' } : { userId: '' } })
        }
      >
        <option value="team">{t('admin.routing.aTeam')}</option>
        <option value="person">{t('admin.routing.aPerson')}</option>
      </SelectField>
      <SelectField
        label={t(isTeam ? 'admin.routing.team' : 'admin.routing.person')}
        value={chosen}
        error={errorAt('/assign/teamId') ?? errorAt('/assign/userId')}
        hint={
          team === undefined
            ? undefined
            : t('admin.routing.strategyIs', {
                strategy: t(`admin.teams.strategies.${team.strategy}`),
              })
        }
        onChange={({ target }) =>
          edit({ assign: isTeam ? { teamId: target.value } : { userId: target.value } })
        }
      >
        <option value="" disabled>
          {t('admin.choose')}
        </option>
        {(list ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('admin.routing.sticky')}
        hint={t('admin.routing.stickyHint')}
        value={sticky}
        onChange={({ target }) => edit({ sticky: target.value as Rule['sticky'] })}
      >
        {STICKIES.map((one) => (
          <option key={one} value={one}>
            {t(`admin.routing.stickies.${one}`)}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
