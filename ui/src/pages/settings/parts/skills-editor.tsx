// Skills with their levels, each found by typing among those that somebody has.
import { Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MAX_SKILL_LEVEL } from '#domain/routing.ts';
import { useAll } from '../../../api/queries.ts';
import { Button, IconButton } from '../../../components/button.tsx';
import { USERS } from '../types.ts';
import type { AdminUser } from '../types.ts';

const LEVELS = Array.from({ length: MAX_SKILL_LEVEL }, (_, index) => index + 1);
const INPUT =
  'h-8 min-w-0 rounded-md border border-line bg-raised px-2 max-sm:h-10 max-sm:text-base';

export function SkillsEditor({
  label,
  skills,
  levels,
  error,
  onChange,
}: {
  label: string;
  skills: string[];
  /** Null where levels do not count. */
  levels: Record<string, number> | null;
  error?: string | undefined;
  onChange: (skills: string[], levels: Record<string, number>) => void;
}) {
  const { t } = useTranslation();
  const listId = useId();
  const users = useAll<AdminUser>(USERS);
  const [typed, setTyped] = useState('');
  const known = [...new Set(users.data?.flatMap((one) => one.skills) ?? [])].toSorted();
  const add = (): void => {
    const name = typed.trim();
    setTyped('');
    if (name === '' || skills.includes(name)) return;
    onChange([...skills, name], { ...levels, [name]: 1 });
  };
  const remove = (name: string): void => {
    const { [name]: _gone, ...others } = levels ?? {};
    onChange(
      skills.filter((one) => one !== name),
      others,
    );
  };
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-2">
      <ul className="flex flex-wrap gap-2">
        {skills.length === 0 ? <li className="text-soft">{t('admin.people.noSkills')}</li> : null}
        {skills.map((name) => (
          <li
            key={name}
            className="inline-flex items-center gap-1 rounded-md border border-line bg-sunken ps-2.5"
          >
            <bdi>{name}</bdi>
            {levels === null ? null : (
              <select
                aria-label={t('admin.people.level', { skill: name })}
                className="rounded bg-transparent px-1 py-1 tabular-nums"
                value={levels[name] ?? 1}
                onChange={({ target }) =>
                  onChange(skills, { ...levels, [name]: Number(target.value) })
                }
              >
                {LEVELS.map((level) => (
                  <option key={level} value={level}>
                    {level}
                  </option>
                ))}
              </select>
            )}
            <IconButton
              label={t('admin.people.removeSkill', { skill: name })}
              className="!size-7 max-sm:!size-9"
              onClick={() => remove(name)}
            >
              <X size={13} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
      <div className="flex gap-2">
        <input
          aria-label={`${label}: ${t('admin.people.skill')}`}
          placeholder={t('admin.people.skill')}
          className={INPUT}
          list={listId}
          maxLength={100}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <datalist id={listId}>
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button small className="!h-8 max-sm:!h-10" onClick={add}>
          <Plus size={14} aria-hidden="true" />
          {t('admin.people.addSkill')}
        </Button>
      </div>
      {error === undefined ? null : (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
