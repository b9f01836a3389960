// What the API may ask of tickets' workflows. Types only; api/ticket-gateway.ts is the one implementation.
import type { Refusal } from '#domain/errors.ts';
import type { Actor, TicketCommand } from '#domain/ticket-types.ts';
import type { TicketLive } from '#workflows/messages.ts';

/** Two tickets to be merged, or a merge to be undone. */
export interface MergeCall {
  mergeId: string;
  loserId: number;
  survivorId: number;
  actor: Actor;
}

/** One side of a task queue as the server sees it. */
export interface QueueSide {
  pollers: { identity: string; lastSeenAt: Date | null }[];
  backlog: number;
  backlogSeconds: number;
}

/** A task queue with the workers that ask it for work. */
export interface QueueView {
  name: string;
  workflows: QueueSide;
  activities: QueueSide;
}

/** What an operator asks of Temporal. Each question is answered in time or throws: whoever asks has others to ask. */
export interface EngineProbe {
  /** The server's version. */
  server(withinMs: number): Promise<string>;
  taskQueues(withinMs: number): Promise<QueueView[]>;
  /** When the reconciler's schedule runs next; null when there is no such schedule. */
  nextReconcile(withinMs: number): Promise<Date | null>;
  /** When each workflow's present timer fires; workflows without one are left out. */
  nextTimers(workflowIds: readonly string[], withinMs: number): Promise<Map<string, Date>>;
  /** Where an operator sees a workflow, a task queue, the schedule, or all workflows. */
  url(of: { workflowId: string } | { taskQueue: string } | { scheduleId: string } | null): string;
}

/** Commands, queries and sagas of tickets. Every method throws HoldfastError with a code of the closed list. */
export interface TicketGateway {
  /** Applies a person's command; returns when the read model has it. Follows merges to the survivor when asked to. */
  act(input: {
    ticketId: number;
    requestId: string;
    actor: Actor;
    command: TicketCommand;
    followMerge?: boolean;
  }): Promise<{ ticketId: number; version: number }>;
  /** Starts the workflow of a row just committed and waits until it is routed; false when Temporal does not answer in time. */
  open(ticketId: number): Promise<boolean>;
  live(ticketId: number): Promise<TicketLive>;
  merge(input: MergeCall): Promise<{ refusal: Refusal | null }>;
  undoMerge(input: MergeCall): Promise<void>;
  /** Stops a message before it leaves; `left` when it has begun to leave, `notBegun` when no delivery of it runs (yet). */
  cancelSend(messageId: string): Promise<'cancelled' | 'left' | 'notBegun'>;
  health(): Promise<{ temporal: boolean; workers: boolean }>;
  workflowUrl(ticketId: number): string;
  /** The workflow that brings saves of a policy, calendar or other rule to open tickets, and where an operator sees it. */
  rolloutWorkflow(subjectId: string): { id: string; url: string };
  /** The workflow of a bulk change and where an operator sees it. */
  bulkWorkflow(jobId: string): { id: string; url: string };
  readonly engine: EngineProbe;
}
