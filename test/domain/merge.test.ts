// Merging: who may, what moves, what undoing gives back, and every interleaving of merges that would form a circle.
import { describe, expect, it } from 'vitest';
import { mergePayload } from '#domain/merge.ts';
import { slaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import type { MergePayload, Ticket, TicketCommand } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aPolicy,
  aTicket,
  customer,
  HOUR,
  mergeAway,
  MINUTE,
  reply,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';

const LATER = T0 + 2 * HOUR;
const LEASE_MS = 15 * MINUTE;
const nobody: MergePayload = { tags: [], followers: [], unansweredSinceMs: null };
const reserve = (
  mergeId: string,
  peerId: number,
  role: 'loser' | 'survivor' = 'loser',
): TicketCommand => ({ type: 'reserveMerge', mergeId, role, peerId, untilMs: LATER + LEASE_MS });
const absorb = (mergeId: string, loserId: number, payload = nobody): TicketCommand => ({
  ...{ type: 'absorb', mergeId, loserId, payload },
});
const refusalOf = (ticket: Ticket, command: TicketCommand, atMs = LATER) => {
  const { decision } = handle(ticket, command, AGENT, atMs);
  return decision.ok ? null : decision.refusal;
};
const recordedBy = (ticket: Ticket, command: TicketCommand, atMs = LATER) =>
  handle(ticket, command, AGENT, atMs).recorded.map(({ event }) => event.type);
const firstReply = (ticket: Ticket, atMs: number) =>
  slaView(ticket.rules.policy, ticket.state.ledger, atMs).goals.firstReply;

describe('while a merge is under way', () => {
  const held = after(aTicket(), [LATER, { ...reserve('g', 2), hears: true } as TicketCommand]);

  it('a customer’s message that reaches the loser reaches the survivor once the loser is sealed', () => {
    const { ticket } = handle(held, customer('late', LATER + 1), AGENT, LATER + 1);
    const { recorded } = handle(
      ticket,
      { type: 'seal', mergeId: 'g', survivorId: 2 },
      AGENT,
      LATER + 2,
    );
    expect(recorded.map(({ event }) => event)).toEqual([
      expect.objectContaining({ type: 'mergedAway', intoTicketId: 2 }),
      {
        ...{ type: 'messagePassedOn', ticketId: 2 },
        message: { type: 'receiveMessage', messageId: 'late', atMs: LATER + 1, automatic: false },
      },
    ]);
  });

  it('a waiting survivor that inherits an unanswered customer opens, so that the clock it takes over runs', () => {
    const waiting = after(
      aTicket(someRules(), 2),
      [T0 + 1, reply('r')],
      [T0 + 2, status('waitingOnContact')],
    );
    const payload = { ...nobody, unansweredSinceMs: T0 };
    const command = { ...absorb('g', 1, payload), opens: true } as TicketCommand;
    expect(handle(waiting, command, AGENT, LATER).ticket.state.category).toBe('open');
    // Undone, it is put aside again, unless somebody has moved it since.
    const opened = handle(waiting, command, AGENT, LATER).ticket;
    const undo: TicketCommand = { type: 'unabsorb', mergeId: 'g' };
    expect(handle(opened, undo, AGENT, LATER + 1).ticket.state.status).toBe('waitingOnContact');
    const moved = after(opened, [LATER, status('new')]);
    expect(handle(moved, undo, AGENT, LATER + 1).ticket.state.status).toBe('new');
    // Without a customer who waits nothing opens.
    const calm = { ...absorb('g', 1), opens: true } as TicketCommand;
    expect(handle(waiting, calm, AGENT, LATER).ticket.state.category).toBe('waiting');
  });
});

describe('who may be merged', () => {
  it('a ticket is not merged into itself', () => {
    expect(refusalOf(aTicket(), reserve('g', 1))?.code).toBe('mergeSelf');
  });

  it('a merged ticket takes part in no further merge and names where it went: chains follow, circles cannot close', () => {
    const gone = after(aTicket(), ...mergeAway(T0, 2));
    for (const command of [reserve('h', 3), reserve('h', 3, 'survivor'), absorb('h', 3)]) {
      expect(refusalOf(gone, command)).toMatchObject({ code: 'ticketMerged', ticketId: 2 });
    }
    expect(refusalOf(gone, { type: 'seal', mergeId: 'h', survivorId: 3 })?.code).toBe(
      'ticketMerged',
    );
  });

  it('a survivor may itself be merged on: a chain', () => {
    const survivor = after(
      aTicket(someRules(), 2),
      [LATER, reserve('g', 1, 'survivor')],
      [LATER, absorb('g', 1)],
      [LATER, reserve('h', 3)],
      [LATER, { type: 'seal', mergeId: 'h', survivorId: 3 }],
    );
    expect(survivor.state.mergedInto?.ticketId).toBe(3);
    expect(survivor.state.absorbed.map(({ ticketId }) => ticketId)).toEqual([1]);
  });

  it('a ticket takes in 250 others and no more', () => {
    const all = Array.from({ length: 250 }, (_, index): [number, TicketCommand] => [
      LATER,
      absorb(`g${index}`, index + 2),
    ]);
    const full = after(aTicket(), ...all);
    expect(refusalOf(full, reserve('h', 999, 'survivor'))?.code).toBe('limitReached');
    expect(refusalOf(full, reserve('h', 999))).toBeNull();
  });
});

describe('the hold of a merge', () => {
  const held = after(aTicket(), [LATER, reserve('g', 2)]);

  it('keeps other merges out, also of what was absorbed or sealed by another', () => {
    const others: TicketCommand[] = [
      reserve('h', 3),
      absorb('h', 3),
      { type: 'seal', mergeId: 'h', survivorId: 3 },
    ];
    for (const command of others) expect(refusalOf(held, command)?.code).toBe('ticketBusyMerging');
  });

  it('is taken once by the same merge, and released by it alone', () => {
    expect(recordedBy(held, reserve('g', 2))).toEqual([]);
    expect(recordedBy(held, { type: 'releaseMerge', mergeId: 'h' })).toEqual([]);
    expect(recordedBy(held, { type: 'releaseMerge', mergeId: 'g' })).toEqual(['mergeReleased']);
  });

  it('runs out by the ticket’s own timer, so that a lost coordinator blocks nobody', () => {
    const quiet = after(aTicket(someRules(null)), [LATER, reserve('g', 2)]);
    expect(nextWake(quiet, LATER)).toEqual({
      atMs: LATER + LEASE_MS,
      reason: 'merge g must be done',
    });
    const free = after(quiet, [LATER + LEASE_MS, { type: 'wake' }]);
    expect(free.state.lease).toBeNull();
    expect(refusalOf(quiet, reserve('h', 3), LATER + LEASE_MS + 1)).toBeNull();
  });

  it('once lost cannot be sealed on: whatever happened meanwhile is unknown to that merge', () => {
    const seal: TicketCommand = { type: 'seal', mergeId: 'g', survivorId: 2 };
    expect(refusalOf(held, seal, LATER + LEASE_MS)).toBeNull();
    expect(refusalOf(held, seal, LATER + LEASE_MS + 1)?.code).toBe('mergeConflict');
  });

  it('leaves people free to work on the ticket', () => {
    expect(refusalOf(held, status('closed'))).toBeNull();
    expect(refusalOf(held, reply('r'))).toBeNull();
  });
});

describe('what moves', () => {
  it('the loser hands over its tags, followers and waiting customer by reference', () => {
    const loser = after(
      aTicket(),
      [T0, { type: 'change', tags: ['a'] }],
      [T0, { type: 'follow', userId: 'bob', follow: true }],
    );
    expect(mergePayload(loser.state)).toEqual({
      ...{ tags: ['a'], followers: ['bob'], unansweredSinceMs: T0 },
    });
    expect(mergePayload(after(loser, [LATER, reply('r')]).state).unansweredSinceMs).toBeNull();
    expect(
      mergePayload(
        after(loser, [T0, reply('r')], [LATER, customer('c', LATER)], [LATER, status('new')]).state,
      ).unansweredSinceMs,
    ).toBe(LATER);
    expect(mergePayload(after(loser, [T0, status('closed')]).state).unansweredSinceMs).toBeNull();
  });

  it('an answered survivor inherits the loser’s waiting customer, whose wait began before its last reply or not', () => {
    const survivor = after(aTicket(), [LATER - HOUR, reply('r')]);
    for (const unansweredSinceMs of [T0, LATER - MINUTE]) {
      const after1 = after(survivor, [LATER, absorb('g', 2, { ...nobody, unansweredSinceMs })]);
      const { goals } = slaView(after1.rules.policy, after1.state.ledger, LATER);
      expect(goals.nextReply).toMatchObject({
        startedAtMs: unansweredSinceMs,
        completedAtMs: null,
      });
      const answered = after(after1, [LATER, reply('s')]);
      expect(
        slaView(after1.rules.policy, answered.state.ledger, LATER).goals.nextReply?.completedAtMs,
      ).toBe(LATER);
    }
  });

  it('a survivor that waits already keeps its own clock', () => {
    const waiting = after(aTicket(), [LATER, absorb('g', 2, { ...nobody, unansweredSinceMs: T0 })]);
    expect(waiting.state.ledger).toEqual(aTicket().state.ledger);
  });

  it('each step told again changes nothing', () => {
    const payload = { tags: ['t'], followers: ['bob'], unansweredSinceMs: T0 };
    const survivor = after(aTicket(), [LATER, absorb('g', 2, payload)]);
    expect(recordedBy(survivor, absorb('g', 2, payload))).toEqual([]);
    const loser = after(aTicket(), ...mergeAway(T0 + MINUTE, 2));
    const seal: TicketCommand = { type: 'seal', mergeId: 'g', survivorId: 2 };
    for (const command of [seal, reserve('g', 2)]) {
      expect(recordedBy(loser, command)).toEqual([]);
      expect(refusalOf(loser, command)).toBeNull();
    }
    const undone = after(loser, [LATER, { type: 'unseal', mergeId: 'g' }]);
    expect(recordedBy(undone, { type: 'unseal', mergeId: 'g' })).not.toContain('unmerged');
    expect(recordedBy(loser, { type: 'unseal', mergeId: 'other' })).toEqual([]);
    const given = after(survivor, [LATER, { type: 'unabsorb', mergeId: 'g' }]);
    expect(recordedBy(given, { type: 'unabsorb', mergeId: 'g' })).toEqual([]);
  });

  it('the loser’s timers stop, but what it had sent may still be reported', () => {
    const loser = after(aTicket(), [T0, reply('r')], ...mergeAway(T0 + MINUTE, 2));
    expect(nextWake(loser, T0 + MINUTE)).toBeNull();
    const report: TicketCommand = {
      ...{ type: 'reportDelivery', messageId: 'r', outcome: 'sent', atMs: LATER, code: null },
    };
    const reported = after(loser, [LATER, report]);
    expect(reported.state.sends).toEqual([]);
    expect(nextWake(reported, LATER)?.reason).toBe('reopen window ends');
  });
});

describe('undoing a merge', () => {
  const survivor = after(
    aTicket(),
    [T0 + MINUTE, reply('r')],
    [T0 + 2 * MINUTE, { type: 'change', tags: ['own'] }],
    [T0 + 2 * MINUTE, { type: 'follow', userId: 'eve', follow: true }],
  );
  const payload: MergePayload = {
    ...{ tags: ['own', 'theirs'], followers: ['eve', 'bob'], unansweredSinceMs: T0 + MINUTE },
  };
  const absorbed = after(survivor, [LATER, absorb('g', 2, payload)]);

  it('gives back exactly what was taken: tags, followers and clocks', () => {
    expect(absorbed.state).toMatchObject({ tags: ['own', 'theirs'], followers: ['eve', 'bob'] });
    const undone = after(absorbed, [LATER, { type: 'unabsorb', mergeId: 'g' }]);
    const { version, updatedAtMs } = undone.state;
    expect(undone.state).toEqual({ ...survivor.state, version, updatedAtMs });
  });

  it('leaves what the survivor’s own customer wrote meanwhile unanswered', () => {
    const asked = after(
      absorbed,
      [LATER + MINUTE, customer('own', LATER + MINUTE)],
      [LATER + HOUR, { type: 'unabsorb', mergeId: 'g' }],
    );
    const { goals } = slaView(asked.rules.policy, asked.state.ledger, LATER + HOUR);
    expect(goals.nextReply).toMatchObject({ startedAtMs: LATER + MINUTE, completedAtMs: null });
  });

  it('leaves what another merge brought', () => {
    const both = after(
      absorbed,
      [LATER, absorb('h', 3, { ...nobody, tags: ['third', 'theirs'] })],
      [LATER, { type: 'unabsorb', mergeId: 'g' }],
    );
    expect(both.state.tags).toEqual(['own', 'third']);
    expect(both.state.absorbed.map(({ mergeId }) => mergeId)).toEqual(['h']);
  });

  it('lets the loser live on with its clocks held for the time it was away', () => {
    const merged = after(aTicket(), ...mergeAway(T0 + 10 * MINUTE, 2));
    const back = after(merged, [T0 + 10 * HOUR, { type: 'unseal', mergeId: 'g' }]);
    expect(back.state.mergedInto).toBeNull();
    expect(firstReply(back, T0 + 10 * HOUR)?.dueAtMs).toBe(T0 + 10 * HOUR + 50 * MINUTE);
    expect(nextWake(back, T0 + 10 * HOUR)?.atMs).toBe(T0 + 10 * HOUR + 40 * MINUTE);
  });

  it('works after the loser’s reopen window, when its workflow had ended', () => {
    const merged = after(aTicket(), ...mergeAway(T0, 2));
    const ended = after(merged, [T0 + 14 * 24 * HOUR, { type: 'wake' }]);
    expect(ended.state.ended).toBe(true);
    const back = after(ended, [T0 + 15 * 24 * HOUR, { type: 'unseal', mergeId: 'g' }]);
    expect(back.state).toMatchObject({ ended: false, mergedInto: null });
    expect(nextWake(back, T0 + 15 * 24 * HOUR)).not.toBeNull();
  });
});

interface Desk {
  tickets: Map<number, Ticket>;
  nowMs: number;
}

/** One merge's steps on two tickets, as workflows/merge.ts takes them; a step per next(). */
function* saga(desk: Desk, mergeId: string, loser: number, survivor: number): Generator<void> {
  const tell = (id: number, command: TicketCommand): boolean => {
    const result = handle(ticketOf(desk, id), command, AGENT, desk.nowMs);
    desk.tickets.set(id, result.ticket);
    return result.decision.ok;
  };
  const release = (): void => {
    tell(loser, { type: 'releaseMerge', mergeId });
    tell(survivor, { type: 'releaseMerge', mergeId });
  };
  const untilMs = desk.nowMs + LEASE_MS;
  for (const id of [loser, survivor].toSorted((one, other) => one - other)) {
    const role = id === loser ? ('loser' as const) : ('survivor' as const);
    const peerId = id === loser ? survivor : loser;
    if (!tell(id, { type: 'reserveMerge', mergeId, role, peerId, untilMs })) return release();
    yield;
  }
  const payload = mergePayload(ticketOf(desk, loser).state);
  yield;
  if (!tell(survivor, { type: 'absorb', mergeId, loserId: loser, payload })) return release();
  yield;
  if (tell(loser, { type: 'seal', mergeId, survivorId: survivor })) return;
  yield;
  tell(survivor, { type: 'unabsorb', mergeId });
  release();
}

function ticketOf(desk: Desk, id: number): Ticket {
  return desk.tickets.get(id) ?? aTicket(someRules(null), id);
}

/** Whether following mergedInto from any ticket ends somewhere. */
function hasCircle(desk: Desk): boolean {
  return [...desk.tickets.keys()].some((start) => {
    let at = start;
    for (let hops = 0; hops <= desk.tickets.size; hops += 1) {
      const next = ticketOf(desk, at).state.mergedInto?.ticketId;
      if (next === undefined) return false;
      at = next;
    }
    return true;
  });
}

/** Every order in which `actors` take `turns` steps altogether, as lists of actor indices. */
function everyOrder(actors: number, turns: number): number[][] {
  return Array.from({ length: actors ** turns }, (_, code) =>
    Array.from({ length: turns }, (__, turn) => Math.floor(code / actors ** turn) % actors),
  );
}

/** Runs merges in the given order of steps; an actor without a merge lets the leases run out instead. */
function runInOrder(pairs: [string, number, number][], order: number[]): Desk {
  const ids = new Set(pairs.flatMap(([, loser, survivor]) => [loser, survivor]));
  const desk: Desk = {
    tickets: new Map([...ids].map((id) => [id, aTicket(someRules(null), id)])),
    nowMs: LATER,
  };
  const sagas = pairs.map(([mergeId, loser, survivor]) => saga(desk, mergeId, loser, survivor));
  for (const actor of order) {
    const one = sagas[actor];
    if (one === undefined) desk.nowMs += LEASE_MS + 1;
    else one.next();
  }
  for (const one of sagas) while (one.next().done !== true);
  return desk;
}

/** What must hold of a desk once every merge has ended, one way or the other. */
function mustBeWhole(desk: Desk): void {
  expect(hasCircle(desk)).toBe(false);
  for (const [id, { state }] of desk.tickets) {
    expect(state.lease).toBeNull();
    // Taken in and merged away are two sides of one fact.
    for (const { ticketId, mergeId } of state.absorbed) {
      expect(ticketOf(desk, ticketId).state.mergedInto).toMatchObject({ ticketId: id, mergeId });
    }
    if (state.mergedInto !== null) {
      const survivor = ticketOf(desk, state.mergedInto.ticketId).state;
      expect(survivor.absorbed.map(({ ticketId }) => ticketId)).toContain(id);
    }
  }
}

describe('two opposite merges at once', () => {
  const opposite: [string, number, number][] = [
    ['x', 1, 2],
    ['y', 2, 1],
  ];

  it('end with exactly one done, in every interleaving of their steps', () => {
    for (const order of everyOrder(2, 10)) {
      const desk = runInOrder(opposite, order);
      mustBeWhole(desk);
      const merged = [...desk.tickets.values()].filter(({ state }) => state.mergedInto !== null);
      expect(merged).toHaveLength(1);
    }
  });

  it('never end in each other even when coordinators stall and leases run out between any two steps', () => {
    for (const order of everyOrder(3, 8)) mustBeWhole(runInOrder(opposite, order));
  });
});

describe('three merges in a ring', () => {
  it('never close the circle, with leases running out anywhere', () => {
    const ring: [string, number, number][] = [
      ['x', 1, 2],
      ['y', 2, 3],
      ['z', 3, 1],
    ];
    // Each merge runs whole or stalls after some step while the others go on.
    for (const [first, second, third] of everyOrder(6, 3)) {
      for (const stall of everyOrder(2, 3)) {
        const lapse = (index: number): number[] => (stall[index] === 1 ? [9] : []);
        const steps = [first ?? 0, second ?? 0, third ?? 0];
        const order = steps.flatMap((count, index) => [
          ...Array.from({ length: count }, () => index),
          ...lapse(index),
        ]);
        for (const finish of [
          [0, 1, 2],
          [2, 1, 0],
          [1, 0, 2],
        ]) {
          const tail = finish.flatMap((actor) => Array.from({ length: 7 }, () => actor));
          mustBeWhole(runInOrder(ring, [...order, ...tail]));
        }
      }
    }
  });
});

describe('a policy during a merge', () => {
  it('that arrives while the ticket is merged away does not start its clocks', () => {
    const merged = after(aTicket(), ...mergeAway(T0 + MINUTE, 2));
    const strict = someRules(aPolicy({ goals: { firstReply: { seconds: 1 } } }));
    const told = after(merged, [LATER, { type: 'adoptRules', rules: strict }]);
    expect(recordedBy(told, { type: 'wake' })).toEqual([]);
  });
});
