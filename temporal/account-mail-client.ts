// How a mail of an account is sent on its way: by the relay, or by the reconciler when its run was lost; once however often they try.
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { accountMailWorkflowId } from '#domain/ids.ts';
import { WORKFLOWS } from '#workflows/messages.ts';
import type { AccountMailInput } from '#workflows/messages.ts';
import type { TicketQueues } from './ticket-client.ts';

/** Starts it; one that runs or has run is left alone, which false says. */
export async function startAccountMail(
  client: Client,
  queues: TicketQueues,
  mailId: string,
): Promise<boolean> {
  const input: AccountMailInput = { mailId };
  try {
    await client.workflow.start(WORKFLOWS.accountMail, {
      ...{ workflowId: accountMailWorkflowId(mailId), taskQueue: queues.tickets, args: [input] },
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: 'an invitation or a new password by mail',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
