// A day from midnight to midnight, with what is open of it filled.
import { shareOfDay } from './day-spans.ts';
import type { Spans } from './day-spans.ts';

export function DayBar({ spans }: { spans: Spans }) {
  return (
    <span
      aria-hidden="true"
      className="relative block h-3 min-w-0 flex-1 overflow-hidden rounded-sm bg-line"
    >
      {spans.map(([open, close]) => (
        <span
          key={`${open}${close}`}
          className="absolute inset-y-0 bg-accent"
          style={{
            insetInlineStart: `${shareOfDay(open) * 100}%`,
            width: `${Math.max(0, shareOfDay(close) - shareOfDay(open)) * 100}%`,
          }}
        />
      ))}
      {[6, 12, 18].map((hour) => (
        <span
          key={hour}
          className="absolute inset-y-0 w-px bg-raised opacity-60"
          style={{ insetInlineStart: `${(hour / 24) * 100}%` }}
        />
      ))}
    </span>
  );
}
