// One draft being written: whom it goes to, its words, what goes along, and sending it.
import { EditorContent } from '@tiptap/react';
import type { Editor } from '@tiptap/react';
import { useEffect, useLayoutEffect, useState } from 'react';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '../api/types.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { Bar } from './bar.tsx';
import type { Kind } from './content.ts';
import { DraftClash } from './draft-line.tsx';
import { draftOf, useDraftState } from './drafts.ts';
import { OfferList } from './offer-list.tsx';
import { Recipients } from './recipients.tsx';
import { useReplyDefaults } from './reply-defaults.ts';
import { hasSignature, SignatureLine } from './signature-line.tsx';
import { UploadList } from './upload-list.tsx';
import { useUploads } from './uploads.ts';
import { useSending } from './use-sending.ts';
import { useText } from './use-text.ts';

/** What the composer's frame asks of the draft that is shown. */
export interface WritingHandle {
  focus: () => void;
  take: (files: File[]) => void;
}

export interface WritingProps {
  ticket: Ticket;
  kind: Kind;
  /** Whether it was asked for by a key: the next one is its first letter. */
  focused: boolean;
  handle: RefObject<WritingHandle | null>;
}

function focusEnd(editor: Editor): void {
  // At once: the next key is the first letter, and must not be taken for a shortcut.
  editor.view.dom.focus();
  editor.commands.focus('end');
}

export function Writing({ ticket, kind, focused, handle }: WritingProps) {
  const { t } = useTranslation();
  const keeper = draftOf(ticket.id, kind);
  const { content } = useDraftState(keeper);
  const uploads = useUploads();
  const text = useText(keeper, uploads);
  const { editor } = text;
  const defaults = useReplyDefaults(ticket.id, content.channelId, kind !== 'note');
  const [signed, setSigned] = useState(true);
  const sending = useSending(keeper, signed && hasSignature(defaults?.signature));
  const busy = sending.busy || uploads.pending.length > 0;
  useEffect(() => {
    handle.current = { focus: () => focusEnd(editor), take: text.take };
  });
  useLayoutEffect(() => {
    if (focused) focusEnd(editor);
    // When it appears, and never again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useShortcuts('writing', [
    {
      ...{ keys: 'mod+enter', label: t('composer.send'), group: t('keys.ticket'), always: true },
      act: () => (busy ? undefined : sending.now({})),
    },
  ]);
  return (
    <>
      {kind === 'note' ? null : (
        <Recipients
          {...{ kind, ticket, content, defaults }}
          onChange={(part) => keeper.change(part)}
        />
      )}
      <DraftClash keeper={keeper} />
      <EditorContent editor={editor} className="max-h-[32dvh] overflow-y-auto" />
      <OfferList
        store={text.offers}
        editor={editor}
        labels={{ '@': t('composer.people'), '/': t('composer.canned') }}
      />
      {kind === 'note' ? null : (
        <SignatureLine signature={defaults?.signature} on={signed} onChange={setSigned} />
      )}
      <UploadList
        files={content.files}
        pending={uploads.pending}
        onRemove={(file) =>
          keeper.change({ files: content.files.filter(({ id }) => id !== file.id) })
        }
      />
      <Bar
        {...{ ticket, keeper, text, busy }}
        onFiles={(files) =>
          files.forEach((file) => {
            uploads.add(file, (one) =>
              keeper.change({ files: [...keeper.get().content.files, one] }),
            );
          })
        }
        onSend={sending.now}
      />
    </>
  );
}
