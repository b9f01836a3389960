// Which of its drafts a ticket's composer shows; others may ask for one.
import { useEffect, useRef } from 'react';
import type { Kind } from './content.ts';

type Asked = (kind: Kind, of: { write: boolean }) => void;
const askers = new Map<number, Asked>();

/** Asks the composer of a ticket, if it is there, to show a draft; `write` puts the cursor into it. */
export function showKind(ticketId: number, kind: Kind, of = { write: false }): void {
  askers.get(ticketId)?.(kind, of);
}

/** Hears what others ask of this composer. */
export function useAskedToShow(ticketId: number, onAsked: Asked): void {
  const now = useRef(onAsked);
  now.current = onAsked;
  useEffect(() => {
    askers.set(ticketId, (...asked) => now.current(...asked));
    return () => void askers.delete(ticketId);
  }, [ticketId]);
}
