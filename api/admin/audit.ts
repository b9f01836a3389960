// The audit log as admins read and export it. It only grows: there is no route that changes it, and Postgres refuses one.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import { inNameOf, listAudit, listNames } from '#db/audit.ts';
import type { AuditActor, AuditRow } from '#db/audit.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ApiDeps, App, AppEnv } from '../app-env.ts';
import { remoteAddress } from '../guard.ts';
import { changesBetween, FieldChange } from './changes.ts';
import { At, errorResponses, pageOf, text, Uuid } from '../schemas.ts';

const EXPORT_PAGE = 500;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

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
    subjectName: z.string().nullable().openapi({
      description: 'How it is called now; of a team’s member: the team and the person.',
    }),
    action: z.enum(['created', 'changed', 'removed']),
    changes: z.array(FieldChange).openapi({
      description: 'Fields by their names in the API; of the settings each that changed.',
    }),
    names: z.record(z.string(), z.string()).openapi({
      description:
        'Present names of the people, teams, policies and other things whose ids `changes` hold, by id.',
    }),
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

/** Rows as JSON, with the names of what they speak of. */
async function toWire(sql: SqlPool, rows: readonly AuditRow[]): Promise<z.infer<typeof Change>[]> {
  const lines = rows.map(lineOf);
  const names = await listNames(sql, [...new Set(lines.flatMap((line) => idsIn(line)))]);
  return lines.map((line) => {
    const known = idsIn(line.changes).flatMap((id): [string, string][] => {
      const name = names.get(id);
      return name === undefined ? [] : [[id, name]];
    });
    const called = idsIn(line.subjectId).flatMap((id) => names.get(id) ?? []);
    return {
      ...line,
      subjectName: called.length === 0 ? null : called.join(': '),
      names: Object.fromEntries(known),
    };
  });
}

function idsIn(value: unknown): string[] {
  return [...new Set(JSON.stringify(value).match(UUID))];
}

function lineOf(row: AuditRow): Omit<z.infer<typeof Change>, 'subjectName' | 'names'> {
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
    changes: changesBetween(fieldsOf(row, row.before), fieldsOf(row, row.after)),
  };
}

/** Columns whose content is a thing's own fields: a policy's or calendar's definition, what the desk or a pipeline has set. */
const SPREAD: Record<string, string> = {
  ...{ slaPolicy: 'definition', calendar: 'definition', settings: 'value', pipeline: 'settings' },
};

/** A stored row by the names people know its fields by; its own id stands in the line already. */
function fieldsOf({ subjectKind, subjectId }: AuditRow, row: unknown): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const spread = SPREAD[subjectKind];
  for (const [column, value] of Object.entries((row ?? {}) as Record<string, unknown>)) {
    if (column === spread || value === subjectId) continue;
    fields[column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  const inner =
    spread === undefined ? undefined : (row as Record<string, unknown> | null)?.[spread];
  return { ...fields, ...(inner as Record<string, unknown> | undefined) };
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
    return c.json({ items: await toWire(deps.sql, rows), nextCursor }, 200);
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
        for (const line of await toWire(deps.sql, page)) await out.writeln(JSON.stringify(line));
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
