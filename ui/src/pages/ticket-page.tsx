// A ticket on a page of its own: what a link opens.
import { useParams, useRouter } from '@tanstack/react-router';
import { TicketView } from '../tickets/ticket-view.tsx';

export function TicketPage() {
  const { ticketId } = useParams({ from: '/desk/tickets/$ticketId' });
  const router = useRouter();
  return <TicketView key={ticketId} id={Number(ticketId)} onClose={() => router.history.back()} />;
}
