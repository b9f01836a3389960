// The orders a list of tickets can have.

/**
 * `sla` begins with the most urgent deadline and ends with the tickets that have none, the last changed first. `nextDueAt` leaves those
 * out. `-priority` begins with urgent ones; equal ones stand by their last change.
 */
export const TICKET_SORTS = [
  '-updatedAt',
  'updatedAt',
  '-createdAt',
  'createdAt',
  'nextDueAt',
  'sla',
  '-priority',
  'priority',
  '-id',
] as const;
/** One of them. */
export type TicketSort = (typeof TICKET_SORTS)[number];
