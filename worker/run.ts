// Runs the workers of one process and the relay beside them. main.ts reads the environment; tests call this with their own.
import type { Client, ConnectionOptions } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { ActivityContract } from '#activities/contract.ts';
import type { SqlPool } from '#db/sql.ts';
import { startRelay } from '#temporal/relay.ts';
import type { TicketClient } from '#temporal/ticket-client.ts';

/** Task queues of one desk. */
export interface DeskQueues {
  tickets: string;
  delivery: string;
  mailbox: string;
}

/** What the workers of one process need. */
export interface WorkersOptions {
  sql: SqlPool;
  client: Client;
  tickets: TicketClient;
  connection: ConnectionOptions;
  namespace: string;
  queues: DeskQueues;
  bundlePath: string;
  activities: ActivityContract;
  maxCachedWorkflows: number;
  log: { warn(fields: object, text: string): void };
}

/** Running workers. */
export interface Workers {
  /** Lets what is under way finish, then ends; `ended` is settled then. */
  stop(): Promise<void>;
  ended: Promise<void>;
}

/** Starts the workers on all three queues, and the relay. */
export async function runWorkers(options: WorkersOptions): Promise<Workers> {
  const connection = await NativeConnection.connect(options.connection as NativeConnectionOptions);
  const shared = {
    connection,
    namespace: options.namespace,
    activities: { ...options.activities },
    shutdownGraceTime: '4s',
  };
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: options.queues.tickets,
      workflowBundle: { codePath: options.bundlePath },
      maxCachedWorkflows: options.maxCachedWorkflows,
      // A worker that was killed holds its tickets up for this long and no longer.
      stickyQueueScheduleToStartTimeout: '1s',
      // One thread runs them all: more at once would only make each of them late for its timeout, above all after the death of another
      // worker, when each is a replay.
      maxConcurrentWorkflowTaskExecutions: 16,
      // As many writes at once as keep two cores busy: more would only stand in the way of people's lists in Postgres.
      maxConcurrentLocalActivityExecutions: 6,
    }),
    Worker.create({
      ...shared,
      taskQueue: options.queues.delivery,
      maxTaskQueueActivitiesPerSecond: 50,
    }),
    Worker.create({ ...shared, taskQueue: options.queues.mailbox }),
  ]);
  const relay = await startRelay(options);
  const ended = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  return {
    ended,
    async stop() {
      await relay.stop();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended.catch(() => undefined);
      await connection.close();
    },
  };
}
