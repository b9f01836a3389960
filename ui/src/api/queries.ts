// What pages ask the desk for. Keys begin with what they are of, so that a live event refreshes just that.
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Permission } from '#domain/permissions.ts';
import { call } from './client.ts';
import type { Live, Me, Page, Person, Pipeline, Team, Ticket, TimelineItem } from './types.ts';

const RARELY_MS = 5 * 60_000;

/** Who is signed in; an error of 401 when nobody is. */
export const meQuery = {
  queryKey: ['me'],
  queryFn: () => call<Me>('GET', '/api/v1/me'),
  staleTime: RARELY_MS,
};
export const useMe = () => useQuery(meQuery);

/** Whether who is signed in may do something: acts they may not do are not offered. The desk refuses them in any case. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useMe();
  return (permission) => data?.permissions.includes(permission) === true;
}

async function everyPage<T>(path: string): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null | undefined;
  do {
    const page: Page<T> = await call('GET', path, { query: { limit: 100, cursor } });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

/** A whole list that changes rarely: people, teams, settings. */
export function useAll<T>(path: string) {
  return useQuery({
    queryKey: ['all', path],
    queryFn: () => everyPage<T>(path),
    staleTime: RARELY_MS,
  });
}

export const usePeople = () => useAll<Person>('/api/v1/users');
export const useTeams = () => useAll<Team>('/api/v1/teams');
export const usePipelines = () => useAll<Pipeline>('/api/v1/pipelines');

/** Which tickets a list shows. */
export interface ListAsk {
  view?: string;
  q?: string;
  sort?: string;
  requesterId?: string;
  [filter: string]: string | undefined;
}

/** A list of tickets, page by page as it is scrolled. */
export function useTicketList(ask: ListAsk) {
  return useInfiniteQuery({
    queryKey: ['tickets', ask],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Ticket>>('GET', '/api/v1/tickets', {
        query: { ...ask, limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** One ticket. */
export const ticketQuery = (id: number) => ({
  queryKey: ['ticket', id],
  queryFn: () => call<Ticket>('GET', `/api/v1/tickets/${id}`),
});
export function useTicket(id: number) {
  const client = useQueryClient();
  // A list that shows it knows it already: its page stands at once, and what belongs to it is asked for at the same time.
  return useQuery({ ...ticketQuery(id), placeholderData: () => ticketInLists(client, id) });
}

function ticketInLists(client: QueryClient, id: number): Ticket | undefined {
  for (const [, list] of client.getQueriesData<InfiniteData<Page<Ticket>>>({
    queryKey: ['tickets'],
  })) {
    for (const { items } of list?.pages ?? []) {
      const found = items.find((one) => one.id === id);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Fetches what the page of a ticket shows first, for somebody who is about to open it. */
export function prefetchTicket(client: QueryClient, id: number): void {
  void client.prefetchQuery(ticketQuery(id));
  void client.prefetchInfiniteQuery(timelineQuery(id));
}

/** Messages and events of a ticket, the newest page first. */
export const timelineQuery = (id: number) => ({
  queryKey: ['timeline', id],
  queryFn: ({ pageParam }: { pageParam: string | undefined }) =>
    call<Page<TimelineItem>>('GET', `/api/v1/tickets/${id}/timeline`, {
      query: { order: 'desc', limit: 100, cursor: pageParam },
    }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last: Page<TimelineItem>) => last.nextCursor ?? undefined,
});
export const useTimeline = (id: number) => useInfiniteQuery(timelineQuery(id));

/** The workflow's own state: asked of Temporal itself. */
export const useLive = (id: number) =>
  useQuery({
    queryKey: ['live', id],
    queryFn: () => call<Live>('GET', `/api/v1/tickets/${id}/live`),
    retry: 1,
  });
