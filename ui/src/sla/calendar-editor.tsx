// The editor of a calendar; what is typed is drawn and can be tried at once, beside it.
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { TextField } from '../components/field.tsx';
import { useSlowNow } from '../lib/use-now.ts';
import { localIn } from './day-spans.ts';
import { AskBeforeLeaving } from './ask-before-leaving.tsx';
import { FoundDraft } from './found-draft.tsx';
import { useDraft } from './draft.ts';
import { Section, useMayChange } from './frame.tsx';
import { HolidaysEditor } from './holidays-editor.tsx';
import { NextDays } from './next-days.tsx';
import { OverridesEditor } from './overrides-editor.tsx';
import { Conflict, SavePanel } from './save-panel.tsx';
import { isUnreadable } from './spans-field.tsx';
import { TryCalendar } from './try-calendar.tsx';
import { CALENDARS } from './types.ts';
import type { Calendar, CalendarContent } from './types.ts';
import { errorsAt, useSave } from './use-save.ts';
import { WeekEditor } from './week-editor.tsx';
import { ZonePicker } from './zone-picker.tsx';

interface Props {
  id: string | null;
  version: number;
  saved: CalendarContent;
  /** What stands beside the editor, under the drawing. */
  children?: ReactNode;
}

export function CalendarEditor({ id, version, saved, children }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange() === true;
  const drafted = useDraft(`calendar ${id ?? 'new'}`, saved, version);
  const { draft, changed, found, drop } = drafted;
  const save = useSave<Calendar>(CALENDARS, id);
  const faults = useFaults(draft.content);
  const today = useToday(draft.content.timeZone);
  const send = (base: number): void =>
    save.mutate(
      { content: draft.content, base, reason: draft.reason },
      {
        onSuccess: (calendar) => {
          drop();
          save.reset();
          toast.success(t('slaAdmin.saved', { version: calendar.version }));
          if (id === null)
            void navigate({
              to: '/settings/calendars/$calendarId',
              params: { calendarId: calendar.id },
            });
        },
      },
    );
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <FoundDraft shown={found && changed} onDrop={drop} />
        <AskBeforeLeaving isUnsaved={drafted.isUnsaved} onDrop={drop} />
        <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
          <Fields id={id} drafted={drafted} today={today} errorAt={errorsAt(save.error)} />
        </fieldset>
        {id !== null && changed && version > draft.base ? (
          <Conflict
            {...{ path: CALENDARS, id, base: draft.base }}
            onTheirs={drop}
            onMine={(present) => {
              drafted.rebase(present);
              send(present);
            }}
          />
        ) : null}
        {mayChange ? (
          <SavePanel
            {...{ faults, changed: changed || id === null, busy: save.isPending }}
            {...{ reason: draft.reason, onReason: drafted.explain, error: save.error }}
            onSave={() => send(draft.base)}
            onDrop={() => {
              save.reset();
              drop();
            }}
          />
        ) : null}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Section title={t('slaAdmin.tryCalendar')}>
          <TryCalendar calendar={draft.content} usable={!hasUnreadable(draft.content)} />
        </Section>
        <Section title={t('slaAdmin.nextDays')}>
          <NextDays calendar={draft.content} today={today} />
        </Section>
        {children}
      </div>
    </div>
  );
}

/** The date in the calendar's own zone. */
function useToday(timeZone: string): string {
  return localIn(timeZone, useSlowNow()).slice(0, 10);
}

function hasUnreadable({ hours, overrides = {} }: CalendarContent): boolean {
  const days = [...(hours === 'always' ? [] : Object.values(hours)), ...Object.values(overrides)];
  return days.some(isUnreadable);
}

function useFaults(content: CalendarContent): string[] {
  const { t } = useTranslation();
  return [
    ...(content.name.trim() === '' ? [t('slaAdmin.nameNeeded')] : []),
    ...(hasUnreadable(content) ? [t('slaAdmin.spansFault')] : []),
  ];
}

function Fields({
  id,
  drafted: { draft, edit, explain },
  today,
  errorAt,
}: {
  id: string | null;
  drafted: ReturnType<typeof useDraft<CalendarContent>>;
  today: string;
  errorAt: (pointer: string) => string | undefined;
}) {
  const { t } = useTranslation();
  const { content, reason } = draft;
  return (
    <>
      <Section title={t('slaAdmin.week')} hint={t('slaAdmin.weekHint')}>
        <div className="flex flex-col gap-4">
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField
              required
              label={t('slaAdmin.name')}
              maxLength={200}
              value={content.name}
              error={errorAt('/name')}
              onChange={({ target }) => edit({ name: target.value })}
            />
            <ZonePicker
              zone={content.timeZone}
              error={errorAt('/timeZone')}
              onChange={(timeZone) => edit({ timeZone })}
            />
          </div>
          <WeekEditor
            hours={content.hours}
            errorAt={errorAt}
            onChange={(hours) => edit({ hours })}
          />
        </div>
      </Section>
      <Section title={t('slaAdmin.holidays')} hint={t('slaAdmin.holidaysHint')}>
        <HolidaysEditor
          calendarId={id}
          holidays={content.holidays ?? []}
          today={today}
          onChange={(holidays) => edit({ holidays })}
          onImport={(dates) => {
            if (reason === '') explain(t('slaAdmin.importReason', { count: dates.length }));
          }}
        />
      </Section>
      <Section title={t('slaAdmin.overrides')} hint={t('slaAdmin.overridesHint')}>
        <OverridesEditor
          overrides={content.overrides ?? {}}
          onChange={(overrides) => edit({ overrides })}
        />
      </Section>
    </>
  );
}
