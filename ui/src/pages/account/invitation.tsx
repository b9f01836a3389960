// What an invitation's link opens: who is invited, and choosing a password.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError, call } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';
import { Failure, Skeleton } from '../../components/bits.tsx';
import { TextField } from '../../components/field.tsx';
import { textOf } from '../../lib/form.ts';
import { Door, DoorFrame } from './door.tsx';
import { NewPassword } from './setup.tsx';

/** A link that a mail program has cut short is as dead as one that was used. */
const asMissing = (error: Error): Error =>
  error instanceof ApiError && error.code === 'invalidRequest'
    ? new ApiError({ detail: error.message, code: 'notFound', status: 404 })
    : error;

export function Invitation() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { token = '' } = useSearch({ from: '/invite' });
  const path = `/api/v1/invitations/${encodeURIComponent(token)}`;
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => call<{ name: string; email: string }>('GET', path),
    retry: false,
  });
  if (invitation.isPending) return <Skeleton />;
  if (invitation.isError)
    return (
      <DoorFrame title={t('account.welcome')}>
        <Failure error={asMissing(invitation.error)} />
      </DoorFrame>
    );
  const { name, email } = invitation.data;
  const send = async (form: FormData): Promise<void> => {
    const body = { password: textOf(form, 'password'), name: textOf(form, 'name') };
    const answer = await call<{ signedIn: boolean }>('POST', `${path}/accept`, { body });
    queryClient.clear();
    await navigate({ to: answer.signedIn ? '/' : '/sign-in' });
  };
  return (
    <Door
      title={t('account.welcome')}
      hint={t('account.invitedAs', { email })}
      submit={t('account.begin')}
      onSubmit={send}
    >
      {(fault) => (
        <>
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          <TextField
            required
            name="name"
            label={t('account.name')}
            defaultValue={name}
            error={fault('name')}
          />
          <NewPassword error={fault('password')} />
        </>
      )}
    </Door>
  );
}
