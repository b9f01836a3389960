// Runs schemathesis, the property-based tester of APIs from PyPI, against a running API. Installs it once, into the cache folder.
// Knows nothing of how the API was started; test/api/schemathesis.test.ts does that.
import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { cacheFolder } from './temporal-cli.ts';

const run = promisify(execFile);
const VERSION = '4.32.5';
const CONFIG = join(import.meta.dirname, 'schemathesis.toml');
const INSTALL_MS = 300_000;

/** What one run is asked to do. */
export interface FuzzRun {
  /** Where the API listens, without a path. */
  url: string;
  apiKey: string;
  /** Random requests per operation, beside those at the edges of every schema. */
  examples: number;
  seed: number;
  /** Where report and full output are written. */
  folder: string;
}

/** Whether the run found nothing, its own last lines, and everything it said. */
export interface FuzzResult {
  clean: boolean;
  summary: string;
  output: string;
}

/** The command, installed when need be; or why this machine cannot have it. Throws when Python is there and installing fails. */
export async function findSchemathesis(): Promise<{ command: string } | { missing: string }> {
  const venv = join(cacheFolder(), `schemathesis-${VERSION}`);
  const command = join(venv, 'bin', 'st');
  if (await works(command, ['--version'])) return { command };
  if (!(await works('python3', ['--version']))) return { missing: 'there is no python3' };
  if (!(await works('python3', ['-c', 'import venv, ensurepip']))) {
    return { missing: 'python3 has neither venv nor pip (on Debian: apt install python3-venv)' };
  }
  await mkdir(cacheFolder(), { recursive: true });
  await rm(venv, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', venv], { timeout: INSTALL_MS });
  const pip = join(venv, 'bin', 'pip');
  await run(pip, ['install', '--quiet', `schemathesis==${VERSION}`], { timeout: INSTALL_MS });
  return { command };
}

async function works(command: string, args: string[]): Promise<boolean> {
  return await run(command, args, { timeout: 30_000 }).then(
    () => true,
    () => false,
  );
}

/** One run with every check over every operation but the endless one. */
export async function runSchemathesis(command: string, ask: FuzzRun): Promise<FuzzResult> {
  await mkdir(ask.folder, { recursive: true });
  const args = [
    ...['--config-file', CONFIG, 'run', `${ask.url}/api/v1/openapi.json`],
    ...['--header', `Authorization: Bearer ${ask.apiKey}`, '--checks', 'all'],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', String(ask.examples)],
    ...['--seed', String(ask.seed), '--workers', '1', '--request-timeout', '30'],
    // A stream never ends, and a fuzzer waits for ends.
    ...['--exclude-path', '/api/v1/events'],
    ...['--continue-on-failure', '--warnings', 'off', '--no-color'],
    ...['--report', 'json', '--report-json-path', join(ask.folder, 'report.json')],
  ];
  const file = join(ask.folder, 'schemathesis.txt');
  const log = createWriteStream(file);
  const child = spawn(command, args, { cwd: ask.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  log.end();
  await finished(log);
  const output = await readFile(file, 'utf8');
  return { clean: code === 0, summary: summaryOf(output), output };
}

function summaryOf(output: string): string {
  const from = output.lastIndexOf('= SUMMARY =');
  const lines = (from === -1 ? output.slice(-2_000) : output.slice(from)).split('\n').slice(1);
  return lines.filter((line) => line.trim() !== '').join('\n');
}
