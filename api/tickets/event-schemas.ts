// What the timeline and notices show of events, event by event, exactly. An event that domain/ticket-types.ts adds does not
// type-check until it stands here. Instants inside `data` are epoch milliseconds, as recorded.
import { z } from '@hono/zod-openapi';
import { NOTIFICATION_TOPICS } from '#domain/notifications.ts';
import type { TicketEvent } from '#domain/ticket-types.ts';
import { CarriedActions } from '#domain/sla-policy-schema.ts';
import { At, Category, FallbackStepSchema, Priority } from '../schemas.ts';

const Id = z.string();
const TicketNumber = z.number().int();
const Ms = z.number().int();
const GoalName = z.enum(['firstReply', 'nextReply', 'close']);
const Status = z.strictObject({ id: Id, name: z.string(), category: Category });

/** Who did something. */
export const ActorSchema = z
  .union([
    z.strictObject({ type: z.literal('user'), userId: Id }),
    z.strictObject({ type: z.literal('contact') }),
    z.strictObject({ type: z.literal('system'), cause: z.string() }),
  ])
  .openapi('Actor');

const Decision = z.strictObject({
  ruleId: Id.nullable(),
  ruleName: z.string().nullable(),
  ruleVersion: z.number().int().nullable().optional(),
  teamId: Id.nullable(),
  userId: Id.nullable(),
  reason: z.string(),
  atMs: Ms,
  fallback: z.array(FallbackStepSchema).optional(),
  stepsTaken: z.number().int().optional(),
  skillsDropped: z.boolean().optional(),
  waitsSinceMs: Ms.optional(),
});
const Send = z
  .strictObject({
    messageId: Id,
    kind: z.enum(['reply', 'forward', 'closeWarning']),
    acceptedAtMs: Ms,
    sendAtMs: Ms,
    scheduled: z.boolean(),
    statusAfter: z.string().nullable(),
    moved: z.strictObject({ from: z.string(), to: z.string() }).optional(),
  })
  .openapi('RecordedSend');
const Lease = z.strictObject({
  mergeId: Id,
  role: z.enum(['loser', 'survivor']),
  peerId: TicketNumber,
  untilMs: Ms,
});
const Absorbed = z.strictObject({
  mergeId: Id,
  ticketId: TicketNumber,
  atMs: Ms,
  tagsAdded: z.array(z.string()),
  followersAdded: z.array(Id),
  markAtMs: Ms.nullable(),
  moved: z.strictObject({ from: z.string(), to: z.string() }).optional(),
});
const Received = z.strictObject({
  type: z.literal('receiveMessage'),
  messageId: Id,
  atMs: Ms,
  automatic: z.boolean(),
  bouncedMessageId: Id.nullable().optional(),
  bouncePermanent: z.boolean().optional(),
  bounceFailed: z.boolean().optional(),
});

const Version = z.number().int().nullable();
const carried = {
  revision: z.number().int(),
  policyId: Id.nullable(),
  policyVersion: Version,
  calendarId: Id.nullable(),
  calendarVersion: Version,
};
const RulesCause = z
  .strictObject({
    kind: z.enum(['policySaved', 'calendarSaved', 'policyRemoved', 'ticketChanged', 'deskChanged']),
    id: Id.nullable(),
    name: z.string().nullable(),
    version: Version,
    savedAt: At.nullable(),
    savedBy: z.strictObject({ id: Id, name: z.string() }).nullable(),
    reason: z.string().nullable(),
  })
  .openapi('RulesCause', {
    description:
      'Why a ticket follows other rules: a policy or calendar was saved (which version, by whom, when and in whose words) or a policy ' +
      'removed; `ticketChanged`: something of the ticket itself fits another policy; `deskChanged`: a setting or pipeline was saved.',
  });
const RulesAdopted = z.strictObject({
  ...z.strictObject(carried).partial().shape,
  policyId: Id.nullable(),
  policyVersion: Version,
  policyName: z.string().nullable(),
  why: z.array(z.string()),
  before: z.strictObject(carried).optional().openapi({
    description: 'What the ticket carried before; absent in events of before this was recorded.',
  }),
  moved: z
    .array(z.strictObject({ goal: GoalName, beforeMs: Ms.nullable(), afterMs: Ms.nullable() }))
    .optional()
    .openapi({
      description:
        'Deadlines that moved, those of goals completed already included; null where there was or is none.',
    }),
  causes: z.array(RulesCause).optional().openapi({ description: 'In timelines only.' }),
});

const DATA = {
  created: z.strictObject({ status: z.string(), routing: Decision.nullable() }),
  statusChanged: z.strictObject({
    ...{ from: z.string(), to: z.string(), category: Category, cause: z.string() },
    atMs: Ms.optional(),
    override: z.literal(true).optional(),
  }),
  priorityChanged: z.strictObject({ from: Priority, to: Priority }),
  assigneeChanged: z.strictObject({
    ...{ from: Id.nullable(), to: Id.nullable(), cause: z.string(), reason: z.string().nullable() },
  }),
  assignmentDeclined: z.strictObject({ userId: Id }),
  routingWidened: z.strictObject({
    ...{ step: z.number().int(), to: FallbackStepSchema.shape.to, atMs: Ms, reason: z.string() },
  }),
  teamChanged: z.strictObject({ from: Id.nullable(), to: Id.nullable() }),
  channelChanged: z.strictObject({ from: Id.nullable(), to: Id }),
  pipelineChanged: z.strictObject({
    from: Id,
    pipeline: z.strictObject({ id: Id, statuses: z.array(Status) }),
  }),
  tagsChanged: z.strictObject({ added: z.array(z.string()), removed: z.array(z.string()) }),
  detailsEdited: z.strictObject({ editId: Id, fields: z.array(z.string()) }),
  messageReceived: z.strictObject({ messageId: Id, automatic: z.boolean(), atMs: Ms }),
  bounceReceived: z.strictObject({
    ...{ messageId: Id, bouncedMessageId: Id, permanent: z.boolean() },
    failed: z.boolean().optional(),
  }),
  messagePassedOn: z.strictObject({ ticketId: TicketNumber, message: Received }),
  replyAccepted: z.strictObject({ send: Send }),
  forwardAccepted: z.strictObject({ send: Send }),
  noteAdded: z.strictObject({ messageId: Id, mentions: z.array(Id).optional() }),
  closeWarned: z.strictObject({ send: Send }),
  sendRetried: z.strictObject({ send: Send }),
  sendUndone: z.strictObject({ messageId: Id }),
  deliverySucceeded: z.strictObject({ messageId: Id, atMs: Ms }),
  deliveryFailed: z.strictObject({ messageId: Id, code: z.string().nullable() }),
  snoozed: z.strictObject({ untilMs: Ms.nullable(), untilReply: z.boolean() }),
  unsnoozed: z.strictObject({ cause: z.string() }),
  spamChanged: z.strictObject({ spam: z.boolean() }),
  followersChanged: z.strictObject({ userId: Id, follows: z.boolean() }),
  messagesSplit: z.strictObject({ messageIds: z.array(Id), intoTicketId: TicketNumber }),
  rulesAdopted: RulesAdopted,
  goalDueSoon: z.strictObject({ goal: GoalName, key: z.string(), atMs: Ms }),
  goalBreached: z.strictObject({ goal: GoalName, key: z.string(), breachedAtMs: Ms }),
  escalated: z.strictObject({
    goal: GoalName,
    key: z.string(),
    atMs: Ms,
    actions: CarriedActions,
    repetition: z.number().int().optional(),
  }),
  mergeReserved: z.strictObject({ lease: Lease }),
  mergeReleased: z.strictObject({ mergeId: Id, cause: z.string() }),
  absorbed: z.strictObject({ absorbed: Absorbed }),
  unabsorbed: z.strictObject({ mergeId: Id, ticketId: TicketNumber }),
  mergedAway: z.strictObject({ mergeId: Id, intoTicketId: TicketNumber }),
  unmerged: z.strictObject({ mergeId: Id, fromTicketId: TicketNumber }),
  spamExpired: z.strictObject({}),
  ended: z.strictObject({}),
} satisfies Record<TicketEvent['type'], z.ZodType>;

/** The shapes of `data` by the event's type. */
export type EventShapes = typeof DATA;

const [created, ...others] = Object.entries(DATA).map(([type, data]) =>
  z.strictObject({
    ...{ ticketId: TicketNumber, seq: z.number().int(), at: At, type: z.literal(type) },
    ...{ actor: ActorSchema, data },
  }),
);
if (created === undefined) throw new Error('There are no events.');

/** An event of the timeline: `type` says what `data` holds. */
export const EventSchema = z.union([created, ...others]).openapi('TicketEvent');

/** What the message that a notice is about says of its failure now: the servers' own words. */
const Failure = z.strictObject({ code: z.string(), text: z.string() }).nullable();
const aboutTicket = {
  ...{
    id: Id,
    ticketId: TicketNumber,
    subject: z.string(),
    actor: z.union([ActorSchema, z.null()]),
  },
  ...{ topic: z.enum(NOTIFICATION_TOPICS).nullable(), failure: Failure },
  ...{ at: At, readAt: At.nullable() },
};
const [createdNotice, ...otherNotices] = Object.entries(DATA).map(([type, data]) =>
  z.strictObject({ ...aboutTicket, type: z.literal(type), data }),
);
if (createdNotice === undefined) throw new Error('There are no notices.');
const quarantineNotice = z.strictObject({
  ...{ id: Id, ticketId: z.null(), subject: z.null(), actor: z.null(), topic: z.null() },
  ...{ type: z.literal('mailQuarantined') },
  data: z.strictObject({ inboundId: Id, reason: z.string() }),
  ...{ failure: z.null(), at: At, readAt: At.nullable() },
});

/** A notice: the event somebody was told of, or mail that waits for a person. */
export const NoticeSchema = z
  .union([createdNotice, ...otherNotices, quarantineNotice])
  .openapi('Notice');
