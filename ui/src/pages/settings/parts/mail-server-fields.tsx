// How one server of a mailbox is reached. A stored password is never shown; it stays while its server and user stay.
import { useTranslation } from 'react-i18next';
import { TextField } from '../../../components/field.tsx';
import type { MailServer } from '../types.ts';
import { NumberField, Tick } from './fields.tsx';

/** How the API shows a password that is stored. */
const HIDDEN = '********';
const PORTS = { imap: 993, smtp: 465 };

interface Props {
  name: 'imap' | 'smtp';
  server: MailServer | undefined;
  stored: MailServer | undefined;
  errorAt: (pointer: string) => string | undefined;
  onChange: (server: MailServer | undefined) => void;
}

export function MailServerFields({ name, server, stored, errorAt, onChange }: Props) {
  const { t } = useTranslation();
  const begin = (): MailServer => ({
    ...{ host: '', port: PORTS[name], secure: true },
    ...(name === 'imap' ? { user: '', password: '' } : {}),
  });
  return (
    <div className="flex flex-col gap-3">
      <Tick
        label={t(name === 'imap' ? 'admin.mailboxes.useImap' : 'admin.mailboxes.useSmtp')}
        checked={server !== undefined}
        onChange={(on) => onChange(on ? (stored ?? begin()) : undefined)}
      />
      {server === undefined ? null : (
        <Fields
          {...{ name, server, stored, onChange }}
          errorAt={(field) => errorAt(`/settings/${name}/${field}`)}
        />
      )}
    </div>
  );
}

function Fields({ name, server, stored, errorAt, onChange }: Props & { server: MailServer }) {
  const { t } = useTranslation();
  const kept = server.password === HIDDEN;
  const elsewhere =
    kept &&
    (stored?.host !== server.host || stored.port !== server.port || stored.user !== server.user);
  const setText = (field: 'user' | 'password' | 'folder', value: string): void => {
    const { [field]: _before, ...others } = server;
    // What SMTP may lack is left out when it is empty; IMAP needs a user and a password.
    const needed = name === 'imap' && field !== 'folder';
    onChange(value === '' && !needed ? others : { ...others, [field]: value });
  };
  return (
    <div className="grid gap-3 sm:grid-cols-6">
      <div className="sm:col-span-4">
        <TextField
          required
          label={t('admin.mailboxes.host')}
          maxLength={253}
          autoComplete="off"
          value={server.host}
          error={errorAt('host')}
          onChange={({ target }) => onChange({ ...server, host: target.value.trim() })}
        />
      </div>
      <div className="sm:col-span-2">
        <NumberField
          required
          label={t('admin.mailboxes.port')}
          min={1}
          max={65_535}
          value={server.port}
          error={errorAt('port')}
          onChange={(port) => onChange({ ...server, port: port ?? Number.NaN })}
        />
      </div>
      <div className="sm:col-span-6">
        <Tick
          label={t('admin.mailboxes.secure')}
          checked={server.secure === true}
          onChange={(secure) => onChange({ ...server, secure })}
        />
      </div>
      <div className="sm:col-span-3">
        <TextField
          label={t('admin.mailboxes.user')}
          maxLength={320}
          autoComplete="off"
          value={server.user ?? ''}
          error={errorAt('user')}
          onChange={({ target }) => setText('user', target.value)}
        />
      </div>
      <div className="sm:col-span-3">
        <TextField
          type="password"
          label={t('admin.mailboxes.password')}
          maxLength={1_000}
          autoComplete="new-password"
          placeholder={kept ? HIDDEN : ''}
          {...(kept
            ? {
                hint: t(
                  elsewhere ? 'admin.mailboxes.passwordAnew' : 'admin.mailboxes.passwordKept',
                ),
              }
            : {})}
          value={kept ? '' : (server.password ?? '')}
          error={errorAt('password')}
          onChange={({ target }) =>
            setText(
              'password',
              target.value === '' && stored?.password !== undefined ? HIDDEN : target.value,
            )
          }
        />
      </div>
      {name === 'imap' ? (
        <div className="sm:col-span-3">
          <TextField
            label={t('admin.mailboxes.folder')}
            placeholder="INBOX"
            maxLength={200}
            value={server.folder ?? ''}
            error={errorAt('folder')}
            onChange={({ target }) => setText('folder', target.value)}
          />
        </div>
      ) : null}
    </div>
  );
}
