// The shape shared by admin resources: list, create, replace, delete under one path. Who may is said in route-access.ts.
import { createRoute, z } from '@hono/zod-openapi';
import type { Access } from '#domain/permissions.ts';
import type { ApiDeps, App, Caller } from '../app-env.ts';
import { keepAnswer } from '../guard.ts';
import { asCaller } from './audit.ts';
import {
  errorResponses,
  expectedVersion,
  IdempotencyKey,
  IfMatch,
  MAX_VERSION,
  pageOf,
  UuidParam,
} from '../schemas.ts';
import { decodeCursor, encodeCursor, isUuid } from '../wire.ts';
import type { ListPage } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';

const MAX_PAGE = 1_000;

/** The orders lists can have. */
type ListOrder = 'name' | 'position' | 'id';

/** One resource: what goes in, what comes out, and what the verbs do. */
export interface Resource<In extends z.ZodType, Out extends z.ZodType> {
  path: string;
  name: string;
  /** How one and several of them are called in summaries; made of `name` when absent. */
  words?: { one: string; many: string };
  input: In;
  output: Out;
  /** False when a thing is only made and removed, never changed. */
  replaceable?: boolean;
  /** One page in the list's own order, which ends in the id; without a page all of them. */
  list: (deps: ApiDeps, page: ListPage | undefined, access: Access) => Promise<z.infer<Out>[]>;
  /** What the list is ordered by, before the id where that is not all. */
  orderBy: ListOrder;
  /** Answers the thing as saved; id null creates. Throws HoldfastError: versionConflict when `expected` is not its version. */
  save: (
    deps: ApiDeps,
    id: string | null,
    body: z.infer<In>,
    by: { caller: Caller; access: Access; expected: number | null },
  ) => Promise<z.infer<Out>>;
  /** Answers false when there is none. */
  remove?: (deps: ApiDeps, id: string, access: Access) => Promise<boolean>;
}

/** Adds GET, POST, GET/{id}, PUT/{id} and, where given, DELETE/{id}. */
export function registerResource<In extends z.ZodType, Out extends z.ZodType>(
  app: App,
  deps: ApiDeps,
  resource: Resource<In, Out>,
): void {
  const { path, name, input, output } = resource;
  const words = wordsOf(resource);
  const json = { 'application/json': { schema: output } };
  const body = { required: true, content: { 'application/json': { schema: input } } };
  const listRoute = createRoute({
    method: 'get',
    path,
    operationId: `list${name}s`,
    summary: `List ${words.many}`,
    request: {
      query: z.object({
        limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(MAX_PAGE),
        cursor: z.string().max(1_000).optional(),
      }),
    },
    responses: {
      200: {
        description: 'One page; nextCursor is null on the last.',
        content: {
          'application/json': {
            schema: pageOf(output),
          },
        },
      },
      ...errorResponses,
    },
  });
  const getRoute = createRoute({
    method: 'get',
    path: `${path}/{id}`,
    operationId: `get${name}`,
    summary: `Get ${words.one}`,
    request: { params: UuidParam },
    responses: { 200: { description: 'The one.', content: json }, ...errorResponses },
  });
  const createOne = createRoute({
    method: 'post',
    path,
    operationId: `create${name}`,
    summary: `Create ${words.one}`,
    request: { headers: IdempotencyKey, body },
    responses: { 201: { description: 'Created.', content: json }, ...errorResponses },
  });
  // Hono cannot follow generic schemas through a context; the two casts below say what the route has validated.
  app.openapi(listRoute, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const page = await onePage(deps, resource, c.get('access'), { limit, cursor });
    return c.json(page as never, 200);
  });
  app.openapi(getRoute, async (c) => {
    const found = await findOne(deps, resource, c.get('access'), c.req.valid('param').id);
    return c.json(found as never, 200);
  });
  app.openapi(createOne, async (c) => {
    const input = c.req.valid('json' as never) as z.infer<In>;
    const by = { caller: c.get('caller'), access: c.get('access'), expected: null };
    const saved = await asCaller(c, deps, async (sql) => {
      const made = await resource.save({ ...deps, sql }, null, input, by);
      await keepAnswer(c, sql, 201, made as object);
      return made;
    });
    return c.json(saved as never, 201);
  });
  if (resource.replaceable !== false) registerReplacement(app, deps, resource);
  if (resource.remove !== undefined)
    registerRemoval(app, deps, { ...resource, remove: resource.remove });
}

/** "RoutingRule" is "a routing rule", several are "routing rules". */
function wordsOf({ name, words }: { name: string; words?: { one: string; many: string } }): {
  one: string;
  many: string;
} {
  const plain = name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return words ?? { one: `${/^[aeio]/.test(plain) ? 'an' : 'a'} ${plain}`, many: `${plain}s` };
}

type Place = NonNullable<ListPage['after']>;

async function onePage<In extends z.ZodType, Out extends z.ZodType>(
  deps: ApiDeps,
  { list, orderBy }: Resource<In, Out>,
  access: Access,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: z.infer<Out>[]; nextCursor: string | null }> {
  const after = decodeCursor(cursor, (value) => isPlaceIn(orderBy, value));
  const rows = await list(deps, { limit: limit + 1, after }, access);
  const items = rows.slice(0, limit);
  const last = items.at(-1) as
    | (Record<'name' | 'position', string | number> & { id: string })
    | undefined;
  const more = rows.length > limit && last !== undefined;
  const place = more ? { id: last.id, key: orderBy === 'id' ? null : last[orderBy] } : null;
  return { items, nextCursor: place === null ? null : encodeCursor(place) };
}

/** A place of another list would be compared with what it does not fit. */
function isPlaceIn(orderBy: ListOrder, value: unknown): value is Place {
  const { id, key } = (value ?? {}) as Partial<Place>;
  if (!isUuid(id)) return false;
  switch (orderBy) {
    case 'id':
      return key === null;
    case 'name':
      return typeof key === 'string' && !key.includes('\0') && key.isWellFormed();
    case 'position':
      return Number.isInteger(key) && Math.abs(Number(key)) <= MAX_VERSION;
  }
}

async function findOne<In extends z.ZodType, Out extends z.ZodType>(
  deps: ApiDeps,
  resource: Resource<In, Out>,
  access: Access,
  id: string,
): Promise<z.infer<Out>> {
  const found = (await resource.list(deps, undefined, access)).find(
    (one) => (one as { id?: string }).id === id,
  );
  if (found === undefined) throw new HoldfastError('notFound', 'There is no such thing.');
  return found;
}

function registerReplacement<In extends z.ZodType, Out extends z.ZodType>(
  app: App,
  deps: ApiDeps,
  resource: Resource<In, Out>,
): void {
  const { path, name, input, output } = resource;
  const json = { 'application/json': { schema: output } };
  const body = { required: true, content: { 'application/json': { schema: input } } };
  const replaceOne = createRoute({
    method: 'put',
    path: `${path}/{id}`,
    operationId: `replace${name}`,
    summary: `Replace ${wordsOf(resource).one}; what is left out gets its default`,
    request: { params: UuidParam, headers: IfMatch, body },
    responses: { 200: { description: 'Saved.', content: json }, ...errorResponses },
  });
  app.openapi(replaceOne, async (c) => {
    const { id } = c.req.valid('param' as never) as { id: string };
    await findOne(deps, resource, c.get('access'), id);
    const input = c.req.valid('json' as never) as z.infer<In>;
    const expected = expectedVersion(c.req.header('if-match'), input);
    const by = { caller: c.get('caller'), access: c.get('access'), expected };
    const saved = await asCaller(c, deps, (sql) => resource.save({ ...deps, sql }, id, input, by));
    return c.json(saved as never, 200);
  });
}

function registerRemoval(
  app: App,
  deps: ApiDeps,
  resource: {
    path: string;
    name: string;
    words?: { one: string; many: string };
    remove: (deps: ApiDeps, id: string, access: Access) => Promise<boolean>;
  },
): void {
  const route = createRoute({
    method: 'delete',
    path: `${resource.path}/{id}`,
    operationId: `delete${resource.name}`,
    summary: `Delete ${wordsOf(resource).one}`,
    request: { params: UuidParam },
    responses: { 204: { description: 'Gone.' }, ...errorResponses },
  });
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const access = c.get('access');
    if (!(await asCaller(c, deps, (sql) => resource.remove({ ...deps, sql }, id, access))))
      throw new HoldfastError('notFound', 'There is no such thing.');
    return c.body(null, 204);
  });
}
