// Views and their counts, as the desk keeps them.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ViewConditions } from '#domain/view-conditions.ts';
import type { ViewValues } from '#domain/view.ts';
import { call } from '../api/client.ts';
import type { Page } from '../api/types.ts';

/** A view as it is listed: default ones have neither conditions nor an owner. */
export interface View extends Omit<ViewValues, 'conditions'> {
  id: string;
  kind: 'default' | 'custom';
  conditions: ViewConditions | null;
  ownerId: string | null;
  editable: boolean;
  pinned: boolean;
  version: number;
}

/** What is sent to save one. */
export type ViewDraft = Partial<ViewValues> & {
  name: string;
  conditions: ViewConditions;
  pinned?: boolean;
  version?: number;
};

/** All views this person sees. */
export const useViews = () =>
  useQuery({
    queryKey: ['views'],
    queryFn: async () => (await call<Page<View>>('GET', '/api/v1/views')).items,
    staleTime: 60_000,
  });

/** One of them, when it is there. */
export function useView(id: string): View | undefined {
  return useViews().data?.find((one) => one.id === id);
}

/** How many tickets each view holds. */
export const useCounts = () =>
  useQuery({
    queryKey: ['counts'],
    queryFn: () =>
      call<{ counts: Record<string, { count: number | null; capped: boolean }> }>(
        'GET',
        '/api/v1/views/counts',
      ),
    placeholderData: keepPreviousData,
  });

/** Saves a view, new or changed. */
export function useSaveView(id: string | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: ViewDraft) =>
      id === null
        ? call<View>('POST', '/api/v1/views', { body: draft, idempotencyKey: crypto.randomUUID() })
        : call<View>('PUT', `/api/v1/views/${id}`, { body: draft }),
    onSuccess: () => {
      for (const key of ['views', 'counts', 'tickets'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
}

/** Removes a view. */
export function useDeleteView() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call('DELETE', `/api/v1/views/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['views'] }),
  });
}

/** Pins a view above the others, or not, for this person alone. */
export function usePinView() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, pinned }: { id: string; pinned: boolean }) =>
      call('PUT', `/api/v1/views/${id}/pin`, { body: { pinned } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['views'] }),
  });
}
