// The handle by which a row of a list is moved: dragged with a finger or a mouse, or stepped by arrow keys.
import { GripVertical } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { cx } from '../lib/class-names.ts';

/** The row of a list whose middle half a pointer is over; -1 when it is between two. */
export function rowAt(list: Element | null, y: number): number {
  return Array.from(list?.children ?? []).findIndex((row) => {
    const { top, height } = row.getBoundingClientRect();
    return y > top + height * 0.25 && y < top + height * 0.75;
  });
}

export function MoveHandle({
  label,
  onStep,
  onDrag,
}: {
  /** What it moves, and that arrow keys do. */
  label: string;
  onStep: (by: number) => void;
  onDrag: (y: number) => void;
}) {
  const [held, setHeld] = useState(false);
  // The row moves in the page while it is held, which ends what a captured pointer would tell: the window listens.
  const latest = useRef(onDrag);
  useEffect(() => {
    latest.current = onDrag;
  });
  useEffect(() => {
    if (!held) return;
    const drag = (event: globalThis.PointerEvent): void => latest.current(event.clientY);
    const release = (): void => setHeld(false);
    window.addEventListener('pointermove', drag);
    window.addEventListener('pointerup', release);
    window.addEventListener('pointercancel', release);
    return () => {
      window.removeEventListener('pointermove', drag);
      window.removeEventListener('pointerup', release);
      window.removeEventListener('pointercancel', release);
    };
  }, [held]);
  const step = (event: KeyboardEvent): void => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onStep(by);
  };
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onKeyDown={step}
      onPointerDown={() => setHeld(true)}
      className={cx(
        'flex w-8 shrink-0 touch-none items-center justify-center self-stretch rounded-md text-soft hover:bg-sunken hover:text-ink max-sm:w-10',
        held ? '!cursor-grabbing bg-tint text-accent' : '!cursor-grab',
      )}
    >
      <GripVertical size={16} aria-hidden="true" />
    </button>
  );
}
