// What a move would do to a ticket's deadlines: asked before it is made, and changes nothing.
import { createRoute, z } from '@hono/zod-openapi';
import { findChannel } from '#db/channels.ts';
import { loadDeskRules } from '#db/desk-rules.ts';
import { findTicketSource } from '#db/ticket-projection.ts';
import { HoldfastError } from '#domain/errors.ts';
import { previewMove } from '#domain/move-preview.ts';
import type { PlaceSla } from '#domain/move-preview.ts';
import { mayDo } from '#domain/permissions.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses, SlaSchema, TicketIdParam } from '../schemas.ts';
import { slaViewToWire } from '../wire.ts';
import { moveChange, MoveInput } from './act.ts';
import { NO_SLA, requireTicket, showTicket } from './show.ts';

/** The promises before and after a move. */
export const MovePreview = z
  .strictObject({ before: SlaSchema, after: SlaSchema })
  .openapi('MovePreview', {
    description:
      'Deadlines as they would stand right after the move; those who may not see deadlines are told of none.',
  });

const route = createRoute({
  method: 'post',
  path: '/api/v1/tickets/{id}/move/preview',
  operationId: 'previewMoveOfTicket',
  summary: 'What a move would do to a ticket’s deadlines; nothing is moved',
  request: {
    params: TicketIdParam,
    body: { required: true, content: { 'application/json': { schema: MoveInput } } },
  },
  responses: {
    200: {
      description: 'The deadlines here and there. A move that would be refused is refused here.',
      content: { 'application/json': { schema: MovePreview } },
    },
    ...errorResponses,
  },
});

export function registerMovePreview(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const row = await requireTicket(deps, c.get('access'), id);
    const change = await moveChange(deps, c, id, c.req.valid('json'));
    if (!mayDo(c.get('access'), 'sla.view')) return c.json({ before: NO_SLA, after: NO_SLA }, 200);
    const [desk, source] = await Promise.all([
      loadDeskRules(deps.sql),
      findTicketSource(deps.sql, id),
    ]);
    // A newborn ticket has no state yet that could be moved.
    if (source === undefined || source.snapshot === null) {
      throw new HoldfastError('notFound', 'There is no such ticket.');
    }
    const { snapshot: state, createdAt, ...facts } = source;
    const mailbox =
      change.channelId === undefined
        ? source.mailbox
        : ((await findChannel(deps.sql, change.channelId))?.address ?? null);
    const there = previewMove(
      desk,
      { state, facts: { ...facts, ticketId: id, createdAtMs: createdAt.getTime() } },
      { change, mailbox, actor: { type: 'user', userId: c.get('caller').userId } },
      deps.clock(),
    );
    if ('code' in there) throw new HoldfastError(there.code, there.detail);
    // What the ticket carries now, not what today's rules would give it: they may be on their way to it.
    const { sla: before } = showTicket(deps, c.get('access'), row);
    return c.json({ before, after: placeToWire(there) }, 200);
  });
}

const placeToWire = ({ policy, sla }: PlaceSla): z.infer<typeof SlaSchema> => ({
  ...slaViewToWire(sla),
  policyName: policy?.name ?? null,
});
