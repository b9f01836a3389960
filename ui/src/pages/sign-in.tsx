// Signing in: email and password, then the second factor where there is one; or by the organisation's own sign-in.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, call } from '../api/client.ts';
import { queryClient } from '../api/query-client.ts';
import { useWordsFor } from '../components/bits.tsx';
import { ownPath } from '../lib/own-path.ts';
import { textOf } from '../lib/form.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { Logo } from '../components/logo.tsx';

export function SignIn() {
  const { t } = useTranslation();
  const words = useWordsFor();
  const navigate = useNavigate();
  const { to, error: refused } = useSearch({ from: '/sign-in' });
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | undefined>();

  const enter = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      if (await attempt(step, form)) return setStep('code');
      queryClient.clear();
      await navigate({ to: ownPath(to) });
    } catch (failure) {
      const wrong = failure instanceof ApiError && failure.status === 401;
      const wrongWords = step === 'code' ? t('signIn.wrongCode') : t('signIn.wrong');
      setError(wrong ? wrongWords : words(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="flex min-h-dvh items-center justify-center bg-sunken p-4">
      <form
        onSubmit={(event) => void enter(event)}
        className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-raised p-6 shadow-sm"
      >
        <div className="flex items-center gap-3">
          <Logo />
          <h1 className="text-lg font-semibold">{t('signIn.title')}</h1>
        </div>
        {refused === undefined || error !== undefined ? null : (
          <p role="alert" className="text-danger">
            {t(`signIn.${refusalOf(refused)}`)}
          </p>
        )}
        {step === 'password' ? (
          <>
            <TextField
              label={t('signIn.email')}
              name="email"
              type="email"
              autoComplete="username"
              required
              autoFocus
            />
            <TextField
              label={t('signIn.password')}
              name="password"
              type="password"
              autoComplete="current-password"
              required
              error={error}
            />
          </>
        ) : (
          <TextField
            key="code"
            label={t('signIn.code')}
            hint={t('signIn.codeHint')}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            autoFocus
            error={error}
          />
        )}
        <Button kind="primary" type="submit" busy={busy}>
          {t('signIn.submit')}
        </Button>
        {step === 'password' ? <SingleSignOn to={ownPath(to)} /> : null}
        <a href="/forgot-password" className="text-center text-soft underline">
          {t('signIn.forgot')}
        </a>
      </form>
    </main>
  );
}

/** What a refusal of the way back from the provider comes down to. */
function refusalOf(code: string): 'ssoRefused' | 'ssoDeactivated' | 'ssoFailed' {
  if (code === 'deactivated') return 'ssoDeactivated';
  return code === 'signup_disabled' || code === 'account_not_linked' ? 'ssoRefused' : 'ssoFailed';
}

/** The way by an OpenID Connect provider, where the desk has one. */
function SingleSignOn({ to }: { to: string }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const [error, setError] = useState<string | undefined>();
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: () => call<{ singleSignOn: boolean }>('GET', '/api/v1/setup'),
  });
  if (setup.data?.singleSignOn !== true) return null;
  const leave = async (): Promise<void> => {
    try {
      const body = { provider: 'sso', callbackURL: to };
      const { url } = await call<{ url: string }>('POST', '/api/auth/sign-in/social', { body });
      window.location.assign(url);
    } catch (failure) {
      setError(words(failure));
    }
  };
  return (
    <>
      <Button onClick={() => void leave()}>{t('signIn.sso')}</Button>
      {error === undefined ? null : (
        <p role="alert" className="text-danger">
          {error}
        </p>
      )}
    </>
  );
}

/** One try; true when a second factor is asked for. */
async function attempt(step: 'password' | 'code', form: FormData): Promise<boolean> {
  if (step === 'code') {
    const code = textOf(form, 'code');
    const way = /^\d{6}$/.test(code) ? 'verify-totp' : 'verify-backup-code';
    await call('POST', `/api/auth/two-factor/${way}`, { body: { code } });
    return false;
  }
  const body = { email: form.get('email'), password: form.get('password') };
  const answer = await call<{ twoFactorRedirect?: boolean }>('POST', '/api/auth/sign-in/email', {
    body,
  });
  return answer.twoFactorRedirect === true;
}
