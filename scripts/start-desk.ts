// Brings up the whole desk on one machine: Postgres, Temporal with its UI, worker, API and SMTP listener, under one data folder.
// With DATABASE_URL or TEMPORAL_ADDRESS set, that server is used instead of the embedded one.
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hashPassword } from '#accounts/passwords.ts';
import { migrate } from '#db/migrate.ts';
import { seedDemo } from '#db/seed-demo.ts';
import { createSql } from '#db/sql.ts';
import { buildUi } from './build-ui.ts';
import { startTemporal } from './dev-temporal.ts';
import { ensureDatabase, startPostgres } from './embedded-postgres.ts';
import {
  choosePort,
  commandLine,
  endLeftover,
  isAlive,
  NICE,
  pause,
  startChild,
  stopEveryChild,
  UNTRACED,
  waitUntil,
} from './processes.ts';
import type { Child } from './processes.ts';

const data = resolve(process.env['HOLDFAST_DATA'] ?? '.holdfast');
const startedMs = Date.now();
const say = (line: string): void => console.log(`  ${line}`);
const stops: (() => Promise<void>)[] = [];
let stopping = false;
/** A part that lived so long did not die of its start. */
const LONG_LIFE_MS = 60_000;

interface Demo {
  url: string;
  temporalUiUrl: string;
  smtpPort: number;
  supportAddress: string;
  adminEmail: string;
  adminPassword: string;
  adminApiKey: string;
}

/** A port from the environment, or the usual one. */
function wantedPort(name: string, usual: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return usual;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} must be a port number from 0 to 65535, not "${text}".`);
  }
  return port;
}

/** One desk per data folder: a second start says so instead of breaking the first. */
async function lock(): Promise<void> {
  const file = join(data, 'desk.pid');
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const taken = await writeFile(file, String(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    );
    if (taken) {
      stops.push(() => rm(file, { force: true }));
      return;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
    if (holder > 0 && isAlive(holder) && (await commandLine(holder)).includes('start-desk')) {
      throw new Error(
        `The desk in ${data} runs already (pid ${holder}). Stop it, or set HOLDFAST_DATA to another folder.`,
      );
    }
    // Left by a crash, or just being written by somebody who starts at this very moment.
    if (holder > 0 || attempt > 10) await rm(file, { force: true });
    await pause(20);
  }
  throw new Error(`${file} can neither be written nor removed.`);
}

/** The key that signs reply addresses, made before the parts start: each of them would make its own. */
async function ensureSecret(): Promise<string> {
  const file = join(data, 'secret');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known.length >= 16) return known;
  const made = randomBytes(32).toString('hex');
  await writeFile(`${file}.part`, made, { mode: 0o600 });
  await rename(`${file}.part`, file);
  return made;
}

async function startServers(
  uiPort: number,
): Promise<{ databaseUrl: string; temporalAddress: string; uiUrl: string }> {
  const outsideDatabase = process.env['DATABASE_URL'] || undefined;
  const outsideTemporal = process.env['TEMPORAL_ADDRESS'] || undefined;
  const [databaseUrl, temporal] = await Promise.all([
    outsideDatabase ?? embeddedPostgres(),
    outsideTemporal === undefined
      ? keepServer('Temporal', (port) =>
          startTemporal({
            ...{ folder: join(data, 'temporal'), file: 'temporal.db', uiPort, say },
            nice: NICE.temporal,
            ...(port === undefined ? {} : { port }),
          }),
        )
      : { address: outsideTemporal, uiUrl: process.env['TEMPORAL_UI_URL'] ?? '' },
  ]);
  return { databaseUrl, temporalAddress: temporal.address, uiUrl: temporal.uiUrl };
}

async function embeddedPostgres(): Promise<string> {
  const server = await keepServer('Postgres', (port) =>
    startPostgres({ folder: join(data, 'postgres'), say, ...(port === undefined ? {} : { port }) }),
  );
  await ensureDatabase(server, 'holdfast');
  return server.url('holdfast');
}

interface Server {
  port: number;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a server and starts it again, on the same port and data, whenever it dies. */
async function keepServer<T extends Server>(
  name: string,
  start: (port: number | undefined) => Promise<T>,
): Promise<T> {
  const first = await start(undefined);
  let running: Server = first;
  say(`${name} is up (${seconds()} s)`);
  const watch = (server: Server): void => {
    server.process.once('exit', () => {
      if (stopping) return;
      say(`${name} ended, starting it again`);
      void begin();
    });
  };
  const begin = async (): Promise<void> => {
    while (!stopping) {
      try {
        running = await start(first.port);
        watch(running);
        return;
      } catch (error) {
        say(
          `${name} does not start: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`,
        );
        await pause(1_000);
      }
    }
  };
  watch(first);
  stops.push(() => running.stop());
  return first;
}

function seconds(): string {
  return ((Date.now() - startedMs) / 1000).toFixed(1);
}

/** Keeps a part of the desk running: one that dies is started again, with growing pauses, and said out loud. */
async function keepRunning(part: {
  name: string;
  file: string;
  env: NodeJS.ProcessEnv;
  nice?: number;
  /** For Node, before the file. */
  args?: string[];
}): Promise<void> {
  const { name, file, env } = part;
  let child: Child;
  let deaths = 0;
  const logFile = join(data, `${name}.log`);
  const log = createWriteStream(logFile, { flags: 'a' });
  log.on('error', () => undefined);
  const begin = async (): Promise<void> => {
    const begunMs = Date.now();
    child = await startChild({
      command: process.execPath,
      // The folder says whose part it is to a later start that finds it still running.
      args: ['--import', 'tsx', ...(part.args ?? []), file, data],
      env,
      pidFile: join(data, `${name}.pid`),
      mark: `${file} ${data}`,
      ...(part.nice === undefined ? {} : { nice: part.nice }),
      onLine: (line) => log.write(`${line}\n`),
    });
    child.process.once('exit', (code) => {
      if (stopping) return;
      deaths = Date.now() - begunMs > LONG_LIFE_MS ? 1 : deaths + 1;
      say(`${name} ended (code ${code ?? 'signal'}), starting it again; see ${logFile}`);
      void pause(Math.min(10_000, 250 * 2 ** Math.min(deaths, 6))).then(beginAgain);
    });
  };
  const beginAgain = async (): Promise<void> => {
    if (stopping) return;
    await begin().catch((error: unknown) => say(`${name} does not start: ${String(error)}`));
  };
  stops.push(() => child.stop('SIGTERM', 8_000));
  await begin();
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`)).ok;
}

async function main(): Promise<void> {
  console.log(`Holdfast is starting, data in ${data}`);
  await mkdir(data, { recursive: true, mode: 0o700 });
  await lock();
  const leftovers = ['api.pid', 'worker.pid', join('temporal', 'temporal.pid')];
  await Promise.all(leftovers.map((file) => endLeftover(join(data, file), say)));
  const port = await choosePort(wantedPort('PORT', 3000), 'the desk', say);
  const smtpPort = await choosePort(wantedPort('SMTP_IN_PORT', 2525), 'mail', say);
  const uiPort = await choosePort(wantedPort('TEMPORAL_UI_PORT', 8233), 'the Temporal UI', say);
  const [{ databaseUrl, temporalAddress, uiUrl }] = await Promise.all([
    startServers(uiPort),
    buildUi(say),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const demoFile = join(data, 'demo.json');
  const before = await readFile(demoFile, 'utf8').then(
    (text) => JSON.parse(text) as Demo,
    () => null,
  );
  const adminApiKey = before?.adminApiKey ?? `hf_${randomBytes(32).toString('base64url')}`;
  const adminPassword = before?.adminPassword ?? randomBytes(9).toString('base64url');
  const sql = createSql(databaseUrl, { maxConnections: 2 });
  await migrate(sql, say);
  const seeded = await seedDemo(sql, adminApiKey, () => hashPassword(adminPassword));
  await sql.end();
  const env = {
    ...process.env,
    ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_UI_URL: uiUrl },
    ...{
      PORT: String(port),
      SMTP_IN_PORT: String(smtpPort),
      HOLDFAST_DATA: data,
      HOLDFAST_SECRET: process.env['HOLDFAST_SECRET'] || (await ensureSecret()),
      HOLDFAST_PUBLIC_URL: url,
      TZ: 'UTC',
    },
  };
  await Promise.all([
    keepRunning({ name: 'api', file: 'api/main.ts', env }),
    // On one machine people who read go before timers: a thousand tickets due at once must not slow the lists down.
    keepRunning({ name: 'worker', file: 'worker/main.ts', args: UNTRACED, env, nice: NICE.worker }),
  ]);
  await waitUntil(() => isReady(url), 'The desk', 90_000);
  const demo: Demo = { url, temporalUiUrl: uiUrl, smtpPort, ...seeded, adminPassword, adminApiKey };
  await writeFile(`${demoFile}.part`, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  await rename(`${demoFile}.part`, demoFile);
  printPanel(demo);
}

function printPanel(demo: Demo): void {
  const outbox = process.env['SMTP_OUT_HOST'] === undefined;
  console.log(`
Holdfast is ready (${seconds()} s)

  Workspace    ${demo.url}
  API          ${demo.url}/api/v1      docs at ${demo.url}/api/docs
  Temporal UI  ${demo.temporalUiUrl}/namespaces/default/workflows
  Mail in      smtp://127.0.0.1:${demo.smtpPort}, to ${demo.supportAddress}
  Mail out     ${outbox ? `no SMTP_OUT_HOST set: written to ${join(data, 'outbox')}/*.eml` : `by ${process.env['SMTP_OUT_HOST'] ?? ''}`}
  Sign in      ${demo.adminEmail}  ${demo.adminPassword}   (the agents' password too)
  API key      ${demo.adminApiKey}

  All of this is in ${join(data, 'demo.json')}. Ctrl-C stops the desk.
`);
}

async function stopAll(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  console.log('\nStopping …');
  const complain = (error: unknown): void =>
    console.error(error instanceof Error ? error.message : error);
  // Parts first, servers last: in the reverse order of their start. The lock goes when nothing runs any more.
  const [unlock, ...inOrder] = stops;
  for (const stop of inOrder.toReversed()) await stop().catch(complain);
  await stopEveryChild().catch(complain);
  await unlock?.().catch(complain);
  console.log('Stopped.');
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void stopAll(0));
// Whoever started us is gone, be it by a kill -9.
process.on('disconnect', () => void stopAll(1));
// A terminal that was closed takes no more words; that must not end us halfway.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(fault, (error) => {
    console.error(error);
    void stopAll(1);
  });
}
main().catch((error: unknown) => {
  if (!stopping) console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  void stopAll(1);
});
