// The drafts of the tickets that were opened: found again by whoever shows or fills them, looked after on the desk when one comes back to the page.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { call } from '../api/client.ts';
import { queryClient } from '../api/query-client.ts';
import { meQuery, peopleQuery } from '../api/queries.ts';
import type { DraftOnDesk, Me, Page, Person } from '../api/types.ts';
import { KINDS } from './content.ts';
import type { Kind } from './content.ts';
import { DraftKeeper } from './draft-keeper.ts';
import type { DraftState } from './draft-keeper.ts';
import { myDraftsQuery } from './my-drafts.ts';

const keepers = new Map<string, DraftKeeper>();

const nameOf = (id: string): string | null =>
  queryClient.getQueryData<Person[]>(peopleQuery.queryKey)?.find((one) => one.id === id)?.name ??
  null;

const whoIsIn = (): string => queryClient.getQueryData<Me>(meQuery.queryKey)?.user.id ?? '';

/** The one keeper of a draft of whoever is signed in. */
export function draftOf(ticketId: number, kind: Kind): DraftKeeper {
  const userId = whoIsIn();
  const key = `${userId}.${ticketId}.${kind}`;
  const known = keepers.get(key);
  if (known !== undefined) return known;
  const onListed = (): void =>
    void queryClient.invalidateQueries({ queryKey: myDraftsQuery.queryKey });
  const isMine = (): boolean => whoIsIn() === userId;
  const keeper = new DraftKeeper({ userId, ticketId, kind }, { nameOf, isMine, onListed });
  keepers.set(key, keeper);
  return keeper;
}

/** How a draft stands, as it changes. */
export function useDraftState(keeper: DraftKeeper): DraftState {
  return useSyncExternalStore(keeper.subscribe, keeper.get);
}

/** Asks the desk for a ticket's drafts, and again whenever one comes back to the page; tells when they are here for the first time. */
export function useLookAtDesk(ticketId: number, onFirst: () => void): void {
  const people = useQuery(peopleQuery);
  const known = people.data !== undefined;
  const first = useRef<(() => void) | null>(onFirst);
  useEffect(() => {
    if (!known) return;
    const look = (): void =>
      void lookAtDesk(ticketId).then(() => {
        first.current?.();
        first.current = null;
      });
    const leave = (): void => KINDS.forEach((kind) => draftOf(ticketId, kind).flush());
    const turn = (): void => (document.hidden ? leave() : look());
    look();
    document.addEventListener('visibilitychange', turn);
    globalThis.addEventListener('focus', look);
    globalThis.addEventListener('online', look);
    return () => {
      document.removeEventListener('visibilitychange', turn);
      globalThis.removeEventListener('focus', look);
      globalThis.removeEventListener('online', look);
      leave();
    };
  }, [ticketId, known]);
}

async function lookAtDesk(ticketId: number): Promise<void> {
  const before = KINDS.map((kind) => draftOf(ticketId, kind).get());
  const path = `/api/v1/tickets/${ticketId}/draft`;
  // Without an answer this device's own stands; saving finds out whether it is the newest.
  const page = await call<Page<DraftOnDesk>>('GET', path).catch(() => null);
  if (page === null) return;
  for (const [index, kind] of KINDS.entries()) {
    const keeper = draftOf(ticketId, kind);
    // What has moved meanwhile is newer than the answer.
    if (keeper.get() !== before[index]) continue;
    keeper.meet(page.items.find((one) => one.kind === kind) ?? null);
  }
}
