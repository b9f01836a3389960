// How often a second one core answers what a ticket's SLA looks like and when it must wake: asked on every command.
// Measures only; run alone: npx tsx bench/ticket-domain.ts
import { pathToFileURL } from 'node:url';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { TicketRules } from '#domain/desk.ts';
import { slaView } from '#domain/sla.ts';
import { newTicketState } from '#domain/ticket-evolve.ts';
import { handle } from '#domain/ticket.ts';
import type { Actor, Ticket, TicketCommand } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2025, 2, 3, 10);
const ROUNDS = 3_000;
const AGENT: Actor = { type: 'user', userId: 'agent' };

/** slaView() with nextWake() per second for tickets in several situations, and whole commands per second. */
export function benchTicketDomain(): { name: string; perSecond: number }[] {
  const open = aTicket();
  const paused = told(open, [{ type: 'reply', messageId: 'r' }]);
  const busy = told(open, manyMessages());
  return [
    look('sla view and next wake: open', open),
    look('sla view and next wake: paused', paused),
    look('sla view and next wake: 120 messages and changes of status', busy),
    measure('customer message handled, sla view and next wake', () => {
      const message = {
        type: 'receiveMessage',
        messageId: 'm',
        atMs: T0,
        automatic: false,
      } as const;
      const { ticket } = handle(paused, message, AGENT, T0 + HOUR_MS);
      return lookAt(ticket);
    }),
  ];
}

function aTicket(): Ticket {
  const week = ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [['09:00', '17:00']]]);
  const calendar = compileCalendar({
    timeZone: 'Europe/Berlin',
    hours: Object.fromEntries(week) as Record<string, [string, string][]>,
  });
  const statuses: TicketRules['pipeline']['statuses'] = [
    { id: 'new', name: 'New', category: 'new' },
    { id: 'waitingOnContact', name: 'Waiting on contact', category: 'waiting' },
    { id: 'waitingOnUs', name: 'Waiting on us', category: 'open' },
    { id: 'closed', name: 'Closed', category: 'closed' },
  ];
  const rules: TicketRules = {
    revision: 1,
    policy: {
      ...{ policyId: 'p', version: 1, name: 'Standard', calendarId: 'c', calendarVersion: 1 },
      calendar,
      goals: {
        firstReply: { seconds: 4 * 3_600, dueSoonSeconds: 3_600 },
        nextReply: { seconds: 8 * 3_600, dueSoonSeconds: 3_600 },
        close: { seconds: 40 * 3_600, dueSoonSeconds: 4 * 3_600 },
      },
      pauseStatuses: ['waitingOnContact'],
      escalations: [
        { goal: 'firstReply', when: 'overdue', actions: [{ type: 'raisePriority' }] },
        {
          goal: 'close',
          when: { afterSeconds: 3_600 },
          actions: [{ type: 'addTag', tag: 'late' }],
        },
      ],
      why: [],
    },
    pipeline: { id: 'pipeline', statuses },
    ...{ replyAssigns: true, statusAfterReply: 'waiting', reopenWindowMs: 14 * 24 * HOUR_MS },
    ...{ undoSendMs: 0, deliveryGiveUpMs: 72 * HOUR_MS },
  };
  const state = newTicketState(
    {
      ...{ id: 1, createdAtMs: T0, pipelineId: 'pipeline', status: 'new', priority: 'normal' },
      ...{ requesterId: 'ann', teamId: null, assigneeId: null, channel: 'email', channelId: null },
      ...{ tags: [], messages: [], routing: null },
    },
    'new',
  );
  // As a workflow gets it: out of a JSON payload.
  return JSON.parse(JSON.stringify({ state, rules })) as Ticket;
}

function manyMessages(): TicketCommand[] {
  return Array.from({ length: 40 }, (_, index): TicketCommand[] => [
    { type: 'reply', messageId: `r${index}` },
    { type: 'reportDelivery', messageId: `r${index}`, outcome: 'sent', atMs: T0, code: null },
    { type: 'receiveMessage', messageId: `c${index}`, atMs: T0 + index, automatic: false },
  ]).flat();
}

function told(ticket: Ticket, commands: readonly TicketCommand[]): Ticket {
  return commands.reduce(
    (current, command, index) => handle(current, command, AGENT, T0 + (index + 1) * 60_000).ticket,
    ticket,
  );
}

function lookAt(ticket: Ticket): number {
  const view = slaView(ticket.rules.policy, ticket.state.ledger, T0 + HOUR_MS);
  return (view.nextDueAtMs ?? 1) + (nextWake(ticket, T0 + HOUR_MS)?.atMs ?? 1);
}

function look(name: string, ticket: Ticket): { name: string; perSecond: number } {
  return measure(name, () => lookAt(ticket));
}

function measure(name: string, work: () => number): { name: string; perSecond: number } {
  let sum = 0;
  for (let index = 0; index < ROUNDS / 3; index += 1) sum += work();
  const beganMs = performance.now();
  for (let index = 0; index < ROUNDS; index += 1) sum += work();
  const seconds = (performance.now() - beganMs) / 1000;
  // Using the sum keeps the engine from dropping the work.
  if (sum === 0) throw new Error(`${name}: nothing was computed`);
  return { name, perSecond: Math.round(ROUNDS / seconds) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, perSecond } of benchTicketDomain()) {
    console.log(`${perSecond.toLocaleString('en').padStart(12)}/s  ${name}`);
  }
}
