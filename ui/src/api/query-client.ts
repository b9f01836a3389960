// How long answers are believed. Live events refresh what they name, so that time alone needs not.
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './client.ts';

const isHopeless = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;

export const queryClient = new QueryClient({
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
