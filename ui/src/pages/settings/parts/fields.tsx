// Fields that several settings pages share: a tick, a whole number or nothing, a switch.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '../../../components/field.tsx';
import { cx } from '../../../lib/class-names.ts';

/** One thing that holds or not. */
export function Tick({
  label,
  checked,
  disabled,
  quiet,
  onChange,
}: {
  label: ReactNode;
  checked: boolean;
  disabled?: boolean;
  /** The label is for screen readers alone. */
  quiet?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="inline-flex items-start gap-2 max-sm:py-1">
      <input
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-[var(--accent)]"
        checked={checked}
        disabled={disabled === true}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span className={cx(quiet === true && 'sr-only')}>{label}</span>
    </label>
  );
}

/** On or off at once. */
export function Switch({
  label,
  on,
  disabled,
  onChange,
}: {
  label: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled === true}
      onClick={() => onChange(!on)}
      className={cx(
        'relative h-5 w-9 shrink-0 rounded-full transition-colors disabled:opacity-60',
        on ? 'bg-good' : 'bg-soft',
      )}
    >
      <span
        className={cx(
          'absolute top-0.5 size-4 rounded-full bg-ground transition-all',
          on ? 'start-[18px]' : 'start-0.5',
        )}
      />
    </button>
  );
}

/** A whole number; null where nothing may be typed, and is. */
export function NumberField({
  label,
  hint,
  error,
  value,
  max,
  min = 0,
  required = false,
  onChange,
}: {
  label: string;
  hint?: string;
  error?: string | undefined;
  value: number | null;
  max: number;
  min?: number;
  required?: boolean;
  onChange: (value: number | null) => void;
}) {
  const { t } = useTranslation();
  return (
    <TextField
      type="number"
      inputMode="numeric"
      {...{ label, error, min, max, required }}
      {...(hint === undefined ? {} : { hint })}
      placeholder={required ? '' : t('admin.unlimited')}
      value={value === null || Number.isNaN(value) ? '' : value}
      onChange={({ target }) =>
        onChange(target.value === '' ? null : Math.trunc(Number(target.value)))
      }
    />
  );
}
