// A batch of a bulk change: one update per ticket, some at a time. The request id is the job's and the ticket's, so a ticket that took
// the change before a worker died answers the same again and changes nothing. A refusal is the ticket's answer and is kept as such.
import { setMaxListeners } from 'node:events';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import {
  findBulkJob,
  finishBulkJob,
  finishBulkTicket,
  listBulkPending,
  postponeBulkTicket,
  touchBulkJob,
} from '#db/bulk.ts';
import type { BulkJobRow } from '#db/bulk.ts';
import type { SqlPool } from '#db/sql.ts';
import type { Refusal } from '#domain/errors.ts';
import { refusalOf } from '#temporal/refusals.ts';
import type { TicketClient } from '#temporal/ticket-client.ts';
import type { BulkProgress } from '#workflows/messages.ts';
import type { ActivityContract } from './contract.ts';

const PARALLEL = 10;
const HEARTBEAT_MS = 2_000;
const TICKET_DEADLINE_MS = 15_000;
/** A ticket that gave no answer so often is given up, so that one broken workflow does not hold the job for ever. */
const MAX_ATTEMPTS = 8;

/** What bulk changes work with. */
export interface BulkDeps {
  sql: SqlPool;
  client: Client;
  tickets: TicketClient;
}

/** Activities of workflows/bulk.ts. */
export function bulkActivities(
  deps: BulkDeps,
): Pick<ActivityContract, 'applyBulkBatch' | 'finishBulk'> {
  const { sql } = deps;
  return {
    async applyBulkBatch({ jobId, limit }) {
      const job = await requireJob(sql, jobId);
      const pending = await listBulkPending(sql, jobId, limit);
      if (job.state === 'running' && pending.length > 0) {
        const answered = await changeAll(deps, job, pending);
        // Nobody answered: the server or the workers are away, and Temporal's own pauses fit better than ours.
        if (answered === 0)
          throw ApplicationFailure.retryable('No ticket answered.', 'temporalUnavailable');
      }
      const progress = progressOf(await requireJob(sql, jobId));
      return { progress, left: progress.total - progress.done - progress.failed };
    },
    async finishBulk({ jobId, cancelled }) {
      await finishBulkJob(sql, jobId, cancelled);
      return progressOf(await requireJob(sql, jobId));
    },
  };
}

async function requireJob(sql: SqlPool, jobId: string): Promise<BulkJobRow> {
  const job = await findBulkJob(sql, jobId);
  if (job === undefined) throw ApplicationFailure.nonRetryable('There is no such job.', 'notFound');
  return job;
}

function progressOf({ state, total, done, failed }: BulkJobRow): BulkProgress {
  return { state, total, done, failed };
}

/** Changes the given tickets; answers how many gave an answer. Stops taking new ones when the job or this activity is cancelled. */
async function changeAll(
  deps: BulkDeps,
  job: BulkJobRow,
  pending: readonly { ticketId: number; attempts: number }[],
): Promise<number> {
  const context = Context.current();
  // Every call of the batch listens to it, and the listeners go with the signal when the activity ends.
  setMaxListeners(0, context.cancellationSignal);
  const queue = [...pending];
  let answered = 0;
  let stopped = false;
  const beat = setInterval(() => {
    context.heartbeat({ answered, of: pending.length });
    touchBulkJob(deps.sql, job.id).catch(() => undefined);
  }, HEARTBEAT_MS);
  const work = async (): Promise<void> => {
    while (!stopped && !context.cancellationSignal.aborted) {
      const next = queue.shift();
      if (next === undefined) return;
      const state = await changeOne(deps, job, next);
      if (state === null) continue;
      answered += 1;
      stopped = state !== 'running';
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL, pending.length) }, work));
    await touchBulkJob(deps.sql, job.id);
  } finally {
    clearInterval(beat);
  }
  if (context.cancellationSignal.aborted) await context.cancelled;
  return answered;
}

/** Changes one ticket; answers the job's state afterwards, or null when the ticket did not answer. */
async function changeOne(
  { sql, client, tickets }: BulkDeps,
  job: BulkJobRow,
  { ticketId, attempts }: { ticketId: number; attempts: number },
): Promise<BulkJobRow['state'] | null> {
  const { cancellationSignal } = Context.current();
  const actor =
    job.askedBy === null
      ? ({ type: 'system', cause: 'bulk' } as const)
      : ({ type: 'user', userId: job.askedBy } as const);
  const request = { requestId: `bulk:${job.id}:${ticketId}`, actor, command: job.command };
  let refusal: Refusal | null;
  try {
    const { answers } = await client.withDeadline(Date.now() + TICKET_DEADLINE_MS, () =>
      client.withAbortSignal(cancellationSignal, () => tickets.act(ticketId, [request])),
    );
    refusal = answers[0]?.refusal ?? null;
  } catch (error) {
    if (cancellationSignal.aborted) return null;
    const known = error instanceof WorkflowUpdateFailedError ? refusalOf(error) : null;
    if (known === null && attempts + 1 < MAX_ATTEMPTS) {
      await postponeBulkTicket(sql, job.id, ticketId);
      return null;
    }
    refusal = known ?? {
      code: 'temporalUnavailable',
      detail: `The ticket gave no answer in ${MAX_ATTEMPTS} attempts.`,
    };
  }
  const state = await finishBulkTicket(sql, {
    ...{ jobId: job.id, ticketId, outcome: refusal === null ? 'done' : 'failed' },
    ...{ code: refusal?.code ?? null, detail: refusal?.detail ?? null },
  });
  return state ?? null;
}
