// Environment of the worker process: the only reader of process.env here.
import { z } from 'zod';

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
  // An empty value, as docker compose passes it, means: not set.
  SMTP_OUT_HOST: z
    .string()
    .optional()
    .transform((host) => (host === '' ? undefined : host)),
  SMTP_OUT_PORT: z.coerce.number().int().default(25),
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
