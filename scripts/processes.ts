// Child processes and ports of the launcher and the tests: start, wait, stop, and recognise what a killed launcher left behind.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

/** A port that is free now. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
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

/** Starts a command. `mark` is a piece of its command line by which a later start recognises it. */
export async function startChild(options: {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  pidFile?: string;
  mark: string;
  onLine?: (line: string) => void;
}): Promise<Child> {
  const child = spawn(options.command, options.args, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal reaches the launcher alone, which then stops its children in order.
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      for (const line of chunk
        .toString()
        .split('\n')
        .filter((one) => one !== '')) {
        lines.push(line);
        if (lines.length > 40) lines.shift();
        options.onLine?.(line);
      }
    });
  }
  child.on('error', (error) => lines.push(error.message));
  if (options.pidFile !== undefined && child.pid !== undefined) {
    await writeFile(options.pidFile, JSON.stringify({ pid: child.pid, mark: options.mark }));
  }
  return {
    process: child,
    tail: () => lines.join('\n'),
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      await stopProcess(child, signal, graceMs);
      if (options.pidFile !== undefined) await rm(options.pidFile, { force: true });
    },
  };
}

async function stopProcess(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

/** Ends a process that an earlier launcher left behind, if its pid file still names the same program. */
export async function endLeftover(pidFile: string, say: (line: string) => void): Promise<void> {
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const { pid, mark } = JSON.parse(text) as { pid: number; mark: string };
  if (isAlive(pid) && (await commandLine(pid)).includes(mark)) {
    say(`ending what an earlier run left behind (pid ${pid})`);
    process.kill(pid, 'SIGTERM');
    for (let waitedMs = 0; isAlive(pid) && waitedMs < 8_000; waitedMs += 50) await pause(50);
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  await rm(pidFile, { force: true });
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

/** A process's command line where the system shows it; empty where it does not, so that nothing unknown is ended. */
export async function commandLine(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
}

/** Tries until ready answers true; throws with what was waited for. */
export async function waitUntil(
  ready: () => Promise<boolean>,
  what: string,
  limitMs: number,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if (await ready().catch(() => false)) return;
    await pause(40);
  }
  throw new Error(`${what} was not ready within ${Math.round(limitMs / 1000)} s.`);
}

/** Waits. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
