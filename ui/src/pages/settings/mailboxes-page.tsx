// The addresses of the desk, each with what its mailbox said last.
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useAll } from '../../api/queries.ts';
import { Badge, Empty, Failure, Skeleton } from '../../components/bits.tsx';
import { SettingsFrame, useMayChange } from '../../sla/frame.tsx';
import { PRIMARY_LINK, ROW } from './parts/rows.ts';
import { CHANNELS } from './types.ts';
import type { Channel } from './types.ts';

export function MailboxesPage() {
  const { t } = useTranslation();
  const channels = useAll<Channel>(CHANNELS);
  const mayChange = useMayChange() === true;
  const list = (channels.data ?? []).toSorted((a, b) => a.name.localeCompare(b.name));
  return (
    <SettingsFrame
      title={t('admin.pages.mailboxes')}
      hint={t('admin.hints.mailboxes')}
      acts={
        mayChange ? (
          <Link
            to="/settings/mailboxes/$channelId"
            params={{ channelId: 'new' }}
            className={PRIMARY_LINK}
          >
            <Plus size={15} aria-hidden="true" />
            {t('admin.mailboxes.new')}
          </Link>
        ) : null
      }
    >
      {channels.isError ? (
        <Failure error={channels.error} again={() => void channels.refetch()} />
      ) : null}
      {channels.isPending ? <Skeleton /> : null}
      {channels.data !== undefined && list.length === 0 ? (
        <Empty title={t('admin.mailboxes.none')}>{t('admin.mailboxes.noneHint')}</Empty>
      ) : null}
      <ul className="flex flex-col gap-2">
        {list.map((channel) => (
          <li key={channel.id}>
            <Link
              to="/settings/mailboxes/$channelId"
              params={{ channelId: channel.id }}
              className={ROW}
            >
              <span className="min-w-0 flex-1 basis-52">
                <bdi className="block font-medium break-words">{channel.name}</bdi>
                <span className="block text-[13px] break-all text-soft">{channel.address}</span>
              </span>
              {channel.enabled ? null : <Badge>{t('admin.mailboxes.off')}</Badge>}
              <Health channel={channel} />
            </Link>
          </li>
        ))}
      </ul>
    </SettingsFrame>
  );
}

/** Whether its mailbox works; nothing where there is none to fetch from. */
function Health({ channel: { health, settings, enabled } }: { channel: Channel }) {
  const { t } = useTranslation();
  if (settings.imap === undefined || !enabled) return null;
  if (health.ok === undefined) return <Badge>{t('admin.mailboxes.noHealth')}</Badge>;
  return health.ok ? (
    <Badge tone="good">{t('admin.mailboxes.well')}</Badge>
  ) : (
    <span className="flex min-w-0 items-center gap-2">
      <Badge tone="danger">{t('admin.mailboxes.ill')}</Badge>
      <span className="truncate text-[13px] text-danger">{health.text}</span>
    </span>
  );
}
