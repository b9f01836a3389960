// Environment of the worker process: the only reader of process.env here.
import { z } from 'zod';
import type { SmtpSettings } from '#db/channels.ts';

// An empty value, as docker compose passes it, means: not set.
const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text));

const environment = z.object({
  DATABASE_URL: z.string().min(1, 'DATABASE_URL is missing: the Postgres the desk lives in'),
  HOLDFAST_DATA: z.string().default('./.holdfast'),
  HOLDFAST_SECRET: z.string().min(16).optional(),
  HOLDFAST_PUBLIC_URL: z.string().default('http://127.0.0.1:3000'),
  HOLDFAST_WEBHOOKS_PRIVATE: z
    .string()
    .optional()
    .transform((value) => value === '1'),
  HOLDFAST_MAX_CACHED_TICKETS: z.coerce.number().int().min(0).default(2_000),
  SMTP_OUT_HOST: optionalText,
  SMTP_OUT_PORT: z.coerce.number().int().default(25),
  SMTP_OUT_USER: optionalText,
  SMTP_OUT_PASSWORD: optionalText,
  // TLS from the first byte; without it the connection is upgraded when the server offers that.
  SMTP_OUT_SECURE: optionalText.pipe(
    z
      .enum(['true', 'false'], 'SMTP_OUT_SECURE is neither true nor false')
      .transform((text) => text === 'true')
      .optional(),
  ),
  LOG_LEVEL: z.string().default('info'),
});

/** Typed settings of a worker. */
export type WorkerConfig = z.infer<typeof environment>;

/** Reads the environment; throws one sentence per fault. */
export function readWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const parsed = environment.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => issue.message).join('\n'));
}

/** The mail server of channels that have none of their own; null sends to the outbox folder. */
export function defaultSmtp(config: WorkerConfig): SmtpSettings | null {
  if (config.SMTP_OUT_HOST === undefined) return null;
  return {
    host: config.SMTP_OUT_HOST,
    port: config.SMTP_OUT_PORT,
    ...(config.SMTP_OUT_SECURE === undefined ? {} : { secure: config.SMTP_OUT_SECURE }),
    ...(config.SMTP_OUT_USER === undefined ? {} : { user: config.SMTP_OUT_USER }),
    ...(config.SMTP_OUT_PASSWORD === undefined ? {} : { password: config.SMTP_OUT_PASSWORD }),
  };
}
