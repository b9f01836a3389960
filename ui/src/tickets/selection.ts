// Which tickets of a list are ticked; another view begins with none.
import { useEffect, useState } from 'react';

export interface Selection {
  ids: ReadonlySet<number>;
  toggle: (id: number) => void;
  setAll: (ids: number[]) => void;
}

export function useSelection(viewId: string): Selection {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  useEffect(() => setIds(new Set()), [viewId]);
  return {
    ids,
    toggle: (id) =>
      setIds((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    setAll: (all) => setIds(new Set(all)),
  };
}
