// Random lives of a ticket against the laws, and against slow but obvious models. fast-check prints the seed when one fails.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import type { RecordedEvent, Ticket, TicketCommand } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aPolicy,
  aWaitingTicket,
  HOUR,
  MINUTE,
  someRules,
  T0,
} from '#test/support/builders.ts';
import { EVERY_COMMAND, mustHold } from '#test/support/ticket-laws.ts';

type Step = [waitMs: number, command: TicketCommand];

const RULES = someRules(
  aPolicy({
    escalations: [
      { goal: 'firstReply', when: { beforeSeconds: 900 }, actions: [{ type: 'raisePriority' }] },
      { goal: 'nextReply', when: 'overdue', actions: [{ type: 'addTag', tag: 'late' }] },
      {
        goal: 'close',
        when: { afterSeconds: 3_600 },
        actions: [{ type: 'reassign', to: { teamId: 'second' } }],
      },
    ],
  }),
);

/** The same with steps that repeat, in real time too, and that stop clocks and close. */
const CLIMBING = someRules(
  aPolicy({
    escalations: [
      ...(RULES.policy?.escalations ?? []),
      {
        ...{ goal: 'firstReply', when: { afterSeconds: 1_800 } },
        repeat: { everySeconds: 2_700, times: 4 },
        actions: [{ type: 'raisePriority' }],
      },
      {
        ...{ goal: 'close', when: 'overdue', hours: 'always' },
        repeat: { everySeconds: 5_400, times: 3 },
        actions: [{ type: 'addTag', tag: 'very late' }],
      },
      {
        ...{ goal: 'nextReply', when: { beforeSeconds: 300 }, hours: 'always' },
        actions: [{ type: 'setStatus', status: 'waitingOnContact' }],
      },
      {
        ...{ goal: 'close', when: { afterSeconds: 30_000 } },
        actions: [{ type: 'setStatus', status: 'closed' }],
      },
    ],
  }),
);
const START = aWaitingTicket(CLIMBING);

/** Lives of up to `maxLength` commands, minutes to days apart; message ids repeat now and then. */
function lives(commands: readonly TicketCommand[], maxLength: number): fc.Arbitrary<Step[]> {
  const minutes = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 90 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 16 * 24 * 60 }) },
  );
  const step = fc.tuple(minutes, fc.constantFrom(...commands), fc.integer({ min: 0, max: 3 }));
  return fc.array(
    step.map(([wait, command, salt]): Step => [wait * MINUTE, salted(command, salt)]),
    { maxLength },
  );
}

function salted(command: TicketCommand, salt: number): TicketCommand {
  return 'messageId' in command
    ? { ...command, messageId: `${command.messageId.slice(0, 1)}${salt}` }
    : command;
}

/** The command as it would be told at this instant: nothing is reported from the future. */
function asOf(command: TicketCommand, atMs: number): TicketCommand {
  if (command.type === 'reserveMerge') return { ...command, untilMs: atMs + 10 * MINUTE };
  if (command.type === 'snooze' && command.untilMs !== null) {
    return { ...command, untilMs: atMs + HOUR };
  }
  if (command.type === 'reply' && command.sendAtMs !== undefined) {
    return { ...command, sendAtMs: atMs + HOUR };
  }
  return 'atMs' in command ? { ...command, atMs } : command;
}

/** Tells a life to a ticket, looking at it after each command; answers what was recorded. */
function tell(
  start: Ticket,
  life: readonly Step[],
  look: (ticket: Ticket, atMs: number, command: TicketCommand) => Ticket,
): { ticket: Ticket; recorded: RecordedEvent[]; atMs: number } {
  let ticket = start;
  let atMs = T0;
  const recorded: RecordedEvent[] = [];
  for (const [waitMs, command] of life) {
    atMs += waitMs;
    const result = handle(ticket, asOf(command, atMs), AGENT, atMs);
    recorded.push(...result.recorded);
    ticket = look(result.ticket, atMs, asOf(command, atMs));
  }
  return { ticket, recorded, atMs };
}

const ofOnePolicy = EVERY_COMMAND.filter(({ type }) => type !== 'adoptRules');
const withoutMoves = ofOnePolicy.filter(
  (command) => command.type !== 'change' || command.pipeline === undefined,
);

describe('a random life', () => {
  it('keeps every law after every command, and a message told twice is one message', () => {
    fc.assert(
      fc.property(lives(EVERY_COMMAND, 30), (life) => {
        tell(START, life, (ticket, atMs, command) => {
          mustHold(ticket, atMs);
          if (command.type === 'receiveMessage' || command.type === 'reportDelivery') {
            const again = handle(ticket, command, AGENT, atMs);
            expect(again.decision).toEqual({ ok: true, events: [] });
          }
          return ticket;
        });
      }),
      { numRuns: 400 },
    );
  });

  it('goes on the same after its state went through JSON, as continue-as-new and Postgres make it', () => {
    fc.assert(
      fc.property(lives(EVERY_COMMAND, 25), (life) => {
        const plain = tell(START, life, (ticket) => ticket);
        const carried = tell(START, life, (ticket) => JSON.parse(JSON.stringify(ticket)) as Ticket);
        expect(carried).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  it('numbers its events without a gap, in order of time', () => {
    fc.assert(
      fc.property(lives(EVERY_COMMAND, 25), (life) => {
        const { ticket, recorded } = tell(START, life, (one) => one);
        expect(recorded.map(({ seq }) => seq)).toEqual(recorded.map((_, index) => index + 1));
        expect(ticket.state.version).toBe(recorded.length);
        const times = recorded.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((one, other) => one - other));
      }),
      { numRuns: 200 },
    );
  });

  it('fires each moment of a policy once, at an instant that had come', () => {
    fc.assert(
      fc.property(lives(ofOnePolicy, 40), (life) => {
        const { recorded } = tell(START, life, (ticket) => ticket);
        const keys: string[] = [];
        for (const { event, atMs } of recorded) {
          if (!('key' in event)) continue;
          keys.push(event.key);
          const momentMs = event.type === 'goalBreached' ? event.breachedAtMs : event.atMs;
          expect(momentMs).toBeLessThanOrEqual(atMs);
        }
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 300 },
    );
  });

  it('ends the same whether every timer fires at its instant or none before the next command', () => {
    fc.assert(
      fc.property(lives(EVERY_COMMAND, 25), (life) => {
        const late = tell(START, life, (ticket) => ticket);
        let ticket = START;
        let atMs = T0;
        for (const [waitMs, command] of life) {
          let wake = nextWake(ticket, atMs);
          while (wake !== null && wake.atMs < atMs + waitMs) {
            ticket = after(ticket, [Math.max(wake.atMs, atMs), { type: 'wake' }]);
            wake = nextWake(ticket, Math.max(wake.atMs, atMs));
          }
          atMs += waitMs;
          ticket = handle(ticket, asOf(command, atMs), AGENT, atMs).ticket;
        }
        const { updatedAtMs } = late.ticket.state;
        expect({ ...ticket, state: { ...ticket.state, updatedAtMs } }).toEqual(late.ticket);
      }),
      { numRuns: 300 },
    );
  });

  it('has the deadlines a stop-watch would give that only runs while nothing holds it', () => {
    let compared = 0;
    fc.assert(
      fc.property(lives(withoutMoves, 15), (life) => {
        const spans: { fromMs: number; runs: boolean }[] = [{ fromMs: T0, runs: true }];
        const { ticket, atMs } = tell(aWaitingTicket(RULES), life, (one, nowMs) => {
          const { state } = one;
          const paused = state.status === 'waitingOnContact';
          const runs = !paused && !state.spam && state.mergedInto === null;
          spans.push({ fromMs: nowMs, runs });
          return one;
        });
        const { goals } = slaView(ticket.rules.policy, ticket.state.ledger, atMs);
        const goalMs = { firstReply: HOUR, nextReply: 2 * HOUR, close: 8 * HOUR };
        for (const goal of ['firstReply', 'nextReply', 'close'] as const) {
          const shown = goals[goal];
          if (shown === undefined || shown.completedAtMs !== null) continue;
          compared += 1;
          expect(shown.dueAtMs).toBe(stopWatch(spans, shown.startedAtMs, goalMs[goal]));
        }
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(200);
  });
});

/** The first whole minute at which the watch has run for goalMs; null when it stands still before that. */
function stopWatch(
  spans: readonly { fromMs: number; runs: boolean }[],
  startMs: number,
  goalMs: number,
): number | null {
  let ranMs = 0;
  const lastMs = spans.at(-1)?.fromMs ?? startMs;
  for (let atMs = startMs; ; atMs += MINUTE) {
    if (ranMs >= goalMs) return atMs;
    const runs = spans.findLast(({ fromMs }) => fromMs <= atMs)?.runs ?? true;
    if (!runs && atMs >= lastMs) return null;
    if (runs) ranMs += MINUTE;
  }
}
