// What pages ask the desk for. Keys begin with what they are of, so that a live event refreshes just that.
import {
  keepPreviousData,
  skipToken,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Permission } from '#domain/permissions.ts';
import { ApiError, call } from './client.ts';
import { newestPage } from './timeline-pages.ts';
import type {
  Around,
  Live,
  Me,
  Page,
  Person,
  Pipeline,
  Team,
  Ticket,
  TicketContext,
  TimelineItem,
} from './types.ts';

const RARELY_MS = 5 * 60_000;

/** Who is signed in; an error of 401 when nobody is. */
export const meQuery = {
  queryKey: ['me'],
  queryFn: () => call<Me>('GET', '/api/v1/me'),
  staleTime: RARELY_MS,
};
export const useMe = () => useQuery(meQuery);
/** Whether whoever is signed in may do something; false until that is known. */
export const useMay = (permission: Permission): boolean => useRights()(permission);

/** The same for several: acts that somebody may not do are not offered. The desk refuses them in any case. */
export function useRights(): (permission: Permission) => boolean {
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
export const allQuery = <T>(path: string) => ({
  queryKey: ['all', path],
  queryFn: () => everyPage<T>(path),
  staleTime: RARELY_MS,
});
export const useAll = <T>(path: string) => useQuery(allQuery<T>(path));

export const peopleQuery = allQuery<Person>('/api/v1/users');
export const usePeople = () => useQuery(peopleQuery);
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

/** One ticket, and what stands around it on its page: one question for both, kept apart since only the ticket is changed in place. */
export const ticketQuery = (id: number) => ({
  queryKey: ['ticket', id],
  queryFn: async ({ client }: { client: QueryClient }): Promise<Ticket> => {
    try {
      const { ticket, ...around } = await call<TicketContext>(
        'GET',
        `/api/v1/tickets/${id}/context`,
      );
      client.setQueryData<Around>(['around', id], around);
      return ticket;
    } catch (error) {
      // Of what is not, or is out of sight, nothing is kept.
      if (error instanceof ApiError && error.status === 404) {
        client.removeQueries({ queryKey: ['around', id] });
      }
      throw error;
    }
  },
});

/** Fetches what the page of a ticket shows first, for somebody who is about to open it. */
export function prefetchTicket(client: QueryClient, id: number): void {
  void client.prefetchQuery(ticketQuery(id));
  void client.prefetchInfiniteQuery(timelineQuery(id));
}

/** One ticket; as lists show it, until it has come. */
export function useTicket(id: number) {
  const client = useQueryClient();
  return useQuery({ ...ticketQuery(id), placeholderData: () => listed(client, id) });
}

function listed(client: QueryClient, id: number): Ticket | undefined {
  const lists = client.getQueriesData<InfiniteData<Page<Ticket>>>({ queryKey: ['tickets'] });
  return lists
    .flatMap(([, data]) => data?.pages ?? [])
    .flatMap(({ items }) => items)
    .find((one) => one.id === id);
}

/** What stands around a ticket: it comes with the ticket and is never asked for by itself. */
export const useAround = (id: number): Around | undefined =>
  useQuery<Around>({ queryKey: ['around', id], queryFn: skipToken }).data;

/** Messages and events of a ticket, the newest page first. What is loaded of the older ones stays when the newest is refreshed. */
export const timelineQuery = (id: number) => ({
  queryKey: ['timeline', id],
  queryFn: async ({
    pageParam,
    client,
  }: {
    pageParam: string | undefined;
    client: QueryClient;
  }): Promise<Page<TimelineItem>> => {
    const before = client.getQueryData<TimelineData>(['timeline', id]);
    const place = before?.pageParams.indexOf(pageParam) ?? -1;
    const known = place > 0 ? before?.pages[place] : undefined;
    if (known !== undefined) return known;
    const page = await call<Page<TimelineItem>>('GET', `/api/v1/tickets/${id}/timeline`, {
      query: { order: 'desc', limit: 100, cursor: pageParam },
    });
    return pageParam === undefined ? newestPage(page, before?.pages[0]) : page;
  },
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last: Page<TimelineItem>) => last.nextCursor ?? undefined,
});
type TimelineData = InfiniteData<Page<TimelineItem>, string | undefined>;
export const useTimeline = (id: number) => useInfiniteQuery(timelineQuery(id));

/** The workflow's own state: asked of Temporal itself. */
export const useLive = (id: number) =>
  useQuery({
    queryKey: ['live', id],
    queryFn: () => call<Live>('GET', `/api/v1/tickets/${id}/live`),
    retry: 1,
  });
