// How a rollout's workflow is started or told to look again: by the relay after a save, by the API when a person intervenes.
import type { Client } from '@temporalio/client';
import { rolloutWorkflowId } from '#domain/ids.ts';
import { rolloutChangedSignal, WORKFLOWS } from '#workflows/messages.ts';
import type { RolloutInput } from '#workflows/messages.ts';
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
