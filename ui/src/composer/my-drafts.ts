// Which tickets have a draft of the reader: what lists mark.
import { useQuery } from '@tanstack/react-query';
import { allQuery } from '../api/queries.ts';
import type { DraftOnDesk } from '../api/types.ts';

export const myDraftsQuery = allQuery<DraftOnDesk>('/api/v1/drafts');

/** Whether the reader has begun an answer or a note there. */
export function useHasDraft(ticketId: number): boolean {
  const { data } = useQuery({
    ...myDraftsQuery,
    select: (drafts) => drafts.some((one) => one.ticketId === ticketId),
  });
  return data === true;
}
