// The only file of the API that talks to Temporal, beside engine-probe.ts for operators: commands, start, query, merges. Coalesces the commands of one ticket, since
// more than ten updates in flight on one workflow stall for seconds, and turns what goes wrong into codes of the closed list.
import type { Client } from '@temporalio/client';
import {
  isGrpcServiceError,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Refusal } from '#domain/errors.ts';
import { HoldfastError } from '#domain/errors.ts';
import {
  bulkWorkflowId,
  deliverWorkflowId,
  mergeWorkflowId,
  rolloutWorkflowId,
  ticketWorkflowId,
} from '#domain/ids.ts';
import { refusedAnswers } from '#temporal/refusals.ts';
import { ticketStartOptions } from '#temporal/ticket-client.ts';
import type { TicketClient, TicketQueues } from '#temporal/ticket-client.ts';
import { cancelSendUpdate, liveQuery, openedUpdate, WORKFLOWS } from '#workflows/messages.ts';
import type { MergeInput, MergeResult, TicketAnswer, TicketRequest } from '#workflows/messages.ts';
import { createEngineProbe } from './engine-probe.ts';
import type { TicketGateway } from './ticket-gateway-contract.ts';

const DEADLINE_MS = 10_000;
/** For a command while the last look at the server found nobody: it is tried, but nobody waits long for what they know already. */
const IMPATIENT_MS = 1_500;
const LOOK_COUNTS_MS = 5_000;
const MAX_IN_FLIGHT = 4;
const MAX_BATCH = 50;
const MAX_HOPS = 5;

/** What the gateway works with. */
export interface GatewayDeps {
  client: Client;
  tickets: TicketClient;
  queues: TicketQueues & { delivery: string; mailbox: string };
  temporalUiUrl: string;
  namespace: string;
}

/** The same, with when the server was last found away. */
interface Deps extends GatewayDeps {
  foundAwayAtMs: number;
}

interface Waiting {
  request: TicketRequest;
  resolve(result: { version: number; answer: TicketAnswer }): void;
  reject(error: unknown): void;
}

/** Commands of one ticket on their way: a few in flight, the rest waits to go as one batch. */
interface Lane {
  inFlight: number;
  waiting: Waiting[];
}

/** The gateway of one API process. */
export function createTicketGateway(given: GatewayDeps): TicketGateway {
  const deps: Deps = { ...given, foundAwayAtMs: -Infinity };
  const lanes = new Map<number, Lane>();
  const send = createSender(deps, lanes);
  return {
    async act({ ticketId, requestId, actor, command, followMerge }) {
      let target = ticketId;
      for (let hop = 0; hop < MAX_HOPS; hop += 1) {
        const { version, answer } = await send(target, { requestId, actor, command });
        const { refusal } = answer;
        if (refusal === null) return { ticketId: target, version };
        if (refusal.code !== 'ticketMerged' || followMerge !== true) throw refused(refusal);
        target = refusal.ticketId ?? target;
      }
      throw new HoldfastError('mergeCycle', `Ticket ${ticketId} was merged too many times.`);
    },
    open: (ticketId) => openTicket(deps, ticketId),
    live: (ticketId) =>
      reachable(deps, () =>
        deps.client.workflow.getHandle(ticketWorkflowId(ticketId)).query(liveQuery),
      ),
    async merge(input) {
      const result = await runMerge(deps, WORKFLOWS.merge, input);
      return { refusal: result.refusal };
    },
    async undoMerge(input) {
      await runMerge(deps, WORKFLOWS.undoMerge, input);
    },
    async cancelSend(messageId) {
      try {
        const handle = deps.client.workflow.getHandle(deliverWorkflowId(messageId));
        const { cancelled } = await reachable(deps, () => handle.executeUpdate(cancelSendUpdate));
        return cancelled ? 'cancelled' : 'left';
      } catch (error) {
        if (error instanceof HoldfastError && error.code === 'notFound') return 'notBegun';
        throw error;
      }
    },
    health: () => measureHealth(deps),
    engine: createEngineProbe(deps),
    bulkWorkflow: (jobId) => {
      const id = bulkWorkflowId(jobId);
      return {
        id,
        url: `${deps.temporalUiUrl}/namespaces/${deps.namespace}/workflows/${id}`,
      };
    },
    rolloutWorkflow: (subjectId) => {
      const id = rolloutWorkflowId(subjectId);
      return { id, url: `${deps.temporalUiUrl}/namespaces/${deps.namespace}/workflows/${id}` };
    },
    workflowUrl: (ticketId) =>
      `${deps.temporalUiUrl}/namespaces/${deps.namespace}/workflows/${ticketWorkflowId(ticketId)}`,
  };
}

function refused(refusal: Refusal): HoldfastError {
  return new HoldfastError(
    refusal.code,
    refusal.detail,
    refusal.ticketId === undefined ? {} : { ticketId: refusal.ticketId },
  );
}

type Sender = (
  ticketId: number,
  request: TicketRequest,
) => Promise<{ version: number; answer: TicketAnswer }>;

function createSender(deps: Deps, lanes: Map<number, Lane>): Sender {
  const pump = (ticketId: number, lane: Lane): void => {
    while (lane.inFlight < MAX_IN_FLIGHT && lane.waiting.length > 0) {
      const size = lane.inFlight === 0 ? 1 : MAX_BATCH;
      const batch = lane.waiting.splice(0, size);
      lane.inFlight += 1;
      void sendBatch(deps, ticketId, batch).finally(() => {
        lane.inFlight -= 1;
        if (lane.inFlight === 0 && lane.waiting.length === 0) lanes.delete(ticketId);
        else pump(ticketId, lane);
      });
    }
  };
  return (ticketId, request) =>
    new Promise((resolve, reject) => {
      const lane = lanes.get(ticketId) ?? { inFlight: 0, waiting: [] };
      lanes.set(ticketId, lane);
      lane.waiting.push({ request, resolve, reject });
      pump(ticketId, lane);
    });
}

async function sendBatch(deps: Deps, ticketId: number, batch: Waiting[]): Promise<void> {
  try {
    const requests = batch.map(({ request }) => request);
    const { version, answers } = await reachable(deps, () => deps.tickets.act(ticketId, requests));
    for (const [index, one] of batch.entries()) {
      const answer = answers[index];
      if (answer === undefined) one.reject(new Error('The ticket left a command unanswered.'));
      else one.resolve({ version, answer });
    }
  } catch (error) {
    const answers = error instanceof WorkflowUpdateFailedError ? refusedAnswers(error) : null;
    for (const [index, one] of batch.entries()) {
      const answer = answers?.[index];
      if (answer === undefined) one.reject(error);
      else one.resolve({ version: 0, answer });
    }
  }
}

async function openTicket(deps: Deps, ticketId: number): Promise<boolean> {
  try {
    await reachable(deps, () =>
      deps.client.workflow.executeUpdateWithStart(openedUpdate, {
        startWorkflowOperation: new WithStartWorkflowOperation(
          WORKFLOWS.ticket,
          ticketStartOptions(ticketId, deps.queues),
        ),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'temporalUnavailable') return false;
    throw error;
  }
}

async function runMerge(deps: Deps, type: string, input: MergeInput): Promise<MergeResult> {
  return await reachable(deps, async () => {
    try {
      return (await deps.client.workflow.execute(type, {
        workflowId: mergeWorkflowId(input.loserId),
        taskQueue: deps.queues.tickets,
        args: [input],
        staticSummary: `${type} of ticket ${input.loserId} and ticket ${input.survivorId}`,
      })) as MergeResult;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      throw new HoldfastError('ticketBusyMerging', 'Another merge of this ticket is under way.');
    }
  });
}

/** Runs a call with a deadline; a server or worker that does not answer becomes temporalUnavailable. */
async function reachable<T>(deps: Deps, call: () => Promise<T>): Promise<T> {
  const foundAway = performance.now() - deps.foundAwayAtMs < LOOK_COUNTS_MS;
  try {
    const deadline = Date.now() + (foundAway ? IMPATIENT_MS : DEADLINE_MS);
    return await deps.client.withDeadline(deadline, call);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new HoldfastError('notFound', 'There is no such running workflow.');
    }
    const unavailable =
      error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
      error instanceof ServiceError ||
      isGrpcServiceError(error) ||
      (error instanceof Error && error.name === 'QueryNotRegisteredError');
    if (!unavailable) throw error;
    throw new HoldfastError(
      'temporalUnavailable',
      'The ticket engine does not answer right now. Send the same request again, with the same Idempotency-Key where it has one.',
    );
  }
}

async function measureHealth(deps: Deps): Promise<{ temporal: boolean; workers: boolean }> {
  try {
    const described = await deps.client.withDeadline(Date.now() + 2_000, () =>
      deps.client.workflowService.describeTaskQueue({
        namespace: deps.namespace,
        taskQueue: { name: deps.queues.tickets },
        taskQueueType: 1,
      }),
    );
    deps.foundAwayAtMs = -Infinity;
    return { temporal: true, workers: (described.pollers ?? []).length > 0 };
  } catch {
    deps.foundAwayAtMs = performance.now();
    return { temporal: false, workers: false };
  }
}
