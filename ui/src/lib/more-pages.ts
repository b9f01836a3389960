// Further pages of a list that is refreshed while it is read. A next page that is asked for breaks off a refresh that is under way, and
// what that would have brought is missing until the next change; so the next page waits for it.
import type { InfiniteQueryObserverResult } from '@tanstack/react-query';

type List = Pick<
  InfiniteQueryObserverResult,
  'hasNextPage' | 'isFetching' | 'isRefetching' | 'fetchNextPage'
>;
const BESIDE = { cancelRefetch: false } as const;

/** Loads the next page unless something is being loaded: for effects, which run again when that is done. */
export function fetchNextWhenIdle({ hasNextPage, isFetching, fetchNextPage }: List): void {
  if (hasNextPage && !isFetching) void fetchNextPage(BESIDE);
}

/** Loads the next page after a refresh that is under way: for buttons, which are pressed once. */
export async function fetchNext({ isRefetching, fetchNextPage }: List): Promise<void> {
  if (isRefetching) await fetchNextPage(BESIDE);
  await fetchNextPage(BESIDE);
}
