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

type Fields<T> = Around & T;

/** What every field shares: its frame's words, and the attributes and look of what is typed into. */
function useField<T extends { className?: string | undefined }>(props: Fields<T>) {
  const id = useId();
  const { label, hint, error, quiet, className, ...rest } = props;
  const around: Around = { label, hint, error, ...(quiet === undefined ? {} : { quiet }) };
  return {
    frame: { id, ...around },
    rest,
    attributes: aria(id, around),
    look: cx(INPUT, error !== undefined && 'border-danger', className),
  };
}

/** One line of text. */
export function TextField(props: Fields<InputHTMLAttributes<HTMLInputElement>>) {
  const { frame, rest, attributes, look } = useField(props);
  return (
    <Frame {...frame}>
      <input {...rest} {...attributes} className={look} />
    </Frame>
  );
}

/** Several lines of text. */
export function TextArea(props: Fields<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  const { frame, rest, attributes, look } = useField(props);
  return (
    <Frame {...frame}>
      <textarea rows={4} {...rest} {...attributes} className={look} />
    </Frame>
  );
}

/** One of a few. */
export function SelectField(props: Fields<SelectHTMLAttributes<HTMLSelectElement>>) {
  const { frame, rest, attributes, look } = useField(props);
  return (
    <Frame {...frame}>
      <select {...rest} {...attributes} className={cx(look, 'h-9 text-ellipsis max-sm:h-11')} />
    </Frame>
  );
}
