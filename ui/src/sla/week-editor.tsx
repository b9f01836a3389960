// A calendar's week: a line per day with its hours typed and drawn, or open around the clock.
import { useTranslation } from 'react-i18next';
import { WEEKDAYS } from '#domain/calendar-compile.ts';
import { Button } from '../components/button.tsx';
import { useDates } from './dates.ts';
import { DayBar } from './day-bar.tsx';
import { WHOLE_DAY } from './day-spans.ts';
import type { Spans } from './day-spans.ts';
import { SpansField } from './spans-field.tsx';
import type { CalendarContent } from './types.ts';

const OFFICE: Spans = [['09:00', '17:00']];
const OFFICE_DAYS = WEEKDAYS.slice(0, 5);

export function WeekEditor({
  hours,
  onChange,
  errorAt,
}: {
  hours: CalendarContent['hours'];
  onChange: (hours: CalendarContent['hours']) => void;
  errorAt: (pointer: string) => string | undefined;
}) {
  const { t } = useTranslation();
  const dates = useDates();
  const always = hours === 'always';
  const week = hours === 'always' ? {} : hours;
  return (
    <div className="flex flex-col gap-3">
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={always}
          onChange={({ target }) =>
            onChange(
              target.checked
                ? 'always'
                : Object.fromEntries(OFFICE_DAYS.map((day) => [day, OFFICE])),
            )
          }
        />
        {t('slaAdmin.always')}
      </label>
      <ul className="flex flex-col gap-2">
        {WEEKDAYS.map((day, index) => {
          const spans = always ? WHOLE_DAY : (week[day] ?? []);
          return (
            <li
              key={day}
              className="grid items-center gap-x-3 gap-y-1 sm:grid-cols-[6.5rem_minmax(0,15rem)_1fr]"
            >
              <span className="font-medium">{dates.weekday(index)}</span>
              {always ? (
                <span className="text-soft">{t('slaAdmin.allDay')}</span>
              ) : (
                <SpansField
                  quiet
                  label={dates.weekday(index)}
                  spans={spans}
                  error={errorUnder(errorAt, `/hours/${day}`)}
                  onChange={(next) => onChange({ ...week, [day]: next })}
                />
              )}
              <DayBar spans={spans} />
            </li>
          );
        })}
      </ul>
      {errorAt('/hours') === undefined ? null : (
        <p role="alert" className="text-danger">
          {errorAt('/hours')}
        </p>
      )}
      {always ? null : (
        <div>
          <Button
            small
            onClick={() =>
              onChange({
                ...week,
                ...Object.fromEntries(OFFICE_DAYS.map((day) => [day, week.mon ?? []])),
              })
            }
          >
            {t('slaAdmin.copyMonday')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** The desk's word on any of a day's spans. */
function errorUnder(
  errorAt: (pointer: string) => string | undefined,
  pointer: string,
): string | undefined {
  const parts = ['', ...Array.from({ length: 24 }, (_, span) => `/${span}`)].flatMap((part) => [
    part,
    `${part}/0`,
    `${part}/1`,
  ]);
  return parts.map((part) => errorAt(pointer + part)).find((one) => one !== undefined);
}
