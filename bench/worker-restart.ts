// The only worker is killed with a thousand open tickets: every one must be replayed before it answers. How long until the first
// and the thousandth ticket answers a query.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '#scripts/processes.ts';
import { bearTickets } from './birth.ts';
import { load, showMs } from './load.ts';
import { startProcessDesk } from './process-desk.ts';
import type { ProcessDesk } from './process-desk.ts';
import type { Bench } from './report.ts';

const TICKETS = 1_000;
const CONCURRENCY = 8;
const LIMIT_MS = 180_000;

/** No budget in the design: the figures are told. */
export const workerRestart: Bench = {
  about: 'first and thousandth ticket answering a query after the worker was killed',
  async run(context) {
    const desk = await startProcessDesk(context);
    const options = { tag: 'restart', createdAt: new Date(), limitMs: LIMIT_MS };
    const ids = await bearTickets(desk, TICKETS, options);
    // Some life in every history, so that there is something to replay.
    await load(TICKETS, 16, (index) =>
      desk.call('PATCH', `/tickets/${ids[index] ?? 1}`, { priority: 'high' }),
    );
    const warm = await askAll(desk, ids);
    const readyBefore = await countReady(desk);
    const killedMs = performance.now();
    process.kill(await desk.pidOf('worker'), 'SIGKILL');
    const upMs = untilReady(desk, readyBefore, killedMs);
    const cold = await askAll(desk, ids);
    const up = await upMs;
    context.add({
      what: `worker killed with ${TICKETS.toLocaleString('en')} open tickets: a query is answered after`,
      measured: `first ${showMs(cold.firstMs)}, last ${showMs(cold.lastMs)}`,
      ratio: `worker up again after ${showMs(up)}; all asked in ${showMs(cold.lastMs - up)} from then, ${showMs(warm.lastMs)} with a warm cache (c${CONCURRENCY})`,
      values: { firstMs: cold.firstMs, lastMs: cold.lastMs, upMs: up, warmMs: warm.lastMs },
    });
  },
};

/** Asks every ticket for its live state until it answers. */
async function askAll(
  desk: ProcessDesk,
  ids: readonly number[],
): Promise<{ firstMs: number; lastMs: number }> {
  const beganMs = performance.now();
  let firstMs = Number.POSITIVE_INFINITY;
  await load(ids.length, CONCURRENCY, async (index) => {
    for (;;) {
      try {
        await desk.call('GET', `/tickets/${ids[index] ?? 1}/live`);
        break;
      } catch (error) {
        if (performance.now() - beganMs > LIMIT_MS) throw error;
        await pause(50);
      }
    }
    firstMs = Math.min(firstMs, performance.now() - beganMs);
  });
  return { firstMs, lastMs: performance.now() - beganMs };
}

async function countReady({ data }: ProcessDesk): Promise<number> {
  return (await readFile(join(data, 'worker.log'), 'utf8')).split('worker ready').length;
}

async function untilReady(desk: ProcessDesk, before: number, killedMs: number): Promise<number> {
  while ((await countReady(desk)) <= before) {
    if (performance.now() - killedMs > LIMIT_MS) throw new Error('The worker does not come back.');
    await pause(50);
  }
  return performance.now() - killedMs;
}
