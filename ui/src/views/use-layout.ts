// How a view is looked at: as this person chose, else as it was saved.
import { shellStore, useShell } from '../shell/shell-store.ts';
import type { Layout } from '../shell/shell-store.ts';
import { useView } from './view-queries.ts';

/** The layout of a view for this person. */
export function useLayoutOf(viewId: string): Layout {
  const { layouts } = useShell();
  const view = useView(viewId);
  return layouts[viewId] ?? (view?.kind === 'custom' ? view.layout : 'split');
}

/** Chooses another one, for this person and view. */
export function chooseLayout(viewId: string, layout: Layout): void {
  shellStore.set({ layouts: { ...shellStore.get().layouts, [viewId]: layout } });
}
