// Creating a ticket and an agent's action, asked of the desk's own processes by HTTP, against workflows that do next to nothing on the
// same servers, in a worker process of their own that keeps its stack traces as the SDK does: what Temporal costs, and what we add.
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { createTicketGateway } from '#api/ticket-gateway.ts';
import { NICE, startChild, waitUntil } from '#scripts/processes.ts';
import { createClient } from '#temporal/connect.ts';
import { createTicketClient } from '#temporal/ticket-client.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { BARE_QUEUE } from './bare-worker.ts';
import { load, showMs } from './load.ts';
import type { LoadResult } from './load.ts';
import { startProcessDesk } from './process-desk.ts';
import type { ProcessDesk } from './process-desk.ts';
import type { Bench, BenchContext } from './report.ts';

const CONCURRENCY = 8;
const TICKETS_A_ROUND = 240;
const ACTIONS_A_ROUND = 240;
const ROUNDS = 5;
/** Until what the desk's processes do has been compiled: some hundred tickets, a minute of a desk's life. */
const WARM_UP_ROUNDS = 2;

/** Budgets: at least 0.8 of the bare rate, for actions a median of at most 1.5 times the bare one. */
export const agentActions: Bench = {
  about: 'create a ticket and change its status by HTTP, against bare workflows on the same server',
  async run(context) {
    const desk = await startProcessDesk(context);
    const { client, close } = createClient({ address: desk.temporalAddress }, 'default');
    context.defer(close);
    await startBareProcess(context, desk);
    // The demo desk's four agents of a team are full after eighty tickets, and what waits costs a run of assign-queue each.
    await desk.sql`update users set capacity = 100000`;
    const ids = await creating(context, desk, client);
    await acting(context, desk, client, ids);
  },
};

async function startBareProcess(context: BenchContext, desk: ProcessDesk): Promise<void> {
  const bare = await startChild({
    command: process.execPath,
    args: ['--import', 'tsx', 'bench/bare-process.ts', desk.temporalAddress, desk.databaseUrl],
    mark: 'bare-process.ts',
    nice: NICE.worker,
  });
  context.defer(() => bare.stop());
  await waitUntil(async () => bare.tail().includes('bare worker ready'), 'The bare worker', 40_000);
}

/** Two ways of doing as much, in turn so that a noisy neighbour meets both; the first rounds warm up and do not count. */
async function inTurn(
  one: (round: number) => Promise<LoadResult>,
  other: (round: number) => Promise<LoadResult>,
): Promise<[LoadResult, LoadResult][]> {
  const rounds: [LoadResult, LoadResult][] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    rounds.push([await one(round), await other(round)]);
  }
  return rounds.slice(WARM_UP_ROUNDS);
}

async function creating(
  context: BenchContext,
  desk: ProcessDesk,
  client: Client,
): Promise<number[]> {
  const ids: number[] = [];
  const rounds = await inTurn(
    (round) =>
      load(TICKETS_A_ROUND, CONCURRENCY, (index) =>
        client.workflow.executeUpdateWithStart('bareUpdate', {
          startWorkflowOperation: new WithStartWorkflowOperation('bare', {
            workflowId: `bare-${round * TICKETS_A_ROUND + index}`,
            taskQueue: BARE_QUEUE,
            args: [],
            workflowIdConflictPolicy: 'USE_EXISTING',
          }),
        }),
      ),
    () =>
      load(TICKETS_A_ROUND, CONCURRENCY, async (index) => {
        const requester = { email: `bench${index}@example.org` };
        const ticket = { subject: 'bench', body: 'Hello', requester };
        ids.push((await desk.call('POST', '/tickets', ticket)).id);
      }),
  );
  const { ratio, ...shown } = compare(rounds);
  context.add({
    ...{ what: 'create ticket, POST, c8', measured: shown.ours },
    ratio: `${ratio.toFixed(2)} of bare update-with-start (${shown.bare})`,
    budget: { text: '≥ 0.8', met: ratio >= 0.8 },
    values: { ratio },
  });
  return ids;
}

async function acting(
  context: BenchContext,
  desk: ProcessDesk,
  client: Client,
  ids: readonly number[],
): Promise<void> {
  const bare = (): Promise<LoadResult> =>
    load(ACTIONS_A_ROUND, CONCURRENCY, (index) =>
      client.workflow.getHandle(`bare-${index}`).executeUpdate('bareUpdate'),
    );
  // Every round turns the status of each ticket, so that each action changes something.
  let turns = 0;
  const act = (change: (id: number, status: string) => Promise<unknown>): Promise<LoadResult> => {
    const status = (turns += 1) % 2 === 0 ? 'new' : 'waitingOnUs';
    return load(ACTIONS_A_ROUND, CONCURRENCY, (index) => change(ids[index] ?? 1, status));
  };
  const patched = await inTurn(bare, () =>
    act((id, status) => desk.call('PATCH', `/tickets/${id}`, { status })),
  );
  const gateway = createTicketGateway({
    ...{ client, tickets: createTicketClient(client), queues: TASK_QUEUES },
    ...{ temporalUiUrl: '', namespace: 'default' },
  });
  const actor = { type: 'system' as const, cause: 'bench' };
  const sent = await inTurn(bare, () =>
    act((ticketId, status) => {
      const requestId = crypto.randomUUID();
      return gateway.act({ ticketId, requestId, actor, command: { type: 'change', status } });
    }),
  );
  tell(context, 'agent action (status), PATCH, c8', patched, true);
  tell(context, 'the same command without HTTP, c8', sent, false);
}

function tell(
  context: BenchContext,
  what: string,
  rounds: [LoadResult, LoadResult][],
  judged: boolean,
): void {
  const { ratio, slower, ...shown } = compare(rounds);
  context.add({
    ...{ what, measured: shown.ours },
    ratio: `${ratio.toFixed(2)} of bare update + local activity (${shown.bare}); p50 ${slower.toFixed(2)}×`,
    ...(judged
      ? { budget: { text: '≥ 0.8, p50 ≤ 1.5×', met: ratio >= 0.8 && slower <= 1.5 } }
      : {}),
    values: { ratio, slower },
  });
}

/** The median of what the rounds say, each compared with the bare one beside it. */
function compare(rounds: [LoadResult, LoadResult][]): {
  ratio: number;
  slower: number;
  ours: string;
  bare: string;
} {
  return {
    ratio: median(rounds.map(([bare, ours]) => ours.rate / bare.rate)),
    slower: median(rounds.map(([bare, ours]) => ours.p50 / bare.p50)),
    ours: show(rounds.map(([, ours]) => ours)),
    bare: show(rounds.map(([bare]) => bare)),
  };
}

function show(results: readonly LoadResult[]): string {
  const rate = median(results.map((one) => one.rate));
  return `${rate.toFixed(0)}/s, p50 ${showMs(median(results.map((one) => one.p50)))}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
