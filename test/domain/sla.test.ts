// What users of other help desks complain about (../shared/reference/lessons.md, "SLA timers"), as guarantees.
import { describe, expect, it } from 'vitest';
import { compileCalendar } from '#domain/calendar-compile.ts';
import { slaView } from '#domain/sla.ts';
import type { SlaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import type { Ticket } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aPolicy,
  aTicket,
  customer,
  HOUR,
  MINUTE,
  reply,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';

const view = (ticket: Ticket, atMs: number): SlaView =>
  slaView(ticket.rules.policy, ticket.state.ledger, atMs);
const eventsOf = (ticket: Ticket, atMs: number): string[] =>
  handle(ticket, { type: 'wake' }, AGENT, atMs).recorded.map(({ event }) => event.type);

describe('replies', () => {
  it('a public reply of a person completes the first-reply goal at its own time', () => {
    const { goals } = view(after(aTicket(), [T0 + 30 * MINUTE, reply('r')]), T0 + HOUR);
    expect(goals.firstReply).toMatchObject({
      state: 'completedOnTime',
      completedAtMs: T0 + 30 * MINUTE,
      dueAtMs: T0 + HOUR,
    });
  });

  it('a note and an automatic mail stop no clock', () => {
    const ticket = after(
      aTicket(),
      [T0 + MINUTE, { type: 'addNote', messageId: 'n' }],
      [T0 + 2 * MINUTE, customer('auto', T0, true)],
    );
    expect(view(ticket, T0 + 3 * MINUTE).goals.firstReply?.state).toBe('active');
  });

  it('the next reply runs from the oldest unanswered message: further ones do not move it, a reply clears it', () => {
    const asked = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + HOUR, customer('a', T0 + HOUR)],
      [T0 + 2 * HOUR, customer('b', T0 + 2 * HOUR)],
    );
    expect(view(asked, T0 + 2 * HOUR).goals.nextReply).toMatchObject({
      startedAtMs: T0 + HOUR,
      dueAtMs: T0 + 3 * HOUR,
    });
    const answered = after(asked, [T0 + 2.5 * HOUR, reply('s')]);
    expect(view(answered, T0 + 9 * HOUR).goals.nextReply?.state).toBe('completedOnTime');
    expect(nextWake(answered, T0 + 3 * HOUR)).toBeNull();
  });

  it("before the first reply the customer's messages start no next-reply goal: the goals are independent", () => {
    expect(
      view(after(aTicket(), [T0 + MINUTE, customer('a', T0 + MINUTE)]), T0 + HOUR).goals.nextReply,
    ).toBeUndefined();
  });

  it('a reply that finally failed, bounced or was undone gives its clock back', () => {
    const replied = after(aTicket(), [T0 + MINUTE, reply('r')]);
    const failed = after(replied, [
      T0 + 2 * MINUTE,
      {
        type: 'reportDelivery',
        messageId: 'r',
        outcome: 'failed',
        atMs: T0 + 2 * MINUTE,
        code: 'smtp550',
      },
    ]);
    const bounced = after(
      replied,
      [
        T0 + 2 * MINUTE,
        {
          type: 'reportDelivery',
          messageId: 'r',
          outcome: 'sent',
          atMs: T0 + 2 * MINUTE,
          code: null,
        },
      ],
      [
        T0 + 3 * MINUTE,
        {
          ...customer('b', T0 + 3 * MINUTE, true),
          bouncedMessageId: 'r',
          bouncePermanent: true,
        } as never,
      ],
    );
    const undone = after(replied, [T0 + 2 * MINUTE, { type: 'undoSend', messageId: 'r' }]);
    for (const ticket of [failed, bounced, undone]) {
      expect(view(ticket, T0 + 5 * MINUTE).goals.firstReply).toMatchObject({
        state: 'active',
        completedAtMs: null,
      });
    }
  });

  it('a scheduled reply stops the clock and moves the status when it leaves, not when it is written', () => {
    const written = after(aTicket(), [
      T0 + MINUTE,
      { type: 'reply', messageId: 'r', sendAtMs: T0 + 30 * MINUTE },
    ]);
    expect(view(written, T0 + 2 * MINUTE).goals.firstReply?.completedAtMs).toBeNull();
    expect(written.state.status).toBe('new');
    const left = after(written, [
      T0 + 31 * MINUTE,
      {
        type: 'reportDelivery',
        messageId: 'r',
        outcome: 'sent',
        atMs: T0 + 30 * MINUTE,
        code: null,
      },
    ]);
    expect(view(left, T0 + HOUR).goals.firstReply?.completedAtMs).toBe(T0 + 30 * MINUTE);
    expect(left.state.status).toBe('waitingOnContact');
  });
});

describe('closing and reopening', () => {
  it('closing without a reply leaves no goal running, and figures are final at close', () => {
    const closed = after(aTicket(), [T0 + MINUTE, status('closed')]);
    expect(view(closed, T0 + 99 * HOUR)).toMatchObject({
      mostUrgent: null,
      state: 'completed',
      paused: false,
    });
    expect(Object.values(view(closed, T0 + 99 * HOUR).goals).map(({ state }) => state)).toEqual([
      'completedOnTime',
      'completedOnTime',
    ]);
  });

  it('a next-reply goal ends with the close', () => {
    const closed = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + HOUR, customer('a', T0 + HOUR)],
      [T0 + 2 * HOUR, status('closed')],
    );
    expect(view(closed, T0 + 99 * HOUR).goals.nextReply?.completedAtMs).toBe(T0 + 2 * HOUR);
  });

  it('reopening starts the close goal anew and keeps the first-reply figures', () => {
    const reopened = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + HOUR, status('closed')],
      [T0 + 50 * HOUR, customer('a', T0 + 50 * HOUR)],
    );
    expect(reopened.state).toMatchObject({ status: 'waitingOnUs', closedAtMs: null });
    const { goals } = view(reopened, T0 + 50 * HOUR);
    expect(goals.close).toMatchObject({ state: 'active', dueAtMs: T0 + 58 * HOUR });
    expect(goals.firstReply?.completedAtMs).toBe(T0 + MINUTE);
    expect(goals.nextReply).toMatchObject({ startedAtMs: T0 + 50 * HOUR });
  });

  it('automatic mail and bounces neither reopen a closed ticket nor open a waiting one', () => {
    const closed = after(
      aTicket(),
      [T0 + HOUR, status('closed')],
      [T0 + 2 * HOUR, customer('auto', T0 + 2 * HOUR, true)],
    );
    expect(closed.state.category).toBe('closed');
  });
});

describe('pauses', () => {
  it('a pause is worth the working time inside it, and no timer is armed while every clock stands still', () => {
    const office = compileCalendar({
      timeZone: 'UTC',
      hours: { mon: [['09:00', '17:00']], tue: [['09:00', '17:00']] },
    });
    const rules = someRules(
      aPolicy({ calendar: office, goals: { close: { seconds: 10 * 3_600 } } }),
    );
    const paused = after(aTicket(rules), [T0 + 5 * HOUR, status('waitingOnContact')]);
    expect(view(paused, T0 + 6 * HOUR)).toMatchObject({
      paused: true,
      state: 'paused',
      nextDueAtMs: null,
    });
    expect(nextWake(paused, T0 + 6 * HOUR)).toBeNull();
    // Monday 10:00 + 5 h, paused until Tuesday 10:00 (2 h of Monday and 1 h of Tuesday are lost), then 5 h more.
    const resumed = after(paused, [T0 + 24 * HOUR, status('waitingOnUs')]);
    expect(view(resumed, T0 + 24 * HOUR).goals.close?.dueAtMs).toBe(T0 + 29 * HOUR);
  });
});

describe('deadlines are facts', () => {
  it('a breach is recorded at its deadline, however late it is noticed, and once', () => {
    const woken = handle(aTicket(), { type: 'wake' }, AGENT, T0 + 5 * HOUR);
    expect(woken.recorded.map(({ event }) => event)).toMatchObject([
      { type: 'goalDueSoon', goal: 'firstReply', atMs: T0 + 50 * MINUTE },
      { type: 'goalBreached', goal: 'firstReply', breachedAtMs: T0 + HOUR },
    ]);
    expect(view(woken.ticket, T0 + 5 * HOUR).goals.firstReply?.breachedAtMs).toBe(T0 + HOUR);
    expect(eventsOf(woken.ticket, T0 + 6 * HOUR)).toEqual([]);
  });

  it('a reply after the deadline does not hide the breach, even when nobody had noticed it yet', () => {
    const { recorded } = handle(aTicket(), reply('r'), AGENT, T0 + 2 * HOUR);
    expect(recorded.map(({ event }) => event.type)).toEqual([
      'goalDueSoon',
      'goalBreached',
      'replyAccepted',
      'assigneeChanged',
      'statusChanged',
    ]);
  });

  it('a reply exactly at the deadline is on time', () => {
    expect(
      view(after(aTicket(), [T0 + HOUR, reply('r')]), T0 + 2 * HOUR).goals.firstReply?.state,
    ).toBe('completedOnTime');
  });

  it('a changed policy recomputes from history: stricter breaches at once, milder takes the breach back, none drops the goals', () => {
    const strict = someRules(aPolicy({ version: 2, goals: { firstReply: { seconds: 60 } } }));
    const stricter = after(aTicket(), [T0 + 10 * MINUTE, { type: 'adoptRules', rules: strict }]);
    expect(nextWake(stricter, T0 + 10 * MINUTE)?.atMs).toBe(T0 + MINUTE);
    const breached = after(stricter, [T0 + 10 * MINUTE, { type: 'wake' }]);
    expect(view(breached, T0 + 10 * MINUTE).goals.firstReply?.breachedAtMs).toBe(T0 + MINUTE);
    const mild = after(breached, [T0 + 11 * MINUTE, { type: 'adoptRules', rules: someRules() }]);
    expect(view(mild, T0 + 11 * MINUTE).goals.firstReply).toMatchObject({
      state: 'active',
      breachedAtMs: null,
    });
    expect(eventsOf(mild, T0 + HOUR)).toContain('goalBreached');
    const none = after(mild, [T0 + 12 * MINUTE, { type: 'adoptRules', rules: someRules(null) }]);
    expect(view(none, T0 + 12 * MINUTE)).toMatchObject({
      goals: {},
      policyId: null,
      state: 'none',
    });
  });

  it('spam and merged tickets do not escalate', () => {
    const spam = after(aTicket(), [T0 + MINUTE, { type: 'setSpam', spam: true }]);
    expect(eventsOf(spam, T0 + 9 * HOUR)).toEqual([]);
  });
});

describe('escalation', () => {
  const ladder = someRules(
    aPolicy({
      goals: { firstReply: { seconds: 3_600 } },
      escalations: [
        {
          goal: 'firstReply',
          when: { beforeSeconds: 1_800 },
          actions: [{ type: 'raisePriority' }],
        },
        {
          goal: 'firstReply',
          when: 'overdue',
          actions: [{ type: 'raisePriority' }, { type: 'addTag', tag: 'late' }],
        },
        {
          goal: 'firstReply',
          when: { afterSeconds: 600 },
          actions: [{ type: 'reassign', to: { teamId: 'second' } }],
        },
      ],
    }),
  );

  it('climbs step by step at its instants, each step once', () => {
    const half = after(aTicket(ladder), [T0 + 30 * MINUTE, { type: 'wake' }]);
    expect(half.state).toMatchObject({ priority: 'high', escalationLevel: 1 });
    const due = after(half, [T0 + HOUR, { type: 'wake' }]);
    expect(due.state).toMatchObject({ priority: 'urgent', tags: ['late'], escalationLevel: 2 });
    const top = after(due, [T0 + HOUR + 10 * MINUTE, { type: 'wake' }]);
    expect(top.state).toMatchObject({ teamId: 'second', assigneeId: null, escalationLevel: 3 });
    expect(nextWake(top, T0 + 2 * HOUR)).toBeNull();
  });

  it('after a long outage catches up in one wake, in order', () => {
    const { recorded, ticket } = handle(aTicket(ladder), { type: 'wake' }, AGENT, T0 + 99 * HOUR);
    expect(
      recorded
        .filter(({ event }) => event.type === 'escalated')
        .map(({ event }) => (event as { atMs: number }).atMs),
    ).toEqual([T0 + 30 * MINUTE, T0 + HOUR, T0 + 70 * MINUTE]);
    expect(ticket.state).toMatchObject({
      priority: 'urgent',
      teamId: 'second',
      escalationLevel: 3,
    });
  });
});
