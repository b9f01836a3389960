// Taking a message back while it waits to leave: its text returns to the composer.
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { ApiError } from '../api/client.ts';
import { useUndoSend } from '../api/ticket-actions.ts';
import { useWordsFor } from '../components/bits.tsx';
import { restoreDraft } from './drafts.ts';
import type { KeptDraft } from './drafts.ts';

/** Answers the act; says why when it is too late. */
export function useTakeBack(ticketId: number): (messageId: string, draft: KeptDraft) => void {
  const { t } = useTranslation();
  const words = useWordsFor();
  const undo = useUndoSend(ticketId);
  return (messageId, draft) =>
    undo.mutate(messageId, {
      onSuccess: () => {
        restoreDraft(ticketId, draft);
        toast.success(t('composer.undone'));
      },
      onError: (error) => {
        const late = error instanceof ApiError && error.code === 'sendAlreadyLeft';
        toast.error(late ? t('composer.tooLate') : words(error));
      },
    });
}
