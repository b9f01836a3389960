// A ticket on a page of its own: what a link opens.
import { useParams, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { TicketView } from '../tickets/ticket-view.tsx';

export function TicketPage() {
  const { ticketId } = useParams({ from: '/desk/tickets/$ticketId' });
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <>
      <h1 className="sr-only">{t('ticketPage.heading', { id: ticketId })}</h1>
      <TicketView key={ticketId} id={Number(ticketId)} onClose={() => router.history.back()} />
    </>
  );
}
