// The first page of a fresh desk: its first admin.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';
import { TextField } from '../../components/field.tsx';
import { textOf } from '../../lib/form.ts';
import { Door } from './door.tsx';

export function Setup() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { token } = useSearch({ from: '/setup' });
  const send = async (form: FormData): Promise<void> => {
    const body = Object.fromEntries(
      ['token', 'name', 'email', 'password'].map((one) => [one, textOf(form, one)]),
    );
    await call('POST', '/api/v1/setup', { body });
    queryClient.clear();
    await navigate({ to: '/' });
  };
  return (
    <Door
      title={t('account.setup')}
      hint={t('account.setupHint')}
      submit={t('account.begin')}
      onSubmit={send}
    >
      {(fault) => (
        <>
          <TextField
            required
            name="token"
            label={t('account.token')}
            defaultValue={token}
            error={fault('token')}
          />
          <TextField
            required
            name="name"
            label={t('account.name')}
            autoComplete="name"
            error={fault('name')}
          />
          <TextField
            required
            name="email"
            type="email"
            label={t('signIn.email')}
            autoComplete="username"
            error={fault('email')}
          />
          <NewPassword error={fault('password')} />
        </>
      )}
    </Door>
  );
}

/** A password that is being chosen. */
export function NewPassword({ error }: { error?: string | undefined }) {
  const { t } = useTranslation();
  return (
    <TextField
      {...{ required: true, minLength: 10, maxLength: 200 }}
      name="password"
      type="password"
      autoComplete="new-password"
      label={t('account.newPassword')}
      hint={t('account.passwordHint')}
      error={error}
    />
  );
}
