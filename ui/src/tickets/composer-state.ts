// The composer's state: the editor with its draft, the uploads, and sending with a way back.
import { Placeholder } from '@tiptap/extensions';
import { useEditor } from '@tiptap/react';
import type { Editor } from '@tiptap/react';
import StarterKit from '@tiptap/starter-kit';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { ApiError, call } from '../api/client.ts';
import { useSend } from '../api/ticket-actions.ts';
import type { Draft } from '../api/ticket-actions.ts';
import type { Ticket } from '../api/types.ts';
import { useWordsFor } from '../components/bits.tsx';
import { forgetDraft, keptDraft, useKeepDraft, useRestoredDraft } from './drafts.ts';
import { useTakeBack } from './take-back.ts';

export type Kind = Draft['kind'];

/** A file on its way to the desk, or there. */
export interface Upload {
  id: string | null;
  name: string;
}

/** Who a message goes to beside the requester, as typed. */
export interface Recipients {
  to: string;
  cc: string;
}

/** Files of the message: uploaded as soon as they are chosen. */
function useUploads() {
  const words = useWordsFor();
  const [uploads, setUploads] = useState<Upload[]>([]);
  const replace = (name: string, by: Upload[]): void =>
    setUploads((all) => [...all.filter((one) => one.name !== name), ...by]);
  const attachOne = async (file: File): Promise<void> => {
    const { name } = file;
    replace(name, [{ id: null, name }]);
    const body = new FormData();
    body.append('file', file);
    try {
      const { id } = await call<{ id: string }>('POST', '/api/v1/attachments', {
        ...{ body, idempotencyKey: crypto.randomUUID() },
      });
      replace(name, [{ id, name }]);
    } catch (error) {
      replace(name, []);
      toast.error(words(error));
    }
  };
  return {
    uploads,
    attach: (files: File[]): void => files.forEach((file) => void attachOne(file)),
    detach: (upload: Upload): void => replace(upload.name, []),
    clear: (): void => setUploads([]),
  };
}

const PLACEHOLDERS = {
  note: 'composer.notePlaceholder',
  reply: 'composer.placeholder',
  forward: 'composer.forwardPlaceholder',
} as const;

/** The editor, which keeps what is typed. */
function useDraftEditor(ticketId: number, kind: Kind) {
  const { t } = useTranslation();
  const keep = useKeepDraft(ticketId);
  const [first] = useState(() => keptDraft(ticketId));
  const placeholder = t(PLACEHOLDERS[kind]);
  const now = useRef({ kind, placeholder });
  now.current = { kind, placeholder };
  const html = useRef(first?.html ?? '');
  const attributes = {
    ...{ 'aria-label': placeholder, role: 'textbox', 'aria-multiline': 'true', dir: 'auto' },
  };
  const editor = useEditor({
    extensions: [
      StarterKit.configure({ link: { openOnClick: false } }),
      Placeholder.configure({ placeholder: () => now.current.placeholder }),
    ],
    content: first?.html ?? '',
    editorProps: { attributes },
    onUpdate: ({ editor: one }) => {
      html.current = one.isEmpty ? '' : one.getHTML();
      keep({ kind: now.current.kind, html: html.current });
    },
  });
  useEffect(() => {
    // The text is kept as it is typed; here only its kind has changed.
    if (html.current !== '') keep({ kind, html: html.current });
  }, [kind, keep]);
  useEffect(() => {
    editor.setOptions({ editorProps: { attributes } });
    // The attributes are the placeholder's words and nothing else that changes.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [editor, placeholder]);
  return { editor, keep };
}

const addresses = (text: string): string[] => text.split(/[,;\s]+/).filter(Boolean);

/** What the message is now, as the API takes it; null without a word in it. */
function draftOf(
  editor: Editor,
  of: { kind: Kind; recipients: Recipients; uploads: Upload[]; more: Partial<Draft> },
): Draft | null {
  const { kind, recipients, uploads, more } = of;
  const body = editor.getText({ blockSeparator: '\n' }).trim();
  if (body === '') return null;
  const attachmentIds = uploads.flatMap(({ id }) => (id === null ? [] : [id]));
  return {
    ...{ kind, body, bodyHtml: editor.getHTML(), ...more },
    ...(kind === 'forward' ? { to: addresses(recipients.to) } : {}),
    ...(kind !== 'note' && recipients.cc.trim() !== '' ? { cc: addresses(recipients.cc) } : {}),
    ...(attachmentIds.length > 0 ? { attachmentIds } : {}),
  };
}

/** Everything the composer is made of. */
export function useComposer(ticket: Ticket, kind: Kind, setKind: (kind: Kind) => void) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const files = useUploads();
  const { uploads } = files;
  const [recipients, setRecipients] = useState<Recipients>({ to: '', cc: '' });
  const { editor, keep } = useDraftEditor(ticket.id, kind);
  const mutation = useSend(ticket.id);
  const takeBack = useTakeBack(ticket.id);
  useRestoredDraft(ticket.id, (draft) => {
    setKind(draft.kind);
    editor.commands.setContent(draft.html);
    keep(draft);
  });
  const key = useRef(crypto.randomUUID());
  const now = (more: Partial<Draft>): void => {
    if (mutation.isPending) return;
    const draft = draftOf(editor, { kind, recipients, uploads, more });
    if (draft === null) return void toast.error(t('composer.sendWithoutWords'));
    const html = editor.getHTML();
    const onSuccess = ({ id }: { id: string }): void => {
      key.current = crypto.randomUUID();
      forgetDraft(ticket.id);
      editor.commands.clearContent();
      files.clear();
      if (kind === 'note') return void toast.success(t('composer.noteAdded'));
      toast.success(t(more.sendAt === undefined ? 'composer.sent' : 'composer.sentLater'), {
        action: { label: t('common.undo'), onClick: () => takeBack(id, { html, kind }) },
      });
    };
    const onError = (error: Error): void => {
      // What was refused was not made; without an answer the same key makes the next try the same reply.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500)
        key.current = crypto.randomUUID();
      toast.error(words(error));
    };
    mutation.mutate({ draft, key: key.current }, { onSuccess, onError });
  };
  const busy = mutation.isPending || uploads.some(({ id }) => id === null);
  return { ...files, editor, recipients, setRecipients, send: { now, busy } };
}
