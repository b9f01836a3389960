// The roles: those of every desk, which stay as they are, and those of this desk.
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { BUILT_IN_ROLES, ROLE_PERMISSIONS } from '#domain/permissions.ts';
import { useAll } from '../../../api/queries.ts';
import { Empty, Failure, Skeleton } from '../../../components/bits.tsx';
import { SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { PRIMARY_LINK, ROW } from '../parts/rows.ts';
import { ROLES_PATH, USERS } from '../types.ts';
import type { AdminUser } from '../types.ts';
import type { OwnRole } from './role-content.ts';

export function RolesPage() {
  const { t } = useTranslation();
  const roles = useAll<OwnRole>(ROLES_PATH);
  const people = useAll<AdminUser>(USERS);
  const mayChange = useMayChange('settings.roles') === true;
  const withRole = (role: string): number =>
    people.data?.filter((one) => one.role === role && one.active).length ?? 0;
  return (
    <SettingsFrame
      needs="settings.roles"
      title={t('admin.pages.roles')}
      hint={t('admin.hints.roles')}
      acts={
        mayChange ? (
          <Link to="/settings/roles/$roleId" params={{ roleId: 'new' }} className={PRIMARY_LINK}>
            <Plus size={15} aria-hidden="true" />
            {t('access.roles.new')}
          </Link>
        ) : null
      }
    >
      <section aria-labelledby="own-roles" className="flex flex-col gap-2">
        <h2 id="own-roles" className="font-semibold">
          {t('access.roles.own')}
        </h2>
        {roles.isError ? <Failure error={roles.error} again={() => void roles.refetch()} /> : null}
        {roles.isPending ? <Skeleton /> : null}
        {roles.data?.length === 0 ? (
          <Empty title={t('access.roles.none')}>{t('access.roles.noneHint')}</Empty>
        ) : null}
        <ul className="flex flex-col gap-2 empty:hidden">
          {(roles.data ?? []).map(({ id, name, permissions, users }) => (
            <RoleRow key={id} {...{ id, name, users }} permissions={permissions.length} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="every-roles" className="flex flex-col gap-2">
        <div>
          <h2 id="every-roles" className="font-semibold">
            {t('access.roles.ofEvery')}
          </h2>
          <p className="text-[13px] text-soft">{t('access.roles.ofEveryHint')}</p>
        </div>
        <ul className="flex flex-col gap-2">
          {BUILT_IN_ROLES.map((role) => (
            <RoleRow
              key={role}
              id={role}
              name={t(`admin.people.roles.${role}`)}
              says={t(`admin.people.roleHints.${role}`)}
              users={withRole(role)}
              permissions={ROLE_PERMISSIONS[role].length}
            />
          ))}
        </ul>
      </section>
    </SettingsFrame>
  );
}

function RoleRow({
  id,
  name,
  says,
  users,
  permissions,
}: {
  id: string;
  name: string;
  says?: string;
  users: number;
  permissions: number;
}) {
  const { t } = useTranslation();
  return (
    <li>
      <Link to="/settings/roles/$roleId" params={{ roleId: id }} className={ROW}>
        <span className="min-w-0 flex-1 basis-52">
          <bdi className="block font-medium break-words">{name}</bdi>
          {says === undefined ? null : <span className="block text-[13px] text-soft">{says}</span>}
        </span>
        <span className="w-36 text-[13px] text-soft tabular-nums">
          {t('access.roles.permissions', { count: permissions })}
        </span>
        <span className="w-36 text-[13px] text-soft tabular-nums">
          {t('access.roles.people', { count: users })}
        </span>
      </Link>
    </li>
  );
}
