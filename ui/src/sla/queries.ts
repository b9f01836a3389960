// What the pages of policies and calendars ask and tell the desk.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, call } from '../api/client.ts';
import { useAll } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { CALENDARS, POLICIES } from './types.ts';
import type { Calendar, Policy, Reach, Rollout, SavedVersion } from './types.ts';

const POLL_MS = 1_000;

export const usePolicies = () => useAll<Policy>(POLICIES);
export const useCalendars = () => useAll<Calendar>(CALENDARS);

/** Email addresses of the desk: what a policy can ask a ticket's mailbox for. */
export const useChannels = () =>
  useAll<{ id: string; name: string; address: string | null }>('/api/v1/channels');

/** Every save of one thing, newest first. */
export const useVersions = (path: string, id: string) =>
  useInfiniteQuery({
    queryKey: ['versions', path, id],
    queryFn: ({ pageParam }) =>
      call<Page<SavedVersion>>('GET', `${path}/${id}/versions`, {
        query: { limit: 20, cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

export const isUnderWay = ({ state }: Rollout): boolean =>
  state === 'planning' || state === 'running' || state === 'paused';

/** How far the newest save has come to open tickets; null when none had to. Live events refresh it, and polling where there are none. */
export const useRollout = (path: string, id: string) =>
  useQuery({
    queryKey: ['rollout', path, id],
    queryFn: async () => {
      try {
        return await call<Rollout>('GET', `${path}/${id}/rollout`);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: ({ state: { data } }) =>
      data !== null && data !== undefined && isUnderWay(data) ? POLL_MS : false,
  });

/** Reads anew what a save has changed. */
export function useRefresh(): (path: string, id?: string) => Promise<void> {
  const client = useQueryClient();
  return async (path, id) => {
    const keys = [
      ['all', path],
      ...(id === undefined
        ? []
        : [
            ['versions', path, id],
            ['rollout', path, id],
          ]),
    ];
    await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
  };
}

/** Pauses, resumes or cancels a rollout. */
export function useSteerRollout(path: string, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (act: 'pause' | 'resume' | 'cancel') =>
      call<Rollout>('POST', `${path}/${id}/rollout/${act}`, { body: {} }),
    onSuccess: (rollout) => client.setQueryData(['rollout', path, id], rollout),
    onSettled: () => client.invalidateQueries({ queryKey: ['rollout', path, id] }),
  });
}

/** Saves the content of an old version anew. */
export function useRestore<T extends { version: number }>(path: string, id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (ask: { version: number; reason: string; reach: Reach | null; present: number }) =>
      call<T>('POST', `${path}/${id}/versions/${ask.version}/restore`, {
        body: {
          reason: ask.reason,
          ...(ask.reach === null ? {} : { appliesTo: ask.reach }),
        },
        ifMatch: ask.present,
      }),
    onSettled: () => refresh(path, id),
  });
}
