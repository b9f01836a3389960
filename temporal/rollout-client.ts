// How the workflows of rollouts and simulations are started: by the relay, from what a save or a question left in the outbox.
import type { Client } from '@temporalio/client';
import { rolloutWorkflowId, simulationWorkflowId } from '#domain/ids.ts';
import { rolloutChangedSignal, WORKFLOWS } from '#workflows/messages.ts';
import type { RolloutInput, SimulateInput } from '#workflows/messages.ts';
import type { TicketQueues } from './ticket-client.ts';

/** Starts it, or has the one that runs look at the read model. */
export async function startRollout(
  client: Client,
  queues: TicketQueues,
  input: RolloutInput,
): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOWS.policyRollout, {
    workflowId: rolloutWorkflowId(input.subjectId),
    taskQueue: queues.tickets,
    args: [input],
    signal: rolloutChangedSignal,
    signalArgs: [],
    staticSummary: `brings a saved ${input.subjectKind} to open tickets`,
  });
}

/** Starts a simulation unless it runs; one that has ended finds nothing left to do. */
export async function startSimulation(
  client: Client,
  queues: TicketQueues,
  simulationId: string,
): Promise<void> {
  const input: SimulateInput = { simulationId };
  await client.workflow.start(WORKFLOWS.simulate, {
    workflowId: simulationWorkflowId(simulationId),
    taskQueue: queues.tickets,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: 'what a draft of a policy would have done',
  });
}
