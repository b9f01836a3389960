// What Hono leaves open about a request's form: methods an address does not take (405 with Allow, never another route's answer)
// and bodies that a route needs and did not get.
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { HoldfastError } from '#domain/errors.ts';
import type { App, AppEnv } from './app-env.ts';
import { problem } from './problem.ts';

/** What an address that no route answers gets: 405 when it takes other methods, else 404. */
export function answerUnrouted(app: App, c: Context<AppEnv>): Response {
  const allowed = methodsAt(app, c.req.path);
  if (allowed.length === 0)
    return problem(c, new HoldfastError('notFound', 'There is nothing at this address.'));
  return refuseMethod(c, allowed);
}

/** Keeps /tickets/bulk from being read as /tickets/{id}: a fixed address takes its own methods alone. */
export function holdFixedAddresses(app: App): MiddlewareHandler<AppEnv> {
  let fixed: Map<string, string[]> | null = null;
  return async (c, next) => {
    // Built at the first request, when every route is there.
    fixed ??= new Map(
      app.routes
        .filter(({ method, path }) => method !== 'ALL' && !/[:*]/.test(path))
        .map(({ path }) => [path, methodsAt(app, path)]),
    );
    const allowed = fixed.get(c.req.path);
    if (allowed === undefined || allowed.includes(c.req.method)) return await next();
    return refuseMethod(c, allowed);
  };
}

/** Refuses a request without a body where the route needs one; where everything in it is optional nobody else would notice. */
export function requireBodies(app: App): MiddlewareHandler<AppEnv> {
  let needing: Set<string> | null = null;
  return async (c, next) => {
    if (c.req.header('content-type') !== undefined) return await next();
    needing ??= routesWithBody(app, true);
    const needed = matchedRoutes(c).some(({ path }) => needing?.has(`${c.req.method} ${path}`));
    if (!needed) return await next();
    throw new HoldfastError(
      'unsupportedMediaType',
      'This request needs a body and its content type.',
    );
  };
}

/** An empty body where none is needed is none, though the request announces JSON: clients with one header for all requests send it. */
export function fillEmptyBodies(app: App): MiddlewareHandler<AppEnv> {
  let optional: Set<string> | null = null;
  return async (c, next) => {
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) return await next();
    optional ??= routesWithBody(app, false);
    const fits = matchedRoutes(c).some(({ path }) => optional?.has(`${c.req.method} ${path}`));
    if (fits && (await c.req.raw.clone().text()) === '') {
      const { method, headers } = c.req.raw;
      c.req.raw = new Request(c.req.url, { method, headers, body: '{}' });
    }
    return await next();
  };
}

/** Refuses query parameters a route does not have: a misspelt `dryRun` must not save, nor a misspelt filter show everything. */
export function refuseUnknownQuery(app: App): MiddlewareHandler<AppEnv> {
  let known: Map<string, ReadonlySet<string>> | null = null;
  return async (c, next) => {
    known ??= queryNames(app);
    const asked = Object.keys(c.req.query());
    if (asked.length === 0) return await next();
    const names = matchedRoutes(c).flatMap(({ path }) => {
      const found = known?.get(`${c.req.method === 'HEAD' ? 'GET' : c.req.method} ${path}`);
      return found === undefined ? [] : [found];
    });
    const unknown = names.length === 0 ? [] : asked.filter((name) => !names[0]?.has(name));
    if (unknown.length === 0) return await next();
    const takes = [...(names[0] ?? [])].join(', ');
    throw new HoldfastError('invalidRequest', 'A query parameter is not one of this address.', {
      errors: unknown.map((name) => ({
        pointer: `/query/${name}`,
        message: takes === '' ? 'this address takes none' : `unknown; there are ${takes}`,
      })),
    });
  };
}

function queryNames(app: App): Map<string, ReadonlySet<string>> {
  return new Map(
    app.openAPIRegistry.definitions.flatMap((one) => {
      if (one.type !== 'route') return [];
      const { method, path, request } = one.route;
      const shape = (request?.query as { shape?: object } | undefined)?.shape ?? {};
      const key = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      return [[key, new Set(Object.keys(shape))] as const];
    }),
  );
}

function routesWithBody(app: App, required: boolean): Set<string> {
  return new Set(
    app.openAPIRegistry.definitions.flatMap((one) =>
      one.type === 'route' &&
      one.route.request?.body !== undefined &&
      (one.route.request.body.required === true) === required
        ? [`${one.route.method.toUpperCase()} ${one.route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`]
        : [],
    ),
  );
}

function refuseMethod(c: Context<AppEnv>, allowed: string[]): Response {
  c.header('allow', allowed.join(', '));
  return problem(
    c,
    new HoldfastError('methodNotAllowed', `This address takes ${allowed.join(', ')}.`),
  );
}

/** The methods of the routes that fit an address best, HEAD with GET; empty when it is no address of ours. */
function methodsAt(app: App, path: string): string[] {
  const fitting = app.routes.filter((one) => one.method !== 'ALL' && fits(one.path, path));
  const fewest = Math.min(...fitting.map((one) => parameters(one.path)));
  const methods = fitting
    .filter((one) => parameters(one.path) === fewest)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)].toSorted();
}

const parameters = (pattern: string): number => pattern.split('/:').length;

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(':') || part === given[index])
  );
}
