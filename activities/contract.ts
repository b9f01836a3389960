// What workflows may ask of the world: names and types of every activity. Types only, so that workflows can import it.
import type { AvailabilityReason } from '#domain/availability.ts';
import type { Refusal } from '#domain/errors.ts';
import type { TicketRules } from '#domain/desk.ts';
import type { SlaView } from '#domain/sla.ts';
import type {
  DeliveryOutcome,
  MergePayload,
  ReceiveMessage,
  RecordedEvent,
  Ticket,
  TicketCommand,
  TicketState,
  Actor,
} from '#domain/ticket-types.ts';
import type { Wake } from '#domain/ticket-wake.ts';
import type { BulkProgress, RolloutProgress, StepNoticeInput } from '#workflows/messages.ts';

/**
 * Which write of a ticket's row is newer: the run's start, then how much history it had, then the version.
 * A worker that died between its write and its commit, or a zombie, carries an older fence than the one that took over.
 */
export interface Fence {
  runStartedMs: number;
  historyLength: number;
}

export interface OpenTicketInput {
  ticketId: number;
  nowMs: number;
  fence: Fence;
}

export interface OpenTicketResult {
  ticket: Ticket;
  /** True when the ticket was born in this very call, false when it was rebuilt from Postgres. */
  born: boolean;
  /** The order of commands of the worker that answers; see workflows/ticket-entity.ts. Absent in histories before it. */
  commandOrder?: 2 | 3;
  /** The desk's revision when the row was written; the rules may have been read just before it. */
  revision?: number;
  /** The rules no longer have the place the ticket was in: it adopts them before anything else. */
  adopt?: true;
}

/** Which rules a ticket carries. */
export interface RulesQuestion {
  ticketId: number;
  rulesRevision: number;
  /** The policy the ticket carries, to be compared with the one that should rule it now. */
  policy: { policyId: string; version: number; calendarVersion: number | null } | null;
}

export interface ProjectTicketInput extends RulesQuestion {
  state: TicketState;
  sla: SlaView;
  wake: Wake | null;
  events: RecordedEvent[];
  fence: Fence;
  nowMs: number;
  /** Written only while the desk's rules are of this revision; refused with the rules that hold otherwise. */
  onlyAtRevision?: number;
}

/** An absent assignee's ticket goes back to its team; teamId is for one that has none. The reason names nobody. */
export interface ReturnToQueue {
  userId: string;
  teamId: string | null;
  reason: string;
}

export interface ProjectTicketResult {
  /** False when a newer write had been taken already: this one is a zombie's. */
  taken: boolean;
  /** The assignee of a ticket that was just reopened is away, and the desk wants it back in the queue. Absent otherwise. */
  returnToQueue?: ReturnToQueue;
  /** Rules that now hold, when they differ from those the ticket carries. */
  rules: TicketRules | null;
  revision: number;
}

export type SendOutcome =
  | { kind: 'sent'; atMs: number }
  /** The ones it is for have it; others were asked to wait, and the next attempt is for them alone. */
  | { kind: 'partly'; atMs: number; code: string }
  | { kind: 'permanent'; code: string }
  | { kind: 'temporary'; code: string }
  | { kind: 'gone' };

export type MergeStepCommand = Extract<
  TicketCommand,
  { type: 'reserveMerge' | 'releaseMerge' | 'absorb' | 'seal' | 'unabsorb' | 'unseal' }
>;

/** How a bulk job stands after a batch, and how many of its tickets are still to be changed. */
export interface BulkBatchResult {
  progress: BulkProgress;
  left: number;
}

export interface ReconcileFindings {
  late: number;
  unborn: number;
  unheardMessages: number;
  lostWorkflows: number;
  stuckDeliveries: number;
  staleAssignments: number;
  stuckMerges: number;
  stuckBulkJobs: number;
  stuckRollouts: number;
  stuckSimulations: number;
  stuckNotices: number;
  stuckAccountMails: number;
  stuckNoticeMails: number;
  lateAvailabilities: number;
  spamDeleted: number;
  /** Remedies that failed in this round; the next one tries again. */
  failures: number;
  /** Living tickets whose workflow was looked for, and the last of them: the next round goes on behind it. */
  checked: number;
  cursor: number;
}

/** Every activity. */
export interface ActivityContract {
  openTicket(input: OpenTicketInput): Promise<OpenTicketResult>;
  projectTicket(input: ProjectTicketInput): Promise<ProjectTicketResult>;
  /** The rules that hold by now, when they are not those the ticket carries. */
  checkRules(question: RulesQuestion): Promise<{ rules: TicketRules | null }>;
  sendMessage(input: { messageId: string; attempt: number }): Promise<SendOutcome>;
  giveUpMessage(input: { messageId: string; code: string }): Promise<void>;
  cancelMessage(input: { messageId: string }): Promise<void>;
  sendStepNotice(input: StepNoticeInput): Promise<SendOutcome>;
  giveUpStepNotice(input: StepNoticeInput): Promise<void>;
  sendAccountMail(input: { mailId: string }): Promise<SendOutcome>;
  giveUpAccountMail(input: { mailId: string; code: string }): Promise<void>;
  /** Gone when its person has read the notice meanwhile, is no more, or has had too many mails today. */
  sendNoticeMail(input: { notificationId: string }): Promise<SendOutcome>;
  giveUpNoticeMail(input: { notificationId: string }): Promise<void>;
  reportDelivery(input: {
    ticketId: number;
    messageId: string;
    outcome: DeliveryOutcome;
    atMs: number;
    code: string | null;
  }): Promise<void>;
  /** False when there is nobody to warn: no address, an automatic sender, or too many automatic mails to them today. */
  writeCloseWarning(input: {
    ticketId: number;
    messageId: string;
    sendAtMs: number;
  }): Promise<{ written: boolean }>;
  passMessageOn(input: { ticketId: number; message: ReceiveMessage }): Promise<void>;
  tellAssigned(input: {
    teamId: string;
    assigned: { ticketId: number; userId: string; reason: string }[];
  }): Promise<void>;
  mergeStep(input: {
    ticketId: number;
    requestId: string;
    actor: Actor;
    command: MergeStepCommand;
  }): Promise<{ refusal: Refusal | null }>;
  readMergePayload(input: { ticketId: number }): Promise<MergePayload>;
  recordMerge(input: {
    mergeId: string;
    state: 'merged' | 'released' | 'undone' | 'undoing';
    reason: string | null;
  }): Promise<void>;
  assignWaitingTickets(input: {
    teamId: string;
    limit: number;
  }): Promise<{ assigned: { ticketId: number; userId: string; reason: string }[]; more: boolean }>;
  /** What somebody's availability is by now; nextAtMs: when to look again. */
  lookAtAvailability(input: { userId: string; nowMs: number }): Promise<{
    availability: 'available' | 'away';
    reason: AvailabilityReason;
    nextAtMs: number | null;
  }>;
  reconcileDesk(input: { full: boolean }): Promise<ReconcileFindings>;
  readMailbox(input: { channelId: string }): Promise<{ reason: string }>;
  applyBulkBatch(input: { jobId: string; limit: number }): Promise<BulkBatchResult>;
  finishBulk(input: { jobId: string; cancelled: boolean }): Promise<BulkProgress>;
  /** Null when there is nothing to roll out any more. */
  planRollout(input: {
    subjectId: string;
  }): Promise<{ added: number; progress: RolloutProgress } | null>;
  /** Null when a newer save has taken over. */
  tellRolloutBatch(input: {
    subjectId: string;
    rolloutId: string;
    limit: number;
  }): Promise<RolloutProgress | null>;
  finishRollout(input: { rolloutId: string }): Promise<void>;
  failSimulation(input: { simulationId: string }): Promise<void>;
  runSimulation(input: { simulationId: string }): Promise<{ looked: number; cancelled: boolean }>;
}
