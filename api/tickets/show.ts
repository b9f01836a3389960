// A ticket as its reader may see it: which tickets there are for them, and which of a ticket's fields.
import { listVisibleIds } from '#db/access.ts';
import { findTicket } from '#db/tickets.ts';
import type { TicketRow } from '#db/tickets.ts';
import { HoldfastError } from '#domain/errors.ts';
import { mayDo, seesAll } from '#domain/permissions.ts';
import type { Access, Viewer } from '#domain/permissions.ts';
import type { z } from '@hono/zod-openapi';
import type { ApiDeps } from '../app-env.ts';
import type { SlaSchema, TicketSchema } from '../schemas.ts';
import { ticketToWire } from '../wire.ts';

type Ticket = z.infer<typeof TicketSchema>;

const NO_TICKET = 'There is no such ticket.';

/** One ticket, or the 404 that every unknown or hidden one gets. */
export async function requireTicket(
  deps: Pick<ApiDeps, 'sql'>,
  viewer: Viewer,
  id: number,
): Promise<TicketRow> {
  const row = await findTicket(deps.sql, viewer, id);
  if (row === undefined) throw new HoldfastError('notFound', NO_TICKET);
  return row;
}

/** The same 404 for who only needs to know that there is one for them. */
export async function requireSight(
  deps: Pick<ApiDeps, 'sql'>,
  viewer: Viewer,
  id: number,
): Promise<void> {
  const visible = await listVisibleIds(deps.sql, viewer, [id]);
  if (!visible.has(id)) throw new HoldfastError('notFound', NO_TICKET);
}

/** The SLA of a ticket for somebody who may not see deadlines: as if no policy ruled it. */
export const NO_SLA: z.infer<typeof SlaSchema> = {
  ...{ policyId: null, policyVersion: null, paused: false, mostUrgent: null },
  goals: { firstReply: null, nextReply: null, close: null },
};

/** How domain/ticket-wake.ts names the wakes that come of deadlines. */
const SLA_WAKE = /^(first reply|next reply|close) (due soon|overdue|escalates)/;

/** The next wake for somebody who may not see deadlines. */
export const wakeWithoutSla = (wake: Ticket['nextWake']): Ticket['nextWake'] =>
  wake !== null && SLA_WAKE.test(wake.reason) ? null : wake;

/** A ticket as JSON, without its deadlines where the caller has no seat for them. */
export function showTicket(deps: ApiDeps, access: Access, row: TicketRow): Ticket {
  const ticket = ticketToWire(row, deps.gateway);
  if (mayDo(access, 'sla.view')) return ticket;
  return { ...ticket, sla: NO_SLA, nextWake: wakeWithoutSla(ticket.nextWake) };
}

/** A ticket that is not one of a list: whether the caller follows it is said besides. */
export const showOne = (deps: ApiDeps, access: Access, row: TicketRow): Ticket => ({
  ...showTicket(deps, access, row),
  following: row.followers.includes(access.userId),
});

/** A ticket after the caller's own change, which may have taken it out of their sight: its answer still says what came of it. */
export async function showChanged(deps: ApiDeps, access: Access, id: number): Promise<Ticket> {
  return showOne(deps, access, await requireTicket(deps, seesAll(access.userId), id));
}
