// A whole desk for a test: API, workers, relay and mail sender on a database and a namespace of their own, no part replaced.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import pino from 'pino';
import { inject } from 'vitest';
import { createAccounts } from '#accounts/better-auth.ts';
import type { AccountsOptions } from '#accounts/better-auth.ts';
import { createActivities } from '#activities/index.ts';
import { createApp } from '#api/app.ts';
import type { ApiDeps, App } from '#api/app-env.ts';
import { createTicketGateway } from '#api/ticket-gateway.ts';
import { createFolderStore } from '#channels/attachments-folder.ts';
import { retryInbound } from '#channels/email/ingest.ts';
import type { IngestDeps } from '#channels/email/ingest.ts';
import { readMailbox } from '#channels/email/imap-mailbox.ts';
import { detectLanguage } from '#channels/email/language.ts';
import { sendMail } from '#channels/email/send.ts';
import { tryServers } from '#channels/email/try-servers.ts';
import { postWebhook, webhookSecret } from '#channels/webhook/send.ts';
import { safeHtml } from '#channels/safe-html.ts';
import { isActiveUser, insertResetMail } from '#db/accounts.ts';
import { insertChannel } from '#db/channels.ts';
import type { ChannelRow } from '#db/channels.ts';
import { updateSettings } from '#db/desk-rules.ts';
import { insertApiKey, insertUser } from '#db/people.ts';
import type { UserValues } from '#db/people.ts';
import { createSql } from '#db/sql.ts';
import type { SqlPool } from '#db/sql.ts';
import type { DeskSettings } from '#domain/desk.ts';
import { createClient } from '#temporal/connect.ts';
import { createTicketClient } from '#temporal/ticket-client.ts';
import type { TicketClient } from '#temporal/ticket-client.ts';
import { runWorkers } from '#worker/run.ts';
import type { Workers } from '#worker/run.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { createTestDatabase } from './database.ts';
import { holdToOpenApi } from './openapi-contract.ts';
import { installRuntime } from './runtime.ts';

/** JSON as a test looks at it. */
export type Json = Record<string, unknown> & { [key: string]: any };

/** A running desk. */
export interface TestDesk {
  app: App;
  /** What the API was made of, for a test that needs one with other limits. */
  deps: ApiDeps;
  sql: SqlPool;
  client: Client;
  namespace: string;
  tickets: TicketClient;
  ingest: IngestDeps;
  channel: ChannelRow;
  outbox: string;
  adminId: string;
  /** Calls the API as the admin; throws when the status is not the expected one. */
  call(
    method: string,
    path: string,
    body?: unknown,
    expected?: number,
    headers?: Record<string, string>,
  ): Promise<Json>;
  addUser(name: string, more?: Partial<UserValues>): Promise<string>;
  stopWorkers(): Promise<void>;
  startWorkers(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a desk with an admin, one mail address and no undo window; on a Temporal server of its own when given one. */
export async function startTestDesk(
  settings: Partial<DeskSettings> = {},
  accountOptions: Partial<AccountsOptions> = {},
  ownTemporal?: { address: string },
): Promise<TestDesk> {
  const { bundlePath, postgresUrl, ...stack } = inject('stack');
  const temporalAddress = ownTemporal?.address ?? stack.temporalAddress;
  const namespace = ownTemporal === undefined ? await nextNamespace(postgresUrl) : 'default';
  const database = await createTestDatabase(20);
  const { sql } = database;
  // As in a process of its own: each statement planned once, which for the projection takes longer than running it.
  const workerSql = createSql(database.url, {
    ...{ plansOnce: true, maxConnections: 5, maxTransactions: 5 },
  });
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-desk-'));
  installRuntime();
  await updateSettings(sql, { undoSendSeconds: 0, ...settings });
  const { client, close } = createClient({ address: temporalAddress }, namespace);
  const tickets = createTicketClient(client);
  const files = createFolderStore(join(folder, 'attachments'));
  const ingest: IngestDeps = { sql, attachments: files, replySecret: 'a secret of the tests' };
  const outbox = join(folder, 'outbox');
  const sender = {
    outboxFolder: outbox,
    attachments: files,
    replySecret: ingest.replySecret,
    defaultSmtp: null,
  };
  // Receivers of tests listen on this machine.
  const webhooks = { secret: webhookSecret(ingest.replySecret), allowPrivate: true };
  const publicUrl = 'http://desk.test';
  const accounts = createAccounts({
    ...{ databaseUrl: database.url, publicUrl, secret: ingest.replySecret.repeat(2), sso: null },
    ...{ deskName: 'Holdfast', triesPerMinute: 1_000 },
    sendResetLink: (link) => insertResetMail(sql, link),
    mayEnter: (userId) => isActiveUser(sql, userId),
    ...accountOptions,
  });
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
  // A request that failed for a reason nobody foresaw is told in the output of the tests, since its answer says nothing.
  const apiLog = pino({ level: process.env['TEST_LOG'] ?? 'error' });
  const activities = createActivities({
    sql: workerSql,
    client,
    tickets,
    queues: TASK_QUEUES,
    sendMail: (mail, noteDelivered) => sendMail(sender, mail, noteDelivered),
    postWebhook: (post) => postWebhook(webhooks, post),
    publicUrl,
    readMailbox: (id, signal, heartbeat) =>
      readMailbox({ ingest, clock: Date.now, pollMs: 2_000, signal, heartbeat }, id),
  });
  let workers: Workers | null = null;
  const startWorkers = async (): Promise<void> => {
    workers = await runWorkers({
      ...{
        sql: workerSql,
        client,
        tickets,
        connection: { address: temporalAddress },
        namespace,
        queues: TASK_QUEUES,
        bundlePath,
        activities,
        log,
      },
      maxCachedWorkflows: Number(process.env['TEST_CACHED_WORKFLOWS'] ?? 500),
    });
  };
  const stopWorkers = async (): Promise<void> => {
    await workers?.stop();
    workers = null;
  };
  await startWorkers();
  const gateway = createTicketGateway({
    client,
    tickets,
    queues: TASK_QUEUES,
    temporalUiUrl: 'http://ui',
    namespace,
  });
  const deps: ApiDeps = {
    ...{
      sql,
      accounts,
      publicUrl,
      setupToken: 'the token of the start',
      gateway,
      files,
      log: apiLog,
      clock: Date.now,
      mailMode: 'outbox',
      webhookSecret: webhooks.secret,
      rateLimitPerMinute: 1_000_000,
      sanitizeHtml: safeHtml,
      detectLanguage,
    },
    retryInbound: (id) => retryInbound(ingest, id),
    // So do mail servers of tests.
    tryServers: (servers) => tryServers({ allowPrivate: true }, servers),
  };
  const app = await holdToOpenApi(await createApp(deps));
  const addUser = async (name: string, more: Partial<UserValues> = {}): Promise<string> => {
    const user = await insertUser(sql, {
      ...{
        name,
        email: `${name}@desk.test`,
        role: 'agent',
        seat: true,
        capacity: null,
        skills: [],
      },
      ...{ availability: 'available', workingHours: null, active: true },
      ...more,
    });
    if (user === undefined) throw new Error(`no user ${name}`);
    return user.id;
  };
  const adminId = await addUser('admin', { role: 'admin', availability: 'away' });
  const token = await makeToken(sql, adminId, ['read', 'write', 'admin']);
  const channel = await insertChannel(sql, {
    kind: 'email',
    name: 'Support',
    address: 'support@desk.test',
    settings: {},
  });
  if (channel === undefined) throw new Error('no channel');
  return {
    ...{
      app,
      deps,
      sql,
      client,
      namespace,
      tickets,
      ingest,
      channel,
      outbox,
      adminId,
      addUser,
      startWorkers,
      stopWorkers,
    },
    call: (method, path, body, expected, headers) =>
      callApi(app, token, { method, path, body, expected, headers }),
    async stop() {
      await stopWorkers();
      await workerSql.end();
      await close();
      await accounts.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An API key of a user. */
export async function makeToken(sql: SqlPool, userId: string, scopes: string[]): Promise<string> {
  const token = `hf_${randomBytes(16).toString('hex')}`;
  const tokenHash = createHash('sha256').update(token).digest();
  await insertApiKey(sql, { userId, name: 'test', tokenHash, tokenStart: 'hf_', scopes });
  return token;
}

/** One call of the API without a network. */
export async function callApi(
  app: App,
  token: string,
  ask: {
    method: string;
    path: string;
    body?: unknown;
    expected?: number | undefined;
    headers?: Record<string, string> | undefined;
  },
): Promise<Json> {
  const response = await app.request(ask.path, {
    method: ask.method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    },
    ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
  });
  const text = await response.text();
  const wanted = ask.expected ?? (ask.method === 'POST' ? 201 : 200);
  if (response.status !== wanted) {
    throw new Error(
      `${ask.method} ${ask.path}: ${response.status} instead of ${wanted}: ${text.slice(0, 1_000)}`,
    );
  }
  return text === '' ? {} : (JSON.parse(text) as Json);
}

async function nextNamespace(postgresUrl: string): Promise<string> {
  const admin = createSql(postgresUrl, { maxConnections: 1 });
  const [row] = await admin<{ number: number }[]>`select nextval('desks') as number`;
  await admin.end();
  return `desk${row?.number ?? 0}`;
}
