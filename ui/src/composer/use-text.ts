// The editor of the words: it tells the draft's keeper what was typed, and takes in what came from elsewhere.
import { Placeholder } from '@tiptap/extensions';
import { useEditor } from '@tiptap/react';
import type { Editor } from '@tiptap/react';
import StarterKit from '@tiptap/starter-kit';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { useWordsFor } from '../components/bits.tsx';
import { cannedReplies, insertCanned } from './canned.ts';
import type { DraftKeeper } from './draft-keeper.ts';
import { useDraftState } from './drafts.ts';
import { mentions } from './mention.ts';
import { isPicture, Picture } from './picture.ts';
import { holdPlace } from './place.ts';
import { createOfferStore } from './suggestions.ts';
import type { OfferStore } from './suggestions.ts';
import type { Uploads } from './uploads.ts';

const PLACEHOLDERS = {
  note: 'composer.notePlaceholder',
  reply: 'composer.placeholder',
  forward: 'composer.forwardPlaceholder',
} as const;

/** The words of one draft. */
export interface Text {
  editor: Editor;
  offers: OfferStore;
  insertCanned: (id: string) => void;
  /** Puts files where they belong: pictures into the text, all others below it. */
  take: (files: File[], at?: number) => void;
}

/** What becomes of an editor's content. */
const contentOf = (editor: Editor): { html: string; text: string } => ({
  html: editor.isEmpty ? '' : editor.getHTML(),
  text: editor.getText({ blockSeparator: '\n' }).trim(),
});

export function useText(keeper: DraftKeeper, uploads: Uploads): Text {
  const { t } = useTranslation();
  const words = useWordsFor();
  const { kind, ticketId } = keeper;
  const [offers] = useState(createOfferStore);
  const placeholder = t(PLACEHOLDERS[kind]);
  const insert = (id: string): void => {
    insertCanned(editor, { id, ticketId })
      .then((missing) => {
        if (missing.length > 0) toast.warning(t('composer.missing', { list: missing.join(', ') }));
      })
      .catch((error: unknown) => void toast.error(words(error)));
  };
  const take: Text['take'] = (files, at) => {
    for (const file of files) {
      if (!isPicture(file)) {
        uploads.add(file, (one) => keeper.change({ files: [...keeper.get().content.files, one] }));
        continue;
      }
      const show = holdPlace(editor, at);
      uploads.add(file, ({ id, name }) => show(pictureOf(id, name)));
    }
  };
  // The editor is made once; what it calls is what holds at that moment.
  const now = useRef({ insert, take, placeholder });
  now.current = { insert, take, placeholder };
  const editor = useEditor({
    extensions: [
      StarterKit.configure({ link: { openOnClick: false } }),
      Placeholder.configure({ placeholder: () => now.current.placeholder }),
      Picture,
      cannedReplies(offers, ticketId, (id) => now.current.insert(id)),
      ...(kind === 'note' ? [mentions(offers)] : []),
    ],
    content: keeper.get().content.html,
    editorProps: {
      attributes: {
        ...{ 'aria-label': placeholder, role: 'textbox', 'aria-multiline': 'true', dir: 'auto' },
      },
      handlePaste: (_view, event) =>
        takes(event, event.clipboardData, (files) => now.current.take(files)),
      handleDrop: (view, event, _slice, moved) =>
        !moved &&
        takes(event, event.dataTransfer, (files) =>
          now.current.take(
            files,
            view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos,
          ),
        ),
    },
    onUpdate: ({ editor: one }) => keeper.change(contentOf(one)),
  });
  useTakenIn(keeper, editor);
  return { editor, offers, insertCanned: insert, take };
}

/** Whether files came with it that are not just another shape of copied text. */
function takes(event: Event, data: DataTransfer | null, take: (files: File[]) => void): boolean {
  const files = [...(data?.files ?? [])];
  if (files.length === 0 || (data?.getData('text/plain') ?? '') !== '') return false;
  event.preventDefault();
  event.stopPropagation();
  take(files);
  return true;
}

function pictureOf(id: string, name: string): string {
  const picture = document.createElement('img');
  picture.src = `/api/v1/attachments/${id}`;
  picture.alt = name;
  return picture.outerHTML;
}

/** Shows content that was not typed here. */
function useTakenIn(keeper: DraftKeeper, editor: Editor): void {
  const { epoch } = useDraftState(keeper);
  const seen = useRef(epoch);
  useEffect(() => {
    // An editor that took long to appear is made anew, with what holds by then.
    if (seen.current === epoch || editor.isDestroyed) return;
    seen.current = epoch;
    editor.commands.setContent(keeper.get().content.html, { emitUpdate: false });
    if (editor.isFocused) editor.commands.focus('end');
  }, [editor, epoch, keeper]);
}
