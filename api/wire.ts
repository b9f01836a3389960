// Rows as the API shows them, and cursors. Instants leave as ISO with Z.
import type { MessageView } from '#db/messages.ts';
import type { ListedTicket, TicketRow } from '#db/tickets.ts';
import type { EventView } from '#db/timeline.ts';
import { HoldfastError } from '#domain/errors.ts';
import { conditionNames } from '#domain/conditions.ts';
import { ticketWorkflowId } from '#domain/ids.ts';
import type { RoutingDecision } from '#domain/desk.ts';
import type { SlaView } from '#domain/sla.ts';
import { slaToWire } from '#domain/sla-wire.ts';
import type { z } from '@hono/zod-openapi';
import type { MessageSchema, TicketSchema } from './schemas.ts';
import type { TicketGateway } from './ticket-gateway-contract.ts';
import type { EventSchema } from './tickets/event-schemas.ts';

type Ticket = z.infer<typeof TicketSchema>;

const iso = (date: Date | null): string | null => (date === null ? null : date.toISOString());

/** A ticket as JSON. */
export function ticketToWire(listed: TicketRow | ListedTicket, gateway: TicketGateway): Ticket {
  const { place: _place, ...row } = { place: null, ...listed };
  const { nextWakeAt, nextWakeReason, nextDueAt: _due, routing, sla, policy, ...rest } = row;
  const decision = routing as RoutingDecision | null;
  return {
    ...rest,
    // The database checks these two lists.
    priority: row.priority as Ticket['priority'],
    category: row.category as Ticket['category'],
    channel: row.channel as Ticket['channel'],
    sla: {
      ...allGoals(sla as ReturnType<typeof slaToWire>),
      ...(policy === undefined ? {} : ruledBy(policy)),
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

/** Which policy rules and which of a ticket's fields made it so: the same words as the workflow's own. */
function ruledBy({ name, conditions }: NonNullable<TicketRow['policy']>) {
  return { policyName: name, why: name === null ? [] : conditionNames(conditions ?? []) };
}

/** The SLA of a workflow's own state as JSON. */
export const slaViewToWire = (view: SlaView): Ticket['sla'] => allGoals(slaToWire(view));

/** Every goal present, null when the policy does not set it. */
function allGoals({ goals, mostUrgent, ...rest }: ReturnType<typeof slaToWire>): Ticket['sla'] {
  return {
    ...rest,
    goals: {
      firstReply: goals['firstReply'] ?? null,
      nextReply: goals['nextReply'] ?? null,
      close: goals['close'] ?? null,
    },
    mostUrgent: mostUrgent as Ticket['sla']['mostUrgent'],
  };
}

/** A routing decision as JSON. */
export function routingToWire(decision: RoutingDecision): NonNullable<Ticket['routing']> {
  const { ruleId, ruleName, ruleVersion = null, teamId, userId, reason, atMs } = decision;
  const { fallback, stepsTaken = 0, waitsSinceMs = atMs } = decision;
  const at = new Date(atMs).toISOString();
  const waitsSince = new Date(waitsSinceMs).toISOString();
  return {
    ...{ ruleId, ruleName, ruleVersion, teamId, userId, reason, at },
    fallback: fallback === undefined ? null : { steps: fallback, taken: stepsTaken, waitsSince },
  };
}

/** A message as JSON. */
export function messageToWire(row: MessageView): z.infer<typeof MessageSchema> {
  return {
    ...row,
    // Drafts are shown to nobody: no query that ends here reads one.
    state: row.state as z.infer<typeof MessageSchema>['state'],
    sendAt: iso(row.sendAt),
    sentAt: iso(row.sentAt),
    createdAt: row.createdAt.toISOString(),
  };
}

/** An event as JSON. */
export function eventToWire(row: EventView): z.infer<typeof EventSchema> {
  // Written by the projection from the domain's own events, whose shapes the schema names one by one.
  return { ...row, at: row.at.toISOString() } as z.infer<typeof EventSchema>;
}

/** An opaque place in a list. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The place in a list that is walked by id. */
export const isUuid = (value: unknown): value is string =>
  typeof value === 'string' && UUID.test(value);

/** An instant as we write it into cursors; Postgres does not know every year that JavaScript does. */
export const isInstant = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) &&
  !value.startsWith('0000') &&
  !Number.isNaN(Date.parse(value));

/** A row's place in a list by time. */
interface TimePlace {
  at: string;
  id: string;
}
/** Whether what came out of a cursor is such a place. */
export const isTimePlace = (value: unknown): value is TimePlace => {
  const { at, id } = (value ?? {}) as Partial<TimePlace>;
  return isInstant(at) && isUuid(id);
};

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
