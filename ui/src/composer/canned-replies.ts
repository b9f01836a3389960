// The canned replies one may use, as the composer and their settings ask for them.
import type { QueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import { allQuery, meQuery } from '../api/queries.ts';
import type { CannedReply, Me, Page, RecommendedReply } from '../api/types.ts';

export const CANNED = '/api/v1/canned-replies';
export const cannedQuery = allQuery<CannedReply>(CANNED);

/** Those that fit a ticket. They are a help: without an answer there are none. */
export const recommendedQuery = (ticketId: number) => ({
  queryKey: ['recommended', ticketId],
  queryFn: async ({ client }: { client: QueryClient }): Promise<RecommendedReply[]> => {
    const me = client.getQueryData<Me>(meQuery.queryKey);
    if (me?.permissions.includes('ticket.recommended') !== true) return [];
    const path = `/api/v1/tickets/${ticketId}/recommended-replies`;
    return await call<Page<RecommendedReply>>('GET', path).then(
      ({ items }) => items,
      () => [],
    );
  },
  staleTime: 60_000,
});

/** A canned reply to be chosen; `fits`: words of the ticket that speak for it. */
export type Choosable = CannedReply & { fits?: string[] };

/** Those that fit first, then all others by name. */
export function fittingFirst(
  all: readonly CannedReply[],
  recommended: readonly RecommendedReply[],
): Choosable[] {
  const fitting = recommended.map(({ matched, ...one }) => ({ ...one, fits: matched }));
  return [...fitting, ...all.filter(({ id }) => !fitting.some((one) => one.id === id))];
}

/** What finds a canned reply. */
export const wordsOf = ({ name, shortcut }: CannedReply): string => `${shortcut ?? ''} ${name}`;

/** A text filled in for a ticket; `missing` placeholders had no value. */
export interface Filled {
  body: string;
  bodyHtml: string | null;
  missing: string[];
}
