/** What an inbox's address says besides the view: the words searched for and the order. */
export interface InboxSearch {
  q?: string;
  sort?: string;
}
/** Reads it, leaving out what is none of it. */
export const inboxSearch = (search: Record<string, unknown>): InboxSearch => ({
  ...(typeof search['q'] === 'string' && search['q'] !== '' ? { q: search['q'] } : {}),
  ...(typeof search['sort'] === 'string' ? { sort: search['sort'] } : {}),
});
