// decide/evolve: every state a ticket can be in with every command, and the rules of single commands as examples.
import { describe, expect, it } from 'vitest';
import { newTicketState } from '#domain/ticket-evolve.ts';
import { birthEvents, handle, record } from '#domain/ticket.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import type { Actor, Ticket, TicketCommand, TicketEvent } from '#domain/ticket-types.ts';
import {
  AGENT,
  after,
  aTicket,
  aWaitingTicket,
  customer,
  HOUR,
  mergeAway,
  MINUTE,
  reply,
  report,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';
import { EVERY_COMMAND, LATER, mustHold } from '#test/support/ticket-laws.ts';

const PLACES = ['new', 'waitingOnContact', 'waitingOnUs', 'closed'];
const REFUSALS =
  /^(ticketMerged|unknownStatus|versionConflict|snoozeInPast|invalidRequest|notRetryable|mergeSelf|mergeConflict|ticketBusyMerging|limitReached)$/;

/** Every combination of status, spam, snooze, a reply on its way, a merge's hold, and merged away. */
function everyStart(): { name: string; ticket: Ticket }[] {
  const extras: [string, [number, TicketCommand][]][] = [
    ['snoozed', [[T0 + 2 * MINUTE, { type: 'snooze', untilMs: LATER + HOUR, untilReply: true }]]],
    ['sending', [[T0 + 3 * MINUTE, { type: 'forward', messageId: 'sent' }]]],
    ['spam', [[T0 + 4 * MINUTE, { type: 'setSpam', spam: true }]]],
    ['merged', mergeAway(T0 + 5 * MINUTE, 2)],
  ];
  const starts: { name: string; ticket: Ticket }[] = [];
  for (const place of PLACES) {
    const plain = place === 'new' ? aTicket() : after(aTicket(), [T0 + MINUTE, status(place)]);
    const waiting =
      place === 'new' ? [] : [[T0 + MINUTE, status(place)] as [number, TicketCommand]];
    starts.push({
      name: `${place}, waiting for an agent`,
      ticket: after(aWaitingTicket(), ...waiting),
    });
    for (let chosen = 0; chosen < 1 << extras.length; chosen += 1) {
      const taken = extras.filter((_, bit) => (chosen >> bit) & 1);
      if (place === 'closed' && taken.some(([name]) => name === 'snoozed')) continue;
      const ticket = after(plain, ...taken.flatMap(([, commands]) => commands));
      starts.push({ name: [place, ...taken.map(([name]) => name)].join(', '), ticket });
    }
    const sending: TicketCommand = { type: 'reply', messageId: 'sent', status: place };
    starts.push({ name: `${place}, replied`, ticket: after(plain, [LATER - 1, sending]) });
    starts.push({
      name: `${place}, held`,
      ticket: after(plain, ...mergeAway(LATER, 2).slice(0, 1)),
    });
  }
  return starts;
}

const eventsOf = (ticket: Ticket, command: TicketCommand, atMs = LATER, actor: Actor = AGENT) =>
  handle(ticket, command, actor, atMs).recorded.map(({ event }) => event);
const refusalOf = (ticket: Ticket, command: TicketCommand, atMs = LATER): string | null => {
  const { decision } = handle(ticket, command, AGENT, atMs);
  return decision.ok ? null : decision.refusal.code;
};
const merged = after(aTicket(), ...mergeAway(T0 + MINUTE, 2));

describe('every state with every command answers events or a known refusal, and every law holds after', () => {
  it.for(everyStart())('$name', ({ ticket }) => {
    for (const command of EVERY_COMMAND) {
      const before = JSON.stringify(ticket);
      const result = handle(ticket, command, AGENT, LATER);
      expect(JSON.stringify(ticket)).toBe(before);
      expect(result.ticket.state.version).toBe(ticket.state.version + result.recorded.length);
      expect(result.recorded.map(({ seq }) => seq)).toEqual(
        result.recorded.map((_, index) => ticket.state.version + index + 1),
      );
      const code = result.decision.ok ? null : result.decision.refusal.code;
      expect(code ?? 'limitReached').toMatch(REFUSALS);
      mustHold(result.ticket, LATER);
    }
  });
});

describe('a new ticket', () => {
  it('is version 1 when it is created, and its first messages are counted on', () => {
    const born = aTicket();
    const messages = [
      { type: 'receiveMessage', messageId: 'a', atMs: T0, automatic: false } as const,
    ];
    const { ticket, recorded } = record(born, birthEvents(born, messages), AGENT, T0);
    expect(recorded.map(({ seq, event }) => [seq, event.type])).toEqual([
      [1, 'created'],
      [2, 'messageReceived'],
    ]);
    expect(eventsOf(ticket, customer('a', T0))).not.toContainEqual(
      expect.objectContaining({ type: 'messageReceived' }),
    );
  });

  it('that is born closed has no clock running', () => {
    const birth = { ...aTicket().state, status: 'closed', messages: [] };
    const ticket: Ticket = { state: newTicketState(birth, 'closed'), rules: someRules() };
    mustHold(ticket, LATER);
    expect(eventsOf(ticket, { type: 'wake' }, T0 + 99 * HOUR)).toEqual([]);
  });
});

describe('a change', () => {
  it('of nothing records nothing', () => {
    const same: TicketCommand = {
      ...{ type: 'change', status: 'new', priority: 'normal', assigneeId: null, teamId: null },
      tags: [],
    };
    expect(eventsOf(aTicket(), same, T0)).toEqual([]);
  });

  it('is refused when the ticket has moved on since it was read', () => {
    const moved = after(aTicket(), [T0, { type: 'change', priority: 'high' }]);
    const change = { type: 'change', priority: 'low', expectVersion: 0 } as const;
    expect(refusalOf(moved, change, T0)).toBe('versionConflict');
    expect(refusalOf(moved, { ...change, expectVersion: 1 }, T0)).toBeNull();
  });

  it('to another pipeline keeps the kind of status, and late rules do not bring the old one back', () => {
    const statuses = [
      { id: 'intake', name: 'Intake', category: 'new' as const },
      { id: 'parked', name: 'Parked', category: 'waiting' as const },
      { id: 'done', name: 'Done', category: 'closed' as const },
    ];
    const waiting = after(aTicket(), [T0, status('waitingOnContact')]);
    const moved = after(waiting, [T0, { type: 'change', pipeline: { id: 'second', statuses } }]);
    expect(moved.state).toMatchObject({ pipelineId: 'second', status: 'parked' });
    const adopted = after(moved, [T0, { type: 'adoptRules', rules: someRules() }]);
    expect(adopted.rules.pipeline.id).toBe('second');
  });

  it('that closes goes to the closed status of the pipeline the ticket is in, and leaves a closed one alone', () => {
    const statuses = [
      { id: 'intake', name: 'Intake', category: 'new' as const },
      { id: 'done', name: 'Done', category: 'closed' as const },
      { id: 'archived', name: 'Archived', category: 'closed' as const },
    ];
    const moved = after(aTicket(), [T0, { type: 'change', pipeline: { id: 'second', statuses } }]);
    expect(after(moved, [T0, { type: 'change', close: true }]).state.status).toBe('done');
    const archived = after(moved, [T0, status('archived')]);
    expect(eventsOf(archived, { type: 'change', close: true })).toEqual([]);
    const endless = { id: 'endless', statuses: statuses.slice(0, 1) };
    const stuck = after(aTicket(), [T0, { type: 'change', pipeline: endless }]);
    expect(refusalOf(stuck, { type: 'change', close: true })).toBe('unknownStatus');
  });

  it('of some tags leaves the others, and the limit is on what is left', () => {
    const tagged = after(aTicket(), [T0, { type: 'change', tags: ['a', 'b'] }]);
    const changed = after(tagged, [T0, { type: 'change', addTags: ['c', 'a'], removeTags: ['b'] }]);
    expect(changed.state.tags).toEqual(['a', 'c']);
    const full = Array.from({ length: 100 }, (_, index) => `t${index}`);
    const crowded = after(aTicket(), [T0, { type: 'change', tags: full }]);
    expect(refusalOf(crowded, { type: 'change', addTags: ['x'] })).toBe('limitReached');
    expect(refusalOf(crowded, { type: 'change', addTags: ['x'], removeTags: ['t1'] })).toBeNull();
  });

  it('of what a status means moves the tickets that are in it', () => {
    const rules = someRules();
    const open = after(aTicket(), [T0, status('waitingOnUs')]);
    const statuses = rules.pipeline.statuses.map((one) =>
      one.id === 'waitingOnUs' ? { ...one, category: 'closed' as const } : one,
    );
    const adopted = after(open, [
      LATER,
      { type: 'adoptRules', rules: { ...rules, pipeline: { id: 'pipeline', statuses } } },
    ]);
    expect(adopted.state).toMatchObject({ category: 'closed', closedAtMs: LATER });
  });
});

describe('a reply', () => {
  it('to an unassigned ticket assigns it to the replier, when the setting says so', () => {
    expect(after(aTicket(), [T0, reply('r')]).state.assigneeId).toBe('agent');
    const off = aTicket({ ...someRules(), replyAssigns: false });
    expect(after(off, [T0, reply('r')]).state.assigneeId).toBeNull();
    const system: Actor = { type: 'system', cause: 'macro' };
    expect(handle(aTicket(), reply('r'), system, T0).ticket.state.assigneeId).toBeNull();
  });

  it('told twice is one reply, also after it has left', () => {
    const replied = after(aTicket(), [T0, reply('r')]);
    expect(eventsOf(replied, reply('r'), T0 + 1)).toEqual([]);
    const left = after(replied, [T0 + MINUTE, report('r', 'sent', T0 + MINUTE)]);
    expect(eventsOf(left, reply('r'), T0 + MINUTE)).toEqual([]);
  });

  it.for<[string, TicketCommand]>([
    ['undone', { type: 'undoSend', messageId: 'r' }],
    ['failed', report('r', 'failed', T0 + MINUTE)],
    ['cancelled', report('r', 'cancelled', T0 + MINUTE)],
  ])('that was %s takes the status it had set back with it', ([, command]) => {
    const gone = after(aTicket(), [T0, reply('r')], [T0 + MINUTE, command]);
    expect(gone.state).toMatchObject({ status: 'new', sends: [] });
    const closing: TicketCommand = { type: 'reply', messageId: 'r', status: 'closed' };
    const reopened = after(aTicket(), [T0 + 1, closing], [T0 + MINUTE, command]);
    expect(reopened.state).toMatchObject({ status: 'new', closedAtMs: null });
    // As if the ticket had never been closed: no first reply, and the close goal still counts from creation.
    expect(reopened.state.ledger).toMatchObject({ marks: [], closeFromMs: T0 });
  });

  it('that fails leaves the status alone once somebody has changed it or another reply stands', () => {
    const moved = after(aTicket(), [T0, reply('r')], [T0 + 1, status('closed')]);
    expect(after(moved, [LATER, report('r', 'failed', LATER)]).state.status).toBe('closed');
    const twice = after(aTicket(), [T0, reply('r')], [T0 + 1, reply('s')]);
    const one = after(twice, [T0 + MINUTE, report('r', 'failed', T0 + MINUTE)]);
    expect(one.state.status).toBe('waitingOnContact');
    // When the second fails as well, nobody has answered: the ticket is as it was before both.
    expect(after(one, [LATER, report('s', 'failed', LATER)]).state.status).toBe('new');
    expect(after(one, [LATER, report('s', 'sent', LATER)]).state.sends).toEqual([]);
  });

  it('that left before the customer wrote again does not put the ticket aside when that is reported late', () => {
    const scheduled: TicketCommand = { type: 'reply', messageId: 'r', sendAtMs: T0 + HOUR };
    const ticket = after(
      aTicket(),
      [T0, status('waitingOnUs')],
      [T0, scheduled],
      [T0 + HOUR + 2000, customer('c', T0 + HOUR + 1000)],
      [T0 + HOUR + 5000, report('r', 'sent', T0 + HOUR)],
    );
    expect(ticket.state.status).toBe('waitingOnUs');
  });

  it('that failed can leave again: it stops the clock again, once, and takes its status with it', () => {
    const closing: TicketCommand = { type: 'reply', messageId: 'r', status: 'closed' };
    const failed = after(
      aTicket(),
      [T0, closing],
      [T0 + MINUTE, report('r', 'failed', T0 + MINUTE)],
    );
    const again: TicketCommand = {
      type: 'retrySend',
      messageId: 'r',
      kind: 'reply',
      status: 'closed',
    };
    const retried = after(failed, [T0 + HOUR, again]);
    expect(retried.state).toMatchObject({ status: 'closed', sends: [{ messageId: 'r' }] });
    expect(retried.state.ledger.marks.map(({ kind }) => kind)).toEqual(['reply', 'close']);
    expect(refusalOf(retried, again)).toBe('notRetryable');
    const left = after(retried, [LATER, report('r', 'sent', LATER)]);
    expect(left.state.sends).toEqual([]);
    expect(refusalOf(left, again)).toBe('notRetryable');
    const lost = after(retried, [LATER, report('r', 'failed', LATER)]);
    expect(lost.state).toMatchObject({ status: 'new', sends: [] });
    expect(lost.state.ledger.marks).toEqual([]);
  });

  it('that failed as a forward leaves again without touching clocks or status', () => {
    const failed = after(
      aTicket(),
      [T0, { type: 'forward', messageId: 'f' }],
      [T0 + MINUTE, report('f', 'failed', T0 + MINUTE)],
    );
    const again = after(failed, [
      T0 + HOUR,
      { type: 'retrySend', messageId: 'f', kind: 'forward' },
    ]);
    expect(again.state).toMatchObject({
      status: 'new',
      sends: [{ messageId: 'f', kind: 'forward' }],
    });
    expect(again.state.ledger.marks).toEqual([]);
  });

  it('past the limit of messages on their way is refused', () => {
    const many = Array.from({ length: 50 }, (_, index): [number, TicketCommand] => [
      T0,
      reply(`r${index}`),
    ]);
    expect(refusalOf(after(aTicket(), ...many), reply('one more'), T0)).toBe('limitReached');
  });
});

describe("a customer's message", () => {
  it.for<[string, string]>([
    ['new', 'new'],
    ['waitingOnContact', 'waitingOnUs'],
    ['waitingOnUs', 'waitingOnUs'],
    ['closed', 'waitingOnUs'],
  ])('on a ticket that is %s leaves it %s', ([from, to]) => {
    const ticket = after(aTicket(), [T0, status(from)], [T0 + MINUTE, customer('c', T0 + MINUTE)]);
    expect(ticket.state.status).toBe(to);
  });

  it.for(PLACES)('that is automatic or a bounce leaves a ticket that is %s alone', (place) => {
    const placed = after(aTicket(), [T0, status(place)]);
    const ticket =
      place === 'closed'
        ? placed
        : after(placed, [T0 + 1, { type: 'snooze', untilMs: null, untilReply: true }]);
    const bounce: TicketCommand = {
      ...{ type: 'receiveMessage', messageId: 'b', atMs: LATER, automatic: false },
      bouncedMessageId: 'r',
    };
    for (const message of [customer('auto', LATER, true), bounce]) {
      const told = after(ticket, [LATER, message]);
      expect(told.state.status).toBe(place);
      expect(told.state.snoozedUntilReply).toBe(ticket.state.snoozedUntilReply);
    }
  });

  it('told twice is one message', () => {
    const told = after(aTicket(), [LATER, customer('c', LATER)]);
    expect(eventsOf(told, customer('c', LATER))).toEqual([]);
  });

  it('to a merged ticket is passed on to the survivor, once', () => {
    expect(eventsOf(merged, customer('late', LATER))).toMatchObject([
      { type: 'messagePassedOn', ticketId: 2, message: { messageId: 'late' } },
    ]);
    expect(
      eventsOf(after(merged, [LATER, customer('late', LATER)]), customer('late', LATER)),
    ).toEqual([]);
  });

  it('reopens a ticket whose pipeline knows no open status as new', () => {
    const rules = someRules();
    const statuses = rules.pipeline.statuses.filter(({ category }) => category !== 'open');
    const ticket = aTicket({ ...rules, pipeline: { id: 'pipeline', statuses } });
    const reopened = after(ticket, [T0, status('closed')], [LATER, customer('c', LATER)]);
    expect(reopened.state.status).toBe('new');
  });
});

describe('a snooze', () => {
  const snoozed = after(aTicket(someRules(null)), [
    T0,
    { type: 'snooze', untilMs: LATER + HOUR, untilReply: true },
  ]);

  it('survives other changes, and ends at its time or with the customer’s reply', () => {
    const changed = after(snoozed, [LATER, { type: 'change', priority: 'high' }]);
    expect(changed.state.snoozedUntilMs).toBe(LATER + HOUR);
    expect(nextWake(changed, LATER)).toEqual({ atMs: LATER + HOUR, reason: 'snooze ends' });
    expect(after(changed, [LATER, customer('c', LATER)]).state.snoozedUntilMs).toBeNull();
    expect(after(changed, [LATER + HOUR, { type: 'wake' }]).state.snoozedUntilMs).toBeNull();
  });

  it('ends with the close; a closed ticket cannot be snoozed, nor one into the past', () => {
    const closed = after(snoozed, [LATER, status('closed')]);
    expect(closed.state).toMatchObject({ snoozedUntilMs: null, snoozedUntilReply: false });
    const snooze = { type: 'snooze', untilMs: LATER + HOUR, untilReply: false } as const;
    expect(refusalOf(closed, snooze)).toBe('invalidRequest');
    expect(refusalOf(snoozed, { ...snooze, untilMs: LATER })).toBe('snoozeInPast');
  });

  it('of a ticket that was merged away wakes nobody', () => {
    const away = after(snoozed, ...mergeAway(T0 + MINUTE, 2));
    expect(nextWake(away, LATER)?.reason).toBe('reopen window ends');
    expect(eventsOf(away, { type: 'wake' }, LATER + HOUR)).toEqual([]);
  });
});

describe('an assignment by routing', () => {
  const accept: TicketCommand = {
    ...{ type: 'acceptAssignment', userId: 'bob', teamId: 'team', reason: 'turn' },
  };
  const ofTeam = after(aTicket(someRules(null)), [T0, { type: 'change', teamId: 'team' }]);

  it('is taken by a waiting ticket of that team', () => {
    expect(after(ofTeam, [LATER, accept]).state.assigneeId).toBe('bob');
  });

  it.for<[string, [number, TicketCommand][]]>([
    ['taken by a person meanwhile', [[T0, { type: 'change', assigneeId: 'eve' }]]],
    ['closed meanwhile', [[T0, status('closed')]]],
    ['waiting on the contact', [[T0, status('waitingOnContact')]]],
    ['spam', [[T0, { type: 'setSpam', spam: true }]]],
    ['moved to another team', [[T0, { type: 'change', teamId: 'other' }]]],
    ['merged away', mergeAway(T0, 2)],
  ])('is declined by a ticket that is %s, so that the place is given back', ([, commands]) => {
    const ticket = after(ofTeam, ...commands);
    expect(eventsOf(ticket, accept)).toEqual([{ type: 'assignmentDeclined', userId: 'bob' }]);
  });
});

describe('the end of a ticket', () => {
  it('comes when its reopen window is over and nothing is on its way any more', () => {
    const endsAtMs = T0 + 14 * 24 * HOUR;
    const closed = after(aTicket(), [T0, status('closed')]);
    expect(nextWake(closed, LATER)).toEqual({ atMs: endsAtMs, reason: 'reopen window ends' });
    const sending = after(closed, [T0, { type: 'forward', messageId: 'f' }]);
    expect(after(sending, [endsAtMs, { type: 'wake' }]).state.ended).toBe(false);
    const ended = after(closed, [endsAtMs, { type: 'wake' }]);
    expect(ended.state.ended).toBe(true);
    expect(nextWake(ended, endsAtMs)).toBeNull();
    expect(after(ended, [endsAtMs, status('new')]).state.ended).toBe(false);
  });
});

describe('a merged ticket', () => {
  it.for(EVERY_COMMAND.map((command) => [JSON.stringify(command).slice(0, 80), command] as const))(
    'refuses a person with the survivor’s number, and takes facts: %s',
    ([, command]) => {
      const people =
        /^(change|reply|forward|addNote|retrySend|snooze|unsnooze|setSpam|follow|recordSplit)$/;
      const { decision } = handle(merged, command, AGENT, LATER);
      if (people.test(command.type)) {
        expect(decision).toMatchObject({ refusal: { code: 'ticketMerged', ticketId: 2 } });
      } else if (!decision.ok) {
        expect(command.type).toMatch(/^(reserveMerge|absorb)$/);
      }
    },
  );
});

describe('events', () => {
  it('alone rebuild the ticket: state is what evolve makes of what was recorded', () => {
    const start = aTicket();
    let ticket = start;
    const events: { event: TicketEvent; atMs: number }[] = [];
    for (const [index, command] of EVERY_COMMAND.entries()) {
      const atMs = T0 + index * 20 * MINUTE;
      const result = handle(ticket, command, AGENT, atMs);
      ticket = result.ticket;
      events.push(...result.recorded);
    }
    let rebuilt = start;
    for (const { event, atMs } of events) rebuilt = record(rebuilt, [event], AGENT, atMs).ticket;
    expect(rebuilt).toEqual(ticket);
  });
});
