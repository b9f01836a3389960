// What a view shows: a tree of conditions on tickets, judged by the database (db/ticket-conditions.ts). Pure: which fields and
// comparisons there are, what is wrong with a tree, and the tree without "not", so that every comparison is asked the positive way.
import { GOAL_NAMES, PRIORITIES } from './desk.ts';
import type { GoalName } from './desk.ts';

/** A span of time before or after now. */
export interface Span {
  amount: number;
  unit: SpanUnit;
}

/** One comparison. `me`, `nobody`, `mine` and `none` are words for people and teams. */
export interface ViewTest {
  field: string;
  op: ViewOp;
  value?: ViewValue | undefined;
}

/** What a comparison can be made with. */
export type ViewValue = string | number | boolean | string[] | Span;

/** A tree of comparisons. An empty `all` holds for every ticket. */
export type ViewConditions =
  | ViewTest
  | { all: ViewConditions[] }
  | { any: ViewConditions[] }
  | { not: ViewConditions };

export const SPAN_UNITS = ['minutes', 'hours', 'days', 'weeks'] as const;
export type SpanUnit = (typeof SPAN_UNITS)[number];

export const VIEW_OPS = [
  'is',
  'isNot',
  'in',
  'notIn',
  'contains',
  'notContains',
  'isSet',
  'isNotSet',
  'before',
  'after',
  'between',
  'withinLast',
  'olderThan',
  'withinNext',
] as const;
export type ViewOp = (typeof VIEW_OPS)[number];

export const MAX_VIEW_DEPTH = 4;
export const MAX_VIEW_TESTS = 30;
const MAX_SPAN_SECONDS = 100 * 366 * 86_400;

/** What kind of thing a field holds: it decides which comparisons there are and what they take. */
type Kind =
  | { kind: 'words'; words: readonly string[] }
  | { kind: 'text' }
  | { kind: 'id'; words?: readonly string[]; named?: boolean }
  | { kind: 'subject' }
  | { kind: 'time'; ahead?: boolean }
  | { kind: 'flag' }
  | { kind: 'custom' };

const SLA_STATES = ['none', 'ok', 'dueSoon', 'overdue', 'paused', 'completed'] as const;
const GOAL_STATES = ['active', 'dueSoon', 'overdue', 'completedOnTime', 'completedLate'] as const;

const FIELDS: Readonly<Record<string, Kind>> = {
  status: { kind: 'text' },
  category: { kind: 'words', words: ['new', 'open', 'waiting', 'closed'] },
  pipeline: { kind: 'id' },
  priority: { kind: 'words', words: PRIORITIES },
  assignee: { kind: 'id', words: ['me', 'nobody'] },
  team: { kind: 'id', words: ['mine', 'none'] },
  channel: { kind: 'words', words: ['email', 'api', 'form'] },
  mailbox: { kind: 'id' },
  tag: { kind: 'text' },
  requester: { kind: 'id', named: true },
  company: { kind: 'id', named: true },
  subject: { kind: 'subject' },
  language: { kind: 'text' },
  createdAt: { kind: 'time' },
  updatedAt: { kind: 'time' },
  closedAt: { kind: 'time' },
  repliedAt: { kind: 'time' },
  due: { kind: 'time', ahead: true },
  snoozedUntil: { kind: 'time', ahead: true },
  slaState: { kind: 'words', words: SLA_STATES },
  ...Object.fromEntries(
    GOAL_NAMES.flatMap((goal): [string, Kind][] => [
      [`goal.${goal}`, { kind: 'words', words: GOAL_STATES }],
      [`goalCompletedAt.${goal}`, { kind: 'time' }],
    ]),
  ),
  snoozed: { kind: 'flag' },
  spam: { kind: 'flag' },
  mentionsMe: { kind: 'flag' },
  followedByMe: { kind: 'flag' },
  hasAttachment: { kind: 'flag' },
};

/** The names of all fields but the custom ones, which are `fields.<name>`. */
export const VIEW_FIELDS: readonly string[] = Object.keys(FIELDS);

const LIST_OPS: readonly ViewOp[] = ['is', 'isNot', 'in', 'notIn', 'isSet', 'isNotSet'];
const PAST_OPS: readonly ViewOp[] = [
  ...(['before', 'after', 'between', 'withinLast', 'olderThan', 'isSet', 'isNotSet'] as const),
];

function kindOf(field: string): Kind | undefined {
  if (/^fields\..{1,100}$/su.test(field)) return { kind: 'custom' };
  return Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
}

function opsOf(kind: Kind): readonly ViewOp[] {
  switch (kind.kind) {
    case 'words':
    case 'text':
      return LIST_OPS;
    case 'id':
      return kind.named === true ? [...LIST_OPS, 'contains', 'notContains'] : LIST_OPS;
    case 'subject':
      return ['contains', 'notContains'];
    case 'time':
      return kind.ahead === true ? [...PAST_OPS, 'withinNext'] : PAST_OPS;
    case 'flag':
      return ['is', 'isNot'];
    case 'custom':
      return [...LIST_OPS, 'contains', 'notContains'];
  }
}

/** What is wrong with a tree, and where: steps into it. */
export interface ViewFault {
  path: (string | number)[];
  message: string;
}

/** Everything wrong with a tree; empty when it can be asked. */
export function viewFaults(conditions: ViewConditions): ViewFault[] {
  const tests = testsOf(conditions);
  if (tests.length > MAX_VIEW_TESTS) {
    return [{ path: [], message: `at most ${MAX_VIEW_TESTS} comparisons` }];
  }
  if (depthOf(conditions) > MAX_VIEW_DEPTH) {
    return [{ path: [], message: `at most ${MAX_VIEW_DEPTH} levels` }];
  }
  return tests.flatMap(({ test, path }) => {
    const message = faultOf(test);
    return message === null ? [] : [{ path: [...path, message.at], message: message.text }];
  });
}

type Fault = { at: 'field' | 'op' | 'value'; text: string } | null;

function faultOf({ field, op, value }: ViewTest): Fault {
  const kind = kindOf(field);
  if (kind === undefined) return { at: 'field', text: 'is none of the fields' };
  const ops = opsOf(kind);
  if (!ops.includes(op)) return { at: 'op', text: `"${field}" takes ${ops.join(', ')}` };
  const text = valueFault(kind, op, value);
  return text === null ? null : { at: 'value', text };
}

function valueFault(kind: Kind, op: ViewOp, value: ViewValue | undefined): string | null {
  if (op === 'isSet' || op === 'isNotSet') return null;
  if (value === undefined) return `"${op}" needs a value`;
  if (kind.kind === 'flag') return typeof value === 'boolean' ? null : 'must be true or false';
  if (kind.kind === 'time') return timeFault(op, value);
  if (op === 'contains' || op === 'notContains') {
    return typeof value === 'string' && value.trim() !== '' ? null : 'must be some text';
  }
  const list = op === 'in' || op === 'notIn';
  if (list !== Array.isArray(value)) return list ? `"${op}" takes a list` : 'must be one value';
  const values = valuesOf(value);
  if (values.length === 0) return 'the list is empty';
  const wrong = values.find((one) => !fits(kind, one));
  return wrong === undefined ? null : `"${String(wrong)}" is no value of this field`;
}

function fits(kind: Kind, value: string | number | boolean): boolean {
  if (kind.kind === 'custom') return value !== '';
  if (typeof value !== 'string') return false;
  if (kind.kind === 'words') return kind.words.includes(value);
  if (kind.kind === 'id') return UUID.test(value) || (kind.words ?? []).includes(value);
  return value !== '';
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;

function timeFault(op: ViewOp, value: ViewValue): string | null {
  if (op === 'before' || op === 'after') {
    return isInstant(value) ? null : 'must be an instant or a day (UTC)';
  }
  if (op === 'between') {
    const pair = Array.isArray(value) && value.length === 2 && value.every(isInstant);
    return pair ? null : 'must be a list of two instants or days (UTC)';
  }
  const seconds = spanSeconds(value);
  if (seconds === null) return 'must be {amount, unit}';
  return seconds > 0 && seconds <= MAX_SPAN_SECONDS ? null : 'is no span that can be counted';
}

function isInstant(value: ViewValue): boolean {
  if (typeof value !== 'string' || !INSTANT.test(value)) return false;
  return /^[12]\d{3}/.test(value) && !Number.isNaN(Date.parse(value));
}

const SECONDS: Record<SpanUnit, number> = {
  minutes: 60,
  hours: 3_600,
  days: 86_400,
  weeks: 7 * 86_400,
};

function spanSeconds(value: ViewValue): number | null {
  if (typeof value !== 'object' || Array.isArray(value)) return null;
  return value.amount * SECONDS[value.unit];
}

function valuesOf(value: ViewValue | undefined): (string | number | boolean)[] {
  if (Array.isArray(value)) return value;
  return value === undefined || typeof value === 'object' ? [] : [value];
}

function testsOf(
  node: ViewConditions,
  path: (string | number)[] = [],
): { test: ViewTest; path: (string | number)[] }[] {
  if ('all' in node) return node.all.flatMap((one, at) => testsOf(one, [...path, 'all', at]));
  if ('any' in node) return node.any.flatMap((one, at) => testsOf(one, [...path, 'any', at]));
  if ('not' in node) return testsOf(node.not, [...path, 'not']);
  return [{ test: node, path }];
}

function depthOf(node: ViewConditions): number {
  if ('all' in node) return 1 + Math.max(0, ...node.all.map(depthOf));
  if ('any' in node) return 1 + Math.max(0, ...node.any.map(depthOf));
  return 'not' in node ? 1 + depthOf(node.not) : 0;
}

/** A comparison asked the positive way; `holds` says whether it is to be true or not true (which unknown is, too). */
export interface PlainTest {
  field: string;
  holds: boolean;
  ask:
    | { op: 'in'; values: (string | number | boolean)[] }
    | { op: 'contains'; text: string }
    | { op: 'isSet' }
    | { op: 'flag' }
    | { op: 'before' | 'after'; at: string }
    | { op: 'between'; from: string; to: string }
    | { op: 'withinLast' | 'olderThan' | 'withinNext'; seconds: number };
}

/** A tree without "not". */
export type PlainConditions = PlainTest | { all: PlainConditions[] } | { any: PlainConditions[] };

/** The same question without "not": by de Morgan, down to the comparisons. The tree must be without faults. */
export function plainConditions(node: ViewConditions, holds = true): PlainConditions {
  if ('not' in node) return plainConditions(node.not, !holds);
  if ('all' in node || 'any' in node) {
    const parts = ('all' in node ? node.all : node.any).map((one) => plainConditions(one, holds));
    return 'all' in node === holds ? { all: parts } : { any: parts };
  }
  return plainTest(node, holds);
}

const wordOf = (value: ViewValue | undefined): string => (typeof value === 'string' ? value : '');

const OPPOSITE: Partial<Record<ViewOp, ViewOp>> = {
  isNot: 'is',
  notIn: 'in',
  notContains: 'contains',
  isNotSet: 'isSet',
};

function plainTest({ field, op, value }: ViewTest, holds: boolean): PlainTest {
  const opposite = OPPOSITE[op];
  if (opposite !== undefined) return plainTest({ field, op: opposite, value }, !holds);
  switch (op) {
    case 'isSet':
      return { field, holds, ask: { op } };
    case 'contains':
      return { field, holds, ask: { op, text: wordOf(value) } };
    case 'before':
    case 'after':
      return { field, holds, ask: { op, at: new Date(wordOf(value)).toISOString() } };
    case 'between': {
      const [from, to] = valuesOf(value).map((one) => new Date(String(one)).toISOString());
      return { field, holds, ask: { op, from: from ?? '', to: to ?? '' } };
    }
    case 'withinLast':
    case 'olderThan':
    case 'withinNext':
      return { field, holds, ask: { op, seconds: spanSeconds(value ?? 0) ?? 0 } };
    default:
      if (kindOf(field)?.kind !== 'flag') {
        return { field, holds, ask: { op: 'in', values: valuesOf(value) } };
      }
      return { field, holds: holds === (value === true), ask: { op: 'flag' } };
  }
}

/** What follows from a tree for every ticket it holds for: the database's partial indexes can be used when it is told. */
export interface ViewScope {
  /** Only tickets that are not closed, or only closed ones. */
  closed: boolean | null;
  /** Whether the tree itself says something on spam; else a view shows none. */
  namesSpam: boolean;
  /** Nothing that changed last before these can be in it: changes never lie before what they are changes of. */
  updatedAfter: ({ at: string } | { secondsAgo: number })[];
}

/** What follows from a tree. */
export function scopeOf(node: PlainConditions): ViewScope {
  return {
    closed: implies(node, isOpenOnly) ? false : implies(node, isClosedOnly) ? true : null,
    namesSpam: plainTests(node).some(({ field }) => field === 'spam'),
    updatedAfter: plainConjuncts(node).flatMap(lowerBound),
  };
}

/** The tree where it is known whether tickets are closed: said twice, the database would think that twice as few are left. */
export function plainGiven(node: PlainConditions, closed: boolean | null): PlainConditions {
  if (closed === null) return node;
  if ('all' in node) return { all: node.all.map((one) => plainGiven(one, closed)) };
  if ('any' in node) return { any: node.any.map((one) => plainGiven(one, closed)) };
  const { field, holds, ask } = node;
  const isClosed = field === 'category' && ask.op === 'in' && isJust(ask.values, 'closed');
  if (!isClosed) return node;
  return holds === closed ? { all: [] } : { any: [] };
}

const isJust = (values: readonly unknown[], wanted: string): boolean =>
  values.every((value) => value === wanted);

function implies(node: PlainConditions, test: (one: PlainTest) => boolean): boolean {
  if ('all' in node) return node.all.some((one) => implies(one, test));
  if ('any' in node) return node.any.length > 0 && node.any.every((one) => implies(one, test));
  return test(node);
}

const isOpenOnly = (test: PlainTest): boolean =>
  test.field === 'category' &&
  test.ask.op === 'in' &&
  test.ask.values.includes('closed') !== test.holds;

const isClosedOnly = (test: PlainTest): boolean =>
  test.field === 'category' &&
  test.ask.op === 'in' &&
  test.holds &&
  isJust(test.ask.values, 'closed');

/** Fields whose instant is part of the ticket's life, so that its last change is no earlier. createdAt has an index of its own. */
const LIVED = new Set([
  ...['closedAt', 'repliedAt'],
  ...GOAL_NAMES.map((goal: GoalName) => `goalCompletedAt.${goal}`),
]);

function lowerBound({ field, holds, ask }: PlainTest): ViewScope['updatedAfter'] {
  if (!LIVED.has(field) || !holds) return [];
  if (ask.op === 'after') return [{ at: ask.at }];
  if (ask.op === 'between') return [{ at: ask.from }];
  return ask.op === 'withinLast' ? [{ secondsAgo: ask.seconds }] : [];
}

function plainTests(node: PlainConditions): PlainTest[] {
  if ('all' in node) return node.all.flatMap(plainTests);
  return 'any' in node ? node.any.flatMap(plainTests) : [node];
}

/** Comparisons that must hold whatever the rest says. */
function plainConjuncts(node: PlainConditions): PlainTest[] {
  if ('all' in node) return node.all.flatMap(plainConjuncts);
  return 'any' in node ? [] : [node];
}

/** What a form needs to know of a field: its comparisons, the values it can have when those are few, and the kind of its values. */
export function describeViewField(field: string): {
  kind: Kind['kind'];
  ops: readonly ViewOp[];
  words: readonly string[];
} {
  const kind: Kind = kindOf(field) ?? { kind: 'custom' };
  return {
    kind: kind.kind,
    ops: opsOf(kind),
    words: 'words' in kind && kind.words !== undefined ? kind.words : [],
  };
}

/** Names that a tree asks for a piece of, each once: looked up beforehand, a few of them can be asked for by id. */
export function namePieces(node: ViewConditions): NamePiece[] {
  const pieces = testsOf(node).flatMap(({ test: { field, op, value } }): NamePiece[] =>
    (field === 'requester' || field === 'company') && (op === 'contains' || op === 'notContains')
      ? [{ field, text: wordOf(value) }]
      : [],
  );
  return pieces.filter((one, at) => pieces.findIndex((other) => samePiece(one, other)) === at);
}

/** A piece of a requester's or company's name. */
export interface NamePiece {
  field: 'requester' | 'company';
  text: string;
}

const samePiece = (one: NamePiece, other: NamePiece): boolean =>
  one.field === other.field && one.text === other.text;

/** The tree with the pieces that are known asked for by id; one that nobody has holds for no ticket. */
export function withKnownNames(
  node: ViewConditions,
  known: readonly (NamePiece & { ids: string[] })[],
): ViewConditions {
  if ('all' in node) return { all: node.all.map((one) => withKnownNames(one, known)) };
  if ('any' in node) return { any: node.any.map((one) => withKnownNames(one, known)) };
  if ('not' in node) return { not: withKnownNames(node.not, known) };
  const { field, op, value } = node;
  if (op !== 'contains' && op !== 'notContains') return node;
  const piece = known.find((one) => one.field === field && one.text === wordOf(value));
  if (piece === undefined) return node;
  const found: ViewConditions =
    piece.ids.length === 0 ? { any: [] } : { field, op: 'in', value: piece.ids };
  return op === 'contains' ? found : { not: found };
}

/** The fields that a tree asks for. */
export function viewFields(node: ViewConditions): string[] {
  if ('all' in node) return node.all.flatMap(viewFields);
  if ('any' in node) return node.any.flatMap(viewFields);
  return 'not' in node ? viewFields(node.not) : [node.field];
}
