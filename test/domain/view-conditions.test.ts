// Trees of conditions: what may be asked, that "not" is pushed down without changing the question, and what follows from a tree.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainConditions, plainGiven, scopeOf, viewFaults } from '#domain/view-conditions.ts';
import type { PlainConditions, ViewConditions, ViewTest } from '#domain/view-conditions.ts';

const is = (field: string, value: ViewTest['value']): ViewTest => ({ field, op: 'is', value });
const nested = (depth: number): ViewConditions =>
  depth === 0 ? is('spam', true) : { not: nested(depth - 1) };

describe('what may be asked', () => {
  it.for<[string, ViewConditions, (string | number)[] | null]>([
    ['an empty tree', { all: [] }, null],
    ['a list', { field: 'priority', op: 'in', value: ['high', 'urgent'] }, null],
    ['me', is('assignee', 'me'), null],
    ['the teams of mine', { field: 'team', op: 'notIn', value: ['mine', 'none'] }, null],
    ['a span', { field: 'createdAt', op: 'withinLast', value: { amount: 7, unit: 'days' } }, null],
    ['a day', { field: 'closedAt', op: 'after', value: '2026-01-31' }, null],
    ['an instant', { field: 'due', op: 'before', value: '2026-01-31T09:00:00+01:00' }, null],
    ['a custom field', is('fields.size', 3), null],
    ['a goal', is('goal.firstReply', 'overdue'), null],
    ['four levels', nested(4), null],
    ['five levels', nested(5), []],
    ['an unknown field', is('colour', 'red'), ['field']],
    ['a field of every object', is('constructor', 'x'), ['field']],
    ['an unknown priority', { all: [is('priority', 'huge')] }, ['all', 0, 'value']],
    ['a name where an id is', { not: is('assignee', 'Ann') }, ['not', 'value']],
    ['a list for one', is('status', ['a']), ['value']],
    ['one for a list', { field: 'status', op: 'in', value: 'a' }, ['value']],
    ['an empty list', { field: 'status', op: 'in', value: [] }, ['value']],
    ['no value', { any: [{ field: 'tag', op: 'is' }] }, ['any', 0, 'value']],
    ['"before" of a status', { field: 'status', op: 'before', value: 'x' }, ['op']],
    [
      'ahead of what is past',
      { field: 'createdAt', op: 'withinNext', value: { amount: 1, unit: 'days' } },
      ['op'],
    ],
    ['no day', { field: 'createdAt', op: 'after', value: 'yesterday' }, ['value']],
    ['a day that is none', { field: 'createdAt', op: 'after', value: '2026-13-41' }, ['value']],
    [
      'a year Postgres does not know',
      { field: 'createdAt', op: 'after', value: '0000-01-01' },
      ['value'],
    ],
    [
      'a thousand years',
      { field: 'due', op: 'withinNext', value: { amount: 60_000, unit: 'weeks' } },
      ['value'],
    ],
    ['a flag that is text', is('snoozed', 'yes'), ['value']],
  ])('%s', ([, tree, path]) => {
    expect(viewFaults(tree).map((fault) => fault.path)).toEqual(path === null ? [] : [path]);
  });

  it.for<[unknown, boolean]>([
    [['2026-01-01', '2026-02-01'], true],
    [['2026-01-01'], false],
    [['2026-01-01', 'later'], false],
    ['2026-01-01', false],
  ])('between %j: %s', ([value, good]) => {
    const test = { field: 'createdAt', op: 'between', value } as ViewTest;
    expect(viewFaults(test)).toHaveLength(good ? 0 : 1);
  });

  it('at most thirty comparisons', () => {
    const some = (count: number): ViewConditions => ({
      any: Array.from({ length: count }, () => is('spam', true)),
    });
    expect(viewFaults(some(30))).toEqual([]);
    expect(viewFaults({ all: [some(16), some(15)] })).toHaveLength(1);
  });
});

const flags = ['snoozed', 'spam', 'mentionsMe', 'followedByMe'] as const;
const tree: fc.Arbitrary<ViewConditions> = fc.letrec<{ tree: ViewConditions }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      field: fc.constantFrom(...flags),
      op: fc.constantFrom('is' as const, 'isNot' as const),
      value: fc.boolean(),
    }),
    fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ not: tie('tree') }),
  ),
})).tree;
type World = Record<string, boolean>;
const judge = (node: ViewConditions, world: World): boolean => {
  if ('all' in node) return node.all.every((one) => judge(one, world));
  if ('any' in node) return node.any.some((one) => judge(one, world));
  if ('not' in node) return !judge(node.not, world);
  return (world[node.field] === node.value) === (node.op === 'is');
};
const judgePlain = (node: PlainConditions, world: World): boolean => {
  if ('all' in node) return node.all.every((one) => judgePlain(one, world));
  if ('any' in node) return node.any.some((one) => judgePlain(one, world));
  return world[node.field] === node.holds;
};

describe('a tree without "not"', () => {
  it('asks the same question', () => {
    const worlds = fc.record(Object.fromEntries(flags.map((name) => [name, fc.boolean()])));
    fc.assert(
      fc.property(tree, worlds, (node, world) => {
        expect(judgePlain(plainConditions(node), world as World)).toBe(judge(node, world as World));
      }),
    );
  });
});

describe('a tree where it is known that tickets are open', () => {
  it('says so no more, and means the same for them', () => {
    const open = { field: 'category', op: 'isNot', value: 'closed' } as const;
    const node: ViewConditions = { all: [open, { any: [{ not: open }, is('spam', true)] }] };
    const test = { field: 'spam', holds: true, ask: { op: 'flag' } };
    const plain = plainConditions(node);
    expect(plainGiven(plain, false)).toEqual({ all: [{ all: [] }, { any: [{ any: [] }, test] }] });
    expect(plainGiven(plain, true)).toEqual({ all: [{ any: [] }, { any: [{ all: [] }, test] }] });
    expect(plainGiven(plain, null)).toEqual(plain);
  });
});

describe('what follows from a tree', () => {
  const closedOf = (node: ViewConditions) => scopeOf(plainConditions(node)).closed;
  const open = { field: 'category', op: 'isNot', value: 'closed' } as const;
  const closed = is('category', 'closed');
  it.for<[string, ViewConditions, boolean | null]>([
    ['nothing', { all: [] }, null],
    ['open by "not closed"', open, false],
    ['open by a list', { field: 'category', op: 'in', value: ['new', 'open'] }, false],
    ['open by one of all', { all: [is('priority', 'high'), open] }, false],
    ['open by each of any', { any: [open, is('category', 'new')] }, false],
    ['not by one of any', { any: [open, is('priority', 'high')] }, null],
    ['not by none of any', { any: [] }, null],
    ['open by "not" over "closed"', { not: { any: [closed, is('spam', true)] } }, false],
    ['closed', { all: [closed, is('assignee', 'me')] }, true],
    [
      'not closed by a list with others',
      { field: 'category', op: 'in', value: ['closed', 'new'] },
      null,
    ],
    ['not open by "not new"', { field: 'category', op: 'isNot', value: 'new' }, null],
  ])('%s', ([, node, expected]) => expect(closedOf(node)).toBe(expected));

  it('a change is no earlier than what it is a change of, unless the comparison may fail', () => {
    const after: ViewTest = { field: 'closedAt', op: 'after', value: '2026-01-01' };
    const bounds = (node: ViewConditions) => scopeOf(plainConditions(node)).updatedAfter;
    expect(bounds({ all: [after, is('tag', 'x')] })).toEqual([{ at: '2026-01-01T00:00:00.000Z' }]);
    expect(bounds({ any: [after, is('tag', 'x')] })).toEqual([]);
    expect(bounds({ not: after })).toEqual([]);
    expect(bounds({ ...after, op: 'before' })).toEqual([]);
    const span: ViewTest = { ...after, op: 'between', value: ['2026-01-01', '2026-01-02'] };
    expect(bounds(span)).toEqual([{ at: '2026-01-01T00:00:00.000Z' }]);
    const last = {
      field: 'closedAt',
      op: 'withinLast',
      value: { amount: 2, unit: 'hours' },
    } as const;
    expect(bounds(last)).toEqual([{ secondsAgo: 7_200 }]);
  });
});
