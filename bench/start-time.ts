// How long `npm start` takes until the desk is ready: on an empty data folder, a second time, after a kill -9 of the launcher, and
// with --full on a copy of the clone that has nothing installed.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { showMs, timesOf } from './load.ts';
import { scratchFolder, startProcessDesk } from './process-desk.ts';
import type { Bench, BenchContext } from './report.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SECOND_START_MS = 8_000;
const SECOND_STARTS = 3;
const COMMAND = ['npm', 'start'];

/** Budget: a second start is ready within 8 s. */
export const startTime: Bench = {
  about: 'npm start to ready, first and second time (--full: with nothing installed too)',
  async run(context) {
    const data = await scratchFolder(context);
    const first = await startProcessDesk(context, { data, command: COMMAND });
    await first.stop();
    context.add({
      what: 'first npm start, packages installed, empty data folder',
      measured: showMs(first.readyMs),
      values: { ms: first.readyMs },
    });
    const times: number[] = [];
    for (let start = 0; start < SECOND_STARTS; start += 1) {
      const desk = await startProcessDesk(context, { data, command: COMMAND });
      times.push(desk.readyMs);
      await desk.stop();
    }
    const { p50, max } = timesOf(times);
    context.add({
      what: `second npm start, ${SECOND_STARTS} times`,
      measured: `median ${showMs(p50)}, max ${showMs(max)}`,
      budget: { text: '≤ 8 s', met: p50 <= SECOND_START_MS },
      values: { p50, max },
    });
    await afterKill(context, data);
    if (context.full) await nothingInstalled(context);
  },
};

async function afterKill(context: BenchContext, data: string): Promise<void> {
  await startProcessDesk(context, { data, command: COMMAND });
  process.kill(Number(await readFile(join(data, 'desk.pid'), 'utf8')), 'SIGKILL');
  const desk = await startProcessDesk(context, { data, command: COMMAND });
  context.add({
    what: 'npm start after a kill -9 of the launcher, with what it left running',
    measured: showMs(desk.readyMs),
    values: { ms: desk.readyMs },
  });
}

/** A copy of what the repository holds, without node_modules; npm's own cache is the machine's. */
async function nothingInstalled(context: BenchContext): Promise<void> {
  const root = await scratchFolder(context);
  const pack = `git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$1"`;
  execFileSync('sh', ['-c', pack, 'sh', root], { cwd: ROOT });
  const desk = await startProcessDesk(context, { root, command: COMMAND });
  context.add({
    what: 'first npm start on a clone with nothing installed',
    measured: showMs(desk.readyMs),
    values: { ms: desk.readyMs },
  });
}
