// The contract of every workflow: names, message types, search attributes. API, worker and activities import this file,
// so it must stay free of workflow code. Names are stored in histories: never rename, only add.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Refusal } from '#domain/errors.ts';
import type { SlaView } from '#domain/sla.ts';
import type { ActionRef, GoalName, RoutingDecision } from '#domain/desk.ts';
import type { Wake } from '#domain/ticket-wake.ts';
import type {
  Actor,
  DeliveryOutcome,
  MergeLease,
  PendingSend,
  ReceiveMessage,
  Ticket,
  TicketCommand,
} from '#domain/ticket-types.ts';

/** Task queues: tickets and their projection, everything that leaves, mailboxes. */
export const TASK_QUEUES = {
  tickets: 'tickets',
  delivery: 'delivery',
  mailbox: 'mailbox',
} as const;

/** Typed search attributes, as registered with the server. No personal data: they are never encrypted. */
export const SEARCH_ATTRIBUTES = {
  status: defineSearchAttributeKey('TicketStatus', 'KEYWORD'),
  priority: defineSearchAttributeKey('TicketPriority', 'KEYWORD'),
  teamId: defineSearchAttributeKey('TeamId', 'KEYWORD'),
  assigneeId: defineSearchAttributeKey('AssigneeId', 'KEYWORD'),
  slaState: defineSearchAttributeKey('SlaState', 'KEYWORD'),
  policyId: defineSearchAttributeKey('PolicyId', 'KEYWORD'),
  channel: defineSearchAttributeKey('Channel', 'KEYWORD'),
  nextDueAt: defineSearchAttributeKey('NextDueAt', 'DATETIME'),
  policyVersion: defineSearchAttributeKey('PolicyVersion', 'INT'),
};

/** Start of a ticket's workflow: the id is enough, everything else is in Postgres. */
export interface TicketInput {
  ticketId: number;
  /** State carried over by continue-as-new. */
  carried?: Ticket | undefined;
  /** Continue as new beyond this history length: EVENTS_OF_A_RUN in production, less in tests, 2,000 where it is not said. */
  continueAsNewAfterEvents?: number | undefined;
}

/**
 * How long a ticket's history grows, in events: some sixty acts of people. After the death of a worker each of its tickets is replayed
 * while somebody waits, several at once on one thread, and must be done before its task times out.
 */
export const EVENTS_OF_A_RUN = 500;

/** One command of a batch; the requestId makes a repeated call harmless. */
export interface TicketRequest {
  requestId: string;
  actor: Actor;
  command: TicketCommand;
}

/** What became of one command of a batch. */
export interface TicketAnswer {
  requestId: string;
  refusal: Refusal | null;
}

/** Answer of `act`: returned when the read model has everything the commands did. */
export interface ActResult {
  version: number;
  answers: TicketAnswer[];
}

/** The workflow's own state for people: what the ticket waits for and why. Computed at the last workflow task. */
export interface TicketLive {
  ticketId: number;
  version: number;
  status: string;
  assigneeId: string | null;
  teamId: string | null;
  routing: RoutingDecision | null;
  sla: SlaView;
  policyWhy: string[];
  nextWake: Wake | null;
  pendingSends: PendingSend[];
  lease: MergeLease | null;
  mergedIntoId: number | null;
  projectedVersion: number;
  historyLength: number;
}

export interface DeliveryReport {
  messageId: string;
  outcome: DeliveryOutcome;
  atMs: number;
  code: string | null;
}

/** Person's commands on one ticket, in order; several at once when they come in faster than they are served. */
export const actUpdate = defineUpdate<ActResult, [TicketRequest[]]>('act');
/** Returns when the ticket is routed, its timer armed and its row written. */
export const openedUpdate = defineUpdate<{ version: number }, []>('opened');

export const messageReceivedSignal = defineSignal<[ReceiveMessage]>('messageReceived');
export const deliveryReportedSignal = defineSignal<[DeliveryReport]>('deliveryReported');
export const agentAssignedSignal =
  defineSignal<[{ userId: string; teamId: string; reason: string }]>('agentAssigned');
/** The assignee is away: the ticket goes back to its team's queue. */
export const assigneeAwaySignal =
  defineSignal<[{ userId: string; teamId: string | null; reason: string }]>('assigneeAway');
/** A policy, calendar or setting changed: look again at once instead of at the next wake. */
export const rulesChangedSignal = defineSignal<[{ revision: number }]>('rulesChanged');
export const messagesSplitSignal =
  defineSignal<[{ messageIds: string[]; intoTicketId: number }]>('messagesSplit');
/** Wakes the ticket without telling it anything: the reconciler's remedy for a late row. */
export const nudgeSignal = defineSignal<[]>('nudge');

export const liveQuery = defineQuery<TicketLive>('live');

/** Start of a delivery. */
export interface DeliverInput {
  messageId: string;
  ticketId: number;
  sendAtMs: number;
  giveUpMs: number;
}
export interface DeliverResult {
  outcome: DeliveryOutcome;
  attempts: number;
}
/** Stops a message that has not begun to leave; answers whether that came in time. */
export const cancelSendUpdate = defineUpdate<{ cancelled: boolean }, []>('cancelSend');
/** Tries again now instead of at the next planned time. */
export const retryNowSignal = defineSignal<[]>('retryNow');

/** Start of a notice to somebody outside; who that is stands in the policy version. */
export interface StepNoticeInput {
  ticketId: number;
  /** The escalated event, and which of its actions. */
  seq: number;
  action: number;
  ref: ActionRef;
  goal: GoalName;
  key: string;
  momentMs: number;
  repetition: number | null;
  giveUpMs: number;
}
/** A mail of an account, by its row. */
export interface AccountMailInput {
  mailId: string;
}

export interface StepNoticeResult {
  outcome: 'sent' | 'failed' | 'gone';
  attempts: number;
  code: string | null;
}

/** Start of the mail of a notice to one of the desk's people; who and what stand in notifications. */
export interface NoticeMailInput {
  notificationId: string;
  giveUpMs: number;
}

export interface MergeInput {
  mergeId: string;
  loserId: number;
  survivorId: number;
  actor: Actor;
}
export interface MergeResult {
  merged: boolean;
  refusal: Refusal | null;
}

export interface AssignQueueInput {
  teamId: string;
}
/** Something freed capacity, or a ticket began to wait, in this team. */
export const capacityFreedSignal = defineSignal<[]>('capacityFreed');

/** Start of the watch over one person's availability; everything else is in Postgres. */
export interface AvailabilityInput {
  userId: string;
  /** Continue as new beyond this history length; tests set it low. */
  continueAsNewAfterEvents?: number | undefined;
}
/** What somebody's availability depends on was saved. */
export const availabilityChangedSignal = defineSignal<[]>('availabilityChanged');

/** Start of a bulk change: the job's tickets and its command are in Postgres. */
export interface BulkInput {
  jobId: string;
  /** Continue as new beyond this history length; tests set it low. */
  continueAsNewAfterEvents?: number | undefined;
}
/** How a bulk change stands; the query's answer and the workflow's result. */
export interface BulkProgress {
  state: 'running' | 'cancelling' | 'finished' | 'cancelled';
  total: number;
  done: number;
  failed: number;
}
/** What became of the job so far, as of the last batch. */
export const bulkProgressQuery = defineQuery<BulkProgress | null>('progress');

export interface MailboxInput {
  channelId: string;
}

/** Start of a rollout: everything else stands in the newest row of rollouts for this policy or calendar. */
export interface RolloutInput {
  subjectKind: 'slaPolicy' | 'calendar' | 'pipeline' | 'settings';
  subjectId: string;
  /** Continue as new beyond this history length; tests set it low. */
  continueAsNewAfterEvents?: number | undefined;
}
/** How far a rollout is. */
export interface RolloutProgress {
  rolloutId: string;
  state: 'planning' | 'running' | 'paused' | 'cancelled' | 'superseded' | 'finished';
  subjectVersion: number;
  total: number;
  done: number;
  failed: number;
  /** Tickets whose deadline moves earlier: they are told first. */
  urgent: number;
  urgentDone: number;
}
/** A newer save, or a person paused, resumed or cancelled. */
export const rolloutChangedSignal = defineSignal<[]>('rolloutChanged');
export const rolloutProgressQuery = defineQuery<RolloutProgress | null>('progress');

/** Start of a simulation; the draft stands in Postgres. */
export interface SimulateInput {
  simulationId: string;
}

/** Workflow types by name, for callers that start them without importing workflow code. */
export const WORKFLOWS = {
  ticket: 'ticket',
  deliver: 'deliver',
  notify: 'notify',
  accountMail: 'accountMail',
  noticeMail: 'noticeMail',
  merge: 'merge',
  undoMerge: 'undoMerge',
  assignQueue: 'assignQueue',
  availability: 'availability',
  reconcile: 'reconcile',
  policyRollout: 'policyRollout',
  simulate: 'simulate',
  mailbox: 'mailbox',
  bulk: 'bulk',
} as const;
