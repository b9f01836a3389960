// Whoever has a ticket before their eyes has read its notices.
import { useEffect } from 'react';
import { useVisible } from '../lib/use-visible.ts';
import { readOnDesk, useUnread } from './notice-queries.ts';

/** Marks the notices of a ticket as read when it is opened, and those that come while it is looked at; nothing is asked while none is unread. */
export function useReadOfTicket(ticketId: number): void {
  const { data } = useUnread();
  const visible = useVisible();
  const unread = data?.unread ?? 0;
  useEffect(() => {
    if (!visible || unread === 0) return;
    // What the desk refuses stays unread, and the next look tries again.
    void readOnDesk({ ticketId }).catch(() => undefined);
  }, [ticketId, unread, visible]);
}
