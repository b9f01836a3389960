// Brings up the whole desk on one machine: Postgres, Temporal with its UI, worker, API and SMTP listener, under one data folder.
// With DATABASE_URL or TEMPORAL_ADDRESS set, that server is used instead of the embedded one.
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { migrate } from '#db/migrate.ts';
import { seedDemo } from '#db/seed-demo.ts';
import { createSql } from '#db/sql.ts';
import { startTemporal } from './dev-temporal.ts';
import { ensureDatabase, startPostgres } from './embedded-postgres.ts';
import {
  choosePort,
  commandLine,
  endLeftover,
  isAlive,
  pause,
  startChild,
  waitUntil,
} from './processes.ts';
import type { Child } from './processes.ts';

const data = resolve(process.env['HOLDFAST_DATA'] ?? '.holdfast');
const startedMs = Date.now();
const say = (line: string): void => console.log(`  ${line}`);
const stops: (() => Promise<void>)[] = [];
let stopping = false;

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
  const known = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (
    known > 0 &&
    known !== process.pid &&
    isAlive(known) &&
    (await commandLine(known)).includes('start-desk')
  ) {
    throw new Error(
      `The desk in ${data} runs already (pid ${known}). Stop it, or set HOLDFAST_DATA to another folder.`,
    );
  }
  await writeFile(file, String(process.pid));
  stops.push(() => rm(file, { force: true }));
}

async function startServers(
  uiPort: number,
): Promise<{ databaseUrl: string; temporalAddress: string; uiUrl: string }> {
  const outsideDatabase = process.env['DATABASE_URL'];
  const outsideTemporal = process.env['TEMPORAL_ADDRESS'];
  const [databaseUrl, temporal] = await Promise.all([
    outsideDatabase ?? embeddedPostgres(),
    outsideTemporal === undefined
      ? keepServer('Temporal', (port) =>
          startTemporal({
            ...{ folder: join(data, 'temporal'), file: 'temporal.db', uiPort, say },
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
async function keepRunning(name: string, file: string, env: NodeJS.ProcessEnv): Promise<void> {
  let child: Child;
  let deaths = 0;
  const log = await open(join(data, `${name}.log`), 'a');
  const begin = async (): Promise<void> => {
    child = await startChild({
      command: process.execPath,
      args: ['--import', 'tsx', file],
      env,
      pidFile: join(data, `${name}.pid`),
      mark: file,
      onLine: (line) => void log.appendFile(`${line}\n`),
    });
    child.process.once('exit', (code) => {
      if (stopping) return;
      deaths += 1;
      const waitMs = Math.min(10_000, 250 * 2 ** Math.min(deaths, 6));
      say(
        `${name} ended (code ${code ?? 'signal'}), starting it again; see ${join(data, `${name}.log`)}`,
      );
      void pause(waitMs).then(() => (stopping ? undefined : begin()));
    });
  };
  stops.push(async () => {
    await child.stop('SIGTERM', 8_000);
    await log.close();
  });
  await begin();
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`)).ok;
}

async function main(): Promise<void> {
  console.log(`Holdfast is starting, data in ${data}`);
  await mkdir(data, { recursive: true, mode: 0o700 });
  await lock();
  for (const name of ['api', 'worker']) await endLeftover(join(data, `${name}.pid`), say);
  await endLeftover(join(data, 'temporal', 'temporal.pid'), say);
  const port = await choosePort(wantedPort('PORT', 3000), 'the desk', say);
  const smtpPort = await choosePort(wantedPort('SMTP_IN_PORT', 2525), 'mail', say);
  const uiPort = await choosePort(wantedPort('TEMPORAL_UI_PORT', 8233), 'the Temporal UI', say);
  const { databaseUrl, temporalAddress, uiUrl } = await startServers(uiPort);
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
  const seeded = await seedDemo(sql, adminApiKey);
  await sql.end();
  const env = {
    ...process.env,
    ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_UI_URL: uiUrl },
    ...{
      PORT: String(port),
      SMTP_IN_PORT: String(smtpPort),
      HOLDFAST_DATA: data,
      HOLDFAST_PUBLIC_URL: url,
      TZ: 'UTC',
    },
  };
  await Promise.all([
    keepRunning('api', 'api/main.ts', env),
    keepRunning('worker', 'worker/main.ts', env),
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

  API          ${demo.url}/api/v1      docs at ${demo.url}/api/docs
  Temporal UI  ${demo.temporalUiUrl}/namespaces/default/workflows
  Mail in      smtp://127.0.0.1:${demo.smtpPort}, to ${demo.supportAddress}
  Mail out     ${outbox ? `no SMTP_OUT_HOST set: written to ${join(data, 'outbox')}/*.eml` : `by ${process.env['SMTP_OUT_HOST'] ?? ''}`}
  Admin        ${demo.adminEmail}
  API key      ${demo.adminApiKey}

  All of this is in ${join(data, 'demo.json')}. Ctrl-C stops the desk.
`);
}

async function stopAll(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  console.log('\nStopping …');
  // Parts first, servers last: in the reverse order of their start.
  for (const stop of stops.toReversed()) {
    await stop().catch((error: unknown) =>
      console.error(error instanceof Error ? error.message : error),
    );
  }
  console.log('Stopped.');
  process.exit(code);
}

process.on('SIGINT', () => void stopAll(0));
process.on('SIGTERM', () => void stopAll(0));
main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  void stopAll(1);
});
