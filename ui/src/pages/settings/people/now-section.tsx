// Whether somebody is there now, what they hold, and the acts that change it: each says what it would do before it is done.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../../api/client.ts';
import { useTeams } from '../../../api/queries.ts';
import { Avatar, useWordsFor } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { useMayChange } from '../../../sla/frame.tsx';
import { USERS } from '../types.ts';
import type { AdminUser } from '../types.ts';
import { Load } from './people-page.tsx';
import { contentOf } from './person-content.ts';
import { usePresence } from './presence.ts';
import { PreviewPanel } from './preview-panel.tsx';
import type { AvailabilityDraft } from './preview-panel.tsx';

type Act = 'away' | 'available' | 'leave';
const DRAFTS: Record<Act, AvailabilityDraft> = {
  away: { availability: 'away' },
  available: { availability: 'available' },
  leave: { active: false },
};

export function NowSection({ user }: { user: AdminUser }) {
  const { t } = useTranslation();
  const presence = usePresence()(user);
  const teams = useTeams();
  const mayChange = useMayChange('settings.people') === true;
  const maySetAway = useMayChange('availability.others') === true;
  const [act, setAct] = useState<Act | null>(null);
  const isAway = user.availability === 'away';
  const mine = (teams.data ?? []).filter(({ members }) =>
    members.some(({ userId }) => userId === user.id),
  );
  return (
    <section
      aria-label={t('admin.people.availability')}
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-line bg-raised p-4"
    >
      <Avatar name={user.name} size={40} away={user.effectiveAvailability === 'away'} />
      <span className="min-w-0 flex-1 basis-48">
        <span className="block font-medium first-letter:uppercase">
          {user.active ? presence : t('admin.people.inactive')}
        </span>
        <span className="block text-[13px] text-soft">
          {mine.length === 0
            ? t('admin.people.noTeams')
            : `${t('admin.people.teamsOf')}${t('common.colon')} ${mine.map(({ name }) => name).join(', ')}`}
        </span>
      </span>
      <Load userId={user.id} />
      {mayChange || maySetAway ? (
        <span className="flex flex-wrap gap-2">
          {user.active ? (
            <>
              <Button disabled={!maySetAway} onClick={() => setAct(isAway ? 'available' : 'away')}>
                {t(isAway ? 'admin.people.setAvailable' : 'admin.people.setAway')}
              </Button>
              {mayChange ? (
                <>
                  <Invite user={user} />
                  <Button kind="danger" onClick={() => setAct('leave')}>
                    {t('admin.people.leave')}
                  </Button>
                </>
              ) : null}
            </>
          ) : (
            <ComeBack user={user} />
          )}
        </span>
      ) : null}
      <ActDialog act={act} user={user} onClose={() => setAct(null)} />
    </section>
  );
}

/** Reads anew whatever shows somebody's presence. */
function useRefreshPeople(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ queryKey: ['all', USERS] });
    for (const key of ['me', 'load', 'availability-preview'])
      void client.invalidateQueries({ queryKey: [key] });
  };
}

const putActive = (user: AdminUser, active: boolean) =>
  call('PUT', `${USERS}/${user.id}`, {
    body: { ...contentOf(user), active },
    ifMatch: user.version,
  });

function ActDialog({
  act,
  user,
  onClose,
}: {
  act: Act | null;
  user: AdminUser;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const refresh = useRefreshPeople();
  const { id, name } = user;
  const change = useMutation({
    mutationFn: (wanted: Act) =>
      wanted === 'leave'
        ? putActive(user, false)
        : call('PUT', `${USERS}/${id}/availability`, { body: { availability: wanted } }),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  const titles = {
    away: t('admin.people.awayTitle', { name }),
    available: t('admin.people.availableTitle', { name }),
    leave: t('admin.people.leaveTitle', { name }),
  };
  const confirm = {
    away: t('admin.people.confirmAway'),
    available: t('admin.people.confirmAvailable'),
    leave: t('admin.people.leaveNow'),
  };
  return (
    <Dialog open={act !== null} onClose={onClose} title={act === null ? '' : titles[act]}>
      {act === null ? null : (
        <div className="flex flex-col gap-4">
          <PreviewPanel userId={id} draft={DRAFTS[act]} />
          {change.isError ? (
            <p role="alert" className="text-danger">
              {words(change.error)}
            </p>
          ) : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button
              kind={act === 'leave' ? 'danger' : 'primary'}
              busy={change.isPending}
              onClick={() => change.mutate(act)}
            >
              {confirm[act]}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function ComeBack({ user }: { user: AdminUser }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const refresh = useRefreshPeople();
  const back = useMutation({
    mutationFn: () => putActive(user, true),
    onSuccess: () => refresh(),
    onError: (error) => toast.error(words(error)),
  });
  return (
    <Button busy={back.isPending} onClick={() => back.mutate()}>
      {t('admin.people.comeBack')}
    </Button>
  );
}

function Invite({ user }: { user: AdminUser }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const invite = useMutation({
    mutationFn: () => call('POST', `${USERS}/${user.id}/invite`),
    onSuccess: () => toast.success(t('admin.people.invited')),
    onError: (error) => toast.error(words(error)),
  });
  return (
    <Button busy={invite.isPending} onClick={() => invite.mutate()}>
      {t('admin.people.invite')}
    </Button>
  );
}
