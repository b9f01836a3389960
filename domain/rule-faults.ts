// Why a rule can never do what it says: conditions that name what does not exist or that no ticket can meet together, and parts of an SLA
// policy that nothing can reach. Pure; asked when a rule is saved, since later only a ticket that waits in vain would show it.
import { holdsOn } from './conditions.ts';
import { GOAL_NAMES, PRIORITIES } from './desk.ts';
import type {
  Condition,
  EscalationStepDefinition,
  SlaPolicyDefinition,
  StatusCategory,
} from './desk.ts';
import { stepKey } from './escalation.ts';

/** One fault: where it is in the rule, and what is wrong. `unknown`: it names what does not exist. */
export interface RuleFault {
  path: (string | number)[];
  message: string;
  unknown: boolean;
}

/** What rules can name. Of teams, users and companies those that were asked for and exist are enough. */
export interface KnownNames {
  pipelines: readonly {
    id: string;
    statuses: readonly { id: string; category: StatusCategory }[];
  }[];
  mailboxes: readonly string[];
  teamIds: readonly string[];
  userIds: readonly string[];
  companyIds: readonly string[];
}

const CHANNELS = ['email', 'api', 'form'];
/** Fields whose values are a closed list, and how one that is missing reads. */
const LISTED: Partial<Record<Condition['field'], string>> = {
  priority: 'there is no priority',
  channel: 'there is no channel',
  status: 'no pipeline has a status',
  pipelineId: 'there is no pipeline',
  mailbox: 'no channel has the address',
  teamId: 'there is no team',
  assigneeId: 'there is no active user',
  companyId: 'there is no company',
};
/** Those a ticket always has. */
const ALWAYS_SET: readonly Condition['field'][] = ['priority', 'channel', 'status', 'pipelineId'];

/** Faults of a list of conditions. newborn: they are asked before a ticket has a team or an assignee. */
export function conditionFaults(
  conditions: readonly Condition[],
  known: KnownNames,
  newborn: boolean,
): RuleFault[] {
  const unknown = conditions.flatMap((condition, index) => unknownValues(condition, index, known));
  if (unknown.length > 0) return unknown;
  const fields = new Set(conditions.map(({ field }) => field));
  return [...fields].flatMap((field) => {
    const of = conditions.flatMap((condition, index) =>
      condition.field === field ? [{ condition, index }] : [],
    );
    return contradiction(field, of, factsOf(field, conditions, known, newborn), newborn);
  });
}

type Placed = { condition: Condition; index: number };

/** Names that do not exist; a negated one too, since it would keep nothing out. */
function unknownValues(condition: Condition, index: number, known: KnownNames): RuleFault[] {
  const { field, op, value } = condition;
  const words = LISTED[field];
  if (words === undefined || !['is', 'isNot', 'in', 'notIn'].includes(op)) return [];
  const listed = new Set(valuesOf(field, known).map((one) => one.toLowerCase()));
  return wordsOf(value).flatMap((word, at) => {
    if (listed.has(word.toLowerCase())) return [];
    const path = ['conditions', index, 'value', ...(Array.isArray(value) ? [at] : [])];
    const choice = field === 'priority' ? PRIORITIES : field === 'channel' ? CHANNELS : [];
    const there = choice.length === 0 ? '' : `; there are ${choice.join(', ')}`;
    return [{ path, message: `${words} "${word}"${there}`, unknown: true }];
  });
}

function wordsOf(value: Condition['value']): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [String(value)];
}

function valuesOf(field: Condition['field'], known: KnownNames): readonly string[] {
  switch (field) {
    case 'priority':
      return PRIORITIES;
    case 'channel':
      return CHANNELS;
    case 'status':
      return known.pipelines.flatMap(({ statuses }) => statuses.map(({ id }) => id));
    case 'pipelineId':
      return known.pipelines.map(({ id }) => id);
    case 'mailbox':
      return known.mailboxes;
    case 'teamId':
      return known.teamIds;
    case 'assigneeId':
      return known.userIds;
    case 'companyId':
      return known.companyIds;
    default:
      return [];
  }
}

/** Pipelines whose tickets can meet the conditions on the pipeline. */
function pipelinesMeant(
  conditions: readonly Condition[],
  known: KnownNames,
): KnownNames['pipelines'] {
  const asked = conditions.filter(({ field }) => field === 'pipelineId');
  return known.pipelines.filter(({ id }) => asked.every((one) => holdsOn(one, id)));
}

/** Every value the field of some ticket can have, as far as the conditions tell them apart; null when that cannot be listed. */
function factsOf(
  field: Condition['field'],
  conditions: readonly Condition[],
  known: KnownNames,
  newborn: boolean,
): (string | null)[] | null {
  if (newborn && (field === 'teamId' || field === 'assigneeId')) return [null];
  if (field === 'status') {
    return pipelinesMeant(conditions, known).flatMap(({ statuses }) =>
      statuses.map(({ id }) => id),
    );
  }
  if (ALWAYS_SET.includes(field)) return [...valuesOf(field, known)];
  // Of tags and custom fields a ticket has several at once.
  if (field === 'tags' || field.startsWith('fields.')) return null;
  const exact = conditions.find(
    (one) => one.field === field && (one.op === 'is' || one.op === 'in'),
  );
  return exact === undefined ? null : wordsOf(exact.value);
}

/** The first condition on a field that no ticket can meet together with those before it. */
function contradiction(
  field: Condition['field'],
  placed: readonly Placed[],
  facts: readonly (string | null)[] | null,
  newborn: boolean,
): RuleFault[] {
  if (facts === null) return pairFault(field, placed);
  // Where nothing is known of a field (a desk without pipelines does not exist) nothing can be said against it.
  if (facts.length === 0 && field !== 'status') return [];
  let left = facts;
  for (const { condition, index } of placed) {
    left = left.filter((fact) => holdsOn(condition, fact));
    if (left.length > 0) continue;
    const early = newborn && (field === 'teamId' || field === 'assigneeId');
    const what = field === 'teamId' ? 'team' : 'assignee';
    const message = early
      ? `a ticket has no ${what} yet when routing rules are asked`
      : placed.length > 1 || field === 'status'
        ? 'no ticket can meet this together with the other conditions'
        : 'no ticket can meet this';
    return [{ path: ['conditions', index], message, unknown: false }];
  }
  return [];
}

/** Two conditions that exclude each other on a field of any content. */
function pairFault(field: Condition['field'], placed: readonly Placed[]): RuleFault[] {
  for (const [at, { condition, index }] of placed.entries()) {
    const against = placed.slice(0, at).find((one) => exclude(field, one.condition, condition));
    if (against === undefined) continue;
    const message = `no ticket can meet this together with condition ${against.index + 1}`;
    return [{ path: ['conditions', index], message, unknown: false }];
  }
  return [];
}

const POSITIVE: readonly Condition['op'][] = ['is', 'in', 'contains', 'startsWith', 'isSet'];

function exclude(field: Condition['field'], one: Condition, other: Condition): boolean {
  return excludes(field, one, other) || excludes(field, other, one);
}

function excludes(field: Condition['field'], wants: Condition, forbids: Condition): boolean {
  if (!POSITIVE.includes(wants.op)) return false;
  const [wanted, forbidden] = [wants, forbids].map(({ value }) =>
    wordsOf(value).map((word) => word.toLowerCase()),
  );
  if (wanted === undefined || forbidden === undefined) return false;
  if (forbids.op === 'isNotSet') return true;
  if (wants.op === 'is' || wants.op === 'in') {
    return (
      ['isNot', 'notIn', ...(field === 'tags' ? ['notContains'] : [])].includes(forbids.op) &&
      wanted.every((word) => forbidden.includes(word))
    );
  }
  const [first = ''] = wanted;
  const [against = ''] = forbidden;
  if (field === 'tags' || field.startsWith('fields.')) {
    if (wants.op !== 'contains') return false;
    const member = field === 'tags' && ['isNot', 'notIn'].includes(forbids.op);
    return (forbids.op === 'notContains' || member) && forbidden.includes(first);
  }
  if (wants.op === 'isSet') return false;
  if (forbids.op === 'notContains') return first.includes(against);
  // A text begins with both only when one begins with the other.
  if (wants.op !== 'startsWith' || forbids.op !== 'startsWith') return false;
  return !first.startsWith(against) && !against.startsWith(first);
}

/** Faults of a policy beyond its conditions. */
export function policyFaults(definition: SlaPolicyDefinition, known: KnownNames): RuleFault[] {
  return [
    ...conditionFaults(definition.conditions, known, false),
    ...pauseFaults(definition, known),
    ...definition.escalations.flatMap((step, index) =>
      stepFaults(definition, step, index, known).map((fault) => ({
        ...{ message: fault.message, unknown: false },
        path: ['escalations', index, ...fault.path],
      })),
    ),
  ];
}

function pauseFaults(
  { conditions, pauseStatuses }: SlaPolicyDefinition,
  known: KnownNames,
): RuleFault[] {
  const everywhere = new Set(valuesOf('status', known));
  const unknown = pauseStatuses.flatMap((status, index): RuleFault[] =>
    everywhere.has(status)
      ? []
      : [
          {
            path: ['pauseStatuses', index],
            message: `no pipeline has a status "${status}"`,
            unknown: true,
          },
        ],
  );
  if (unknown.length > 0) return unknown;
  const meant = pipelinesMeant(conditions, known);
  const here = new Set(valuesOf('status', { ...known, pipelines: meant }));
  const elsewhere = pauseStatuses.findIndex((status) => !here.has(status));
  if (elsewhere >= 0 && here.size > 0) {
    const message = `the pipelines it is for have no status "${pauseStatuses[elsewhere] ?? ''}"`;
    return [{ path: ['pauseStatuses', elsewhere], message, unknown: false }];
  }
  const living = meant.flatMap(({ statuses }) =>
    statuses.filter(({ category }) => category !== 'closed'),
  );
  const stands = living.length > 0 && living.every(({ id }) => pauseStatuses.includes(id));
  const message = 'its clocks would stand still in every status a ticket can be open in';
  return stands ? [{ path: ['pauseStatuses'], message, unknown: false }] : [];
}

type StepFault = Pick<RuleFault, 'path' | 'message'>;

function stepFaults(
  { goals, escalations }: SlaPolicyDefinition,
  step: EscalationStepDefinition,
  index: number,
  known: KnownNames,
): StepFault[] {
  const goal = goals[step.goal];
  if (goal === undefined) {
    const set = GOAL_NAMES.filter((name) => goals[name] !== undefined).join(', ');
    return [{ path: ['goal'], message: `the policy has no goal "${step.goal}"; it has ${set}` }];
  }
  if (step.when === 'dueSoon' && goal.dueSoonSeconds === undefined) {
    const message = `the goal "${step.goal}" has no dueSoonSeconds, so it is never due soon`;
    return [{ path: ['when'], message }];
  }
  const same = escalations.findIndex(
    (other) => other.goal === step.goal && stepKey(other) === stepKey(step),
  );
  if (same < index) {
    return [
      { path: [], message: `is the same as step ${same + 1}, and would never happen by itself` },
    ];
  }
  return step.repeat !== undefined && closes(step, known)
    ? [{ path: ['repeat'], message: 'the step closes the ticket, so it cannot happen again' }]
    : [];
}

/** Whether a step leaves the ticket closed, whatever pipeline it is in. */
function closes({ actions }: EscalationStepDefinition, { pipelines }: KnownNames): boolean {
  const to = actions.find((action) => action.type === 'setStatus')?.status;
  const named = pipelines.flatMap(({ statuses }) => statuses.filter(({ id }) => id === to));
  // A pipeline without such a status leaves its tickets as they are.
  return (
    named.length === pipelines.length &&
    named.length > 0 &&
    named.every(({ category }) => category === 'closed')
  );
}
