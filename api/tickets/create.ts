// POST /tickets: stores the ticket and what creates its workflow in one transaction, then waits until it is routed. With Temporal
// down the ticket is stored all the same, at version 0: the relay starts it later.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { upsertContactByPhone, upsertRequester } from '#db/contacts.ts';
import { insertInboundMessage, insertNewTicket } from '#db/inbound.ts';
import { forgetRelayBirth } from '#db/relay.ts';
import { findMissingReferences } from '#db/tickets.ts';
import { listPipelines } from '#db/desk-rules.ts';
import type { SqlPool } from '#db/sql.ts';
import type { Pipeline } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { creationStatuses, namesOf, statusById } from '#domain/pipeline.ts';
import type { ApiDeps, App, AppEnv } from '../app-env.ts';
import { makeTicketOnce } from '../guard.ts';
import {
  IdempotencyKey,
  errorResponses,
  Fields,
  Priority,
  Tag,
  text,
  TicketSchema,
  Uuid,
} from '../schemas.ts';
import { mustBeAllowed } from '../access.ts';
import { showChanged } from './show.ts';

const NewTicket = z
  .strictObject({
    subject: text(998, 1),
    body: text(500_000).optional(),
    requester: z
      .strictObject({
        email: z.email().max(320).optional(),
        phone: text(50, 3).optional(),
        name: text(200, 1).optional(),
      })
      .refine(({ email, phone, name }) => email ?? phone ?? name, 'email, phone or name is needed'),
    channel: z.enum(['email', 'api', 'form']).optional(),
    priority: Priority.optional(),
    pipelineId: Uuid.optional(),
    status: text(64, 1).optional(),
    teamId: Uuid.optional(),
    assigneeId: Uuid.optional(),
    tags: z.array(Tag).max(100).optional(),
    fields: Fields.optional(),
  })
  .openapi('NewTicket', {
    example: {
      subject: 'Printer on fire',
      body: 'Please help',
      requester: { email: 'ann@example.org' },
    },
  });

const route = createRoute({
  method: 'post',
  path: '/api/v1/tickets',
  operationId: 'createTicket',
  summary: 'Create a ticket',
  request: {
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewTicket } } },
  },
  responses: {
    201: {
      description: 'The ticket, routed.',
      content: { 'application/json': { schema: TicketSchema } },
    },
    ...errorResponses,
  },
});

export function registerCreateTicket(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const body = c.req.valid('json');
    if (body.teamId !== undefined || body.assigneeId !== undefined)
      mustBeAllowed(c, 'ticket.assign');
    await checkReferences(deps.sql, body);
    const id = await store(deps, c, body);
    if (await deps.gateway.open(id)) forgetRelayBirth(deps.sql, id);
    return c.json(await showChanged(deps, c.get('access'), id), 201);
  });
}

type Body = z.infer<typeof NewTicket>;

async function checkReferences(sql: SqlPool, body: Body): Promise<void> {
  const missing: string[] = await findMissingReferences(sql, {
    userId: body.assigneeId ?? null,
    teamId: body.teamId ?? null,
  });
  if (body.pipelineId !== undefined || body.status !== undefined) {
    const pipelines = await listPipelines(sql);
    const pipeline =
      body.pipelineId === undefined
        ? pipelines[0]
        : pipelines.find(({ id }) => id === body.pipelineId);
    if (pipeline === undefined) missing.push('pipelineId');
    else if (body.status !== undefined) checkStatus(pipeline, body.status);
  }
  if (missing.length > 0) {
    throw new HoldfastError(
      'unknownReference',
      'The request names something that does not exist.',
      {
        errors: missing.map((name) => ({ pointer: `/${name}`, message: 'unknown or inactive' })),
      },
    );
  }
}

function checkStatus(pipeline: Pipeline, status: string): void {
  if (statusById(pipeline, status) === undefined) {
    throw new HoldfastError('unknownStatus', `The pipeline has no status "${status}".`, {
      errors: [{ pointer: '/status', message: 'unknown status' }],
    });
  }
  const allowed = creationStatuses(pipeline);
  if (allowed.some(({ id }) => id === status)) return;
  throw new HoldfastError(
    'statusNotAllowed',
    `A ticket cannot be created in "${status}". Allowed: ${namesOf(allowed)}.`,
    { errors: [{ pointer: '/status', message: 'not allowed at creation' }] },
  );
}

async function store(deps: ApiDeps, c: Context<AppEnv>, body: Body): Promise<number> {
  const createdAt = new Date(deps.clock());
  const language = await deps.detectLanguage(`${body.body ?? ''}\n${body.subject}`);
  return await makeTicketOnce(c, deps.sql, async (tx, keep) => {
    const { email, phone = null, name = null } = body.requester;
    const contact =
      email === undefined
        ? await upsertContactByPhone(tx, phone, name)
        : await upsertRequester(tx, { email: email.toLowerCase(), phone, name });
    const { status, teamId, assigneeId } = body;
    const birth = {
      ...(status === undefined ? {} : { status }),
      ...(teamId === undefined ? {} : { teamId }),
      ...(assigneeId === undefined ? {} : { assigneeId }),
    };
    const id = await insertNewTicket(tx, {
      subject: body.subject,
      ...(body.priority === undefined ? {} : { priority: body.priority }),
      requesterId: contact.id,
      companyId: contact.companyId,
      channel: body.channel ?? 'api',
      channelId: null,
      pipelineId: body.pipelineId ?? null,
      tags: [...new Set(body.tags)],
      fields: body.fields ?? {},
      language,
      birth,
      createdAt,
      startsItself: true,
    });
    await keep(id);
    if (body.body !== undefined) {
      await insertInboundMessage(tx, {
        ...{ ticketId: id, contactId: contact.id, channelId: null, automatic: false, createdAt },
        ...{ subject: body.subject, body: body.body, bodyHtml: null, quoted: null },
        ...{ from: email?.toLowerCase() ?? null, to: [], cc: [] },
        ...{ messageIdHeader: null, inReplyTo: null, references: [] },
      });
    }
    return id;
  });
}
