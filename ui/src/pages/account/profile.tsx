// One's own account: name, password, second factor, and where one is signed in.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../api/client.ts';
import { useMe } from '../../api/queries.ts';
import { Badge, Skeleton, useWordsFor } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { textOf } from '../../lib/form.ts';
import { at } from '../../lib/time.ts';
import { NoticeSettings } from '../../notices/notice-settings.tsx';
import { PageFrame } from '../page-frame.tsx';
import { SignatureForm } from './signature.tsx';
import { TwoFactor } from './two-factor.tsx';

export function Profile() {
  const { t } = useTranslation();
  const me = useMe();
  if (me.data === undefined) return <Skeleton />;
  const mayReply = me.data.permissions.includes('ticket.reply');
  return (
    <PageFrame title={t('nav.profile')}>
      <Section title={t('account.name')}>
        <NameForm name={me.data.user.name} />
      </Section>
      {mayReply ? (
        <Section title={t('canned.signature')}>
          <SignatureForm />
        </Section>
      ) : null}
      <Section title={t('signIn.password')}>
        <PasswordForm />
      </Section>
      <Section title={t('account.twoFactor')}>
        <TwoFactor on={me.data.twoFactor} />
      </Section>
      <Section id="notifications" title={t('notices.settings.title')}>
        <NoticeSettings />
      </Section>
      <Section title={t('account.sessions')}>
        <Sessions />
      </Section>
    </PageFrame>
  );
}

function Section({ id, title, children }: { id?: string; title: string; children: ReactNode }) {
  return (
    <section id={id} className="max-w-xl rounded-lg border border-line bg-raised p-4">
      <h2 className="mb-3 font-semibold">{title}</h2>
      {children}
    </section>
  );
}

/** Sends a form once; says how it went. */
function useForm(act: (form: FormData) => Promise<unknown>, done: string) {
  const words = useWordsFor();
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: () => {
      toast.success(done);
      void client.invalidateQueries({ queryKey: ['me'] });
    },
    onError: (error) => toast.error(words(error)),
  });
  return {
    busy: mutation.isPending,
    onSubmit: (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      const element = event.currentTarget;
      mutation.mutate(new FormData(element), { onSuccess: () => element.reset() });
    },
  };
}

function NameForm({ name }: { name: string }) {
  const { t } = useTranslation();
  const form = useForm(
    (data) => call('PATCH', '/api/v1/me', { body: { name: textOf(data, 'name') } }),
    t('account.changed'),
  );
  return (
    <form onSubmit={form.onSubmit} className="flex items-end gap-2">
      <div className="flex-1">
        <TextField
          key={name}
          required
          quiet
          name="name"
          maxLength={200}
          label={t('account.name')}
          defaultValue={name}
        />
      </div>
      <Button type="submit" busy={form.busy}>
        {t('common.save')}
      </Button>
    </form>
  );
}

function PasswordForm() {
  const { t } = useTranslation();
  const form = useForm(
    (data) =>
      call('POST', '/api/auth/change-password', {
        body: {
          ...{ currentPassword: textOf(data, 'current'), newPassword: textOf(data, 'new') },
          revokeOtherSessions: true,
        },
      }),
    t('account.changed'),
  );
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-3">
      <TextField
        required
        name="current"
        type="password"
        autoComplete="current-password"
        label={t('account.currentPassword')}
      />
      <TextField
        required
        name="new"
        type="password"
        minLength={10}
        autoComplete="new-password"
        label={t('account.newPassword')}
        hint={t('account.passwordHint')}
      />
      <Button type="submit" busy={form.busy} className="self-start">
        {t('common.save')}
      </Button>
    </form>
  );
}

interface Session {
  id: string;
  token: string;
  createdAt: string;
  userAgent?: string | null;
  ipAddress?: string | null;
}

function Sessions() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => call<Session[]>('GET', '/api/auth/list-sessions'),
  });
  const [now] = useState(() => Date.now());
  const end = useMutation({
    mutationFn: (token: string | null) =>
      token === null
        ? call('POST', '/api/auth/revoke-other-sessions', { body: {} })
        : call('POST', '/api/auth/revoke-session', { body: { token } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <div className="flex flex-col gap-2">
      <ul className="flex flex-col divide-y divide-line">
        {(sessions.data ?? []).map((one) => (
          <li key={one.id} className="flex items-center gap-2 py-2">
            <span className="min-w-0 flex-1">
              <span className="block truncate">{one.userAgent ?? '—'}</span>
              <span className="text-xs text-soft">
                {one.ipAddress} · {at(one.createdAt, now, i18n.language)}
              </span>
            </span>
            <Button small onClick={() => end.mutate(one.token)}>
              {t('account.endSession')}
            </Button>
          </li>
        ))}
      </ul>
      <Button className="self-start" onClick={() => end.mutate(null)}>
        {t('account.endOthers')}
      </Button>
      {end.isSuccess ? <Badge tone="good">{t('account.changed')}</Badge> : null}
    </div>
  );
}
