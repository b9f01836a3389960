// Who else has a ticket open, as the desk last said: in answer to a sign of life, or by the stream of events.
import { useQuery } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import { useMe } from '../api/queries.ts';
import type { Presence } from '../api/types.ts';

/** Somebody who has the ticket open. */
export type PresentPerson = Presence['people'][number];

const keyOf = (ticketId: number): unknown[] => ['presence', ticketId];

/** Shows who is there now. */
export function showPresence(client: QueryClient, presence: Presence): void {
  client.setQueryData(keyOf(presence.ticketId), presence);
}

/** Nobody is known to be there any more. */
export function forgetPresence(client: QueryClient, ticketId: number): void {
  client.setQueryData<Presence>(keyOf(ticketId), { ticketId, people: [] });
}

/** The others in a ticket, those who write first. Never asked for: signs of life and events bring it. */
export function useOthers(ticketId: number): PresentPerson[] {
  const me = useMe();
  const presence = useQuery({
    queryKey: keyOf(ticketId),
    queryFn: () => call<Presence>('GET', `/api/v1/tickets/${ticketId}/presence`),
    enabled: false,
  });
  const others = (presence.data?.people ?? []).filter(({ userId }) => userId !== me.data?.user.id);
  const rank = ({ state }: PresentPerson): number => (state === 'typing' ? 0 : 1);
  return others.toSorted((one, other) => rank(one) - rank(other));
}
