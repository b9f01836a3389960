// What a ticket does with what it is told: decide() answers events or a refusal, evolve() (ticket-evolve.ts) applies them.
// Pure: the workflow's update validator is this very function.
import type { PipelineStatus, StatusCategory, StatusTarget } from './desk.ts';
import type { ErrorCode } from './errors.ts';
import { decideMerge } from './merge.ts';
import {
  allowedTargets,
  firstStatus as firstStatusOf,
  namesOf,
  samePlace,
  statusById as statusOfId,
  statusOf,
  targetOn,
} from './pipeline.ts';
import { reasonOf } from './routing-reasons.ts';
import { carriedVersions, dueMoves } from './rules-moved.ts';
import { isSnoozed as sleeps } from './ticket-wait.ts';
import { decideDue } from './ticket-wake.ts';
import { evolve } from './ticket-evolve.ts';
import type {
  Actor,
  Decision,
  PendingSend,
  ReceiveMessage,
  RecordedEvent,
  Ticket,
  TicketChange,
  TicketCommand,
  TicketEvent,
} from './ticket-types.ts';

const MAX_TAGS = 100;
const MAX_PENDING_SENDS = 50;
const MAX_FOLLOWERS = 200;
const SYSTEM_CLOCK: Actor = { type: 'system', cause: 'timer' };

/** Commands that a merged ticket still takes: facts from outside and what undoing the merge needs. */
const TAKEN_WHEN_MERGED: ReadonlySet<TicketCommand['type']> = new Set([
  'receiveMessage',
  'reportDelivery',
  'undoSend',
  'acceptAssignment',
  'returnToQueue',
  'adoptRules',
  'wake',
  'reserveMerge',
  'releaseMerge',
  'absorb',
  'seal',
  'unabsorb',
  'unseal',
]);

/** Decides on one command at nowMs. Never throws for a business reason; an empty list of events means: nothing to change. */
export function decide(
  ticket: Ticket,
  command: TicketCommand,
  actor: Actor,
  nowMs: number,
): Decision {
  const { state } = ticket;
  if (state.mergedInto !== null && !TAKEN_WHEN_MERGED.has(command.type)) {
    return {
      ok: false,
      refusal: {
        code: 'ticketMerged',
        detail: `Ticket ${state.id} was merged into ticket ${state.mergedInto.ticketId}.`,
        ticketId: state.mergedInto.ticketId,
      },
    };
  }
  switch (command.type) {
    case 'change':
      return decideChange(ticket, command, actor);
    case 'reply':
    case 'forward':
      return decideSend(ticket, command, actor, nowMs);
    case 'addNote':
      return events({
        type: 'noteAdded',
        messageId: command.messageId,
        ...(command.mentions === undefined ? {} : { mentions: command.mentions }),
      });
    case 'retrySend':
      return decideRetry(ticket, command, actor, nowMs);
    case 'undoSend':
      return decideUndo(ticket, command.messageId);
    case 'snooze':
      return decideSnooze(ticket, command, nowMs);
    case 'unsnooze':
      return isSnoozed(ticket) ? events({ type: 'unsnoozed', cause: 'person' }) : events();
    case 'setSpam':
      return command.spam === state.spam
        ? events()
        : events({ type: 'spamChanged', spam: command.spam });
    case 'follow':
      return decideFollow(ticket, command.userId, command.follow);
    case 'recordSplit':
      return events({
        type: 'messagesSplit',
        messageIds: command.messageIds,
        intoTicketId: command.intoTicketId,
      });
    case 'receiveMessage':
      return { ok: true, events: receiveMessage(ticket, command) };
    case 'reportDelivery':
      return decideDelivery(ticket, command);
    case 'acceptAssignment':
      return decideAssignment(ticket, command);
    case 'returnToQueue':
      return decideReturn(ticket, command);
    case 'adoptRules':
      return decideRules(ticket, command, nowMs);
    case 'wake':
      return { ok: true, events: decideDue(ticket, nowMs) };
    case 'reserveMerge':
    case 'releaseMerge':
    case 'absorb':
    case 'seal':
    case 'unabsorb':
    case 'unseal':
      return decideMerge(ticket, command, nowMs);
  }
}

/**
 * Applies one command: what fell due before it comes first, so that a breach is never hidden by a late reply. What falls
 * due at this very instant comes after it: a reply exactly at its deadline is on time and breaches nothing.
 */
export function handle(
  ticket: Ticket,
  command: TicketCommand,
  actor: Actor,
  nowMs: number,
): { ticket: Ticket; recorded: RecordedEvent[]; decision: Decision } {
  const dueByMs = command.type === 'wake' ? nowMs : nowMs - 1;
  // New rules say themselves what is due: a deadline they have moved must not be missed on their arrival.
  const alone = command.type === 'adoptRules' && command.alone === true;
  const fallen = alone ? [] : decideDue(ticket, dueByMs);
  const due = record(ticket, fallen, SYSTEM_CLOCK, nowMs);
  if (command.type === 'wake') {
    return { ...due, decision: { ok: true, events: due.recorded.map((one) => one.event) } };
  }
  const decision = decide(due.ticket, command, actor, nowMs);
  if (!decision.ok) return { ...due, decision };
  const done = record(due.ticket, decision.events, actor, nowMs);
  return { ticket: done.ticket, recorded: [...due.recorded, ...done.recorded], decision };
}

/** Applies events in order and numbers them. */
export function record(
  ticket: Ticket,
  happened: readonly TicketEvent[],
  actor: Actor,
  atMs: number,
): { ticket: Ticket; recorded: RecordedEvent[] } {
  let current = ticket;
  const recorded: RecordedEvent[] = [];
  for (const event of happened) {
    current = evolve(current, event, atMs);
    recorded.push({ seq: current.state.version, atMs, actor, event });
  }
  return { ticket: current, recorded };
}

/** The events of a ticket's birth: created, then the messages it was born with. */
export function birthEvents(ticket: Ticket, messages: readonly ReceiveMessage[]): TicketEvent[] {
  const { state } = ticket;
  return [
    { type: 'created', status: state.status, routing: state.routing },
    ...messages.map((message): TicketEvent => ({
      type: 'messageReceived',
      messageId: message.messageId,
      automatic: message.automatic,
      atMs: message.atMs,
    })),
  ];
}

function events(...list: TicketEvent[]): Decision {
  return { ok: true, events: list };
}

function refuse(code: ErrorCode, detail: string): Decision {
  return { ok: false, refusal: { code, detail } };
}

function isSnoozed(ticket: Ticket): boolean {
  return sleeps(ticket.state);
}

function statusById(ticket: Ticket, id: string): PipelineStatus | undefined {
  return statusOfId(ticket.rules.pipeline, id);
}

function firstStatus(ticket: Ticket, category: StatusCategory): PipelineStatus | undefined {
  return firstStatusOf(ticket.rules.pipeline, category);
}

function statusEvents(
  ticket: Ticket,
  to: PipelineStatus,
  cause: string,
  override = false,
): TicketEvent[] {
  const { state } = ticket;
  if (to.id === state.status && to.category === state.category) return [];
  const from = state.status;
  const changed: TicketEvent[] = [
    {
      ...{ type: 'statusChanged', from, to: to.id, category: to.category, cause },
      ...(override ? { override: true as const } : {}),
    },
  ];
  if (to.category === 'closed' && isSnoozed(ticket)) {
    changed.push({ type: 'unsnoozed', cause: 'closed' });
  }
  return changed;
}

/** Whether the pipeline keeps this person from moving the ticket there; what the desk does by itself is never held back. */
function isForbidden(ticket: Ticket, to: PipelineStatus, actor: Actor): boolean {
  const { state, rules } = ticket;
  if (actor.type !== 'user' || to.id === state.status) return false;
  return !allowedTargets(rules.pipeline, state.status).some(({ id }) => id === to.id);
}

function refuseMove(ticket: Ticket, to: PipelineStatus): Decision {
  const { state, rules } = ticket;
  const allowed = namesOf(allowedTargets(rules.pipeline, state.status));
  return refuse(
    'statusNotAllowed',
    `The pipeline does not let a ticket go from "${state.status}" to "${to.id}". Allowed: ${allowed}. An admin may override this.`,
  );
}

function decideChange(ticket: Ticket, command: TicketChange, actor: Actor): Decision {
  const { state } = ticket;
  if (command.expectVersion !== undefined && command.expectVersion !== state.version) {
    return refuse(
      'versionConflict',
      `Ticket ${state.id} is at version ${state.version}, not ${command.expectVersion}.`,
    );
  }
  const tags = tagsAfter(state.tags, command);
  if (tags.length > MAX_TAGS && tags.length > state.tags.length) {
    return refuse('limitReached', `A ticket carries at most ${MAX_TAGS} tags.`);
  }
  const moved = pipelineEvents(ticket, command);
  const target: Ticket =
    command.pipeline === undefined || moved.length === 0
      ? ticket
      : { ...ticket, rules: { ...ticket.rules, pipeline: command.pipeline } };
  const closes = command.close === true && state.category !== 'closed';
  const closed = closes ? firstStatus(target, 'closed') : undefined;
  if (closes && closed === undefined) {
    return refuse('unknownStatus', "The ticket's pipeline has no closed status.");
  }
  const wanted =
    command.status ?? closed?.id ?? (moved.length > 0 ? samePlaceStatus(target) : undefined);
  const status = wanted === undefined ? undefined : statusById(target, wanted);
  if (wanted !== undefined && status === undefined) {
    return refuse('unknownStatus', `The ticket's pipeline has no status "${wanted}".`);
  }
  // Between two pipelines there are no steps to be skipped.
  const forbidden =
    status !== undefined && moved.length === 0 && isForbidden(ticket, status, actor);
  if (forbidden && command.override !== true) return refuseMove(ticket, status);
  return events(
    ...moved,
    ...propertyEvents(ticket, command),
    ...(status === undefined ? [] : statusEvents(target, status, 'person', forbidden)),
  );
}

function pipelineEvents(ticket: Ticket, command: TicketChange): TicketEvent[] {
  if (command.pipeline === undefined || command.pipeline.id === ticket.state.pipelineId) return [];
  return [{ type: 'pipelineChanged', from: ticket.state.pipelineId, pipeline: command.pipeline }];
}

/** After a move the ticket keeps its status where the new pipeline has it, else takes the first of its category. */
function samePlaceStatus({ state, rules }: Ticket): string | undefined {
  return samePlace(rules.pipeline, state.status, state.category)?.id;
}

function tagsAfter(tags: readonly string[], command: TicketChange): string[] {
  const { addTags = [], removeTags = [] } = command;
  const kept = (command.tags ?? tags).filter((tag) => !removeTags.includes(tag));
  return [...new Set([...kept, ...addTags])];
}

function propertyEvents(ticket: Ticket, command: TicketChange): TicketEvent[] {
  const { state } = ticket;
  const changed: TicketEvent[] = [];
  if (command.priority !== undefined && command.priority !== state.priority) {
    changed.push({ type: 'priorityChanged', from: state.priority, to: command.priority });
  }
  if (command.teamId !== undefined && command.teamId !== state.teamId) {
    changed.push({ type: 'teamChanged', from: state.teamId, to: command.teamId });
  }
  if (command.assigneeId !== undefined && command.assigneeId !== state.assigneeId) {
    changed.push({
      type: 'assigneeChanged',
      from: state.assigneeId,
      to: command.assigneeId,
      cause: 'person',
      reason: null,
    });
  }
  if (command.channelId !== undefined && command.channelId !== state.channelId) {
    changed.push({ type: 'channelChanged', from: state.channelId, to: command.channelId });
  }
  const wanted = tagsAfter(state.tags, command);
  const added = wanted.filter((tag) => !state.tags.includes(tag));
  const removed = state.tags.filter((tag) => !wanted.includes(tag));
  if (added.length + removed.length > 0) changed.push({ type: 'tagsChanged', added, removed });
  if (command.edit !== undefined) changed.push({ type: 'detailsEdited', ...command.edit });
  return changed;
}

function decideSend(
  ticket: Ticket,
  command: Extract<TicketCommand, { type: 'reply' | 'forward' }>,
  actor: Actor,
  nowMs: number,
): Decision {
  const { state, rules } = ticket;
  const { messageId } = command;
  if (state.sends.some((send) => send.messageId === messageId)) return events();
  if (state.ledger.marks.some((mark) => mark.messageId === messageId)) return events();
  if (state.sends.length >= MAX_PENDING_SENDS) {
    return refuse('limitReached', `${MAX_PENDING_SENDS} messages of this ticket wait to leave.`);
  }
  const wanted = command.type === 'reply' ? command.status : undefined;
  const asked = wanted === undefined ? undefined : statusById(ticket, wanted);
  if (wanted !== undefined && asked === undefined) {
    return refuse('unknownStatus', `The ticket's pipeline has no status "${wanted}".`);
  }
  if (asked !== undefined && isForbidden(ticket, asked, actor)) return refuseMove(ticket, asked);
  const scheduled = command.sendAtMs !== undefined && command.sendAtMs > nowMs + rules.undoSendMs;
  const after =
    scheduled || command.type === 'forward' ? [] : afterReplyEvents(ticket, wanted ?? null);
  const change = after.find((event) => event.type === 'statusChanged');
  const send: PendingSend = {
    messageId,
    kind: command.type,
    acceptedAtMs: nowMs,
    sendAtMs: scheduled ? (command.sendAtMs ?? nowMs) : nowMs + rules.undoSendMs,
    scheduled,
    statusAfter: wanted ?? null,
    ...(change === undefined ? {} : { moved: { from: change.from, to: change.to } }),
  };
  if (command.type === 'forward') return events({ type: 'forwardAccepted', send });
  const accepted: TicketEvent[] = [{ type: 'replyAccepted', send }];
  if (rules.replyAssigns && state.assigneeId === null && actor.type === 'user') {
    accepted.push({
      type: 'assigneeChanged',
      from: null,
      to: actor.userId,
      cause: 'reply',
      reason: reasonOf('repliedFirst'),
    });
  }
  return events(...accepted, ...after);
}

/** Another delivery of a message that was given up; one that left, or is on its way, is refused. */
function decideRetry(
  ticket: Ticket,
  command: Extract<TicketCommand, { type: 'retrySend' }>,
  actor: Actor,
  nowMs: number,
): Decision {
  const { state } = ticket;
  const { messageId, kind } = command;
  const known =
    state.sends.some((send) => send.messageId === messageId) ||
    state.ledger.marks.some((mark) => mark.messageId === messageId);
  if (known) return refuse('notRetryable', 'The message has left, or is on its way.');
  // A status that the pipeline has lost, or forbids by now, must not keep the message from leaving.
  const wished = command.status === undefined ? undefined : statusById(ticket, command.status);
  const free = wished !== undefined && !isForbidden(ticket, wished, actor);
  const status = free ? wished.id : undefined;
  const again: TicketCommand =
    kind === 'forward'
      ? { type: 'forward', messageId }
      : { type: 'reply', messageId, ...(status === undefined ? {} : { status }) };
  const decision = decideSend(ticket, again, actor, nowMs);
  if (!decision.ok) return decision;
  return events(
    ...decision.events.map((event): TicketEvent =>
      event.type === 'replyAccepted' || event.type === 'forwardAccepted'
        ? { type: 'sendRetried', send: event.send }
        : event,
    ),
  );
}

/** The status a reply leaves behind: the one asked for, else the setting's, which never touches a closed ticket. */
function afterReplyEvents(ticket: Ticket, wanted: string | null): TicketEvent[] {
  const { rules } = ticket;
  const byDesk = rules.statusAfterReply === null ? null : { category: rules.statusAfterReply };
  const target = targetOn(rules, 'agentReply');
  const automatic = moveByReply(ticket, target === undefined ? byDesk : target);
  const to = wanted === null ? automatic : statusById(ticket, wanted);
  return to === undefined ? [] : statusEvents(ticket, to, 'reply');
}

/** A category is reached from a ticket that is on us and not of it, a status of its own from every open one. */
function moveByReply(ticket: Ticket, target: StatusTarget | null): PipelineStatus | undefined {
  const { category } = ticket.state;
  if (target === null || category === 'closed') return undefined;
  if ('category' in target && (category === 'waiting' || category === target.category)) {
    return undefined;
  }
  return statusOf(ticket.rules.pipeline, target);
}

function decideUndo(ticket: Ticket, messageId: string): Decision {
  const send = ticket.state.sends.find((one) => one.messageId === messageId);
  return send === undefined
    ? events()
    : events({ type: 'sendUndone', messageId }, ...takeBackEvents(ticket, send));
}

/** The status a reply had set goes back with it, or the pause it began would stop the clocks that run again. */
function takeBackEvents(
  ticket: Ticket,
  send: Pick<PendingSend, 'messageId' | 'acceptedAtMs' | 'moved'>,
): TicketEvent[] {
  const { state } = ticket;
  if (send.moved === undefined || state.status !== send.moved.to) return [];
  const answeredSince = state.ledger.marks.some(
    (mark) =>
      mark.kind === 'reply' && mark.messageId !== send.messageId && mark.atMs >= send.acceptedAtMs,
  );
  const back = statusById(ticket, send.moved.from);
  return answeredSince || back === undefined ? [] : statusEvents(ticket, back, 'replyTakenBack');
}

function decideSnooze(
  ticket: Ticket,
  command: Extract<TicketCommand, { type: 'snooze' }>,
  nowMs: number,
): Decision {
  if (ticket.state.category === 'closed') {
    return refuse('invalidRequest', 'A closed ticket cannot be snoozed.');
  }
  if (command.untilMs !== null && command.untilMs <= nowMs) {
    return refuse('snoozeInPast', 'A ticket can only be snoozed until a later time.');
  }
  if (command.untilMs === null && !command.untilReply) {
    return refuse('invalidRequest', 'Snoozing needs a time, or the next reply, to wake up at.');
  }
  return events({ type: 'snoozed', untilMs: command.untilMs, untilReply: command.untilReply });
}

function decideFollow(ticket: Ticket, userId: string, follows: boolean): Decision {
  if (ticket.state.followers.includes(userId) === follows) return events();
  if (follows && ticket.state.followers.length >= MAX_FOLLOWERS) {
    return refuse('limitReached', `A ticket has at most ${MAX_FOLLOWERS} followers.`);
  }
  return events({ type: 'followersChanged', userId, follows });
}

/** A customer's message opens a waiting ticket and reopens a closed one; automatic mail and bounces never do. */
function receiveMessage(ticket: Ticket, message: ReceiveMessage): TicketEvent[] {
  const { state } = ticket;
  if (state.seenMessages.includes(message.messageId)) return [];
  if (state.mergedInto !== null) {
    return [{ type: 'messagePassedOn', ticketId: state.mergedInto.ticketId, message }];
  }
  if (message.bouncedMessageId !== undefined && message.bouncedMessageId !== null) {
    const permanent = message.bouncePermanent ?? false;
    const { messageId, bouncedMessageId } = message;
    return [
      {
        ...{ type: 'bounceReceived', messageId, bouncedMessageId, permanent },
        ...(message.bounceFailed === undefined ? {} : { failed: message.bounceFailed }),
      },
      ...(permanent ? bounceEvents(ticket, message) : []),
    ];
  }
  const received: TicketEvent = {
    type: 'messageReceived',
    messageId: message.messageId,
    automatic: message.automatic,
    atMs: message.atMs,
  };
  if (message.automatic || state.spam) return [received];
  const wakes: TicketEvent[] = isSnoozed(ticket) ? [{ type: 'unsnoozed', cause: 'reply' }] : [];
  const open = moveByCustomer(ticket);
  // The status moves first: a reopened ticket's close goal and the customer's wait both start now.
  return [
    ...(open === undefined ? [] : statusEvents(ticket, open, 'customerReply')),
    received,
    ...wakes,
  ];
}

/** A waiting ticket goes where the desk says; a closed one always opens, since nobody would see the message there. */
function moveByCustomer(ticket: Ticket): PipelineStatus | undefined {
  const { state, rules } = ticket;
  const asked = targetOn(rules, 'customerReply');
  const target = asked === undefined ? { category: 'open' as const } : asked;
  const to = target === null ? undefined : statusOf(rules.pipeline, target);
  const open = (): PipelineStatus | undefined =>
    firstStatus(ticket, 'open') ?? firstStatus(ticket, 'new');
  if (state.category === 'closed') return to?.category === 'closed' ? open() : (to ?? open());
  if (target === null) return undefined;
  if (state.category === 'waiting') return to ?? open();
  return 'status' in target ? to : undefined;
}

/** Where a message that did not arrive leaves an open ticket, if the desk says so; it reopens nothing. */
function bounceEvents(ticket: Ticket, message: ReceiveMessage): TicketEvent[] {
  const set = failureEvents(ticket, 'bounce');
  const { lastMove, sends, category } = ticket.state;
  // Histories before recipients were told apart did not give the status back.
  if (set.length > 0 || message.bounceFailed === undefined || category === 'closed') return set;
  const { bouncedMessageId } = message;
  // A bounce may be faster than the word that the mail has left.
  const pending = sends.find((send) => send.messageId === bouncedMessageId);
  if (pending !== undefined) return takeBackEvents(ticket, pending);
  if (lastMove === undefined || lastMove.messageId !== bouncedMessageId) return set;
  const { messageId, acceptedAtMs } = lastMove;
  return takeBackEvents(ticket, { messageId, acceptedAtMs, moved: lastMove });
}

function failureEvents(ticket: Ticket, event: 'deliveryFailed' | 'bounce'): TicketEvent[] {
  const { state, rules } = ticket;
  const target = targetOn(rules, event) ?? null;
  if (target === null || state.category === 'closed' || state.spam) return [];
  if ('category' in target && target.category === state.category) return [];
  const to = statusOf(rules.pipeline, target);
  return to === undefined ? [] : statusEvents(ticket, to, event);
}

function decideDelivery(
  ticket: Ticket,
  report: Extract<TicketCommand, { type: 'reportDelivery' }>,
): Decision {
  const send = ticket.state.sends.find((one) => one.messageId === report.messageId);
  if (send === undefined) return events();
  if (report.outcome === 'cancelled') {
    return decideUndo(ticket, report.messageId);
  }
  if (report.outcome === 'failed') {
    const failed = { type: 'deliveryFailed' as const, messageId: report.messageId };
    const set = send.kind === 'reply' ? failureEvents(ticket, 'deliveryFailed') : [];
    return events(
      { ...failed, code: report.code },
      ...(set.length > 0 ? set : takeBackEvents(ticket, send)),
    );
  }
  const left: TicketEvent = {
    type: 'deliverySucceeded',
    messageId: report.messageId,
    atMs: report.atMs,
  };
  if (!send.scheduled || send.kind !== 'reply') return events(left);
  // A customer who wrote after it left still waits: the late report must not put the ticket aside.
  const writtenSince = ticket.state.ledger.marks.some(
    (mark) => mark.kind === 'customer' && mark.atMs > report.atMs,
  );
  if (writtenSince) return events(left);
  return events(left, ...afterReplyEvents(ticket, send.statusAfter));
}

/** New rules; a status they mean differently, or no longer have, moves the ticket as the pipeline now says. */
function decideRules(
  ticket: Ticket,
  { rules, alone }: Extract<TicketCommand, { type: 'adoptRules' }>,
  nowMs: number,
): Decision {
  const adopted: TicketEvent = {
    type: 'rulesAdopted',
    rules,
    before: carriedVersions(ticket.rules),
    moved: dueMoves(ticket, rules, nowMs),
    ...(alone === true ? { keeps: true as const } : {}),
  };
  const { pipelineId } = ticket.state;
  const removed = rules.pipeline.takesOver?.includes(pipelineId) === true;
  if (rules.pipeline.id !== pipelineId && !removed) return events(adopted);
  const target: Ticket = { ...ticket, rules };
  const id = samePlaceStatus(target);
  const status = id === undefined ? undefined : statusById(target, id);
  const moved: TicketEvent = {
    type: 'pipelineChanged',
    from: pipelineId,
    pipeline: rules.pipeline,
  };
  return events(
    ...(rules.pipeline.id === pipelineId ? [] : [moved]),
    adopted,
    ...(status === undefined ? [] : statusEvents(target, status, 'rulesChanged')),
  );
}

function decideAssignment(
  ticket: Ticket,
  command: Extract<TicketCommand, { type: 'acceptAssignment' }>,
): Decision {
  const { state } = ticket;
  if (state.assigneeId === command.userId) return events();
  const waits =
    state.assigneeId === null &&
    state.mergedInto === null &&
    !state.spam &&
    (state.category === 'new' || state.category === 'open');
  if (!waits || state.teamId !== command.teamId) {
    return events({ type: 'assignmentDeclined', userId: command.userId });
  }
  return events({
    type: 'assigneeChanged',
    from: null,
    to: command.userId,
    cause: 'routing',
    reason: command.reason,
  });
}

/** An absent assignee gives an open ticket back to its team, or to the one named when it has none; without a team it stays. */
function decideReturn(
  ticket: Ticket,
  command: Extract<TicketCommand, { type: 'returnToQueue' }>,
): Decision {
  const { state } = ticket;
  const held =
    state.assigneeId === command.userId &&
    state.mergedInto === null &&
    !state.spam &&
    (state.category === 'new' || state.category === 'open');
  const teamId = state.teamId ?? command.teamId;
  if (!held || teamId === null) return events();
  return events(
    ...(state.teamId === null ? [{ type: 'teamChanged' as const, from: null, to: teamId }] : []),
    {
      type: 'assigneeChanged',
      from: command.userId,
      to: null,
      cause: 'assigneeAway',
      reason: command.reason,
    },
  );
}
