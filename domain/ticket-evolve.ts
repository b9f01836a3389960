// How an event changes a ticket: total, pure, without refusals. decide() in ticket.ts is the only author of events.
import { firedStill, withFired } from './escalation.ts';
import {
  addMark,
  holdClocks,
  newLedger,
  recordStatus,
  removeReply,
  resumeClocks,
  takeBackClose,
} from './sla.ts';
import { routingAfter, widened } from './widening.ts';
import { newWait, waitOf, waitSnoozed, waitWoken } from './ticket-wait.ts';
import type {
  ContactWait,
  PendingSend,
  Ticket,
  TicketBirth,
  TicketEvent,
  TicketState,
} from './ticket-types.ts';
import type { StatusCategory, TicketRules } from './desk.ts';

const MAX_SEEN_MESSAGES = 200;
const MAX_FIRED = 60;

/** A ticket before its first event, from what the ingest transaction stored. */
export function newTicketState(birth: TicketBirth, category: StatusCategory): TicketState {
  return {
    stateVersion: 1,
    id: birth.id,
    version: 0,
    createdAtMs: birth.createdAtMs,
    updatedAtMs: birth.createdAtMs,
    closedAtMs: category === 'closed' ? birth.createdAtMs : null,
    pipelineId: birth.pipelineId,
    status: birth.status,
    category,
    priority: birth.priority,
    requesterId: birth.requesterId,
    assigneeId: birth.assigneeId,
    teamId: birth.teamId,
    channel: birth.channel,
    channelId: birth.channelId,
    tags: birth.tags,
    followers: [],
    spam: false,
    snoozedUntilMs: null,
    snoozedUntilReply: false,
    wait:
      category === 'waiting' ? { fromMs: birth.createdAtMs, snoozes: [], warnedAtMs: null } : null,
    routing: birth.routing,
    ledger: newLedger(birth.createdAtMs, birth.status, category),
    fired: [],
    escalationLevel: 0,
    sends: [],
    lease: null,
    mergedInto: null,
    absorbed: [],
    seenMessages: [],
    answers: [],
    ended: false,
  };
}

/** The ticket after the event. atMs is when it was recorded; the version counts events. */
export function evolve(ticket: Ticket, event: TicketEvent, atMs: number): Ticket {
  const rules = rulesAfter(ticket, event);
  const changed = stateAfter(ticket.state, event, atMs);
  const state: TicketState = {
    ...changed,
    version: ticket.state.version + 1,
    updatedAtMs: Math.max(ticket.state.updatedAtMs, atMs),
  };
  if (event.type === 'rulesAdopted' || state.fired.length > MAX_FIRED) {
    return {
      rules,
      state: {
        ...state,
        fired: firedStill(rules.policy, state.ledger, state.fired, {
          nowMs: atMs,
          keepsUnknown: event.type === 'rulesAdopted' && event.keeps === true,
        }),
      },
    };
  }
  return { rules, state };
}

function rulesAfter({ rules, state }: Ticket, event: TicketEvent): TicketRules {
  if (event.type === 'rulesAdopted') {
    // Rules that were read before a move must not bring the old pipeline back.
    const same = event.rules.pipeline.id === state.pipelineId;
    return same ? event.rules : { ...event.rules, pipeline: rules.pipeline };
  }
  if (event.type === 'pipelineChanged') return { ...rules, pipeline: event.pipeline };
  return rules;
}

function stateAfter(state: TicketState, event: TicketEvent, atMs: number): TicketState {
  switch (event.type) {
    case 'created':
    case 'rulesAdopted':
    case 'detailsEdited':
    case 'messagesSplit':
    case 'assignmentDeclined':
      return state;
    case 'statusChanged':
      return withStatus(state, event, atMs);
    case 'pipelineChanged':
      return { ...state, pipelineId: event.pipeline.id };
    case 'priorityChanged':
      return { ...state, priority: event.to };
    case 'assigneeChanged':
      return { ...state, assigneeId: event.to, routing: routingAfter(state, event, atMs) };
    case 'routingWidened':
      return { ...state, routing: widened(state.routing, event) };
    case 'teamChanged':
      return { ...state, teamId: event.to };
    case 'channelChanged':
      return { ...state, channelId: event.to };
    case 'tagsChanged':
      return { ...state, tags: withList(state.tags, event.added, event.removed) };
    case 'followersChanged':
      return {
        ...state,
        followers: event.follows
          ? withList(state.followers, [event.userId], [])
          : withList(state.followers, [], [event.userId]),
      };
    case 'snoozed':
      return {
        ...state,
        wait: waitSnoozed(waitOf(state), atMs),
        snoozedUntilMs: event.untilMs,
        snoozedUntilReply: event.untilReply,
      };
    case 'unsnoozed': {
      // A timer that is noticed late does not lengthen the snooze.
      const endMs = event.cause === 'timer' ? (state.snoozedUntilMs ?? atMs) : atMs;
      const wait = waitWoken(waitOf(state), endMs);
      return { ...state, wait, snoozedUntilMs: null, snoozedUntilReply: false };
    }
    case 'spamChanged':
      return {
        ...state,
        spam: event.spam,
        ledger: event.spam ? holdClocks(state.ledger, atMs) : resumeClocks(state.ledger, atMs),
      };
    case 'goalDueSoon':
    case 'goalBreached':
      return { ...state, fired: [...state.fired, event.key] };
    case 'escalated':
      return {
        ...state,
        fired: withFired(state.fired, event.key),
        // A step that repeats stays on its rung.
        escalationLevel: state.escalationLevel + (event.repetition === undefined ? 1 : 0),
      };
    case 'spamExpired':
    case 'ended':
      return { ...state, ended: true };
    case 'messageReceived':
    case 'bounceReceived':
    case 'messagePassedOn':
    case 'replyAccepted':
    case 'forwardAccepted':
    case 'closeWarned':
    case 'sendRetried':
    case 'noteAdded':
    case 'sendUndone':
    case 'deliverySucceeded':
    case 'deliveryFailed':
      return afterMessage(state, event, atMs);
    case 'mergeReserved':
    case 'mergeReleased':
    case 'absorbed':
    case 'unabsorbed':
    case 'mergedAway':
    case 'unmerged':
      return afterMerge(state, event, atMs);
  }
}

type MessageEvent = Extract<
  TicketEvent,
  {
    type:
      | 'messageReceived'
      | 'bounceReceived'
      | 'messagePassedOn'
      | 'replyAccepted'
      | 'forwardAccepted'
      | 'closeWarned'
      | 'sendRetried'
      | 'noteAdded'
      | 'sendUndone'
      | 'deliverySucceeded'
      | 'deliveryFailed';
  }
>;

function afterMessage(state: TicketState, event: MessageEvent, atMs: number): TicketState {
  switch (event.type) {
    case 'messageReceived': {
      const seen = withSeen(state, event.messageId);
      if (event.automatic) return seen;
      return {
        ...seen,
        lease: withHeard(seen.lease, event),
        // Who has written waits for nobody: the next status or reply begins another wait.
        wait: null,
        ledger: addMark(seen.ledger, {
          atMs: Math.min(event.atMs, atMs),
          kind: 'customer',
          messageId: event.messageId,
        }),
      };
    }
    case 'bounceReceived': {
      const seen = withSeen(state, event.messageId);
      if (!event.permanent) return seen;
      return { ...seen, ledger: removeReply(seen.ledger, event.bouncedMessageId) };
    }
    case 'messagePassedOn':
      return withSeen(state, event.message.messageId);
    case 'noteAdded':
      return state;
    case 'forwardAccepted':
      return { ...state, sends: [...state.sends, event.send] };
    case 'closeWarned': {
      const wait = waitOf(state) ?? newWait(state, atMs);
      const sends = [...state.sends, event.send];
      return { ...state, sends, wait: { ...wait, warnedAtMs: atMs } };
    }
    case 'sendRetried':
    case 'replyAccepted': {
      const sends = [...state.sends, event.send];
      if (event.send.scheduled || event.send.kind === 'forward') return { ...state, sends };
      const ledger = replyMark(state, event.send.messageId, atMs);
      return { ...state, sends, ledger, wait: waitAnew(state, atMs) };
    }
    case 'deliverySucceeded': {
      const send = state.sends.find((one) => one.messageId === event.messageId);
      const sends = state.sends.filter((one) => one.messageId !== event.messageId);
      if (send?.moved !== undefined) {
        const { messageId, acceptedAtMs, moved } = send;
        return { ...state, sends, lastMove: { messageId, acceptedAtMs, ...moved } };
      }
      if (send?.kind !== 'reply' || !send.scheduled) return { ...state, sends };
      return {
        ...state,
        sends,
        wait: waitAnew(state, atMs),
        ledger: replyMark(state, event.messageId, Math.min(event.atMs, atMs)),
      };
    }
    case 'sendUndone':
    case 'deliveryFailed':
      return {
        ...state,
        sends: withoutSend(state.sends, event.messageId),
        ledger: removeReply(state.ledger, event.messageId),
      };
  }
}

type MergeEvent = Extract<
  TicketEvent,
  {
    type: 'mergeReserved' | 'mergeReleased' | 'absorbed' | 'unabsorbed' | 'mergedAway' | 'unmerged';
  }
>;

function afterMerge(state: TicketState, event: MergeEvent, atMs: number): TicketState {
  switch (event.type) {
    case 'mergeReserved':
      return { ...state, lease: event.lease };
    case 'mergeReleased':
      return { ...state, lease: null };
    case 'absorbed': {
      const { absorbed } = event;
      const ledger =
        absorbed.markAtMs === null
          ? state.ledger
          : addMark(state.ledger, {
              atMs: absorbed.markAtMs,
              kind: 'customer',
              messageId: `merge:${absorbed.mergeId}`,
            });
      return {
        ...state,
        lease: null,
        ledger,
        absorbed: [...state.absorbed, absorbed],
        tags: withList(state.tags, absorbed.tagsAdded, []),
        followers: withList(state.followers, absorbed.followersAdded, []),
      };
    }
    case 'unabsorbed': {
      const entry = state.absorbed.find((one) => one.mergeId === event.mergeId);
      const marker = `merge:${event.mergeId}`;
      return {
        ...state,
        lease: null,
        absorbed: state.absorbed.filter((one) => one.mergeId !== event.mergeId),
        tags: withList(state.tags, [], entry?.tagsAdded ?? []),
        followers: withList(state.followers, [], entry?.followersAdded ?? []),
        ledger: {
          ...state.ledger,
          marks: state.ledger.marks.filter((mark) => mark.messageId !== marker),
        },
      };
    }
    case 'mergedAway':
      return {
        ...state,
        lease: null,
        mergedInto: { ticketId: event.intoTicketId, mergeId: event.mergeId, atMs },
        ledger: holdClocks(state.ledger, atMs),
      };
    case 'unmerged':
      return {
        ...state,
        lease: null,
        mergedInto: null,
        ended: false,
        // A ticket that was spam before it was merged away is spam again: its clocks stay held.
        ledger: state.spam ? state.ledger : resumeClocks(state.ledger, atMs),
      };
  }
}

function withStatus(
  state: TicketState,
  event: Extract<TicketEvent, { type: 'statusChanged' }>,
  atMs: number,
): TicketState {
  const { to: status, category, cause } = event;
  // A step's own instant; the ledger stays in order of time all the same.
  const sinceMs =
    event.atMs === undefined
      ? atMs
      : Math.max(event.atMs, state.ledger.statuses.at(-1)?.atMs ?? event.atMs);
  const takesBack = cause === 'replyTakenBack' && state.category === 'closed';
  const ledger = (takesBack ? takeBackClose : recordStatus)(state.ledger, {
    atMs: sinceMs,
    status,
    category,
  });
  // A ticket that had ended and opens again lives on.
  const ended = category === 'closed' && state.ended;
  const wait = category === 'waiting' ? waitSince(state, sinceMs, event.sleptUntilMs) : null;
  return { ...state, status, category, ledger, ended, wait, closedAtMs: ledger.closedAtMs };
}

/** A wait that began in a snooze which is over: it counts from there on. */
function waitSince(state: TicketState, sinceMs: number, sleptUntilMs?: number): ContactWait {
  const wait = newWait(state, sinceMs);
  if (sleptUntilMs === undefined || sleptUntilMs <= sinceMs) return wait;
  return { ...wait, snoozes: [...wait.snoozes, [sinceMs, sleptUntilMs]] };
}

/** Another reply gives the requester the whole time again. */
function waitAnew(state: TicketState, atMs: number): ContactWait | null {
  return state.category === 'waiting' ? newWait(state, atMs) : waitOf(state);
}

/** A reply still on its way inherits the status that one before it had set: if it too fails, the status goes back. */
function withoutSend(sends: readonly PendingSend[], messageId: string): PendingSend[] {
  const index = sends.findIndex((send) => send.messageId === messageId);
  const moved = sends[index]?.moved;
  const rest = sends.filter((send) => send.messageId !== messageId);
  if (moved === undefined) return rest;
  const heir = rest.findIndex(
    (send, at) =>
      at >= index && send.kind === 'reply' && !send.scheduled && send.moved === undefined,
  );
  return rest.map((send, at) => (at === heir ? { ...send, moved } : send));
}

function replyMark(state: TicketState, messageId: string, atMs: number): TicketState['ledger'] {
  return addMark(state.ledger, { atMs, kind: 'reply', messageId });
}

function withHeard(
  lease: TicketState['lease'],
  event: Extract<TicketEvent, { type: 'messageReceived' }>,
): TicketState['lease'] {
  if (lease?.heard === undefined) return lease;
  const { messageId, atMs, automatic } = event;
  const message = { type: 'receiveMessage' as const, messageId, atMs, automatic };
  return { ...lease, heard: [...lease.heard, message].slice(-MAX_SEEN_MESSAGES) };
}

function withSeen(state: TicketState, messageId: string): TicketState {
  return {
    ...state,
    seenMessages: [...state.seenMessages, messageId].slice(-MAX_SEEN_MESSAGES),
  };
}

function withList(list: string[], added: readonly string[], removed: readonly string[]): string[] {
  const kept = list.filter((one) => !removed.includes(one));
  return [...kept, ...added.filter((one) => !kept.includes(one))];
}
