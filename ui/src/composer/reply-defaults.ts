// What a reply would be if nothing were chosen: asked of the desk, which decides it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { ReplyDefaults } from '../api/types.ts';

/** For a mailbox; null is the ticket's own. Undefined until it is known, and for notes. */
export function useReplyDefaults(
  ticketId: number,
  channelId: string | null,
  wanted: boolean,
): ReplyDefaults | undefined {
  const { data } = useQuery({
    queryKey: ['reply-defaults', ticketId, channelId],
    queryFn: () =>
      call<ReplyDefaults>('GET', `/api/v1/tickets/${ticketId}/reply-defaults`, {
        query: { channelId },
      }),
    enabled: wanted,
    placeholderData: keepPreviousData,
  });
  return data;
}
