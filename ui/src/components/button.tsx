// Buttons: one that acts (primary), one that offers (plain), one that is quiet (ghost), one that destroys (danger).
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { cx } from '../lib/class-names.ts';
import { Tip } from './tip.tsx';

type Kind = 'primary' | 'plain' | 'ghost' | 'danger';
const LOOKS: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent hover:brightness-95 border border-transparent',
  plain: 'bg-raised text-ink border border-line hover:bg-sunken',
  ghost: 'text-soft hover:text-ink hover:bg-sunken border border-transparent',
  danger: 'bg-raised text-danger border border-line hover:bg-danger-tint',
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  busy?: boolean;
  small?: boolean;
}

/** A button with words. */
export function Button({ kind = 'plain', busy = false, small, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy}
      disabled={rest.disabled === true || busy}
      className={cx(
        'inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors',
        'disabled:cursor-not-allowed disabled:opacity-60',
        small === true ? 'h-7 px-2 text-[13px]' : 'h-9 px-3 max-sm:h-10',
        LOOKS[kind],
        className,
      )}
    />
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'small'> {
  /** What it does, in words: read aloud, and shown on hover with its key. */
  label: string;
  keys?: string;
  children: ReactNode;
  pressed?: boolean;
}

/** A button with a picture; its words are its label. */
export function IconButton({
  label,
  keys,
  pressed,
  className,
  kind = 'ghost',
  busy,
  ...rest
}: IconButtonProps) {
  return (
    <Tip label={label} keys={keys}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-busy={busy}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        className={cx(
          'inline-flex size-8 shrink-0 items-center justify-center rounded-md transition-colors max-sm:size-10',
          'disabled:cursor-not-allowed disabled:opacity-50',
          LOOKS[kind],
          pressed === true && 'bg-tint text-accent',
          className,
        )}
      />
    </Tip>
  );
}
