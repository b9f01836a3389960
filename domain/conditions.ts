// Conditions of routing rules and SLA policies, judged on a ticket's facts. Pure; every answer comes with words for people.
import type { Condition, TicketFacts } from './desk.ts';

/** Whether all conditions hold, which did in words, and the first that failed. */
export interface ConditionsVerdict {
  matched: boolean;
  held: string[];
  failed: string | null;
}

/** Judges conditions in order; an empty list holds for every ticket. */
export function matchConditions(
  conditions: readonly Condition[],
  facts: TicketFacts,
): ConditionsVerdict {
  const held: string[] = [];
  for (const condition of conditions) {
    const words = describeCondition(condition);
    if (!holds(condition, facts)) return { matched: false, held, failed: words };
    held.push(words);
  }
  return { matched: true, held, failed: null };
}

/** A condition as one phrase. */
export function describeCondition({ field, op, value }: Condition): string {
  const shown = value === undefined || value === null ? '' : ` ${JSON.stringify(value)}`;
  return `${field} ${op}${shown}`;
}

/** Conditions by field and operator alone: fit for Temporal, where values (addresses, words of mails) must not go. */
export function conditionNames(conditions: readonly Condition[]): string[] {
  return conditions.length === 0
    ? ['every ticket']
    : conditions.map(({ field, op }) => `${field} ${op}`);
}

type Fact = string | number | boolean | string[] | null;

function factOf(field: Condition['field'], facts: TicketFacts): Fact {
  switch (field) {
    case 'requesterDomain':
      return facts.requesterEmail?.split('@').at(-1) ?? null;
    case 'channel':
    case 'mailbox':
    case 'subject':
    case 'body':
    case 'requesterEmail':
    case 'companyId':
    case 'language':
    case 'priority':
    case 'tags':
    case 'teamId':
    case 'assigneeId':
    case 'pipelineId':
    case 'status':
      return facts[field];
    default:
      return customFact(facts.fields[field.slice('fields.'.length)]);
  }
}

function customFact(value: unknown): Fact {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return Array.isArray(value) ? value.map(String) : null;
}

function holds(condition: Condition, facts: TicketFacts): boolean {
  return holdsOn(condition, factOf(condition.field, facts));
}

/** Whether a condition holds for this content of its field. */
export function holdsOn({ op, value }: Condition, fact: Fact): boolean {
  const words = wordsOf(fact);
  const wanted = wordsOf(value ?? null);
  const [first = ''] = wanted;
  switch (op) {
    case 'isSet':
      return words.some((word) => word !== '');
    case 'isNotSet':
      return words.every((word) => word === '');
    case 'is':
      return words.includes(first);
    case 'isNot':
      return !words.includes(first);
    case 'in':
      return wanted.some((word) => words.includes(word));
    case 'notIn':
      return !wanted.some((word) => words.includes(word));
    case 'contains':
      return contains(fact, words, first);
    case 'notContains':
      return !contains(fact, words, first);
    case 'startsWith':
      return words.some((word) => word.startsWith(first));
  }
}

function contains(fact: Fact, words: readonly string[], wanted: string): boolean {
  // A list contains a member, a text contains a part.
  return Array.isArray(fact) ? words.includes(wanted) : words.some((word) => word.includes(wanted));
}

function wordsOf(value: Fact): string[] {
  if (value === null) return [];
  return (Array.isArray(value) ? value : [String(value)]).map((word) => word.toLowerCase());
}
