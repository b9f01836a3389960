// One role: what it allows, which tickets it shows, and who has it. A role of every desk is shown as it is, to be copied.
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { blindPermissions, BUILT_IN_ROLES, GRANTABLE, TICKET_ACCESS } from '#domain/permissions.ts';
import { useAll } from '../../../api/queries.ts';
import { Avatar, Badge, Failure, Skeleton } from '../../../components/bits.tsx';
import { SelectField, TextField } from '../../../components/field.tsx';
import { FoundDraft } from '../../../sla/found-draft.tsx';
import { Section, SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { RemoveButton } from '../../../sla/remove-button.tsx';
import { PLAIN_LINK } from '../parts/rows.ts';
import { SaveBar } from '../parts/save-bar.tsx';
import { useEditor } from '../parts/use-editor.ts';
import { ROLES_PATH, USERS } from '../types.ts';
import type { AdminUser } from '../types.ts';
import { PermissionFields } from './permission-fields.tsx';
import { builtInContent } from './role-content.ts';
import type { OwnRole, RoleContent } from './role-content.ts';

const NEW: RoleContent = { name: '', permissions: ['ticket.view'], ticketAccess: 'all' };

export function RolePage() {
  const { t } = useTranslation();
  const { roleId } = useParams({ from: '/desk/settings/roles/$roleId' });
  const { from } = useSearch({ from: '/desk/settings/roles/$roleId' });
  const roles = useAll<OwnRole>(ROLES_PATH);
  const navigate = useNavigate();
  const contentOf = useContents(roles.data ?? []);
  const role = roles.data?.find(({ id }) => id === roleId);
  const builtIn = BUILT_IN_ROLES.find((one) => one === roleId);
  const isNew = roleId === 'new';
  const nameOfCopy = (name: string): string => t('access.roles.copyOf', { name });
  const shown = contentOf(roleId);
  const mayChange = useMayChange('settings.roles') === true;
  return (
    <SettingsFrame
      needs="settings.roles"
      title={isNew ? t('access.roles.new') : (shown?.name ?? '…')}
      back={{ to: '/settings/roles', label: t('admin.pages.roles') }}
      acts={
        shown === undefined || !mayChange ? null : (
          <>
            <CopyLink from={roleId} />
            {role === undefined ? null : (
              <RemoveButton
                needs="settings.roles"
                {...{ path: ROLES_PATH, id: role.id, name: role.name }}
                hint={t('access.roles.removeHint')}
                onRemoved={() => void navigate({ to: '/settings/roles' })}
              />
            )}
          </>
        )
      }
    >
      {roles.isError ? <Failure error={roles.error} again={() => void roles.refetch()} /> : null}
      {roles.isPending ? <Skeleton lines={8} /> : null}
      {roles.data !== undefined && !isNew && shown === undefined ? (
        <p className="text-soft">{t('access.roles.gone')}</p>
      ) : null}
      {builtIn === undefined || shown === undefined ? null : (
        <Section title={t('access.roles.may')} hint={t('access.roles.builtInHint')}>
          <PermissionFields fixed held={shown.permissions} onChange={() => undefined} />
        </Section>
      )}
      {roles.data !== undefined && (isNew || role !== undefined) ? (
        <Form
          key={`${roleId} ${from ?? ''}`}
          id={role?.id ?? null}
          from={from}
          version={role?.version ?? 0}
          saved={role === undefined ? copyOf(contentOf(from), nameOfCopy) : savedOf(role)}
        />
      ) : null}
      {shown === undefined ? null : <Holders role={builtIn ?? null} roleId={role?.id ?? null} />}
    </SettingsFrame>
  );
}

/** What a role of either kind holds, by its id. */
function useContents(own: readonly OwnRole[]): (id: string | undefined) => RoleContent | undefined {
  const { t } = useTranslation();
  return (id) => {
    const builtIn = BUILT_IN_ROLES.find((one) => one === id);
    if (builtIn !== undefined) return builtInContent(builtIn, t(`admin.people.roles.${builtIn}`));
    return own.find((one) => one.id === id);
  };
}

const savedOf = ({ name, permissions, ticketAccess }: OwnRole): RoleContent => ({
  ...{ name, permissions, ticketAccess },
});

/** What a new role begins with: what another holds, as far as a role of one's own can. */
function copyOf(other: RoleContent | undefined, nameOfCopy: (name: string) => string): RoleContent {
  if (other === undefined) return NEW;
  const permissions = GRANTABLE.filter((name) => other.permissions.includes(name));
  return { ...other, permissions, name: nameOfCopy(other.name) };
}

function CopyLink({ from }: { from: string }) {
  const { t } = useTranslation();
  return (
    <Link
      to="/settings/roles/$roleId"
      params={{ roleId: 'new' }}
      search={{ from }}
      className={PLAIN_LINK}
    >
      <Copy size={15} aria-hidden="true" />
      {t('access.roles.copy')}
    </Link>
  );
}

function Form({
  id,
  from,
  version,
  saved,
}: {
  id: string | null;
  from: string | undefined;
  version: number;
  saved: RoleContent;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange('settings.roles') === true;
  const editor = useEditor<RoleContent>({
    ...{ path: ROLES_PATH, id, saved, version, from },
    bodyOf: ({ name, permissions, ticketAccess }) => ({ name, permissions, ticketAccess }),
    onMade: (roleId) =>
      void navigate({ to: '/settings/roles/$roleId', params: { roleId }, search: {} }),
  });
  const { name, permissions, ticketAccess } = editor.draft.content;
  const blind = blindPermissions(permissions);
  const faults = [
    ...(name.trim() === '' ? [t('admin.nameNeeded')] : []),
    ...(blind.length === 0
      ? []
      : [
          t('access.roles.blind', {
            names: blind.map((one) => `“${t(`access.roles.says.${one}`)}”`).join(', '),
          }),
        ]),
  ];
  return (
    <>
      <FoundDraft shown={editor.found && editor.changed} onDrop={editor.drop} />
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <Section title={t('access.roles.identity')}>
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField
              required
              label={t('admin.name')}
              maxLength={200}
              value={name}
              error={editor.errorAt('/name')}
              onChange={({ target }) => editor.edit({ name: target.value })}
            />
            <SelectField
              label={t('access.roles.sees')}
              hint={t('access.roles.seesHint')}
              value={ticketAccess}
              error={editor.errorAt('/ticketAccess')}
              onChange={({ target }) =>
                editor.edit({
                  ticketAccess: TICKET_ACCESS.find((one) => one === target.value) ?? 'all',
                })
              }
            >
              {TICKET_ACCESS.map((one) => (
                <option key={one} value={one}>
                  {t(`admin.people.access.${one}`)}
                </option>
              ))}
            </SelectField>
          </div>
        </Section>
        <Section title={t('access.roles.may')}>
          <PermissionFields
            held={permissions}
            onChange={(held) => editor.edit({ permissions: inOrder(held) })}
          />
        </Section>
      </fieldset>
      <SaveBar {...{ editor, faults }} kind="role" />
    </>
  );
}

/** One order for all, so that what was given and taken again counts as no change. */
const inOrder = (held: RoleContent['permissions']): RoleContent['permissions'] =>
  GRANTABLE.filter((name) => held.includes(name));

/** The people of a role, those who have left as well: they keep it from being deleted. */
function Holders({ role, roleId }: { role: string | null; roleId: string | null }) {
  const { t } = useTranslation();
  const people = useAll<AdminUser>(USERS);
  const holders = (people.data ?? []).filter((one) =>
    roleId === null ? one.role === role : one.roleId === roleId,
  );
  return (
    <Section title={t('access.roles.who')}>
      {people.data !== undefined && holders.length === 0 ? (
        <p className="text-soft">{t('access.roles.nobody')}</p>
      ) : null}
      <ul className="flex flex-wrap gap-2">
        {holders.map(({ id, name, active }) => (
          <li key={id}>
            <Link
              to="/settings/people/$userId"
              params={{ userId: id }}
              className="inline-flex h-8 items-center gap-2 rounded-full border border-line ps-1 pe-3 hover:bg-sunken max-sm:h-10"
            >
              <Avatar name={name} size={24} away={!active} />
              <bdi className="max-w-48 truncate">{name}</bdi>
              {active ? null : <Badge>{t('admin.people.inactive')}</Badge>}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
