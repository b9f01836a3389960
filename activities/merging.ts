// The steps of a merge, each an update on one ticket. A refusal is an answer, not a failure; everything else is retried.
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/activity';
import { finishTicketMerge } from '#db/merges.ts';
import { findTicketSource } from '#db/ticket-projection.ts';
import type { SqlPool } from '#db/sql.ts';
import { mergePayload } from '#domain/merge.ts';
import type { Refusal } from '#domain/errors.ts';
import type { TicketClient } from '#temporal/ticket-client.ts';
import { refusalOf } from '#temporal/refusals.ts';
import type { ActivityContract } from './contract.ts';

/** Activities of workflows/merge.ts. */
export function mergeActivities(
  sql: SqlPool,
  tickets: TicketClient,
): Pick<ActivityContract, 'mergeStep' | 'readMergePayload' | 'recordMerge'> {
  return {
    async mergeStep({ ticketId, requestId, actor, command }): Promise<{ refusal: Refusal | null }> {
      try {
        const { answers } = await tickets.act(ticketId, [{ requestId, actor, command }]);
        return { refusal: answers[0]?.refusal ?? null };
      } catch (error) {
        const refusal = error instanceof WorkflowUpdateFailedError ? refusalOf(error) : null;
        if (refusal === null) throw error;
        return { refusal };
      }
    },
    async readMergePayload({ ticketId }) {
      const source = await findTicketSource(sql, ticketId);
      const state = source?.snapshot;
      if (state === undefined || state === null) {
        throw ApplicationFailure.nonRetryable(`Ticket ${ticketId} has no snapshot.`, 'notFound');
      }
      return mergePayload(state);
    },
    async recordMerge({ mergeId, state, reason }) {
      await finishTicketMerge(sql, { mergeId, state, reason });
    },
  };
}
