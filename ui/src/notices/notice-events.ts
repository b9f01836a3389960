// What the stream of events says of notices: the bell's number comes with it, the list is asked for again where it is open.
import type { QueryClient } from '@tanstack/react-query';
import type { Notice } from '../api/types.ts';
import { NOTICES_KEY, UNREAD_KEY } from './notice-queries.ts';
import type { Unread } from './notice-queries.ts';
import { deviceChoice } from './this-device.ts';

/** What the stream says of a new notice. */
export type CameData = Unread & { notice: Notice; bell: boolean; browser: boolean };

/** A new notice: counted, listed, and told outside of the page where that was chosen. */
export function noticeCame(
  client: QueryClient,
  data: CameData,
  open: (address: string) => void,
): void {
  noticesRead(client, data);
  const { browser, sound } = deviceChoice();
  if (!browser && !sound) return;
  // Whether somebody looks is asked as it comes: what tells of it takes a moment to load.
  const unseen = document.hidden;
  void import('./outside.ts').then(({ tellOutside }) =>
    tellOutside(client, { notice: data.notice, browser: data.browser && unseen, open }),
  );
}

/** Notices were read, here or elsewhere. */
export function noticesRead(client: QueryClient, { unread, more }: Unread): void {
  client.setQueryData<Unread>(UNREAD_KEY, { unread, more });
  // An answer that is still on its way may be older than this word, and would put its number over it.
  if (client.isFetching({ queryKey: UNREAD_KEY }) > 0)
    void client.invalidateQueries({ queryKey: UNREAD_KEY });
  void client.invalidateQueries({ queryKey: NOTICES_KEY });
}

/** A ticket went out of sight, and its notices with it: none of their words stays on the page. */
export function noticesGone(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: UNREAD_KEY });
  void client.resetQueries({ queryKey: NOTICES_KEY });
}
