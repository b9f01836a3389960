// How a text reads in a ticket, filled in by the desk before it is saved.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client.ts';
import type { Page, Ticket } from '../../../api/types.ts';
import { useWordsFor } from '../../../components/bits.tsx';
import { TextField } from '../../../components/field.tsx';
import { CANNED } from '../../../composer/canned-replies.ts';
import type { Filled } from '../../../composer/canned-replies.ts';
import { Section } from '../../../sla/frame.tsx';

/** The ticket that moved last: some ticket, so that there is something to see at once. */
function useSomeTicket(): number | null {
  const { data } = useQuery({
    queryKey: ['tickets', 'newest'],
    queryFn: () =>
      call<Page<Ticket>>('GET', '/api/v1/tickets', { query: { sort: '-updatedAt', limit: 1 } }),
    select: (page) => page.items[0]?.id ?? null,
  });
  return data ?? null;
}

export function CannedPreview({ text, html }: { text: string; html: string }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const [typed, setTyped] = useState<string | null>(null);
  const some = useSomeTicket();
  const ticketId = typed === null ? some : Number(typed) || null;
  const asked = useDeferredValue(text);
  const filled = useQuery({
    queryKey: ['canned-preview', ticketId, asked],
    queryFn: ({ signal }) =>
      call<Filled>('POST', `${CANNED}/preview`, {
        ...{ body: { body: asked, bodyHtml: html, ticketId }, signal },
      }),
    enabled: asked !== '' && ticketId !== null,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <Section title={t('canned.preview')} hint={t('canned.previewHint')}>
      <div className="flex flex-wrap items-start gap-4">
        <div className="w-36">
          <TextField
            label={t('canned.ticket')}
            inputMode="numeric"
            value={typed ?? (some === null ? '' : String(some))}
            onChange={({ target }) => setTyped(target.value.replaceAll(/\D/g, ''))}
          />
        </div>
        <div aria-live="polite" className="min-w-0 flex-1 basis-64">
          {ticketId === null ? <p className="text-soft">{t('canned.noTicket')}</p> : null}
          {filled.isError ? <p className="text-danger">{words(filled.error)}</p> : null}
          {filled.data === undefined || filled.isError || asked === '' ? null : (
            <p dir="auto" className="rounded-md bg-sunken p-3 break-words whitespace-pre-line">
              {filled.data.body}
            </p>
          )}
          {(filled.data?.missing.length ?? 0) === 0 ? null : (
            <p className="mt-1 text-[13px] text-warn">
              {t('canned.missing', { list: filled.data?.missing.join(', ') })}
            </p>
          )}
        </div>
      </div>
    </Section>
  );
}
