// A thousand tickets whose first reply is due at one instant: how late each breach stands in Postgres, what that does to people who
// read lists meanwhile, and what a thousand bare timers cost on the same server.
import { createClient } from '#temporal/connect.ts';
import { pause } from '#scripts/processes.ts';
import { BARE_QUEUE, startBareWorker } from './bare-worker.ts';
import { bearTickets } from './birth.ts';
import { quietRuntime } from './embedded-servers.ts';
import { load, showMs, showTimes, timesOf } from './load.ts';
import type { Times } from './load.ts';
import { startProcessDesk } from './process-desk.ts';
import type { ProcessDesk } from './process-desk.ts';
import { startReader } from './reader.ts';
import type { Bench, BenchContext } from './report.ts';

const TICKETS = 1_000;
const GOAL_SECONDS = 90;
const CALM_MS = 10_000;
const LIMIT_MS = 90_000;
const ALL_LATE_MS = 10_000;
const API_TIMES = 2;

/** Budgets: all marked at most 10 s late, the API's p95 at most doubled. */
export const slaStorm: Bench = {
  about: '1,000 tickets due at one instant, and the API meanwhile',
  async run(context) {
    quietRuntime();
    const desk = await startProcessDesk(context);
    await desk.call('POST', '/sla-policies', {
      name: 'Storm',
      position: 0,
      conditions: [{ field: 'tags', op: 'contains', value: 'storm' }],
      goals: { firstReply: { seconds: GOAL_SECONDS } },
      escalations: [{ goal: 'firstReply', when: 'overdue', actions: [{ type: 'raisePriority' }] }],
    });
    await noteBreaches(desk);
    const createdAt = new Date();
    const dueMs = createdAt.getTime() + GOAL_SECONDS * 1000;
    const limitMs = GOAL_SECONDS * 1000 - CALM_MS - 5_000;
    await bearTickets(desk, TICKETS, { tag: 'storm', createdAt, limitMs });
    context.say(`${TICKETS} tickets live after ${showMs(Date.now() - createdAt.getTime())}`);
    const reader = await startReader(context, desk);
    await pause(CALM_MS);
    const calm = await reader.take();
    await pause(dueMs - Date.now());
    await reader.take();
    const { stored: lateness, noticed } = await breaches(desk, dueMs);
    const storm = await reader.take();
    const bare = await bareTimers(context, desk);
    context.add({
      what: `${TICKETS.toLocaleString('en')} tickets due at once: breach stored after`,
      measured: showTimes(lateness),
      ratio: `${(lateness.max / bare.max).toFixed(1)}× the last of as many bare timers (${showTimes(bare)}); noticed by the workflow ${showTimes(noticed)}`,
      budget: { text: 'max ≤ 10 s', met: lateness.max <= ALL_LATE_MS },
      values: { p50: lateness.p50, p95: lateness.p95, max: lateness.max, bareMax: bare.max },
    });
    const ratio = storm.p95 / calm.p95;
    context.add({
      what: `lists through the API during it (${storm.count} asked, ${storm.failures} failed)`,
      measured: showTimes(storm),
      ratio: `p95 ${ratio.toFixed(1)}× calm (${showTimes(calm)})`,
      budget: { text: 'p95 ≤ 2× calm', met: ratio <= API_TIMES && storm.failures === 0 },
      values: { p95: storm.p95, calmP95: calm.p95, ratio, failures: storm.failures },
    });
  },
};

/** Notes when a breach is written: the event's own time is the workflow's, which is earlier than anybody can see it. */
async function noteBreaches({ sql }: ProcessDesk): Promise<void> {
  await sql`create table bench_breaches (ticket_id bigint primary key, stored_at timestamptz not null)`;
  await sql`
    create function bench_note_breach() returns trigger language plpgsql as $$
    begin
      insert into bench_breaches values (new.ticket_id, clock_timestamp()) on conflict do nothing;
      return null;
    end $$`;
  await sql`
    create trigger bench_note_breach after insert on ticket_events for each row
    when (new.type = 'goalBreached') execute function bench_note_breach()`;
}

/** How late each breach was noticed by its workflow, and how late it stood in Postgres. */
async function breaches(
  { sql }: ProcessDesk,
  dueMs: number,
): Promise<{ stored: Times; noticed: Times }> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const rows = await sql<{ storedMs: number; noticedMs: number }[]>`
      select extract(epoch from b.stored_at)::float * 1000 as "storedMs",
        extract(epoch from e.at)::float * 1000 as "noticedMs"
      from bench_breaches b join ticket_events e on e.ticket_id = b.ticket_id and e.type = 'goalBreached'`;
    if (rows.length >= TICKETS) {
      const since = (key: 'storedMs' | 'noticedMs') => timesOf(rows.map((row) => row[key] - dueMs));
      return { stored: since('storedMs'), noticed: since('noticedMs') };
    }
    if (Date.now() > deadline) throw new Error(`Only ${rows.length} breaches were stored.`);
    await pause(250);
  }
}

async function bareTimers(context: BenchContext, desk: ProcessDesk): Promise<Times> {
  const { sql, temporalAddress: address } = desk;
  const { client, close } = createClient({ address }, 'default');
  context.defer(close);
  const firedMs: number[] = [];
  const touched = (): void => void firedMs.push(Date.now());
  await startBareWorker(context, { address, sql, touched });
  const atMs = Date.now() + 30_000;
  await load(TICKETS, 16, (index) =>
    client.workflow.start('bareTimer', {
      workflowId: `bare-timer-${index}`,
      taskQueue: BARE_QUEUE,
      args: [atMs],
    }),
  );
  if (Date.now() > atMs) throw new Error('The bare timers were not armed in time.');
  const deadline = atMs + LIMIT_MS;
  while (firedMs.length < TICKETS && Date.now() < deadline) await pause(100);
  return timesOf(firedMs.map((ms) => ms - atMs));
}
