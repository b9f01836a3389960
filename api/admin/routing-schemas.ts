// What a routing rule looks like on the wire, and the domain's rule made of it.
import { z } from '@hono/zod-openapi';
import type { FallbackStep } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { MAX_SKILL_LEVEL } from '#domain/routing.ts';
import type { RoutingRule } from '#domain/routing.ts';
import { ConditionSchema, FallbackStepSchema, ReadVersion, Tag, text, Uuid } from '../schemas.ts';
import type { Named } from './references.ts';

const MAX_STEPS = 10;
const Level = z.number().int().min(1).max(MAX_SKILL_LEVEL);
const Assign = z.union([z.strictObject({ userId: Uuid }), z.strictObject({ teamId: Uuid })]);
const StickySchema = z.enum(['none', 'lastAssignee', 'contactOwner']).openapi({
  description:
    'Who gets the ticket before the team’s strategy is asked, when they may have it: the assignee of the requester’s last ticket, or who ' +
    'looks after the contact.',
});

/** Somebody who could get a ticket, and what stands against it. */
export const CandidateVerdict = z
  .strictObject({
    userId: z.string(),
    name: z.string(),
    eligible: z.boolean(),
    reason: z.string().nullable(),
    load: z.number().int(),
    capacity: z.number().int().nullable(),
  })
  .openapi('RoutingCandidate');

/** A rule as it is shown. */
export const Rule = z
  .strictObject({
    id: z.string(),
    version: z.number().int(),
    name: z.string(),
    position: z.number().int(),
    enabled: z.boolean(),
    conditions: z.array(ConditionSchema),
    assign: Assign,
    requiredSkills: z.array(z.string()),
    requiredLevels: z
      .record(z.string(), Level)
      .openapi({ description: 'The least level of every required skill.' }),
    preferredSkills: z.array(z.string()),
    sticky: StickySchema,
    fallback: z.array(FallbackStepSchema),
  })
  .openapi('RoutingRule');

const parts = {
  name: text(200, 1),
  position: z.number().int().min(0).max(1_000_000).default(0),
  enabled: z.boolean().default(true),
  conditions: z.array(ConditionSchema).max(50).default([]),
  assign: Assign,
  requiredSkills: z
    .array(z.union([Tag, z.strictObject({ name: Tag, minLevel: Level })]))
    .max(50)
    .default([]),
  requiredLevels: z.record(Tag, Level).default({}).openapi({
    description: 'Least levels of skills that are given by name; a skill without one needs 1.',
  }),
  preferredSkills: z.array(Tag).max(50).default([]),
  sticky: StickySchema.default('none'),
  fallback: z.array(FallbackStepSchema).max(MAX_STEPS).default([]),
};

/** A rule to be saved. */
export const NewRule = z.strictObject({ ...parts, version: ReadVersion });

/** A rule of a draft: one that exists keeps its id. */
export const DraftRule = z.strictObject({ ...parts, id: Uuid.optional(), version: ReadVersion });

/** A rule before it is saved. */
type NewValues = Omit<RoutingRule, 'id' | 'version'>;

/** The domain's rule; refuses a step that widens nothing, and steps that are not in order. */
export function ruleOf(body: z.infer<typeof NewRule>, at = ''): NewValues {
  const levels = new Map<string, number>();
  for (const skill of body.requiredSkills) {
    const [name, level] =
      typeof skill === 'string'
        ? [skill, body.requiredLevels[skill] ?? 1]
        : [skill.name, skill.minLevel];
    levels.set(name, level);
  }
  const fault = levelFault(body, levels) ?? fallbackFault(body);
  if (fault !== null) {
    throw new HoldfastError('invalidRequest', 'A part of the rule is invalid.', {
      errors: [{ pointer: `${at}${fault.pointer}`, message: fault.message }],
    });
  }
  return {
    ...{ name: body.name, position: body.position, enabled: body.enabled, assign: body.assign },
    // The schema's field names are the domain's, by its regular expression.
    conditions: body.conditions as RoutingRule['conditions'],
    requiredSkills: [...levels.keys()],
    requiredLevels: Object.fromEntries([...levels].filter(([, level]) => level > 1)),
    preferredSkills: [...new Set(body.preferredSkills)],
    sticky: body.sticky,
    fallback: body.fallback,
  };
}

type Fault = { pointer: string; message: string } | null;

function levelFault(body: z.infer<typeof NewRule>, levels: ReadonlyMap<string, number>): Fault {
  const unknown = Object.keys(body.requiredLevels).find((name) => !levels.has(name));
  return unknown === undefined
    ? null
    : { pointer: `/requiredLevels/${unknown}`, message: 'is not in requiredSkills' };
}

function fallbackFault({ fallback, assign, requiredSkills }: z.infer<typeof NewRule>): Fault {
  for (const [index, step] of fallback.entries()) {
    const pointer = `/fallback/${index}`;
    const before = fallback[index - 1];
    if (before !== undefined && step.afterSeconds <= before.afterSeconds) {
      return { pointer: `${pointer}/afterSeconds`, message: 'must be later than the step before' };
    }
    if (step.to === 'team' && requiredSkills.length === 0) {
      return { pointer: `${pointer}/to`, message: 'there are no required skills to drop' };
    }
    if (step.to === 'team' && !('teamId' in assign) && !hasTeamBefore(fallback, index)) {
      return { pointer: `${pointer}/to`, message: 'the rule names a person, not a team' };
    }
  }
  return null;
}

function hasTeamBefore(fallback: readonly FallbackStep[], index: number): boolean {
  return fallback.slice(0, index).some(({ to }) => to !== 'team');
}

/** Users and teams a rule names. */
export function placesOfRule({ assign, fallback }: NewValues, at = ''): Named[] {
  return [
    'teamId' in assign
      ? { teamId: assign.teamId, pointer: `${at}/assign/teamId` }
      : { userId: assign.userId, pointer: `${at}/assign/userId` },
    ...fallback.flatMap(({ to }, index): Named[] =>
      to === 'team' ? [] : [{ teamId: to.teamId, pointer: `${at}/fallback/${index}/to/teamId` }],
    ),
  ];
}

/** A rule as JSON. */
export function ruleToWire(rule: RoutingRule): z.infer<typeof Rule> {
  return {
    ...rule,
    requiredLevels: Object.fromEntries(
      rule.requiredSkills.map((name) => [name, rule.requiredLevels[name] ?? 1]),
    ),
  };
}
