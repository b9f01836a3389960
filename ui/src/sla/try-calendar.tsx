// "If a ticket comes at … with a goal of …, it is due at …": asked of the desk with the calendar as it is typed.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';
import { TextField } from '../components/field.tsx';
import { DurationField } from './duration-field.tsx';
import { instantIn, localIn } from './day-spans.ts';
import type { CalendarContent } from './types.ts';

const DEFAULT_SECONDS = 4 * 3_600;

export function TryCalendar({ calendar, usable }: { calendar: CalendarContent; usable: boolean }) {
  const { t, i18n } = useTranslation();
  const words = useWordsFor();
  const { timeZone } = calendar;
  const [comes, setComes] = useState(() => localIn(timeZone, Date.now()));
  const [seconds, setSeconds] = useState<number | undefined>(DEFAULT_SECONDS);
  const asked = useDeferredValue(JSON.stringify({ calendar, comes, seconds }));
  const ready = usable && comes !== '' && seconds !== undefined && !Number.isNaN(seconds);
  const due = useQuery({
    queryKey: ['businessHours', asked],
    queryFn: ({ signal }) => {
      const { name: _name, ...hours } = calendar;
      const start = new Date(instantIn(timeZone, comes)).toISOString();
      return call<{ dueAt: string | null }>('POST', '/api/v1/business-hours/preview', {
        body: { calendar: hours, start, goalSeconds: seconds },
        signal,
      });
    },
    enabled: ready,
    placeholderData: keepPreviousData,
  });
  const said = (iso: string, zone?: string): string =>
    new Intl.DateTimeFormat(i18n.language, {
      ...{ weekday: 'long', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
      ...(zone === undefined ? {} : { timeZone: zone }),
    }).format(new Date(iso));
  const answer = due.data?.dueAt;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div className="flex flex-col gap-3">
      <TextField
        type="datetime-local"
        label={t('slaAdmin.tryComes')}
        hint={t('slaAdmin.inZone', { zone: timeZone })}
        value={comes}
        onChange={({ target }) => setComes(target.value)}
      />
      <DurationField
        label={t('slaAdmin.tryGoal')}
        hint={t('slaAdmin.tryGoalHint')}
        value={seconds}
        onChange={setSeconds}
      />
      {due.isError ? (
        <p role="alert" className="text-danger">
          {words(due.error)}
        </p>
      ) : null}
      {!ready || answer === undefined || due.isError ? null : (
        <p role="status" className="rounded-md bg-tint px-3 py-2 text-accent">
          {answer === null ? (
            t('slaAdmin.tryNever')
          ) : (
            <>
              <b className="font-semibold">
                {t('slaAdmin.tryDue', { at: said(answer, timeZone) })}
              </b>
              {here === timeZone ? null : (
                <span className="block text-[13px]">
                  {t('slaAdmin.tryDueHere', { at: said(answer) })}
                </span>
              )}
            </>
          )}
        </p>
      )}
    </div>
  );
}
