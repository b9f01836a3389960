// Refuses rules that could never work, with every fault by its field: what domain/rule-faults.ts finds, told what the desk has.
import { listChannels } from '#db/channels.ts';
import { findKnownCompanies } from '#db/companies.ts';
import { listPipelines } from '#db/desk-rules.ts';
import { findMissingSkills, findUnknownPlaces } from '#db/people.ts';
import type { SqlPool } from '#db/sql.ts';
import type { Condition, SlaPolicyDefinition } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { needsOf } from '#domain/routing.ts';
import type { RoutingRule } from '#domain/routing.ts';
import { conditionFaults, policyFaults } from '#domain/rule-faults.ts';
import type { KnownNames, RuleFault } from '#domain/rule-faults.ts';

/** A policy that nothing can meet, or parts of it that nothing can reach; `at` stands before each pointer. */
export async function refuseDeadPolicy(
  sql: SqlPool,
  definition: SlaPolicyDefinition,
  at = '',
): Promise<void> {
  const known = await findKnown(sql, definition.conditions);
  refuse('This policy could never work as it is written.', policyFaults(definition, known), at);
}

/** Routing rules that no new ticket can meet. */
export async function refuseDeadRules(
  sql: SqlPool,
  rules: readonly Pick<RoutingRule, 'conditions'>[],
  pointerOf: (index: number) => string,
): Promise<void> {
  const known = await findKnown(
    sql,
    rules.flatMap(({ conditions }) => conditions),
  );
  for (const [index, { conditions }] of rules.entries()) {
    const faults = conditionFaults(conditions, known, true);
    refuse('This rule could never take a ticket.', faults, pointerOf(index));
  }
}

/** Skills that nobody has, where no step of the fallback ever drops them: the rule's tickets would wait for ever. */
export async function refuseMissingSkills(
  sql: SqlPool,
  rule: Parameters<typeof needsOf>[0] & Pick<RoutingRule, 'fallback'>,
): Promise<void> {
  if (rule.fallback.some(({ to }) => to === 'team')) return;
  const { required } = needsOf(rule);
  const missing = await findMissingSkills(sql, required);
  if (missing.length === 0) return;
  const errors = required
    .filter(({ name }) => missing.includes(name))
    .map(({ name, level }) => ({
      pointer: '/requiredSkills',
      message: `nobody has "${name}"${level > 1 ? ` at level ${level}` : ''}; give it to somebody first, or let a fallback ask the whole team`,
    }));
  throw new HoldfastError('unknownReference', 'It asks for a skill that nobody has.', { errors });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What exists of all that the conditions name. */
async function findKnown(sql: SqlPool, conditions: readonly Condition[]): Promise<KnownNames> {
  const named = (field: Condition['field']): string[] =>
    conditions
      .flatMap((one) => (one.field === field ? [one.value ?? []].flat() : []))
      .flatMap((value) => (UUID.test(String(value)) ? [String(value).toLowerCase()] : []));
  const [userIds, teamIds] = [named('assigneeId'), named('teamId')];
  const [pipelines, channels, unknown, companyIds] = await Promise.all([
    listPipelines(sql),
    listChannels(sql),
    findUnknownPlaces(sql, { userIds, teamIds }),
    findKnownCompanies(sql, named('companyId')),
  ]);
  return {
    ...{ pipelines, companyIds },
    mailboxes: channels.flatMap(({ address }) => address ?? []),
    userIds: userIds.filter((id) => !unknown.includes(id)),
    teamIds: teamIds.filter((id) => !unknown.includes(id)),
  };
}

function refuse(detail: string, faults: readonly RuleFault[], at: string): void {
  if (faults.length === 0) return;
  const code = faults.every(({ unknown }) => unknown) ? 'unknownReference' : 'invalidRequest';
  const errors = faults.map(({ path, message }) => ({
    pointer: `${at}/${path.join('/')}`,
    message,
  }));
  throw new HoldfastError(code, detail, { errors });
}
