// Rules that can never work are found out before they are saved, each by the field that is wrong; and none is refused that could work.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchConditions } from '#domain/conditions.ts';
import type { Condition, SlaPolicyDefinition, TicketFacts } from '#domain/desk.ts';
import { conditionFaults, policyFaults } from '#domain/rule-faults.ts';
import type { KnownNames } from '#domain/rule-faults.ts';

const status = (id: string, category: 'new' | 'open' | 'waiting' | 'closed') => ({ id, category });
const KNOWN: KnownNames = {
  pipelines: [
    {
      id: 'sales',
      statuses: [status('new', 'new'), status('demo', 'open'), status('closed', 'closed')],
    },
    {
      id: 'support',
      statuses: [status('new', 'new'), status('waiting', 'waiting'), status('closed', 'closed')],
    },
  ],
  mailboxes: ['Help@desk.test', 'bills@desk.test'],
  ...{ teamIds: ['team1'], userIds: ['user1'], companyIds: ['acme'] },
};
const when = (field: string, op: string, value?: unknown): Condition =>
  ({ field, op, ...(value === undefined ? {} : { value }) }) as Condition;
/** "pointer: message" of each fault. */
const told = (conditions: Condition[], newborn = false): string[] =>
  conditionFaults(conditions, KNOWN, newborn).map(
    ({ path, message }) => `/${path.join('/')}: ${message}`,
  );

describe('conditions', () => {
  it.for<[Condition, string]>([
    [
      when('priority', 'is', 'urgnet'),
      '/conditions/0/value: there is no priority "urgnet"; there are low, normal, high, urgent',
    ],
    [when('priority', 'is', 3), '/conditions/0/value: there is no priority "3"; there are'],
    [when('channel', 'isNot', 'fax'), '/conditions/0/value: there is no channel "fax"; there are'],
    [
      when('status', 'in', ['new', 'done']),
      '/conditions/0/value/1: no pipeline has a status "done"',
    ],
    [when('pipelineId', 'notIn', ['x']), '/conditions/0/value/0: there is no pipeline "x"'],
    [when('mailbox', 'is', 'a@b.c'), '/conditions/0/value: no channel has the address "a@b.c"'],
    [when('teamId', 'is', 'x'), '/conditions/0/value: there is no team "x"'],
    [when('assigneeId', 'is', 'x'), '/conditions/0/value: there is no active user "x"'],
    [when('companyId', 'is', 'x'), '/conditions/0/value: there is no company "x"'],
    [when('priority', 'contains', 'zz'), '/conditions/0: no ticket can meet this'],
    [when('status', 'isNotSet'), '/conditions/0: no ticket can meet this'],
    [when('channel', 'notIn', ['email', 'api', 'form']), '/conditions/0: no ticket can meet this'],
  ])('that name what does not exist, or what no ticket is, are found: %j', ([condition, fault]) => {
    const faults = told([condition]);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.startsWith(fault)).toBe(true);
  });

  it.for<[string, Condition[], number]>([
    ['one field, two values', [when('subject', 'is', 'a'), when('subject', 'is', 'b')], 1],
    [
      'lists without a common value',
      [when('priority', 'in', ['low', 'high']), when('priority', 'in', ['normal'])],
      1,
    ],
    [
      'a value and its opposite',
      [when('language', 'is', 'cy'), when('language', 'isNot', 'CY')],
      1,
    ],
    [
      'a value that lacks a part',
      [when('subject', 'is', 'ab'), when('subject', 'contains', 'c')],
      1,
    ],
    ['set and not set', [when('body', 'isSet'), when('body', 'isNotSet')], 1],
    ['a part of what is not set', [when('body', 'isNotSet'), when('body', 'contains', 'x')], 1],
    ['two beginnings', [when('subject', 'startsWith', 'a'), when('subject', 'startsWith', 'b')], 1],
    ['a part and its lack', [when('body', 'contains', 'abc'), when('body', 'notContains', 'b')], 1],
    ['a tag and its lack', [when('tags', 'contains', 'x'), when('tags', 'notContains', 'x')], 1],
    [
      'tags all of them barred',
      [when('tags', 'in', ['x', 'y']), when('tags', 'notIn', ['y', 'x'])],
      1,
    ],
    [
      'a custom value and its opposite',
      [when('fields.plan', 'is', 'a'), when('fields.plan', 'isNot', 'a')],
      1,
    ],
    [
      'a status of another pipeline',
      [
        when('pipelineId', 'is', 'sales'),
        when('priority', 'is', 'low'),
        when('status', 'is', 'waiting'),
      ],
      2,
    ],
  ])('that no ticket can meet together are found: %s', ([, conditions, index]) => {
    expect(conditionFaults(conditions, KNOWN, false)).toMatchObject([
      { path: ['conditions', index], unknown: false },
    ]);
  });

  it('on a team or an assignee are none for routing rules, which new tickets meet without either', () => {
    for (const field of ['teamId', 'assigneeId']) {
      const value = field === 'teamId' ? 'team1' : 'user1';
      expect(told([when(field, 'is', value)])).toEqual([]);
      expect(told([when(field, 'is', value)], true)).toHaveLength(1);
      expect(told([when(field, 'isNotSet')], true)).toEqual([]);
    }
  });

  it('that some ticket meets are never refused', () => {
    const words = [
      'a',
      'ab',
      'b',
      'x',
      'low',
      'high',
      'new',
      'demo',
      'waiting',
      'sales',
      'support',
    ];
    const field = fc.constantFrom(
      'subject',
      'tags',
      'priority',
      'status',
      'pipelineId',
      'fields.f',
    );
    const word = fc.constantFrom(...words);
    const single = fc.constantFrom('is', 'isNot', 'contains', 'notContains', 'startsWith');
    const condition = fc.oneof(
      fc.tuple(field, single, word).map(([name, op, value]) => when(name, op, value)),
      fc
        .tuple(
          field,
          fc.constantFrom('in', 'notIn'),
          fc.array(word, { minLength: 1, maxLength: 3 }),
        )
        .map(([name, op, value]) => when(name, op, value)),
      fc.tuple(field, fc.constantFrom('isSet', 'isNotSet')).map(([name, op]) => when(name, op)),
    );
    const ticket = fc.record({
      subject: fc.constantFrom('', 'a', 'ab', 'abx', 'ba', 'x'),
      tags: fc.subarray(words),
      priority: fc.constantFrom('low', 'normal', 'high', 'urgent'),
      place: fc.constantFrom(
        ...KNOWN.pipelines.flatMap(({ id, statuses }) =>
          statuses.map((one) => ({ pipelineId: id, status: one.id })),
        ),
      ),
      f: fc.option(fc.oneof(word, fc.subarray(words)), { nil: null }),
    });
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 4 }),
        fc.array(ticket, { minLength: 30, maxLength: 30 }),
        (conditions, tickets) => {
          const faults = conditionFaults(conditions, KNOWN, false).filter((one) => !one.unknown);
          if (faults.length === 0) return;
          for (const { place, f, ...facts } of tickets) {
            const whole = { ...facts, ...place, fields: { f } } as unknown as TicketFacts;
            expect(matchConditions(conditions, whole).matched).toBe(false);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

const POLICY: SlaPolicyDefinition = {
  ...{ name: 'P', conditions: [], calendarId: null, appliesTo: 'newTickets' },
  goals: { firstReply: { seconds: 60, dueSoonSeconds: 10 }, close: { seconds: 600 } },
  ...{ pauseStatuses: [], escalations: [] },
};
const raise = [{ type: 'raisePriority' as const }];
const close = [{ type: 'setStatus' as const, status: 'closed' }];
const repeat = { everySeconds: 60, times: 2 };

describe('a policy', () => {
  it.for<[string, Partial<SlaPolicyDefinition>, string]>([
    [
      'a pause in a status of no pipeline',
      { pauseStatuses: ['new', 'pending'] },
      '/pauseStatuses/1',
    ],
    [
      'a pause in a status of other pipelines',
      { conditions: [when('pipelineId', 'is', 'sales')], pauseStatuses: ['waiting'] },
      '/pauseStatuses/0',
    ],
    ['a pause in every status', { pauseStatuses: ['new', 'demo', 'waiting'] }, '/pauseStatuses'],
    [
      'a step of a goal it lacks',
      { escalations: [{ goal: 'nextReply', when: 'overdue', actions: raise }] },
      '/escalations/0/goal',
    ],
    [
      'a warning of a goal without one',
      { escalations: [{ goal: 'close', when: 'dueSoon', actions: raise }] },
      '/escalations/0/when',
    ],
    [
      'a step that another one is already',
      {
        escalations: [
          { goal: 'close', when: { afterSeconds: 5 }, actions: raise },
          { goal: 'close', when: { afterSeconds: 5 }, actions: raise, repeat },
        ],
      },
      '/escalations/1',
    ],
    [
      'a repetition after its step has closed the ticket',
      { escalations: [{ goal: 'close', when: { afterSeconds: 5 }, actions: close, repeat }] },
      '/escalations/0/repeat',
    ],
    [
      'a condition nobody meets',
      { conditions: [when('status', 'is', 'gone')] },
      '/conditions/0/value',
    ],
  ])('with %s is found out', ([, more, pointer]) => {
    const faults = policyFaults({ ...POLICY, ...more }, KNOWN);
    expect(faults.map(({ path }) => `/${path.join('/')}`)).toEqual([pointer]);
  });

  it('that can work has no fault', () => {
    const definition: SlaPolicyDefinition = {
      ...POLICY,
      conditions: [
        when('priority', 'in', ['high', 'urgent']),
        when('mailbox', 'is', 'help@DESK.test'),
        when('tags', 'is', 'a'),
        when('tags', 'is', 'b'),
        when('fields.plan', 'is', 'a'),
        when('fields.plan', 'is', 'b'),
        when('subject', 'contains', 'a'),
        when('subject', 'notContains', 'ab'),
      ],
      pauseStatuses: ['waiting'],
      escalations: [
        { goal: 'firstReply', when: 'dueSoon', actions: raise },
        { goal: 'close', when: { afterSeconds: 5 }, actions: raise, repeat },
        { goal: 'close', when: { afterSeconds: 5 }, actions: raise, hours: 'always' },
        { goal: 'close', when: { beforeSeconds: 5 }, actions: close },
      ],
    };
    expect(policyFaults(definition, KNOWN)).toEqual([]);
  });
});
