// What is offered while something is typed behind a sign ("@" or "/"): a list under the cursor, driven by keys that never leave the text.
import type { SuggestionOptions, SuggestionProps } from '@tiptap/suggestion';

/** One thing that can be chosen. */
export interface Offer {
  id: string;
  label: string;
  hint?: string;
}

/** The open list; null when there is none. */
export interface Offered {
  sign: string;
  items: Offer[];
  index: number;
  /** Where the list is drawn: kept under the cursor by the editor. */
  element: HTMLElement;
  choose: (offer: Offer) => void;
}

/** The list as a store for useSyncExternalStore. */
export interface OfferStore {
  get: () => Offered | null;
  subscribe: (listener: () => void) => () => void;
  set: (offered: Offered | null) => void;
}

/** A new store, with nothing offered. */
export function createOfferStore(): OfferStore {
  let now: Offered | null = null;
  const listeners = new Set<() => void>();
  return {
    get: () => now,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (offered) => {
      now = offered;
      for (const listener of listeners) listener();
    },
  };
}

type Options = Omit<SuggestionOptions<Offer, Offer>, 'editor'>;

/** How the editor drives a list: arrows move, Enter and Tab choose, Escape leaves. */
export function offersIn(store: OfferStore, sign: string): NonNullable<Options['render']> {
  return () => {
    let unmount: (() => void) | undefined;
    const show = (
      { items, command }: SuggestionProps<Offer, Offer>,
      element: HTMLElement,
    ): void => {
      const index = Math.min(store.get()?.index ?? 0, Math.max(0, items.length - 1));
      store.set({ sign, items, index, element, choose: command });
    };
    return {
      onStart: (props) => {
        const element = document.createElement('div');
        Object.assign(element.style, { position: 'fixed', width: 'max-content', zIndex: '60' });
        // Beside the text it belongs to, so that it stands in the same part of the page.
        (props.editor.view.dom.closest('section') ?? document.body).append(element);
        unmount = props.mount(element, { onPosition: (place) => put(element, place) });
        show(props, element);
      },
      onUpdate: (props) => {
        const open = store.get();
        if (open !== null) show({ ...props }, open.element);
      },
      onExit: () => {
        const element = store.get()?.element;
        store.set(null);
        unmount?.();
        element?.remove();
      },
      onKeyDown: ({ event }) => press(store, event.key),
    };
  };
}

const EDGE_PX = 8;

/** Under the cursor, and never over the edge of a small screen. */
function put(element: HTMLElement, { x, y }: { x: number; y: number }): void {
  const room = document.documentElement.clientWidth - element.offsetWidth - EDGE_PX;
  const left = Math.max(EDGE_PX, Math.min(x, room));
  Object.assign(element.style, { position: 'fixed', left: `${left}px`, top: `${y}px` });
}

function press(store: OfferStore, key: string): boolean {
  const open = store.get();
  if (open === null || open.items.length === 0) return false;
  const { items, index } = open;
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (step !== 0) {
    store.set({ ...open, index: (index + step + items.length) % items.length });
    return true;
  }
  const chosen = items[index];
  if ((key !== 'Enter' && key !== 'Tab') || chosen === undefined) return false;
  open.choose(chosen);
  return true;
}

const MANY = 8;

/** Those whose words begin with what was typed, before those that hold it somewhere. */
export function matching<T>(all: readonly T[], query: string, wordsOf: (one: T) => string): T[] {
  const sought = query.toLocaleLowerCase();
  const ranked = all.map((one) => ({ one, words: wordsOf(one).toLocaleLowerCase() }));
  const begins = ranked.filter(({ words }) => ` ${words}`.includes(` ${sought}`));
  const holds = ranked.filter((one) => !begins.includes(one) && one.words.includes(sought));
  return [...begins, ...holds].slice(0, MANY).map(({ one }) => one);
}
