// An editor of one thing: a draft that outlives the page, saved only over what it was begun from.
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { useDraft } from '../../../sla/draft.ts';
import type { Draft } from '../../../sla/draft.ts';
import { errorsAt, useSave } from '../../../sla/use-save.ts';

/** What is edited, and where it is saved. */
export interface Edited<Content> {
  path: string;
  /** Null of a new one. */
  id: string | null;
  saved: Content;
  version: number;
  /** The content as the API takes it. */
  bodyOf: (content: Content) => object;
  onMade: (id: string) => void;
  /** What a new one is begun from, where that is not always the same. */
  from?: string | undefined;
}

export interface Editor<Content> {
  path: string;
  id: string | null;
  draft: Draft<Content>;
  changed: boolean;
  /** The draft was begun before this visit. */
  found: boolean;
  isUnsaved: () => boolean;
  edit: (change: Partial<Content>) => void;
  rebase: (base: number) => void;
  drop: () => void;
  send: (base: number) => void;
  busy: boolean;
  error: unknown;
  errorAt: (pointer: string) => string | undefined;
}

export function useEditor<Content extends { name: string }>(of: Edited<Content>): Editor<Content> {
  const { t } = useTranslation();
  const { path, id, saved, version } = of;
  const name = `${path} ${id ?? `new ${of.from ?? ''}`}`;
  const drafted = useDraft<Content>(name, saved, version);
  const save = useSave<{ id: string; version: number }>(path, id);
  const { content } = drafted.draft;
  return {
    ...{ path, id, draft: drafted.draft, edit: drafted.edit, rebase: drafted.rebase },
    ...{ found: drafted.found, isUnsaved: drafted.isUnsaved },
    ...{ changed: drafted.changed, busy: save.isPending, error: save.error },
    errorAt: errorsAt(save.error),
    drop: () => {
      save.reset();
      drafted.drop();
    },
    send: (base) =>
      save.mutate(
        { content: of.bodyOf(content), base, reason: '' },
        {
          onSuccess: (made) => {
            drafted.drop();
            save.reset();
            toast.success(t('admin.saved', { name: content.name }));
            if (id === null) of.onMade(made.id);
          },
        },
      ),
  };
}
