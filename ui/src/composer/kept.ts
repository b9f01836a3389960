// The net below drafts: what is written is on this device at each key, whether the desk can be reached or not.
import type { Content, Kind } from './content.ts';

/** A draft on this device. */
export interface Kept {
  content: Content;
  /** The revision on the desk it was written on; 0 is none. */
  base: number;
  /** Whether the desk lacks something of it. */
  dirty: boolean;
}

const keyOf = (ticketId: number, kind: Kind): string => `holdfast.draft.${ticketId}.${kind}`;

/** What this device has of a draft. */
export function readKept(ticketId: number, kind: Kind): Kept | null {
  const text = localStorage.getItem(keyOf(ticketId, kind));
  return text === null ? null : (JSON.parse(text) as Kept);
}

/** Keeps it; null forgets it. A full or forbidden storage is no fault: the desk keeps it, too. */
export function writeKept(ticketId: number, kind: Kind, kept: Kept | null): void {
  try {
    if (kept === null) localStorage.removeItem(keyOf(ticketId, kind));
    else localStorage.setItem(keyOf(ticketId, kind), JSON.stringify(kept));
  } catch {
    return;
  }
}
