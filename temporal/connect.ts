// Opens the desk's connection to Temporal by the standard environment configuration, and prepares the namespace once.
import {
  Client,
  Connection,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES, TASK_QUEUES, WORKFLOWS } from '#workflows/messages.ts';

const VALUE_TYPES = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;
const RECONCILE_EVERY = '2m';

/** Where Temporal is and how to get in: its standard environment variables and configuration file. */
export function readTemporalConfig(): { connection: ConnectionOptions; namespace: string } {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connection: { address: '127.0.0.1:7233', ...connectionOptions },
    namespace: namespace ?? 'default',
  };
}

/** A lazily connecting client: a server that is away is met by deadlines, not at start. */
export function createClient(
  options: ConnectionOptions,
  namespace: string,
): { client: Client; close: () => Promise<void> } {
  const connection = Connection.lazy(options);
  return { client: new Client({ connection, namespace }), close: () => connection.close() };
}

/** Registers the search attributes that the server does not know yet. */
export async function ensureSearchAttributes(client: Client, namespace: string): Promise<void> {
  const { operatorService } = client.connection as Connection;
  const known = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter(
    ({ name }) => known.customAttributes[name] === undefined,
  );
  if (missing.length === 0) return;
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(
      missing.map(({ name, type }) => [name, VALUE_TYPES[type as keyof typeof VALUE_TYPES]]),
    ),
  });
}

/**
 * Makes the reconciler's schedule. A server that does not know it is new or has lost its file: there every living ticket is started
 * again, and that is begun first, so that a worker killed in between leaves the sign that it is still to be done.
 */
export async function ensureReconciler(client: Client): Promise<void> {
  try {
    await client.schedule.getHandle('reconcile').describe();
    return;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  await startFullReconcile(client);
  try {
    await client.schedule.create({
      scheduleId: 'reconcile',
      spec: { intervals: [{ every: RECONCILE_EVERY }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
      action: {
        type: 'startWorkflow',
        workflowType: WORKFLOWS.reconcile,
        taskQueue: TASK_QUEUES.tickets,
        args: [{ full: false }],
        workflowId: 'reconcile',
      },
    });
  } catch (error) {
    // Another worker was quicker.
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/** Starts every living ticket's workflow unless it runs. */
async function startFullReconcile(client: Client): Promise<void> {
  await client.workflow.start(WORKFLOWS.reconcile, {
    workflowId: 'reconcile-full',
    taskQueue: TASK_QUEUES.tickets,
    args: [{ full: true }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: 'rebuilds every living ticket after the server has lost them',
  });
}
