// Every message that arrived: what became of it, its source as text, and a second try for what was held back.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../api/client.ts';
import type { Page } from '../../api/types.ts';
import { Badge, Empty, Failure, Skeleton, useWordsFor } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField } from '../../components/field.tsx';
import { at, exact } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { SettingsFrame } from '../../sla/frame.tsx';
import { fetchNext } from '../../lib/more-pages.ts';
import { PLAIN_LINK } from './parts/rows.ts';
import { fetchSource, SOURCE_SHOWN } from './parts/source.ts';

const OUTCOMES = ['quarantined', 'ignored', 'ticket', 'reply'] as const;
type Outcome = (typeof OUTCOMES)[number];
const TONES = { quarantined: 'warn', ignored: 'neutral', ticket: 'good', reply: 'accent' } as const;

interface Inbound {
  id: string;
  channel: 'email' | 'api' | 'form';
  outcome: Outcome;
  reason: string | null;
  ticketId: number | null;
  externalId: string | null;
  receivedAt: string;
}

export function IncomingPage() {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<Outcome | ''>('');
  const [shown, setShown] = useState<Inbound | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['inbound', outcome],
    queryFn: ({ pageParam }) =>
      call<Page<Inbound>>('GET', '/api/v1/inbound', {
        query: { outcome, limit: 50, cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SettingsFrame
      needs="inbound.view"
      title={t('admin.pages.incoming')}
      hint={t('admin.hints.incoming')}
    >
      <div className="max-w-60">
        <SelectField
          label={t('admin.incoming.filter')}
          value={outcome}
          onChange={({ target }) => setOutcome(target.value as Outcome | '')}
        >
          <option value="">{t('admin.incoming.all')}</option>
          {OUTCOMES.map((one) => (
            <option key={one} value={one}>
              {t(`admin.incoming.outcomes.${one}`)}
            </option>
          ))}
        </SelectField>
      </div>
      {list.isError ? <Failure error={list.error} again={() => void list.refetch()} /> : null}
      {list.isPending ? <Skeleton lines={6} /> : null}
      {list.data !== undefined && items.length === 0 ? (
        <Empty title={t('admin.incoming.none')}>{t('admin.incoming.noneHint')}</Empty>
      ) : null}
      <ul className="flex flex-col divide-y divide-line rounded-lg border border-line bg-raised empty:hidden">
        {items.map((one) => (
          <InboundRow key={one.id} inbound={one} onShow={() => setShown(one)} />
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button
          className="self-center"
          busy={list.isFetchingNextPage}
          onClick={() => void fetchNext(list)}
        >
          {t('admin.showMore')}
        </Button>
      ) : null}
      <Dialog
        wide
        open={shown !== null}
        onClose={() => setShown(null)}
        title={t('admin.incoming.sourceTitle')}
        hint={t('admin.incoming.sourceHint')}
      >
        {shown === null ? null : <Source id={shown.id} />}
      </Dialog>
    </SettingsFrame>
  );
}

function InboundRow({ inbound, onShow }: { inbound: Inbound; onShow: () => void }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const { outcome, reason, ticketId, receivedAt, channel } = inbound;
  const why = useReasons();
  const held = outcome === 'quarantined' || outcome === 'ignored';
  return (
    <li data-outcome={outcome} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-3 py-2">
      <span className="w-28">
        <Badge tone={TONES[outcome]}>{t(`admin.incoming.outcomes.${outcome}`)}</Badge>
      </span>
      <span className="min-w-0 flex-1 basis-56">
        <span className="block break-words">
          {ticketId === null ? (
            why(reason)
          ) : (
            <Link
              to="/tickets/$ticketId"
              params={{ ticketId: String(ticketId) }}
              className="text-accent underline"
            >
              {t('admin.incoming.ticket', { id: ticketId })}
            </Link>
          )}
        </span>
        <span className="block truncate text-xs text-soft" title={exact(receivedAt, i18n.language)}>
          {[
            at(receivedAt, nowMs, i18n.language),
            t(`admin.incoming.channels.${channel}`),
            ...(inbound.externalId === null ? [] : [inbound.externalId]),
          ].join(' · ')}
        </span>
      </span>
      <span className="flex gap-2">
        <Button small onClick={onShow}>
          {t('admin.incoming.source')}
        </Button>
        {held ? <Retry id={inbound.id} /> : null}
      </span>
    </li>
  );
}

const REASONS = [
  ...(['noSender', 'ownAddress', 'senderLimit', 'senderRate'] as const),
  ...(['unreadable', 'tooLarge', 'automaticUnthreaded', 'duplicateInTicket'] as const),
];

/** Why a message went no further, in words: a code, with what the mail server said behind it. */
function useReasons(): (reason: string | null) => string {
  const { t } = useTranslation();
  return (reason) => {
    if (reason === null) return t('admin.incoming.noReason');
    const [code = '', ...words] = reason.split(': ');
    const known = REASONS.find((one) => one === code);
    if (known === undefined) return reason;
    return t(`admin.incoming.reasons.${known}`, { words: words.join(': ') });
  };
}

function Retry({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const words = useWordsFor();
  const retry = useMutation({
    mutationFn: () => call<Inbound>('POST', `/api/v1/inbound/${id}/retry`),
    onSuccess: async ({ ticketId, outcome }) => {
      await client.invalidateQueries({ queryKey: ['inbound'] });
      if (ticketId !== null) toast.success(t('admin.incoming.retried', { ticket: ticketId }));
      else {
        toast(
          t('admin.incoming.retriedOther', { outcome: t(`admin.incoming.outcomes.${outcome}`) }),
        );
      }
    },
    onError: (error) => toast.error(words(error)),
  });
  return (
    <Button small busy={retry.isPending} onClick={() => retry.mutate()}>
      {t('admin.incoming.retry')}
    </Button>
  );
}

/** The raw message: text in a text element, never a document. */
function Source({ id }: { id: string }) {
  const { t } = useTranslation();
  const source = useQuery({
    queryKey: ['inbound-source', id],
    queryFn: () => fetchSource(id),
    staleTime: Infinity,
  });
  if (source.isError) return <Failure error={source.error} again={() => void source.refetch()} />;
  if (source.data === undefined) return <Skeleton lines={8} />;
  return (
    <div className="flex flex-col gap-3">
      <pre
        tabIndex={0}
        data-testid="source"
        aria-label={t('admin.incoming.source')}
        className="max-h-[55vh] overflow-auto rounded-md border border-line bg-sunken p-3 text-xs break-all whitespace-pre-wrap"
      >
        {source.data.slice(0, SOURCE_SHOWN)}
      </pre>
      <div className="flex items-center justify-between gap-3">
        <span className="text-xs text-soft">
          {source.data.length > SOURCE_SHOWN ? t('admin.incoming.sourceCut') : ''}
        </span>
        <a href={`/api/v1/inbound/${id}/source`} download="source.eml" className={PLAIN_LINK}>
          {t('admin.incoming.download')}
        </a>
      </div>
    </div>
  );
}
