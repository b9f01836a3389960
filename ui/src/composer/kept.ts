// The net below drafts: what is written is on this device at each key, whether the desk can be reached or not.
import type { Draft } from '../api/ticket-actions.ts';
import { NOTHING } from './content.ts';
import type { Content, Kind } from './content.ts';

/** A message as the desk was asked for it. */
export interface Asked {
  key: string;
  draft: Draft;
}

/** A draft on this device. */
export interface Kept {
  content: Content;
  /** The revision on the desk it was written on; 0 is none. */
  base: number;
  /** Whether the desk lacks something of it. */
  dirty: boolean;
  /** A message that was asked for and never answered; null when there is none. Whoever asks again by its key gets the same message. */
  asked: Asked | null;
}

/** Whose draft of which ticket: a browser may be shared. */
export interface DraftPlace {
  userId: string;
  ticketId: number;
  kind: Kind;
}

const keyOf = ({ userId, ticketId, kind }: DraftPlace): string =>
  `holdfast.draft.${userId}.${ticketId}.${kind}`;

/** What this device has of a draft; null for none, or one that another version of the workspace has written. */
export function readKept(place: DraftPlace): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(place)) ?? '{}') as Partial<Kept>;
    const { content, base = 0, dirty = false, asked = null } = kept;
    const whole = typeof content?.html === 'string' && Array.isArray(content.files);
    return whole ? { content: { ...NOTHING, ...content }, base, dirty, asked } : null;
  } catch {
    return null;
  }
}

/** Keeps it; null forgets it. A full or forbidden storage is no fault: the desk keeps it, too. */
export function writeKept(place: DraftPlace, kept: Kept | null): void {
  try {
    if (kept === null) localStorage.removeItem(keyOf(place));
    else localStorage.setItem(keyOf(place), JSON.stringify(kept));
  } catch {
    return;
  }
}
