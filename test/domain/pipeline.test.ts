// What pipelines let people do, what admins may do over it, and where mail moves tickets.
import { describe, expect, it } from 'vitest';
import type { Pipeline, PipelineMoves, TicketRules } from '#domain/desk.ts';
import { allowedTargets } from '#domain/pipeline.ts';
import { PipelineSchema } from '#domain/pipeline-schema.ts';
import { decide, handle } from '#domain/ticket.ts';
import type { Actor, ReceiveMessage, Ticket, TicketCommand } from '#domain/ticket-types.ts';
import {
  AGENT,
  after,
  aTicket,
  customer,
  HOUR,
  MINUTE,
  reply,
  report,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';

const SYSTEM: Actor = { type: 'system', cause: 'test' };
const withMoves = (moves: PipelineMoves | null): TicketRules => {
  const rules = someRules();
  return { ...rules, pipeline: { ...rules.pipeline, moves } };
};
const IDS = ['new', 'waitingOnContact', 'waitingOnUs', 'closed'];
const targets = (moves: PipelineMoves | null, from: string): string[] =>
  allowedTargets(withMoves(moves).pipeline, from).map(({ id }) => id);

describe('the moves a pipeline allows', () => {
  it.for<[string, PipelineMoves | null, string, string[]]>([
    ['none set: all', null, 'new', ['waitingOnContact', 'waitingOnUs', 'closed']],
    ['no skips: the next one', { forbidSkips: true }, 'new', ['waitingOnContact']],
    [
      'no skips: back as far as one likes',
      { forbidSkips: true },
      'waitingOnUs',
      ['new', 'waitingOnContact', 'closed'],
    ],
    [
      'no skips, and one more by name',
      { forbidSkips: true, allowedTo: { new: ['closed'] } },
      'new',
      ['waitingOnContact', 'closed'],
    ],
    ['no way back', { forbidBackward: true }, 'waitingOnUs', ['closed']],
    [
      'no way back, but reopening',
      { forbidBackward: true },
      'closed',
      ['new', 'waitingOnContact', 'waitingOnUs'],
    ],
    ['neither', { forbidBackward: true, forbidSkips: true }, 'waitingOnContact', ['waitingOnUs']],
    ['a list', { allowedTo: { new: ['closed'] } }, 'new', ['closed']],
    [
      'a list that does not name the status',
      { allowedTo: { new: ['closed'] } },
      'closed',
      ['new', 'waitingOnContact', 'waitingOnUs'],
    ],
    ['an empty list', { allowedTo: { closed: [] } }, 'closed', []],
  ])('%s', ([, moves, from, expected]) => {
    expect(targets(moves, from)).toEqual(expected);
  });

  it('bind a person for every pair of statuses, and the same person with an override not at all', () => {
    for (const moves of [
      { forbidSkips: true },
      { forbidBackward: true },
      { forbidSkips: true, forbidBackward: true, allowedTo: { new: ['closed'] } },
      { allowedTo: { new: ['waitingOnUs'], closed: [] } },
    ]) {
      for (const from of IDS) {
        const ticket = after(aTicket(), [T0, status(from)]);
        const bound: Ticket = { ...ticket, rules: withMoves(moves) };
        for (const to of IDS.filter((id) => id !== from)) {
          const free = targets(moves, from).includes(to);
          const asked = decide(bound, status(to), AGENT, T0);
          expect(asked.ok ? null : asked.refusal.code).toBe(free ? null : 'statusNotAllowed');
          const forced = decide(bound, { type: 'change', status: to, override: true }, AGENT, T0);
          const event = forced.ok
            ? forced.events.find((one) => one.type === 'statusChanged')
            : null;
          // Only what would have been refused is recorded as an override.
          expect(event).toMatchObject({ to });
          expect(event !== null && event !== undefined && 'override' in event).toBe(!free);
        }
      }
    }
  });

  it('are named in the refusal', () => {
    const refused = decide(aTicket(withMoves({ forbidSkips: true })), status('closed'), AGENT, T0);
    expect(refused.ok ? '' : refused.refusal.detail).toContain('Allowed: "waitingOnContact"');
  });

  it('hold for the status a reply asks for, and for closing', () => {
    const ticket = aTicket(withMoves({ forbidSkips: true }));
    const codes = [
      { type: 'reply', messageId: 'm', status: 'closed' },
      { type: 'change', close: true },
    ].map((command) => {
      const decision = decide(ticket, command as TicketCommand, AGENT, T0);
      return decision.ok ? null : decision.refusal.code;
    });
    expect(codes).toEqual(['statusNotAllowed', 'statusNotAllowed']);
  });

  it('do not hold back what the desk does by itself', () => {
    const bound = withMoves({ allowedTo: Object.fromEntries(IDS.map((id) => [id, []])) });
    const answered = after(aTicket(bound), [T0, reply('m')]);
    expect(answered.state.status).toBe('waitingOnContact');
    const heard = handle(answered, customer('c', T0 + MINUTE), SYSTEM, T0 + MINUTE).ticket;
    expect(heard.state.status).toBe('waitingOnUs');
    expect(decide(heard, status('closed'), SYSTEM, T0 + HOUR).ok).toBe(true);
  });
});

describe('a status that an admin removes', () => {
  const without = (replaced: Record<string, string>): TicketRules => {
    const { pipeline, ...rules } = someRules();
    const statuses = pipeline.statuses.filter(({ id }) => id !== 'waitingOnUs');
    const more = { id: 'second', name: 'Second line', category: 'open' as const };
    const third = { id: 'third', name: 'Third line', category: 'open' as const };
    return {
      ...rules,
      pipeline: { id: pipeline.id, statuses: [...statuses, more, third], replaced },
    };
  };

  it('moves its open tickets to the status named for them, else to the first of its category', () => {
    const ticket = after(aTicket(), [T0, status('waitingOnUs')]);
    const adopt = (rules: TicketRules): string =>
      after(ticket, [T0, { type: 'adoptRules', rules }]).state.status;
    expect(adopt(without({ waitingOnUs: 'third' }))).toBe('third');
    expect(adopt(without({}))).toBe('second');
  });

  it('with its whole pipeline: tickets are in the one that took over, in the same place', () => {
    const ticket = after(aTicket(), [T0, status('waitingOnUs')]);
    const heir: Pipeline = {
      id: 'heir',
      takesOver: ['pipeline'],
      statuses: [
        { id: 'todo', name: 'To do', category: 'new' },
        { id: 'doing', name: 'Doing', category: 'open' },
        { id: 'done', name: 'Done', category: 'closed' },
      ],
    };
    const { state, rules } = after(ticket, [
      T0,
      { type: 'adoptRules', rules: { ...someRules(), pipeline: heir } },
    ]);
    expect(state).toMatchObject({ pipelineId: 'heir', status: 'doing', category: 'open' });
    expect(rules.pipeline.id).toBe('heir');
  });
});

describe('an event by mail', () => {
  const ruled = (statusOn: TicketRules['statusOn']): Ticket =>
    aTicket({ ...someRules(), statusOn: statusOn ?? {} });
  const waiting = (statusOn: TicketRules['statusOn']): Ticket =>
    after(ruled(statusOn), [T0, reply('m')], [T0 + MINUTE, report('m', 'sent', T0 + MINUTE)]);
  const heard = (ticket: Ticket): string =>
    after(ticket, [T0 + HOUR, customer('c', T0 + HOUR)]).state.status;

  it('of a customer moves a waiting ticket where the setting says, or leaves it', () => {
    expect(heard(waiting(undefined))).toBe('waitingOnUs');
    expect(heard(waiting({ customerReply: { category: 'open' } }))).toBe('waitingOnUs');
    expect(heard(waiting({ customerReply: { status: 'new' } }))).toBe('new');
    expect(heard(waiting({ customerReply: null }))).toBe('waitingOnContact');
  });

  it('of a customer opens a closed ticket whatever the setting says', () => {
    for (const customerReply of [null, { category: 'open' as const }, { status: 'closed' }]) {
      const closed = after(waiting({ customerReply }), [T0 + MINUTE, status('closed')]);
      expect(heard(closed)).toBe('waitingOnUs');
    }
  });

  it('of an agent moves the ticket by statusAfterReply, unless the pipeline names another status', () => {
    expect(waiting({}).state.status).toBe('waitingOnContact');
    expect(waiting({ agentReply: { status: 'waitingOnUs' } }).state.status).toBe('waitingOnUs');
    expect(waiting({ agentReply: null }).state.status).toBe('new');
  });

  it('that failed moves an open ticket where the setting says, and else takes the reply’s status back', () => {
    const failed = (statusOn: TicketRules['statusOn']): string => {
      const sent = after(ruled(statusOn), [T0, reply('m')]);
      return after(sent, [T0 + MINUTE, report('m', 'failed', T0 + MINUTE)]).state.status;
    };
    expect(failed({})).toBe('new');
    expect(failed({ deliveryFailed: { category: 'open' } })).toBe('waitingOnUs');
  });

  it('that bounced for good moves an open ticket if it is set, and reopens none (zammad#2527)', () => {
    const bounce: ReceiveMessage = {
      ...{ type: 'receiveMessage' as const, messageId: 'b', atMs: T0 + HOUR, automatic: true },
      ...{ bouncedMessageId: 'm', bouncePermanent: true },
    };
    const bounced = (ticket: Ticket, command = bounce): string =>
      after(ticket, [T0 + HOUR, command]).state.status;
    const set = { bounce: { category: 'open' as const } };
    expect(bounced(waiting({}))).toBe('waitingOnContact');
    expect(bounced(waiting(set))).toBe('waitingOnUs');
    expect(bounced(waiting(set), { ...bounce, bouncePermanent: false })).toBe('waitingOnContact');
    expect(bounced(after(waiting(set), [T0 + MINUTE, status('closed')]))).toBe('closed');
  });
});

describe('a pipeline that cannot work is refused, and the field is named', () => {
  const good = {
    name: 'Returns',
    statuses: [
      { id: 'todo', name: 'To do', category: 'new' },
      { id: 'done', name: 'Done', category: 'closed' },
    ],
  };
  const closeAll = { afterSeconds: 60, warnBeforeSeconds: 60, warning: { body: 'Bye' } };
  it.for<[string, object, string]>([
    [
      'no closed status',
      { statuses: [good.statuses[0], { ...good.statuses[0], id: 'b' }] },
      'statuses',
    ],
    [
      'nothing but closed and waiting',
      { statuses: [{ id: 'w', name: 'W', category: 'waiting' }, good.statuses[1]] },
      'statuses',
    ],
    ['one id twice', { statuses: [...good.statuses, good.statuses[1]] }, 'statuses.2.id'],
    [
      'no status to be created in',
      { statuses: good.statuses.map((one) => ({ ...one, atCreation: false })) },
      'statuses',
    ],
    [
      'a move to nowhere',
      { moves: { allowedTo: { todo: ['nowhere'] } } },
      'moves.allowedTo.todo.0',
    ],
    ['an event to nowhere', { statusOn: { bounce: { status: 'nowhere' } } }, 'statusOn.bounce'],
    [
      'a customer closed away',
      { statusOn: { customerReply: { status: 'done' } } },
      'statusOn.customerReply',
    ],
    ['a successor that is none', { moveTicketsTo: { old: 'nowhere' } }, 'moveTicketsTo.old'],
    [
      'a warning with a placeholder there is not',
      {
        autoClose: {
          ...closeAll,
          warnBeforeSeconds: 5,
          warning: { body: 'Hi {{ requester.name }}' },
        },
      },
      'autoClose.warning.body',
    ],
    ['a warning as long as the wait', { autoClose: closeAll }, 'autoClose.warnBeforeSeconds'],
    [
      'a warning without a text',
      { autoClose: { afterSeconds: 60, warnBeforeSeconds: 5 } },
      'autoClose.warning',
    ],
  ])('%s', ([, more, path]) => {
    expect(PipelineSchema.safeParse(good).success).toBe(true);
    const parsed = PipelineSchema.safeParse({ ...good, ...more });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});
