// Whom a message goes to and where it leaves from. What is not chosen is shown as the desk will have it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReplyDefaults, Ticket } from '../api/types.ts';
import { AddressField } from './address-field.tsx';
import type { Content, Kind } from './content.ts';
import { PassedOn } from './passed-on.tsx';

export interface RecipientsProps {
  kind: Kind;
  ticket: Ticket;
  content: Content;
  defaults: ReplyDefaults | undefined;
  onChange: (part: Partial<Content>) => void;
}

export function Recipients({ kind, ticket, content, defaults, onChange }: RecipientsProps) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<'cc' | 'bcc' | null>(null);
  const cc = content.cc ?? (kind === 'reply' ? (defaults?.cc ?? []) : []);
  const { bcc } = content;
  const showCc = cc.length > 0 || asked === 'cc';
  const showBcc = bcc.length > 0 || asked === 'bcc';
  return (
    <div className="mb-1 flex flex-col text-[13px] text-soft">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          {kind === 'forward' ? (
            <AddressField
              label={t('composer.to')}
              value={content.to}
              onChange={(to) => onChange({ to })}
            />
          ) : (
            <p className="flex gap-2 py-0.5 leading-6">
              {t('composer.to')}
              <bdi className="min-w-0 truncate text-ink">
                {defaults?.to.join(', ') || (ticket.requester.email ?? ticket.requester.name)}
              </bdi>
            </p>
          )}
        </div>
        <span className="flex shrink-0 gap-1 leading-7">
          {showCc ? null : <More label={t('composer.cc')} act={() => setAsked('cc')} />}
          {showBcc ? null : <More label={t('composer.bcc')} act={() => setAsked('bcc')} />}
        </span>
      </div>
      {showCc ? (
        <AddressField
          autoFocus={asked === 'cc'}
          label={t('composer.cc')}
          value={cc}
          onChange={(next) => onChange({ cc: next })}
        />
      ) : null}
      {showBcc ? (
        <AddressField
          autoFocus={asked === 'bcc'}
          label={t('composer.bcc')}
          value={bcc}
          onChange={(next) => onChange({ bcc: next })}
        />
      ) : null}
      <From {...{ content, defaults, onChange }} />
      {kind === 'forward' ? (
        <PassedOn
          {...{ ticket, messageId: content.messageId }}
          onChange={(messageId) => onChange({ messageId })}
        />
      ) : null}
    </div>
  );
}

function More({ label, act }: { label: string; act: () => void }) {
  return (
    <button type="button" onClick={act} className="rounded px-1.5 hover:bg-sunken hover:text-ink">
      {label}
    </button>
  );
}

/** A choice only where there is one. */
function From({ content, defaults, onChange }: Omit<RecipientsProps, 'kind' | 'ticket'>) {
  const { t } = useTranslation();
  if (defaults === undefined || defaults.mailboxes.length < 2) return null;
  return (
    <label className="flex items-center gap-2 py-0.5">
      {t('composer.from')}
      <select
        value={content.channelId ?? defaults.channelId ?? ''}
        onChange={({ target }) => onChange({ channelId: target.value })}
        className="h-7 min-w-0 rounded bg-transparent text-ink max-sm:h-9 max-sm:text-base"
      >
        {defaults.mailboxes.map(({ id, name, address }) => (
          <option key={id} value={id}>{`${name} <${address}>`}</option>
        ))}
      </select>
    </label>
  );
}
