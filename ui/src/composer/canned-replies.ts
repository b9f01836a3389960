// The canned replies one may use, as the composer and their settings ask for them.
import { allQuery } from '../api/queries.ts';
import type { CannedReply } from '../api/types.ts';

export const CANNED = '/api/v1/canned-replies';
export const cannedQuery = allQuery<CannedReply>(CANNED);

/** What finds a canned reply. */
export const wordsOf = ({ name, shortcut }: CannedReply): string => `${shortcut ?? ''} ${name}`;

/** A text filled in for a ticket; `missing` placeholders had no value. */
export interface Filled {
  body: string;
  bodyHtml: string | null;
  missing: string[];
}
