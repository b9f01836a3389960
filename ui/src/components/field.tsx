// Form fields with their words: a label, an optional hint, and what the desk says is wrong.
import { useId } from 'react';
import type {
  InputHTMLAttributes,
  ReactNode,
  SelectHTMLAttributes,
  TextareaHTMLAttributes,
} from 'react';
import { cx } from '../lib/class-names.ts';

const INPUT =
  'w-full rounded-md border border-line bg-raised px-3 py-1.5 text-ink placeholder:text-soft disabled:opacity-60 max-sm:py-2 max-sm:text-base';

interface Around {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** The label is for screen readers alone. */
  quiet?: boolean;
}

function Frame({
  id,
  label,
  hint,
  error,
  quiet,
  children,
}: Around & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={quiet === true ? 'sr-only' : 'text-[13px] font-medium'}>
        {label}
      </label>
      {children}
      {hint === undefined ? null : (
        <div id={`${id}-hint`} className="text-xs text-soft">
          {hint}
        </div>
      )}
      {error === undefined ? null : (
        <div id={`${id}-error`} role="alert" className="text-xs text-danger">
          {error}
        </div>
      )}
    </div>
  );
}

const aria = (id: string, { hint, error }: Around) => ({
  id,
  'aria-invalid': error !== undefined,
  'aria-describedby':
    error !== undefined ? `${id}-error` : hint === undefined ? undefined : `${id}-hint`,
});

/** One line of text. */
export function TextField({
  label,
  hint,
  error,
  quiet,
  className,
  ...rest
}: Around & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const around = { label, hint, error, ...(quiet === undefined ? {} : { quiet }) };
  return (
    <Frame id={id} {...around}>
      <input
        {...rest}
        {...aria(id, around)}
        className={cx(INPUT, error !== undefined && 'border-danger', className)}
      />
    </Frame>
  );
}

/** Several lines of text. */
export function TextArea({
  label,
  hint,
  error,
  quiet,
  className,
  ...rest
}: Around & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  const around = { label, hint, error, ...(quiet === undefined ? {} : { quiet }) };
  return (
    <Frame id={id} {...around}>
      <textarea
        rows={4}
        {...rest}
        {...aria(id, around)}
        className={cx(INPUT, error !== undefined && 'border-danger', className)}
      />
    </Frame>
  );
}

/** One of a few. */
export function SelectField({
  label,
  hint,
  error,
  quiet,
  className,
  ...rest
}: Around & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  const around = { label, hint, error, ...(quiet === undefined ? {} : { quiet }) };
  return (
    <Frame id={id} {...around}>
      <select {...rest} {...aria(id, around)} className={cx(INPUT, 'h-9 max-sm:h-11', className)} />
    </Frame>
  );
}
