// Starts the mails of notices. One that runs or has ended is left alone: its person gets one mail.
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { noticeMailWorkflowId } from '#domain/ids.ts';
import { WORKFLOWS } from '#workflows/messages.ts';
import type { NoticeMailInput } from '#workflows/messages.ts';
import type { TicketQueues } from './ticket-client.ts';

const GIVE_UP_MS = 24 * 3_600_000;

/** Starts a notice's mail; false when it was started before. */
export async function startNoticeMail(
  client: Client,
  queues: TicketQueues,
  notificationId: string,
): Promise<boolean> {
  const input: NoticeMailInput = { notificationId, giveUpMs: GIVE_UP_MS };
  try {
    await client.workflow.start(WORKFLOWS.noticeMail, {
      workflowId: noticeMailWorkflowId(notificationId),
      taskQueue: queues.tickets,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: 'mails a notice to one of the desk’s people',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
