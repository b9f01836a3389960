// What a role allows: a tick and a sentence each, in groups that are filled or emptied at once.
import { useTranslation } from 'react-i18next';
import { GRANTABLE, PERMISSIONS } from '#domain/permissions.ts';
import type { Permission } from '#domain/permissions.ts';
import { Badge } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { Tick } from '../parts/fields.tsx';
import { PERMISSION_GROUPS, withPermission } from './role-content.ts';

type Group = (typeof PERMISSION_GROUPS)[number];

export function PermissionFields({
  held,
  fixed = false,
  onChange,
}: {
  held: readonly Permission[];
  /** Shown, and not to be changed: a role of every desk. */
  fixed?: boolean;
  onChange: (held: Permission[]) => void;
}) {
  return (
    <div className="grid gap-x-8 gap-y-5 lg:grid-cols-2">
      {PERMISSION_GROUPS.map((group) => (
        <GroupFields key={group.word} {...{ group, held, fixed, onChange }} />
      ))}
    </div>
  );
}

function GroupFields({
  group: { word, names },
  held,
  fixed,
  onChange,
}: {
  group: Group;
  held: readonly Permission[];
  fixed: boolean;
  onChange: (held: Permission[]) => void;
}) {
  const { t } = useTranslation();
  const group = t(`access.roles.groups.${word}`);
  const grantable = names.filter((name) => fixed || isGrantable(name));
  const count = names.filter((name) => held.includes(name)).length;
  const give = (on: boolean): void => {
    let next = [...held];
    for (const name of grantable) next = withPermission(next, name, on);
    onChange(next);
  };
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">{group}</legend>
      <div className="mb-1.5 flex min-h-7 items-center gap-2 border-b border-line pb-1">
        <h3 className="min-w-0 flex-1 text-[13px] font-semibold">
          {group}{' '}
          <span className="font-normal text-soft tabular-nums">
            {t('access.roles.of', { held: count, all: grantable.length })}
          </span>
        </h3>
        {fixed ? null : (
          <>
            <Button
              small
              kind="ghost"
              aria-label={t('access.roles.allOf', { group })}
              onClick={() => give(true)}
            >
              {t('access.roles.all')}
            </Button>
            <Button
              small
              kind="ghost"
              aria-label={t('access.roles.noneOf', { group })}
              onClick={() => give(false)}
            >
              {t('access.roles.clear')}
            </Button>
          </>
        )}
      </div>
      <ul className="flex flex-col gap-1.5">
        {names.map((name) => (
          <li key={name}>
            <Tick
              label={<Sentence name={name} />}
              checked={held.includes(name)}
              disabled={fixed || !isGrantable(name)}
              onChange={(on) => onChange(withPermission(held, name, on))}
            />
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function Sentence({ name }: { name: Permission }) {
  const { t } = useTranslation();
  return (
    <>
      {t(`access.roles.says.${name}`)}{' '}
      {'seat' in PERMISSIONS[name] ? <Badge>{t('access.roles.needsSeat')}</Badge> : null}
      {isGrantable(name) ? null : <Badge>{t('access.roles.adminsOnly')}</Badge>}
    </>
  );
}

const isGrantable = (name: Permission): boolean => GRANTABLE.includes(name);
