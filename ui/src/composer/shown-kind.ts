// Which of its drafts a ticket's composer shows; others may ask for one.
import { useEffect, useState } from 'react';
import type { Kind } from './content.ts';

const askers = new Map<number, (kind: Kind) => void>();

/** Asks the composer of a ticket, if it is there, to show a draft. */
export function showKind(ticketId: number, kind: Kind): void {
  askers.get(ticketId)?.(kind);
}

/** The kind that is shown. */
export function useShownKind(ticketId: number, first: () => Kind) {
  const [kind, setKind] = useState(first);
  useEffect(() => {
    askers.set(ticketId, setKind);
    return () => void askers.delete(ticketId);
  }, [ticketId]);
  return [kind, setKind] as const;
}
