// Naming colleagues in a note: "@" offers who works here, and whoever is named gets a notice.
import { Mention } from '@tiptap/extension-mention';
import { queryClient } from '../api/query-client.ts';
import { meQuery, peopleQuery } from '../api/queries.ts';
import { matching, offersIn } from './suggestions.ts';
import type { Offer, OfferStore } from './suggestions.ts';

async function people(query: string): Promise<Offer[]> {
  const [all, me] = await Promise.all([
    queryClient.ensureQueryData(peopleQuery),
    queryClient.ensureQueryData(meQuery),
  ]);
  const active = all.filter((one) => one.active && one.id !== me.user.id);
  return matching(active, query, ({ name, email }) => `${name} ${email}`).map(
    ({ id, name, email }) => ({ id, label: name, hint: email }),
  );
}

/** The editor's part of it. */
export const mentions = (store: OfferStore) =>
  Mention.configure({
    HTMLAttributes: { class: 'mention' },
    deleteTriggerWithBackspace: true,
    suggestion: {
      char: '@',
      items: ({ query }) => people(query),
      render: offersIn(store, '@'),
      floatingUi: { strategy: 'fixed' },
    },
  });
