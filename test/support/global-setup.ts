// One Postgres, one Temporal dev server, one workflow bundle and one build of the workspace for all tests that need them; everything
// in a folder of its own. What two files could make at once is made here, before the first.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '#db/migrate.ts';
import { createSql } from '#db/sql.ts';
import { buildUi } from '#scripts/build-ui.ts';
import { startTemporal } from '#scripts/dev-temporal.ts';
import { ensureDatabase, startPostgres } from '#scripts/embedded-postgres.ts';
import { cacheFolder } from '#scripts/temporal-cli.ts';
import { workflowBundlePath } from '#worker/bundle.ts';
import { launchBrowser, prepareBrowser } from './browser.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: { postgresUrl: string; temporalAddress: string; bundlePath: string };
  }
}

/** One per test file that runs a desk, handed out by a sequence in the server's own database. */
const NAMESPACES = Array.from({ length: 120 }, (_, index) => `desk${index + 1}`);
const TEMPLATE = 'holdfast_template';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  prepareBrowser(say);
  const [postgres, temporal, bundlePath] = await Promise.all([
    startPostgres({ folder: join(folder, 'postgres'), durable: false, say }),
    startTemporal({
      folder: join(folder, 'temporal'),
      file: 'temporal.db',
      namespaces: NAMESPACES,
      say,
    }),
    workflowBundlePath(join(cacheFolder(), 'bundles')),
    buildUi(say),
    unpackBrowser(),
  ]);
  await ensureDatabase(postgres, TEMPLATE);
  const sql = createSql(postgres.url(TEMPLATE), { maxConnections: 1 });
  await migrate(sql);
  await sql.end();
  const admin = createSql(postgres.url('postgres'), { maxConnections: 1 });
  await admin`create sequence desks`;
  await admin.end();
  project.provide('stack', {
    postgresUrl: postgres.url('postgres'),
    temporalAddress: temporal.address,
    bundlePath,
  });
  return async () => {
    await temporal.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Has the browser unpacked or installed, where it must be. Without one the tests that need it say so themselves. */
async function unpackBrowser(): Promise<void> {
  const browser = await launchBrowser().catch(() => null);
  await browser?.close();
}
