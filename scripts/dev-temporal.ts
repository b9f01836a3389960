// Runs Temporal's dev server with its UI on a file of ours, with the search attributes of the desk.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { freePort, hasEnded, startChild, waitUntil } from './processes.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { leanFile, placeLeanFile } from './temporal-file.ts';
import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SEARCH_ATTRIBUTES = {
  TicketStatus: 'Keyword',
  TicketPriority: 'Keyword',
  TeamId: 'Keyword',
  AssigneeId: 'Keyword',
  SlaState: 'Keyword',
  PolicyId: 'Keyword',
  Channel: 'Keyword',
  NextDueAt: 'Datetime',
  PolicyVersion: 'Int',
} as const;

/** A running dev server. */
export interface RunningTemporal {
  address: string;
  uiUrl: string;
  port: number;
  /** The server's process; its end is the server's end. */
  process: ChildProcess;
  stop(): Promise<void>;
}

/** How a dev server is started. */
interface TemporalOptions {
  folder: string;
  file?: string;
  port?: number;
  uiPort?: number;
  /** Further namespaces beside `default`, for tests that must not see each other. */
  namespaces?: string[];
  /** How far it steps back for others, 0 to 19. */
  nice?: number;
  say: (line: string) => void;
}

/** Starts the dev server; without uiPort it has no UI, without file it forgets everything at its end. */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const { folder, file, say } = options;
  if (file !== undefined) {
    await mkdir(folder, { recursive: true });
    await placeLeanFile(join(folder, file), {
      ...{ name: () => leanFileName(say), make: (path) => makeLeanFile(path, folder, say), say },
    });
  }
  return await runServer(options, 'WAL');
}

/** Another version of the server, or other search attributes, need another file. */
async function leanFileName(say: (line: string) => void): Promise<string> {
  const { stdout } = await run(await findTemporalCli(say), ['--version']);
  const made = JSON.stringify([stdout, SEARCH_ATTRIBUTES]);
  return `temporal-lean-2-${createHash('sha256').update(made).digest('hex').slice(0, 16)}.db`;
}

/** A server that has lived once leaves its tables; what it would keep in order there for nobody is taken out. */
async function makeLeanFile(
  path: string,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const options = { folder: dirname(path), pidFolder: folder, file: basename(path), say };
  // Everything in the one file at its end, with nothing left in a log beside it.
  const server = await runServer(options, 'DELETE');
  await server.stop();
  leanFile(path);
}

async function runServer(
  options: TemporalOptions & { pidFolder?: string },
  journal: 'WAL' | 'DELETE',
): Promise<RunningTemporal> {
  const cli = await findTemporalCli(options.say);
  await mkdir(options.folder, { recursive: true });
  const port = options.port ?? (await freePort());
  const mark = join(options.folder, options.file ?? 'temporal');
  const file =
    options.file === undefined ? [] : ['--db-filename', join(options.folder, options.file)];
  const ui = options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(options.uiPort)];
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  const namespaces = (options.namespaces ?? []).flatMap((name) => ['--namespace', name]);
  const child = await startChild({
    command: cli,
    args: [
      ...[
        'server',
        'start-dev',
        '--ip',
        '127.0.0.1',
        '--port',
        String(port),
        '--log-level',
        'error',
      ],
      ...file,
      ...ui,
      ...attributes,
      ...namespaces,
      ...['--sqlite-pragma', `journal_mode=${journal}`, '--sqlite-pragma', 'synchronous=NORMAL'],
      ...['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'],
      // The server would read which search attributes there are from its file for each change of one.
      ...['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=false'],
    ],
    // Half as many collections of garbage: an eighth more tickets a second, for some 200 MB.
    env: { GOGC: '200', ...process.env },
    ...(options.nice === undefined ? {} : { nice: options.nice }),
    // Where the next start of the desk looks for what this one has left running.
    pidFile: join(options.pidFolder ?? options.folder, 'temporal.pid'),
    mark: options.file === undefined ? 'start-dev' : mark,
  });
  const address = `127.0.0.1:${port}`;
  try {
    await waitUntil(
      async () => {
        const connection = await Connection.connect({ address, connectTimeout: 1_000 });
        await connection.workflowService
          .describeNamespace({ namespace: 'default' })
          .finally(() => void connection.close());
        return true;
      },
      "Temporal's dev server",
      40_000,
      () => hasEnded(child.process),
    );
    await run(cli, [
      'operator',
      'namespace',
      'update',
      '--address',
      address,
      '-n',
      'default',
      '--retention',
      '720h',
    ]);
  } catch (error) {
    await child.stop('SIGKILL');
    throw new Error(`Temporal's dev server did not start:\n${child.tail()}`, { cause: error });
  }
  return {
    address,
    uiUrl: options.uiPort === undefined ? '' : `http://127.0.0.1:${options.uiPort}`,
    port,
    process: child.process,
    stop: () => child.stop('SIGTERM', 10_000),
  };
}
