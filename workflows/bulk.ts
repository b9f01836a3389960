// One change of many tickets, batch by batch. Its id is bulk-<jobId>; which tickets and what change stand in Postgres, and so does
// what became of each, so that a new run goes on where the last one stopped and no ticket is changed twice.
import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { bulkChanging } from './activities.ts';
import { bulkProgressQuery } from './messages.ts';
import type { BulkInput, BulkProgress } from './messages.ts';

const BATCH = 50;
const CONTINUE_AS_NEW_AFTER_EVENTS = 2_000;

/** Changes every ticket of the job, until none is left, the API asks to stop, or an operator cancels the run. */
export async function bulk(input: BulkInput): Promise<BulkProgress> {
  const { jobId } = input;
  let latest: BulkProgress | null = null;
  setHandler(bulkProgressQuery, () => latest, {
    description: 'Tickets changed, failed and in all, as of the last batch.',
  });
  const say = (progress: BulkProgress): BulkProgress => {
    latest = progress;
    const { state, done, failed, total } = progress;
    const left = total - done - failed;
    setCurrentDetails(
      `bulk change ${jobId} (API /api/v1/tickets/bulk/${jobId})\n\n**${state}**: ${done} changed, ${failed} failed, ${left} of ${total} left`,
    );
    return progress;
  };
  const limit = input.continueAsNewAfterEvents ?? CONTINUE_AS_NEW_AFTER_EVENTS;
  let cancelled = false;
  let summary = 'first batch of this run';
  for (let left = 1; left > 0 && !cancelled;) {
    const batch = await applyBatch(jobId, summary);
    if (batch === null) {
      cancelled = true;
      break;
    }
    const { state, done, failed, total } = say(batch.progress);
    left = batch.left;
    cancelled = state === 'cancelling' || state === 'cancelled';
    summary = `batch after ${done + failed} of ${total}`;
    const info = workflowInfo();
    if (left > 0 && !cancelled && (info.continueAsNewSuggested || info.historyLength > limit)) {
      return await continueAsNew<typeof bulk>(input);
    }
  }
  return await CancellationScope.nonCancellable(async () =>
    say(await bulkChanging.finishBulk({ jobId, cancelled })),
  );
}

/** One batch; null when an operator has cancelled the run. What was applied by then stays, and is counted. */
async function applyBatch(jobId: string, summary: string) {
  try {
    return await bulkChanging.applyBulkBatch.executeWithOptions({ summary }, [
      { jobId, limit: BATCH },
    ]);
  } catch (error) {
    if (isCancellation(error)) return null;
    throw error;
  }
}
