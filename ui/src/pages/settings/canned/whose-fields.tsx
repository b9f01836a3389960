// For whom a canned reply is: oneself, teams, or everyone; only what one may share can be chosen.
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useTeams } from '../../../api/queries.ts';
import type { CannedReply } from '../../../api/types.ts';
import { Button } from '../../../components/button.tsx';
import { SelectField } from '../../../components/field.tsx';
import { Picker } from '../../../components/picker.tsx';
import { useSharing, VISIBILITIES } from './whose.ts';

type Whose = Pick<CannedReply, 'visibility' | 'teamIds'>;

export function WhoseFields({
  visibility,
  teamIds,
  onChange,
}: Whose & { onChange: (whose: Partial<Whose>) => void }) {
  const { t } = useTranslation();
  const sharing = useSharing();
  const may = {
    ...{ private: true, team: sharing.teams.length > 0, everyone: sharing.everyone },
    [visibility]: true,
  };
  return (
    <div className="flex flex-wrap items-end gap-3">
      <div className="min-w-48">
        <SelectField
          label={t('canned.whose')}
          value={visibility}
          onChange={({ target }) => {
            const next = target.value as Whose['visibility'];
            onChange({ visibility: next, teamIds: next === 'team' ? teamIds : [] });
          }}
        >
          {VISIBILITIES.filter((one) => may[one]).map((one) => (
            <option key={one} value={one}>
              {t(`canned.visibility.${one}`)}
            </option>
          ))}
        </SelectField>
      </div>
      {visibility === 'team' ? (
        <Teams chosen={teamIds} onChange={(ids) => onChange({ teamIds: ids })} />
      ) : null}
    </div>
  );
}

function Teams({ chosen, onChange }: { chosen: string[]; onChange: (ids: string[]) => void }) {
  const { t } = useTranslation();
  const teams = useTeams();
  const sharing = useSharing();
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {chosen.map((id) => {
        const name = teams.data?.find((team) => team.id === id)?.name ?? '…';
        return (
          <span
            key={id}
            className="inline-flex items-center gap-1 rounded border border-line bg-sunken px-2 py-1 text-[13px]"
          >
            <bdi>{name}</bdi>
            <button
              type="button"
              aria-label={`${t('common.remove')} ${name}`}
              onClick={() => onChange(chosen.filter((one) => one !== id))}
            >
              <X size={12} aria-hidden="true" />
            </button>
          </span>
        );
      })}
      <Picker
        several
        label={t('canned.addTeam')}
        chosen={chosen}
        choices={sharing.teams.map(({ id, name }) => ({ id, label: name }))}
        onChoose={(id) =>
          onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
        }
        trigger={<Button small>{t('canned.addTeam')}</Button>}
      />
    </div>
  );
}
