// Whether the notices are open: the bell, a key and the panel share it.
import { useSyncExternalStore } from 'react';

let open = false;
const listeners = new Set<() => void>();

/** The store itself: for acts outside of components. */
export const noticesStore = {
  get: (): boolean => open,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  set: (next: boolean): void => {
    open = next;
    for (const listener of listeners) listener();
  },
};

/** Whether they are open. */
export const useNoticesOpen = (): boolean =>
  useSyncExternalStore(noticesStore.subscribe, noticesStore.get);
