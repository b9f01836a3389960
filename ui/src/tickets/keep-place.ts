// A list that changes while somebody works in it must not move what they are about to click: the row under the hand stays where it is,
// and what is new comes in above or below it.
import { defaultRangeExtractor } from '@tanstack/react-virtual';
import type { Range } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef } from 'react';
import type { RefObject, SyntheticEvent } from 'react';
import type { Ticket } from '../api/types.ts';

/** Which rows are in use: the one with the focus, and the one under the mouse. */
export interface InUse {
  focused: number | null;
  hovered: number | null;
}

/** Follows which rows of a list are in use, by what the list hears. */
export function useInUse() {
  const inUse = useRef<InUse>({ focused: null, hovered: null });
  const note = (change: Partial<InUse>): void => void Object.assign(inUse.current, change);
  return {
    inUse,
    hears: {
      onFocus: (event: SyntheticEvent) => note({ focused: rowOf(event) }),
      onBlur: () => note({ focused: null }),
      onPointerOver: (event: SyntheticEvent) => note({ hovered: rowOf(event) }),
      onPointerLeave: () => note({ hovered: null }),
    },
  };
}

function rowOf({ target }: SyntheticEvent): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-ticket]') : null;
  return row === null ? null : Number(row.dataset['ticket']);
}

/** The rows that exist: those on the screen, and the focused one wherever it is, since a row that goes takes the focus with it. */
export function withFocused(range: Range, items: readonly Ticket[], inUse: InUse): number[] {
  const seen = defaultRangeExtractor(range);
  const focused = items.findIndex(({ id }) => id === inUse.focused);
  if (focused < 0 || seen.includes(focused)) return seen;
  return [...seen, focused].toSorted((one, other) => one - other);
}

interface Place {
  viewId: string;
  items: readonly Ticket[];
  open: number | null;
  rowHeight: number;
}

/** Holds the row that has the focus, else the one under the mouse, else the open one, else (further down) the topmost, in its place. */
export function useKeepPlace(
  scroller: RefObject<HTMLElement | null>,
  inUse: RefObject<InUse>,
  place: Place,
): void {
  const before = useRef(place);
  useLayoutEffect(() => {
    const last = before.current;
    before.current = place;
    const element = scroller.current;
    if (element === null || last.viewId !== place.viewId || last.items === place.items) return;
    for (const id of candidates(element, last, inUse.current)) {
      const [from, to] = [last, place].map(({ items }) => items.findIndex((one) => one.id === id));
      if (from === undefined || to === undefined || from < 0 || to < 0) continue;
      if (!isSeen(element, from * place.rowHeight, place.rowHeight)) continue;
      if (from !== to) {
        element.scrollTop += (to - from) * place.rowHeight;
        // At once, not with the next frame: until then the rows of the new place do not exist.
        element.dispatchEvent(new Event('scroll'));
      }
      return;
    }
  });
}

/** Tickets whose rows should not move, the most wanted first. */
function candidates(element: HTMLElement, { items, open, rowHeight }: Place, inUse: InUse) {
  // At the very top of a list new tickets are to be seen, unless a row is in use.
  const top = element.scrollTop === 0 ? -1 : Math.ceil(element.scrollTop / rowHeight);
  return [inUse.focused, inUse.hovered, open, items[top]?.id ?? null].filter((id) => id !== null);
}

/** Whether a row that began so far down is on the screen. */
function isSeen(element: HTMLElement, start: number, rowHeight: number): boolean {
  return start + rowHeight > element.scrollTop && start < element.scrollTop + element.clientHeight;
}
