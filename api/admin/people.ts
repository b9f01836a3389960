// Teams, users, their availability and their load. Whatever frees an agent also frees who waits: db/ has the queues looked at.
import { createRoute, z } from '@hono/zod-openapi';
import {
  deleteTeam,
  findUser,
  findUserLoad,
  insertUser,
  listTeams,
  listUsers,
  saveTeam,
  updateAvailability,
  updateUser,
} from '#db/people.ts';
import type { UserRow } from '#db/people.ts';
import { compiledHours } from '#db/working-hours.ts';
import { AVAILABILITY_WORDS, effectiveAvailability } from '#domain/availability.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { HoldfastError } from '#domain/errors.ts';
import { ROLES } from '#domain/permissions.ts';
import type { Access, Grant } from '#domain/permissions.ts';
import type { SqlPool } from '#db/sql.ts';
import { findGrant, findRole } from '#db/access.ts';
import { MAX_SKILL_LEVEL, ROUTING_STRATEGIES } from '#domain/routing.ts';
import { CalendarSchema } from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { mustBeAllowed } from '../access.ts';
import { At, errorResponses, ReadVersion, Tag, text, Uuid, UuidParam } from '../schemas.ts';
import { conflict } from './references.ts';
import { refuseBeyond, TicketAccessSchema } from './roles.ts';
import { asCaller } from './audit.ts';
import { registerResource } from './resource.ts';

const RoleName = z.enum(ROLES);
const Availability = z.enum(['available', 'away']);
const Strategy = z.enum(ROUTING_STRATEGIES);
const Capacity = z.number().int().min(0).max(10_000);
const ChannelCapacity = z.strictObject({
  email: Capacity.optional(),
  api: Capacity.optional(),
  form: Capacity.optional(),
});
const Level = z.number().int().min(1).max(MAX_SKILL_LEVEL);
const SkillLevels = z.record(Tag, Level);
const User = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: RoleName,
    roleId: z.string().nullable(),
    ticketAccess: TicketAccessSchema.nullable().openapi({
      description: 'Set for this user; null follows the role.',
    }),
    seat: z.boolean(),
    capacity: z.number().int().nullable(),
    channelCapacity: ChannelCapacity,
    skills: z.array(z.string()),
    skillLevels: SkillLevels.openapi({ description: 'The level of every skill.' }),
    availability: Availability,
    effectiveAvailability: Availability,
    reason: z.string(),
    until: At.nullable(),
    workingHours: CalendarSchema.nullable(),
    active: z.boolean(),
    version: z.number().int(),
  })
  .openapi('User');
const Team = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    strategy: Strategy,
    members: z.array(z.strictObject({ userId: z.string(), main: z.boolean(), lead: z.boolean() })),
    version: z.number().int(),
  })
  .openapi('Team');
const UserInput = z.strictObject({
  name: text(200, 1),
  email: z.email().max(320),
  role: RoleName.optional().openapi({
    description: 'A built-in role, or custom with roleId; with roleId alone it is custom.',
  }),
  roleId: Uuid.nullable().default(null),
  ticketAccess: TicketAccessSchema.nullable().default(null).openapi({
    description: 'Which tickets they see; null: as their role has it. Admins see all.',
  }),
  seat: z.boolean().default(true).openapi({
    description:
      'With a seat: default views beyond myMentions, following and allOpen, views of one’s own, deadlines, and tickets by routing.',
  }),
  capacity: Capacity.nullable().default(null),
  channelCapacity: ChannelCapacity.default({}),
  skills: z
    .array(z.union([Tag, z.strictObject({ name: Tag, level: Level })]))
    .max(100)
    .default([]),
  skillLevels: SkillLevels.default({}).openapi({
    description: 'Levels of skills that are given by name; a skill without one has 1.',
  }),
  availability: Availability.default('away'),
  workingHours: CalendarSchema.nullable().default(null),
  active: z.boolean().default(true),
  version: ReadVersion,
});

/** A user as JSON. */
export function userToWire({ absences, ...row }: UserRow): z.infer<typeof User> {
  const facts = {
    ...{ toggle: row.availability, hours: compiledHours(row.workingHours), absences },
  };
  const { availability, reason, untilMs } = effectiveAvailability(facts, Date.now());
  return {
    ...row,
    // Kept as they were given, which the schema has checked.
    workingHours: row.workingHours as z.infer<typeof User>['workingHours'],
    skillLevels: Object.fromEntries(row.skills.map((name) => [name, row.skillLevels[name] ?? 1])),
    effectiveAvailability: availability,
    reason: AVAILABILITY_WORDS[reason],
    until: untilMs === null ? null : new Date(untilMs).toISOString(),
  };
}

/** Skills as given: names with levels apart, the level beside the name going first. */
function skillsOf(body: z.infer<typeof UserInput>): {
  skills: string[];
  skillLevels: Record<string, number>;
} {
  const levels = new Map<string, number>();
  for (const skill of body.skills) {
    const [name, level] =
      typeof skill === 'string' ? [skill, body.skillLevels[skill] ?? 1] : [skill.name, skill.level];
    levels.set(name, level);
  }
  const unknown = Object.keys(body.skillLevels).find((name) => !levels.has(name));
  if (unknown !== undefined) {
    throw new HoldfastError('invalidRequest', `"${unknown}" has a level but is not in skills.`, {
      errors: [{ pointer: `/skillLevels/${unknown}`, message: 'is not in skills' }],
    });
  }
  return { skills: [...levels.keys()], skillLevels: Object.fromEntries(levels) };
}

/** What a user is to be allowed; refuses a role that does not exist, and an admin who would not see everything. */
async function grantOf(
  sql: SqlPool,
  body: z.infer<typeof UserInput>,
): Promise<Omit<Grant, 'seat'> & { roleId: string | null }> {
  const { roleId, ticketAccess } = body;
  const role = body.role ?? (roleId === null ? undefined : 'custom');
  const refuse = (field: string, message: string): never => {
    throw new HoldfastError('invalidRequest', `The user's ${field} ${message}.`, {
      errors: [{ pointer: `/${field}`, message }],
    });
  };
  if (role === undefined) return refuse('role', 'is missing');
  if ((role === 'custom') !== (roleId !== null)) {
    return refuse('roleId', 'goes with role custom, and with it alone');
  }
  if (role === 'admin' && (ticketAccess ?? 'all') !== 'all') {
    return refuse('ticketAccess', 'must be all: an admin sees every ticket');
  }
  if (roleId === null) return { role, roleId, custom: null, ticketAccess };
  const custom = await findRole(sql, roleId);
  if (custom !== undefined) return { role, roleId, custom, ticketAccess };
  throw new HoldfastError('unknownReference', 'There is no such role.', {
    errors: [{ pointer: '/roleId', message: 'unknown' }],
  });
}

/** Who may more than the caller is not theirs to change: a new address alone would hand the account over. */
async function refuseHigher(sql: SqlPool, access: Access, id: string | null): Promise<void> {
  const grant = id === null ? undefined : await findGrant(sql, id);
  if (grant !== undefined) refuseBeyond(access, grant);
}

/** Teams, users, their availability and their load. */
export function registerPeople(app: App, deps: ApiDeps): void {
  registerTeams(app, deps);
  registerResource(app, deps, {
    path: '/api/v1/users',
    name: 'User',
    input: UserInput,
    output: User,
    orderBy: 'name',
    list: async ({ sql }, page) => (await listUsers(sql, page)).map(userToWire),
    async save({ sql }, id, body, { access, expected }) {
      const grant = await grantOf(sql, body);
      refuseBeyond(access, grant);
      await refuseHigher(sql, access, id);
      const workingHours = body.workingHours as CalendarDefinition | null;
      const { email, api, form } = body.channelCapacity;
      const channelCapacity = {
        ...(email === undefined ? {} : { email }),
        ...(api === undefined ? {} : { api }),
        ...(form === undefined ? {} : { form }),
      };
      const { role, roleId } = grant;
      const values = { ...body, role, roleId, ...skillsOf(body), channelCapacity, workingHours };
      const saved =
        id === null ? await insertUser(sql, values) : await updateUser(sql, id, values, expected);
      if (saved === undefined && id === null)
        throw new HoldfastError('nameTaken', 'This email address is taken.');
      if (saved === undefined) throw conflict();
      const row = await findUser(sql, saved.id);
      if (row === undefined) throw conflict();
      return userToWire(row);
    },
  });
  registerAvailability(app, deps);
  registerLoad(app, deps);
}

function registerTeams(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/teams',
    name: 'Team',
    input: z.strictObject({
      name: text(200, 1),
      strategy: Strategy.default('roundRobin'),
      members: z
        .array(
          z.strictObject({
            userId: Uuid,
            main: z.boolean().default(true),
            lead: z.boolean().default(false),
          }),
        )
        .max(500)
        .default([]),
      version: ReadVersion,
    }),
    output: Team,
    orderBy: 'name',
    list: async ({ sql }, page) => (await listTeams(sql, page)).map((row) => ({ ...row })),
    async save({ sql }, id, body, { expected }) {
      const saved = await saveTeam(sql, { ...body, id, expected });
      const row = (await listTeams(sql)).find((one) => one.id === saved?.id);
      if (row === undefined) throw conflict();
      return { ...row };
    },
    async remove({ sql }, id) {
      const use = await deleteTeam(sql, id);
      if (use === null) return false;
      if (use.rules + use.policies + use.openTickets === 0) return true;
      const { rules, policies, openTickets } = use;
      throw new HoldfastError(
        'inUse',
        `The team is named by ${rules} routing rules, ${policies} SLA policies and ${openTickets} open tickets.`,
      );
    },
  });
}

function registerAvailability(app: App, deps: ApiDeps): void {
  const route = createRoute({
    method: 'put',
    path: '/api/v1/users/{id}/availability',
    operationId: 'setAvailability',
    summary: 'Become available or away; waiting tickets follow at once',
    request: {
      params: UuidParam,
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z.strictObject({ availability: Availability }),
          },
        },
      },
    },
    responses: {
      200: { description: 'The user.', content: { 'application/json': { schema: User } } },
      ...errorResponses,
    },
  });
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    if (c.get('caller').userId !== id) mustBeAllowed(c, 'availability.others');
    const { availability: wanted } = c.req.valid('json');
    const saved = await asCaller(c, deps, (sql) => updateAvailability(sql, id, wanted));
    if (saved === undefined) throw new HoldfastError('notFound', 'There is no such user.');
    return c.json(userToWire(saved), 200);
  });
}

const ChannelLoad = z.strictObject({
  open: z.number().int(),
  capacity: z.number().int().nullable(),
});
const Load = z
  .strictObject({
    ...ChannelLoad.shape,
    perChannel: z.strictObject({ email: ChannelLoad, api: ChannelLoad, form: ChannelLoad }),
  })
  .openapi('UserLoad');

function registerLoad(app: App, deps: ApiDeps): void {
  const route = createRoute({
    method: 'get',
    path: '/api/v1/users/{id}/load',
    operationId: 'getUserLoad',
    summary: 'How many open tickets somebody holds of how many, in all and by channel',
    request: { params: UuidParam },
    responses: {
      200: { description: 'n of m.', content: { 'application/json': { schema: Load } } },
      ...errorResponses,
    },
  });
  app.openapi(route, async (c) => {
    const load = await findUserLoad(deps.sql, c.req.valid('param').id);
    if (load === undefined) throw new HoldfastError('notFound', 'There is no such user.');
    const { open, capacity, channelLoad, channelCapacity } = load;
    const of = (channel: 'email' | 'api' | 'form') => ({
      open: channelLoad[channel] ?? 0,
      capacity: channelCapacity[channel] ?? null,
    });
    const perChannel = { email: of('email'), api: of('api'), form: of('form') };
    return c.json({ open, capacity, perChannel }, 200);
  });
}
