// The second factor: switched on with an authenticator app and recovery codes, switched off with the password.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../api/client.ts';
import { useWordsFor } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { textOf } from '../../lib/form.ts';

interface Enrolment {
  totpURI: string;
  backupCodes: string[];
}

export function TwoFactor({ on }: { on: boolean }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const client = useQueryClient();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const submit =
    (act: (form: FormData) => Promise<void>) => (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      act(new FormData(event.currentTarget)).catch((error: unknown) => toast.error(words(error)));
    };
  const begin = async (form: FormData): Promise<void> => {
    const body = { password: textOf(form, 'password') };
    if (!on)
      return setEnrolment(await call<Enrolment>('POST', '/api/auth/two-factor/enable', { body }));
    await call('POST', '/api/auth/two-factor/disable', { body });
    await client.invalidateQueries({ queryKey: ['me'] });
  };
  const finish = async (form: FormData): Promise<void> => {
    await call('POST', '/api/auth/two-factor/verify-totp', {
      body: { code: textOf(form, 'code') },
    });
    await client.invalidateQueries({ queryKey: ['me'] });
    setEnrolment(null);
    toast.success(t('account.twoFactorOn'));
  };
  if (enrolment !== null && !on) {
    return (
      <form onSubmit={submit(finish)} className="flex flex-col gap-3">
        <p>{t('account.scan')}</p>
        <code className="rounded bg-sunken p-2 text-xs break-all">
          {new URL(enrolment.totpURI).searchParams.get('secret')}
        </code>
        <a href={enrolment.totpURI} className="text-accent underline">
          {t('account.openApp')}
        </a>
        <p>{t('account.recovery')}</p>
        <pre className="rounded bg-sunken p-2 text-xs">{enrolment.backupCodes.join('\n')}</pre>
        <TextField
          required
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          label={t('signIn.code')}
        />
        <Button kind="primary" type="submit" className="self-start">
          {t('account.turnOn')}
        </Button>
      </form>
    );
  }
  return (
    <form onSubmit={submit(begin)} className="flex flex-col gap-3">
      <p className="text-soft">{t(on ? 'account.twoFactorIsOn' : 'account.twoFactorIsOff')}</p>
      <TextField
        required
        name="password"
        type="password"
        autoComplete="current-password"
        label={t('account.currentPassword')}
      />
      <Button type="submit" kind={on ? 'danger' : 'plain'} className="self-start">
        {t(on ? 'account.turnOff' : 'account.turnOn')}
      </Button>
    </form>
  );
}
