// Somebody's ranges out of office: planned, with what each would do, and taken back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client.ts';
import type { Page } from '../../../api/types.ts';
import { Failure, Skeleton, useWordsFor } from '../../../components/bits.tsx';
import { Button, IconButton } from '../../../components/button.tsx';
import { TextField } from '../../../components/field.tsx';
import { at } from '../../../lib/time.ts';
import { useSlowNow } from '../../../lib/use-now.ts';
import { Section, useMayChange } from '../../../sla/frame.tsx';
import { errorsAt } from '../../../sla/use-save.ts';
import { USERS } from '../types.ts';
import { PreviewPanel } from './preview-panel.tsx';

interface Range {
  id: string;
  from: string;
  to: string;
  note: string | null;
}

export function OutOfOffice({ userId }: { userId: string }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const words = useWordsFor();
  const nowMs = useSlowNow();
  const mayChange = useMayChange() === true;
  const path = `${USERS}/${userId}/out-of-office`;
  const ranges = useQuery({
    queryKey: ['out-of-office', userId],
    queryFn: () => call<Page<Range>>('GET', path),
  });
  const refresh = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['out-of-office', userId] });
    await client.invalidateQueries({ queryKey: ['all', USERS] });
  };
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE', `${path}/${id}`),
    onSettled: refresh,
  });
  const items = ranges.data?.items ?? [];
  return (
    <Section title={t('admin.people.outOfOffice')} hint={t('admin.people.outOfOfficeHint')}>
      {ranges.isError ? <Failure error={ranges.error} /> : null}
      {ranges.isPending ? <Skeleton lines={2} /> : null}
      {ranges.data !== undefined && items.length === 0 ? (
        <p className="text-soft">{t('admin.people.noRanges')}</p>
      ) : null}
      <ul className="flex flex-col divide-y divide-line">
        {items.map((range) => {
          const when = `${at(range.from, nowMs, i18n.language)} – ${at(range.to, nowMs, i18n.language)}`;
          return (
            <li key={range.id} className="flex items-center gap-3 py-1.5">
              <span className="min-w-0 flex-1">
                {when}
                {range.note === null ? null : (
                  <bdi className="block text-[13px] text-soft">{range.note}</bdi>
                )}
              </span>
              {mayChange ? (
                <IconButton
                  label={t('admin.people.removeRange', { range: when })}
                  onClick={() => remove.mutate(range.id)}
                >
                  <X size={15} aria-hidden="true" />
                </IconButton>
              ) : null}
            </li>
          );
        })}
      </ul>
      {remove.isError ? (
        <p role="alert" className="text-danger">
          {words(remove.error)}
        </p>
      ) : null}
      {mayChange ? <NewRange userId={userId} path={path} onMade={refresh} /> : null}
    </Section>
  );
}

function NewRange({
  userId,
  path,
  onMade,
}: {
  userId: string;
  path: string;
  onMade: () => Promise<void>;
}) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const nowMs = useSlowNow();
  const [typed, setTyped] = useState({ from: '', to: '', note: '' });
  const [key, setKey] = useState(() => crypto.randomUUID());
  const from = instantOf(typed.from);
  const to = instantOf(typed.to);
  const add = useMutation({
    mutationFn: () =>
      call('POST', path, {
        body: { from, to, note: typed.note.trim() === '' ? null : typed.note.trim() },
        idempotencyKey: key,
      }),
    onSuccess: async () => {
      setTyped({ from: '', to: '', note: '' });
      setKey(crypto.randomUUID());
      await onMade();
    },
    onError: () => setKey(crypto.randomUUID()),
  });
  const errorAt = errorsAt(add.error);
  const whole = from !== null && to !== null && from < to && Date.parse(to) > nowMs;
  return (
    <form
      className="mt-3 flex flex-col gap-3 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <div className="grid items-start gap-3 sm:grid-cols-[1fr_1fr_1fr_auto]">
        <TextField
          required
          type="datetime-local"
          label={t('admin.people.from')}
          value={typed.from}
          error={errorAt('/from')}
          onChange={({ target }) => setTyped({ ...typed, from: target.value })}
        />
        <TextField
          required
          type="datetime-local"
          label={t('admin.people.to')}
          value={typed.to}
          error={errorAt('/to')}
          onChange={({ target }) => setTyped({ ...typed, to: target.value })}
        />
        <TextField
          label={t('admin.people.note')}
          maxLength={500}
          value={typed.note}
          onChange={({ target }) => setTyped({ ...typed, note: target.value })}
        />
        <Button type="submit" className="sm:mt-6" disabled={!whole} busy={add.isPending}>
          {t('admin.people.addRange')}
        </Button>
      </div>
      {add.isError && errorAt('/from') === undefined && errorAt('/to') === undefined ? (
        <p role="alert" className="text-danger">
          {words(add.error)}
        </p>
      ) : null}
      {whole ? <PreviewPanel userId={userId} draft={{ outOfOffice: [{ from, to }] }} /> : null}
    </form>
  );
}

/** The instant of a date and time as typed, by the reader's own clock. */
function instantOf(local: string): string | null {
  const ms = Date.parse(local);
  return local === '' || Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
