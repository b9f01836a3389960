// Somebody's weekly hours in their own zone, drawn; and what a change of them would do.
import { useTranslation } from 'react-i18next';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { Section } from '../../../sla/frame.tsx';
import { WeekEditor } from '../../../sla/week-editor.tsx';
import { ZonePicker } from '../../../sla/zone-picker.tsx';
import { Tick } from '../parts/fields.tsx';
import { PreviewPanel } from './preview-panel.tsx';

const OFFICE: CalendarDefinition['hours'] = Object.fromEntries(
  (['mon', 'tue', 'wed', 'thu', 'fri'] as const).map((day) => [day, [['09:00', '17:00']]]),
);

export function HoursSection({
  id,
  saved,
  hours,
  unreadable,
  errorAt,
  onChange,
}: {
  id: string | null;
  saved: CalendarDefinition | null;
  hours: CalendarDefinition | null;
  unreadable: boolean;
  errorAt: (pointer: string) => string | undefined;
  onChange: (hours: CalendarDefinition | null) => void;
}) {
  const { t } = useTranslation();
  const changed = JSON.stringify(saved) !== JSON.stringify(hours);
  return (
    <Section title={t('admin.people.hours')} hint={t('admin.people.hoursHint')}>
      <div className="flex flex-col gap-4">
        <Tick
          label={t('admin.people.ownHours')}
          checked={hours !== null}
          onChange={(own) => {
            const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
            onChange(own ? (saved ?? { timeZone, hours: OFFICE }) : null);
          }}
        />
        {hours === null ? (
          <p className="text-soft">{t('admin.people.noHours')}</p>
        ) : (
          <>
            <div className="max-w-xs">
              <ZonePicker
                zone={hours.timeZone}
                error={errorAt('/timeZone')}
                onChange={(timeZone) => onChange({ ...hours, timeZone })}
              />
            </div>
            <WeekEditor
              hours={hours.hours}
              errorAt={errorAt}
              onChange={(week) => onChange({ ...hours, hours: week })}
            />
          </>
        )}
        {id !== null && changed && !unreadable ? (
          <PreviewPanel userId={id} draft={{ workingHours: hours }} />
        ) : null}
      </div>
    </Section>
  );
}
