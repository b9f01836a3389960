// Days of calendars in the reader's language; they have no zone.
import { useTranslation } from 'react-i18next';

const DAY_MS = 86_400_000;
/** A Monday. */
const MONDAY_MS = 4 * DAY_MS;

export function useDates(): {
  date: (date: string) => string;
  short: (date: string) => string;
  weekday: (index: number) => string;
  holiday: (holiday: string) => string;
} {
  const { i18n } = useTranslation();
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(i18n.language, { ...options, timeZone: 'UTC' });
    return (ms: number): string => (Number.isNaN(ms) ? '?' : formatter.format(ms));
  };
  const long = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  const short = format({ weekday: 'short', day: 'numeric', month: 'short' });
  const weekday = format({ weekday: 'long' });
  const date = (one: string): string => long(Date.parse(`${one}T00:00:00Z`));
  return {
    date,
    short: (one) => short(Date.parse(`${one}T00:00:00Z`)),
    weekday: (index) => weekday(MONDAY_MS + index * DAY_MS),
    holiday: (one) => one.split('/').map(date).join(' – '),
  };
}
