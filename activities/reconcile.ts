// The reconciler: finds where Postgres and Temporal have drifted apart and heals it. Every remedy is harmless when nothing was wrong.
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { SqlPool } from '#db/sql.ts';
import {
  deleteOldDrafts,
  deleteOldUploads,
  findReconcileCursor,
  insertReconcileRun,
  listLateTickets,
  listLivingTickets,
  listOverdueSends,
  listStuckRollouts,
  listStuckSimulations,
  listUnbornTickets,
  listUnheardStoredMessages,
} from '#db/reconcile.ts';
import { deleteOldAccountRows, listStuckAccountMails } from '#db/accounts.ts';
import { listUnattendedUsers } from '#db/availability.ts';
import { listStuckBulkJobs } from '#db/bulk.ts';
import { deleteOldNotifications, listOwedNoticeMails } from '#db/notifications.ts';
import { deleteOldPresence } from '#db/presence.ts';
import { listStuckMerges } from '#db/merges.ts';
import { deleteOldIdempotencyKeys } from '#db/idempotency.ts';
import { deleteExpiredSpam, listExpiredSpam } from '#db/spam.ts';
import { listStaleAssignments, releaseStaleAssignments } from '#db/assignments.ts';
import { listStuckNotices } from '#db/step-notices.ts';
import type { StuckNotice } from '#db/step-notices.ts';
import { deliverWorkflowId, mergeWorkflowId, noticeWorkflowId } from '#domain/ids.ts';
import { startAccountMail } from '#temporal/account-mail-client.ts';
import { startAvailability } from '#temporal/availability-client.ts';
import { startBulk } from '#temporal/bulk-client.ts';
import { startNoticeMail } from '#temporal/notice-client.ts';
import { startRollout, startSimulation } from '#temporal/rollout-client.ts';
import type { TicketClient, TicketQueues } from '#temporal/ticket-client.ts';
import { WORKFLOWS } from '#workflows/messages.ts';
import type { DeliverInput, MergeInput, StepNoticeInput } from '#workflows/messages.ts';
import type { ActivityContract, ReconcileFindings } from './contract.ts';

const LATE_SECONDS = 60;
const PAGE = 500;
const MANY_PEOPLE = 100_000;
const PARALLEL = 16;
const HEARTBEAT_MS = 5_000;
/** After so long nobody will take a place over any more. */
const LOST_PLACE_MS = 30 * 60_000;
/** After so long nobody looks for a notice any more. */
const NOTICE_DAYS = 90;
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
      const { heartbeat, info } = Context.current();
      // A worker's death costs a full round one page, not all that was done.
      const progress: Progress = {
        afterId: 0,
        checked: 0,
        started: 0,
        ...(info.heartbeatDetails as Partial<Progress> | undefined),
      };
      const beat = setInterval(() => heartbeat(progress), HEARTBEAT_MS);
      try {
        const findings = await reconcileOnce(deps, full, progress);
        await insertReconcileRun(deps.sql, full, findings);
        return findings;
      } finally {
        clearInterval(beat);
      }
    },
  };
}

/** How far the look through the living tickets is. */
interface Progress {
  afterId: number;
  checked: number;
  started: number;
}

/** One round. It looks for the workflows of some living tickets, a full one for those of all: each is started unless it runs. */
export async function reconcileOnce(
  deps: ReconcileDeps,
  full: boolean,
  progress: Progress = { afterId: 0, checked: 0, started: 0 },
): Promise<ReconcileFindings> {
  const { sql, client, queues, tickets } = deps;
  const late = await heal(await listLateTickets(sql, LATE_SECONDS, PAGE), (id) =>
    tickets.tell(id, { type: 'nudge' }),
  );
  const unborn = await heal(await listUnbornTickets(sql, LATE_SECONDS, PAGE), (id) =>
    tickets.start(id),
  );
  const unheard = await heal(
    await listUnheardStoredMessages(sql, LATE_SECONDS, PAGE),
    ({ messageId, ticketId, automatic, createdAt }) =>
      tickets.tell(ticketId, {
        ...{ type: 'receiveMessage', messageId, atMs: createdAt.getTime(), automatic },
      }),
  );
  const sends = await heal(await listOverdueSends(sql, LATE_SECONDS, PAGE), (send) =>
    restartDelivery(deps, send),
  );
  const merges = await heal(await listStuckMerges(sql, LATE_SECONDS * 1000), (merge) =>
    restartMerge(deps, merge),
  );
  // Told again: a ticket that does not want its agent says so, and that frees the place. Taken away at once, the place would be given
  // to another ticket while the first one's news is under way.
  const stale = await heal(await listStaleAssignments(sql, LATE_SECONDS * 1000, PAGE), (place) =>
    tickets.tell(place.ticketId, {
      ...{ type: 'acceptAssignment', userId: place.userId, reason: place.reason },
      teamId: place.teamId ?? '',
    }),
  );
  await releaseStaleAssignments(sql, LOST_PLACE_MS);
  const bulkJobs = await heal(await listStuckBulkJobs(sql, LATE_SECONDS), (id) =>
    startBulk(client, queues, id),
  );
  const rollouts = await heal(await listStuckRollouts(sql, LATE_SECONDS), (rollout) =>
    startRollout(client, queues, rollout),
  );
  const simulations = await heal(await listStuckSimulations(sql, LATE_SECONDS), (id) =>
    startSimulation(client, queues, id),
  );
  const notices = await heal(
    await listStuckNotices(sql, LATE_SECONDS, GIVE_UP_MS / 3_600_000),
    (notice) => restartNotice(deps, notice),
  );
  const accountMails = await heal(await listStuckAccountMails(sql, LATE_SECONDS), (id) =>
    startAccountMail(client, queues, id),
  );
  const noticeMails = await heal(
    await listOwedNoticeMails(sql, LATE_SECONDS, GIVE_UP_MS / 3_600_000),
    (id) => startNoticeMail(client, queues, id),
  );
  const unattended = await heal(
    await listUnattendedUsers(sql, LATE_SECONDS, full, full ? MANY_PEOPLE : PAGE),
    (id) => startAvailability(client, queues, id),
  );
  const spam = await heal(await listExpiredSpam(sql, PAGE), (id) => deleteExpiredSpam(sql, id));
  await deleteOldDrafts(sql, 24);
  await deleteOldUploads(sql, 24);
  await deleteOldIdempotencyKeys(sql, 24);
  await deleteOldAccountRows(sql);
  await deleteOldNotifications(sql, NOTICE_DAYS);
  await deleteOldPresence(sql);
  const lost = full ? await reviveAll(deps, progress) : await reviveSome(deps, progress);
  const rounds = [
    late,
    unborn,
    unheard,
    sends,
    merges,
    stale,
    bulkJobs,
    rollouts,
    simulations,
    notices,
    accountMails,
    noticeMails,
    unattended,
    spam,
  ];
  return {
    late: late.found,
    unborn: unborn.found,
    unheardMessages: unheard.found,
    lostWorkflows: progress.started,
    stuckDeliveries: sends.healed,
    staleAssignments: stale.found,
    stuckMerges: merges.found,
    stuckBulkJobs: bulkJobs.found,
    stuckRollouts: rollouts.found,
    stuckSimulations: simulations.found,
    stuckNotices: notices.healed,
    stuckAccountMails: accountMails.healed,
    stuckNoticeMails: noticeMails.healed,
    lateAvailabilities: full ? 0 : unattended.found,
    spamDeleted: spam.healed,
    failures: rounds.reduce((sum, one) => sum + one.failed, lost.failed),
    checked: progress.checked,
    cursor: full ? 0 : progress.afterId,
  };
}

/** Looks for every living ticket's workflow, page by page; progress is where a repeated attempt goes on. */
async function reviveAll(deps: ReconcileDeps, progress: Progress): Promise<{ failed: number }> {
  let failed = 0;
  for (;;) {
    const page = await revivePage(deps, progress);
    failed += page.failed;
    if (page.found < PAGE) return { failed };
  }
}

/** The next page behind that of the round before; from the beginning when all were seen. */
async function reviveSome(deps: ReconcileDeps, progress: Progress): Promise<{ failed: number }> {
  progress.afterId = await findReconcileCursor(deps.sql);
  const { found, failed } = await revivePage(deps, progress);
  if (found < PAGE) progress.afterId = 0;
  return { failed };
}

async function revivePage(deps: ReconcileDeps, progress: Progress): Promise<Healed> {
  const ids = await listLivingTickets(deps.sql, progress.afterId, PAGE);
  const page = await heal(ids, (id) => deps.tickets.revive(id));
  progress.afterId = ids.at(-1) ?? progress.afterId;
  progress.checked += ids.length;
  progress.started += page.healed;
  return page;
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

/** Starts a notice whose workflow is gone; one that runs, or that an operator has ended, is left alone. */
async function restartNotice(deps: ReconcileDeps, notice: StuckNotice): Promise<boolean> {
  const { ticketId, seq, action, data } = notice;
  const told = data.actions[action];
  if (told === undefined || !('ref' in told)) return false;
  const { goal, key, atMs: momentMs, repetition = null } = data;
  const input: StepNoticeInput = {
    ...{ ticketId, seq, action, ref: told.ref, goal, key, momentMs, repetition },
    giveUpMs: GIVE_UP_MS,
  };
  try {
    await deps.client.workflow.start(WORKFLOWS.notify, {
      workflowId: noticeWorkflowId(input),
      taskQueue: deps.queues.tickets,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `${goal} of ticket ${ticketId} escalates, restarted by the reconciler`,
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

/** What became of a list of remedies. */
interface Healed {
  found: number;
  /** Those that did something: a remedy that answers false had nothing to do. */
  healed: number;
  failed: number;
}

/** Applies a remedy to each, some at a time. One that fails is counted and does not keep the others. */
async function heal<T>(
  items: readonly T[],
  remedy: (item: T) => Promise<unknown>,
): Promise<Healed> {
  const result = { found: items.length, healed: 0, failed: 0 };
  const queue = [...items];
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        if ((await remedy(item)) !== false) result.healed += 1;
      } catch {
        result.failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, run));
  return result;
}
