// Tries a mailbox as it is typed, before anything of it is saved: how each server answered, in plain words and in its own.
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX, Plug } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TriedServer, TriedServers } from '#domain/mail-servers.ts';
import { call } from '../../../api/client.ts';
import { useWordsFor } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { cx } from '../../../lib/class-names.ts';
import { Section } from '../../../sla/frame.tsx';
import { CHANNELS } from '../types.ts';
import type { Channel } from '../types.ts';

type Servers = Pick<Channel['settings'], 'imap' | 'smtp'>;

export function TryServers({ id, settings }: { id: string | null; settings: Channel['settings'] }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const [tried, setTried] = useState('');
  const { imap, smtp } = settings;
  const servers: Servers = {
    ...(imap === undefined ? {} : { imap }),
    ...(smtp === undefined ? {} : { smtp }),
  };
  const attempt = useMutation({
    mutationFn: () =>
      id === null
        ? call<TriedServers>('POST', `${CHANNELS}/test`, { body: servers })
        : call<TriedServers>('POST', `${CHANNELS}/${id}/test`, { body: { settings: servers } }),
    onMutate: () => setTried(JSON.stringify(servers)),
  });
  const nothing = imap === undefined && smtp === undefined;
  const stale = attempt.data !== undefined && tried !== JSON.stringify(servers);
  return (
    <Section title={t('access.tries.title')} hint={t('access.tries.hint')}>
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <Button busy={attempt.isPending} disabled={nothing} onClick={() => attempt.mutate()}>
            <Plug size={15} aria-hidden="true" />
            {t('access.tries.run')}
          </Button>
          <span role="status" className="text-[13px] text-soft">
            {nothing ? t('access.tries.nothing') : null}
            {attempt.isPending ? t('access.tries.running') : null}
            {stale && !attempt.isPending ? t('access.tries.stale') : null}
          </span>
        </div>
        {attempt.isError ? (
          <p role="alert" className="text-danger">
            {words(attempt.error)}
          </p>
        ) : null}
        {attempt.data === undefined || attempt.isPending ? null : (
          <ul className={cx('flex flex-col gap-2', stale && 'opacity-70')}>
            <Result name="imap" tried={attempt.data.imap} />
            <Result name="smtp" tried={attempt.data.smtp} />
          </ul>
        )}
      </div>
    </Section>
  );
}

function Result({ name, tried }: { name: 'imap' | 'smtp'; tried: TriedServer | null }) {
  const { t, i18n } = useTranslation();
  if (tried === null) return null;
  const { ok, fault, text, address, tls, tookMs } = tried;
  const seconds = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const Icon = ok ? CircleCheck : CircleX;
  const facts = [
    ...(tls === null ? [] : [t('access.tries.encrypted', { protocol: tls.protocol })]),
    ...(address === null
      ? []
      : [t('access.tries.took', { address, seconds: seconds.format(tookMs / 1_000) })]),
  ];
  return (
    <li
      data-tried={name}
      className={cx(
        'flex items-start gap-3 rounded-md border border-line p-3',
        ok ? 'bg-good-tint' : 'bg-danger-tint',
      )}
    >
      <Icon
        size={18}
        aria-hidden="true"
        className={cx('mt-px shrink-0', ok ? 'text-good' : 'text-danger')}
      />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className={cx('font-medium', ok ? 'text-good' : 'text-danger')}>
          {name.toUpperCase()}: {t(`access.tries.${ok ? 'good' : 'bad'}.${name}`)}
        </p>
        {fault === null ? null : <p>{t(`access.tries.faults.${fault}`)}</p>}
        {ok && tls === null ? <p className="text-warn">{t('access.tries.plain')}</p> : null}
        {text === '' ? null : (
          <p className="text-[13px]">
            {t('access.tries.said')}: <q className="font-mono text-xs break-words">{text}</q>
          </p>
        )}
        {facts.length === 0 ? null : <p className="text-xs break-all">{facts.join(' · ')}</p>}
      </div>
    </li>
  );
}
