// The list of calendars, each with its week drawn.
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { WEEKDAYS } from '#domain/calendar-compile.ts';
import { Badge, Empty, Failure, Skeleton } from '../components/bits.tsx';
import { useDates } from './dates.ts';
import { DayBar } from './day-bar.tsx';
import { WHOLE_DAY } from './day-spans.ts';
import { SettingsFrame, useMayChange } from './frame.tsx';
import { useCalendars, usePolicies } from './queries.ts';
import type { Calendar } from './types.ts';

export function CalendarsPage() {
  const { t } = useTranslation();
  const calendars = useCalendars();
  const mayChange = useMayChange() === true;
  return (
    <SettingsFrame
      title={t('slaAdmin.calendars')}
      hint={t('slaAdmin.calendarsHint')}
      acts={
        mayChange ? (
          <Link
            to="/settings/calendars/$calendarId"
            params={{ calendarId: 'new' }}
            className="inline-flex h-9 items-center gap-1.5 rounded-md bg-accent px-3 font-medium text-on-accent hover:brightness-95"
          >
            <Plus size={15} aria-hidden="true" />
            {t('slaAdmin.newCalendar')}
          </Link>
        ) : null
      }
    >
      {calendars.isError ? (
        <Failure error={calendars.error} again={() => void calendars.refetch()} />
      ) : null}
      {calendars.isPending ? <Skeleton lines={6} /> : null}
      {calendars.data?.length === 0 ? (
        <Empty title={t('slaAdmin.noCalendars')}>{t('slaAdmin.noCalendarsHint')}</Empty>
      ) : null}
      <ul className="grid gap-3 sm:grid-cols-2">
        {(calendars.data ?? []).map((calendar) => (
          <li key={calendar.id}>
            <Card calendar={calendar} />
          </li>
        ))}
      </ul>
    </SettingsFrame>
  );
}

function Card({ calendar }: { calendar: Calendar }) {
  const { t } = useTranslation();
  const dates = useDates();
  const policies = usePolicies();
  const { id, name, version, timeZone, hours } = calendar;
  const users = (policies.data ?? [])
    .filter(({ calendarId }) => calendarId === id)
    .map((policy) => policy.name);
  return (
    <Link
      to="/settings/calendars/$calendarId"
      params={{ calendarId: id }}
      className="flex h-full flex-col gap-2 rounded-lg border border-line bg-raised p-3 hover:bg-sunken"
    >
      <span className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{name}</span>
        <Badge>{t('slaAdmin.version', { version })}</Badge>
        <span className="text-soft">{timeZone}</span>
      </span>
      {WEEKDAYS.map((day, index) => (
        <span key={day} className="flex items-center gap-2 text-xs text-soft">
          <span className="w-20">{dates.weekday(index)}</span>
          <DayBar spans={hours === 'always' ? WHOLE_DAY : (hours[day] ?? [])} />
        </span>
      ))}
      {users.length === 0 ? null : (
        <span className="text-[13px] text-soft">
          {t('slaAdmin.policies')}
          {t('common.colon')} {users.join(', ')}
        </span>
      )}
    </Link>
  );
}
