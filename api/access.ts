// Who may do what, at the door: after admit has found the caller, their rights are read and the operation's line of route-access.ts is
// asked, before anything else of the request is looked at. Which tickets a caller sees is a matter of SQL (db/access.ts).
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { findGrant } from '#db/access.ts';
import type { GrantRow } from '#db/access.ts';
import { HoldfastError } from '#domain/errors.ts';
import { accessOf, includesScope, lackOf, mayDo } from '#domain/permissions.ts';
import type { Access, Permission } from '#domain/permissions.ts';
import type { ApiDeps, App, AppEnv, Caller } from './app-env.ts';
import { ROUTE_ACCESS } from './route-access.ts';
import type { RouteNeed } from './route-access.ts';

/** Reads the caller's rights and refuses what they may not do. */
export function authorize(app: App, deps: Pick<ApiDeps, 'sql'>): MiddlewareHandler<AppEnv> {
  let needs: Map<string, RouteNeed> | null = null;
  return async (c, next) => {
    // Built at the first request, when every route is there.
    needs ??= needsByRoute(app);
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
    // The first that matches is the one that answers. Without one the address is nobody's, and answered as such.
    const matched = matchedRoutes(c).find(({ path }) => needs?.has(`${method} ${path}`));
    const need = matched === undefined ? undefined : needs.get(`${method} ${matched.path}`);
    const caller = c.get('caller') as Caller | undefined;
    if (caller === undefined) {
      if (need === undefined || need === 'public') return await next();
      throw new HoldfastError('unauthenticated', 'This needs a caller.');
    }
    const access =
      caller.grant === undefined ? await findAccess(deps, caller) : accessBy(caller, caller.grant);
    if (access === undefined) throw new HoldfastError('unauthenticated', 'Nobody is known here.');
    c.set('access', access);
    if (need !== undefined) refuseLack(access, need, method);
    return await next();
  };
}

/** What a caller may do now; undefined when they are not active any more. */
export async function findAccess(
  deps: Pick<ApiDeps, 'sql'>,
  caller: Pick<Caller, 'userId' | 'scopes'>,
): Promise<Access | undefined> {
  const grant = await findGrant(deps.sql, caller.userId);
  return grant === undefined ? undefined : accessBy(caller, grant);
}

function accessBy({ userId, scopes }: Pick<Caller, 'userId' | 'scopes'>, grant: GrantRow): Access {
  return accessOf(grant, scopes, { userId, teamIds: grant.teamIds, mateIds: grant.mateIds });
}

/** Refuses a caller who may not; for what depends on more than the route. */
export function mustBeAllowed(c: Context<AppEnv>, permission: Permission): void {
  requirePermission(c.get('access'), permission);
}

/** The same, of rights at hand. */
export function requirePermission(access: Access, permission: Permission): void {
  const lack = lackOf(access, permission);
  if (lack !== null) throw lacking(lack, permission);
}

function refuseLack(access: Access, need: RouteNeed, method: string): void {
  if (need === 'public') return;
  if (need === 'signedIn') {
    if (method === 'GET' || includesScope(access.scope, 'write')) return;
    throw lacking('scope', 'write');
  }
  const wanted: readonly Permission[] = typeof need === 'string' ? [need] : need;
  if (wanted.some((permission) => mayDo(access, permission))) return;
  // What is nearest to being allowed says most.
  const lacks = wanted.map((permission) => ({ permission, lack: lackOf(access, permission) }));
  const nearest = lacks.find(({ lack }) => lack !== 'role') ?? lacks[0];
  throw lacking(nearest?.lack ?? 'role', nearest?.permission ?? '');
}

function lacking(lack: 'role' | 'seat' | 'scope', what: string): HoldfastError {
  const words = {
    role: `Your role does not allow this (${what}).`,
    seat: `This needs a seat (${what}).`,
    scope: `This API key does not reach so far (${what}).`,
  };
  return new HoldfastError('forbidden', words[lack]);
}

/** The needs by method and path as Hono writes it. */
function needsByRoute(app: App): Map<string, RouteNeed> {
  const entries = operations(app).map(({ key, operationId }) => {
    const need = ROUTE_ACCESS[operationId];
    if (need === undefined) throw new Error(`${operationId} has no line in api/route-access.ts.`);
    return [key, need] as const;
  });
  return new Map(entries);
}

function operations(app: App): { key: string; operationId: string }[] {
  return app.openAPIRegistry.definitions.flatMap((one) => {
    if (one.type !== 'route') return [];
    const { method, path, operationId = '' } = one.route;
    const key = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    return [{ key, operationId }];
  });
}

/**
 * Throws when an address of the API is not described, or has no line in route-access.ts: it would be open to everybody who is signed in.
 * The document itself is the one exception.
 */
export function checkRouteAccess(app: App): void {
  const described = new Set(needsByRoute(app).keys());
  const bare = app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/v1/'))
    .map(({ method, path }) => `${method} ${path}`)
    .find((key) => key !== 'GET /api/v1/openapi.json' && !described.has(key));
  if (bare !== undefined) throw new Error(`${bare} is not described, so nobody asks who may.`);
}
