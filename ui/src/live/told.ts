// Passes on what the stream of events tells the reader: notices to the bell, presence to the ticket that is open.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Notice, Presence } from '../api/types.ts';
import { noticeCame, noticesGone, noticesRead } from '../notices/notice-events.ts';
import type { CameData } from '../notices/notice-events.ts';
import type { Unread } from '../notices/notice-queries.ts';
import { forgetPresence, showPresence } from '../presence/presence-queries.ts';
import { followEvents } from './events.ts';

/** Follows the desk's events while the page is there; `onState` hears whether the stream stands. */
export function useLiveEvents(onState: (connected: boolean) => void): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const open = useRef<(notice: Notice) => void>(() => undefined);
  open.current = ({ ticketId }) =>
    void (ticketId === null
      ? navigate({ to: '/settings/incoming' })
      : navigate({ to: '/tickets/$ticketId', params: { ticketId: String(ticketId) } }));
  useEffect(
    () =>
      followEvents(client, onState, (type, data) => {
        if (type === 'notification')
          noticeCame(client, data as CameData, (notice) => open.current(notice));
        if (type === 'notificationsRead') noticesRead(client, data as Unread);
        if (type === 'presence') showPresence(client, data as Presence);
        if (type !== 'ticketGone') return;
        noticesGone(client);
        forgetPresence(client, (data as { ticketId: number }).ticketId);
      }),
    [client, onState],
  );
}
