// How long answers are believed. Live events refresh what they name, so that time alone needs not.
import { QueryClient } from '@tanstack/react-query';
import type { InvalidateOptions, InvalidateQueryFilters, QueryKey } from '@tanstack/react-query';
import { ApiError } from './client.ts';

const isHopeless = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;

/** Asks again, too, for what is being loaded for the first time: TanStack would take that answer, which may be older than the change. */
class CarefulClient extends QueryClient {
  private readonly again = new Set<string>();

  override invalidateQueries<Key extends QueryKey = QueryKey>(
    filters?: InvalidateQueryFilters<Key>,
    options?: InvalidateOptions,
  ): Promise<void> {
    for (const query of this.getQueryCache().findAll({ ...filters, fetchStatus: 'fetching' })) {
      const { queryHash, promise } = query;
      if (query.state.data !== undefined || this.again.has(queryHash)) continue;
      this.again.add(queryHash);
      const whenHere = (): void => {
        this.again.delete(queryHash);
        void super.invalidateQueries({ predicate: (one) => one === query });
      };
      void promise?.then(whenHere, whenHere);
    }
    return super.invalidateQueries(filters, options);
  }
}

export const queryClient = new CarefulClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      retry: (count, error) => !isHopeless(error) && count < 5,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 8_000),
      refetchOnWindowFocus: true,
      // Whether the network is there is the desk's to say, not the browser's: a desk on this machine needs none.
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
