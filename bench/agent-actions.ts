// Creating a ticket and an agent's action, through the gateway and the workflow, against the bare limit of the same server.
import { join } from 'node:path';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { createActivities } from '#activities/index.ts';
import { createTicketGateway } from '#api/ticket-gateway.ts';
import type { TicketGateway } from '#api/ticket-gateway-contract.ts';
import { insertNewTicket, upsertContactByEmail } from '#db/inbound.ts';
import { forgetRelayBirth } from '#db/relay.ts';
import type { SqlPool } from '#db/sql.ts';
import { cacheFolder } from '#scripts/temporal-cli.ts';
import { createClient } from '#temporal/connect.ts';
import { createTicketClient } from '#temporal/ticket-client.ts';
import { workflowBundlePath } from '#worker/bundle.ts';
import { runWorkers } from '#worker/run.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { BARE_QUEUE, startBareWorker } from './bare-worker.ts';
import { quietRuntime, startDatabase, startTemporalServer } from './embedded-servers.ts';
import { load, showMs } from './load.ts';
import type { LoadResult } from './load.ts';
import type { Bench, BenchContext } from './report.ts';

const CONCURRENCY = 8;
const TICKETS = 160;
const ACTIONS = 400;
const ROUNDS = 2;

/** Budgets: at least 0.8 of the bare rate, median at most 1.5 times the bare one. */
export const agentActions: Bench = {
  about: 'create a ticket and change its status, against bare workflows on the same server',
  async run(context) {
    quietRuntime();
    const { sql, folder } = await startDatabase(context, { durable: true, plansOnce: true });
    const address = await startTemporalServer(context, folder);
    const { client, close } = createClient({ address }, 'default');
    context.defer(close);
    const gateway = await startDesk(context, { sql, client, address });
    await startBareWorker(context, { address, sql });
    const ids = await creating(context, client, gateway, sql);
    await acting(context, client, gateway, ids);
  },
};

async function startDesk(
  context: BenchContext,
  desk: { sql: SqlPool; client: Client; address: string },
): Promise<TicketGateway> {
  const { sql, client, address } = desk;
  const tickets = createTicketClient(client);
  const shared = { sql, client, tickets, queues: TASK_QUEUES };
  const workers = await runWorkers({
    ...shared,
    ...{ connection: { address }, namespace: 'default', maxCachedWorkflows: 2_000 },
    bundlePath: await workflowBundlePath(join(cacheFolder(), 'bundles')),
    log: { warn: () => undefined },
    activities: createActivities({
      ...shared,
      sendMail: async () => ({ kind: 'sent', text: '' }),
      postWebhook: async () => ({ kind: 'sent', text: '' }),
      publicUrl: 'http://bench.test',
      readMailbox: async () => 'off',
    }),
  });
  context.defer(() => workers.stop());
  const { queues } = shared;
  return createTicketGateway({ client, tickets, queues, temporalUiUrl: '', namespace: 'default' });
}

async function creating(
  context: BenchContext,
  client: Client,
  gateway: TicketGateway,
  sql: SqlPool,
): Promise<number[]> {
  const bare = await load(TICKETS, CONCURRENCY, (index) =>
    client.workflow.executeUpdateWithStart('bareUpdate', {
      startWorkflowOperation: new WithStartWorkflowOperation('bare', {
        workflowId: `bare-${index}`,
        taskQueue: BARE_QUEUE,
        args: [],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    }),
  );
  const contact = await upsertContactByEmail(sql, 'bench@example.org', null);
  const ids: number[] = [];
  const ours = await load(TICKETS, CONCURRENCY, async () => {
    const id = await insertNewTicket(sql, {
      ...{ subject: 'bench', requesterId: contact.id, companyId: null, channel: 'api' },
      ...{ channelId: null, createdAt: new Date(), startsItself: true },
    });
    if (await gateway.open(id)) forgetRelayBirth(sql, id);
    ids.push(id);
  });
  const ratio = ours.rate / bare.rate;
  context.add({
    what: 'create ticket, c8',
    measured: showLoad(ours),
    ratio: `${ratio.toFixed(2)} of bare update-with-start (${showLoad(bare)})`,
    budget: { text: '≥ 0.8', met: ratio >= 0.8 },
    values: { rate: ours.rate, p50: ours.p50, bareRate: bare.rate, ratio },
  });
  return ids;
}

async function acting(
  context: BenchContext,
  client: Client,
  gateway: TicketGateway,
  ids: readonly number[],
): Promise<void> {
  const actor = { type: 'system' as const, cause: 'bench' };
  const bareRounds: LoadResult[] = [];
  const rounds: LoadResult[] = [];
  // In turn, so that a noisy neighbour meets both; the better round of each counts.
  for (let round = 0; round < ROUNDS; round += 1) {
    bareRounds.push(
      await load(ACTIONS, CONCURRENCY, (index) =>
        client.workflow.getHandle(`bare-${index % TICKETS}`).executeUpdate('bareUpdate'),
      ),
    );
    rounds.push(
      await load(ACTIONS, CONCURRENCY, (index) =>
        gateway.act({
          ticketId: ids[index % ids.length] ?? 1,
          requestId: crypto.randomUUID(),
          actor,
          // Every pass over the tickets turns the status round, so that each action changes something.
          command: {
            type: 'change',
            status: (Math.floor(index / ids.length) + round) % 2 === 0 ? 'waitingOnUs' : 'new',
          },
        }),
      ),
    );
  }
  const bare = best(bareRounds);
  const ours = best(rounds);
  const ratio = ours.rate / bare.rate;
  const slower = ours.p50 / bare.p50;
  context.add({
    what: 'agent action (status), c8',
    measured: showLoad(ours),
    ratio: `${ratio.toFixed(2)} of bare update + local activity (${showLoad(bare)}); p50 ${slower.toFixed(2)}×`,
    budget: { text: '≥ 0.8, p50 ≤ 1.5×', met: ratio >= 0.8 && slower <= 1.5 },
    values: { rate: ours.rate, p50: ours.p50, bareRate: bare.rate, bareP50: bare.p50, ratio },
  });
}

function best(results: readonly LoadResult[]): LoadResult {
  return results.reduce((one, other) => (other.rate > one.rate ? other : one));
}

function showLoad({ rate, p50 }: LoadResult): string {
  return `${rate.toFixed(0)}/s, p50 ${showMs(p50)}`;
}
