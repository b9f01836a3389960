// Passes on what the stream of events tells the reader: notices to the bell, presence to the ticket that is open.
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { meQuery } from '../api/queries.ts';
import type { Me, Presence } from '../api/types.ts';
import { noticeCame, noticesGone, noticesRead } from '../notices/notice-events.ts';
import type { CameData } from '../notices/notice-events.ts';
import type { Unread } from '../notices/notice-queries.ts';
import type { OpenNotice } from '../notices/outside.ts';
import { forgetPresence, showPresence } from '../presence/presence-queries.ts';
import { followEvents } from './events.ts';

/** Follows the desk's events while the page is there; `onState` hears whether the stream stands. */
export function useLiveEvents(onState: (connected: boolean) => void): void {
  const client = useQueryClient();
  const { history } = useRouter();
  useEffect(() => {
    // Who is signed in is asked before all else.
    const from = client.getQueryData<Me>(meQuery.queryKey)?.changesFrom;
    return followEvents(client, from, {
      onState,
      onTold: (type, data) => {
        if (type === 'notification')
          noticeCame(client, data as CameData, (address) => history.push(address));
        if (type === 'notificationsRead') noticesRead(client, data as Unread);
        if (type === 'presence') showPresence(client, data as Presence);
        if (type !== 'ticketGone') return;
        noticesGone(client);
        forgetPresence(client, (data as { ticketId: number }).ticketId);
      },
    });
  }, [client, history, onState]);
  useEffect(() => followClicks((address) => history.push(address)), [history]);
}

/** Goes where a click on a notice of the service worker leads, and says so: else the worker loads the page anew. */
function followClicks(open: (address: string) => void): () => void {
  const workers = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
  const heard = ({ data, ports }: MessageEvent<Partial<OpenNotice> | null>): void => {
    if (typeof data?.openNotice !== 'string') return;
    ports[0]?.postMessage(true);
    open(data.openNotice);
  };
  workers?.addEventListener('message', heard);
  return () => workers?.removeEventListener('message', heard);
}
