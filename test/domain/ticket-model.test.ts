// Random lives of a ticket against the laws, and against slow but obvious models. fast-check prints the seed when one fails.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TicketRules } from '#domain/desk.ts';
import { slaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import type { RecordedEvent, Ticket, TicketCommand } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aPolicy,
  aTicket,
  aWaitingTicket,
  HOUR,
  MINUTE,
  someRules,
  T0,
} from '#test/support/builders.ts';
import { EVERY_COMMAND, mustHold, WAIT_COMMANDS } from '#test/support/ticket-laws.ts';

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

const everything = [...EVERY_COMMAND, ...WAIT_COMMANDS];

describe('a random life', () => {
  it('keeps every law after every command, and a message told twice is one message', () => {
    fc.assert(
      fc.property(lives(everything, 30), (life) => {
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
      fc.property(lives(everything, 25), (life) => {
        const plain = tell(START, life, (ticket) => ticket);
        const carried = tell(START, life, (ticket) => JSON.parse(JSON.stringify(ticket)) as Ticket);
        expect(carried).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  it('numbers its events without a gap, in order of time', () => {
    fc.assert(
      fc.property(lives(everything, 25), (life) => {
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

const CLOSE_AFTER = 3 * HOUR;
const closes = (warnBeforeMs: number | null): TicketRules => ({
  ...RULES,
  autoClose: { afterMs: CLOSE_AFTER, warnBeforeMs, calendar: null },
});

/** Every command, and those of waits more often; policies change, auto-close stays. */
const waits = (rules: TicketRules): TicketCommand[] => [
  ...ofOnePolicy,
  { type: 'adoptRules', rules: { ...rules, policy: aPolicy({ version: 2, pauseStatuses: [] }) } },
  ...Array.from({ length: 12 }, () => [
    { type: 'change' as const, status: 'waitingOnContact' },
    { type: 'wake' as const },
    { type: 'snooze' as const, untilMs: T0, untilReply: false },
  ]).flat(),
];

describe('a random life that ends by auto-close', () => {
  it('was waiting and awake for the whole time, and none that was is still open', () => {
    let closed = 0;
    fc.assert(
      fc.property(lives(waits(closes(null)), 30), (life) => {
        const watch = new WaitWatch();
        let seen = 0;
        let ticket = aTicket(closes(null));
        let atMs = T0;
        for (const [waitMs, command] of life) {
          atMs += waitMs;
          const result = handle(ticket, asOf(command, atMs), AGENT, atMs);
          for (const one of result.recorded) {
            const { event } = one;
            if (event.type === 'statusChanged' && event.cause === 'autoClose') {
              closed += 1;
              expect(watch.countedUntil(one.atMs)).toBeGreaterThanOrEqual(CLOSE_AFTER);
            }
            watch.see(one);
          }
          ({ ticket } = result);
          seen += result.recorded.length;
          expect(ticket.state.version).toBe(seen);
          // What falls due at this very instant may come after the command.
          const waited = watch.countedUntil(atMs);
          if (waited !== null && ticket.state.mergedInto === null && !ticket.state.ended) {
            expect(waited).toBeLessThanOrEqual(CLOSE_AFTER);
          }
        }
      }),
      { numRuns: 600 },
    );
    expect(closed).toBeGreaterThan(50);
  });

  it('was warned the promised time before, by one mail of its wait', () => {
    let closed = 0;
    fc.assert(
      fc.property(lives(waits(closes(HOUR)), 30), (life) => {
        const { recorded } = tell(aTicket(closes(HOUR)), life, (ticket) => ticket);
        let warnedAtMs: number | null = null;
        const mails: string[] = [];
        for (const { event, atMs } of recorded) {
          if (event.type === 'closeWarned') {
            warnedAtMs = atMs;
            mails.push(event.send.messageId);
          }
          if (event.type !== 'statusChanged') continue;
          if (event.cause === 'autoClose') {
            closed += 1;
            expect(atMs - (warnedAtMs ?? atMs)).toBeGreaterThanOrEqual(HOUR);
          }
          warnedAtMs = null;
        }
        expect(new Set(mails).size).toBe(mails.length);
      }),
      { numRuns: 400 },
    );
    expect(closed).toBeGreaterThan(20);
  });
});

/** Counts a wait from the events alone, span by span: the slow but obvious model of auto-close. */
class WaitWatch {
  private waits = false;
  private snoozed = false;
  private snoozeEndMs: number | null = null;
  private held = new Set<string>();
  private countedMs = 0;
  private sinceMs = T0;
  private scheduled = new Set<string>();
  private waiting = false;
  private owes = false;

  /** What has been waited by then; null when nothing is waited for. */
  countedUntil(atMs: number): number | null {
    if (!this.waits || this.owes) return null;
    const runs = !this.snoozed && this.held.size === 0;
    return this.countedMs + (runs ? atMs - this.sinceMs : 0);
  }

  see({ event, atMs }: RecordedEvent): void {
    const wakes = event.type === 'unsnoozed' && event.cause === 'timer';
    const fromMs = wakes ? (this.snoozeEndMs ?? atMs) : atMs;
    this.countedMs = this.countedUntil(fromMs) ?? this.countedMs;
    this.sinceMs = fromMs;
    switch (event.type) {
      case 'statusChanged':
        this.waiting = event.category === 'waiting';
        this.begin(this.waiting);
        break;
      case 'replyAccepted':
      case 'sendRetried':
        if (event.send.scheduled) this.scheduled.add(event.send.messageId);
        else if (event.send.kind === 'reply' && this.waiting) this.begin(true);
        break;
      case 'deliverySucceeded':
        if (this.scheduled.delete(event.messageId) && this.waiting) this.begin(true);
        break;
      case 'sendUndone':
      case 'deliveryFailed':
        this.scheduled.delete(event.messageId);
        break;
      case 'messageReceived':
        if (!event.automatic) this.begin(false);
        break;
      case 'snoozed':
        this.snoozed = true;
        this.snoozeEndMs = event.untilMs;
        break;
      case 'unsnoozed':
        this.snoozed = false;
        break;
      case 'spamChanged':
        if (event.spam) this.held.add('spam');
        else this.held.delete('spam');
        break;
      case 'mergedAway':
        this.held.add('merge');
        break;
      case 'unmerged':
        this.held.delete('merge');
        break;
      case 'absorbed':
        this.owes ||= event.absorbed.markAtMs !== null;
        break;
      case 'unabsorbed':
        this.owes = false;
        break;
      default:
        break;
    }
  }

  private begin(waits: boolean): void {
    this.waits = waits;
    this.countedMs = 0;
    this.owes = false;
  }
}

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
