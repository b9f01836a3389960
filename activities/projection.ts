// Writes the read model of a ticket and reads it back for a rebuild. Idempotent by fence and version: run as a local activity
// first and as a regular one when Postgres is slow. Nothing here leaves the desk.
import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { findRevision } from '#db/desk-rules.ts';
import { findMessage } from '#db/messages.ts';
import { findTicketSource, listTeamPeople, projectTicketRow } from '#db/ticket-projection.ts';
import type {
  MessageStateRow,
  NoticeRow,
  StepNoteRow,
  StepNoticeWrite,
  TicketSource,
} from '#db/ticket-projection.ts';
import type { SqlPool } from '#db/sql.ts';
import type { EscalationAction, TicketFacts, TicketRules } from '#domain/desk.ts';
import { isOvertaken } from '#domain/escalation.ts';
import { creationStatuses, statusById, statusOf, targetOn } from '#domain/pipeline.ts';
import { uuidOfHash } from '#domain/ids.ts';
import { topicOf } from '#domain/notifications.ts';
import { policiesAskFor } from '#domain/policy-choice.ts';
import { slaView } from '#domain/sla.ts';
import { birthEvents, record } from '#domain/ticket.ts';
import { newTicketState } from '#domain/ticket-evolve.ts';
import type { RecordedEvent, Ticket, TicketEvent, TicketState } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import { slaToWire } from '#domain/sla-wire.ts';
import { carriedVersions } from '#domain/rules-moved.ts';
import { rulesForTicket } from '#domain/ticket-rules.ts';
import { absentAssignee } from './availability.ts';
import type { DeskRulesCache } from './desk-rules.ts';
import { routeTicket } from './routing.ts';
import type {
  ActivityContract,
  OpenTicketInput,
  OpenTicketResult,
  ProjectTicketInput,
  ProjectTicketResult,
  RulesQuestion,
} from './contract.ts';

/** What the projection needs of the world. */
export interface ProjectionDeps {
  sql: SqlPool;
  rules: DeskRulesCache;
}

/** The activities that read and write a ticket's row. */
export function projectionActivities(
  deps: ProjectionDeps,
): Pick<ActivityContract, 'openTicket' | 'projectTicket' | 'checkRules'> {
  return {
    openTicket: (input) => openTicket(deps, input),
    projectTicket: (input) => projectTicket(deps, input),
    async checkRules(question) {
      // One number, in all but the rare case: a timer costs Postgres next to nothing.
      const revision = await findRevision(deps.sql);
      if (revision === question.rulesRevision) return { rules: null };
      return { rules: await movedRules(deps, question) };
    },
  };
}

/**
 * Gives a ticket's workflow its state: reborn from the snapshot when it has lived before, else routed and written for the
 * first time. Fails for good with `notFound` when there is no such row.
 */
async function openTicket(deps: ProjectionDeps, input: OpenTicketInput): Promise<OpenTicketResult> {
  const source = await findTicketSource(deps.sql, input.ticketId);
  if (source === undefined) {
    throw ApplicationFailure.nonRetryable(`There is no ticket ${input.ticketId}.`, 'notFound');
  }
  const desk = await deps.rules.at(source.revision);
  if (source.snapshot !== null) {
    const state = { ...source.snapshot, ended: false };
    const rules = rulesForTicket(desk, factsOf(source));
    return {
      ticket: { state, rules },
      born: false,
      commandOrder: 3,
      ...(fits(state, rules) ? {} : { adopt: true as const }),
    };
  }
  const { requesterId, birth: wanted } = source;
  const asked = { facts: factsOf(source), requesterId, wanted };
  const routing = await routeTicket(deps.sql, desk, asked, input.nowMs);
  const placed = {
    ...source,
    teamId: routing.teamId ?? source.teamId,
    assigneeId: routing.userId,
  };
  const rules = rulesForTicket(desk, factsOf(placed));
  const messages = source.unheard.map((message) => ({
    type: 'receiveMessage' as const,
    ...message,
  }));
  const newborn = newTicket(placed, rules, routing, messages);
  const { ticket, recorded } = record(
    newborn,
    birthEvents(newborn, messages),
    { type: 'system', cause: 'created' },
    input.nowMs,
  );
  const revision = await write(deps, ticket, recorded, input);
  return { ticket, born: true, commandOrder: 3, revision };
}

/** Whether the rules have the place a rebuilt ticket is in; a pipeline or status may have been removed while it rested. */
function fits(state: TicketState, { pipeline }: TicketRules): boolean {
  const status = pipeline.statuses.find(({ id }) => id === state.status);
  return pipeline.id === state.pipelineId && status?.category === state.category;
}

function newTicket(
  source: TicketSource,
  rules: TicketRules,
  routing: TicketState['routing'],
  messages: OpenTicketMessages,
): Ticket {
  const { pipeline } = rules;
  const byMail =
    source.channel === 'api' || messages.length === 0 ? null : targetOn(rules, 'firstInbound');
  const first =
    statusById(pipeline, source.birth.status ?? '') ??
    (byMail === undefined || byMail === null ? undefined : statusOf(pipeline, byMail)) ??
    statusById(pipeline, source.status) ??
    creationStatuses(pipeline)[0];
  const state = newTicketState(
    {
      id: source.id,
      createdAtMs: source.createdAt.getTime(),
      pipelineId: pipeline.id,
      status: first?.id ?? source.status,
      priority: source.priority,
      requesterId: source.requesterId,
      teamId: source.teamId,
      assigneeId: source.assigneeId,
      channel: source.channel,
      channelId: source.channelId,
      tags: source.tags,
      messages,
      routing,
    },
    first?.category ?? 'new',
  );
  return { state, rules };
}

type OpenTicketMessages = Parameters<typeof birthEvents>[1] extends readonly (infer M)[]
  ? M[]
  : never;

async function write(
  deps: ProjectionDeps,
  ticket: Ticket,
  events: readonly RecordedEvent[],
  input: OpenTicketInput,
): Promise<number> {
  const stopped = ticket.state.spam || ticket.state.mergedInto !== null;
  const sla = slaView(stopped ? null : ticket.rules.policy, ticket.state.ledger, input.nowMs);
  const { revision } = await writeRow(deps, {
    ...{
      state: ticket.state,
      sla,
      wake: nextWake(ticket, input.nowMs),
      events,
      fence: input.fence,
    },
    rulesRevision: ticket.rules.revision,
    policy: ticket.rules.policy,
  });
  return revision;
}

/** Writes one batch and says which rules hold by now, when they are not those the ticket carries. */
async function projectTicket(
  deps: ProjectionDeps,
  input: ProjectTicketInput,
): Promise<ProjectTicketResult> {
  const { taken, revision } = await writeRow(deps, input);
  const { onlyAtRevision = revision } = input;
  // Inputs of earlier versions name the ticket in its state alone.
  const carried = { ...input, ticketId: input.state.id };
  if (!taken && onlyAtRevision !== revision) {
    return { taken, rules: await movedRules(deps, carried), revision };
  }
  if (!taken) return { taken, rules: null, revision };
  const away = await absentAssignee(deps, input, revision);
  // A pipeline brings its own auto-close and statuses on mail.
  const newPipeline = input.events.some(({ event }) => event.type === 'pipelineChanged');
  const moved = newPipeline || (await mayMovePolicy(deps, input, revision));
  const rules = moved ? await movedRules(deps, carried, newPipeline) : null;
  return {
    ...{ taken, rules, revision: rules?.revision ?? revision },
    ...(away === null ? {} : { returnToQueue: away }),
  };
}

/** The rules that hold for a ticket by now, or null when it carries them already. */
async function movedRules(
  deps: ProjectionDeps,
  carried: RulesQuestion,
  newPipeline = false,
): Promise<TicketRules | null> {
  const source = await findTicketSource(deps.sql, carried.ticketId);
  if (source === undefined) return null;
  const rules = rulesForTicket(await deps.rules.at(source.revision), factsOf(source));
  const now = rules.policy;
  const samePolicy =
    now?.policyId === carried.policy?.policyId &&
    now?.version === carried.policy?.version &&
    (now?.calendarVersion ?? null) === (carried.policy?.calendarVersion ?? null);
  // Settings and pipelines have no versions: any new revision brings them along when the policy stays.
  const same = samePolicy && !newPipeline && rules.revision === carried.rulesRevision;
  return same ? null : rules;
}

/** Whether other rules may hold by now: a save since, or a change of something that a policy asks for. */
async function mayMovePolicy(
  deps: ProjectionDeps,
  input: ProjectTicketInput,
  revision: number,
): Promise<boolean> {
  if (revision !== input.rulesRevision) return true;
  const moved = new Set(input.events.flatMap(({ event }) => fieldsMoved(event)));
  if (moved.size === 0) return false;
  const desk = await deps.rules.at(revision);
  // The cache may be ahead of this row's revision: then it is the revision that is in doubt.
  return desk.revision !== revision || policiesAskFor(desk.policies, moved);
}

/** The fields of conditions that an event changed. */
function fieldsMoved(event: TicketEvent): string[] {
  switch (event.type) {
    case 'priorityChanged':
      return ['priority'];
    case 'tagsChanged':
    case 'absorbed':
    case 'unabsorbed':
      return ['tags'];
    case 'teamChanged':
      return ['teamId'];
    case 'assigneeChanged':
      return ['assigneeId'];
    case 'channelChanged':
      return ['mailbox', 'channel'];
    case 'pipelineChanged':
      return ['pipelineId', 'status'];
    case 'detailsEdited':
      return event.fields;
    case 'statusChanged':
      return ['status'];
    default:
      return [];
  }
}

type RowWrite = Pick<
  ProjectTicketInput,
  'state' | 'sla' | 'wake' | 'fence' | 'rulesRevision' | 'onlyAtRevision'
> & {
  policy: { calendarVersion: number | null } | null;
  events: readonly RecordedEvent[];
};

async function writeRow(
  deps: ProjectionDeps,
  write: RowWrite,
): Promise<{ taken: boolean; revision: number }> {
  const { state, sla, wake, events, fence } = write;
  return await projectTicketRow(deps.sql, {
    state,
    sla,
    slaJson: slaToWire(sla),
    routing: state.routing,
    wakeAtMs: wake?.atMs ?? null,
    wakeReason: wake?.reason ?? null,
    rulesRevision: write.rulesRevision,
    onlyAtRevision: write.onlyAtRevision ?? null,
    calendarVersion: write.policy?.calendarVersion ?? null,
    fence,
    events: events.map((one) => ({
      seq: one.seq,
      at: new Date(one.atMs).toISOString(),
      type: one.event.type,
      actor: one.actor,
      data: eventData(one.event),
    })),
    messages: events.flatMap(({ event }) => messageStates(event)),
    notices: await noticesOf(deps.sql, state, events),
    stepNotes: stepNotes(state, events),
    stepNotices: noticesThatLeave(events),
    editIds: events.flatMap(({ event }) => (event.type === 'detailsEdited' ? [event.editId] : [])),
    releaseAssignment: givesPlaceBack(state, events),
    asksOthers: events.some(({ event }) => event.type === 'routingWidened'),
  });
}

/** An event as the timeline stores it; compiled rules shrink to what ruled and why. */
function eventData(event: TicketEvent): unknown {
  if (event.type === 'rulesAdopted') {
    const { before, moved, rules } = event;
    const { policy } = rules;
    return {
      ...carriedVersions(rules),
      // Absent in events of earlier versions, whose inputs may still be under way.
      ...(before === undefined ? {} : { before }),
      ...(moved === undefined ? {} : { moved }),
      policyName: policy?.name ?? null,
      why: policy?.why ?? [],
    };
  }
  if (event.type === 'mergeReserved') {
    // What a loser keeps for the survivor is its own book-keeping.
    const { heard: _heard, ...lease } = event.lease;
    return { lease };
  }
  if (event.type === 'pipelineChanged') {
    const { id, statuses } = event.pipeline;
    const named = statuses.map(({ id: status, name, category }) => ({
      id: status,
      name,
      category,
    }));
    return { from: event.from, pipeline: { id, statuses: named } };
  }
  const { type: _type, ...data } = event;
  return data;
}

function messageStates(event: TicketEvent): MessageStateRow[] {
  const none = { send_at: null };
  switch (event.type) {
    case 'replyAccepted':
    case 'forwardAccepted': {
      const sendAt = new Date(event.send.sendAtMs).toISOString();
      return [{ id: event.send.messageId, state: 'queued', from: ['draft'], send_at: sendAt }];
    }
    case 'sendRetried': {
      const sendAt = new Date(event.send.sendAtMs).toISOString();
      return [{ id: event.send.messageId, state: 'queued', from: ['failed'], send_at: sendAt }];
    }
    case 'noteAdded':
      return [{ id: event.messageId, state: 'posted', from: ['draft'], ...none }];
    case 'messageReceived':
    case 'bounceReceived':
      return [{ id: event.messageId, state: 'posted', from: ['received'], ...none }];
    case 'messagePassedOn':
      return [{ id: event.message.messageId, state: 'posted', from: ['received'], ...none }];
    case 'sendUndone':
      return [{ id: event.messageId, state: 'cancelled', from: ['draft', 'queued'], ...none }];
    default:
      return [];
  }
}

function givesPlaceBack(state: TicketState, events: readonly RecordedEvent[]): boolean {
  if (state.assigneeId !== null) return false;
  return events.some(
    ({ event }) =>
      event.type === 'assignmentDeclined' ||
      event.type === 'mergedAway' ||
      (event.type === 'assigneeChanged' && event.to === null) ||
      (event.type === 'statusChanged' && event.category === 'closed'),
  );
}

async function noticesOf(
  sql: SqlPool,
  state: TicketState,
  events: readonly RecordedEvent[],
): Promise<NoticeRow[]> {
  const notices: NoticeRow[] = [];
  for (const one of events) {
    const { event, actor } = one;
    if (event.type === 'escalated' && isOvertaken(event.key, keysAt(events, one.atMs))) continue;
    if (isToldOtherwise(one, events)) continue;
    const people = new Set(await peopleToTell(sql, state, event));
    // Nobody needs to be told of what they have done themselves.
    if (actor.type === 'user') people.delete(actor.userId);
    for (const userId of people) {
      notices.push({
        user_id: userId,
        seq: one.seq,
        type: event.type,
        topic: topicOf(event.type),
        data: eventData(event),
        at: new Date(one.atMs).toISOString(),
      });
    }
  }
  return notices;
}

/** One cause, one notice: a new ticket's first message, and the status that a message moved, are told by what caused them. */
function isToldOtherwise(
  { event, actor }: RecordedEvent,
  events: readonly RecordedEvent[],
): boolean {
  const holds = (type: TicketEvent['type']) => events.some((one) => one.event.type === type);
  if (event.type === 'messageReceived') return holds('created');
  return event.type === 'statusChanged' && actor.type !== 'user' && holds('messageReceived');
}

/** The keys of the steps that were taken at one look at the clock. */
function keysAt(events: readonly RecordedEvent[], atMs: number): string[] {
  return events.flatMap((one) =>
    one.atMs === atMs && one.event.type === 'escalated' ? [one.event.key] : [],
  );
}

/** Notes that steps have posted: one per (event, action), whose words stand in the policy version. */
function stepNotes(state: TicketState, events: readonly RecordedEvent[]): StepNoteRow[] {
  return events.flatMap(({ seq, event, atMs }) => {
    if (event.type !== 'escalated' || isOvertaken(event.key, keysAt(events, atMs))) return [];
    return event.actions.flatMap((action, index): StepNoteRow[] =>
      action.type === 'postNote'
        ? [
            {
              id: uuidOfHash(
                createHash('sha256')
                  .update(`${state.id} ${seq} ${event.key} ${index}`)
                  .digest('hex'),
              ),
              policy_id: action.ref.policyId,
              version: action.ref.version,
              path: [
                'escalations',
                `${action.ref.step}`,
                'actions',
                `${action.ref.action}`,
                'body',
              ],
              at: new Date(atMs).toISOString(),
            },
          ]
        : [],
    );
  });
}

/** Mails and webhooks of the steps taken; the ticket starts their workflows. */
function noticesThatLeave(events: readonly RecordedEvent[]): StepNoticeWrite[] {
  return events.flatMap(({ seq, event, atMs }) => {
    if (event.type !== 'escalated' || isOvertaken(event.key, keysAt(events, atMs))) return [];
    return event.actions.flatMap((action, index): StepNoticeWrite[] =>
      action.type === 'notify' && 'ref' in action ? [{ seq, action: index, kind: action.to }] : [],
    );
  });
}

async function peopleToTell(
  sql: SqlPool,
  state: TicketState,
  event: TicketEvent,
): Promise<string[]> {
  const assignee = state.assigneeId === null ? [] : [state.assigneeId];
  switch (event.type) {
    case 'deliveryFailed':
      return await assigneeOrAuthor(sql, state, event.messageId);
    case 'goalDueSoon':
    case 'goalBreached':
      return assignee;
    case 'bounceReceived':
      return event.permanent || event.failed === true
        ? await assigneeOrAuthor(sql, state, event.bouncedMessageId)
        : [];
    case 'noteAdded':
      return event.mentions ?? [];
    case 'created':
      return assignee;
    case 'statusChanged':
      return state.followers;
    case 'messageReceived':
      return event.automatic ? [] : [...assignee, ...state.followers];
    case 'assigneeChanged':
      return event.to === null || event.cause === 'reply' ? [] : [event.to];
    case 'escalated': {
      const people: string[] = [];
      for (const action of event.actions) people.push(...(await stepPeople(sql, state, action)));
      return people;
    }
    default:
      return [];
  }
}

/** A message that did not arrive is told to somebody, also when the ticket is nobody's. */
async function assigneeOrAuthor(
  sql: SqlPool,
  state: TicketState,
  messageId: string,
): Promise<string[]> {
  if (state.assigneeId !== null) return [state.assigneeId];
  const author = (await findMessage(sql, messageId))?.authorUserId ?? null;
  return author === null ? [] : [author];
}

async function stepPeople(
  sql: SqlPool,
  state: TicketState,
  action: EscalationAction,
): Promise<string[]> {
  if (action.type !== 'notify') return [];
  if (typeof action.to === 'object') return [action.to.userId];
  if (action.to === 'email' || action.to === 'webhook') return [];
  if (action.to === 'assignee') return state.assigneeId === null ? [] : [state.assigneeId];
  if (state.teamId === null) return [];
  return await listTeamPeople(sql, state.teamId, action.to === 'teamLeads');
}

function factsOf(source: TicketSource): TicketFacts {
  return {
    ticketId: source.id,
    createdAtMs: source.createdAt.getTime(),
    channel: source.channel,
    mailbox: source.mailbox,
    subject: source.subject,
    body: source.body,
    requesterEmail: source.requesterEmail,
    companyId: source.companyId,
    language: source.language,
    priority: source.priority,
    tags: source.tags,
    teamId: source.teamId,
    assigneeId: source.assigneeId,
    pipelineId: source.pipelineId,
    status: source.status,
    fields: source.fields,
  };
}
