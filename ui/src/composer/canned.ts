// Canned replies in the text: "/" at the start of a word offers them; the one that is chosen comes filled in by the desk.
import { Extension } from '@tiptap/core';
import i18next from 'i18next';
import type { Editor } from '@tiptap/react';
import { PluginKey } from '@tiptap/pm/state';
import { Suggestion } from '@tiptap/suggestion';
import { call } from '../api/client.ts';
import { queryClient } from '../api/query-client.ts';
import { CANNED, cannedQuery, fittingFirst, recommendedQuery, wordsOf } from './canned-replies.ts';
import type { Choosable, Filled } from './canned-replies.ts';
import { htmlOf } from './content.ts';
import { holdPlace } from './place.ts';
import { matching, offersIn } from './suggestions.ts';
import type { Offer, OfferStore } from './suggestions.ts';

const SHORT = 60;

async function replies(ticketId: number, query: string): Promise<Offer[]> {
  const [all, recommended] = await Promise.all([
    queryClient.ensureQueryData(cannedQuery),
    queryClient.fetchQuery(recommendedQuery(ticketId)),
  ]);
  return matching(fittingFirst(all, recommended), query, wordsOf).map(offerOf);
}

function offerOf(reply: Choosable): Offer {
  const { id, name, shortcut, body, fits } = reply;
  const hint = shortcut === null ? body.slice(0, SHORT) : `/${shortcut}`;
  return { id, label: name, hint: fits === undefined ? hint : fitsIn(fits) };
}

/** What speaks for a reply, in the reader's language. */
export const fitsIn = (words: readonly string[]): string =>
  i18next.t('composer.fits', { words: words.slice(0, 3).join(', ') });

/** Inserts one where the cursor is. Throws ApiError; answers the placeholders that nothing is known for. */
export async function insertCanned(
  editor: Editor,
  of: { id: string; ticketId: number },
): Promise<string[]> {
  const insert = holdPlace(editor);
  try {
    const body = { ticketId: of.ticketId };
    const filled = await call<Filled>('POST', `${CANNED}/${of.id}/render`, { body });
    insert(filled.bodyHtml ?? htmlOf(filled.body));
    return filled.missing;
  } catch (error) {
    insert(null);
    throw error;
  }
}

/** The editor's part of it; `choose` is told the id when the sign and what was typed behind it are gone. */
export const cannedReplies = (store: OfferStore, ticketId: number, choose: (id: string) => void) =>
  Extension.create({
    name: 'cannedReplies',
    addProseMirrorPlugins() {
      return [
        Suggestion<Offer, Offer>({
          ...{ editor: this.editor, pluginKey: new PluginKey('cannedReplies'), char: '/' },
          items: ({ query }) => replies(ticketId, query),
          render: offersIn(store, '/'),
          floatingUi: { strategy: 'fixed' },
          command: ({ editor, range, props }) => {
            editor.chain().focus().deleteRange(range).run();
            choose(props.id);
          },
        }),
      ];
    },
  });
