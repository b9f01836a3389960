// Steps that repeat, that count real time, and that set the status: against a model that counts minutes, and against what must hold
// whatever an admin changes meanwhile.
import { describe, expect, it } from 'vitest';
import type { EscalationStep, EscalationStepDefinition, EscalationWhen } from '#domain/desk.ts';
import { isOvertaken } from '#domain/escalation.ts';
import { slaView } from '#domain/sla.ts';
import { carriedSteps } from '#domain/ticket-rules.ts';
import { handle } from '#domain/ticket.ts';
import type { Ticket, TicketCommand, TicketEvent } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aPolicy,
  aTicket,
  HOUR,
  MINUTE,
  reply,
  report,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';

const GOAL = 60;
const EVERY = 10;
const END = T0 + 9 * HOUR;
type Escalated = Extract<TicketEvent, { type: 'escalated' }>;

const rulesWith = (escalations: EscalationStep[], version = 1, seconds = GOAL * 60) =>
  someRules(
    aPolicy({ version, goals: { firstReply: { seconds, dueSoonSeconds: 600 } }, escalations }),
  );
const tag = (name: string): EscalationStep['actions'] => [{ type: 'addTag', tag: name }];
const reminder: EscalationStep = {
  ...{ goal: 'firstReply', when: 'overdue', actions: tag('late') },
  repeat: { everySeconds: EVERY * 60, times: 3 },
};

/** Lives through commands, waking at every instant the ticket asks for; answers the steps it took. */
function live(start: Ticket, commands: [number, TicketCommand][], untilMs = END) {
  let ticket = start;
  let atMs = T0;
  const steps: Escalated[] = [];
  const tell = (command: TicketCommand, nowMs: number): void => {
    const result = handle(ticket, command, AGENT, nowMs);
    ({ ticket } = result);
    for (const { event } of result.recorded) if (event.type === 'escalated') steps.push(event);
  };
  for (const [commandMs, command] of [...commands, [untilMs, { type: 'wake' }] as const]) {
    for (let wake = nextWake(ticket, atMs); wake !== null && wake.atMs < commandMs;) {
      atMs = Math.max(atMs, wake.atMs);
      tell({ type: 'wake' }, atMs);
      wake = nextWake(ticket, atMs);
    }
    atMs = commandMs;
    tell(command, commandMs);
  }
  return { ticket, steps };
}

/** The same life without a single timer: what fell due is found out at the next command. */
function liveLate(start: Ticket, commands: [number, TicketCommand][], untilMs = END) {
  let ticket = start;
  const steps: Escalated[] = [];
  for (const [atMs, command] of [...commands, [untilMs, { type: 'wake' }] as const]) {
    const result = handle(ticket, command, AGENT, atMs);
    ({ ticket } = result);
    for (const { event } of result.recorded) if (event.type === 'escalated') steps.push(event);
  }
  return { ticket, steps };
}

/** The minutes at which a step happens, by counting minutes one after another. */
function model(step: EscalationStep, pause: [number, number] | null): number[] {
  const worked: number[] = [];
  let sum = 0;
  for (let minute = 0; minute <= (END - T0) / MINUTE; minute += 1) {
    worked.push(sum);
    if (pause === null || minute < pause[0] || minute >= pause[1]) sum += 1;
  }
  const whenWorked = (minutes: number): number => worked.findIndex((one) => one >= minutes);
  const due = whenWorked(GOAL);
  const always = step.hours === 'always';
  const { when } = step;
  const first =
    when === 'overdue'
      ? due
      : when === 'dueSoon'
        ? whenWorked(GOAL - 10)
        : 'afterSeconds' in when
          ? always
            ? due + when.afterSeconds / 60
            : whenWorked(GOAL + when.afterSeconds / 60)
          : always
            ? due - when.beforeSeconds / 60
            : whenWorked(GOAL - when.beforeSeconds / 60);
  const repetitions = Array.from({ length: step.repeat?.times ?? 0 }, (_, index) =>
    always ? first + (index + 1) * EVERY : whenWorked((worked[first] ?? 0) + (index + 1) * EVERY),
  );
  return [first, ...repetitions];
}

describe('every step, in working time and in real time, repeating or not, with and without a pause', () => {
  const whens: [string, EscalationWhen][] = [
    ['due soon', 'dueSoon'],
    ['overdue', 'overdue'],
    ['20 minutes after', { afterSeconds: 1_200 }],
    ['20 minutes before', { beforeSeconds: 1_200 }],
  ];
  // Before the deadline, between it and the first repetition, in the middle of repetitions; and none.
  const pauses: ([number, number] | null)[] = [null, [15, 135], [65, 100], [85, 92]];
  const cases = whens.flatMap(([name, when]) =>
    ([undefined, 'working', 'always'] as const).flatMap((hours) =>
      [undefined, { everySeconds: EVERY * 60, times: 4 }].flatMap((repeat) =>
        pauses.map((pause) => ({
          name: `${name}, ${hours ?? 'no hours given'}, ${repeat === undefined ? 'once' : 'repeating'}, pause ${pause?.join('–') ?? 'none'}`,
          step: { goal: 'firstReply' as const, when, hours, repeat, actions: tag('late') },
          pause,
        })),
      ),
    ),
  );

  it.for(cases)('$name', ({ step, pause }) => {
    const commands: [number, TicketCommand][] =
      pause === null
        ? []
        : [
            [T0 + pause[0] * MINUTE, status('waitingOnContact')],
            [T0 + pause[1] * MINUTE, status('waitingOnUs')],
          ];
    const wanted = model(step, pause).map((minute) => T0 + minute * MINUTE);
    const punctual = live(aTicket(rulesWith([step])), commands);
    const late = liveLate(aTicket(rulesWith([step])), commands);
    expect(punctual.steps.map(({ atMs }) => atMs)).toEqual(wanted);
    expect(late.steps.map(({ atMs }) => atMs)).toEqual(wanted);
    expect(punctual.steps.map(({ repetition }) => repetition)).toEqual([
      undefined,
      ...wanted.slice(1).map((_, index) => index + 1),
    ]);
    expect(late.ticket.state.fired).toEqual(punctual.ticket.state.fired);
  });
});

describe('a step that repeats', () => {
  it('names each repetition as the next thing the ticket waits for, and stays on its rung', () => {
    const once = after(aTicket(rulesWith([reminder])), [T0 + HOUR, { type: 'wake' }]);
    expect(nextWake(once, T0 + HOUR)).toEqual({
      ...{ atMs: T0 + 70 * MINUTE, reason: 'first reply escalates again (1 of 3)' },
    });
    const all = live(aTicket(rulesWith([reminder])), []);
    expect(all.steps).toHaveLength(4);
    expect(new Set(all.steps.map(({ key }) => key)).size).toBe(4);
    expect(all.ticket.state.escalationLevel).toBe(1);
    expect(nextWake(all.ticket, END)).toBeNull();
  });

  it('stops with the goal, and goes on with the next repetition when the reply never arrived', () => {
    const start = aTicket(rulesWith([reminder]));
    const answered: [number, TicketCommand][] = [
      [T0 + 75 * MINUTE, reply('r')],
      [T0 + 75 * MINUTE, status('waitingOnUs')],
    ];
    expect(live(start, answered).steps).toHaveLength(2);
    const failed: [number, TicketCommand] = [T0 + 95 * MINUTE, report('r', 'failed', END)];
    const { steps } = live(start, [...answered, failed]);
    expect(steps.map(({ repetition }) => repetition)).toEqual([undefined, 1, 2, 3]);
  });

  it.for<[string, EscalationStep, (number | undefined)[]]>([
    ['fewer times', { ...reminder, repeat: { everySeconds: 600, times: 1 } }, []],
    ['more times', { ...reminder, repeat: { everySeconds: 600, times: 5 } }, [3, 4, 5]],
    // By the slower step only the first of them has come: the second comes again, at its own time.
    ['half as often', { ...reminder, repeat: { everySeconds: 1_200, times: 3 } }, [2, 3]],
    ['twice as often', { ...reminder, repeat: { everySeconds: 300, times: 6 } }, [3, 4, 5, 6]],
    ['never again', { ...reminder, repeat: undefined }, []],
    ['with a step before it', reminder, [3]],
  ])('whose policy is changed to repeat %s does nothing twice', ([name, changed, wanted]) => {
    const other: EscalationStep = { ...reminder, when: 'dueSoon', actions: [], repeat: undefined };
    const steps = name === 'with a step before it' ? [other, changed] : [changed];
    const started = live(aTicket(rulesWith([reminder])), [], T0 + 85 * MINUTE);
    const twice = started.steps.map(({ repetition }) => repetition);
    expect(twice).toEqual([undefined, 1, 2]);
    const adopted = after(started.ticket, [
      T0 + 85 * MINUTE,
      { type: 'adoptRules', rules: rulesWith(steps, 2) },
    ]);
    const rest = live(adopted, [], END).steps.filter(({ actions }) => actions.length > 0);
    expect(rest.map(({ repetition }) => repetition)).toEqual(wanted);
  });

  it('under a policy made milder happens again from its new deadline on', () => {
    const started = live(aTicket(rulesWith([reminder])), [], T0 + 85 * MINUTE).ticket;
    const rules = rulesWith([reminder], 2, 2 * GOAL * 60);
    const mild = after(started, [T0 + 85 * MINUTE, { type: 'adoptRules', rules }]);
    expect(mild.state.fired.filter((key) => key.includes('step'))).toEqual([]);
    expect(live(mild, [], END).steps.map(({ atMs }) => (atMs - T0) / MINUTE)).toEqual([
      ...[120, 130, 140, 150],
    ]);
  });

  it('in real time, before a deadline that stands still, is not taken again when the policy is saved anew', () => {
    const step: EscalationStep = {
      ...{ goal: 'firstReply', when: { beforeSeconds: 1_200 }, hours: 'always' },
      actions: tag('soon'),
    };
    const warned = live(aTicket(rulesWith([step])), [], T0 + 50 * MINUTE).ticket;
    const { steps } = live(
      after(
        warned,
        [T0 + 50 * MINUTE, status('waitingOnContact')],
        [T0 + 55 * MINUTE, { type: 'adoptRules', rules: rulesWith([step], 2) }],
      ),
      [[T0 + 2 * HOUR, status('waitingOnUs')]],
    );
    expect(steps).toEqual([]);
  });

  it('a hundred times costs the ticket two keys', () => {
    const often = { ...reminder, repeat: { everySeconds: 60, times: 100 } };
    const { ticket, steps } = live(aTicket(rulesWith([often])), []);
    expect(steps).toHaveLength(101);
    expect(ticket.state.fired.filter((key) => key.includes('step'))).toHaveLength(2);
  });

  it('after an outage tells of its last repetition alone', () => {
    const { steps } = liveLate(aTicket(rulesWith([reminder])), []);
    const keys = steps.map(({ key }) => key);
    expect(keys.map((key) => isOvertaken(key, keys))).toEqual([true, true, true, false]);
    expect(isOvertaken(keys[0] ?? '', ['other:r1'])).toBe(false);
  });
});

describe('a step that sets the status', () => {
  const sets = (to: string, more: Partial<EscalationStep> = {}): EscalationStep => ({
    ...{ goal: 'firstReply', when: 'overdue', actions: [{ type: 'setStatus', status: to }] },
    ...more,
  });

  it('to closed at the very deadline has missed it all the same', () => {
    const rules = someRules(
      aPolicy({
        goals: { close: { seconds: 3_600 } },
        escalations: [sets('closed', { goal: 'close' })],
      }),
    );
    for (const { ticket } of [live(aTicket(rules), []), liveLate(aTicket(rules), [])]) {
      expect(ticket.state).toMatchObject({ status: 'closed', closedAtMs: T0 + HOUR + 1 });
      const { close } = slaView(rules.policy, ticket.state.ledger, END).goals;
      expect(close).toMatchObject({ state: 'completedLate', breachedAtMs: T0 + HOUR });
    }
  });

  it('that stops the clocks holds the working steps after it, not those in real time, however late it is noticed', () => {
    const working: EscalationStep = {
      ...{ goal: 'firstReply', when: { afterSeconds: 600 }, actions: tag('working') },
    };
    const real: EscalationStep = { ...working, hours: 'always', actions: tag('real') };
    const rules = rulesWith([sets('waitingOnContact'), working, real]);
    const punctual = live(aTicket(rules), []).ticket;
    const late = liveLate(aTicket(rules), []).ticket;
    expect(punctual.state.tags).toEqual(['real']);
    expect({ ...late.state, updatedAtMs: 0 }).toEqual({ ...punctual.state, updatedAtMs: 0 });
  });

  it('that the pipeline does not have, or that the ticket is in, leaves it alone', () => {
    for (const to of ['nonsense', 'new']) {
      const { ticket } = live(aTicket(rulesWith([sets(to)])), []);
      expect(ticket.state.status).toBe('new');
    }
  });

  it('of a closed kind ends a snooze, and closes once', () => {
    const snoozed = after(aTicket(rulesWith([sets('closed')])), [
      T0,
      { type: 'snooze', untilMs: END, untilReply: false },
    ]);
    const { recorded } = handle(snoozed, { type: 'wake' }, AGENT, T0 + HOUR);
    expect(recorded.map(({ event }) => event.type)).toEqual([
      ...['goalDueSoon', 'goalBreached', 'escalated', 'statusChanged', 'unsnoozed'],
    ]);
  });
});

describe('what a ticket carries of a policy', () => {
  const step: EscalationStepDefinition = {
    ...{ goal: 'firstReply', when: 'overdue' },
    actions: [
      { type: 'notify', to: { email: 'boss@example.test' } },
      { type: 'notify', to: { webhookUrl: 'https://hooks.example.test/secret' } },
      { type: 'postNote', body: 'Call Ann Smith' },
      { type: 'notify', to: 'assignee' },
    ],
  };

  it('names nobody outside and holds no words: only where they stand', () => {
    const carried = carriedSteps('p', 7, [{ ...step, when: 'dueSoon', actions: [] }, step]);
    expect(JSON.stringify(carried)).not.toMatch(/example|secret|Ann/);
    const at = { policyId: 'p', version: 7, step: 1 };
    expect(carried[1]?.actions).toEqual([
      { type: 'notify', to: 'email', ref: { ...at, action: 0 } },
      { type: 'notify', to: 'webhook', ref: { ...at, action: 1 } },
      { type: 'postNote', ref: { ...at, action: 2 } },
      { type: 'notify', to: 'assignee' },
    ]);
  });

  it('knows a step again in the next version, and one with another address as another', () => {
    const keyIn = (version: number, one: EscalationStepDefinition) =>
      carriedSteps('p', version, [one])[0]?.key;
    expect(keyIn(2, step)).toBe(keyIn(1, step));
    const other = { ...step, actions: [{ type: 'postNote' as const, body: 'Call Bob' }] };
    expect(keyIn(1, other)).not.toBe(keyIn(1, step));
    const breached = live(aTicket(rulesWith(carriedSteps('p', 1, [step]))), []).ticket;
    const rules = rulesWith(carriedSteps('p', 2, [step]), 2);
    expect(live(after(breached, [END, { type: 'adoptRules', rules }]), []).steps).toEqual([]);
  });

  it('is as it was for steps of ids alone: what they have done under older code is not done again', () => {
    const plain: EscalationStepDefinition = {
      ...{ goal: 'firstReply', when: 'overdue' },
      actions: [{ type: 'raisePriority' }],
    };
    expect(carriedSteps('p', 1, [plain])).toEqual([plain]);
  });
});
