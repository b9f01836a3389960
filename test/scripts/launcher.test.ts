// npm start, from the outside: whenever and however it is ended, nothing of it is left running; whatever a crash left, it starts again.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { eventually } from '#test/support/poll.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'holdfast-launch-'));

interface Launch {
  process: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
}
const launches: Launch[] = [];

function launch(): Launch {
  let output = '';
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: ROOT,
    env: {
      ...{ ...process.env, HOLDFAST_DATA: data, PORT: '0', SMTP_IN_PORT: '0' },
      ...{ TEMPORAL_UI_PORT: '0', VITEST: '' },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const one = { process: child, output: () => output, ended };
  launches.push(one);
  return one;
}
/** Processes that know of our data folder, by their command line or environment. */
function living(): string[] {
  const mine = String(process.pid);
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || pid === mine) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const ours =
        words.includes(data) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(data);
      return ours && words !== '' ? [`${pid} ${words}`] : [];
    } catch {
      return [];
    }
  });
}
async function nothingLeft(limitMs = 20_000): Promise<void> {
  await eventually(() => expect(living()).toEqual([]), limitMs);
}
const says = (one: Launch, text: string | RegExp, limitMs = 90_000): Promise<void> =>
  eventually(() => expect(one.output()).toMatch(text), limitMs);

afterEach(async ({ task }) => {
  for (const one of launches.splice(0)) {
    // What it said last is all there is to find out by why it did not end.
    if (task.result?.state === 'fail') console.error(one.output(), living().join('\n'));
    if (one.process.exitCode === null) one.process.kill('SIGTERM');
    await one.ended;
  }
  await nothingLeft();
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

describe.skipIf(!existsSync('/proc/self/environ'))('a desk that is ended', () => {
  it.each(['Holdfast is starting', /(Postgres|Temporal) is up/, /migrated 0|is ready/])(
    'right after "%s" leaves nothing running and exits cleanly',
    async (moment) => {
      const one = launch();
      await says(one, moment);
      one.process.kill('SIGTERM');
      expect(await one.ended).toBe(0);
      expect(living()).toEqual([]);
    },
    60_000,
  );

  it('while it runs, by a closed terminal, leaves nothing running', async () => {
    const one = launch();
    await says(one, 'Holdfast is ready');
    one.process.stdout?.destroy();
    one.process.stderr?.destroy();
    one.process.kill('SIGHUP');
    await one.ended;
    await nothingLeft();
  }, 90_000);

  it('by a kill -9 of npm’s own child ends as a whole', async () => {
    const one = launch();
    await says(one, 'Holdfast is ready');
    one.process.kill('SIGKILL');
    await one.ended;
    await nothingLeft();
  }, 90_000);

  it('while one of its servers is being started again leaves nothing running', async () => {
    const one = launch();
    await says(one, 'Holdfast is ready');
    const postmaster = readFileSync(join(data, 'postgres', 'data', 'postmaster.pid'), 'utf8');
    process.kill(Number(postmaster.split('\n')[0]), 'SIGKILL');
    await says(one, 'Postgres ended, starting it again');
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(living()).toEqual([]);
  }, 90_000);
});

describe.skipIf(!existsSync('/proc/self/environ'))('a desk that is started', () => {
  it('twice at once runs once, and the other says who has it', async () => {
    const both = [launch(), launch()];
    const loser = await Promise.race(both.map(async (one) => ({ one, code: await one.ended })));
    expect(loser.code).toBe(1);
    expect(loser.one.output()).toMatch(/runs already \(pid \d+\)/);
    const winner = both.find((one) => one !== loser.one);
    if (winner !== undefined) await says(winner, 'Holdfast is ready');
  }, 120_000);

  it('after a crash that cut files short, and one in the middle of making the database, is ready', async () => {
    for (const name of ['api.pid', 'worker.pid', 'desk.pid']) writeFileSync(join(data, name), '');
    writeFileSync(join(data, 'temporal', 'temporal.pid'), '{"pid": 1');
    writeFileSync(join(data, 'secret'), '');
    rmSync(join(data, 'postgres'), { recursive: true });
    rmSync(join(data, 'temporal'), { recursive: true });
    mkdirSync(join(data, 'postgres', 'data.new'), { recursive: true });
    writeFileSync(join(data, 'postgres', 'data.new', 'PG_VERSION'), '18\n');
    const one = launch();
    await says(one, 'Holdfast is ready');
    expect(readFileSync(join(data, 'secret'), 'utf8')).toMatch(/^[0-9a-f]{64}$/);
  }, 120_000);
});
