// Teams, users and their availability. Whatever frees an agent also frees who waits: db/ has the queues looked at.
import { createRoute, z } from '@hono/zod-openapi';
import {
  findUser,
  insertUser,
  listTeams,
  listUsers,
  saveTeam,
  updateAvailability,
  updateUser,
} from '#db/people.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { HoldfastError } from '#domain/errors.ts';
import { CalendarSchema } from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { requireAdmin } from '../guard.ts';
import { errorResponses, ReadVersion, Tag, text, Uuid, UuidParam } from '../schemas.ts';
import { conflict } from './references.ts';
import { asCaller } from './audit.ts';
import { registerResource } from './resource.ts';

const Role = z.enum(['admin', 'agent', 'readOnly']);
const Availability = z.enum(['available', 'away']);
const Strategy = z.enum(['manual', 'roundRobin', 'leastLoaded']);
const User = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: Role,
    seat: z.boolean(),
    capacity: z.number().int().nullable(),
    skills: z.array(z.string()),
    availability: Availability,
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
  role: Role,
  seat: z.boolean().default(true),
  capacity: z.number().int().min(0).max(10_000).nullable().default(null),
  skills: z.array(Tag).max(100).default([]),
  availability: Availability.default('away'),
  workingHours: CalendarSchema.nullable().default(null),
  active: z.boolean().default(true),
  version: ReadVersion,
});

/** Teams, users and their availability. */
export function registerPeople(app: App, deps: ApiDeps): void {
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
  });
  registerResource(app, deps, {
    path: '/api/v1/users',
    name: 'User',
    input: UserInput,
    output: User,
    orderBy: 'name',
    list: async ({ sql }, page) => (await listUsers(sql, page)).map((row) => ({ ...row })),
    async save({ sql }, id, body, { expected }) {
      const values = { ...body, workingHours: body.workingHours as CalendarDefinition | null };
      const saved =
        id === null ? await insertUser(sql, values) : await updateUser(sql, id, values, expected);
      if (saved === undefined && id === null)
        throw new HoldfastError('nameTaken', 'This email address is taken.');
      if (saved === undefined) throw conflict();
      const row = await findUser(sql, saved.id);
      if (row === undefined) throw conflict();
      return { ...row };
    },
  });
  const availability = createRoute({
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
  app.openapi(availability, async (c) => {
    const { id } = c.req.valid('param');
    if (c.get('caller').userId !== id) requireAdmin(c);
    const { availability: wanted } = c.req.valid('json');
    const saved = await asCaller(c, deps, (sql) => updateAvailability(sql, id, wanted));
    if (saved === undefined) throw new HoldfastError('notFound', 'There is no such user.');
    return c.json({ ...saved }, 200);
  });
}
