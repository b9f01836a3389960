// The API process: HTTP and the SMTP listener, wired to the database and Temporal. Stateless: run as many as wanted.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import pino from 'pino';
import { z } from 'zod';
import { createAccounts } from '#accounts/better-auth.ts';
import type { SingleSignOn } from '#accounts/better-auth.ts';
import { openAttachmentStore, readStoreSettings } from '#channels/attachments-open.ts';
import { retryInbound } from '#channels/email/ingest.ts';
import { detectLanguage } from '#channels/email/language.ts';
import { tryServers } from '#channels/email/try-servers.ts';
import { startSmtpListener } from '#channels/email/smtp-listener.ts';
import { webhookSecret } from '#channels/webhook/send.ts';
import { safeHtml } from '#channels/safe-html.ts';
import { isActiveUser, hasAccounts, insertResetMail } from '#db/accounts.ts';
import { createSql } from '#db/sql.ts';
import { createClient, readTemporalConfig } from '#temporal/connect.ts';
import { createTicketClient } from '#temporal/ticket-client.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { createApp } from './app.ts';
import { createTicketGateway } from './ticket-gateway.ts';

const Environment = z.object({
  DATABASE_URL: z.string('DATABASE_URL is missing: the Postgres the desk lives in.').min(1),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().default(3000),
  SMTP_IN_PORT: z.coerce.number().int().default(2525),
  // An empty value, as docker compose passes it, means: not set.
  SMTP_OUT_HOST: z
    .string()
    .optional()
    .transform((host) => (host === '' ? undefined : host)),
  HOLDFAST_DATA: z.string().default('./.holdfast'),
  HOLDFAST_SECRET: z.string().min(16).optional(),
  HOLDFAST_RATE_PER_MINUTE: z.coerce.number().int().positive().default(6_000),
  HOLDFAST_MAX_MAIL_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(25 * 1024 * 1024),
  HOLDFAST_MAX_MAIL_BYTES_IN_FLIGHT: z.coerce
    .number()
    .int()
    .positive()
    .default(128 * 1024 * 1024),
  HOLDFAST_SMTP_PER_ADDRESS: z.coerce.number().int().positive().default(20),
  HOLDFAST_MAIL_PRIVATE: z.enum(['', '0', '1']).default(''),
  HOLDFAST_PUBLIC_URL: z
    .url()
    .default('http://127.0.0.1:3000')
    .transform((url) => url.replace(/\/$/, '')),
  HOLDFAST_SIGN_IN_TRIES_PER_MINUTE: z.coerce.number().int().positive().default(20),
  SSO_ISSUER: z.string().default(''),
  SSO_CLIENT_ID: z.string().default(''),
  SSO_CLIENT_SECRET: z.string().default(''),
  SSO_TRUST_EMAIL: z.enum(['', '0', '1']).default(''),
  HOLDFAST_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  TEMPORAL_UI_URL: z.string().default('http://127.0.0.1:8233'),
  LOG_LEVEL: z.string().default('info'),
});
type Config = z.infer<typeof Environment>;

async function main(): Promise<void> {
  const parsed = Environment.safeParse(process.env);
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    );
  const config = parsed.data;
  const log = pino({ level: config.LOG_LEVEL, name: 'api' });
  const sql = createSql(config.DATABASE_URL, {
    applicationName: 'holdfast-api',
    maxConnections: 9,
    maxPlanned: 9,
    maxTransactions: 7,
  });
  const temporal = readTemporalConfig();
  const { client, close } = createClient(temporal.connection, temporal.namespace);
  const files = await openAttachmentStore(
    readStoreSettings(process.env, join(config.HOLDFAST_DATA, 'attachments')),
  );
  const replySecret = await readSecret(config);
  const ingest = { sql, attachments: files, replySecret };
  const gateway = createTicketGateway({
    client,
    tickets: createTicketClient(client),
    queues: TASK_QUEUES,
    temporalUiUrl: config.TEMPORAL_UI_URL,
    namespace: temporal.namespace,
  });
  const accounts = createAccounts({
    ...{ databaseUrl: config.DATABASE_URL, publicUrl: config.HOLDFAST_PUBLIC_URL },
    ...{ secret: derivedKey(replySecret, 'sessions'), deskName: 'Holdfast' },
    ...{ triesPerMinute: config.HOLDFAST_SIGN_IN_TRIES_PER_MINUTE, sso: singleSignOn(config) },
    sendResetLink: (link) => insertResetMail(sql, link),
    mayEnter: (userId) => isActiveUser(sql, userId),
  });
  const setupToken = derivedKey(replySecret, 'setup').slice(0, 20);
  if (!(await hasAccounts(sql)))
    log.info({ setupToken }, 'nobody can sign in yet: open /setup and give this token');
  const app = await createApp({
    ...{ accounts, setupToken, publicUrl: config.HOLDFAST_PUBLIC_URL },
    proxies: config.HOLDFAST_PROXIES,
    sql,
    gateway,
    files,
    log,
    clock: Date.now,
    retryInbound: (id) => retryInbound(ingest, id),
    tryServers: (servers) =>
      tryServers({ allowPrivate: config.HOLDFAST_MAIL_PRIVATE === '1' }, servers),
    mailMode: config.SMTP_OUT_HOST === undefined ? 'outbox' : 'smtp',
    webhookSecret: webhookSecret(replySecret),
    rateLimitPerMinute: config.HOLDFAST_RATE_PER_MINUTE,
    sanitizeHtml: safeHtml,
    detectLanguage,
    uiFolder: await builtUi(),
  });
  const smtp = await startSmtpListener({
    host: config.HOST,
    port: config.SMTP_IN_PORT,
    maxBytes: config.HOLDFAST_MAX_MAIL_BYTES,
    maxBytesInFlight: config.HOLDFAST_MAX_MAIL_BYTES_IN_FLIGHT,
    maxPerAddress: config.HOLDFAST_SMTP_PER_ADDRESS,
    ingest,
    clock: Date.now,
    log,
  });
  const server = serve({ fetch: app.fetch, hostname: config.HOST, port: config.PORT });
  log.info({ port: config.PORT, smtpPort: smtp.port }, 'api ready');
  const stop = async (): Promise<void> => {
    await smtp.close();
    server.close();
    await close();
    await accounts.stop();
    await sql.end({ timeout: 5 });
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
}

/** A key for one purpose, from the desk's one secret. */
function derivedKey(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(`holdfast ${purpose}`).digest('hex');
}

function singleSignOn(config: Config): SingleSignOn | null {
  const { SSO_ISSUER: issuer, SSO_CLIENT_ID: clientId, SSO_CLIENT_SECRET: clientSecret } = config;
  if (issuer === '') return null;
  if (clientId === '' || clientSecret === '')
    throw new Error('SSO_ISSUER is set: SSO_CLIENT_ID and SSO_CLIENT_SECRET belong to it.');
  return { issuer, clientId, clientSecret, trustsAddresses: config.SSO_TRUST_EMAIL === '1' };
}

/** The workspace, when it has been built (`npm run build:ui`, which `npm start` and the image do). */
async function builtUi(): Promise<string | null> {
  const folder = fileURLToPath(new URL('../ui/dist', import.meta.url));
  return (await stat(join(folder, 'index.html')).catch(() => null)) === null ? null : folder;
}

/** The key that signs reply addresses: from the environment, else kept in the data folder. */
async function readSecret(config: Config): Promise<string> {
  if (config.HOLDFAST_SECRET !== undefined) return config.HOLDFAST_SECRET;
  await mkdir(config.HOLDFAST_DATA, { recursive: true });
  const path = join(config.HOLDFAST_DATA, 'secret');
  await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(
    () => undefined,
  );
  return (await readFile(path, 'utf8')).trim();
}

main().catch((error: unknown) => {
  process.stderr.write(`api: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
