// decide/evolve: every status with every command, a model test over random lives, and every interleaving of two opposite merges.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePayload } from '#domain/merge.ts';
import { slaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import type { Ticket, TicketCommand } from '#domain/ticket-types.ts';
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

const LATER = T0 + 2 * HOUR;
const commands: TicketCommand[] = [
  ...['new', 'waitingOnContact', 'waitingOnUs', 'closed', 'nonsense'].map(status),
  {
    type: 'change',
    priority: 'urgent',
    tags: ['a'],
    assigneeId: 'bob',
    teamId: 'team',
    edit: { editId: 'e', fields: ['subject'] },
  },
  { type: 'change', assigneeId: null, expectVersion: 999 },
  {
    type: 'change',
    pipeline: {
      id: 'other',
      statuses: [
        { id: 'todo', name: 'To do', category: 'new' },
        { id: 'done', name: 'Done', category: 'closed' },
      ],
    },
  },
  reply('m'),
  { type: 'reply', messageId: 'm2', sendAtMs: LATER + HOUR, status: 'closed' },
  { type: 'forward', messageId: 'f' },
  { type: 'addNote', messageId: 'n' },
  { type: 'undoSend', messageId: 'sent' },
  { type: 'snooze', untilMs: LATER + HOUR, untilReply: false },
  { type: 'snooze', untilMs: LATER - 1, untilReply: false },
  { type: 'unsnooze' },
  { type: 'setSpam', spam: true },
  { type: 'setSpam', spam: false },
  { type: 'follow', userId: 'bob', follow: true },
  { type: 'recordSplit', messageIds: ['x'], intoTicketId: 9 },
  customer('c', LATER),
  customer('auto', LATER, true),
  { type: 'reportDelivery', messageId: 'sent', outcome: 'sent', atMs: LATER, code: null },
  { type: 'reportDelivery', messageId: 'sent', outcome: 'failed', atMs: LATER, code: 'smtp550' },
  { type: 'acceptAssignment', userId: 'bob', teamId: 'team', reason: 'turn' },
  { type: 'adoptRules', rules: someRules(aPolicy({ version: 2 })) },
  { type: 'adoptRules', rules: someRules(null) },
  { type: 'wake' },
  { type: 'reserveMerge', mergeId: 'g', role: 'loser', peerId: 2, untilMs: LATER + HOUR },
  { type: 'reserveMerge', mergeId: 'g', role: 'loser', peerId: 1, untilMs: LATER + HOUR },
  { type: 'releaseMerge', mergeId: 'g' },
  {
    type: 'absorb',
    mergeId: 'g',
    loserId: 2,
    payload: { tags: ['t'], followers: ['bob'], unansweredSinceMs: T0 },
  },
  { type: 'seal', mergeId: 'g', survivorId: 2 },
  { type: 'unabsorb', mergeId: 'g' },
  { type: 'unseal', mergeId: 'g' },
];

const starts: Record<string, Ticket> = {};
for (const place of ['new', 'waitingOnContact', 'waitingOnUs', 'closed']) {
  const plain = place === 'new' ? aTicket() : after(aTicket(), [T0 + MINUTE, status(place)]);
  starts[place] = plain;
  starts[`${place}, sending`] = after(plain, [
    T0 + 2 * MINUTE,
    { type: 'reply', messageId: 'sent', status: place },
  ]);
  starts[`${place}, spam`] = after(plain, [T0 + 2 * MINUTE, { type: 'setSpam', spam: true }]);
  starts[`${place}, merged`] = after(plain, [
    T0 + 2 * MINUTE,
    { type: 'seal', mergeId: 'g', survivorId: 2 },
  ]);
  starts[`${place}, snoozed`] = after(plain, [
    T0 + 2 * MINUTE,
    { type: 'snooze', untilMs: LATER + HOUR, untilReply: true },
  ]);
}

function mustHold(ticket: Ticket, atMs: number): void {
  const { state, rules } = ticket;
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  expect(rules.pipeline.statuses.map(({ id }) => id)).toContain(state.status);
  expect(state.closedAtMs !== null).toBe(state.category === 'closed');
  expect(state.ledger.closedAtMs).toBe(state.closedAtMs);
  expect(state.mergedInto === null || state.ledger.holds.some(([, to]) => to === null)).toBe(true);
  const { goals } = slaView(rules.policy, state.ledger, atMs);
  for (const goal of Object.values(goals)) {
    if (goal.breachedAtMs !== null) expect(goal.breachedAtMs).toBe(goal.dueAtMs);
    if (goal.completedAtMs !== null) expect(goal.state).toMatch(/^completed/);
  }
  // After a wake nothing is due any more: the workflow's loop cannot spin.
  const woken = handle(ticket, { type: 'wake' }, AGENT, atMs).ticket;
  const again = handle(woken, { type: 'wake' }, AGENT, atMs).ticket;
  expect(nextWake(again, atMs)?.atMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(atMs);
}

describe('every status with every command', () => {
  const cases = Object.entries(starts).flatMap(([name, ticket]) =>
    commands.map((command) => ({
      name,
      ticket,
      command,
      what: JSON.stringify(command).slice(0, 90),
    })),
  );
  it.for(cases)('$name: $what', ({ ticket, command }) => {
    const result = handle(ticket, command, AGENT, LATER);
    const { decision } = result;
    expect(result.ticket.state.version).toBe(ticket.state.version + result.recorded.length);
    if (!decision.ok)
      expect(decision.refusal.code).toMatch(
        /^(ticketMerged|unknownStatus|versionConflict|snoozeInPast|mergeSelf|ticketBusyMerging|limitReached)$/,
      );
    mustHold(result.ticket, LATER);
  });

  it("a person's command on a merged ticket is refused with the survivor's number", () => {
    const { decision } = handle(starts['new, merged'] ?? aTicket(), reply('m'), AGENT, LATER);
    expect(decision).toMatchObject({ ok: false, refusal: { code: 'ticketMerged', ticketId: 2 } });
  });

  it("a customer's message to a merged ticket is passed on to the survivor", () => {
    const { recorded } = handle(
      starts['new, merged'] ?? aTicket(),
      customer('late', LATER),
      AGENT,
      LATER,
    );
    expect(recorded.map(({ event }) => event)).toMatchObject([
      { type: 'messagePassedOn', ticketId: 2 },
    ]);
  });

  it('a snooze survives other changes and ends with the customer’s reply or its time', () => {
    const snoozed = after(starts['new, snoozed'] ?? aTicket(), [
      LATER,
      { type: 'change', priority: 'high' },
    ]);
    expect(snoozed.state.snoozedUntilMs).not.toBeNull();
    expect(after(snoozed, [LATER, customer('c', LATER)]).state.snoozedUntilReply).toBe(false);
    expect(after(snoozed, [LATER + HOUR, { type: 'wake' }]).state.snoozedUntilMs).toBeNull();
  });
});

describe('a random life', () => {
  it('keeps every invariant, and the same message twice changes nothing', () => {
    const step = fc.tuple(
      fc.integer({ min: 0, max: 30 * HOUR }),
      fc.constantFrom(...commands),
      fc.integer({ min: 0, max: 5 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let ticket = aTicket();
        let atMs = T0;
        for (const [waitMs, command, salt] of steps) {
          atMs += waitMs;
          const salted =
            'messageId' in command
              ? { ...command, messageId: `${command.messageId}${salt}` }
              : command;
          const now = 'atMs' in salted ? { ...salted, atMs } : salted;
          ticket = handle(ticket, now, AGENT, atMs).ticket;
          if (now.type === 'receiveMessage') {
            expect(handle(ticket, now, AGENT, atMs).recorded).toEqual([]);
          }
          mustHold(ticket, atMs);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** One saga's steps on the two tickets, as workflows/merge.ts takes them; stops at the first refusal and releases. */
function* saga(
  mergeId: string,
  loser: number,
  survivor: number,
  desk: Map<number, Ticket>,
): Generator<void> {
  const tell = (id: number, command: TicketCommand): boolean => {
    const result = handle(desk.get(id) ?? aTicket(), command, AGENT, LATER);
    desk.set(id, result.ticket);
    return result.decision.ok;
  };
  const untilMs = LATER + HOUR;
  const release = (): void => {
    tell(loser, { type: 'releaseMerge', mergeId });
    tell(survivor, { type: 'releaseMerge', mergeId });
  };
  for (const id of [loser, survivor].toSorted((a, b) => a - b)) {
    const role = id === loser ? ('loser' as const) : ('survivor' as const);
    const peerId = id === loser ? survivor : loser;
    if (!tell(id, { type: 'reserveMerge', mergeId, role, peerId, untilMs })) return release();
    yield;
  }
  const payload = mergePayload((desk.get(loser) ?? aTicket()).state);
  if (!tell(survivor, { type: 'absorb', mergeId, loserId: loser, payload })) return release();
  yield;
  if (!tell(loser, { type: 'seal', mergeId, survivorId: survivor })) {
    tell(survivor, { type: 'unabsorb', mergeId });
    release();
  }
}

describe('merging', () => {
  it('two opposite merges at once end with exactly one done, in every interleaving of their steps', () => {
    let done = 0;
    for (let order = 0; order < 1 << 10; order += 1) {
      const desk = new Map([
        [1, aTicket(someRules(), 1)],
        [2, aTicket(someRules(), 2)],
      ]);
      const sagas = [saga('x', 1, 2, desk), saga('y', 2, 1, desk)];
      for (let bit = 0; bit < 10; bit += 1) sagas[(order >> bit) & 1]?.next();
      for (const one of sagas) while (one.next().done !== true);
      const merged = [...desk.values()].filter(({ state }) => state.mergedInto !== null);
      expect(merged).toHaveLength(1);
      expect([...desk.values()].every(({ state }) => state.lease === null)).toBe(true);
      done += 1;
    }
    expect(done).toBe(1024);
  });

  it('undo gives back exactly what was taken: tags, followers and clocks', () => {
    const survivor = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + 2 * MINUTE, { type: 'change', tags: ['own'] }],
    );
    const payload = { tags: ['own', 'theirs'], followers: ['bob'], unansweredSinceMs: T0 + MINUTE };
    const absorbed = after(survivor, [
      LATER,
      { type: 'absorb', mergeId: 'g', loserId: 2, payload },
    ]);
    expect(absorbed.state).toMatchObject({ tags: ['own', 'theirs'], followers: ['bob'] });
    expect(
      slaView(absorbed.rules.policy, absorbed.state.ledger, LATER).goals.nextReply?.startedAtMs,
    ).toBe(T0 + MINUTE);
    const undone = after(absorbed, [LATER, { type: 'unabsorb', mergeId: 'g' }]);
    expect(undone.state).toMatchObject({
      tags: ['own'],
      followers: [],
      absorbed: [],
      ledger: survivor.state.ledger,
    });
  });

  it('an undone merge holds the loser’s clocks for the time it was away', () => {
    const merged = after(aTicket(), [
      T0 + 10 * MINUTE,
      { type: 'seal', mergeId: 'g', survivorId: 2 },
    ]);
    const back = after(merged, [T0 + 10 * HOUR, { type: 'unseal', mergeId: 'g' }]);
    expect(
      slaView(back.rules.policy, back.state.ledger, T0 + 10 * HOUR).goals.firstReply?.dueAtMs,
    ).toBe(T0 + 10 * HOUR + 50 * MINUTE);
  });

  it('a lease runs out by itself, so that a lost coordinator blocks nobody', () => {
    const held = after(aTicket(), [
      LATER,
      { type: 'reserveMerge', mergeId: 'g', role: 'loser', peerId: 2, untilMs: LATER + HOUR },
    ]);
    expect(after(held, [LATER + HOUR, { type: 'wake' }]).state.lease).toBeNull();
  });
});
