// The worker process: wires activities to the database, the mail channel and Temporal, and runs until it is told to stop.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Runtime } from '@temporalio/worker';
import pino from 'pino';
import { createActivities } from '#activities/index.ts';
import { openAttachmentStore, readStoreSettings } from '#channels/attachments-open.ts';
import { readMailbox } from '#channels/email/imap-mailbox.ts';
import { sendMail } from '#channels/email/send.ts';
import { postWebhook, webhookSecret } from '#channels/webhook/send.ts';
import { listChannels } from '#db/channels.ts';
import { createSql } from '#db/sql.ts';
import { mailboxWorkflowId } from '#domain/ids.ts';
import {
  createClient,
  readTemporalConfig,
  ensureReconciler,
  ensureSearchAttributes,
} from '#temporal/connect.ts';
import { createTicketClient } from '#temporal/ticket-client.ts';
import { TASK_QUEUES, WORKFLOWS } from '#workflows/messages.ts';
import { workflowBundlePath } from './bundle.ts';
import { defaultSmtp, readWorkerConfig } from './config.ts';
import type { WorkerConfig } from './config.ts';
import { runWorkers } from './run.ts';

const MAILBOX_CHECK_MS = 10_000;

async function main(): Promise<void> {
  const config = readWorkerConfig(process.env);
  const log = pino({ level: config.LOG_LEVEL, name: 'worker' });
  Runtime.install({
    telemetryOptions: { logging: { filter: { core: 'WARN' } } },
    shutdownSignals: [],
  });
  const sql = createSql(config.DATABASE_URL, {
    applicationName: 'holdfast-worker',
    plansOnce: true,
    maxConnections: 12,
    maxTransactions: 8,
  });
  const temporal = readTemporalConfig();
  const { client, close } = createClient(temporal.connection, temporal.namespace);
  const tickets = createTicketClient(client);
  const attachments = await openAttachmentStore(
    readStoreSettings(process.env, join(config.HOLDFAST_DATA, 'attachments')),
  );
  const replySecret = await readSecret(config);
  const ingest = { sql, attachments, replySecret };
  const sender = {
    outboxFolder: join(config.HOLDFAST_DATA, 'outbox'),
    attachments,
    replySecret,
    defaultSmtp: defaultSmtp(config),
  };
  await ensureSearchAttributes(client, temporal.namespace);
  const workers = await runWorkers({
    sql,
    client,
    tickets,
    connection: temporal.connection,
    namespace: temporal.namespace,
    queues: TASK_QUEUES,
    bundlePath: await workflowBundlePath(join(config.HOLDFAST_DATA, 'bundles')),
    maxCachedWorkflows: config.HOLDFAST_MAX_CACHED_TICKETS,
    log,
    activities: createActivities({
      sql,
      client,
      tickets,
      queues: TASK_QUEUES,
      sendMail: (mail, noteDelivered) => sendMail(sender, mail, noteDelivered),
      postWebhook: (post) =>
        postWebhook(
          {
            secret: webhookSecret(replySecret),
            allowPrivate: config.HOLDFAST_WEBHOOKS_PRIVATE,
          },
          post,
        ),
      publicUrl: config.HOLDFAST_PUBLIC_URL,
      readMailbox: (channelId, signal, heartbeat) =>
        readMailbox({ ingest, clock: Date.now, pollMs: 60_000, signal, heartbeat }, channelId),
    }),
  });
  await ensureReconciler(client);
  const startMailboxes = async (): Promise<void> => {
    for (const channel of await listChannels(sql)) {
      if (!channel.enabled || channel.settings.imap === undefined) continue;
      await client.workflow.start(WORKFLOWS.mailbox, {
        workflowId: mailboxWorkflowId(channel.id),
        taskQueue: TASK_QUEUES.tickets,
        args: [{ channelId: channel.id }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `mailbox of channel ${channel.name}`,
      });
    }
  };
  const tryMailboxes = (): void =>
    void startMailboxes().catch((error: unknown) =>
      log.warn({ err: error }, 'mailboxes not started'),
    );
  tryMailboxes();
  const timer = setInterval(tryMailboxes, MAILBOX_CHECK_MS);
  log.info('worker ready');
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await workers.stop();
    await close();
    await sql.end({ timeout: 5 });
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  await workers.ended;
}

/** The key that signs reply addresses: from the environment, else kept in the data folder. */
async function readSecret(config: WorkerConfig): Promise<string> {
  if (config.HOLDFAST_SECRET !== undefined) return config.HOLDFAST_SECRET;
  await mkdir(config.HOLDFAST_DATA, { recursive: true });
  const path = join(config.HOLDFAST_DATA, 'secret');
  await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(
    () => undefined,
  );
  return (await readFile(path, 'utf8')).trim();
}

main().catch((error: unknown) => {
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
