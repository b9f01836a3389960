/** What an inbox's address says besides the view: the words searched for and the order. */
export interface InboxSearch {
  q?: string;
  sort?: string;
  /** A tree of conditions that is no saved view: what a number of the summary counted. */
  conditions?: string;
}
/** Reads it, leaving out what is none of it. */
export const inboxSearch = (search: Record<string, unknown>): InboxSearch => ({
  ...(typeof search['q'] === 'string' && search['q'] !== '' ? { q: search['q'] } : {}),
  ...(typeof search['sort'] === 'string' ? { sort: search['sort'] } : {}),
  ...conditionsOf(search['conditions']),
});

/** The router reads JSON by itself; the desk wants it as it was. */
function conditionsOf(value: unknown): { conditions?: string } {
  if (typeof value === 'string' && value !== '') return { conditions: value };
  return typeof value === 'object' && value !== null ? { conditions: JSON.stringify(value) } : {};
}

/** Reads a filter as the desk writes it: a query string for its list of tickets. */
export function searchOfFilter(filter: string): InboxSearch & { view?: string } {
  const { view, ...rest } = Object.fromEntries(new URLSearchParams(filter));
  return { ...inboxSearch(rest), ...(view === undefined ? {} : { view }) };
}
