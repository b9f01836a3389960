// Hands what Postgres owes Temporal to Temporal: woken by NOTIFY, with polling as the fallback. Several may run; rows are leased.
// At-least-once: a row is deleted after Temporal took it, and every receiver is idempotent.
import type { Client } from '@temporalio/client';
import { deleteRelayRows, leaseRelayRows, postponeRelayRow } from '#db/relay.ts';
import type { RelayRow } from '#db/relay.ts';
import type { SqlPool } from '#db/sql.ts';
import { assignQueueWorkflowId } from '#domain/ids.ts';
import { capacityFreedSignal, WORKFLOWS } from '#workflows/messages.ts';
import { startAccountMail } from './account-mail-client.ts';
import { startAvailability } from './availability-client.ts';
import { startBulk } from './bulk-client.ts';
import { startNoticeMail } from './notice-client.ts';
import { startRollout, startSimulation } from './rollout-client.ts';
import type { RolloutInput } from '#workflows/messages.ts';
import type { TicketClient, TicketFact, TicketQueues } from './ticket-client.ts';

const BATCH_ROWS = 200;
const LEASE_SECONDS = 30;
const PARALLEL_TICKETS = 24;
const POLL_MS = 2_000;
const MAX_PAUSE_SECONDS = 30;

/** What the relay works with. */
export interface RelayDeps {
  sql: SqlPool;
  client: Client;
  tickets: TicketClient;
  queues: TicketQueues;
  log: { warn(fields: object, text: string): void };
}

/** A running relay. */
export interface Relay {
  /** Waits until what is under way has been handed over. */
  stop(): Promise<void>;
}

/** Starts relaying; returns when listening. */
export async function startRelay(deps: RelayDeps): Promise<Relay> {
  let stopped = false;
  let wake: () => void = () => undefined;
  let woken = false;
  const call = (): void => {
    woken = true;
    wake();
  };
  const listener = await deps.sql.listen('relay', call, call);
  const loop = (async () => {
    while (!stopped) {
      woken = false;
      const moved = await relayOnce(deps).catch((error: unknown) => {
        deps.log.warn({ err: error }, 'relay round failed');
        return 0;
      });
      if (moved > 0 || woken || stopped) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    async stop() {
      stopped = true;
      call();
      await loop;
      await listener.unlisten().catch(() => undefined);
    },
  };
}

/** Relays one batch of due rows; answers how many Temporal took. */
export async function relayOnce(deps: RelayDeps): Promise<number> {
  const rows = await leaseRelayRows(deps.sql, BATCH_ROWS, LEASE_SECONDS);
  const lanes = new Map<string, RelayRow[]>();
  for (const row of rows) {
    const lane = laneOf(row);
    lanes.set(lane, [...(lanes.get(lane) ?? []), row]);
  }
  const queue = [...lanes.values()];
  let moved = 0;
  const work = async (): Promise<void> => {
    for (let lane = queue.shift(); lane !== undefined; lane = queue.shift()) {
      moved += await relayLane(deps, lane);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_TICKETS, queue.length) }, work));
  return moved;
}

/** Debts that wait for no other. */
const LONE: ReadonlySet<RelayRow['kind']> = new Set([
  ...(['bulkJob', 'availability', 'accountMail', 'noticeMail'] as const),
]);

/** Rows of one lane are handed over one after another. */
function laneOf({ id, kind, ticketId, teamId }: RelayRow): string {
  if (LONE.has(kind)) return `${kind} ${id}`;
  return ticketId === null ? `team ${teamId ?? ''}` : `ticket ${ticketId}`;
}

/** One ticket's rows in order, after a failure the rest waits too; one call serves all rows of a team. */
async function relayLane(deps: RelayDeps, lane: readonly RelayRow[]): Promise<number> {
  const taken: number[] = [];
  for (const row of lane) {
    if (row.kind === 'assignQueue' && taken.length > 0) {
      taken.push(row.id);
      continue;
    }
    try {
      await relayRow(deps, row);
      taken.push(row.id);
    } catch (error) {
      const seconds = Math.min(MAX_PAUSE_SECONDS, 2 ** Math.min(row.attempts, 6) / 2);
      const text = error instanceof Error ? error.message : String(error);
      deps.log.warn({ err: error, row: row.id, ticketId: row.ticketId }, 'relay postponed');
      await postponeRelayRow(deps.sql, { id: row.id, seconds, error: text.slice(0, 500) });
      break;
    }
  }
  if (taken.length > 0) await deleteRelayRows(deps.sql, taken);
  return taken.length;
}

async function relayRow(deps: RelayDeps, row: RelayRow): Promise<void> {
  if (row.kind === 'assignQueue' && row.teamId !== null) {
    await deps.client.workflow.signalWithStart(WORKFLOWS.assignQueue, {
      workflowId: assignQueueWorkflowId(row.teamId),
      taskQueue: deps.queues.tickets,
      args: [{ teamId: row.teamId }],
      signal: capacityFreedSignal,
      signalArgs: [],
      staticSummary: 'matches waiting tickets with free agents',
    });
  } else if (row.kind === 'ticketBorn' && row.ticketId !== null) {
    await deps.tickets.start(row.ticketId);
  } else if (row.kind === 'ticketSignal' && row.ticketId !== null) {
    await deps.tickets.tell(row.ticketId, row.payload as unknown as TicketFact);
  } else if (row.kind === 'availability') {
    const { userId } = row.payload as { userId: string };
    await startAvailability(deps.client, deps.queues, userId);
  } else if (row.kind === 'accountMail') {
    const { mailId } = row.payload as { mailId: string };
    await startAccountMail(deps.client, deps.queues, mailId);
  } else if (row.kind === 'noticeMail') {
    const { notificationId } = row.payload as { notificationId: string };
    await startNoticeMail(deps.client, deps.queues, notificationId);
  } else if (row.kind === 'rollout') {
    await startRollout(deps.client, deps.queues, row.payload as unknown as RolloutInput);
  } else if (row.kind === 'simulation') {
    const { simulationId } = row.payload as { simulationId: string };
    await startSimulation(deps.client, deps.queues, simulationId);
  } else if (row.kind === 'bulkJob') {
    const { jobId } = row.payload as { jobId: string };
    await startBulk(deps.client, deps.queues, jobId);
  }
}
