// What a search means: a table of what people type, and that nothing they type makes it fail.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch, SEARCH_OPERATORS } from '#domain/search-query.ts';
import type { SearchQuery } from '#domain/search-query.ts';
import { viewFaults } from '#domain/view-conditions.ts';

const EMPTY: SearchQuery = {
  ...{ words: null, without: [], ticketId: null, conditions: [], named: [], hints: [] },
};
const test = (field: string, op: string, value: unknown) => ({ field, op, value });
const any = (...conditions: unknown[]) => [{ any: conditions }];
const open = test('category', 'isNot', 'closed');

describe('a search', () => {
  it.for<[string, object]>([
    ['', {}],
    ['printer broken', { words: 'printer broken' }],
    ['"paper jam" now', { words: '"paper jam" now' }],
    ['"never ended', { words: '"never ended"' }],
    ['foo"bar baz', { words: 'foo "bar baz"' }],
    ['printer -scanner -"paper jam"', { words: 'printer', without: ['scanner', 'paper jam'] }],
    ['e-mail', { words: 'e-mail' }],
    ['#123', { ticketId: 123 }],
    ['#0', { words: '#0' }],
    ['https://example.org/a?b=c', { words: '"https://example.org/a?b=c"' }],
    ['at 10:30', { words: 'at 10:30' }],
    [
      'assignee:me',
      { named: [{ field: 'assignee', names: ['me'], negated: false, text: 'assignee:me' }] },
    ],
    [
      'Assignee:"Ann B",bob',
      { named: [{ field: 'assignee', names: ['Ann B', 'bob'], negated: false }] },
    ],
    [
      '-team:Support x',
      { words: 'x', named: [{ field: 'team', names: ['Support'], negated: true }] },
    ],
    ['status:open', { named: [{ field: 'status', names: ['open'] }] }],
    [
      'priority:high,URGENT',
      { conditions: any(test('priority', 'is', 'high'), test('priority', 'is', 'urgent')) },
    ],
    ['tag:"big deal"', { conditions: any(test('tag', 'is', 'big deal')) }],
    ['-tag:vip', { conditions: [{ not: any(test('tag', 'is', 'vip'))[0] }] }],
    ['from:acme.com', { conditions: any(test('requester', 'contains', 'acme.com')) }],
    ['is:overdue', { conditions: any({ all: [test('slaState', 'is', 'overdue'), open] }) }],
    ['is:due-soon', { conditions: any({ all: [test('slaState', 'is', 'dueSoon'), open] }) }],
    ['is:unassigned', { conditions: any(test('assignee', 'is', 'nobody')) }],
    [
      'is:snoozed has:attachment',
      {
        conditions: [
          ...any(test('snoozed', 'is', true)),
          ...any(test('hasAttachment', 'is', true)),
        ],
      },
    ],
    ['before:2026-01-01', { conditions: any(test('createdAt', 'before', '2026-01-01')) }],
    ['after:7d', { conditions: any(test('createdAt', 'withinLast', { amount: 7, unit: 'days' })) }],
    [
      'before:2w',
      { conditions: any(test('createdAt', 'olderThan', { amount: 2, unit: 'weeks' })) },
    ],
  ])('%s', ([q, expected]) => {
    expect(parseSearch(q)).toMatchObject({ ...EMPTY, ...expected });
  });

  it.for<[string, string | null]>([
    ['colour:red', '"colour:red"'],
    ['is:purple', '"is:purple"'],
    ['priority:huge', '"priority:huge"'],
    ['before:yesterday', '"before:yesterday"'],
    ['after:2026-13-41', '"after:2026-13-41"'],
    ['is:constructor', '"is:constructor"'],
    ['assignee:', null],
    ['!!! -', null],
  ])('%s is text, or nothing, and a hint says so', ([q, words]) => {
    const query = parseSearch(q);
    expect(query).toMatchObject({ ...EMPTY, words, hints: expect.any(Array) });
    expect(query.hints.length).toBeGreaterThan(0);
  });

  it('never fails, and asks nothing that a view could not ask', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('"', '-', ':', ',', '#', ' ', ...SEARCH_OPERATORS.map((one) => `${one}:`)),
      fc.constantFrom('me', 'overdue', '7d', '2026-02-30', '"a b"', '#7', 'or', 'is:open'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const query = parseSearch(pieces.join(''));
        for (const tree of query.conditions) expect(viewFaults(tree)).toEqual([]);
        expect((query.words ?? '').split('"').length % 2).toBe(1);
      }),
      { numRuns: 2_000 },
    );
  });
});
