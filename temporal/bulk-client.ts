// How a bulk change's workflow is started: by the relay when the job was stored, by the reconciler when the workflow was lost.
import type { Client } from '@temporalio/client';
import { bulkWorkflowId } from '#domain/ids.ts';
import { WORKFLOWS } from '#workflows/messages.ts';
import type { BulkInput } from '#workflows/messages.ts';
import type { TicketQueues } from './ticket-client.ts';

/** Starts the job's workflow unless it runs; a job that has ended already finds nothing left to do. */
export async function startBulk(
  client: Client,
  queues: TicketQueues,
  jobId: string,
): Promise<void> {
  const input: BulkInput = { jobId };
  await client.workflow.start(WORKFLOWS.bulk, {
    workflowId: bulkWorkflowId(jobId),
    taskQueue: queues.tickets,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `one change of many tickets, job ${jobId}`,
  });
}
