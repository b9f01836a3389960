// The way from a message to a forward of it: the composer opens with that message chosen, and what was typed for a forward stays.
import { Forward } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../api/queries.ts';
import type { Message } from '../api/types.ts';
import { IconButton } from '../components/button.tsx';
import { draftOf } from '../composer/drafts.ts';
import { showKind } from '../composer/shown-kind.ts';

/** Whether the desk passes it on: notes stay inside, and what was taken back never left. */
export const canBePassedOn = ({ kind, state }: Message): boolean =>
  kind !== 'note' && state !== 'cancelled';

export function ForwardButton({ ticketId, message }: { ticketId: number; message: Message }) {
  const { t } = useTranslation();
  const mayForward = useMay('ticket.reply');
  if (!mayForward || !canBePassedOn(message)) return null;
  const forward = (): void => {
    draftOf(ticketId, 'forward').change({ messageId: message.id });
    showKind(ticketId, 'forward', { write: true });
  };
  return (
    <IconButton label={t('timeline.forward')} className="-my-1 size-7" onClick={forward}>
      <Forward size={15} aria-hidden="true" />
    </IconButton>
  );
}
