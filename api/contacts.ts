// Contacts: the people who write to the desk. Whoever writes in becomes one by itself; these routes are for people and imports.
import { createRoute, z } from '@hono/zod-openapi';
import { findCompany } from '#db/companies.ts';
import {
  deleteContact,
  findContact,
  insertContact,
  listContacts,
  updateContact,
} from '#db/contacts.ts';
import type { ContactRow } from '#db/contacts.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from './app-env.ts';
import { refuseUnknown } from './admin/references.ts';
import { keepAnswer } from './guard.ts';
import {
  IdempotencyKey,
  errorResponses,
  expectedVersion,
  IfMatch,
  ReadVersion,
  text,
  Uuid,
  UuidParam,
} from './schemas.ts';
import { decodeCursor, encodeCursor, isUuid } from './wire.ts';

const Contact = z
  .strictObject({
    id: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    name: z.string().nullable(),
    companyId: z.string().nullable(),
    ownerId: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi('Contact');
const fields = {
  email: z.email().max(320).nullable().optional(),
  phone: text(50, 3).nullable().optional(),
  name: text(200, 1).nullable().optional(),
  companyId: Uuid.nullable().optional(),
  ownerId: Uuid.nullable().optional(),
};
const NewContact = z.strictObject(fields).openapi('NewContact', {
  description: 'E-mail, phone or name is needed. Without companyId: the company of the address.',
  example: { email: 'ann@example.org', name: 'Ann' },
});
const ContactPatch = z
  .strictObject({ ...fields, version: ReadVersion })
  .openapi('ContactPatch', { description: 'An absent field stays, null clears it.' });
const one = { 'application/json': { schema: Contact } };

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/contacts',
  operationId: 'listContacts',
  summary: 'List contacts',
  request: {
    query: z.object({
      q: text(200, 1).optional(),
      companyId: Uuid.optional(),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().max(500).optional(),
    }),
  },
  responses: {
    200: {
      description: 'One page, in the order they came.',
      content: {
        'application/json': {
          schema: z.strictObject({ items: z.array(Contact), nextCursor: z.string().nullable() }),
        },
      },
    },
    ...errorResponses,
  },
});
const createOne = createRoute({
  method: 'post',
  path: '/api/v1/contacts',
  operationId: 'createContact',
  summary: 'Create a contact',
  request: {
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewContact } } },
  },
  responses: { 201: { description: 'The contact.', content: one }, ...errorResponses },
});
const getRoute = createRoute({
  method: 'get',
  path: '/api/v1/contacts/{id}',
  operationId: 'getContact',
  summary: 'Get a contact',
  request: { params: UuidParam },
  responses: { 200: { description: 'The contact.', content: one }, ...errorResponses },
});
const patchRoute = createRoute({
  method: 'patch',
  path: '/api/v1/contacts/{id}',
  operationId: 'patchContact',
  summary: 'Change a contact',
  request: {
    params: UuidParam,
    headers: IfMatch,
    body: { required: true, content: { 'application/json': { schema: ContactPatch } } },
  },
  responses: { 200: { description: 'The contact as it is now.', content: one }, ...errorResponses },
});
const deleteRoute = createRoute({
  method: 'delete',
  path: '/api/v1/contacts/{id}',
  operationId: 'deleteContact',
  summary: 'Forget a contact who has neither a ticket nor a message',
  request: { params: UuidParam },
  responses: { 204: { description: 'Gone.' }, ...errorResponses },
});

export function registerContacts(app: App, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { q, companyId, limit, cursor } = c.req.valid('query');
    const rows = await listContacts(deps.sql, {
      ...{ q: q ?? null, companyId: companyId ?? null, limit: limit + 1 },
      afterId: decodeCursor(cursor, isUuid),
    });
    const items = rows.slice(0, limit).map(toWire);
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return c.json({ items, nextCursor: more ? encodeCursor(last.id) : null }, 200);
  });
  app.openapi(createOne, async (c) => {
    const {
      email = null,
      phone = null,
      name = null,
      companyId,
      ownerId = null,
    } = c.req.valid('json');
    mustHaveName({ email, phone, name });
    await mustBeCompany(deps, companyId);
    await mustBeUser(deps, ownerId);
    const values = { email: email?.toLowerCase() ?? null, phone, name, companyId, ownerId };
    const contact = await deps.sql.begin(async (tx) => {
      const made = toWire(await insertContact(tx, values));
      await keepAnswer(c, tx, 201, made);
      return made;
    });
    return c.json(contact, 201);
  });
  app.openapi(getRoute, async (c) =>
    c.json(toWire(await requireContact(deps, c.req.valid('param').id)), 200),
  );
  app.openapi(patchRoute, async (c) => {
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const old = await requireContact(deps, id);
    const expected = expectedVersion(c.req.header('if-match'), body);
    const email = body.email === undefined ? old.email : (body.email?.toLowerCase() ?? null);
    const phone = body.phone === undefined ? old.phone : body.phone;
    const name = body.name === undefined ? old.name : body.name;
    mustHaveName({ email, phone, name });
    await mustBeCompany(deps, body.companyId);
    await mustBeUser(deps, body.ownerId);
    const { companyId, ownerId = old.ownerId } = body;
    const saved =
      expected !== null && expected !== old.version
        ? undefined
        : await updateContact(deps.sql, {
            ...{ id, version: old.version, email, phone, name, companyId, ownerId },
          });
    if (saved === undefined) {
      throw new HoldfastError('versionConflict', 'The contact was changed meanwhile.');
    }
    return c.json(toWire(saved), 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const result = await deleteContact(deps.sql, c.req.valid('param').id);
    if (result === 'missing') throw new HoldfastError('notFound', 'There is no such contact.');
    if (result === 'inUse') {
      throw new HoldfastError('inUse', 'The contact has tickets or messages.');
    }
    return c.body(null, 204);
  });
}

function toWire(row: ContactRow): z.infer<typeof Contact> {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

async function requireContact(deps: ApiDeps, id: string): Promise<ContactRow> {
  const row = await findContact(deps.sql, id);
  if (row === undefined) throw new HoldfastError('notFound', 'There is no such contact.');
  return row;
}

function mustHaveName(who: {
  email: string | null;
  phone: string | null;
  name: string | null;
}): void {
  if (who.email === null && who.phone === null && who.name === null) {
    throw new HoldfastError('invalidRequest', 'A contact needs an e-mail, a phone or a name.', {
      errors: [{ pointer: '/', message: 'email, phone or name is needed' }],
    });
  }
}

async function mustBeUser(deps: ApiDeps, userId: string | null | undefined): Promise<void> {
  if (userId === undefined || userId === null) return;
  await refuseUnknown(deps.sql, [{ userId, pointer: '/ownerId' }]);
}

async function mustBeCompany(deps: ApiDeps, id: string | null | undefined): Promise<void> {
  if (id === undefined || id === null) return;
  if ((await findCompany(deps.sql, id)) !== undefined) return;
  throw new HoldfastError('unknownReference', 'There is no such company.', {
    errors: [{ pointer: '/companyId', message: 'unknown' }],
  });
}
