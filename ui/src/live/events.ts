// The desk's events, kept up: one stream per page, which comes back by itself with what it missed, or refreshes all when it was away too long.
import type { QueryClient } from '@tanstack/react-query';
import { forgetTicket } from '../api/ticket-actions.ts';
import { reachStore } from '../api/client.ts';
import { UNREAD_KEY } from '../notices/notice-queries.ts';

const LIST_PAUSE_MS = 1_200;
const AWAY_MS = 30_000;
/** The desk says something every 15 s: a stream silent for longer died without a word, as in a laptop that slept. */
const DEAD_MS = 40_000;
const WATCH_MS = 5_000;
const TYPES = ['ticketChanged', 'ticketGone', 'accessChanged', 'rolloutProgress', 'engine'];

/** What concerns the reader alone, and is no change of a ticket. */
const TOLD = ['notification', 'notificationsRead', 'presence'];

/** Hears whether the stream stands, and what concerns the reader alone. */
interface Listener {
  onState: (connected: boolean) => void;
  onTold: (type: string, data: unknown) => void;
}

/**
 * Follows the desk's events from a place on, refreshes what they name and passes on what it is told; the returned function ends it.
 * What happens between the page's first questions and the stream's first word is told too, as long as the place is older than they are.
 */
export function followEvents(
  client: QueryClient,
  from: string | undefined,
  { onState, onTold }: Listener,
): () => void {
  let lastHeardMs = Date.now();
  const refresh = refresher(client, onTold);
  const hello = (wasAway: boolean): void => {
    onState(true);
    reachStore.note({ desk: true });
    if (wasAway || Date.now() - lastHeardMs > AWAY_MS) void client.invalidateQueries();
    // Notices are not sent again: one may have come between the bell's first number and this word.
    else void client.invalidateQueries({ queryKey: UNREAD_KEY });
    lastHeardMs = Date.now();
  };
  const heard = (event: MessageEvent<string>): void => {
    lastHeardMs = Date.now();
    reachStore.note({ desk: true });
    refresh(event.type, JSON.parse(event.data) as Record<string, unknown>);
  };
  const stream = keepStream(from, { hello, heard, lost: () => onState(false) });
  let renewedMs = 0;
  const renew = (): void => {
    renewedMs = Date.now();
    stream.renew();
  };
  const watch = setInterval(() => {
    if (Date.now() - Math.max(lastHeardMs, renewedMs) > DEAD_MS) renew();
  }, WATCH_MS);
  window.addEventListener('online', renew);
  return () => {
    clearInterval(watch);
    window.removeEventListener('online', renew);
    stream.end();
  };
}

/** Refreshes what an event names, and passes on what it tells. */
function refresher(
  client: QueryClient,
  onTold: (type: string, data: unknown) => void,
): (type: string, data: Record<string, unknown>) => void {
  const soon = debounced(() => {
    void client.invalidateQueries({ queryKey: ['tickets'] });
    void client.invalidateQueries({ queryKey: ['counts'] });
    void client.invalidateQueries({ queryKey: ['summary'] });
  });
  return (type, data) => {
    if (TOLD.includes(type) || type === 'ticketGone') onTold(type, data);
    if (type === 'ticketChanged' || type === 'ticketGone') {
      const id = Number(data['ticketId']);
      // Of what went out of sight nothing stays on the page: it is forgotten before it is asked for again.
      if (type === 'ticketGone') forgetTicket(client, id);
      else {
        for (const key of ['ticket', 'timeline', 'live']) {
          void client.invalidateQueries({ queryKey: [key, id] });
        }
      }
      soon();
    }
    if (type === 'accessChanged') void client.invalidateQueries();
    if (type === 'rolloutProgress') void client.invalidateQueries({ queryKey: ['rollout'] });
    if (type === 'engine') reachStore.note({ engine: data['available'] === true });
  };
}

/** A stream that is opened again, with growing pauses, whenever the browser gives it up. Where it begins matters once: later all is refreshed. */
function keepStream(
  from: string | undefined,
  on: {
    hello: (wasAway: boolean) => void;
    heard: (event: MessageEvent<string>) => void;
    lost: () => void;
  },
): { renew: () => void; end: () => void } {
  let source: EventSource | null = null;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = (): void => {
    clearTimeout(timer);
    source?.close();
  };
  const open = (): void => {
    close();
    const since = from === undefined || failures > 0 ? '' : `?since=${encodeURIComponent(from)}`;
    const opened = new EventSource(`/api/v1/events${since}`);
    source = opened;
    opened.addEventListener('hello', () => {
      on.hello(failures > 0);
      failures = 0;
    });
    for (const type of [...TYPES, ...TOLD]) opened.addEventListener(type, on.heard);
    opened.addEventListener('error', () => {
      on.lost();
      failures += 1;
      // While it is CONNECTING the browser tries by itself; CLOSED means that it has given up.
      if (opened.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, Math.min(1_000 * 2 ** Math.min(failures, 4), 15_000));
    });
  };
  open();
  return {
    renew: () => {
      // A new stream does not know what the old one has heard last.
      failures += 1;
      open();
    },
    end: close,
  };
}

/** Runs at once, then at most once a pause, and never forgets the last call. */
function debounced(act: () => void): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const run = (): void => {
    again = false;
    act();
    waiting = setTimeout(() => {
      waiting = undefined;
      if (again) run();
    }, LIST_PAUSE_MS);
  };
  return () => {
    if (waiting === undefined) run();
    else again = true;
  };
}
