// What came into a ticket while somebody was writing: a colleague's reply, or the customer's message.
import { useEffect, useState } from 'react';
import { useMe, useTimeline } from '../api/queries.ts';
import type { Message } from '../api/types.ts';

/** The newest message of somebody else that came since the words were begun; null when there is none. */
export function useMeanwhile(
  ticketId: number,
  hasWords: boolean,
): { message: Message | null; seen: () => void } {
  const me = useMe();
  const timeline = useTimeline(ticketId);
  // The newest one that was there when the words were begun; null before that.
  const [knownAt, setKnownAt] = useState<string | null>(null);
  const mine = me.data?.user.id;
  const newest = timeline.data?.pages[0]?.items.flatMap((one) =>
    one.kind === 'message' && isAnswer(one.message, mine) ? [one.message] : [],
  )[0];
  const newestAt = newest?.createdAt ?? '';
  const isLoaded = timeline.data !== undefined;
  useEffect(() => {
    if (!hasWords) setKnownAt(null);
    else if (isLoaded) setKnownAt((known) => known ?? newestAt);
  }, [hasWords, isLoaded, newestAt]);
  // By the desk's clock on both sides, and by time: a reply that is taken back makes an older one the newest.
  const came = hasWords && knownAt !== null && newestAt > knownAt;
  return { message: came ? (newest ?? null) : null, seen: () => setKnownAt(newestAt) };
}

function isAnswer({ kind, state, automatic, authorUserId }: Message, mine: string | undefined) {
  if (automatic || state === 'cancelled') return false;
  return kind === 'inbound' || (kind === 'reply' && authorUserId !== mine);
}
