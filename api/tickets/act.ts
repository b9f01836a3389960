// Commands of people on one ticket: PATCH and the small verbs. Each is one update of the ticket's workflow.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { listPipelines } from '#db/desk-rules.ts';
import { listChannels } from '#db/channels.ts';
import { findMissingReferences, insertTicketEdit } from '#db/tickets.ts';
import { HoldfastError } from '#domain/errors.ts';
import { carriedPipeline } from '#domain/ticket-rules.ts';
import type { TicketChange, TicketCommand } from '#domain/ticket-types.ts';
import type { ApiDeps, App, AppEnv } from '../app-env.ts';
import { mustBeAllowed } from '../access.ts';
import { requestUuid } from '../guard.ts';
import {
  errorResponses,
  Fields,
  Instant,
  MAX_VERSION,
  Priority,
  Tag,
  text,
  TicketIdParam,
  TicketSchema,
  Uuid,
} from '../schemas.ts';
import { requireSight, showChanged } from './show.ts';

const Patch = z
  .strictObject({
    subject: text(998, 1).optional(),
    status: text(64, 1).optional(),
    priority: Priority.optional(),
    assigneeId: Uuid.nullable().optional(),
    teamId: Uuid.nullable().optional(),
    pipelineId: Uuid.optional(),
    tags: z.array(Tag).max(100).optional(),
    fields: Fields.optional(),
    override: z.literal(true).optional().openapi({
      description:
        'With the permission ticket.override: the status may be one that the pipeline’s moves forbid.',
    }),
    version: z.number().int().min(0).max(MAX_VERSION).optional(),
  })
  .openapi('TicketPatch', {
    description: 'An absent field stays, null clears it.',
    example: { status: 'closed' },
  });

const ticketAnswer = {
  200: {
    description: 'The ticket as it is now.',
    content: { 'application/json': { schema: TicketSchema } },
  },
  ...errorResponses,
};

const patchRoute = createRoute({
  method: 'patch',
  path: '/api/v1/tickets/{id}',
  operationId: 'patchTicket',
  summary: 'Change a ticket',
  request: {
    params: TicketIdParam,
    headers: z.object({
      'if-match': z
        .string()
        .regex(/^"?\d{1,9}"?$/)
        .optional(),
    }),
    body: { required: true, content: { 'application/json': { schema: Patch } } },
  },
  responses: ticketAnswer,
});

function verbRoute<T extends z.ZodType>(verb: string, summary: string, schema: T) {
  return createRoute({
    method: 'post',
    path: `/api/v1/tickets/{id}/${verb}`,
    operationId: `${verb}Ticket`,
    summary,
    request: {
      params: TicketIdParam,
      body: { required: true, content: { 'application/json': { schema } } },
    },
    responses: ticketAnswer,
  });
}

const snoozeRoute = verbRoute(
  'snooze',
  'Snooze until a time or the next reply; until null wakes the ticket',
  z.strictObject({ until: Instant.nullable().optional(), untilReply: z.boolean().optional() }),
);
const spamRoute = verbRoute(
  'spam',
  'Mark as spam, or not',
  z.strictObject({ spam: z.boolean().default(true) }),
);
const followRoute = verbRoute(
  'follow',
  'Follow, or stop following; userId has somebody else do so',
  z.strictObject({ follow: z.boolean().default(true), userId: Uuid.optional() }),
);
const unfollowRoute = createRoute({
  method: 'delete',
  path: '/api/v1/tickets/{id}/follow',
  operationId: 'unfollowTicket',
  summary: 'Stop following',
  request: { params: TicketIdParam },
  responses: ticketAnswer,
});
/** Where a ticket is to be; what is absent stays. */
export const MoveInput = z.strictObject({
  teamId: Uuid.nullable().optional(),
  pipelineId: Uuid.optional(),
  status: text(64, 1).optional(),
  channelId: Uuid.optional(),
});
const moveRoute = verbRoute('move', 'Move to another team, pipeline or mailbox', MoveInput);

/** Runs one command of the caller and answers the ticket as it is then. */
export async function runCommand(
  deps: ApiDeps,
  c: Context<AppEnv>,
  ticketId: number,
  command: TicketCommand,
): Promise<z.infer<typeof TicketSchema>> {
  await deps.gateway.act({
    ticketId,
    requestId: requestUuid(c, command.type),
    actor: { type: 'user', userId: c.get('caller').userId },
    command,
  });
  return await showChanged(deps, c.get('access'), ticketId);
}

export function registerActOnTickets(app: App, deps: ApiDeps): void {
  app.openapi(patchRoute, async (c) => {
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const ifMatch = c.req.valid('header')['if-match']?.replaceAll('"', '');
    const expected = ifMatch === undefined ? body.version : Number(ifMatch);
    await requireSight(deps, c.get('access'), id);
    const { version: _version, ...fields } = body;
    mustBeAllowedTo(c, fields);
    const command = await changeOf(deps, c, id, body);
    return c.json(
      await runCommand(
        deps,
        c,
        id,
        expected === undefined ? command : { ...command, expectVersion: expected },
      ),
      200,
    );
  });

  app.openapi(snoozeRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const { until, untilReply } = c.req.valid('json');
    const wakes = until === null && untilReply !== true;
    const untilMs = until === undefined || until === null ? null : Date.parse(until);
    const command: TicketCommand = wakes
      ? { type: 'unsnooze' }
      : { type: 'snooze', untilMs, untilReply: untilReply ?? false };
    return c.json(await runCommand(deps, c, id, command), 200);
  });

  app.openapi(spamRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    return c.json(
      await runCommand(deps, c, id, { type: 'setSpam', spam: c.req.valid('json').spam }),
      200,
    );
  });

  app.openapi(followRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const { follow, userId: somebody } = c.req.valid('json');
    const userId = somebody?.toLowerCase() ?? c.get('caller').userId;
    await requireFollower(deps, userId, follow);
    return c.json(await runCommand(deps, c, id, { type: 'follow', userId, follow }), 200);
  });

  app.openapi(unfollowRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const { userId } = c.get('caller');
    return c.json(await runCommand(deps, c, id, { type: 'follow', userId, follow: false }), 200);
  });

  app.openapi(moveRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireSight(deps, c.get('access'), id);
    const change = await moveChange(deps, c, id, c.req.valid('json'));
    return c.json(await runCommand(deps, c, id, change), 200);
  });
}

/** A move as the ticket is told of it; refuses places that are not there. */
export async function moveChange(
  deps: ApiDeps,
  c: Context<AppEnv>,
  id: number,
  { teamId, pipelineId, status, channelId }: z.infer<typeof MoveInput>,
): Promise<TicketChange> {
  // Whoever works in the old team does not follow the ticket into the new one.
  const change = await changeOf(deps, c, id, {
    ...(pipelineId === undefined ? {} : { pipelineId }),
    ...(status === undefined ? {} : { status }),
    ...(teamId === undefined ? {} : { teamId, assigneeId: null }),
  });
  if (channelId !== undefined) change.channelId = await requireMailbox(deps, channelId);
  return change;
}

/** Somebody who has left may stop following, and not begin. */
async function requireFollower(deps: ApiDeps, userId: string, follow: boolean): Promise<void> {
  if (!follow) return;
  if ((await findMissingReferences(deps.sql, { userId })).length === 0) return;
  throw new HoldfastError('unknownReference', 'There is no such user.', {
    errors: [{ pointer: '/userId', message: 'unknown or inactive' }],
  });
}

/** Replies leave from the mailbox a ticket is in: it must be one that sends. */
export async function requireMailbox(deps: ApiDeps, id: string): Promise<string> {
  const channel = (await listChannels(deps.sql)).find((one) => one.id === id);
  if (channel?.kind === 'email' && channel.enabled) return channel.id;
  throw new HoldfastError('unknownReference', 'There is no such mailbox, or it is switched off.', {
    errors: [{ pointer: '/channelId', message: 'unknown or switched off' }],
  });
}

/** Which permissions a change asks for, by its fields. */
export function mustBeAllowedTo(
  c: Context<AppEnv>,
  { assigneeId, teamId, override, ...rest }: TicketPlace & { override?: true | undefined },
): void {
  if (assigneeId !== undefined || teamId !== undefined) mustBeAllowed(c, 'ticket.assign');
  if (override === true) mustBeAllowed(c, 'ticket.override');
  if (Object.values(rest).some((value) => value !== undefined)) mustBeAllowed(c, 'ticket.edit');
}

interface TicketPlace {
  assigneeId?: string | null | undefined;
  teamId?: string | null | undefined;
}

async function changeOf(
  deps: ApiDeps,
  c: Context<AppEnv>,
  ticketId: number,
  body: z.infer<typeof Patch>,
): Promise<TicketChange> {
  const missing = await findMissingReferences(deps.sql, {
    userId: body.assigneeId ?? null,
    teamId: body.teamId ?? null,
  });
  if (missing.length > 0) {
    throw new HoldfastError(
      'unknownReference',
      'The request names something that does not exist.',
      {
        errors: missing.map((name) => ({ pointer: `/${name}`, message: 'unknown or inactive' })),
      },
    );
  }
  const change: TicketChange = { type: 'change' };
  if (body.override === true) change.override = true;
  if (body.status !== undefined) change.status = body.status;
  if (body.priority !== undefined) change.priority = body.priority;
  if (body.assigneeId !== undefined) change.assigneeId = body.assigneeId;
  if (body.teamId !== undefined) change.teamId = body.teamId;
  if (body.tags !== undefined) change.tags = body.tags;
  if (body.pipelineId !== undefined) {
    const pipeline = (await listPipelines(deps.sql)).find(({ id }) => id === body.pipelineId);
    if (pipeline === undefined) {
      throw new HoldfastError('unknownReference', 'There is no such pipeline.', {
        errors: [{ pointer: '/pipelineId', message: 'unknown' }],
      });
    }
    change.pipeline = carriedPipeline(pipeline);
  }
  if (body.subject !== undefined || body.fields !== undefined) {
    const editId = requestUuid(c, 'edit');
    await insertTicketEdit(deps.sql, {
      id: editId,
      ticketId,
      subject: body.subject ?? null,
      fields: body.fields ?? null,
    });
    const names = Object.keys(body.fields ?? {}).length > 0 ? ['fields'] : [];
    change.edit = {
      editId,
      fields: [...(body.subject === undefined ? [] : ['subject']), ...names],
    };
  }
  return change;
}
