// What people type into a search: words, "exact words", -words, #123 and operators like assignee:me. Pure, and it never throws: what
// it does not know is searched for as text, with a hint that says so. Names are looked up by the caller.
import { PRIORITIES } from './desk.ts';
import type { Span, ViewConditions } from './view-conditions.ts';

/** A part of a search that was not understood the way it may have been meant. */
export interface SearchHint {
  text: string;
  message: string;
}

/** A name that stands for people, teams, statuses or mailboxes. */
export interface NamedAsk {
  field: 'assignee' | 'team' | 'status' | 'mailbox';
  names: string[];
  negated: boolean;
  text: string;
}

/** A search taken apart; all parts must hold. */
export interface SearchQuery {
  /** In the notation of websearch_to_tsquery; null when nothing is searched for. */
  words: string | null;
  without: string[];
  ticketId: number | null;
  conditions: ViewConditions[];
  named: NamedAsk[];
  hints: SearchHint[];
}

/** The operators, for help. */
export const SEARCH_OPERATORS = [
  ...['status', 'assignee', 'team', 'priority', 'tag', 'from', 'company', 'channel', 'mailbox'],
  ...['subject', 'language', 'is', 'has', 'before', 'after'],
] as const;

const MAX_PARTS = 30;
const TOKEN =
  /(-?)(?:([a-z]+):)?("[^"]*"?(?:,"[^"]*"?|,[^\s"]+)*|[^\s"]+(?:,"[^"]*"?|,[^\s"]+)*|")/giu;
const SEARCHABLE = /[\p{L}\p{N}]/u;

/** Takes a search apart. */
export function parseSearch(q: string): SearchQuery {
  const query: SearchQuery = {
    ...{ words: null, without: [], ticketId: null, conditions: [], named: [], hints: [] },
  };
  const words: string[] = [];
  let parts = 0;
  for (const [text, minus = '', operator, value = ''] of q.matchAll(TOKEN)) {
    parts += 1;
    if (parts > MAX_PARTS) {
      query.hints.push({ text, message: `only the first ${MAX_PARTS} parts count` });
      break;
    }
    const part: Part = { text, negated: minus !== '', operator: operator?.toLowerCase(), value };
    const understood = part.operator === undefined ? null : readOperator(part, query);
    if (understood === true) continue;
    if (understood !== null) query.hints.push({ text, message: understood });
    readText(part, query, words);
  }
  query.words = words.length === 0 ? null : words.join(' ');
  return query;
}

interface Part {
  text: string;
  negated: boolean;
  operator: string | undefined;
  value: string;
}

function readText(part: Part, query: SearchQuery, words: string[]): void {
  const { text, negated, operator, value } = part;
  const number = /^#([1-9]\d{0,15})$/.exec(text)?.[1];
  if (number !== undefined && Number.isSafeInteger(Number(number))) {
    query.ticketId = Number(number);
    return;
  }
  const unfinished = /^([a-z]+):$/i.exec(value)?.[1]?.toLowerCase();
  if (
    operator === undefined &&
    (SEARCH_OPERATORS as readonly string[]).includes(unfinished ?? '')
  ) {
    query.hints.push({ text, message: `"${unfinished}:" needs a value` });
    return;
  }
  const plain = (operator === undefined ? value : `${operator}:${value}`)
    .replaceAll('"', ' ')
    .trim();
  if (!SEARCHABLE.test(plain)) {
    query.hints.push({ text, message: 'there is nothing in it that can be searched for' });
  } else if (negated) query.without.push(plain);
  else words.push(value.startsWith('"') || operator !== undefined ? `"${plain}"` : plain);
}

/** True: it was understood. A text: it was not, and why. Null: it only looks like an operator. */
function readOperator(part: Part, query: SearchQuery): true | string | null {
  const { operator = '', negated, value, text } = part;
  if (value.startsWith('//')) return null;
  if (!(SEARCH_OPERATORS as readonly string[]).includes(operator)) {
    return `"${operator}:" is no operator, so it is searched for as text`;
  }
  const values = valuesOf(value);
  if (values.length === 0) return `"${operator}:" needs a value`;
  if (isNamed(operator)) {
    query.named.push({ field: operator, names: values, negated, text });
    return true;
  }
  const conditions = values.map((one) => conditionOf(operator, one));
  const wrong = conditions.findIndex((one) => one === null);
  if (wrong >= 0) return `"${values[wrong]}" is no value of "${operator}:"`;
  const any = { any: conditions.filter((one) => one !== null) };
  query.conditions.push(negated ? { not: any } : any);
  return true;
}

const isNamed = (operator: string): operator is NamedAsk['field'] =>
  ['assignee', 'team', 'status', 'mailbox'].includes(operator);

/** Comma-separated, each one a word or in quotes. */
function valuesOf(value: string): string[] {
  return [...value.matchAll(/"([^"]*)"?|([^,"]+)/gu)]
    .map(([, quoted, bare]) => (quoted ?? bare ?? '').trim())
    .filter((one) => SEARCHABLE.test(one));
}

const OPEN: ViewConditions = { field: 'category', op: 'isNot', value: 'closed' };
const overdueState = (value: string): ViewConditions => ({
  all: [{ field: 'slaState', op: 'is', value }, OPEN],
});
const flag = (field: string): ViewConditions => ({ field, op: 'is', value: true });
const category = (value: string): ViewConditions => ({ field: 'category', op: 'is', value });

const STATES: Readonly<Record<string, ViewConditions>> = {
  open: OPEN,
  closed: category('closed'),
  new: category('new'),
  waiting: category('waiting'),
  overdue: overdueState('overdue'),
  duesoon: overdueState('dueSoon'),
  paused: overdueState('paused'),
  unassigned: { field: 'assignee', op: 'is', value: 'nobody' },
  assigned: { field: 'assignee', op: 'isNot', value: 'nobody' },
  mine: { field: 'assignee', op: 'is', value: 'me' },
  snoozed: flag('snoozed'),
  spam: flag('spam'),
  followed: flag('followedByMe'),
  mentioned: flag('mentionsMe'),
};

function conditionOf(operator: string, value: string): ViewConditions | null {
  const word = value.toLowerCase();
  switch (operator) {
    case 'is':
      return Object.hasOwn(STATES, word.replaceAll('-', ''))
        ? (STATES[word.replaceAll('-', '')] ?? null)
        : null;
    case 'has':
      return /^attachments?$/.test(word) ? flag('hasAttachment') : null;
    case 'priority':
      return (PRIORITIES as readonly string[]).includes(word)
        ? { field: operator, op: 'is', value: word }
        : null;
    case 'channel':
      return ['email', 'api', 'form'].includes(word)
        ? { field: operator, op: 'is', value: word }
        : null;
    case 'from':
      return { field: 'requester', op: 'contains', value };
    case 'company':
    case 'subject':
      return { field: operator, op: 'contains', value };
    case 'tag':
      return { field: operator, op: 'is', value };
    case 'language':
      return { field: operator, op: 'is', value: word };
    case 'before':
    case 'after':
      return created(operator, word);
    default:
      return null;
  }
}

const UNITS: Record<string, Span['unit']> = { h: 'hours', d: 'days', w: 'weeks' };

/** before:2026-01-01, after:7d. A day begins at midnight UTC. */
function created(op: 'before' | 'after', value: string): ViewConditions | null {
  const [, amount, unit = ''] = /^(\d{1,4})([hdw])$/.exec(value) ?? [];
  const named = UNITS[unit];
  if (named !== undefined && Number(amount) > 0) {
    const span = { amount: Number(amount), unit: named };
    return { field: 'createdAt', op: op === 'after' ? 'withinLast' : 'olderThan', value: span };
  }
  const day = /^[12]\d{3}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
  return day ? { field: 'createdAt', op, value } : null;
}

/** Words for statuses that every desk understands; a status of that name comes first. `open` is all that is not closed. */
export function categoriesNamed(name: string): string[] {
  const word = name.toLowerCase();
  if (word === 'open') return ['new', 'open', 'waiting'];
  return ['new', 'waiting', 'closed'].includes(word) ? [word] : [];
}
