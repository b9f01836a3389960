// The desk's events, kept up: one stream per page, which comes back by itself with what it missed, or refreshes all when it was away too long.
import type { QueryClient } from '@tanstack/react-query';
import { forgetTicket } from '../api/ticket-actions.ts';

const LIST_PAUSE_MS = 1_200;
const AWAY_MS = 30_000;

/** What concerns the reader alone, and is no change of a ticket. */
const TOLD = ['notification', 'notificationsRead', 'presence'];

/** Follows the desk's events, refreshes what they name and passes on what it is told; the returned function ends it. */
export function followEvents(
  client: QueryClient,
  onState: (connected: boolean) => void,
  onTold: (type: string, data: unknown) => void,
): () => void {
  const soon = debounced(() => {
    void client.invalidateQueries({ queryKey: ['tickets'] });
    void client.invalidateQueries({ queryKey: ['counts'] });
    void client.invalidateQueries({ queryKey: ['summary'] });
  });
  let source: EventSource | null = null;
  let failures = 0;
  let stopped = false;
  let lastHeardMs = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const heard = (event: MessageEvent<string>): void => {
    lastHeardMs = Date.now();
    const data = JSON.parse(event.data) as Record<string, unknown>;
    if (TOLD.includes(event.type) || event.type === 'ticketGone') onTold(event.type, data);
    if (event.type === 'ticketChanged' || event.type === 'ticketGone') {
      const id = Number(data['ticketId']);
      // Of what went out of sight nothing stays on the page: it is forgotten before it is asked for again.
      if (event.type === 'ticketGone') forgetTicket(client, id);
      else {
        for (const key of ['ticket', 'timeline', 'live']) {
          void client.invalidateQueries({ queryKey: [key, id] });
        }
      }
      soon();
    }
    if (event.type === 'accessChanged') void client.invalidateQueries();
    if (event.type === 'rolloutProgress') void client.invalidateQueries({ queryKey: ['rollout'] });
  };
  const open = (): void => {
    source = new EventSource('/api/v1/events');
    source.addEventListener('hello', () => {
      onState(true);
      if (failures > 0 || Date.now() - lastHeardMs > AWAY_MS) void client.invalidateQueries();
      failures = 0;
      lastHeardMs = Date.now();
    });
    for (const type of ['ticketChanged', 'ticketGone', 'accessChanged', 'rolloutProgress', ...TOLD])
      source.addEventListener(type, heard);
    source.addEventListener('error', () => {
      onState(false);
      failures += 1;
      // While it is CONNECTING the browser tries by itself; CLOSED means that it has given up.
      if (source?.readyState !== EventSource.CLOSED || stopped) return;
      clearTimeout(timer);
      timer = setTimeout(open, Math.min(1_000 * 2 ** Math.min(failures, 4), 15_000));
    });
  };
  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    source?.close();
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
