// What is being written, kept so that nothing typed is lost: on this device at each key.
import { useCallback, useEffect } from 'react';
import type { Draft } from '../api/ticket-actions.ts';

export interface KeptDraft {
  kind: Draft['kind'];
  html: string;
}
const keyOf = (ticketId: number): string => `holdfast.draft.${ticketId}`;

/** The draft of a ticket on this device. */
export function keptDraft(ticketId: number): KeptDraft | null {
  const text = localStorage.getItem(keyOf(ticketId));
  return text === null ? null : (JSON.parse(text) as KeptDraft);
}

/** Forgets it: it was sent. */
export function forgetDraft(ticketId: number): void {
  localStorage.removeItem(keyOf(ticketId));
}

/** Keeps what is written. */
export function useKeepDraft(ticketId: number): (draft: KeptDraft) => void {
  return useCallback(
    (draft) => {
      if (draft.html === '') forgetDraft(ticketId);
      else localStorage.setItem(keyOf(ticketId), JSON.stringify(draft));
    },
    [ticketId],
  );
}

const restorers = new Map<number, (draft: KeptDraft) => void>();

/** Gives a text back to the composer of its ticket: a message that was taken back. */
export function restoreDraft(ticketId: number, draft: KeptDraft): void {
  localStorage.setItem(keyOf(ticketId), JSON.stringify(draft));
  restorers.get(ticketId)?.(draft);
}

/** Hears of texts that come back while the composer is there. */
export function useRestoredDraft(ticketId: number, take: (draft: KeptDraft) => void): void {
  useEffect(() => {
    restorers.set(ticketId, take);
    return () => void restorers.delete(ticketId);
  });
}
