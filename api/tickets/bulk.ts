// One change of many tickets: a job stored with its tickets and the debt to start its workflow, in one transaction. Temporal may be
// away meanwhile; the relay starts the job when it is back. Who asked for a job, and admins, see it; nobody else.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  cancelBulkJob,
  findBulkJob,
  insertBulkJob,
  insertBulkTicketIds,
  insertBulkTicketsByFilter,
  listBulkFailures,
} from '#db/bulk.ts';
import { findMissingReferences } from '#db/tickets.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { TicketChange, TicketCommand } from '#domain/ticket-types.ts';
import type { ApiDeps, App, AppEnv } from '../app-env.ts';
import { mustBeAllowed } from '../access.ts';
import { requestUuid } from '../guard.ts';
import {
  IdempotencyKey,
  errorResponses,
  Instant,
  Priority,
  Tag,
  text,
  Uuid,
  UuidParam,
} from '../schemas.ts';
import type { ViewConditions } from '#domain/view-conditions.ts';
import { ViewConditionsSchema } from '../views/schemas.ts';
import { mustBeAllowedTo } from './act.ts';
import { readFilter, TicketFilterFields } from './filter.ts';

const MAX_IDS = 1_000;
const MAX_FOUND = 10_000;
const MAX_FAILURES_SHOWN = 1_000;

const Tags = z.array(Tag).min(1).max(20);
const Change = z
  .strictObject({
    status: text(64, 1).optional(),
    close: z.literal(true).optional(),
    priority: Priority.optional(),
    assigneeId: Uuid.nullable().optional(),
    teamId: Uuid.nullable().optional(),
    addTags: Tags.optional(),
    removeTags: Tags.optional(),
    override: z.literal(true).optional(),
  })
  .refine((change) => Object.keys(change).some((key) => key !== 'override'), 'names no change')
  .refine(({ status, close }) => status === undefined || close === undefined, 'status or close')
  .openapi('BulkChange', { minProperties: 1 });
const Command = z
  .union([
    Change,
    z.strictObject({ spam: z.boolean() }),
    z.strictObject({ follow: z.boolean() }),
    z.strictObject({ snoozeUntil: Instant.nullable() }),
  ])
  .openapi('BulkCommand', {
    description:
      '`close` moves each ticket to the first closed status of its own pipeline. `override`, with the permission ticket.override, ' +
      'lets a status be one that the pipeline’s moves forbid. `snoozeUntil` null wakes.',
  });
const Filter = z
  .strictObject({ ...TicketFilterFields, conditions: ViewConditionsSchema.optional() })
  .refine((filter) => Object.keys(filter).length > 0, 'names nothing to look for')
  .openapi('BulkFilter', { minProperties: 1 });
const TicketId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const NewJob = z
  .union([
    z.strictObject({ ids: z.array(TicketId).min(1).max(MAX_IDS), command: Command }),
    z.strictObject({ filter: Filter, command: Command }),
  ])
  .openapi('NewBulkJob', { example: { ids: [1, 2, 3], command: { priority: 'high' } } });

const Job = z
  .strictObject({
    id: z.string(),
    state: z.enum(['running', 'cancelling', 'finished', 'cancelled']),
    total: z.number().int(),
    done: z.number().int(),
    failed: z.number().int(),
    failures: z
      .array(z.strictObject({ ticketId: z.number().int(), code: z.string(), detail: z.string() }))
      .openapi({ description: `The first ${MAX_FAILURES_SHOWN} of them, with the reason.` }),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
    workflow: z.strictObject({ id: z.string(), url: z.string() }),
  })
  .openapi('BulkJob');
const jobContent = { 'application/json': { schema: Job } };

const createBulk = createRoute({
  method: 'post',
  path: '/api/v1/tickets/bulk',
  operationId: 'createBulkJob',
  summary: 'Change many tickets: those of the ids, or those a filter finds now',
  request: {
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewJob } } },
  },
  responses: {
    202: { description: 'The job; ask for it again to see its progress.', content: jobContent },
    ...errorResponses,
  },
});
const getBulk = createRoute({
  method: 'get',
  path: '/api/v1/tickets/bulk/{id}',
  operationId: 'getBulkJob',
  summary: 'How far a bulk change has come, and which tickets it could not change',
  request: { params: UuidParam },
  responses: { 200: { description: 'The job.', content: jobContent }, ...errorResponses },
});
const cancelBulk = createRoute({
  method: 'delete',
  path: '/api/v1/tickets/bulk/{id}',
  operationId: 'cancelBulkJob',
  summary: 'Stop a bulk change; what it has changed stays changed',
  request: { params: UuidParam },
  responses: {
    200: { description: 'The job, stopping or ended already.', content: jobContent },
    ...errorResponses,
  },
});

export function registerBulk(app: App, deps: ApiDeps): void {
  app.openapi(createBulk, async (c) => {
    const body = c.req.valid('json');
    const { userId } = c.get('caller');
    refuseCommand(c, body.command);
    const command = await commandOf(deps, userId, body.command);
    const id = requestUuid(c, 'bulk');
    await deps.sql.begin(async (tx) => {
      if (!(await insertBulkJob(tx, { id, askedBy: userId, command }))) return;
      if ('ids' in body) {
        await insertBulkTicketIds(tx, c.get('access'), id, body.ids);
        return;
      }
      const conditions = body.filter.conditions as ViewConditions | undefined;
      const ask = { ...body.filter, conditions };
      const { filter } = await readFilter(tx, c.get('access'), ask);
      const found = await insertBulkTicketsByFilter(tx, id, filter, MAX_FOUND + 1);
      if (found > MAX_FOUND) {
        throw new HoldfastError(
          'limitReached',
          `The filter finds more than ${MAX_FOUND} tickets; narrow it.`,
        );
      }
    });
    return c.json(await requireJob(deps, c, id), 202);
  });
  app.openapi(getBulk, async (c) =>
    c.json(await requireJob(deps, c, c.req.valid('param').id), 200),
  );
  app.openapi(cancelBulk, async (c) => {
    const { id } = c.req.valid('param');
    await requireJob(deps, c, id);
    await cancelBulkJob(deps.sql, id);
    return c.json(await requireJob(deps, c, id), 200);
  });
}

async function requireJob(
  deps: ApiDeps,
  c: Context<AppEnv>,
  id: string,
): Promise<z.infer<typeof Job>> {
  const job = await findBulkJob(deps.sql, id);
  const { userId, role } = c.get('access');
  if (job === undefined || (job.askedBy !== userId && role !== 'admin')) {
    throw new HoldfastError('notFound', 'There is no such job.');
  }
  return {
    ...{ id: job.id, state: job.state, total: job.total, done: job.done, failed: job.failed },
    failures: job.failed === 0 ? [] : await listBulkFailures(deps.sql, id, MAX_FAILURES_SHOWN),
    createdAt: job.createdAt.toISOString(),
    finishedAt: job.finishedAt?.toISOString() ?? null,
    workflow: deps.gateway.bulkWorkflow(id),
  };
}

/** What a bulk change does to one ticket, its asker must be allowed to do to one ticket. */
function refuseCommand(c: Context<AppEnv>, command: z.infer<typeof Command>): void {
  if ('spam' in command) mustBeAllowed(c, 'ticket.spam');
  else if ('follow' in command) mustBeAllowed(c, 'ticket.follow');
  else if ('snoozeUntil' in command) mustBeAllowed(c, 'ticket.edit');
  else mustBeAllowedTo(c, command);
}

async function commandOf(
  deps: ApiDeps,
  userId: string,
  command: z.infer<typeof Command>,
): Promise<TicketCommand> {
  if ('spam' in command) return { type: 'setSpam', spam: command.spam };
  if ('follow' in command) return { type: 'follow', userId, follow: command.follow };
  if ('snoozeUntil' in command) {
    if (command.snoozeUntil === null) return { type: 'unsnooze' };
    const untilMs = Date.parse(command.snoozeUntil);
    if (untilMs > deps.clock()) return { type: 'snooze', untilMs, untilReply: false };
    throw new HoldfastError('snoozeInPast', 'Tickets can only be snoozed until a later time.');
  }
  const missing = await findMissingReferences(deps.sql, {
    userId: command.assigneeId ?? null,
    teamId: command.teamId ?? null,
  });
  if (missing.length > 0) {
    throw new HoldfastError('unknownReference', 'The change names something that does not exist.', {
      errors: missing.map((name) => ({
        pointer: `/command/${name}`,
        message: 'unknown or inactive',
      })),
    });
  }
  const entries = Object.entries(command).filter(([, value]) => value !== undefined);
  return { type: 'change', ...Object.fromEntries(entries) } as TicketChange;
}
