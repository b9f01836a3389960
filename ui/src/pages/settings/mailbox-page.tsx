// The editor of a mailbox: its address and sender, how mail comes in and goes out, and what the server said last.
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useAll } from '../../api/queries.ts';
import { Badge, Failure, Skeleton } from '../../components/bits.tsx';
import { TextField } from '../../components/field.tsx';
import { at } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { FoundDraft } from '../../sla/found-draft.tsx';
import { Section, SettingsFrame, useMayChange } from '../../sla/frame.tsx';
import { Tick } from './parts/fields.tsx';
import { MailServerFields } from './parts/mail-server-fields.tsx';
import { SaveBar } from './parts/save-bar.tsx';
import { TryServers } from './parts/try-servers.tsx';
import { useEditor } from './parts/use-editor.ts';
import type { Editor } from './parts/use-editor.ts';
import { CHANNELS } from './types.ts';
import type { Channel } from './types.ts';

interface Content extends Pick<Channel, 'name' | 'enabled' | 'settings'> {
  address: string;
}
const NEW: Content = { name: '', address: '', enabled: true, settings: {} };

export function MailboxPage() {
  const { t } = useTranslation();
  const { channelId } = useParams({ from: '/desk/settings/mailboxes/$channelId' });
  const channels = useAll<Channel>(CHANNELS);
  const channel = channels.data?.find(({ id }) => id === channelId);
  const isNew = channelId === 'new';
  const saved: Content =
    channel === undefined
      ? NEW
      : {
          ...{ name: channel.name, enabled: channel.enabled, settings: channel.settings },
          address: channel.address ?? '',
        };
  return (
    <SettingsFrame
      needs="settings.channels"
      title={isNew ? t('admin.mailboxes.new') : (channel?.name ?? '…')}
      back={{ to: '/settings/mailboxes', label: t('admin.pages.mailboxes') }}
    >
      {channels.isError ? (
        <Failure error={channels.error} again={() => void channels.refetch()} />
      ) : null}
      {channels.isPending ? <Skeleton lines={6} /> : null}
      {channel?.settings.imap === undefined ? null : <LastSaid channel={channel} />}
      {isNew || channel !== undefined ? (
        <Form
          key={channelId}
          id={channel?.id ?? null}
          version={channel?.version ?? 0}
          saved={saved}
        />
      ) : null}
    </SettingsFrame>
  );
}

/** The server's own words. */
function LastSaid({ channel: { health } }: { channel: Channel }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  return (
    <Section title={t('admin.mailboxes.lastSaid')}>
      <div className="flex flex-wrap items-center gap-2">
        {health.ok === undefined ? (
          <Badge>{t('admin.mailboxes.noHealth')}</Badge>
        ) : (
          <Badge tone={health.ok ? 'good' : 'danger'}>
            {t(health.ok ? 'admin.mailboxes.well' : 'admin.mailboxes.ill')}
          </Badge>
        )}
        {health.at === undefined ? null : (
          <span className="min-w-0 break-words">
            {t('admin.mailboxes.said', {
              at: at(health.at, nowMs, i18n.language),
              text: health.text ?? '',
            })}
          </span>
        )}
      </div>
    </Section>
  );
}

function Form({ id, version, saved }: { id: string | null; version: number; saved: Content }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange('settings.channels') === true;
  const editor = useEditor<Content>({
    ...{ path: CHANNELS, id, saved, version, bodyOf: (content) => content },
    onMade: (channelId) =>
      void navigate({ to: '/settings/mailboxes/$channelId', params: { channelId } }),
  });
  const { content } = editor.draft;
  const { settings } = content;
  const part = (name: 'imap' | 'smtp') => ({
    ...{ name, server: settings[name], stored: saved.settings[name], errorAt: editor.errorAt },
    onChange: (server: Channel['settings']['imap']) => {
      const { [name]: _before, ...others } = settings;
      editor.edit({ settings: server === undefined ? others : { ...others, [name]: server } });
    },
  });
  return (
    <>
      <FoundDraft
        shown={editor.found && editor.changed}
        note={t('access.leaving.passwords')}
        onDrop={editor.drop}
      />
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <Identity editor={editor} />
        <Section title={t('admin.mailboxes.incoming')} hint={t('admin.mailboxes.incomingHint')}>
          <MailServerFields {...part('imap')} />
        </Section>
        <Section title={t('admin.mailboxes.outgoing')} hint={t('admin.mailboxes.outgoingHint')}>
          <MailServerFields {...part('smtp')} />
        </Section>
      </fieldset>
      {mayChange ? <TryServers key={id} id={id} settings={settings} /> : null}
      <SaveBar
        editor={editor}
        kind="channel"
        faults={content.name.trim() === '' ? [t('admin.nameNeeded')] : []}
      />
    </>
  );
}

function Identity({ editor }: { editor: Editor<Content> }) {
  const { t } = useTranslation();
  const { name, address, enabled, settings } = editor.draft.content;
  const { fromName: _before, ...others } = settings;
  return (
    <Section title={t('admin.mailboxes.identity')}>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          required
          label={t('admin.name')}
          maxLength={200}
          value={name}
          error={editor.errorAt('/name')}
          onChange={({ target }) => editor.edit({ name: target.value })}
        />
        <TextField
          required
          type="email"
          label={t('admin.mailboxes.address')}
          hint={t('admin.mailboxes.addressHint')}
          maxLength={320}
          value={address}
          error={editor.errorAt('/address')}
          onChange={({ target }) => editor.edit({ address: target.value })}
        />
        <TextField
          label={t('admin.mailboxes.fromName')}
          hint={t('admin.mailboxes.fromNameHint')}
          maxLength={200}
          value={settings.fromName ?? ''}
          error={editor.errorAt('/settings/fromName')}
          onChange={({ target }) =>
            editor.edit({
              settings: target.value === '' ? others : { ...others, fromName: target.value },
            })
          }
        />
        <div className="sm:pt-7">
          <Tick
            label={t('admin.mailboxes.enabled')}
            checked={enabled}
            onChange={(on) => editor.edit({ enabled: on })}
          />
        </div>
      </div>
    </Section>
  );
}
