// Working time between instants, by the very calendar version that a ticket's deadlines were counted with.
import { useMemo } from 'react';
import { elapsedMs, isOpenAt, nextOpenMs } from '#domain/business-calendar.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import { useCalendars } from '../../sla/queries.ts';

export interface WorkingClock {
  /** Whether it is the calendar's own; else it counts all hours. */
  known: boolean;
  between: (fromMs: number, toMs: number) => number;
  /** When the hours go on that do not count now; null while they count. */
  closedUntil: (atMs: number) => number | null;
}

const ALL_HOURS: WorkingClock = {
  known: false,
  between: (fromMs, toMs) => toMs - fromMs,
  closedUntil: () => null,
};

/** The clock of a calendar. Without one, while it is not there, and while another version of it is being rolled out: around the clock. */
export function useClock(calendar: { id: string; version: number } | null): WorkingClock {
  const calendars = useCalendars();
  const found = calendars.data?.find(
    ({ id, version }) => id === calendar?.id && version === calendar.version,
  );
  return useMemo(() => {
    if (found === undefined) return ALL_HOURS;
    const compiled = compileCalendar(found);
    return {
      known: true,
      between: (fromMs, toMs) => elapsedMs(compiled, fromMs, toMs),
      closedUntil: (atMs) => (isOpenAt(compiled, atMs) ? null : nextOpenMs(compiled, atMs)),
    };
  }, [found]);
}
