// Taking a message back while it waits to leave: all of it returns to the composer.
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { ApiError } from '../api/client.ts';
import { useUndoSend } from '../api/ticket-actions.ts';
import { useWordsFor } from '../components/bits.tsx';
import type { Content, Kind } from './content.ts';
import { draftOf } from './drafts.ts';
import { showKind } from './shown-kind.ts';

interface Written {
  kind: Kind;
  content: Content;
}
/** What this page has sent, as it was written: a message does not say which other it passes on, nor which files were added to it. */
const MOST_WRITTEN = 100;
const written = new Map<string, Written>();
export function keepWritten(messageId: string, of: Written): void {
  written.set(messageId, of);
  // A page stays open for days: the oldest goes.
  const [oldest] = written.keys();
  if (written.size > MOST_WRITTEN && oldest !== undefined) written.delete(oldest);
}

/** Answers the act; says why when it is too late. */
export function useTakeBack(ticketId: number): (messageId: string, of: Written) => void {
  const { t } = useTranslation();
  const words = useWordsFor();
  const undo = useUndoSend(ticketId);
  return (messageId, of) =>
    undo.mutate(messageId, {
      onSuccess: () => {
        const { kind, content } = written.get(messageId) ?? of;
        draftOf(ticketId, kind).restore(content);
        showKind(ticketId, kind);
        toast.success(t('composer.undone'));
      },
      onError: (error) => {
        const late = error instanceof ApiError && error.code === 'sendAlreadyLeft';
        toast.error(late ? t('composer.tooLate') : words(error));
      },
    });
}
