// What somebody may do and which tickets they see: a role of every desk or one of this desk's own.
import { useTranslation } from 'react-i18next';
import { BUILT_IN_ROLES, TICKET_ACCESS } from '#domain/permissions.ts';
import { useAll } from '../../../api/queries.ts';
import { SelectField } from '../../../components/field.tsx';
import type { Editor } from '../parts/use-editor.ts';
import { ROLES_PATH } from '../types.ts';
import type { PersonContent } from './person-content.ts';

export function RoleFields({ editor }: { editor: Editor<PersonContent> }) {
  const { t } = useTranslation();
  const own = useAll<{ id: string; name: string }>(ROLES_PATH);
  const { role, roleId, ticketAccess } = editor.draft.content;
  const choose = (word: string): void => {
    const builtIn = BUILT_IN_ROLES.find((one) => one === word);
    if (builtIn === undefined) return editor.edit({ role: 'custom', roleId: word });
    editor.edit({
      ...{ role: builtIn, roleId: null },
      // An admin sees every ticket.
      ...(builtIn === 'admin' ? { ticketAccess: null } : {}),
    });
  };
  return (
    <>
      <SelectField
        label={t('admin.people.role')}
        value={roleId ?? role}
        error={editor.errorAt('/role') ?? editor.errorAt('/roleId')}
        hint={t(`admin.people.roleHints.${role}`)}
        onChange={({ target }) => choose(target.value)}
      >
        {BUILT_IN_ROLES.map((one) => (
          <option key={one} value={one}>
            {t(`admin.people.roles.${one}`)}
          </option>
        ))}
        {(own.data ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('admin.people.sees')}
        value={ticketAccess ?? ''}
        disabled={role === 'admin'}
        error={editor.errorAt('/ticketAccess')}
        onChange={({ target }) =>
          editor.edit({ ticketAccess: TICKET_ACCESS.find((one) => one === target.value) ?? null })
        }
      >
        <option value="">{t('admin.people.seesAsRole')}</option>
        {TICKET_ACCESS.map((one) => (
          <option key={one} value={one}>
            {t(`admin.people.access.${one}`)}
          </option>
        ))}
      </SelectField>
    </>
  );
}
