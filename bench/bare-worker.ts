// A worker for the bare workflows: one row of its own per workflow, so that no lock is waited for.
import { fileURLToPath } from 'node:url';
import { activityInfo } from '@temporalio/activity';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { SqlPool } from '#db/sql.ts';
import type { BenchContext } from './report.ts';

/** The task queue of the bare workflows. */
export const BARE_QUEUE = 'bare';

/** Starts it. `touched` hears every write once it is committed. */
export async function startBareWorker(
  context: Pick<BenchContext, 'defer'>,
  options: { address: string; sql: SqlPool; touched?: () => void },
): Promise<void> {
  const { address, sql, touched } = options;
  await sql`create table if not exists bench_bare (workflow_id text primary key, touches integer not null)`;
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const connection = await NativeConnection.connect({ address });
  const touch = async (): Promise<number> => {
    const { workflowId } = activityInfo().workflowExecution ?? {};
    await sql`
      insert into bench_bare (workflow_id, touches) values (${workflowId ?? ''}, 1)
      on conflict (workflow_id) do update set touches = bench_bare.touches + 1`;
    touched?.();
    return 1;
  };
  const worker = await Worker.create({
    ...{ connection, taskQueue: BARE_QUEUE, workflowBundle: { code }, activities: { touch } },
    // As the desk's own worker has them.
    ...{ maxCachedWorkflows: 2_000, maxConcurrentWorkflowTaskExecutions: 60 },
    stickyQueueScheduleToStartTimeout: '1s',
  });
  const running = worker.run();
  context.defer(async () => {
    worker.shutdown();
    await running;
    await connection.close();
  });
}
