// Which SLA policy rules a ticket: policies in order, first match wins, in the newest version that applies to this ticket.
import { conditionNames, matchConditions } from './conditions.ts';
import type { SlaPolicyDefinition, TicketFacts } from './desk.ts';

/** One immutable version of a policy. */
export interface PolicyVersion {
  policyId: string;
  version: number;
  savedAtMs: number;
  definition: SlaPolicyDefinition;
}

/** A policy with all its versions, newest first. deletedAtMs: later tickets are not ruled by it any more. */
export interface PolicyHistory {
  policyId: string;
  position: number;
  versions: PolicyVersion[];
}

/**
 * The version of a policy that rules a ticket: the newest one that reaches it. A version saved for new tickets only rules
 * tickets created since; older ones stay under the version before it.
 */
export function versionFor(policy: PolicyHistory, createdAtMs: number): PolicyVersion | undefined {
  return policy.versions.find(
    (version) =>
      version.definition.appliesTo === 'newAndOpenTickets' || createdAtMs >= version.savedAtMs,
  );
}

/** The policy that rules, with the conditions that matched, or null. */
export function choosePolicy(
  policies: readonly PolicyHistory[],
  facts: TicketFacts,
): { chosen: PolicyVersion; why: string[] } | null {
  // The order too is that of the versions that reach the ticket: a save for new tickets moves nothing for older ones.
  const reaching = policies.flatMap((policy) => {
    const chosen = versionFor(policy, facts.createdAtMs);
    if (chosen === undefined) return [];
    return [{ chosen, position: chosen.definition.position ?? policy.position }];
  });
  const ordered = reaching.toSorted(
    (one, other) =>
      one.position - other.position || one.chosen.policyId.localeCompare(other.chosen.policyId),
  );
  for (const { chosen } of ordered) {
    const verdict = matchConditions(chosen.definition.conditions, facts);
    if (!verdict.matched) continue;
    return { chosen, why: conditionNames(chosen.definition.conditions) };
  }
  return null;
}

/**
 * Whether any version of any policy asks for one of these fields ('fields' means any custom one): only then can a change of them
 * move a ticket to another policy.
 */
export function policiesAskFor(
  policies: readonly PolicyHistory[],
  fields: ReadonlySet<string>,
): boolean {
  return policies.some(({ versions }) =>
    versions.some(({ definition }) =>
      definition.conditions.some(({ field }) =>
        fields.has(field.startsWith('fields.') ? 'fields' : field),
      ),
    ),
  );
}
