// Days with hours of their own: half a day before a feast, a Saturday that is open.
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { useDates } from './dates.ts';
import type { Spans } from './day-spans.ts';
import { SpansField } from './spans-field.tsx';

type Overrides = Record<string, Spans>;

export function OverridesEditor({
  overrides,
  onChange,
}: {
  overrides: Overrides;
  onChange: (overrides: Overrides) => void;
}) {
  const { t } = useTranslation();
  const dates = useDates();
  const [date, setDate] = useState('');
  const days = Object.entries(overrides).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const add = (): void => {
    onChange({ ...overrides, [date]: [['09:00', '12:00']] });
    setDate('');
  };
  return (
    <div className="flex flex-col gap-3">
      <ul className="flex flex-col gap-2">
        {days.map(([day, spans]) => (
          <li key={day} className="flex flex-wrap items-center gap-2">
            <span className="w-36 tabular-nums">{dates.date(day)}</span>
            <div className="min-w-0 flex-1 basis-40">
              <SpansField
                quiet
                label={`${t('slaAdmin.overrideHours')}${t('common.colon')} ${dates.date(day)}`}
                spans={spans}
                onChange={(next) => onChange({ ...overrides, [day]: next })}
              />
            </div>
            <IconButton
              label={t('slaAdmin.removeDay', { day: dates.date(day) })}
              onClick={() => onChange(Object.fromEntries(days.filter(([other]) => other !== day)))}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap items-end gap-2">
        <TextField
          type="date"
          label={t('slaAdmin.overrideDate')}
          value={date}
          onChange={({ target }) => setDate(target.value)}
        />
        <Button disabled={date === '' || date in overrides} onClick={add}>
          <Plus size={15} aria-hidden="true" />
          {t('slaAdmin.addOverride')}
        </Button>
      </div>
    </div>
  );
}
