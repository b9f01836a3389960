// Holidays out of an iCalendar file: what would come, what is closed already and what is left out, before any of it is taken.
import { useMutation } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { skipWords } from '../lib/known-sentences.ts';
import { useDates } from './dates.ts';
import { CALENDARS } from './types.ts';
import type { HolidayImport } from './types.ts';

interface Props {
  calendarId: string;
  /** What the draft holds already. */
  known: string[];
  onAdd: (dates: string[]) => void;
}

export function HolidayImportButton(props: Props) {
  const { t } = useTranslation();
  const [ics, setIcs] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div>
      <input
        ref={input}
        type="file"
        accept=".ics,text/calendar"
        aria-label={t('slaAdmin.importTitle')}
        tabIndex={-1}
        className="sr-only"
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          target.value = '';
          if (file !== undefined) void file.text().then(setIcs);
        }}
      />
      <Button onClick={() => input.current?.click()}>
        <FileUp size={15} aria-hidden="true" />
        {t('slaAdmin.importFile')}
      </Button>
      <Dialog
        open={ics !== null}
        onClose={() => setIcs(null)}
        title={t('slaAdmin.importTitle')}
        hint={t('slaAdmin.importHint')}
      >
        {ics === null ? null : <Preview {...props} ics={ics} onClose={() => setIcs(null)} />}
      </Dialog>
    </div>
  );
}

const THIS_YEAR = new Date().getFullYear();

function Preview({
  calendarId,
  known,
  onAdd,
  ics,
  onClose,
}: Props & { ics: string; onClose: () => void }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const [from, setFrom] = useState(`${THIS_YEAR}-01-01`);
  const [to, setTo] = useState(`${THIS_YEAR + 2}-12-31`);
  const look = useMutation({
    mutationFn: (range: { from: string; to: string }) =>
      call<HolidayImport>('POST', `${CALENDARS}/${calendarId}/holidays/import`, {
        body: { ics, ...range, dryRun: true },
      }),
  });
  const begun = useRef(false);
  if (!begun.current) {
    begun.current = true;
    queueMicrotask(() => look.mutate({ from, to }));
  }
  const again = (range: { from: string; to: string }): void => {
    setFrom(range.from);
    setTo(range.to);
    if (range.from !== '' && range.to !== '') look.mutate(range);
  };
  const added = (look.data?.added ?? []).filter(({ date }) => !known.includes(date));
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3">
        <TextField
          type="date"
          label={t('slaAdmin.importFrom')}
          value={from}
          onChange={({ target }) => again({ from: target.value, to })}
        />
        <TextField
          type="date"
          label={t('slaAdmin.importTo')}
          value={to}
          onChange={({ target }) => again({ from, to: target.value })}
        />
      </div>
      {look.isError ? (
        <p role="alert" className="text-danger">
          {words(look.error)}
        </p>
      ) : null}
      {look.data === undefined ? null : (
        <>
          {added.length === 0 ? <p>{t('slaAdmin.importNothing')}</p> : null}
          <Found title={t('slaAdmin.importAdded')} holidays={added} />
          <Found title={t('slaAdmin.importKnown')} holidays={look.data.known} />
          <Skipped skipped={look.data.skipped} />
        </>
      )}
      <Button
        kind="primary"
        disabled={added.length === 0}
        busy={look.isPending}
        onClick={() => {
          onAdd(added.map(({ date }) => date));
          onClose();
        }}
      >
        {t('slaAdmin.importAdd', { count: added.length })}
      </Button>
    </div>
  );
}

function Found({ title, holidays }: { title: string; holidays: { date: string; name: string }[] }) {
  const dates = useDates();
  if (holidays.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-[13px] font-semibold text-soft">
        {title} ({holidays.length})
      </h3>
      <ul className="flex flex-col gap-1">
        {holidays.map(({ date, name }) => (
          <li key={date + name} className="flex flex-wrap justify-between gap-x-3">
            <span>{name}</span>
            <span className="text-soft tabular-nums">{dates.holiday(date)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Skipped({ skipped }: { skipped: HolidayImport['skipped'] }) {
  const { t } = useTranslation();
  if (skipped.length === 0) return null;
  return (
    <details>
      <summary className="cursor-pointer text-[13px] font-semibold text-soft">
        {t('slaAdmin.importSkipped')} ({skipped.length})
      </summary>
      <ul className="mt-1 flex flex-col gap-1 text-[13px]">
        {skipped.map(({ name, reason }) => (
          <li key={name + reason}>
            {name}: <span className="text-soft">{skipWords(reason, t)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
