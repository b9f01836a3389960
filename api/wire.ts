// Rows as the API shows them, and cursors. Instants leave as ISO with Z.
import type { EventView, MessageView } from '#db/messages.ts';
import type { TicketRow } from '#db/tickets.ts';
import { HoldfastError } from '#domain/errors.ts';
import { ticketWorkflowId } from '#domain/ids.ts';
import type { RoutingDecision } from '#domain/desk.ts';
import type { z } from '@hono/zod-openapi';
import type { MessageSchema, TicketSchema } from './schemas.ts';
import type { TicketGateway } from './ticket-gateway-contract.ts';

const iso = (date: Date | null): string | null => (date === null ? null : date.toISOString());

/** A ticket as JSON. */
export function ticketToWire(row: TicketRow, gateway: TicketGateway): z.infer<typeof TicketSchema> {
  const { nextWakeAt, nextWakeReason, nextDueAt: _due, routing, sla, ...rest } = row;
  const decision = routing as RoutingDecision | null;
  const stored = sla as Omit<z.infer<typeof TicketSchema>['sla'], 'goals'> & {
    goals: Partial<z.infer<typeof TicketSchema>['sla']['goals']>;
  };
  return {
    ...rest,
    priority: row.priority as z.infer<typeof TicketSchema>['priority'],
    sla: {
      ...stored,
      goals: {
        firstReply: stored.goals.firstReply ?? null,
        nextReply: stored.goals.nextReply ?? null,
        close: stored.goals.close ?? null,
      },
    },
    routing: decision === null ? null : routingToWire(decision),
    snoozedUntil: iso(row.snoozedUntil),
    nextWake:
      nextWakeAt === null ? null : { at: nextWakeAt.toISOString(), reason: nextWakeReason ?? '' },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    closedAt: iso(row.closedAt),
    workflow: { id: ticketWorkflowId(row.id), url: gateway.workflowUrl(row.id) },
  };
}

function routingToWire({ atMs, ...decision }: RoutingDecision) {
  return { ...decision, at: new Date(atMs).toISOString() };
}

/** A message as JSON. */
export function messageToWire(row: MessageView): z.infer<typeof MessageSchema> {
  return {
    ...row,
    sendAt: iso(row.sendAt),
    sentAt: iso(row.sentAt),
    createdAt: row.createdAt.toISOString(),
  };
}

/** An event as JSON. */
export function eventToWire(row: EventView) {
  return { ...row, at: row.at.toISOString() };
}

/** An opaque place in a list. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The place in a list that is walked by id. */
export const isUuid = (value: unknown): value is string =>
  typeof value === 'string' && UUID.test(value);

/** The place a cursor names; refuses what we did not make. */
export function decodeCursor<T>(
  cursor: string | undefined,
  isPlace: (value: unknown) => value is T,
): T | null {
  if (cursor === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (isPlace(value)) return value;
  } catch {
    // Falls through to the one answer for every broken cursor.
  }
  throw new HoldfastError('invalidRequest', 'The cursor is not one of ours.', {
    errors: [{ pointer: '/query/cursor', message: 'use nextCursor of the page before' }],
  });
}
