// Companies and the domains they claim: contacts with an address there belong to them, except where everybody can have an address.
import { createRoute, z } from '@hono/zod-openapi';
import {
  deleteCompany,
  findCompany,
  insertCompany,
  listCompanies,
  updateCompany,
} from '#db/companies.ts';
import type { CompanyRow } from '#db/companies.ts';
import { HoldfastError } from '#domain/errors.ts';
import { isFreeMailDomain } from '#domain/free-mail.ts';
import type { ApiDeps, App } from './app-env.ts';
import { keepAnswer } from './guard.ts';
import {
  IdempotencyKey,
  errorResponses,
  expectedVersion,
  IfMatch,
  ReadVersion,
  text,
  UuidParam,
} from './schemas.ts';
import { decodeCursor, encodeCursor, isUuid } from './wire.ts';

const Company = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    domain: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi('Company');
const Domain = z
  .string()
  .max(253)
  .regex(
    /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/,
  );
const NewCompany = z
  .strictObject({ name: text(200, 1), domain: Domain.nullable().optional() })
  .openapi('NewCompany', { example: { name: 'Example', domain: 'example.org' } });
const CompanyPatch = z
  .strictObject({
    name: text(200, 1).optional(),
    domain: Domain.nullable().optional(),
    version: ReadVersion,
  })
  .openapi('CompanyPatch', {
    description:
      'Another domain: contacts of the old one leave the company, those of the new one come.',
  });
const one = { 'application/json': { schema: Company } };

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/companies',
  operationId: 'listCompanies',
  summary: 'List companies',
  request: {
    query: z.object({
      q: text(200, 1).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().max(500).optional(),
    }),
  },
  responses: {
    200: {
      description: 'One page, in the order they came.',
      content: {
        'application/json': {
          schema: z.strictObject({ items: z.array(Company), nextCursor: z.string().nullable() }),
        },
      },
    },
    ...errorResponses,
  },
});
const createOne = createRoute({
  method: 'post',
  path: '/api/v1/companies',
  operationId: 'createCompany',
  summary: 'Create a company',
  request: {
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewCompany } } },
  },
  responses: { 201: { description: 'The company.', content: one }, ...errorResponses },
});
const getRoute = createRoute({
  method: 'get',
  path: '/api/v1/companies/{id}',
  operationId: 'getCompany',
  summary: 'Get a company',
  request: { params: UuidParam },
  responses: { 200: { description: 'The company.', content: one }, ...errorResponses },
});
const patchRoute = createRoute({
  method: 'patch',
  path: '/api/v1/companies/{id}',
  operationId: 'patchCompany',
  summary: 'Change a company',
  request: {
    params: UuidParam,
    headers: IfMatch,
    body: { required: true, content: { 'application/json': { schema: CompanyPatch } } },
  },
  responses: { 200: { description: 'The company as it is now.', content: one }, ...errorResponses },
});
const deleteRoute = createRoute({
  method: 'delete',
  path: '/api/v1/companies/{id}',
  operationId: 'deleteCompany',
  summary: 'Forget a company; its contacts stay without one',
  request: { params: UuidParam },
  responses: { 204: { description: 'Gone.' }, ...errorResponses },
});

export function registerCompanies(app: App, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { q, limit, cursor } = c.req.valid('query');
    const afterId = decodeCursor(cursor, isUuid);
    const rows = await listCompanies(deps.sql, { q: q ?? null, limit: limit + 1, afterId });
    const items = rows.slice(0, limit).map(toWire);
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return c.json({ items, nextCursor: more ? encodeCursor(last.id) : null }, 200);
  });
  app.openapi(createOne, async (c) => {
    const { name, domain } = c.req.valid('json');
    const values = { name, domain: claimable(domain ?? null) };
    const company = await deps.sql.begin(async (tx) => {
      const made = toWire(await insertCompany(tx, values));
      await keepAnswer(c, tx, 201, made);
      return made;
    });
    return c.json(company, 201);
  });
  app.openapi(getRoute, async (c) =>
    c.json(toWire(await requireCompany(deps, c.req.valid('param').id)), 200),
  );
  app.openapi(patchRoute, async (c) => {
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const old = await requireCompany(deps, id);
    const expected = expectedVersion(c.req.header('if-match'), body);
    const name = body.name ?? old.name;
    const domain = body.domain === undefined ? old.domain : claimable(body.domain);
    const saved =
      expected !== null && expected !== old.version
        ? undefined
        : await updateCompany(deps.sql, { id, version: old.version, name, domain });
    if (saved === undefined) {
      throw new HoldfastError('versionConflict', 'The company was changed meanwhile.');
    }
    return c.json(toWire(saved), 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const result = await deleteCompany(deps.sql, c.req.valid('param').id);
    if (result === 'missing') throw new HoldfastError('notFound', 'There is no such company.');
    if (result === 'inUse') {
      throw new HoldfastError('inUse', 'Tickets, routing rules or SLA policies name the company.');
    }
    return c.body(null, 204);
  });
}

function toWire(row: CompanyRow): z.infer<typeof Company> {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

async function requireCompany(deps: ApiDeps, id: string): Promise<CompanyRow> {
  const row = await findCompany(deps.sql, id);
  if (row === undefined) throw new HoldfastError('notFound', 'There is no such company.');
  return row;
}

function claimable(domain: string | null): string | null {
  if (domain === null || !isFreeMailDomain(domain)) return domain?.toLowerCase() ?? null;
  throw new HoldfastError('invalidRequest', `Everybody can have an address at ${domain}.`, {
    errors: [{ pointer: '/domain', message: 'a free-mail domain belongs to no company' }],
  });
}
