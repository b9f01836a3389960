// The ladder: each step once per wait, at its own instant of working time, whatever happens to policies and outages meanwhile.
import { describe, expect, it } from 'vitest';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { EscalationStep } from '#domain/desk.ts';
import { handle } from '#domain/ticket.ts';
import type { Ticket, TicketEvent } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aPolicy,
  aTicket,
  aTicketAt,
  customer,
  HOUR,
  MINUTE,
  reply,
  report,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';

const before: EscalationStep = {
  ...{ goal: 'firstReply', when: { beforeSeconds: 1_800 } },
  actions: [{ type: 'raisePriority' }],
};
const at: EscalationStep = {
  ...{ goal: 'firstReply', when: 'overdue' },
  actions: [{ type: 'raisePriority' }, { type: 'addTag', tag: 'late' }],
};
const afterwards: EscalationStep = {
  ...{ goal: 'firstReply', when: { afterSeconds: 600 } },
  actions: [{ type: 'reassign', to: { teamId: 'second' } }],
};
const oneHour = (escalations: EscalationStep[], seconds = 3_600, version = 1) =>
  someRules(aPolicy({ version, goals: { firstReply: { seconds } }, escalations }));
const ladder = oneHour([before, at, afterwards]);

const eventsAt = (ticket: Ticket, atMs: number): TicketEvent[] =>
  handle(ticket, { type: 'wake' }, AGENT, atMs).recorded.map(({ event }) => event);
const typesAt = (ticket: Ticket, atMs: number): string[] =>
  eventsAt(ticket, atMs).map(({ type }) => type);

/** Wakes at every instant the ticket asks for, up to the bound; answers when it woke and what happened. */
function live(
  ticket: Ticket,
  fromMs: number,
  toMs: number,
): { ticket: Ticket; wokeAtMs: number[] } {
  let current = ticket;
  const wokeAtMs: number[] = [];
  for (let wake = nextWake(current, fromMs); wake !== null && wake.atMs <= toMs;) {
    wokeAtMs.push(wake.atMs);
    current = after(current, [wake.atMs, { type: 'wake' }]);
    wake = nextWake(current, wake.atMs);
  }
  return { ticket: current, wokeAtMs };
}

describe('the ladder', () => {
  it('climbs before, at and after the deadline, each step at its instant and once', () => {
    const half = after(aTicket(ladder), [T0 + 30 * MINUTE, { type: 'wake' }]);
    expect(half.state).toMatchObject({ priority: 'high', escalationLevel: 1 });
    const due = after(half, [T0 + HOUR, { type: 'wake' }]);
    expect(due.state).toMatchObject({ priority: 'urgent', tags: ['late'], escalationLevel: 2 });
    const top = after(due, [T0 + 70 * MINUTE, { type: 'wake' }]);
    expect(top.state).toMatchObject({ teamId: 'second', assigneeId: null, escalationLevel: 3 });
    expect(nextWake(top, T0 + 2 * HOUR)).toBeNull();
  });

  it('wakes the ticket for its steps and for nothing else', () => {
    const { wokeAtMs } = live(aTicket(ladder), T0, T0 + 99 * HOUR);
    expect(wokeAtMs).toEqual([T0 + 30 * MINUTE, T0 + HOUR, T0 + 70 * MINUTE]);
  });

  it('after a long outage catches up in one wake, in order, with the same result', () => {
    const { recorded, ticket } = handle(aTicket(ladder), { type: 'wake' }, AGENT, T0 + 99 * HOUR);
    expect(
      recorded.flatMap(({ event }) => (event.type === 'escalated' ? [event.atMs] : [])),
    ).toEqual([T0 + 30 * MINUTE, T0 + HOUR, T0 + 70 * MINUTE]);
    const punctual = live(aTicket(ladder), T0, T0 + 99 * HOUR).ticket;
    expect(ticket.state).toEqual({ ...punctual.state, updatedAtMs: T0 + 99 * HOUR });
  });

  it('counts working time before and after the deadline', () => {
    const office = compileCalendar({
      timeZone: 'UTC',
      hours: { thu: [['09:00', '17:00']], fri: [['09:00', '17:00']] },
    });
    const friday = Date.parse('2025-03-07T16:40:00Z');
    const rules = { ...ladder, policy: aPolicy({ ...ladder.policy, calendar: office }) };
    const { wokeAtMs } = live(aTicketAt(friday, rules), friday, friday + 999 * HOUR);
    // 20 minutes of Friday are left, the rest is next Thursday's.
    expect(wokeAtMs.map((ms) => new Date(ms).toISOString())).toEqual([
      '2025-03-13T09:10:00.000Z',
      '2025-03-13T09:40:00.000Z',
      '2025-03-13T09:50:00.000Z',
    ]);
  });

  it('records the breach before the steps it causes, and steps of one instant as the admin ordered them', () => {
    const tags = ['c', 'a', 'b'].map((tag): EscalationStep => ({
      ...at,
      actions: [{ type: 'addTag', tag }],
    }));
    const ticket = after(aTicket(oneHour(tags)), [T0 + HOUR, { type: 'wake' }]);
    expect(ticket.state.tags).toEqual(['c', 'a', 'b']);
    expect(typesAt(aTicket(oneHour(tags)), T0 + HOUR)[0]).toBe('goalBreached');
  });

  it('raises no higher than urgent, lowers nothing, and repeats no tag', () => {
    const rules = oneHour([
      { ...at, actions: [{ type: 'raisePriority', to: 'normal' }] },
      {
        ...at,
        actions: [{ type: 'raisePriority' }, { type: 'raisePriority' }, { type: 'raisePriority' }],
      },
      {
        ...at,
        actions: [
          { type: 'addTag', tag: 'late' },
          { type: 'addTag', tag: 'late' },
        ],
      },
    ]);
    const high = after(aTicket(rules), [T0, { type: 'change', priority: 'high' }]);
    expect(typesAt(high, T0 + HOUR).toSorted()).toEqual([
      'escalated',
      'escalated',
      'escalated',
      'goalBreached',
      'priorityChanged',
      'tagsChanged',
    ]);
  });

  it('reassigned to a person keeps the team, to a team frees the person', () => {
    const owned = after(aTicket(ladder), [
      T0,
      { type: 'change', teamId: 'first', assigneeId: 'eve' },
    ]);
    expect(after(owned, [T0 + 2 * HOUR, { type: 'wake' }]).state).toMatchObject({
      ...{ teamId: 'second', assigneeId: null },
    });
    const toPerson = oneHour([{ ...at, actions: [{ type: 'reassign', to: { userId: 'boss' } }] }]);
    const moved = after(
      owned,
      [T0, { type: 'adoptRules', rules: toPerson }],
      [T0 + HOUR, { type: 'wake' }],
    );
    expect(moved.state).toMatchObject({ teamId: 'first', assigneeId: 'boss' });
  });
});

describe('once per wait', () => {
  const everyWait = someRules(
    aPolicy({
      goals: { nextReply: { seconds: 3_600, dueSoonSeconds: 600 } },
      escalations: [{ goal: 'nextReply', when: 'overdue', actions: [{ type: 'raisePriority' }] }],
    }),
  );

  it('a reply ends the ladder, the next wait climbs it anew', () => {
    const first = after(
      aTicket(everyWait),
      [T0, reply('r')],
      [T0, customer('a', T0)],
      [T0 + HOUR, { type: 'wake' }],
    );
    expect(first.state.priority).toBe('high');
    const answered = after(first, [T0 + 2 * HOUR, reply('s')]);
    expect(typesAt(answered, T0 + 99 * HOUR)).toEqual([]);
    const asked = after(answered, [T0 + 3 * HOUR, customer('b', T0 + 3 * HOUR)]);
    expect(typesAt(asked, T0 + 4 * HOUR)).toEqual([
      ...['goalDueSoon', 'goalBreached', 'escalated', 'priorityChanged'],
    ]);
  });

  it('a reply that failed after the breach does not climb the same ladder twice', () => {
    const breached = after(aTicket(ladder), [T0 + 2 * HOUR, { type: 'wake' }]);
    const answered = after(breached, [T0 + 3 * HOUR, reply('r')]);
    // New rules while the reply is on its way forget nothing either.
    const adopted = after(answered, [T0 + 3 * HOUR, { type: 'adoptRules', rules: ladder }]);
    const failed = after(adopted, [T0 + 4 * HOUR, report('r', 'failed', T0 + 4 * HOUR)]);
    expect(typesAt(failed, T0 + 9 * HOUR)).toEqual([]);
  });

  it('a reopened ticket has a close goal of its own to breach', () => {
    const rules = someRules(aPolicy({ goals: { close: { seconds: 3_600 } } }));
    const closedLate = after(aTicket(rules), [T0 + 2 * HOUR, status('closed')]);
    const reopened = after(closedLate, [T0 + 3 * HOUR, status('waitingOnUs')]);
    expect(eventsAt(reopened, T0 + 9 * HOUR)).toMatchObject([
      { type: 'goalBreached', goal: 'close', breachedAtMs: T0 + 4 * HOUR },
    ]);
  });
});

describe('a policy that changes', () => {
  it('to a milder one takes the breach back, and breaches again at its own deadline', () => {
    const breached = after(aTicket(oneHour([at])), [T0 + HOUR, { type: 'wake' }]);
    const mild = after(breached, [
      T0 + 61 * MINUTE,
      { type: 'adoptRules', rules: oneHour([at], 7_200, 2) },
    ]);
    expect(nextWake(mild, T0 + 61 * MINUTE)?.atMs).toBe(T0 + 2 * HOUR);
    expect(typesAt(mild, T0 + 2 * HOUR - 1)).toEqual([]);
    expect(eventsAt(mild, T0 + 2 * HOUR)[0]).toMatchObject({
      ...{ type: 'goalBreached', breachedAtMs: T0 + 2 * HOUR },
    });
  });

  it('to the same promise repeats nothing, to a stricter one breaches at once', () => {
    const breached = after(aTicket(ladder), [T0 + HOUR, { type: 'wake' }]);
    const same = after(breached, [T0 + HOUR, { type: 'adoptRules', rules: ladder }]);
    expect(typesAt(same, T0 + HOUR)).toEqual([]);
    const strict = after(aTicket(ladder), [
      T0 + 20 * MINUTE,
      { type: 'adoptRules', rules: oneHour([at], 600, 2) },
    ]);
    expect(nextWake(strict, T0 + 20 * MINUTE)?.atMs).toBe(T0 + 10 * MINUTE);
    expect(eventsAt(strict, T0 + 20 * MINUTE)[0]).toMatchObject({ breachedAtMs: T0 + 10 * MINUTE });
  });

  it('by reordering or adding steps repeats none that has happened', () => {
    const breached = after(aTicket(ladder), [T0 + HOUR, { type: 'wake' }]);
    const more = { ...at, actions: [{ type: 'addTag' as const, tag: 'new step' }] };
    const changed = after(breached, [
      T0 + HOUR,
      { type: 'adoptRules', rules: oneHour([afterwards, more, at, before]) },
    ]);
    expect(typesAt(changed, T0 + HOUR)).toEqual(['escalated', 'tagsChanged']);
  });

  it('to none drops the goals and everything that was waited for', () => {
    const none = after(aTicket(ladder), [T0, { type: 'adoptRules', rules: someRules(null) }]);
    expect(nextWake(none, T0)).toBeNull();
    expect(typesAt(none, T0 + 99 * HOUR)).toEqual([]);
  });
});

describe('while the clock stands still', () => {
  it('no step is due and no timer armed; a deadline already missed goes on only with the clock', () => {
    const paused = after(aTicket(ladder), [T0 + 20 * MINUTE, status('waitingOnContact')]);
    expect(nextWake(paused, T0 + HOUR)).toBeNull();
    const late = after(aTicket(ladder), [T0 + 61 * MINUTE, status('waitingOnContact')]);
    expect(nextWake(late, T0 + 2 * HOUR)).toBeNull();
    const back = after(late, [T0 + 5 * HOUR, status('waitingOnUs')]);
    expect(nextWake(back, T0 + 5 * HOUR)?.atMs).toBe(T0 + 5 * HOUR + 9 * MINUTE);
  });
});

describe('a policy that is changed and restored', () => {
  const raising = someRules(
    aPolicy({
      escalations: [{ goal: 'firstReply', when: 'overdue', actions: [{ type: 'raisePriority' }] }],
    }),
  );
  const without = someRules(aPolicy({ version: 2 }));

  it('takes no step a second time for the same wait', () => {
    const late = T0 + 3 * HOUR;
    let ticket = handle(aTicket(raising), { type: 'wake' }, AGENT, late).ticket;
    expect(ticket.state.priority).toBe('high');
    for (const rules of [without, raising, without, raising]) {
      ticket = handle(ticket, { type: 'adoptRules', rules, alone: true }, AGENT, late + 1).ticket;
      ticket = handle(ticket, { type: 'wake' }, AGENT, late + 2).ticket;
    }
    expect(ticket.state).toMatchObject({ priority: 'high', escalationLevel: 1 });
  });
});
