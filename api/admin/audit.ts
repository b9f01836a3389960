// The audit log as admins read and export it. It only grows: there is no route that changes it, and Postgres refuses one.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import { inNameOf, listAudit } from '#db/audit.ts';
import type { AuditActor, AuditRow } from '#db/audit.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ApiDeps, App, AppEnv } from '../app-env.ts';
import { remoteAddress } from '../guard.ts';
import { changesBetween, FieldChange } from './changes.ts';
import { At, errorResponses, pageOf, text, Uuid } from '../schemas.ts';

const EXPORT_PAGE = 500;

/** Makes an admin's change in their name, so that the audit log can say who it was. */
export async function asCaller<T>(
  c: Context<AppEnv>,
  deps: ApiDeps,
  change: (sql: SqlPool) => Promise<T>,
): Promise<T> {
  const actor: AuditActor = {
    type: 'user',
    userId: c.get('caller').userId,
    requestId: c.get('requestId') ?? null,
    address: remoteAddress(c),
  };
  return await inNameOf(deps.sql, actor, change);
}

const Change = z
  .strictObject({
    id: z.number().int(),
    at: At,
    actor: z.strictObject({
      type: z.string(),
      userId: z.string().nullable(),
      name: z.string().nullable(),
      requestId: z.string().nullable(),
      address: z.string().nullable(),
    }),
    subjectKind: z.string(),
    subjectId: z.string(),
    action: z.enum(['created', 'changed', 'removed']),
    changes: z.array(FieldChange),
  })
  .openapi('AuditChange');
const Filter = {
  subjectKind: text(50, 1).optional(),
  subjectId: text(100, 1).optional(),
  userId: Uuid.optional(),
};

const list = createRoute({
  method: 'get',
  path: '/api/v1/audit-log',
  operationId: 'listAuditLog',
  summary: 'Who changed what, newest first',
  request: {
    query: z.object({
      ...Filter,
      limit: z.coerce.number().int().min(1).max(500).default(50),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageOf(Change) } },
    },
    ...errorResponses,
  },
});

const exportAll = createRoute({
  method: 'get',
  path: '/api/v1/audit-log/export',
  operationId: 'exportAuditLog',
  summary: 'All of it, newest first, one JSON object a line',
  responses: {
    200: {
      description: 'Lines like the items of the list.',
      content: { 'application/x-ndjson': { schema: z.string() } },
    },
    ...errorResponses,
  },
});

function toWire(row: AuditRow): z.infer<typeof Change> {
  const { type, userId, requestId, address } = row.actor;
  return {
    ...{ id: row.id, at: row.at.toISOString(), action: row.action },
    actor: {
      type,
      userId: userId ?? null,
      name: row.actorName,
      requestId: requestId ?? null,
      address: address ?? null,
    },
    subjectKind: row.subjectKind,
    subjectId: row.subjectId,
    changes: changesBetween(flat(row.before), flat(row.after)),
  };
}

/** A policy's or calendar's definition is compared field by field. */
function flat(row: unknown): Record<string, unknown> {
  const { definition, ...rest } = (row ?? {}) as Record<string, unknown>;
  return { ...rest, ...(definition as Record<string, unknown> | undefined) };
}

/** Reading and exporting. */
export function registerAudit(app: App, deps: ApiDeps): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const rows = await listAudit(deps.sql, {
      ...filterOf(filter),
      ...{ limit, beforeId: cursor === undefined ? null : Number(cursor) },
    });
    const last = rows.at(-1);
    const nextCursor = rows.length === limit && last !== undefined ? String(last.id) : null;
    return c.json({ items: rows.map(toWire), nextCursor }, 200);
  });
  app.openapi(exportAll, async (c) => {
    c.header('content-type', 'application/x-ndjson');
    c.header('content-disposition', 'attachment; filename="audit-log.ndjson"');
    // A stream is a plain Response, which the typed route cannot describe.
    return stream(c, async (out) => {
      let beforeId: number | null = null;
      for (;;) {
        const page: AuditRow[] = await listAudit(deps.sql, {
          ...filterOf({}),
          ...{ limit: EXPORT_PAGE, beforeId },
        });
        for (const row of page) await out.writeln(JSON.stringify(toWire(row)));
        beforeId = page.at(-1)?.id ?? null;
        if (page.length < EXPORT_PAGE || out.aborted) return;
      }
    }) as never;
  });
}

function filterOf(filter: {
  subjectKind?: string | undefined;
  subjectId?: string | undefined;
  userId?: string | undefined;
}): { subjectKind: string | null; subjectId: string | null; userId: string | null } {
  const { subjectKind = null, subjectId = null, userId = null } = filter;
  return { subjectKind, subjectId, userId };
}
