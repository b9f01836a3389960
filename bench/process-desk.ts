// A desk as its users run it, for measurements: `npm start`'s own processes on a scratch data folder, spoken to by HTTP and mail.
// The measuring process does no work of the desk. Must not change how the desk is started.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSql } from '#db/sql.ts';
import type { SqlPool } from '#db/sql.ts';
import { isAlive, NICE, pause, startChild, UNTRACED, waitUntil } from '#scripts/processes.ts';
import type { BenchContext } from './report.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_LIMIT_MS = 180_000;

/** What the desk says of itself once it is ready. */
interface Demo {
  url: string;
  smtpPort: number;
  supportAddress: string;
  adminApiKey: string;
}

/** A process of the desk that can be killed. */
export type Part = 'api' | 'worker' | 'temporal' | 'postgres';

/** A running desk. */
export interface ProcessDesk {
  data: string;
  demo: Demo;
  /** From the start of the command to its panel. */
  readyMs: number;
  sql: SqlPool;
  temporalAddress: string;
  databaseUrl: string;
  /** Calls the API as the admin; throws on every answer that is not 2xx. */
  call(method: string, path: string, body?: unknown): Promise<any>;
  pidOf(part: Part): Promise<number>;
  /** A second worker process beside the desk's own; answers its pid when it is ready. */
  addWorker(): Promise<number>;
  /** Ends all of it in order and keeps the data. */
  stop(): Promise<void>;
}

/** A scratch data folder that goes with the measurement. */
export async function scratchFolder(context: BenchContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  context.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a desk; it is stopped after the measurement at the latest. */
export async function startProcessDesk(
  context: BenchContext,
  options: { data?: string; env?: NodeJS.ProcessEnv; command?: string[]; root?: string } = {},
): Promise<ProcessDesk> {
  const data = options.data ?? (await scratchFolder(context));
  const beganMs = performance.now();
  const launcher = await launch(options.root ?? ROOT, data, options);
  const stopLauncher = once(() => endLauncher(data, launcher));
  context.defer(stopLauncher);
  await launcher.ready;
  const readyMs = performance.now() - beganMs;
  const demo = JSON.parse(await readFile(join(data, 'demo.json'), 'utf8')) as Demo;
  const pidOf = (part: Part): Promise<number> => findPid(data, part);
  const temporalAddress = addressOf(await pidOf('temporal'));
  const databaseUrl = await databaseUrlOf(data);
  const sql = createSql(databaseUrl, { maxConnections: 6, applicationName: 'holdfast-bench' });
  const stop = once(async () => {
    await sql.end({ timeout: 2 });
    await stopLauncher();
  });
  context.defer(stop);
  return {
    ...{ data, demo, readyMs, sql, temporalAddress, databaseUrl, pidOf, stop },
    call: (method, path, body) => callDesk(demo, method, path, body),
    async addWorker() {
      const worker = await startChild({
        ...{
          command: process.execPath,
          args: ['--import', 'tsx', ...UNTRACED, 'worker/main.ts'],
          cwd: ROOT,
        },
        env: {
          ...process.env,
          ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, HOLDFAST_DATA: data },
        },
        mark: 'worker/main.ts',
        nice: NICE.worker,
      });
      context.defer(() => worker.stop('SIGTERM', 8_000));
      await waitUntil(
        async () => worker.tail().includes('worker ready'),
        'The second worker',
        40_000,
      );
      return worker.process.pid ?? 0;
    },
  };
}

interface Launcher {
  process: ChildProcess;
  ready: Promise<void>;
}

async function launch(
  root: string,
  data: string,
  options: { env?: NodeJS.ProcessEnv; command?: string[] },
): Promise<Launcher> {
  const [command = process.execPath, ...args] = options.command ?? [
    process.execPath,
    'scripts/start.mjs',
  ];
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Out of the terminal's group: on Ctrl-C bench/main.ts ends it, in order.
    detached: true,
    env: {
      ...process.env,
      ...{ HOLDFAST_DATA: data, PORT: '0', SMTP_IN_PORT: '0', TEMPORAL_UI_PORT: '0' },
      ...{ HOLDFAST_RATE_PER_MINUTE: '10000000' },
      ...options.env,
    },
  });
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new Error(`The desk did not start (${why}):\n${output}`));
    const timer = setTimeout(() => fail('too slow'), READY_LIMIT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000);
        if (!output.includes('Holdfast is ready')) return;
        clearTimeout(timer);
        resolve();
      });
    }
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`it ended with ${code ?? 'a signal'}`);
    });
  });
  // Whoever awaits it later still sees the failure; a desk that is stopped while it starts must not end the process.
  ready.catch(() => undefined);
  return { process: child, ready };
}

/** The launcher proper is start.mjs's child; its pid is on file. */
async function endLauncher(data: string, launcher: Launcher): Promise<void> {
  const pid = Number(await readFile(join(data, 'desk.pid'), 'utf8').catch(() => '0'));
  if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGTERM');
  else launcher.process.kill('SIGTERM');
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && ((pid > 0 && isAlive(pid)) || isRunning(launcher.process))) {
    await pause(50);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function callDesk(demo: Demo, method: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(`${demo.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${demo.adminApiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  return text === '' ? {} : JSON.parse(text);
}

async function findPid(data: string, part: Part): Promise<number> {
  if (part === 'postgres') return Number((await postmasterLines(data))[0]);
  const file = part === 'temporal' ? join('temporal', 'temporal.pid') : `${part}.pid`;
  return (JSON.parse(await readFile(join(data, file), 'utf8')) as { pid: number }).pid;
}

async function postmasterLines(data: string): Promise<string[]> {
  return (await readFile(join(data, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
}

async function databaseUrlOf(data: string): Promise<string> {
  const password = (await readFile(join(data, 'postgres', 'password'), 'utf8')).trim();
  const port = Number((await postmasterLines(data))[3]);
  return `postgres://postgres:${password}@127.0.0.1:${port}/holdfast`;
}

function addressOf(temporalPid: number): string {
  const args = execFileSync('ps', ['-o', 'args=', '-p', String(temporalPid)], { encoding: 'utf8' });
  const port = /--port (\d+)/.exec(args)?.[1];
  if (port === undefined) throw new Error(`No port in Temporal's command line: ${args}`);
  return `127.0.0.1:${port}`;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(kilobytes.trim()) * 1024;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}
