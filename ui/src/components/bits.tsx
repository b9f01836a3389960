// Small pieces that pages share.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { refusals } from '../i18n/en-refusals.ts';
import { cx } from '../lib/class-names.ts';
import { Button } from './button.tsx';

type Tone = 'neutral' | 'accent' | 'danger' | 'warn' | 'good';
const TONES: Record<Tone, string> = {
  neutral: 'bg-sunken text-soft',
  accent: 'bg-tint text-accent',
  danger: 'bg-danger-tint text-danger',
  warn: 'bg-warn-tint text-warn',
  good: 'bg-good-tint text-good',
};

/** A word in a coloured box. */
export function Badge({
  tone = 'neutral',
  children,
  title,
}: {
  tone?: Tone;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span
      title={title}
      className={cx(
        'inline-flex h-5 items-center gap-1 rounded px-1.5 text-xs font-medium whitespace-nowrap tabular-nums',
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

/** Somebody's initials on a colour of their own. */
export function Avatar({ name, size = 24, away }: { name: string; size?: number; away?: boolean }) {
  const hue = Array.from(name).reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360,
    7,
  );
  const initials = name
    .split(/[\s@.]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? '')
    .join('');
  return (
    <span
      aria-hidden="true"
      className={cx(
        'relative inline-flex shrink-0 items-center justify-center rounded-full font-semibold text-white',
        away === true && 'opacity-60',
      )}
      style={{ width: size, height: size, fontSize: size * 0.4, background: `hsl(${hue} 45% 38%)` }}
    >
      {initials}
    </span>
  );
}

/** Nothing here, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center justify-center gap-2 px-6 py-16 text-center">
      <p className="text-base font-medium">{title}</p>
      {children === undefined ? null : <div className="max-w-sm text-soft">{children}</div>}
    </div>
  );
}

/** Lines that are still coming. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('common.loading')} className="flex flex-col gap-3 p-4">
      {Array.from({ length: lines }, (_, line) => (
        <div
          key={line}
          className="h-4 animate-pulse rounded bg-sunken"
          style={{ width: `${92 - ((line * 17) % 45)}%` }}
        />
      ))}
    </div>
  );
}

/** What went wrong, in the desk's words, and the way to try again. */
export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  const words = useWordsFor()(error);
  const { t } = useTranslation();
  return (
    <div
      role="alert"
      className="m-4 flex flex-wrap items-center gap-3 rounded-lg border border-line bg-danger-tint px-4 py-3 text-danger"
    >
      <span className="flex-1">{words}</span>
      {again === undefined ? null : (
        <Button small onClick={again}>
          {t('common.tryAgain')}
        </Button>
      )}
    </div>
  );
}

const isRefusal = (code: string): code is keyof typeof refusals => code in refusals;
/** Refusals whose own sentence names what the reader can mend: it stands beside the words of other languages. */
const NAMES_MORE: ReadonlySet<string> = new Set([
  ...['invalidRequest', 'unknownReference', 'unknownStatus', 'statusNotAllowed', 'inUse'],
  ...['limitReached', 'mergeConflict', 'notRetryable'],
]);

/** Turns an error into a sentence for the reader, in their language. */
export function useWordsFor(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('errors.unknown');
    const { code, message, errors } = error;
    if (code === 'unreachable') return t('errors.unreachable');
    if (code === 'notFound') return t('errors.notFound');
    const [first] = errors;
    const fault = first === undefined ? '' : `${first.pointer.slice(1)}: ${first.message}`;
    // The desk's own sentence is English, and says more than its code.
    if (!isRefusal(code) || (i18n.language === 'en' && message !== ''))
      return fault === '' ? message : `${message} ${fault}`;
    const words = t(`refusals.${code}`);
    return NAMES_MORE.has(code) ? `${words} (${fault === '' ? message : fault})` : words;
  };
}
