// What somebody is editing, kept while they look at other pages and when they load this one anew; it ends when it is saved or dropped,
// or with the tab. Passwords are not written down.
import { useState } from 'react';
import { useMe } from '../api/queries.ts';
import { recallDraft, writeDraft } from './draft-store.ts';

/** Content on its way to be the next version of `base`; version 0 is of a thing that is not there yet. */
export interface Draft<T> {
  content: T;
  base: number;
  reason: string;
}

/** What an editor does with its draft. */
export interface Drafted<T> {
  draft: Draft<T>;
  changed: boolean;
  /** It was begun before this visit. */
  found: boolean;
  /** Whether there are changes at this very moment, drawn or not. */
  isUnsaved: () => boolean;
  edit: (change: Partial<T>) => void;
  explain: (reason: string) => void;
  rebase: (base: number) => void;
  drop: () => void;
}

/** The draft of one thing: begins with the content as saved. */
export function useDraft<T>(name: string, saved: T, version: number): Drafted<T> {
  const me = useMe();
  const key = `${me.data?.user.id ?? ''} ${name}`;
  const recall = (): Draft<T> | undefined => recallDraft<Draft<T>>(key);
  const [found, setFound] = useState(() => recall() !== undefined);
  const [own, setOwn] = useState(recall);
  const draft = own ?? { content: saved, base: version, reason: '' };
  const changed = own !== undefined && JSON.stringify(own.content) !== JSON.stringify(saved);
  // From what is kept, not from what was drawn: two changes in one go are both kept.
  const keep = (change: (latest: Draft<T>) => Draft<T>): void => {
    const next = change(recall() ?? draft);
    writeDraft(key, next);
    setOwn(next);
  };
  return {
    ...{ draft, found, changed },
    isUnsaved: () => changed && recall() !== undefined,
    edit: (change) => keep((one) => ({ ...one, content: { ...one.content, ...change } })),
    explain: (reason) => keep((one) => ({ ...one, reason })),
    rebase: (base) => keep((one) => ({ ...one, base })),
    drop: () => {
      writeDraft(key, undefined);
      setFound(false);
      setOwn(undefined);
    },
  };
}
