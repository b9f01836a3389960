// Why a ticket goes where it goes: each rule with the condition that failed, and each person with what stands against them.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client.ts';
import { Failure } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { SelectField, TextArea, TextField } from '../../../components/field.tsx';
import { PRIORITIES } from '../../../tickets/labels.tsx';
import { textOf } from '../../../lib/form.ts';
import { Section, SettingsFrame } from '../../../sla/frame.tsx';
import { useChannels } from '../../../sla/queries.ts';
import { RULES } from '../types.ts';
import { Explained } from './explained.tsx';
import type { Explanation } from './explained.tsx';

const KINDS = ['email', 'api', 'form'] as const;

export function ExplainPage() {
  const { t } = useTranslation();
  const [kind, setKind] = useState<'real' | 'imagined'>('real');
  const explain = useMutation({
    mutationFn: (body: object) => call<Explanation>('POST', `${RULES}/explain`, { body }),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    explain.mutate(kind === 'real' ? { ticketId: numberOf(form) } : { ticket: imaginedOf(form) });
  };
  return (
    <SettingsFrame
      title={t('admin.explain.title')}
      hint={t('admin.explain.hint')}
      back={{ to: '/settings/routing', label: t('admin.pages.routing') }}
    >
      <Section title={t('admin.explain.which')}>
        <form onSubmit={submit} className="flex flex-col gap-3">
          <div role="group" aria-label={t('admin.explain.which')} className="flex flex-wrap gap-2">
            {(['real', 'imagined'] as const).map((one) => (
              <Button
                key={one}
                small
                aria-pressed={kind === one}
                className={kind === one ? '!bg-tint !text-accent' : ''}
                onClick={() => setKind(one)}
              >
                {t(`admin.explain.${one}`)}
              </Button>
            ))}
          </div>
          {kind === 'real' ? (
            <div className="max-w-40">
              <TextField
                required
                name="ticketId"
                inputMode="numeric"
                pattern="#?[0-9]{1,15}"
                label={t('admin.explain.number')}
              />
            </div>
          ) : (
            <Imagined />
          )}
          <Button kind="primary" type="submit" busy={explain.isPending} className="self-start">
            {t('admin.explain.run')}
          </Button>
        </form>
      </Section>
      {explain.isError ? <Failure error={explain.error} /> : null}
      {explain.data === undefined ? null : <Explained explanation={explain.data} />}
    </SettingsFrame>
  );
}

const numberOf = (form: FormData): number => Number(textOf(form, 'ticketId').replace('#', ''));

/** What was imagined; what was left empty is what a ticket without it has. */
function imaginedOf(form: FormData): object {
  const given = Object.fromEntries(
    (['mailbox', 'requesterEmail', 'language'] as const)
      .map((name) => [name, textOf(form, name)] as const)
      .filter(([, value]) => value !== ''),
  );
  return {
    ...given,
    ...{ subject: textOf(form, 'subject'), body: textOf(form, 'body') },
    ...{ channel: textOf(form, 'channel'), priority: textOf(form, 'priority') },
    tags: textOf(form, 'tags')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  };
}

function Imagined() {
  const { t } = useTranslation();
  const channels = useChannels();
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <div className="sm:col-span-3">
        <TextField name="subject" maxLength={998} label={t('slaAdmin.fields.subject')} />
      </div>
      <div className="sm:col-span-3">
        <TextArea name="body" rows={3} maxLength={100_000} label={t('admin.explain.body')} />
      </div>
      <TextField
        name="requesterEmail"
        type="email"
        maxLength={320}
        label={t('slaAdmin.fields.requesterEmail')}
      />
      <SelectField name="mailbox" label={t('admin.explain.mailbox')}>
        <option value="">{t('admin.explain.anyMailbox')}</option>
        {(channels.data ?? []).map(({ id, address }) => (
          <option key={id} value={address ?? ''}>
            {address}
          </option>
        ))}
      </SelectField>
      <SelectField name="channel" label={t('slaAdmin.fields.channel')}>
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {t(`admin.incoming.channels.${one}`)}
          </option>
        ))}
      </SelectField>
      <SelectField name="priority" label={t('slaAdmin.fields.priority')} defaultValue="normal">
        {PRIORITIES.map((one) => (
          <option key={one} value={one}>
            {t(`ticket.priorities.${one}`)}
          </option>
        ))}
      </SelectField>
      <TextField name="tags" maxLength={1_000} label={t('admin.explain.tags')} />
      <TextField name="language" maxLength={35} label={t('slaAdmin.fields.language')} />
    </div>
  );
}
