// What every card beside a ticket is given.
import type { Around, Ticket } from '../../api/types.ts';

export interface CardProps {
  ticket: Ticket;
  around: Around;
}
