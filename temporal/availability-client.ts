// How the watch over one person's availability is started: by the relay, from what a save left in the outbox, and by the reconciler.
import type { Client } from '@temporalio/client';
import { availabilityWorkflowId } from '#domain/ids.ts';
import { availabilityChangedSignal, WORKFLOWS } from '#workflows/messages.ts';
import type { AvailabilityInput } from '#workflows/messages.ts';
import type { TicketQueues } from './ticket-client.ts';

/** Starts it, or has the one that runs look again. */
export async function startAvailability(
  client: Client,
  queues: TicketQueues,
  userId: string,
): Promise<void> {
  const input: AvailabilityInput = { userId };
  await client.workflow.signalWithStart(WORKFLOWS.availability, {
    workflowId: availabilityWorkflowId(userId),
    taskQueue: queues.tickets,
    args: [input],
    signal: availabilityChangedSignal,
    signalArgs: [],
    staticSummary: 'waits for changes of one agent’s availability',
  });
}
