// One card beside a ticket: a heading that folds it away, for this reader on this device.
import { ChevronDown } from 'lucide-react';
import { useId, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { cx } from '../../lib/class-names.ts';

const KEY = 'holdfast.foldedCards';
let folded = localStorage.getItem(KEY) ?? '';
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function fold(name: string): void {
  const names = folded === '' ? [] : folded.split('\n');
  const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
  folded = next.join('\n');
  localStorage.setItem(KEY, folded);
  for (const listener of listeners) listener();
}

/** `name` is what it is folded by: the same card stays folded on every ticket. */
export function Card({
  name,
  title,
  hint,
  children,
}: {
  name: string;
  title: string;
  /** Said small beside the title. */
  hint?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  const all = useSyncExternalStore(subscribe, () => folded);
  const open = !all.split('\n').includes(name);
  return (
    <section aria-labelledby={id} className="border-b border-line px-4 py-1.5">
      <h3 id={id}>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => fold(name)}
          className="group flex w-full items-center gap-2 py-1.5 text-start text-xs font-semibold tracking-wide text-soft uppercase max-sm:py-2.5"
        >
          <span className="min-w-0 flex-1 break-words">{title}</span>
          {hint}
          <ChevronDown
            size={14}
            aria-hidden="true"
            className={cx('shrink-0 transition-transform', !open && '-rotate-90')}
          />
        </button>
      </h3>
      {open ? <div className="pt-0.5 pb-2.5">{children}</div> : null}
    </section>
  );
}
