// What lists of tickets, and bulk changes, can be narrowed to. The same words in both, so that what a list shows is what a change takes.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { TICKET_VIEWS } from '#db/tickets.ts';
import { mayUseView } from '#domain/permissions.ts';
import { mustBeAllowed } from '../access.ts';
import type { AppEnv } from '../app-env.ts';
import { Priority, text, Uuid } from '../schemas.ts';

/** Fields of a filter; all optional, all must hold. */
export const TicketFilterFields = {
  view: z.enum(TICKET_VIEWS).optional(),
  status: text(64).optional(),
  category: z.enum(['new', 'open', 'waiting', 'closed']).optional(),
  assigneeId: z.union([Uuid, z.literal('none'), z.literal('me')]).optional(),
  teamId: Uuid.optional(),
  priority: Priority.optional(),
  channel: z.enum(['email', 'api', 'form']).optional(),
  tag: text(100, 1).optional(),
  requesterId: Uuid.optional(),
  slaState: z.enum(['none', 'ok', 'dueSoon', 'overdue', 'paused', 'completed']).optional(),
  q: text(500, 1).optional(),
};

/** Refuses what needs a seat: most default views, and looking for deadlines. */
export function refuseFilter(
  c: Context<AppEnv>,
  { view, slaState }: { view?: string | undefined; slaState?: string | undefined },
): void {
  if (view !== undefined && !mayUseView(c.get('access'), view)) mustBeAllowed(c, 'view.all');
  if (slaState !== undefined) mustBeAllowed(c, 'sla.view');
}
