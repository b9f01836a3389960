// A forgotten password: asking for a link, and choosing a new one behind it.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../api/client.ts';
import { TextField } from '../../components/field.tsx';
import { textOf } from '../../lib/form.ts';
import { Door } from './door.tsx';
import { NewPassword } from './setup.tsx';

export function ForgotPassword() {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const send = async (form: FormData): Promise<void> => {
    await call('POST', '/api/auth/request-password-reset', {
      body: { email: textOf(form, 'email') },
    });
    setAsked(true);
  };
  return (
    <Door
      title={t('account.forgot')}
      hint={t(asked ? 'account.mailed' : 'account.forgotHint')}
      submit={t('account.sendLink')}
      onSubmit={send}
    >
      <TextField
        required
        autoFocus
        name="email"
        type="email"
        label={t('signIn.email')}
        autoComplete="username"
      />
    </Door>
  );
}

export function ResetPassword() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { token = '' } = useSearch({ from: '/reset-password' });
  const send = async (form: FormData): Promise<void> => {
    await call('POST', '/api/auth/reset-password', {
      body: { newPassword: textOf(form, 'password'), token },
    });
    toast.success(t('account.changed'));
    await navigate({ to: '/sign-in' });
  };
  return (
    <Door title={t('account.chooseNew')} submit={t('common.save')} onSubmit={send}>
      <NewPassword />
    </Door>
  );
}
