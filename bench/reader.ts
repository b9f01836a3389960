// An agent's workspace that keeps asking for lists, as a process of its own: what the measuring process is busy with must not
// show in its times. Each view in turn, one question every so often, timed from when it should have been asked.
import { fork } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pace, timesOf } from './load.ts';
import type { Times } from './load.ts';
import type { ProcessDesk } from './process-desk.ts';
import type { BenchContext } from './report.ts';

/** Default views that hold tickets during the storms. */
const VIEWS = ['allOpen', 'unassigned', 'myTeamUnassigned', 'assignedToMe', 'allClosed'];
const EVERY_MS = 50;

/** Times since it was asked last. */
export interface ReadTimes extends Times {
  failures: number;
}

/** A reader at work. */
export interface Reader {
  /** What it has seen since the last take. */
  take(): Promise<ReadTimes>;
}

interface Sample {
  times: number[];
  failures: number;
}

/** Starts reading; ends with the measurement. */
export async function startReader(context: BenchContext, desk: ProcessDesk): Promise<Reader> {
  const child = fork(fileURLToPath(import.meta.url), [desk.demo.url, desk.demo.adminApiKey], {
    execArgv: ['--import', 'tsx'],
  });
  context.defer(async () => child.kill());
  const answer = (): Promise<Sample> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as Sample));
      child.once('exit', () => reject(new Error('The reader ended.')));
    });
  await answer();
  return {
    async take() {
      const sample = answer();
      child.send('take');
      const { times, failures } = await sample;
      return { ...timesOf(times), failures };
    },
  };
}

async function read(url: string, key: string): Promise<void> {
  let sample: Sample = { times: [], failures: 0 };
  process.on('message', () => {
    process.send?.(sample);
    sample = { times: [], failures: 0 };
  });
  process.on('disconnect', () => process.exit(0));
  const ask = async (index: number, scheduledMs: number): Promise<void> => {
    try {
      const view = VIEWS[index % VIEWS.length] ?? 'allOpen';
      const response = await fetch(`${url}/api/v1/tickets?view=${view}&limit=50`, {
        headers: { authorization: `Bearer ${key}` },
      });
      await response.text();
      if (!response.ok) throw new Error(String(response.status));
      sample.times.push(performance.now() - scheduledMs);
    } catch {
      sample.failures += 1;
    }
  };
  // The first questions warm the API and this process up and are not counted.
  for (let index = 0; index < 40; index += 1) await ask(index, performance.now());
  sample = { times: [], failures: 0 };
  process.send?.(sample);
  await pace(EVERY_MS, () => false, ask);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await read(process.argv[2] ?? '', process.argv[3] ?? '');
}
