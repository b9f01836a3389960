// Messages from workflows to tickets, as activities: retried until Temporal takes them, harmless when repeated.
import type { TicketClient } from '#temporal/ticket-client.ts';
import type { ActivityContract } from './contract.ts';

/** Activities that only speak to tickets. */
export function messengerActivities(
  tickets: TicketClient,
): Pick<ActivityContract, 'reportDelivery' | 'passMessageOn' | 'tellAssigned'> {
  return {
    async reportDelivery({ ticketId, ...report }) {
      await tickets.tell(ticketId, { type: 'reportDelivery', ...report });
    },
    async passMessageOn({ ticketId, message }) {
      await tickets.tell(ticketId, message);
    },
    async tellAssigned({ teamId, assigned }) {
      for (const { ticketId, userId, reason } of assigned) {
        await tickets.tell(ticketId, { type: 'acceptAssignment', userId, teamId, reason });
      }
    },
  };
}
