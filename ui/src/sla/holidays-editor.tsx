// Holidays: by day, by range, or taken from a file; past ones are folded away.
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { useDates } from './dates.ts';
import { HolidayImportButton } from './holiday-import.tsx';

export function HolidaysEditor({
  calendarId,
  holidays,
  today,
  onChange,
  onImport,
}: {
  calendarId: string | null;
  holidays: string[];
  today: string;
  onChange: (holidays: string[]) => void;
  onImport: (dates: string[]) => void;
}) {
  const { t } = useTranslation();
  const past = holidays.filter((one) => lastDay(one) < today);
  const coming = holidays.filter((one) => lastDay(one) >= today);
  const remove = (day: string): void => onChange(holidays.filter((one) => one !== day));
  return (
    <div className="flex flex-col gap-3">
      {holidays.length === 0 ? <p className="text-soft">{t('slaAdmin.noHolidays')}</p> : null}
      <DayList days={coming} onRemove={remove} />
      {past.length === 0 ? null : (
        <details>
          <summary className="cursor-pointer text-soft">
            {t('slaAdmin.past', { count: past.length })}
          </summary>
          <div className="mt-2">
            <DayList days={past} onRemove={remove} />
          </div>
        </details>
      )}
      <AddHoliday onAdd={(day) => onChange(withDays(holidays, [day]))} />
      {calendarId === null ? (
        <p className="text-[13px] text-soft">{t('slaAdmin.importNew')}</p>
      ) : (
        <HolidayImportButton
          calendarId={calendarId}
          known={holidays}
          onAdd={(dates) => {
            onChange(withDays(holidays, dates));
            onImport(dates);
          }}
        />
      )}
    </div>
  );
}

/** Holidays with some more, each once, in their order. */
export const withDays = (holidays: readonly string[], more: readonly string[]): string[] =>
  [...new Set([...holidays, ...more])].toSorted();

const lastDay = (holiday: string): string => holiday.split('/').at(-1) ?? holiday;

function DayList({ days, onRemove }: { days: string[]; onRemove: (day: string) => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  return (
    <ul className="flex flex-wrap gap-2">
      {days.map((day) => (
        <li
          key={day}
          className="flex items-center gap-1 rounded-md border border-line ps-2.5 tabular-nums"
        >
          {dates.holiday(day)}
          <IconButton
            label={t('slaAdmin.removeDay', { day: dates.holiday(day) })}
            onClick={() => onRemove(day)}
          >
            <X size={14} aria-hidden="true" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function AddHoliday({ onAdd }: { onAdd: (day: string) => void }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const fault = from !== '' && to !== '' && to < from ? t('slaAdmin.rangeFault') : undefined;
  const add = (): void => {
    onAdd(to === '' || to === from ? from : `${from}/${to}`);
    setFrom('');
    setTo('');
  };
  return (
    <div className="flex flex-wrap items-start gap-2">
      <TextField
        type="date"
        label={t('slaAdmin.holidayFrom')}
        value={from}
        onChange={({ target }) => setFrom(target.value)}
      />
      <TextField
        type="date"
        label={t('slaAdmin.holidayTo')}
        min={from}
        value={to}
        error={fault}
        onChange={({ target }) => setTo(target.value)}
      />
      <Button className="mt-[22px]" disabled={from === '' || fault !== undefined} onClick={add}>
        <Plus size={15} aria-hidden="true" />
        {t('slaAdmin.addHoliday')}
      </Button>
    </div>
  );
}
