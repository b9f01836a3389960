// The next fortnight as a calendar has it, drawn day by day.
import { useTranslation } from 'react-i18next';
import { Badge } from '../components/bits.tsx';
import { useDates } from './dates.ts';
import { DayBar } from './day-bar.tsx';
import { daysFrom, spansText } from './day-spans.ts';
import type { Spans } from './day-spans.ts';
import type { CalendarContent } from './types.ts';

const COUNT = 14;

export function NextDays({ calendar, today }: { calendar: CalendarContent; today: string }) {
  const { t } = useTranslation();
  const dates = useDates();
  const words = (spans: Spans): string => {
    if (spans.length === 0) return t('slaAdmin.closed');
    const all = spans.length === 1 && spans[0]?.[0] === '00:00' && spans[0]?.[1] === '24:00';
    return all ? t('slaAdmin.allDay') : spansText(spans);
  };
  return (
    <ol className="flex flex-col gap-2.5 text-[13px]">
      {daysFrom(calendar, today, COUNT).map(({ date, spans, why }) => (
        <li key={date} className="flex flex-col gap-1">
          <span className="flex items-center gap-2">
            <span className="font-medium tabular-nums">{dates.short(date)}</span>
            {why === 'week' ? null : <Badge tone="warn">{t(`slaAdmin.whys.${why}`)}</Badge>}
            <span className="ms-auto text-end text-soft tabular-nums">{words(spans)}</span>
          </span>
          <span className="flex">
            <DayBar spans={spans} />
          </span>
        </li>
      ))}
    </ol>
  );
}
