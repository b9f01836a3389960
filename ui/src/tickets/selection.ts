// Which tickets of a list are ticked; another view begins with none.
import { useEffect, useState } from 'react';
import { useRights } from '../api/queries.ts';

export interface Selection {
  /** Whether there is anything this person may do to chosen tickets. */
  possible: boolean;
  ids: ReadonlySet<number>;
  toggle: (id: number) => void;
  setAll: (ids: number[]) => void;
}

export function useSelection(viewId: string): Selection {
  const possible = useRights()('ticket.bulk');
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  useEffect(() => setIds(new Set()), [viewId]);
  return {
    ...{ possible, ids },
    toggle: (id) =>
      possible &&
      setIds((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    setAll: (all) => setIds(new Set(all)),
  };
}
