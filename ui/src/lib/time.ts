// Instants and spans as people read them, in the reader's zone and language.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;
const FORMS = {
  day: { day: 'numeric', month: 'short' },
  clock: CLOCK,
  short: { weekday: 'short', day: 'numeric', month: 'short', ...CLOCK },
  exact: { dateStyle: 'full', timeStyle: 'long' },
} as const;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Kept once made: making one takes longer than all else that a row of a list does. */
function formatter(form: keyof typeof FORMS, language: string): Intl.DateTimeFormat {
  const key = `${form} ${language}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(language, FORMS[form]);
  formatters.set(key, made);
  return made;
}

/** Short distance to now: "4m", "3h", "2d"; a date once it is more than a fortnight away. */
export function shortAgo(iso: string, nowMs: number, language: string): string {
  const apartMs = Math.abs(nowMs - Date.parse(iso));
  if (apartMs > 14 * DAY) {
    return formatter('day', language).format(new Date(iso));
  }
  return span(apartMs);
}

/** A span in its largest two units: "2d 3h", "1h 05m", "45s". */
export function span(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole >= 10 * DAY) return `${Math.round(whole / DAY)}d`;
  if (whole >= DAY) return two(whole, DAY, 'd', HOUR, 'h');
  if (whole >= HOUR) return two(whole, HOUR, 'h', MINUTE, 'm');
  if (whole >= MINUTE) return `${Math.floor(whole / MINUTE)}m`;
  return `${Math.floor(whole / 1000)}s`;
}

function two(ms: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const bigs = Math.floor(ms / big);
  const smalls = Math.floor((ms % big) / small);
  return smalls === 0 ? `${bigs}${bigUnit}` : `${bigs}${bigUnit} ${smalls}${smallUnit}`;
}

/** Date and time, as precise as the reader needs: today by the clock alone. */
export function at(iso: string, nowMs: number, language: string): string {
  const date = new Date(iso);
  const today = date.toDateString() === new Date(nowMs).toDateString();
  return formatter(today ? 'clock' : 'short', language).format(date);
}

/** The whole of it, zone included: for tooltips. */
export function exact(iso: string, language: string): string {
  return formatter('exact', language).format(new Date(iso));
}
