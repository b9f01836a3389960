// One calendar: its editor beside the fortnight it makes, a ticket tried on it, the rollout of the last save, and its versions.
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Badge, Empty, Failure, Skeleton } from '../components/bits.tsx';
import { CalendarEditor } from './calendar-editor.tsx';
import { SettingsFrame } from './frame.tsx';
import { useCalendars } from './queries.ts';
import { RemoveButton } from './remove-button.tsx';
import { RolloutPanel } from './rollout-panel.tsx';
import { CALENDARS } from './types.ts';
import type { Calendar, CalendarContent } from './types.ts';
import { VersionsPanel } from './versions-panel.tsx';

function blank(): CalendarContent {
  const day: [string, string][] = [['09:00', '17:00']];
  return {
    name: '',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    hours: { mon: day, tue: day, wed: day, thu: day, fri: day },
  };
}

function contentOf(calendar: Calendar): CalendarContent {
  const { id: _id, version: _version, ...content } = calendar;
  return content;
}

export function CalendarPage() {
  const { t } = useTranslation();
  const { calendarId } = useParams({ from: '/desk/settings/calendars/$calendarId' });
  const { version: asked } = useSearch({ from: '/desk/settings/calendars/$calendarId' });
  const calendars = useCalendars();
  const navigate = useNavigate();
  const back = { to: '/settings/calendars', label: t('slaAdmin.calendars') } as const;
  if (calendars.isError)
    return <Failure error={calendars.error} again={() => void calendars.refetch()} />;
  if (calendars.data === undefined) return <Skeleton lines={8} />;
  if (calendarId === 'new')
    return (
      <SettingsFrame title={t('slaAdmin.newCalendar')} back={back}>
        <CalendarEditor id={null} version={0} saved={blank()} />
      </SettingsFrame>
    );
  const calendar = calendars.data.find((one) => one.id === calendarId);
  if (calendar === undefined) return <Empty title={t('errors.notFound')} />;
  const { id, name, version } = calendar;
  return (
    <SettingsFrame
      back={back}
      title={
        <>
          {name}
          <Badge>{t('slaAdmin.version', { version })}</Badge>
        </>
      }
      acts={
        <RemoveButton
          path={CALENDARS}
          id={id}
          name={name}
          hint={t('slaAdmin.removeCalendar')}
          onRemoved={() => void navigate({ to: back.to })}
        />
      }
    >
      <CalendarEditor key={id} id={id} version={version} saved={contentOf(calendar)}>
        <RolloutPanel path={CALENDARS} id={id} />
        <VersionsPanel
          key={asked}
          thing={{ path: CALENDARS, id, present: version }}
          asked={asked ?? null}
        />
      </CalendarEditor>
    </SettingsFrame>
  );
}
