// What one more cached ticket costs a worker: its process's resident memory at several counts of living tickets, all of them cached.
import { pause } from '#scripts/processes.ts';
import { readWorkerConfig } from '#worker/config.ts';
import { bearTickets } from './birth.ts';
import { residentBytes, startProcessDesk } from './process-desk.ts';
import type { ProcessDesk } from './process-desk.ts';
import type { Bench } from './report.ts';

const WARM_TICKETS = 200;
const STEPS = 4;
const TICKETS = 2_000;
const FULL_TICKETS = 8_000;
const LIMIT_BYTES = 300 * 1024;
const QUIET_MS = 8_000;
const BIRTH_LIMIT_MS = 600_000;

/** Budget: 300 KB a ticket. The baseline already has tickets in it, so that compiled code and pools do not count. */
export const memory: Bench = {
  about: 'worker memory per cached ticket',
  async run(context) {
    const configured = readWorkerConfig({ DATABASE_URL: 'any' }).HOLDFAST_MAX_CACHED_TICKETS;
    const tickets = context.full ? FULL_TICKETS : TICKETS;
    const cache = Math.max(configured, tickets + 2 * WARM_TICKETS);
    const desk = await startProcessDesk(context, {
      env: { HOLDFAST_MAX_CACHED_TICKETS: String(cache) },
    });
    const pid = await desk.pidOf('worker');
    await bear(desk, WARM_TICKETS);
    const baseline = await settled(pid);
    context.say(`baseline with ${WARM_TICKETS} tickets: ${megabytes(baseline)}`);
    let bytes = baseline;
    for (let step = 1; step <= STEPS; step += 1) {
      await bear(desk, tickets / STEPS);
      bytes = await settled(pid);
      const each = (bytes - baseline) / ((step * tickets) / STEPS);
      context.say(`${(step * tickets) / STEPS} more: ${megabytes(bytes)}, ${kilobytes(each)} each`);
    }
    if ((await desk.pidOf('worker')) !== pid) throw new Error('The worker died meanwhile.');
    const each = (bytes - baseline) / tickets;
    context.add({
      what: `worker memory per cached ticket, ${tickets.toLocaleString('en')} of them`,
      measured: kilobytes(each),
      ratio: `${megabytes(bytes)} minus ${megabytes(baseline)}; maxCachedWorkflows here ${cache}, by default ${configured} (about ${megabytes(baseline + each * configured)})`,
      budget: { text: '≤ 300 KB', met: each <= LIMIT_BYTES },
      values: { bytesPerTicket: each, baselineBytes: baseline, tickets, configured },
    });
  },
};

async function bear(desk: ProcessDesk, count: number): Promise<void> {
  const options = { tag: 'memory', createdAt: new Date(), limitMs: BIRTH_LIMIT_MS };
  await bearTickets(desk, count, options);
}

/** Resident memory once the process is quiet: the smallest of some looks, since garbage comes and goes. */
async function settled(pid: number): Promise<number> {
  let bytes = Number.POSITIVE_INFINITY;
  for (let waitedMs = 0; waitedMs < QUIET_MS; waitedMs += 1_000) {
    await pause(1_000);
    bytes = Math.min(bytes, residentBytes(pid));
  }
  return bytes;
}

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`;
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
