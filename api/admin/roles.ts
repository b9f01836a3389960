// Roles that a desk makes for itself, and the permissions they are made of. Nobody gives more than they have.
import { createRoute, z } from '@hono/zod-openapi';
import { deleteRole, findRole, insertRole, listRoles, updateRole } from '#db/access.ts';
import type { RoleRow } from '#db/access.ts';
import { HoldfastError } from '#domain/errors.ts';
import {
  beyond,
  blindPermissions,
  BUILT_IN_ROLES,
  GRANTABLE,
  heldBy,
  PERMISSION_NAMES,
  PERMISSIONS,
  ROLE_PERMISSIONS,
  SCOPES,
  TICKET_ACCESS,
} from '#domain/permissions.ts';
import type { Access, Grant, Permission } from '#domain/permissions.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses, ReadVersion, text } from '../schemas.ts';
import { conflict } from './references.ts';
import { registerResource } from './resource.ts';

/** The name of a permission. */
export const PermissionName = z.enum(PERMISSION_NAMES);
/** Which tickets somebody sees. */
export const TicketAccessSchema = z.enum(TICKET_ACCESS).openapi({
  description:
    'own: assigned to one, followed, or naming one in a note. team: also those in a team of one’s own, and those without a team that ' +
    'nobody or a teammate has. all: every ticket.',
});
const Role = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    permissions: z.array(PermissionName),
    ticketAccess: TicketAccessSchema,
    users: z.number().int().openapi({ description: 'How many have it, inactive ones included.' }),
    version: z.number().int(),
  })
  .openapi('Role');
const RoleInput = z.strictObject({
  name: text(200, 1),
  permissions: z
    .array(z.enum(GRANTABLE))
    .max(GRANTABLE.length)
    .openapi({ description: 'What changes tickets goes with ticket.view.' }),
  ticketAccess: TicketAccessSchema.default('all').openapi({
    description: 'For users who have none of their own.',
  }),
  version: ReadVersion,
});

const permissionsRoute = createRoute({
  method: 'get',
  path: '/api/v1/permissions',
  operationId: 'listPermissions',
  summary: 'Every permission there is, and which of them the built-in roles hold',
  responses: {
    200: {
      description: 'In the order people read them.',
      content: {
        'application/json': {
          schema: z
            .strictObject({
              permissions: z.array(
                z.strictObject({
                  name: PermissionName,
                  description: z.string(),
                  needsSeat: z.boolean(),
                  scope: z.enum(SCOPES).openapi({ description: 'The least an API key needs.' }),
                  adminOnly: z.boolean(),
                }),
              ),
              builtInRoles: z.array(
                z.strictObject({
                  role: z.enum(BUILT_IN_ROLES),
                  permissions: z.array(PermissionName),
                }),
              ),
            })
            .openapi('Permissions'),
        },
      },
    },
    ...errorResponses,
  },
});
/** Refuses to give, or to change for somebody who has it, what the giver does not have. */
export function refuseBeyond(giver: Access, grant: Omit<Grant, 'seat'>): void {
  const what = beyond(giver, grant);
  if (what === null) return;
  throw new HoldfastError('forbidden', `Nobody gives or takes what they do not have (${what}).`);
}

/** Every change of a ticket answers with it. */
function refuseBlind(permissions: readonly Permission[]): void {
  const blind = blindPermissions(permissions);
  if (blind.length === 0) return;
  const message = `${blind.join(', ')}: only together with ticket.view`;
  throw new HoldfastError('invalidRequest', message, {
    errors: [{ pointer: '/permissions', message }],
  });
}

function toWire(row: RoleRow): z.infer<typeof Role> {
  // A name of a later version grants nothing here, and is not shown.
  return { ...row, permissions: [...heldBy({ role: 'custom', custom: row })] };
}

/** Roles, and the permissions they are made of. */
export function registerRoles(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/roles',
    name: 'Role',
    input: RoleInput,
    output: Role,
    orderBy: 'name',
    list: async ({ sql }, page) => (await listRoles(sql, page)).map(toWire),
    async save({ sql }, id, body, { access, expected }) {
      const { name, ticketAccess } = body;
      const permissions = [...new Set(body.permissions)];
      refuseBlind(permissions);
      const asGrant = (custom: Grant['custom']): Omit<Grant, 'seat'> => ({
        ...{ role: 'custom', custom, ticketAccess: null },
      });
      refuseBeyond(access, asGrant({ permissions, ticketAccess }));
      const before = id === null ? undefined : await findRole(sql, id);
      if (before !== undefined) refuseBeyond(access, asGrant(before));
      const role = { name, permissions, ticketAccess };
      const saved =
        id === null
          ? await insertRole(sql, role)
          : await updateRole(sql, { ...role, id, expected });
      if (saved === undefined) throw conflict();
      return toWire(saved);
    },
    async remove({ sql }, id) {
      const outcome = await deleteRole(sql, id);
      if (outcome === 'inUse') throw new HoldfastError('inUse', 'Somebody has this role.');
      return outcome === 'deleted';
    },
  });
  app.openapi(permissionsRoute, (c) => {
    const permissions = PERMISSION_NAMES.map((name) => {
      const { says: description, scope, ...more } = PERMISSIONS[name];
      const flags = { needsSeat: 'seat' in more, adminOnly: 'adminOnly' in more };
      return { name, description, scope, ...flags };
    });
    const builtInRoles = BUILT_IN_ROLES.map((role) => ({
      role,
      permissions: [...ROLE_PERMISSIONS[role]],
    }));
    return c.json({ permissions, builtInRoles }, 200);
  });
}
