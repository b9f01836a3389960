// Says in lists that the reader has begun something there and not sent it.
import { PencilLine } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useHasDraft } from '../composer/my-drafts.ts';

export function DraftMark({ ticketId }: { ticketId: number }) {
  const { t } = useTranslation();
  if (!useHasDraft(ticketId)) return null;
  return (
    <span title={t('composer.myDraft')} className="shrink-0 self-center text-accent">
      <PencilLine size={13} aria-hidden="true" />
      <span className="sr-only">{t('composer.myDraft')}</span>
    </span>
  );
}
