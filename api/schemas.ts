// Schemas shared by routes: what comes in, what goes out, and the errors every route declares.
import { z } from '@hono/zod-openapi';
import { PRIORITIES, GOAL_NAMES } from '#domain/desk.ts';

export const Uuid = z.uuid();
export const Instant = z.iso.datetime({ offset: true });
export const Priority = z.enum(PRIORITIES);
/** An instant in answers: ISO, UTC, with Z. */
export const At = z.iso.datetime();
const NullableInstant = At.nullable();

export const ProblemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
    ticketId: z.number().int().optional(),
    current: z.unknown().optional().openapi({
      description: 'Of a draft that was saved elsewhere: how it stands now; null when it is gone.',
    }),
  })
  .openapi('Problem');

/** What a status means. */
export const Category = z.enum(['new', 'open', 'waiting', 'closed']);
/** Where a ticket or message came from. */
export const ChannelKind = z.enum(['email', 'api', 'form']);
/** The next instant a ticket acts by itself, and why. */
export const WakeSchema = z.strictObject({ at: At, reason: z.string() });

/** One page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

const problemContent = { 'application/problem+json': { schema: ProblemSchema } };

const retryAfter = z.object({ 'Retry-After': z.string().openapi({ description: 'Seconds.' }) });

/** The error responses every route may give. */
export const errorResponses = {
  400: { description: 'The request cannot be read.', content: problemContent },
  401: {
    description: 'No valid API key.',
    headers: z.object({ 'WWW-Authenticate': z.string() }),
    content: problemContent,
  },
  403: { description: 'The caller may not do this.', content: problemContent },
  404: { description: 'No such thing, or the caller may not know of it.', content: problemContent },
  409: { description: 'It clashes with the present state.', content: problemContent },
  413: { description: 'The body is too large.', content: problemContent },
  415: { description: 'The body is not JSON.', content: problemContent },
  422: { description: 'A field is invalid; `errors` says which.', content: problemContent },
  429: { description: 'Too many requests.', headers: retryAfter, content: problemContent },
  500: { description: 'A fault of ours.', content: problemContent },
  503: {
    description: 'Temporal or Postgres does not answer; try again.',
    headers: retryAfter,
    content: problemContent,
  },
} as const;

const Goal = z
  .strictObject({
    state: z.enum(['active', 'dueSoon', 'overdue', 'completedOnTime', 'completedLate']),
    dueAt: NullableInstant,
    completedAt: NullableInstant,
    breachedAt: NullableInstant,
  })
  .openapi('SlaGoal');

export const SlaSchema = z.strictObject({
  policyId: z.string().nullable(),
  policyVersion: z.number().int().nullable(),
  policyName: z.string().nullable().optional().openapi({ description: 'Not in lists.' }),
  why: z
    .array(z.string())
    .optional()
    .openapi({ description: 'Conditions that matched, by field and operator. Not in lists.' }),
  paused: z.boolean(),
  goals: z.strictObject({
    firstReply: Goal.nullable(),
    nextReply: Goal.nullable(),
    close: Goal.nullable(),
  }),
  mostUrgent: z.enum(GOAL_NAMES).nullable(),
});

/** Where a rule's ticket is offered when nobody took it in time; the seconds count from when it began to wait. */
export const FallbackStepSchema = z.strictObject({
  afterSeconds: z
    .number()
    .int()
    .min(1)
    .max(366 * 86_400),
  to: z.union([z.literal('team'), z.strictObject({ teamId: Uuid })]),
});

export const RoutingSchema = z
  .strictObject({
    ruleId: z.string().nullable(),
    ruleName: z.string().nullable(),
    ruleVersion: z.number().int().nullable(),
    teamId: z.string().nullable(),
    userId: z.string().nullable(),
    reason: z.string(),
    at: At,
    fallback: z
      .strictObject({
        steps: z.array(FallbackStepSchema),
        taken: z.number().int(),
        waitsSince: At,
      })
      .nullable(),
  })
  .nullable();

export const TicketSchema = z
  .strictObject({
    id: z.number().int(),
    subject: z.string(),
    status: z.string(),
    category: Category,
    pipelineId: z.string(),
    priority: Priority,
    requester: z.strictObject({
      id: z.string(),
      email: z.string().nullable(),
      phone: z.string().nullable(),
      name: z.string().nullable(),
    }),
    assigneeId: z.string().nullable(),
    teamId: z.string().nullable(),
    channel: ChannelKind,
    tags: z.array(z.string()),
    fields: z.record(z.string(), z.unknown()),
    followers: z.array(z.string()),
    following: z
      .boolean()
      .optional()
      .openapi({ description: 'Whether the caller follows it. Not in lists.' }),
    sla: SlaSchema,
    routing: RoutingSchema,
    escalationLevel: z.number().int(),
    snoozedUntil: NullableInstant,
    snoozedUntilReply: z.boolean(),
    mergedIntoId: z.number().int().nullable(),
    followUpOfId: z.number().int().nullable(),
    followUps: z.array(z.number().int()),
    splitFromId: z.number().int().nullable(),
    spam: z.boolean(),
    version: z.number().int(),
    nextWake: WakeSchema.nullable(),
    createdAt: At,
    updatedAt: At,
    closedAt: NullableInstant,
    workflow: z.strictObject({ id: z.string(), url: z.string() }),
  })
  .openapi('Ticket');

export const MessageSchema = z
  .strictObject({
    id: z.string(),
    ticketId: z.number().int(),
    kind: z.enum(['inbound', 'reply', 'note', 'forward']),
    state: z.enum(['received', 'posted', 'queued', 'sending', 'sent', 'failed', 'cancelled']),
    authorUserId: z.string().nullable(),
    authorContactId: z.string().nullable(),
    automatic: z.boolean(),
    subject: z.string().nullable(),
    body: z.string(),
    bodyHtml: z.string().nullable(),
    quoted: z.string().nullable(),
    from: z.string().nullable(),
    to: z.array(z.string()),
    cc: z.array(z.string()),
    bcc: z.array(z.string()).openapi({ description: 'Shown to the desk alone.' }),
    sendAt: NullableInstant,
    sentAt: NullableInstant,
    failure: z.strictObject({ code: z.string(), text: z.string() }).nullable(),
    createdAt: At,
    attachments: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        contentType: z.string(),
        sizeBytes: z.number().int(),
        inline: z.boolean(),
        contentId: z.string().nullable().openapi({
          description: 'What `cid:` addresses in bodyHtml name, without angle brackets.',
        }),
      }),
    ),
  })
  .openapi('Message');

/** What somebody has typed for a ticket and not sent. */
export const DraftSchema = z
  .strictObject({
    ticketId: z.number().int(),
    kind: z.enum(['reply', 'note', 'forward']),
    revision: z.number().int(),
    body: z.string(),
    bodyHtml: z.string().nullable(),
    to: z.array(z.string()),
    cc: z.array(z.string()).nullable(),
    bcc: z.array(z.string()),
    mentions: z.array(z.string()),
    status: z.string().nullable(),
    channelId: z.string().nullable(),
    messageId: z.string().nullable(),
    attachments: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        contentType: z.string(),
        sizeBytes: z.number().int(),
      }),
    ),
    updatedAt: At,
  })
  .openapi('Draft');

export const TicketIdParam = z.object({
  id: z.coerce
    .number()
    .int()
    .positive()
    .max(Number.MAX_SAFE_INTEGER)
    .openapi({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});
export const UuidParam = z.object({ id: Uuid });
/** What Postgres takes as an integer. */
export const MAX_VERSION = 2_147_483_647;
/** The version an edit was made from: the save is refused when another one came between. */
export const IfMatch = z.object({
  'if-match': z
    .string()
    .regex(/^"?\d{1,9}"?$/)
    .optional(),
});
/** The same in the body. */
export const ReadVersion = z.number().int().positive().max(MAX_VERSION).optional();
/** The header under which a POST that creates may be repeated: the thing is made once, and the answer is the same. */
export const IdempotencyKey = z.object({
  'idempotency-key': z.string().min(1).max(200).optional(),
});

/** The version a caller read, by header or body; null when they do not care. */
export function expectedVersion(header: string | undefined, body: unknown): number | null {
  if (header !== undefined) return Number(header.replaceAll('"', ''));
  return (body as { version?: number | undefined }).version ?? null;
}

/** Text without NUL, which Postgres cannot store. */
export const text = (max: number, min = 0) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'must be well-formed text without NUL',
    );

export const Tag = text(100, 1);
/** Custom fields: up to 100 names, scalars or lists of text. */
export const Fields = z
  .record(
    text(100, 1),
    z.union([text(10_000), z.number(), z.boolean(), z.null(), z.array(text(1_000)).max(100)]),
  )
  .refine((value) => Object.keys(value).length <= 100, 'at most 100 fields');

/** What is wrong with a condition's value: one that is missing or empty would hold for every ticket, or for none, unnoticed. */
function conditionFault(op: string, value: unknown): string | null {
  if (op === 'isSet' || op === 'isNotSet') return null;
  if (value === undefined || value === null || value === '') {
    return `"${op}" needs a value; an absent one is asked for by "isNotSet"`;
  }
  const wantsList = op === 'in' || op === 'notIn';
  if (!Array.isArray(value)) return wantsList ? `"${op}" takes a list` : null;
  if (!wantsList) return `"${op}" takes one value; lists go with "in"`;
  return value.length === 0 ? 'the list is empty' : null;
}

export const ConditionSchema = z
  .strictObject({
    field: z
      .string()
      .regex(
        /^(channel|mailbox|subject|body|requesterEmail|requesterDomain|companyId|language|priority|tags|teamId|assigneeId|pipelineId|status|fields\..{1,100})$/,
        'is no field of a ticket; there are channel, mailbox, subject, body, requesterEmail, requesterDomain, companyId, language, priority, ' +
          'tags, teamId, assigneeId, pipelineId, status and fields.<name>',
      ),
    op: z.enum([
      'is',
      'isNot',
      'in',
      'notIn',
      'contains',
      'notContains',
      'startsWith',
      'isSet',
      'isNotSet',
    ]),
    value: z
      .union([text(1_000), z.number(), z.boolean(), z.array(text(1_000)).max(200), z.null()])
      .optional(),
  })
  .superRefine(({ op, value }, context) => {
    const message = conditionFault(op, value);
    if (message !== null) context.addIssue({ code: 'custom', path: ['value'], message });
  })
  .openapi('Condition');
