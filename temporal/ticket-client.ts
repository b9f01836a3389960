// How activities and the relay speak to ticket workflows: signals that start the workflow when it is not running (a ticket is
// rebuilt from Postgres then), and updates that follow the same rule. One file knows the start options.
import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ticketWorkflowId } from '#domain/ids.ts';
import {
  actUpdate,
  agentAssignedSignal,
  assigneeAwaySignal,
  deliveryReportedSignal,
  EVENTS_OF_A_RUN,
  messageReceivedSignal,
  messagesSplitSignal,
  nudgeSignal,
  rulesChangedSignal,
  TASK_QUEUES,
  WORKFLOWS,
} from '#workflows/messages.ts';
import type { ActResult, DeliveryReport, TicketInput, TicketRequest } from '#workflows/messages.ts';
import type { ReceiveMessage } from '#domain/ticket-types.ts';

/** A fact for a ticket, as it stands in the relay outbox. */
export type TicketFact =
  | ReceiveMessage
  | ({ type: 'reportDelivery' } & DeliveryReport)
  | { type: 'acceptAssignment'; userId: string; teamId: string; reason: string }
  | { type: 'returnToQueue'; userId: string; teamId: string | null; reason: string }
  | { type: 'rulesChanged'; revision: number }
  | { type: 'recordSplit'; messageIds: string[]; intoTicketId: number }
  | { type: 'nudge' };

/** Where workflows are started; tests use queues of their own. */
export interface TicketQueues {
  tickets: string;
}

/** Speaks to tickets by id. */
export interface TicketClient {
  /** Starts the ticket's workflow unless it runs. */
  start(ticketId: number): Promise<void>;
  /** The same; answers false when it runs already. */
  revive(ticketId: number): Promise<boolean>;
  /** Tells a ticket a fact; starts it first when it does not run. */
  tell(ticketId: number, fact: TicketFact): Promise<void>;
  /** Runs commands on a ticket; starts it first when it does not run. Throws WorkflowUpdateFailedError for a refusal. */
  act(ticketId: number, requests: TicketRequest[]): Promise<ActResult>;
}

/** Options that every start of a ticket's workflow shares. */
export function ticketStartOptions(ticketId: number, queues: TicketQueues) {
  const input: TicketInput = { ticketId, continueAsNewAfterEvents: EVENTS_OF_A_RUN };
  return {
    workflowId: ticketWorkflowId(ticketId),
    taskQueue: queues.tickets,
    args: [input] as [TicketInput],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    // What a killed worker had begun is given to another one after this long; the ticket's person waits for it. It must be enough for
    // a worker that replays as many tickets at once as it takes (worker/run.ts), or all of them would be begun again and again.
    workflowTaskTimeout: '1600ms',
    staticSummary: `Ticket ${ticketId}`,
  };
}

/** The same for the same requests in the same order, and for no others: a repeated batch is recognised by it. */
function batchId(requests: readonly TicketRequest[]): string {
  const ids = requests.map((one) => one.requestId);
  const [only] = ids;
  if (ids.length === 1 && only !== undefined && only.length <= 200) return only;
  return createHash('sha256').update(JSON.stringify(ids)).digest('hex');
}

/** A TicketClient on a Temporal client. */
export function createTicketClient(
  client: Client,
  queues: TicketQueues = TASK_QUEUES,
): TicketClient {
  const withStart = async (
    ticketId: number,
    signal: Parameters<typeof client.workflow.signalWithStart>[1]['signal'],
    args: unknown[],
  ): Promise<void> => {
    await client.workflow.signalWithStart(WORKFLOWS.ticket, {
      ...ticketStartOptions(ticketId, queues),
      signal,
      signalArgs: args,
    } as Parameters<typeof client.workflow.signalWithStart>[1]);
  };
  return {
    async start(ticketId) {
      await client.workflow.start(WORKFLOWS.ticket, ticketStartOptions(ticketId, queues));
    },
    async revive(ticketId) {
      try {
        await client.workflow.start(WORKFLOWS.ticket, {
          ...ticketStartOptions(ticketId, queues),
          workflowIdConflictPolicy: 'FAIL',
        });
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    },
    async tell(ticketId, fact) {
      switch (fact.type) {
        case 'receiveMessage':
          return await withStart(ticketId, messageReceivedSignal.name, [fact]);
        case 'reportDelivery': {
          const { type: _type, ...report } = fact;
          return await withStart(ticketId, deliveryReportedSignal.name, [report]);
        }
        case 'acceptAssignment': {
          const { userId, teamId, reason } = fact;
          return await withStart(ticketId, agentAssignedSignal.name, [{ userId, teamId, reason }]);
        }
        case 'returnToQueue': {
          const { userId, teamId, reason } = fact;
          return await withStart(ticketId, assigneeAwaySignal.name, [{ userId, teamId, reason }]);
        }
        case 'rulesChanged':
          return await withStart(ticketId, rulesChangedSignal.name, [{ revision: fact.revision }]);
        case 'recordSplit': {
          const { messageIds, intoTicketId } = fact;
          return await withStart(ticketId, messagesSplitSignal.name, [
            { messageIds, intoTicketId },
          ]);
        }
        case 'nudge':
          return await withStart(ticketId, nudgeSignal.name, []);
      }
    },
    async act(ticketId, requests) {
      const handle = client.workflow.getHandle(ticketWorkflowId(ticketId));
      const updateId = batchId(requests);
      try {
        return await handle.executeUpdate(actUpdate, { args: [requests], updateId });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      // The workflow has ended or was lost: the ticket is rebuilt from Postgres and takes the command.
      const startWorkflowOperation = new WithStartWorkflowOperation(
        WORKFLOWS.ticket,
        ticketStartOptions(ticketId, queues),
      );
      return await client.workflow.executeUpdateWithStart(actUpdate, {
        args: [requests],
        updateId,
        startWorkflowOperation,
      });
    },
  };
}
