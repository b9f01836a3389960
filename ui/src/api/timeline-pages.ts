// The newest page of a timeline, read anew, put over the one that was read before: older pages stay as they are, so that
// a thread of which much is loaded costs one question when something happens, not one for each of its pages. Pure.
import type { Page, TimelineItem } from './types.ts';

type Timeline = Page<TimelineItem>;

/** What changes messages or events that older pages hold. */
const CHANGES_OLDER = new Set([
  ...['absorbed', 'unabsorbed', 'mergedAway', 'unmerged', 'messagesSplit'],
  ...['bounceReceived', 'deliveryFailed', 'sendRetried', 'sendUndone'],
]);

/** Names an item of the timeline for ever. */
export const keyOf = (item: TimelineItem): string =>
  item.kind === 'message' ? item.message.id : `e${item.event.ticketId}-${item.event.seq}`;

/**
 * The newest page with what of the old one it pushed out, and the old one's way on; the fresh page alone when they have nothing in common, or
 * when something happened that may have changed what stands further back.
 */
export function newestPage(fresh: Timeline, old: Timeline | undefined): Timeline {
  if (old === undefined || old.nextCursor === null) return fresh;
  const known = new Set(old.items.map(keyOf));
  const added = fresh.items.filter((item) => !known.has(keyOf(item)));
  const reachesBack = added.some(
    (item) => item.kind === 'event' && CHANGES_OLDER.has(item.event.type),
  );
  const read = new Set(fresh.items.map(keyOf));
  const end = fresh.items.at(-1);
  const last = old.items.findIndex((item) => end !== undefined && keyOf(item) === keyOf(end));
  if (last === -1 || reachesBack) return fresh;
  // What stood before the fresh page's end and is not on it any more has gone.
  const pushedOut = old.items.slice(last + 1).filter((item) => !read.has(keyOf(item)));
  return { items: [...fresh.items, ...pushedOut], nextCursor: old.nextCursor };
}
