// Spans of time as admins type and read them: "4h", "1h 30m", "2d". A day is 24 hours of the clock that counts, and is shown as hours.

const UNITS: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 };

/** Seconds of what was typed; a bare number is minutes. Null when it is no span of time. */
export function parseDuration(text: string): number | null {
  const plain = text.trim().toLowerCase();
  if (/^\d{1,7}$/.test(plain)) return Number(plain) * 60 || null;
  if (!/^(\d+(?:[.,]\d+)?\s*[dhms]\s*)+$/.test(plain)) return null;
  let seconds = 0;
  for (const [, amount = '', unit = ''] of plain.matchAll(/(\d+(?:[.,]\d+)?)\s*([dhms])/g)) {
    seconds += Number(amount.replace(',', '.')) * (UNITS[unit] ?? 0);
  }
  const whole = Math.round(seconds);
  return whole > 0 ? whole : null;
}

/** Hours, minutes and seconds: "4h", "1h 30m", "48h". */
export function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
