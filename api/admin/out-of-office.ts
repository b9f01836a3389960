// Ranges out of office: for oneself, or for anybody by an admin. A range that has ended cannot be added and is no longer shown.
import { createRoute, z } from '@hono/zod-openapi';
import { deleteAbsence, insertAbsence, listAbsences } from '#db/availability.ts';
import type { AbsenceRow } from '#db/availability.ts';
import { findUser } from '#db/people.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { mustBeAllowed } from '../access.ts';
import { At, errorResponses, Instant, pageOf, text, Uuid, UuidParam } from '../schemas.ts';
import { asCaller } from './audit.ts';

const MAX_RANGES = 200;
const MAX_AHEAD_MS = 10 * 366 * 86_400_000;

const Range = z
  .strictObject({ id: z.string(), from: At, to: At, note: z.string().nullable() })
  .openapi('OutOfOffice');
/** A range to be added. */
export const NewRange = z.strictObject({
  from: Instant,
  to: Instant,
  note: text(500).nullable().optional(),
});
const path = '/api/v1/users/{id}/out-of-office';

const list = createRoute({
  method: 'get',
  path,
  operationId: 'listOutOfOffice',
  summary: 'Ranges out of office that are not over',
  request: { params: UuidParam },
  responses: {
    200: {
      description: 'All of them, the earliest first.',
      content: { 'application/json': { schema: pageOf(Range) } },
    },
    ...errorResponses,
  },
});
const create = createRoute({
  method: 'post',
  path,
  operationId: 'createOutOfOffice',
  summary: 'Be out of office from one instant to another; ranges may overlap',
  request: {
    params: UuidParam,
    headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
    body: { required: true, content: { 'application/json': { schema: NewRange } } },
  },
  responses: {
    201: { description: 'The range.', content: { 'application/json': { schema: Range } } },
    ...errorResponses,
  },
});
const remove = createRoute({
  method: 'delete',
  path: `${path}/{rangeId}`,
  operationId: 'deleteOutOfOffice',
  summary: 'Take a range back; somebody who is out by it alone is there again at once',
  request: { params: z.object({ id: Uuid, rangeId: Uuid }) },
  responses: { 204: { description: 'Gone.' }, ...errorResponses },
});

/** Listing, adding and taking back. */
export function registerOutOfOffice(app: App, deps: ApiDeps): void {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    await requireUser(deps, id);
    const rows = await listAbsences(deps.sql, id, deps.clock());
    return c.json({ items: rows.map(toWire), nextCursor: null }, 200);
  });
  app.openapi(create, async (c) => {
    const { id } = c.req.valid('param');
    if (c.get('caller').userId !== id) mustBeAllowed(c, 'availability.others');
    await requireUser(deps, id);
    const body = c.req.valid('json');
    const nowMs = deps.clock();
    const [from, to] = [new Date(body.from), new Date(body.to)];
    refuseEmpty(from, to, nowMs);
    const saved = await asCaller(c, deps, async (sql) => {
      const known = await listAbsences(sql, id, nowMs);
      if (known.length >= MAX_RANGES) {
        throw new HoldfastError('limitReached', `A user has at most ${MAX_RANGES} ranges.`);
      }
      return await insertAbsence(sql, { userId: id, from, to, note: body.note ?? null });
    });
    if (saved === undefined) throw new HoldfastError('notFound', 'There is no such user.');
    return c.json(toWire(saved), 201);
  });
  app.openapi(remove, async (c) => {
    const { id, rangeId } = c.req.valid('param');
    if (c.get('caller').userId !== id) mustBeAllowed(c, 'availability.others');
    const gone = await asCaller(c, deps, (sql) => deleteAbsence(sql, id, rangeId));
    if (!gone) throw new HoldfastError('notFound', 'There is no such range.');
    return c.body(null, 204);
  });
}

function toWire({ id, from, to, note }: AbsenceRow): z.infer<typeof Range> {
  return { id, from: from.toISOString(), to: to.toISOString(), note };
}

async function requireUser(deps: ApiDeps, id: string): Promise<void> {
  if ((await findUser(deps.sql, id)) !== undefined) return;
  throw new HoldfastError('notFound', 'There is no such user.');
}

/** Instants that Postgres holds too, in order, and not over yet. */
export function refuseEmpty(from: Date, to: Date, nowMs: number, at = ''): void {
  const refuse = (field: 'from' | 'to', message: string): never => {
    throw new HoldfastError('invalidRequest', `The range's "${field}" ${message}.`, {
      errors: [{ pointer: `${at}/${field}`, message }],
    });
  };
  if (Number.isNaN(from.getTime()) || from.getTime() < 0) refuse('from', 'is no instant of ours');
  if (Number.isNaN(to.getTime()) || to.getTime() > nowMs + MAX_AHEAD_MS) {
    refuse('to', 'is more than ten years ahead');
  }
  if (to <= from) refuse('to', 'must be after "from"');
  if (to.getTime() <= nowMs) refuse('to', 'must be in the future');
}
