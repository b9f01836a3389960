// Builders of domain objects for tests: a ticket with sensible defaults, changed where a test cares.
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CompiledPolicy, TicketRules } from '#domain/desk.ts';
import type { Candidate } from '#domain/routing.ts';
import { handle } from '#domain/ticket.ts';
import { newTicketState } from '#domain/ticket-evolve.ts';
import type { Actor, Ticket, TicketCommand } from '#domain/ticket-types.ts';

export const T0 = Date.parse('2025-03-03T10:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const AGENT: Actor = { type: 'user', userId: 'agent' };
export const ALWAYS = compileCalendar({ timeZone: 'UTC', hours: 'always' });

/** A policy: one hour to the first reply, two to the next, eight to close, paused while waiting on the contact. */
export function aPolicy(more: Partial<CompiledPolicy> = {}): CompiledPolicy {
  return {
    policyId: 'policy',
    version: 1,
    name: 'Standard',
    calendarId: null,
    calendarVersion: null,
    calendar: ALWAYS,
    goals: {
      firstReply: { seconds: 3_600, dueSoonSeconds: 600 },
      nextReply: { seconds: 7_200 },
      close: { seconds: 28_800 },
    },
    pauseStatuses: ['waitingOnContact'],
    escalations: [],
    why: [],
    ...more,
  };
}

/** Rules with the default pipeline. */
export function someRules(policy: CompiledPolicy | null = aPolicy()): TicketRules {
  return {
    revision: 1,
    policy,
    pipeline: {
      id: 'pipeline',
      statuses: [
        { id: 'new', name: 'New', category: 'new' },
        { id: 'waitingOnContact', name: 'Waiting on contact', category: 'waiting' },
        { id: 'waitingOnUs', name: 'Waiting on us', category: 'open' },
        { id: 'closed', name: 'Closed', category: 'closed' },
      ],
    },
    replyAssigns: true,
    statusAfterReply: 'waiting',
    reopenWindowMs: 14 * 24 * HOUR,
    undoSendMs: 10_000,
    deliveryGiveUpMs: 72 * HOUR,
  };
}

/** A new ticket as of T0. */
export function aTicket(rules: TicketRules = someRules(), id = 1): Ticket {
  return aTicketAt(T0, rules, id);
}

/** Somebody who may get any ticket. */
export const aCandidate = (userId: string, more: Partial<Candidate> = {}): Candidate => ({
  ...{ userId, name: userId, active: true, seat: true, mayReply: true, availability: 'available' },
  ...{ workingHours: null, absences: [], capacity: null, channelCapacity: {}, skills: [] },
  ...{ skillLevels: {}, main: true, load: 0, channelLoad: {}, lastTurn: 0 },
  ...more,
});

/** A new ticket that a rule with a fallback left waiting in a team: to all of it after a quarter of an hour, to another after one. */
export function aWaitingTicket(rules: TicketRules = someRules()): Ticket {
  const { state } = aTicket(rules);
  return {
    rules,
    state: {
      ...state,
      teamId: 'team',
      routing: {
        ...{ ruleId: 'rule', ruleName: 'Rule', ruleVersion: 3, teamId: 'team', userId: null },
        ...{ reason: 'nobody is free', atMs: T0, waitsSinceMs: T0 },
        fallback: [
          { afterSeconds: 900, to: 'team' },
          { afterSeconds: 3_600, to: { teamId: 'second' } },
        ],
      },
    },
  };
}

/** A new ticket as of another instant. */
export function aTicketAt(createdAtMs: number, rules: TicketRules, id = 1): Ticket {
  const state = newTicketState(
    {
      ...{ id, createdAtMs, pipelineId: 'pipeline', status: 'new', priority: 'normal' },
      ...{ requesterId: 'ann', teamId: null, assigneeId: null, channel: 'email', channelId: null },
      ...{ tags: [], messages: [], routing: null },
    },
    'new',
  );
  return { state, rules };
}

/** The ticket after commands at the given times; throws when one is refused. */
export function after(ticket: Ticket, ...commands: [number, TicketCommand][]): Ticket {
  let current = ticket;
  for (const [atMs, command] of commands) {
    const result = handle(current, command, AGENT, atMs);
    if (!result.decision.ok) throw new Error(`refused: ${result.decision.refusal.code}`);
    current = result.ticket;
  }
  return current;
}

/** The two commands by which a merge takes a ticket away, at one instant. */
export function mergeAway(atMs: number, intoTicketId: number): [number, TicketCommand][] {
  const untilMs = atMs + HOUR;
  return [
    [atMs, { type: 'reserveMerge', mergeId: 'g', role: 'loser', peerId: intoTicketId, untilMs }],
    [atMs, { type: 'seal', mergeId: 'g', survivorId: intoTicketId }],
  ];
}

/** Shorthand of the commands tests use most. */
export const reply = (messageId: string): TicketCommand => ({ type: 'reply', messageId });
export const customer = (messageId: string, atMs: number, automatic = false): TicketCommand => ({
  type: 'receiveMessage',
  messageId,
  atMs,
  automatic,
});
export const status = (id: string): TicketCommand => ({ type: 'change', status: id });
export const report = (
  messageId: string,
  outcome: 'sent' | 'failed' | 'cancelled',
  atMs: number,
): TicketCommand => ({ type: 'reportDelivery', messageId, outcome, atMs, code: null });
