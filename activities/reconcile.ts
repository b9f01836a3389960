// The reconciler: finds where Postgres and Temporal have drifted apart and heals it. Every remedy is harmless when nothing was wrong.
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { SqlPool } from '#db/sql.ts';
import {
  deleteOldDrafts,
  insertReconcileRun,
  listLateTickets,
  listLivingTickets,
  listOverdueSends,
  listUnbornTickets,
  listUnheardStoredMessages,
} from '#db/reconcile.ts';
import { listStuckBulkJobs } from '#db/bulk.ts';
import { listStuckMerges } from '#db/merges.ts';
import { deleteExpiredSpam, listExpiredSpam } from '#db/spam.ts';
import { deleteOldIdempotencyKeys } from '#db/tickets.ts';
import { releaseStaleAssignments } from '#db/assignments.ts';
import { deliverWorkflowId, mergeWorkflowId } from '#domain/ids.ts';
import { startBulk } from '#temporal/bulk-client.ts';
import type { TicketClient, TicketQueues } from '#temporal/ticket-client.ts';
import { WORKFLOWS } from '#workflows/messages.ts';
import type { DeliverInput, MergeInput } from '#workflows/messages.ts';
import type { ActivityContract, ReconcileFindings } from './contract.ts';

const LATE_SECONDS = 60;
const PAGE = 500;
const PARALLEL = 16;
const GIVE_UP_MS = 72 * 3_600_000;

/** What the reconciler works with. */
export interface ReconcileDeps {
  sql: SqlPool;
  client: Client;
  tickets: TicketClient;
  queues: TicketQueues;
}

/** Activities of workflows/reconcile.ts. */
export function reconcileActivities(deps: ReconcileDeps): Pick<ActivityContract, 'reconcileDesk'> {
  return {
    async reconcileDesk({ full }) {
      const findings = await reconcileOnce(deps, full, () => Context.current().heartbeat());
      await insertReconcileRun(deps.sql, full, findings);
      return findings;
    },
  };
}

/** One round; full starts every living ticket's workflow unless it runs. */
export async function reconcileOnce(
  deps: ReconcileDeps,
  full: boolean,
  heartbeat: () => void,
): Promise<ReconcileFindings> {
  const { sql, tickets } = deps;
  const late = await listLateTickets(sql, LATE_SECONDS, PAGE);
  await inParallel(late, heartbeat, (id) => tickets.tell(id, { type: 'nudge' }));
  const unborn = await listUnbornTickets(sql, LATE_SECONDS, PAGE);
  await inParallel(unborn, heartbeat, (id) => tickets.start(id));
  const unheard = await listUnheardStoredMessages(sql, LATE_SECONDS, PAGE);
  await inParallel(unheard, heartbeat, ({ messageId, ticketId, automatic, createdAt }) =>
    tickets.tell(ticketId, {
      type: 'receiveMessage',
      messageId,
      atMs: createdAt.getTime(),
      automatic,
    }),
  );
  const sends = await listOverdueSends(sql, LATE_SECONDS, PAGE);
  let stuckDeliveries = 0;
  await inParallel(sends, heartbeat, async (send) => {
    if (await restartDelivery(deps, send)) stuckDeliveries += 1;
  });
  const merges = await listStuckMerges(sql, LATE_SECONDS * 1000);
  await inParallel(merges, heartbeat, (merge) => restartMerge(deps, merge));
  const staleAssignments = await releaseStaleAssignments(sql, LATE_SECONDS * 1000);
  const bulkJobs = await listStuckBulkJobs(sql, LATE_SECONDS);
  await inParallel(bulkJobs, heartbeat, (id) => startBulk(deps.client, deps.queues, id));
  let spamDeleted = 0;
  await inParallel(await listExpiredSpam(sql, PAGE), heartbeat, async (id) => {
    if (await deleteExpiredSpam(sql, id)) spamDeleted += 1;
  });
  await deleteOldDrafts(sql, 24);
  await deleteOldIdempotencyKeys(sql, 24);
  const { started, checked } = full ? await startAll(deps, heartbeat) : { started: 0, checked: 0 };
  return {
    late: late.length,
    unborn: unborn.length,
    unheardMessages: unheard.length,
    lostWorkflows: started,
    stuckDeliveries,
    staleAssignments,
    stuckMerges: merges.length,
    stuckBulkJobs: bulkJobs.length,
    spamDeleted,
    checked,
  };
}

async function startAll(
  deps: ReconcileDeps,
  heartbeat: () => void,
): Promise<{ started: number; checked: number }> {
  let checked = 0;
  let afterId = 0;
  for (;;) {
    const ids = await listLivingTickets(deps.sql, afterId, PAGE);
    const last = ids.at(-1);
    if (last === undefined) return { started: checked, checked };
    await inParallel(ids, heartbeat, (id) => deps.tickets.start(id));
    checked += ids.length;
    afterId = last;
  }
}

/** Starts a delivery whose workflow is gone; a running one is left to its own pauses. */
async function restartDelivery(
  deps: ReconcileDeps,
  send: { messageId: string; ticketId: number },
): Promise<boolean> {
  const input: DeliverInput = { ...send, sendAtMs: 0, giveUpMs: GIVE_UP_MS };
  try {
    await deps.client.workflow.start(WORKFLOWS.deliver, {
      workflowId: deliverWorkflowId(send.messageId),
      taskQueue: deps.queues.tickets,
      args: [input],
      staticSummary: `message of ticket ${send.ticketId}, restarted by the reconciler`,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

async function restartMerge(
  deps: ReconcileDeps,
  merge: Awaited<ReturnType<typeof listStuckMerges>>[number],
): Promise<void> {
  const input: MergeInput = {
    mergeId: merge.id,
    loserId: merge.loserId,
    survivorId: merge.survivorId,
    actor:
      merge.askedBy === null
        ? { type: 'system', cause: 'reconcile' }
        : { type: 'user', userId: merge.askedBy },
  };
  const type = merge.state === 'undoing' ? WORKFLOWS.undoMerge : WORKFLOWS.merge;
  await deps.client.workflow
    .start(type, {
      workflowId: mergeWorkflowId(merge.loserId),
      taskQueue: deps.queues.tickets,
      args: [input],
    })
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    });
}

async function inParallel<T>(
  items: readonly T[],
  heartbeat: () => void,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = [...items];
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await work(item);
      heartbeat();
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, run));
}
