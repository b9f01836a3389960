// What differs between two versions of a policy or calendar, in words: what went away and what came, field by field.
import { useTranslation } from 'react-i18next';
import { GOAL_NAMES } from '#domain/desk.ts';
import { WEEKDAYS } from '#domain/calendar-compile.ts';
import { durationText } from './durations.ts';
import { spansText } from './day-spans.ts';
import type { Calendar, CalendarContent, FieldChange, PolicyContent, Reach } from './types.ts';
import { useDates } from './dates.ts';
import { useSlaWords } from './words.ts';

/** One field: what is only before, and what is only after. */
export interface ChangeLine {
  field: string;
  gone: string[];
  come: string[];
}

const KNOWN = [
  ...(['name', 'conditions', 'calendarId', 'goals', 'pauseStatuses', 'escalations'] as const),
  ...(['appliesTo', 'position', 'timeZone', 'hours', 'holidays', 'overrides'] as const),
];
type Known = (typeof KNOWN)[number];

/** The fields in which two contents differ; the order of their members does not matter. */
export function changesBetween(before: object, after: object): FieldChange[] {
  const from = before as Record<string, unknown>;
  const to = after as Record<string, unknown>;
  return KNOWN.filter((field) => canonical(from[field]) !== canonical(to[field])).map((field) => ({
    ...{ field, before: from[field] ?? null, after: to[field] ?? null },
  }));
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** Turns changes into lines. */
export function useChangeWords(): (changes: readonly FieldChange[]) => ChangeLine[] {
  const { t } = useTranslation();
  const parts = useParts();
  return (changes) =>
    changes.flatMap(({ field, before, after }) => {
      const known = KNOWN.find((one) => one === field);
      if (known === undefined) return [];
      const was = before === null ? [] : parts(known, before);
      const is = after === null ? [] : parts(known, after);
      const gone = was.filter((one) => !is.includes(one));
      const come = is.filter((one) => !was.includes(one));
      const moved = gone.length + come.length === 0;
      return [
        {
          field: t(`slaAdmin.changed.${known}`),
          gone: moved ? was : gone,
          come: moved ? is : come,
        },
      ];
    });
}

/** The members of a field, each in words. */
function useParts(): (field: Known, value: unknown) => string[] {
  const { t } = useTranslation();
  const words = useSlaWords();
  const dates = useDates();
  const goalLines = (goals: PolicyContent['goals']): string[] =>
    GOAL_NAMES.flatMap((name) => {
      const target = goals[name];
      if (target === undefined) return [];
      const base = { goal: words.goal(name), span: durationText(target.seconds) };
      return target.dueSoonSeconds === undefined
        ? [t('slaAdmin.goalLine', base)]
        : [t('slaAdmin.goalLineSoon', { ...base, soon: durationText(target.dueSoonSeconds) })];
    });
  const day = (spans: [string, string][]): string =>
    spans.length === 0 ? t('slaAdmin.closed') : spansText(spans);
  const weekLines = (hours: CalendarContent['hours']): string[] =>
    hours === 'always'
      ? [t('slaAdmin.aroundTheClock')]
      : WEEKDAYS.map((name, index) => `${dates.weekday(index)}: ${day(hours[name] ?? [])}`);
  return (field, value) => {
    switch (field) {
      case 'conditions':
        return (value as PolicyContent['conditions']).map(words.condition);
      case 'calendarId':
        return [words.calendar(value as string)];
      case 'goals':
        return goalLines(value as PolicyContent['goals']);
      case 'pauseStatuses':
        return (value as string[]).map(words.status);
      case 'escalations':
        return (value as PolicyContent['escalations']).map(words.step);
      case 'appliesTo':
        return [t(`slaAdmin.reaches.${value as Reach}`)];
      case 'hours':
        return weekLines(value as CalendarContent['hours']);
      case 'holidays':
        return (value as string[]).map(dates.holiday);
      case 'overrides':
        return Object.entries(value as NonNullable<Calendar['overrides']>).map(
          ([date, spans]) => `${dates.date(date)}: ${day(spans)}`,
        );
      case 'position':
        return [String(Number(value) + 1)];
      default:
        return [String(value)];
    }
  };
}
