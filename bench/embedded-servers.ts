// Postgres of its own in a scratch folder, without the desk's processes: for measurements that call its parts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { migrate } from '#db/migrate.ts';
import { seedDemo } from '#db/seed-demo.ts';
import { createSql } from '#db/sql.ts';
import type { SqlPool } from '#db/sql.ts';
import { ensureDatabase, startPostgres } from '#scripts/embedded-postgres.ts';
import type { BenchContext } from './report.ts';

/** A migrated database with the demo desk's people, rules and policies. */
export interface BenchDatabase {
  sql: SqlPool;
  folder: string;
}

let runtimeInstalled = false;

/** Starts Postgres; `durable: false` forgoes fsync, for measurements of reading. */
export async function startDatabase(
  context: BenchContext,
  options: { durable: boolean },
): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  context.defer(() => rm(folder, { recursive: true, force: true }));
  const { say } = context;
  const { durable } = options;
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), durable, say });
  context.defer(() => postgres.stop());
  await ensureDatabase(postgres, 'bench');
  const sql = createSql(postgres.url('bench'), { maxConnections: 40 });
  context.defer(() => sql.end({ timeout: 5 }));
  await migrate(sql);
  await seedDemo(sql, 'hf_bench');
  return { sql, folder };
}

/** Makes Temporal's core in this process silent below errors; once. */
export function quietRuntime(): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
    shutdownSignals: [],
  });
}
