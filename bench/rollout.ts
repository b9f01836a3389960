// A stricter policy saved for ten thousand open tickets: how long until all of them follow, and what that does to people who read lists
// meanwhile. The tickets are seeded as rows and snapshots, so that each is also brought to life by being told: the dearest case.
import { pause } from '#scripts/processes.ts';
import { bearTickets } from './birth.ts';
import { quietRuntime } from './embedded-servers.ts';
import { pace, showMs, showTimes, timesOf } from './load.ts';
import { startProcessDesk } from './process-desk.ts';
import type { ProcessDesk } from './process-desk.ts';
import { startReader } from './reader.ts';
import type { Bench, BenchContext } from './report.ts';
import { seedSnapshots } from './seed-snapshots.ts';

const TICKETS = 10_000;
const CALM_MS = 10_000;
/** Tickets that people change meanwhile, one now and then. */
const PEOPLES = 20;
const ACT_EVERY_MS = 400;
const LIMIT_MS = 180_000;
const GIVE_UP_MS = 900_000;
const BIRTH_LIMIT_MS = 900_000;
const API_TIMES = 2;

/** Budgets: three minutes, the API's p95 at most doubled. */
export const rollout: Bench = {
  about:
    '10,000 open tickets under a new version of their policy (--full: with workflows that live already, too)',
  async run(context) {
    quietRuntime();
    await measure(context, 'seeded, started by the rollout', seedOpenTickets);
    if (!context.full) return;
    await measure(context, 'all with workflows already', async (desk) => {
      const options = { tag: 'rollout', createdAt: new Date(), limitMs: BIRTH_LIMIT_MS };
      await bearTickets(desk, TICKETS, options);
    });
  },
};

async function measure(
  context: BenchContext,
  kind: string,
  seed: (desk: ProcessDesk) => Promise<void>,
): Promise<void> {
  const desk = await startProcessDesk(context);
  const policy = (seconds: number) => ({
    ...{ name: 'Rollout', position: 0, appliesTo: 'newAndOpenTickets' },
    conditions: [{ field: 'tags', op: 'contains', value: 'rollout' }],
    goals: { firstReply: { seconds }, close: { seconds: 10 * seconds } },
  });
  const { id } = await desk.call('POST', '/sla-policies', policy(864_000));
  const beganMs = performance.now();
  await seed(desk);
  context.say(`${TICKETS} tickets after ${showMs(performance.now() - beganMs)}`);
  const people = await startPeople(context, desk);
  const reader = await startReader(context, desk);
  await pause(CALM_MS);
  const calm = await reader.take();
  const calmActs = timesOf(people.take());
  await desk.call('PUT', `/sla-policies/${id}`, policy(432_000));
  const { ms, total, failed } = await finished(context, desk, id);
  const busy = await reader.take();
  const busyActs = timesOf(people.take());
  await people.stop();
  const behind = await countBehind(desk);
  context.add({
    what: `${total.toLocaleString('en')} open tickets follow a stricter policy (${kind})`,
    measured: `${showMs(ms)}, ${((1_000 * total) / ms).toFixed(0)}/s, ${failed} failed`,
    budget: {
      text: '≤ 3 min, none left behind',
      met: ms <= LIMIT_MS && failed === 0 && behind === 0,
    },
    values: { ms, total, failed, behind },
  });
  const ratio = busy.p95 / calm.p95;
  context.add({
    what: `lists through the API during it (${busy.count} asked, ${busy.failures} failed)`,
    measured: showTimes(busy),
    ratio: `p95 ${ratio.toFixed(1)}× calm (${showTimes(calm)})`,
    budget: { text: 'p95 ≤ 2× calm', met: ratio <= API_TIMES && busy.failures === 0 },
    values: { p95: busy.p95, calmP95: calm.p95, ratio, failures: busy.failures },
  });
  context.add({
    what: `changes of other tickets by people during it (${busyActs.count})`,
    measured: showTimes(busyActs),
    ratio: `p95 ${(busyActs.p95 / calmActs.p95).toFixed(1)}× calm (${showTimes(calmActs)})`,
    values: { p50: busyActs.p50, p95: busyActs.p95, calmP95: calmActs.p95 },
  });
  await desk.stop();
}

/** People at work on some tickets that the policy does not concern; `take` answers how long each change took since the last. */
async function startPeople(
  context: BenchContext,
  desk: ProcessDesk,
): Promise<{ take: () => number[]; stop: () => Promise<void> }> {
  const options = { tag: 'people', createdAt: new Date(), limitMs: BIRTH_LIMIT_MS };
  const ids = await bearTickets(desk, PEOPLES, options);
  let times: number[] = [];
  let done = false;
  const working = pace(
    ACT_EVERY_MS,
    () => done,
    async (index, scheduledMs) => {
      const priority = Math.floor(index / PEOPLES) % 2 === 0 ? 'high' : 'normal';
      try {
        await desk.call('PATCH', `/tickets/${ids[index % PEOPLES] ?? 1}`, { priority });
        times.push(performance.now() - scheduledMs);
      } catch (error) {
        // A failure counts as the longest wait there is, so that it cannot hide among the times.
        times.push(Number.POSITIVE_INFINITY);
        context.say(String(error));
      }
    },
  );
  const stop = async (): Promise<void> => {
    done = true;
    await working;
  };
  context.defer(stop);
  return {
    take() {
      const taken = times;
      times = [];
      return taken;
    },
    stop,
  };
}

/** Tickets that do not follow: some come to life by themselves meanwhile, under the new version, and never join the rollout. */
async function countBehind({ sql }: ProcessDesk): Promise<number> {
  const [row] = await sql<{ behind: number }[]>`
    select count(*)::integer as behind from tickets where 'rollout' = any(tags) and policy_version is distinct from 2`;
  return row?.behind ?? 0;
}

async function seedOpenTickets({ sql }: ProcessDesk): Promise<void> {
  await sql`
    insert into contacts (email, name)
    select 'open' || n || '@load.test', 'Customer ' || n from generate_series(1, 1000) n`;
  await sql`
    insert into tickets (subject, pipeline_id, status, category, priority, requester_id, channel, team_id, assignee_id,
      version, created_at, updated_at, tags)
    select 'open ticket ' || n, p.id, (array['new', 'waitingOnUs'])[1 + n % 2], (array['new', 'open'])[1 + n % 2],
      'normal', c.ids[1 + n % cardinality(c.ids)], 'email', t.ids[1 + n % cardinality(t.ids)],
      u.ids[1 + n % cardinality(u.ids)], 1, now() - n * interval '1 second', now() - n * interval '1 second', array['rollout']
    from generate_series(1, ${TICKETS}::bigint) n,
      (select id from pipelines limit 1) p,
      (select array_agg(id) as ids from contacts) c,
      (select array_agg(id) as ids from teams) t,
      (select array_agg(id) as ids from users where role = 'agent') u`;
  await seedSnapshots(sql);
  await sql`vacuum analyze tickets`;
}

async function finished(
  context: BenchContext,
  desk: ProcessDesk,
  policyId: string,
): Promise<{ ms: number; total: number; failed: number }> {
  const beganMs = performance.now();
  for (let said = 0; ; said += 1) {
    const now = await desk.call('GET', `/sla-policies/${policyId}/rollout`);
    const ms = performance.now() - beganMs;
    if (now.state === 'finished') return { ms, total: now.total, failed: now.failed };
    if (ms > GIVE_UP_MS) throw new Error(`Only ${now.done} of ${now.total} followed.`);
    if (said % 20 === 0) context.say(`${now.state}: ${now.done} of ${now.total}, ${showMs(ms)}`);
    await pause(500);
  }
}
