// Who gets a ticket: eligibility, strategies, skills, claims and the fallback's steps, as tables and laws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { Condition } from '#domain/desk.ts';
import {
  explainCandidates,
  explainRules,
  ineligibility,
  NO_NEEDS,
  pickAgent,
  ROUTING_STRATEGIES,
  STRATEGIES_BY_LOAD,
} from '#domain/routing.ts';
import type { Candidate, RoutingAsk, RoutingRule } from '#domain/routing.ts';
import { goesElsewhere, targetOf } from '#domain/rule-trial.ts';
import { handle } from '#domain/ticket.ts';
import type { Ticket, TicketCommand } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aCandidate,
  aPolicy,
  aWaitingTicket,
  HOUR,
  MINUTE,
  mergeAway,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';

const NINE_TO_FIVE = compileCalendar({
  timeZone: 'UTC',
  hours: { mon: [['09:00', '17:00']] },
});
const ask = (more: Partial<RoutingAsk> = {}): RoutingAsk => ({
  ...{ needs: NO_NEEDS, channel: 'email', nowMs: T0 },
  ...more,
});
const knows = (levels: Record<string, number>): Partial<Candidate> => ({
  skills: Object.keys(levels),
  skillLevels: levels,
});
const needs = (required: Record<string, number>, preferred: string[] = []) => ({
  needs: {
    required: Object.entries(required).map(([name, level]) => ({ name, level })),
    preferred,
  },
});

describe('nobody gets a ticket who', () => {
  it.for<[string, Partial<Candidate>, string]>([
    ['is inactive', { active: false }, 'is not active'],
    ['may not reply (libredesk#634)', { mayReply: false }, 'may not reply'],
    ['has no seat', { seat: false }, 'has no seat'],
    ['is no main member', { main: false }, 'is not a main member of the team'],
    ['went away', { availability: 'away' }, 'is away'],
    ['is out of office', { absences: [{ fromMs: T0 - 1, toMs: T0 + 1 }] }, 'is out of office'],
    [
      'is outside their hours',
      {
        workingHours: compileCalendar({ timeZone: 'UTC', hours: { tue: [['09:00', '17:00']] } }),
      },
      'is outside their working hours',
    ],
    ['is full', { capacity: 3, load: 3 }, 'is at capacity (3 of 3)'],
    [
      'is full for the channel',
      { channelCapacity: { email: 2 }, channelLoad: { email: 2 }, load: 2 },
      'is at capacity for email (2 of 2)',
    ],
    ['lacks a skill', knows({ french: 2 }), 'lacks welsh'],
    ['knows it too little', knows({ welsh: 2 }), 'knows welsh at level 2, not 3'],
  ])('%s', ([, more, reason]) => {
    const somebody = aCandidate('a', { ...knows({ welsh: 3 }), ...more });
    expect(ineligibility(somebody, ask(needs({ welsh: 3 })))).toBe(reason);
  });

  it('is there, skilled and has room: they may', () => {
    const able = aCandidate('a', {
      ...{ workingHours: NINE_TO_FIVE, capacity: 3, load: 2 },
      ...{ channelCapacity: { email: 1, api: 2 }, channelLoad: { api: 2 } },
      absences: [{ fromMs: T0 + 1, toMs: T0 + HOUR }],
      ...knows({ welsh: 3 }),
    });
    expect(ineligibility(able, ask(needs({ welsh: 3 })))).toBeNull();
  });
});

describe('the strategy', () => {
  const two = (one: Partial<Candidate>, other: Partial<Candidate>) => [
    aCandidate('one', one),
    aCandidate('other', other),
  ];
  it.for([
    ['roundRobin', two({ lastTurn: 5, load: 0 }, { lastTurn: 4, load: 9 }), 'other'],
    ['leastLoaded', two({ load: 2, capacity: 2_000 }, { load: 1, capacity: 2 }), 'other'],
    ['leastLoadedShare', two({ load: 2, capacity: 2_000 }, { load: 1, capacity: 2 }), 'one'],
    ['leastLoadedShare', two({ load: 1, capacity: 10 }, { load: 7 }), 'other'],
    ['leastLoadedShare', two({ load: 8 }, { load: 7 }), 'other'],
    ['leastLoadedShare', two({ load: 4, capacity: 8 }, { load: 1, capacity: 2 }), 'other'],
  ] as const)('%s', ([strategy, candidates, expected]) => {
    expect(pickAgent(strategy, candidates, ask())?.userId).toBe(expected);
  });

  it('of a manual team gives to nobody', () => {
    expect(pickAgent('manual', [aCandidate('a')], ask())).toBeNull();
  });

  it('comes after preferred skills: most of them, then the highest levels', () => {
    const candidates = [
      aCandidate('none'),
      aCandidate('weak', { ...knows({ welsh: 1, maps: 1 }), load: 0 }),
      aCandidate('strong', { ...knows({ welsh: 5, maps: 2 }), load: 50 }),
      aCandidate('half', knows({ welsh: 5 })),
    ];
    const wanted = ask(needs({}, ['welsh', 'maps']));
    expect(pickAgent('leastLoaded', candidates, wanted)).toEqual({
      userId: 'strong',
      reason: 'least loaded of the team (50 open), with welsh, maps',
    });
  });

  it('comes after a claim, which counts only when its holder is eligible, and is said', () => {
    const candidates = [aCandidate('idle'), aCandidate('owner', { load: 9, capacity: 10 })];
    const claimed = ask({ sticky: { userId: 'owner', why: 'contactOwner' } });
    for (const strategy of ROUTING_STRATEGIES) {
      expect(pickAgent(strategy, candidates, claimed)).toEqual({
        userId: 'owner',
        reason: 'looks after the contact',
      });
    }
    const full = [aCandidate('idle'), aCandidate('owner', { load: 10, capacity: 10 })];
    expect(pickAgent('leastLoaded', full, claimed)?.userId).toBe('idle');
  });

  it('never picks somebody ineligible, whoever they are, and picks somebody when anybody is eligible', () => {
    const anybody = fc.record({
      active: fc.boolean(),
      seat: fc.boolean(),
      main: fc.boolean(),
      mayReply: fc.boolean(),
      availability: fc.constantFrom('available' as const, 'away' as const),
      capacity: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
      load: fc.integer({ min: 0, max: 4 }),
      lastTurn: fc.integer({ min: 0, max: 5 }),
      skills: fc.subarray(['welsh', 'maps']),
    });
    fc.assert(
      fc.property(
        fc.array(anybody, { maxLength: 6 }),
        fc.constantFrom('roundRobin' as const, 'leastLoaded' as const, 'leastLoadedShare' as const),
        fc.subarray(['welsh', 'maps']),
        (people, strategy, required) => {
          const candidates = people.map((more, index) => aCandidate(`u${index}`, more));
          const asked = ask(needs(Object.fromEntries(required.map((name) => [name, 1]))));
          const picked = pickAgent(strategy, candidates, asked);
          const verdicts = explainCandidates(candidates, asked);
          expect(picked !== null).toBe(verdicts.some(({ eligible }) => eligible));
          const verdict = verdicts.find(({ userId }) => userId === picked?.userId);
          if (picked !== null) expect(verdict).toMatchObject({ eligible: true, reason: null });
        },
      ),
    );
  });

  it.for(ROUTING_STRATEGIES.filter((one) => !STRATEGIES_BY_LOAD.includes(one)))(
    '%s does not ask what people hold who have no limit: it is not counted for them',
    (strategy) => {
      const anybody = fc.record({
        load: fc.integer({ min: 0, max: 40 }),
        lastTurn: fc.integer({ min: 0, max: 5 }),
        skills: fc.subarray(['welsh', 'maps']),
      });
      fc.assert(
        fc.property(fc.array(anybody, { maxLength: 6 }), fc.nat({ max: 5 }), (people, holder) => {
          const asked = ask({
            needs: { ...NO_NEEDS, preferred: ['welsh', 'maps'] },
            sticky: { userId: `u${holder}`, why: 'lastAssignee' },
          });
          const counted = people.map((more, index) => aCandidate(`u${index}`, more));
          const uncounted = counted.map((one) => ({ ...one, load: 0, channelLoad: {} }));
          expect(pickAgent(strategy, uncounted, asked)).toEqual(
            pickAgent(strategy, counted, asked),
          );
        }),
      );
    },
  );

  it('of turns is fair over any sequence of hand-outs: one more at most (zammad#854, libredesk#29)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 60 }), (n, tickets) => {
        const candidates = Array.from({ length: n }, (_, index) => aCandidate(`u${index}`));
        const counts = new Map(candidates.map(({ userId }) => [userId, 0]));
        for (let turn = 1; turn <= tickets; turn += 1) {
          const picked = pickAgent('roundRobin', candidates, ask());
          const holder = candidates.find(({ userId }) => userId === picked?.userId);
          if (holder === undefined) throw new Error('nobody');
          holder.lastTurn = turn;
          counts.set(holder.userId, (counts.get(holder.userId) ?? 0) + 1);
        }
        const held = [...counts.values()];
        expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a fallback', () => {
  const eventsAt = (ticket: Ticket, atMs: number, command: TicketCommand = { type: 'wake' }) =>
    handle(ticket, command, AGENT, atMs).recorded.map(({ event }) => event.type);
  const take: TicketCommand = {
    ...{ type: 'acceptAssignment', userId: 'bob', teamId: 'team', reason: 'turn' },
  };

  it('is the ticket’s next wake with its reason, then widens to the team, then goes to the other team', () => {
    const waiting = aWaitingTicket(someRules(null));
    expect(nextWake(waiting, T0)).toEqual({
      atMs: T0 + 15 * MINUTE,
      reason: 'waits for a skilled agent; widens to the team',
    });
    const widened = after(waiting, [T0 + 15 * MINUTE, { type: 'wake' }]);
    expect(widened.state.routing).toMatchObject({
      ...{ stepsTaken: 1, skillsDropped: true, teamId: 'team', ruleId: 'rule', ruleVersion: 3 },
      reason: 'No agent with the skills was free within 900 s: offered to the whole team.',
    });
    expect(nextWake(widened, T0)?.atMs).toBe(T0 + HOUR);
    expect(eventsAt(widened, T0 + HOUR)).toEqual(['routingWidened', 'teamChanged']);
    const moved = after(widened, [T0 + HOUR, { type: 'wake' }]);
    expect(moved.state).toMatchObject({ teamId: 'second', routing: { teamId: 'second' } });
    expect(nextWake(moved, T0 + HOUR)).toBeNull();
  });

  it.for<[string, [number, TicketCommand][]]>([
    ['somebody has it', [[T0, take]]],
    ['it is closed', [[T0, status('closed')]]],
    ['it waits for the customer', [[T0, status('waitingOnContact')]]],
    ['it is spam', [[T0, { type: 'setSpam', spam: true }]]],
    ['it was merged away', mergeAway(T0, 2)],
    ['a person has moved it to another team', [[T0, { type: 'change', teamId: 'elsewhere' }]]],
  ])('stops when %s', ([, commands]) => {
    const ticket = after(aWaitingTicket(someRules(null)), ...commands);
    expect(eventsAt(ticket, T0 + 2 * HOUR)).not.toContain('routingWidened');
  });

  it('waits anew from when the ticket came back to the queue', () => {
    const returned = after(
      aWaitingTicket(someRules(null)),
      [T0 + MINUTE, take],
      [T0 + 30 * MINUTE, { type: 'returnToQueue', userId: 'bob', teamId: null, reason: 'is out' }],
    );
    expect(returned.state).toMatchObject({ assigneeId: null, routing: { reason: 'is out' } });
    expect(nextWake(returned, T0 + 30 * MINUTE)?.atMs).toBe(T0 + 45 * MINUTE);
  });

  it('and an escalation that fall due in one late wake apply in order of time', () => {
    const policy = aPolicy({
      escalations: [
        {
          ...{ goal: 'firstReply', when: { beforeSeconds: 1_800 } },
          actions: [{ type: 'reassign', to: { userId: 'eva' } }],
        },
      ],
    });
    const late = after(aWaitingTicket(someRules(policy)), [T0 + 5 * HOUR, { type: 'wake' }]);
    // Widened at 15 minutes, given to Eva at 30: she has it when the hour strikes.
    expect(late.state).toMatchObject({
      ...{ assigneeId: 'eva', teamId: 'team' },
      routing: { stepsTaken: 1 },
    });
  });
});

describe('the last automatic decision stands on the ticket', () => {
  it('when the queue found somebody, with its reason and the rule', () => {
    const taken = after(aWaitingTicket(), [
      T0 + MINUTE,
      { type: 'acceptAssignment', userId: 'bob', teamId: 'team', reason: 'next in turn' },
    ]);
    expect(taken.state.routing).toMatchObject({
      ...{ ruleId: 'rule', ruleVersion: 3, userId: 'bob', reason: 'next in turn' },
      atMs: T0 + MINUTE,
    });
  });

  it('and a rule’s skills are dropped once the queue of another team has decided', () => {
    const moved = after(
      aWaitingTicket(),
      [T0, { type: 'change', teamId: 'elsewhere' }],
      [T0, { type: 'acceptAssignment', userId: 'bob', teamId: 'elsewhere', reason: 'turn' }],
    );
    expect(moved.state.routing).toMatchObject({ teamId: 'elsewhere', skillsDropped: true });
    expect(moved.state.routing).not.toHaveProperty('fallback');
  });
});

describe('rules', () => {
  const rule = (
    id: string,
    position: number,
    conditions: Condition[],
    teamId = id,
  ): RoutingRule => ({
    ...{ id, version: 1, name: id, position, enabled: true, conditions, assign: { teamId } },
    ...{
      requiredSkills: [],
      requiredLevels: {},
      preferredSkills: [],
      sticky: 'none',
      fallback: [],
    },
  });
  const facts = {
    ...{ ticketId: 1, createdAtMs: T0, channel: 'email' as const, mailbox: null, body: '' },
    ...{ subject: 'A refund', requesterEmail: null, companyId: null, language: null },
    ...{ priority: 'normal' as const, tags: [], teamId: null, assigneeId: null, pipelineId: 'p' },
    ...{ status: 'new', fields: {} },
  };
  const refund: Condition = { field: 'subject', op: 'contains', value: 'refund' };

  it('are judged in order, each with the first condition that failed', () => {
    const verdicts = explainRules(
      [
        rule('rest', 9, []),
        rule('bills', 1, [refund, { field: 'priority', op: 'is', value: 'high' }]),
      ],
      facts,
    );
    expect(verdicts.map(({ ruleId, matched, failed }) => [ruleId, matched, failed])).toEqual([
      ['bills', false, 'priority is "high"'],
      ['rest', true, null],
    ]);
  });

  it('that name the same place under another id send nothing elsewhere', () => {
    const before = targetOf([rule('a', 1, [], 'team')], facts);
    expect(goesElsewhere(before, targetOf([rule('b', 1, [refund], 'team')], facts))).toBe(false);
    expect(goesElsewhere(before, targetOf([rule('b', 1, [refund], 'other')], facts))).toBe(true);
    expect(goesElsewhere(before, targetOf([], facts))).toBe(true);
  });
});
