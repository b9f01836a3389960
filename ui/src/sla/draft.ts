// What somebody is editing, kept while they look at other pages; it ends when it is saved or dropped.
import { useState } from 'react';

/** Content on its way to be the next version of `base`; version 0 is of a thing that is not there yet. */
export interface Draft<T> {
  content: T;
  base: number;
  reason: string;
}

const kept = new Map<string, Draft<unknown>>();

/** The draft of one thing: begins with the content as saved. */
export function useDraft<T>(
  key: string,
  saved: T,
  version: number,
): {
  draft: Draft<T>;
  changed: boolean;
  /** It was begun before this visit. */
  found: boolean;
  edit: (change: Partial<T>) => void;
  explain: (reason: string) => void;
  rebase: (base: number) => void;
  drop: () => void;
} {
  const [found, setFound] = useState(() => kept.has(key));
  const [own, setOwn] = useState(() => kept.get(key) as Draft<T> | undefined);
  const draft = own ?? { content: saved, base: version, reason: '' };
  // From what is kept, not from what was drawn: two changes in one go are both kept.
  const keep = (change: (latest: Draft<T>) => Draft<T>): void => {
    const next = change((kept.get(key) as Draft<T> | undefined) ?? draft);
    kept.set(key, next);
    setOwn(next);
  };
  return {
    ...{ draft, found },
    changed: own !== undefined && JSON.stringify(own.content) !== JSON.stringify(saved),
    edit: (change) => keep((one) => ({ ...one, content: { ...one.content, ...change } })),
    explain: (reason) => keep((one) => ({ ...one, reason })),
    rebase: (base) => keep((one) => ({ ...one, base })),
    drop: () => {
      kept.delete(key);
      setFound(false);
      setOwn(undefined);
    },
  };
}
