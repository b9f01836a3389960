// Everybody of the desk: whether they are there, how much they hold of how much, and what they are.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client.ts';
import { useAll } from '../../../api/queries.ts';
import { Avatar, Badge, Failure, Skeleton } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { TextField } from '../../../components/field.tsx';
import { cx } from '../../../lib/class-names.ts';
import { SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { Tick } from '../parts/fields.tsx';
import { PRIMARY_LINK, ROW } from '../parts/rows.ts';
import { ROLES_PATH, USERS } from '../types.ts';
import type { AdminUser } from '../types.ts';
import { usePresence } from './presence.ts';

const STEP = 40;

export function PeoplePage() {
  const { t } = useTranslation();
  const users = useAll<AdminUser>(USERS);
  const mayChange = useMayChange('settings.people') === true;
  const [words, setWords] = useState('');
  const [gone, setGone] = useState(false);
  const [shown, setShown] = useState(STEP);
  const wanted = words.trim().toLowerCase();
  const list = (users.data ?? []).filter(
    (one) =>
      (gone || one.active) &&
      [one.name, one.email, ...one.skills].some((text) => text.toLowerCase().includes(wanted)),
  );
  return (
    <SettingsFrame
      needs="settings.people"
      title={t('admin.pages.people')}
      hint={t('admin.hints.people')}
      acts={
        mayChange ? (
          <Link to="/settings/people/$userId" params={{ userId: 'new' }} className={PRIMARY_LINK}>
            <Plus size={15} aria-hidden="true" />
            {t('admin.people.new')}
          </Link>
        ) : null
      }
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <TextField
            quiet
            type="search"
            label={t('admin.people.search')}
            placeholder={t('admin.people.search')}
            value={words}
            onChange={({ target }) => setWords(target.value)}
          />
        </div>
        <Tick label={t('admin.people.showInactive')} checked={gone} onChange={setGone} />
      </div>
      {users.isError ? <Failure error={users.error} again={() => void users.refetch()} /> : null}
      {users.isPending ? <Skeleton lines={6} /> : null}
      {users.data !== undefined && list.length === 0 ? (
        <p className="text-soft">{t('common.nothingFound')}</p>
      ) : null}
      <ul className="flex flex-col gap-2">
        {list.slice(0, shown).map((one) => (
          <PersonRow key={one.id} user={one} />
        ))}
      </ul>
      {list.length > shown ? (
        <Button className="self-center" onClick={() => setShown(shown + STEP)}>
          {t('admin.showMore')}
        </Button>
      ) : null}
    </SettingsFrame>
  );
}

function PersonRow({ user }: { user: AdminUser }) {
  const { t } = useTranslation();
  const roles = useAll<{ id: string; name: string }>(ROLES_PATH);
  const own = roles.data?.find(({ id }) => id === user.roleId);
  const presence = usePresence()(user);
  const away = user.effectiveAvailability === 'away';
  return (
    <li>
      <Link to="/settings/people/$userId" params={{ userId: user.id }} className={ROW}>
        <span className="flex min-w-0 flex-1 basis-56 items-center gap-3">
          <Avatar name={user.name} size={28} away={away || !user.active} />
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2">
              <bdi className={cx('truncate font-medium', !user.active && 'text-soft')}>
                {user.name}
              </bdi>
              {user.role === 'agent' ? null : (
                <Badge tone={user.role === 'admin' ? 'accent' : 'neutral'}>
                  {own?.name ?? t(`admin.people.roles.${user.role}`)}
                </Badge>
              )}
              {user.seat ? null : <Badge>{t('admin.people.noSeat')}</Badge>}
              {user.active ? null : <Badge>{t('admin.people.inactive')}</Badge>}
            </span>
            <span className="block truncate text-xs text-soft">{user.email}</span>
          </span>
        </span>
        {user.active ? (
          <>
            <span className="flex min-w-0 basis-56 items-center gap-2 text-[13px]">
              <span
                aria-hidden="true"
                className={cx('size-2 shrink-0 rounded-full', away ? 'bg-soft' : 'bg-good')}
              />
              <span className="text-soft">{presence}</span>
            </span>
            <Load userId={user.id} />
          </>
        ) : null}
      </Link>
    </li>
  );
}

/** How many open tickets somebody holds of how many, drawn and said. */
export function Load({ userId }: { userId: string }) {
  const { t } = useTranslation();
  const load = useQuery({
    queryKey: ['load', userId],
    queryFn: () =>
      call<{ open: number; capacity: number | null }>('GET', `${USERS}/${userId}/load`),
  });
  const { open = 0, capacity = null } = load.data ?? {};
  const share = capacity === null || capacity === 0 ? 0 : Math.min(1, open / capacity);
  return (
    <span className="flex w-36 flex-col gap-1 text-[13px] text-soft tabular-nums">
      <span>
        {load.data === undefined
          ? '…'
          : capacity === null
            ? t('admin.people.loadFree', { open })
            : t('admin.people.load', { open, capacity })}
      </span>
      {capacity === null ? null : (
        <span aria-hidden="true" className="block h-1.5 overflow-hidden rounded-full bg-line">
          <span
            className={cx('block h-full', share >= 1 ? 'bg-warn' : 'bg-accent')}
            style={{ width: `${share * 100}%` }}
          />
        </span>
      )}
    </span>
  );
}
