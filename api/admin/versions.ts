// Versions of policies and calendars: every save is one, with who, when and why; each can be read, and saved anew.
import { createRoute, z } from '@hono/zod-openapi';
import type { VersionRow } from '#db/policies.ts';
import type { SqlPool } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App, Caller } from '../app-env.ts';
import {
  At,
  errorResponses,
  expectedVersion,
  IfMatch,
  pageOf,
  text,
  UuidParam,
} from '../schemas.ts';
import { asCaller } from './audit.ts';
import { changesBetween, FieldChange } from './changes.ts';

/** Why a version was saved, in the words of who did. */
export const Reason = text(500).optional();

const AppliesTo = z.enum(['newTickets', 'newAndOpenTickets']).openapi({
  description:
    'Whom the version reaches. With newAndOpenTickets all deadlines of open tickets are computed anew, those of goals completed already ' +
    'included.',
});
const saved = {
  version: z.number().int(),
  savedAt: At,
  savedBy: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  reason: z.string().nullable(),
  current: z.boolean(),
};
const Version = z
  .strictObject({
    ...saved,
    appliesTo: AppliesTo.optional(),
    changes: z.array(FieldChange),
  })
  .openapi('SavedVersion', { description: 'What it changed against the version before it.' });
const Restore = z
  .strictObject({ reason: Reason, appliesTo: AppliesTo.optional() })
  .openapi('RestoreVersion', {
    description:
      'appliesTo (of policies only): whom the restored version reaches; when absent, whom the version it takes back reached.',
  });
const VersionParam = UuidParam.extend({
  version: z.coerce.number().int().positive().max(999_999_999).openapi({ type: 'integer' }),
});

/** A thing with versions: where it lives, how its versions are read, and how one is saved again. */
export interface Versioned<Definition extends object, Out extends z.ZodType> {
  path: string;
  name: string;
  /** Fields of a definition as the API shows them. */
  definition: z.ZodRawShape;
  output: Out;
  list: (
    sql: SqlPool,
    id: string,
    before: number | null,
    limit: number,
  ) => Promise<VersionRow<Definition>[]>;
  /** Saves the definition as the next version; throws HoldfastError: versionConflict when `expected` is not the present one. */
  save: (
    deps: ApiDeps,
    id: string,
    definition: Definition & { name: string },
    by: { caller: Caller; expected: number | null; reason: string },
  ) => Promise<z.infer<Out>>;
}

/** Adds the list of versions, one version, and its restoration. */
export function registerVersions<Definition extends object, Out extends z.ZodType>(
  app: App,
  deps: ApiDeps,
  versioned: Versioned<Definition, Out>,
): void {
  const { path, name } = versioned;
  const list = createRoute({
    method: 'get',
    path: `${path}/{id}/versions`,
    operationId: `list${name}Versions`,
    summary: 'Every save, newest first: who, when, why, and what it changed',
    request: {
      params: UuidParam,
      query: z.object({
        limit: z.coerce.number().int().min(1).max(100).default(50),
        cursor: z
          .string()
          .regex(/^[1-9]\d{0,8}$/)
          .optional(),
      }),
    },
    responses: {
      200: {
        description: 'One page.',
        content: { 'application/json': { schema: pageOf(Version) } },
      },
      ...errorResponses,
    },
  });
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const before = cursor === undefined ? null : Number(cursor);
    // One more than asked for: the last of the page is compared with it.
    const rows = await versioned.list(deps.sql, c.req.valid('param').id, before, limit + 1);
    if (rows.length === 0 && before === null) throw unknown();
    const items = rows.slice(0, limit).map((row, index) => ({
      ...savedToWire(row),
      ...appliesToOf(row),
      changes: changesBetween(contentOf(rows[index + 1]), contentOf(row)),
    }));
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return c.json({ items, nextCursor: more ? String(last.version) : null }, 200);
  });
  registerOneVersion(app, deps, versioned);
  registerRestore(app, deps, versioned);
}

function registerOneVersion<Definition extends object, Out extends z.ZodType>(
  app: App,
  deps: ApiDeps,
  versioned: Versioned<Definition, Out>,
): void {
  const { path, name, definition } = versioned;
  const schema = z
    .strictObject({ id: z.string(), ...saved, ...definition })
    .openapi(`${name}Version`);
  const read = createRoute({
    method: 'get',
    path: `${path}/{id}/versions/{version}`,
    operationId: `get${name}Version`,
    summary: 'A version as it was saved',
    request: { params: VersionParam },
    responses: {
      200: { description: 'The version.', content: { 'application/json': { schema } } },
      ...errorResponses,
    },
  });
  app.openapi(read, async (c) => {
    const { id, version } = c.req.valid('param');
    const row = await requireVersion(deps.sql, versioned, id, version);
    return c.json({ id, ...savedToWire(row), ...contentOf(row) } as never, 200);
  });
}

function registerRestore<Definition extends object, Out extends z.ZodType>(
  app: App,
  deps: ApiDeps,
  versioned: Versioned<Definition, Out>,
): void {
  const { path, name, output } = versioned;
  const restore = createRoute({
    method: 'post',
    path: `${path}/{id}/versions/{version}/restore`,
    operationId: `restore${name}Version`,
    summary: 'Save the content of a version anew; open tickets follow as after any save',
    request: {
      params: VersionParam,
      headers: IfMatch,
      body: { required: false, content: { 'application/json': { schema: Restore } } },
    },
    responses: {
      200: {
        description: 'As saved, under its new version.',
        content: { 'application/json': { schema: output } },
      },
      ...errorResponses,
    },
  });
  app.openapi(restore, async (c) => {
    const { id, version } = c.req.valid('param');
    const { reason = `Restores version ${version}.`, appliesTo } = c.req.valid('json') ?? {};
    const row = await requireVersion(deps.sql, versioned, id, version);
    const [current] = await versioned.list(deps.sql, id, null, 1);
    const content = contentOf(row) as Definition & { name: string };
    // To take a save back means: for everybody whom it reached.
    const reach = 'appliesTo' in content ? { appliesTo: appliesTo ?? reachOf(current) } : {};
    const expected = expectedVersion(c.req.header('if-match'), {}) ?? current?.version ?? null;
    const by = { caller: c.get('caller'), expected, reason };
    const saved = await asCaller(c, deps, (sql) =>
      versioned.save({ ...deps, sql }, id, { ...content, ...reach }, by),
    );
    return c.json(saved as never, 200);
  });
}

const unknown = (): HoldfastError => new HoldfastError('notFound', 'There is no such thing.');

async function requireVersion<Definition extends object, Out extends z.ZodType>(
  sql: SqlPool,
  versioned: Versioned<Definition, Out>,
  id: string,
  version: number,
): Promise<VersionRow<Definition>> {
  const [row] = await versioned.list(sql, id, version + 1, 1);
  if (row?.version !== version) throw unknown();
  return row;
}

function savedToWire(row: VersionRow<object>) {
  const { version, reason, current, savedById, savedByName } = row;
  const by = savedById === null ? null : { id: savedById, name: savedByName ?? '' };
  return { version, savedAt: row.savedAt.toISOString(), savedBy: by, reason, current };
}

function contentOf(row: VersionRow<object> | undefined): Record<string, unknown> {
  return row === undefined ? {} : { name: row.name, ...row.definition };
}

function reachOf(row: VersionRow<object> | undefined): z.infer<typeof AppliesTo> | undefined {
  const { appliesTo } = (row?.definition ?? {}) as { appliesTo?: z.infer<typeof AppliesTo> };
  return appliesTo;
}

function appliesToOf(row: VersionRow<object>) {
  const appliesTo = reachOf(row);
  return appliesTo === undefined ? {} : { appliesTo };
}
