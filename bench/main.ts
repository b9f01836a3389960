// npm run bench: the budgets of the design as ratios in one run, as a table or with --json. Own Postgres, own Temporal, own folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { createActivities } from '#activities/index.ts';
import { createTicketGateway } from '#api/ticket-gateway.ts';
import { createFolderStore } from '#channels/attachments.ts';
import { ingestMail } from '#channels/email/ingest.ts';
import { findChannelByAddress } from '#db/channels.ts';
import { insertNewTicket, upsertContactByEmail } from '#db/inbound.ts';
import { deleteRelayBirth } from '#db/relay.ts';
import { migrate } from '#db/migrate.ts';
import { seedDemo } from '#db/seed-demo.ts';
import { createSql } from '#db/sql.ts';
import type { SqlPool } from '#db/sql.ts';
import { listTickets } from '#db/tickets.ts';
import { startTemporal } from '#scripts/dev-temporal.ts';
import { ensureDatabase, startPostgres } from '#scripts/embedded-postgres.ts';
import { cacheFolder } from '#scripts/temporal-cli.ts';
import { createClient } from '#temporal/connect.ts';
import { createTicketClient } from '#temporal/ticket-client.ts';
import { runWorkers } from '#worker/run.ts';
import { workflowBundlePath } from '#worker/bundle.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { benchDueDates } from './due-dates.ts';
import { benchTicketDomain } from './ticket-domain.ts';

interface Row {
  what: string;
  measured: string;
  ratio: string;
  budget: string;
}

const rows: Row[] = [];
const CONCURRENCY = 8;
const add = (what: string, measured: string, ratio: string, budget: string): void => {
  rows.push({ what, measured, ratio, budget });
  console.error(`  ${what}: ${measured} ${ratio}`);
};

/** Runs work `count` times, `concurrency` at once; rate and median. */
async function load(count: number, concurrency: number, work: (index: number) => Promise<unknown>) {
  const times: number[] = [];
  let next = 0;
  const startMs = performance.now();
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const beganMs = performance.now();
      await work(index);
      times.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  times.sort((one, other) => one - other);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return { rate: (count / (performance.now() - startMs)) * 1000, p50: at(0.5), p95: at(0.95) };
}

const per = ({ rate, p50 }: { rate: number; p50: number }): string =>
  `${rate.toFixed(0)}/s, p50 ${p50.toFixed(0)} ms`;

async function benchTickets(client: Client, sql: SqlPool, address: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const connection = await NativeConnection.connect({ address });
  const touch = async (): Promise<number> => {
    await sql`update settings set updated_at = now()`;
    return 1;
  };
  const worker = await Worker.create({
    connection,
    taskQueue: 'bare',
    workflowBundle: { code },
    activities: { touch },
  });
  const running = worker.run();
  const tickets = createTicketClient(client);
  const gateway = createTicketGateway({
    client,
    tickets,
    queues: TASK_QUEUES,
    temporalUiUrl: '',
    namespace: 'default',
  });
  const bareCreate = await load(160, CONCURRENCY, (index) =>
    client.workflow.executeUpdateWithStart('bareUpdate', {
      startWorkflowOperation: new WithStartWorkflowOperation('bare', {
        workflowId: `bare-${index}`,
        taskQueue: 'bare',
        args: [],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    }),
  );
  const contact = await upsertContactByEmail(sql, 'bench@example.org', null);
  const ids: number[] = [];
  const create = await load(160, CONCURRENCY, async () => {
    const ticket = {
      subject: 'bench',
      requesterId: contact.id,
      companyId: null,
      channel: 'api' as const,
      channelId: null,
      createdAt: new Date(),
      startsItself: true,
    };
    const id = await insertNewTicket(sql, ticket);
    if (await gateway.open(id)) await deleteRelayBirth(sql, id);
    ids.push(id);
  });
  add(
    'create ticket, c8',
    per(create),
    `${(create.rate / bareCreate.rate).toFixed(2)} of bare update-with-start (${per(bareCreate)})`,
    '≥ 0.8',
  );
  const bareAct = await load(400, CONCURRENCY, (index) =>
    client.workflow.getHandle(`bare-${index % 160}`).executeUpdate('bareUpdate'),
  );
  const actor = { type: 'system' as const, cause: 'bench' };
  const act = await load(400, CONCURRENCY, (index) =>
    gateway.act({
      ticketId: ids[index % ids.length] ?? 1,
      requestId: crypto.randomUUID(),
      actor,
      command: { type: 'change', status: index % 320 < 160 ? 'waitingOnUs' : 'new' },
    }),
  );
  add(
    'agent action (status), c8',
    per(act),
    `${(act.rate / bareAct.rate).toFixed(2)} of bare update + local activity (${per(bareAct)}); p50 ${(act.p50 / bareAct.p50).toFixed(2)}×`,
    '≥ 0.8, p50 ≤ 1.5×',
  );
  worker.shutdown();
  await running;
  await connection.close();
}

async function benchInbound(sql: SqlPool, folder: string): Promise<void> {
  const channel = await findChannelByAddress(sql, 'support@holdfast.localhost');
  if (channel === undefined) throw new Error('no channel');
  const deps = {
    sql,
    attachments: createFolderStore(join(folder, 'files')),
    replySecret: 'bench secret',
  };
  for (const concurrency of [1, 8, 32]) {
    const result = await load(600, concurrency, async (index) => {
      const name = `c${concurrency}n${index}`;
      const source = Buffer.from(
        `From: ${name}@load.test\r\nTo: support@holdfast.localhost\r\nSubject: ${name}\r\nMessage-ID: <${name}@load.test>\r\n\r\nHello there\r\n`,
      );
      await ingestMail(deps, {
        channelId: channel.id,
        source,
        envelope: null,
        receivedAt: new Date(),
      });
    });
    add(
      `inbound mail acknowledged, c${concurrency}`,
      per(result),
      '',
      concurrency === 32 ? '≥ 500/s' : '',
    );
  }
}

/** Tickets as a year leaves them: one in ten open, spread over people, teams and time. */
async function benchLists(sql: SqlPool, count: number): Promise<void> {
  await sql`
    insert into tickets (subject, pipeline_id, status, category, requester_id, channel, assignee_id, version, created_at, updated_at, tags)
    select 'ticket number ' || n, p.id, case when n % 10 = 0 then 'waitingOnUs' else 'closed' end, case when n % 10 = 0 then 'open' else 'closed' end,
      (select id from contacts limit 1), 'email', case when n % 20 = 0 then u.ids[1 + n % cardinality(u.ids)] end, 1,
      now() - n * interval '5 minutes', now() - n * interval '3 minutes', array['tag' || n % 50]
    from generate_series(1, ${count}::integer) n, (select id from pipelines limit 1) p, (select array_agg(id) as ids from users) u`;
  await sql`
    insert into messages (ticket_id, kind, state, body, created_at)
    select id, 'inbound', 'posted', 'customer ' || id || ' writes about word' || id % 5000 || ' and printers', created_at from tickets where subject like 'ticket number %'`;
  await sql`analyze tickets`;
  await sql`analyze messages`;
  const [user] = await sql<{ id: string }[]>`select id from users where role = 'agent' limit 1`;
  const views = ['unassigned', 'assignedToMe', 'allOpen', 'following', 'allClosed', 'spam'];
  const sort = '-updatedAt' as const;
  for (const view of views) {
    const filter = { view, userId: user?.id ?? '' };
    const result = await load(60, 1, () =>
      listTickets(sql, filter, { sort, limit: 50, after: null }),
    );
    add(
      `list of 50, view ${view}, ${count} tickets`,
      `p95 ${result.p95.toFixed(1)} ms`,
      '',
      'p95 ≤ 20 ms',
    );
  }
  const search = await load(60, 1, (index) =>
    listTickets(
      sql,
      { q: `word${index * 7}`, userId: user?.id ?? '' },
      { sort, limit: 50, after: null },
    ),
  );
  add(`search, ${count} messages`, `p95 ${search.p95.toFixed(1)} ms`, '', 'p95 ≤ 50 ms');
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
    shutdownSignals: [],
  });
  const say = (line: string): void => console.error(line);
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), say });
  const temporal = await startTemporal({
    folder: join(folder, 'temporal'),
    file: 'temporal.db',
    say,
  });
  await ensureDatabase(postgres, 'bench');
  const sql = createSql(postgres.url('bench'), { maxConnections: 40 });
  await migrate(sql);
  await seedDemo(sql, 'hf_bench');
  const { client, close } = createClient({ address: temporal.address }, 'default');
  const tickets = createTicketClient(client);
  for (const { name, perSecond } of benchDueDates())
    add(`due dates: ${name}`, `${perSecond.toFixed(0)}/s`, '', '≥ 100000/s');
  for (const { name, perSecond } of benchTicketDomain())
    add(`ticket domain: ${name}`, `${perSecond.toFixed(0)}/s`, '', '');
  await benchInbound(sql, folder);
  await sql`delete from relay_outbox`;
  const workers = await runWorkers({
    ...{
      sql,
      client,
      tickets,
      connection: { address: temporal.address },
      namespace: 'default',
      queues: TASK_QUEUES,
      maxCachedWorkflows: 2_000,
    },
    bundlePath: await workflowBundlePath(join(cacheFolder(), 'bundles')),
    log: { warn: () => undefined },
    activities: createActivities({
      ...{ sql, client, tickets, queues: TASK_QUEUES },
      sendMail: async () => ({ kind: 'sent', text: '' }),
      readMailbox: async () => 'off',
    }),
  });
  await benchTickets(client, sql, temporal.address);
  await workers.stop();
  await benchLists(sql, process.argv.includes('--full') ? 1_000_000 : 100_000);
  await close();
  await sql.end();
  await temporal.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
  if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows);
}

await main();
