// Child processes and ports of the launcher and the tests: start, wait, stop, and recognise what a killed launcher left behind.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** What Node loads before a worker, which runs in the project's folder; the file says why. */
export const UNTRACED = ['--import', './worker/untraced.mjs'];
/** How far parts of a desk step back on one machine: people who read go before timers and rollouts, their commands go through both. */
export const NICE = { temporal: 5, worker: 7 } as const;

const MAX_PORTS_TRIED = 100;
const AUTOGROUP_TRIES = 5;
const AUTOGROUP_PAUSE_MS = 150;

const living = new Set<Child>();
let closing = false;

/**
 * A port that is free now, from below those that the system gives to outgoing connections: among the hundreds of a busy machine one
 * could take it before its server does, and the desk would not start.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < MAX_PORTS_TRIED; tried += 1) {
    const port = 20_000 + randomInt(12_000);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`Nothing can listen on 127.0.0.1: ${MAX_PORTS_TRIED} ports were tried.`);
}

/** Whether something can listen on a port of this machine's loopback. */
export async function isPortFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The wanted port, or the next free one; 0 picks any. */
export async function choosePort(
  wanted: number,
  what: string,
  say: (line: string) => void,
): Promise<number> {
  if (wanted === 0) return await freePort();
  for (let port = wanted; port < wanted + 100; port += 1) {
    if (!(await isPortFree(port))) continue;
    if (port !== wanted) say(`port ${wanted} for ${what} is taken, using ${port}`);
    return port;
  }
  return await freePort();
}

/** A child process whose pid is on file, so that the next start can end what a kill -9 left running. */
export interface Child {
  process: ChildProcess;
  /** Everything it printed last, for an error message. */
  tail(): string;
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
}

/** Ends every child that still runs, also those that were being started, and lets no further one start. */
export async function stopEveryChild(): Promise<void> {
  closing = true;
  await Promise.all([...living].map((child) => child.stop()));
}

/** Starts a command; throws when stopEveryChild has been called. `mark` is a piece of its command line by which a later start recognises it. */
export async function startChild(options: {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  pidFile?: string;
  mark: string;
  /** How much it steps back for others when the machine is busy, 0 to 19. */
  nice?: number;
  /** For a program that starts others and does not end them itself: a stop ends them all. */
  wholeGroup?: boolean;
  onLine?: (line: string) => void;
}): Promise<Child> {
  if (closing) throw new Error('The desk is stopping.');
  const child = spawn(options.command, options.args, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal reaches the launcher alone, which then stops its children in order.
    detached: true,
  });
  const lines: string[] = [];
  const add = (line: string): void => {
    lines.push(line);
    if (lines.length > 40) lines.shift();
    options.onLine?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => line !== '' && add(line));
  }
  child.on('error', (error) => lines.push(error.message));
  const known: Child = {
    process: child,
    tail: () => lines.join('\n'),
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      await stopProcess(child, signal, graceMs);
      if (options.wholeGroup === true && child.pid !== undefined) await endGroup(child.pid);
      if (options.pidFile !== undefined) await rm(options.pidFile, { force: true });
    },
  };
  if (options.nice !== undefined && child.pid !== undefined) stepBack(child.pid, options.nice);
  // Known from its first moment on: a stop may come before the caller has it.
  living.add(known);
  child.once('exit', () => living.delete(known));
  child.once('error', () => child.pid === undefined && living.delete(known));
  if (options.pidFile !== undefined && child.pid !== undefined) {
    const unfinished = `${options.pidFile}.part`;
    await writeFile(unfinished, JSON.stringify({ pid: child.pid, mark: options.mark }));
    await rename(unfinished, options.pidFile);
  }
  return known;
}

/** A courtesy, no more: a process that has ended already, or a system that does not know of it, is passed over. */
function stepBack(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
  } catch {
    return;
  }
  stepBackAsSession(pid, nice, AUTOGROUP_TRIES);
}

/**
 * Linux shares out time among sessions first, and each child is one of its own: by its priority alone it would step back for nobody. To
 * who is not root the system grants one such change in 100 ms, so another one just before is waited out.
 */
function stepBackAsSession(pid: number, nice: number, tries: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || tries <= 1) return;
    setTimeout(() => stepBackAsSession(pid, nice, tries - 1), AUTOGROUP_PAUSE_MS).unref();
  }
}

async function stopProcess(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

/** Ends what is left of a process group, and waits until nothing is. */
async function endGroup(groupId: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 20) {
    try {
      process.kill(-groupId, 'SIGKILL');
    } catch {
      return;
    }
    await pause(20);
  }
}

/** Ends a process that an earlier launcher left behind, if its pid file still names the same program. */
export async function endLeftover(pidFile: string, say: (line: string) => void): Promise<void> {
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const { pid, mark } = readPidFile(text);
  if (pid > 1 && isAlive(pid) && (await commandLine(pid)).includes(mark)) {
    say(`ending what an earlier run left behind (pid ${pid})`);
    process.kill(pid, 'SIGTERM');
    // Nobody waits for what it is finishing, and whatever it leaves half done the desk is made to find again.
    for (let waitedMs = 0; isAlive(pid) && waitedMs < 1_000; waitedMs += 50) await pause(50);
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  await rm(pidFile, { force: true });
}

/** What a pid file says; pid 0 when a crash cut it short. */
function readPidFile(text: string): { pid: number; mark: string } {
  try {
    const { pid, mark } = JSON.parse(text) as { pid?: unknown; mark?: unknown };
    if (Number.isInteger(pid) && typeof mark === 'string') return { pid: Number(pid), mark };
  } catch {
    // Not JSON: it was not written to its end.
  }
  return { pid: 0, mark: '' };
}

/** Whether a process with this pid exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process's command line; empty where the system does not show it, so that nothing unknown is ended. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    const shown = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => null);
    return shown?.stdout.trim() ?? '';
  }
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
}

/** Tries until ready answers true; throws with what was waited for, at once when `gone` says that waiting is in vain. */
export async function waitUntil(
  ready: () => Promise<boolean>,
  what: string,
  limitMs: number,
  gone: () => boolean = () => false,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if (await ready().catch(() => false)) return;
    if (gone() || closing) throw new Error(`${what} ended before it was ready.`);
    await pause(40);
  }
  throw new Error(`${what} was not ready within ${Math.round(limitMs / 1000)} s.`);
}

/** Whether a child has ended, by itself or by a signal. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Waits. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
