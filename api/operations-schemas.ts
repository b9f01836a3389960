// The operator's page on the wire.
import { z } from '@hono/zod-openapi';
import { At } from './schemas.ts';

const Workflow = z.strictObject({ id: z.string(), url: z.string() });

/** One part: what is known of it, whether somebody should look, and why. */
const partOf = <T extends z.ZodType>(data: T) =>
  z.strictObject({
    state: z.enum(['ok', 'attention', 'unknown']),
    why: z.array(z.string()),
    data: z.union([data, z.null()]),
  });

const Side = z
  .strictObject({
    backlog: z.number().openapi({ description: 'About so many tasks wait.' }),
    backlogSeconds: z.number(),
    pollers: z
      .array(z.strictObject({ identity: z.string(), lastSeenAt: At.nullable() }))
      .openapi({ description: 'Workers seen in the last five minutes.' }),
  })
  .openapi('TaskQueueSide');

export const Operations = z
  .strictObject({
    at: At,
    url: z.string().openapi({ description: 'All workflows in the Temporal UI.' }),
    api: partOf(z.strictObject({ uptimeSeconds: z.number(), node: z.string() })),
    postgres: partOf(
      z.strictObject({
        ...{ version: z.string(), latencyMs: z.number(), connections: z.number().int() },
        ...{ maxConnections: z.number().int(), sizeBytes: z.number().int() },
      }),
    ),
    temporal: partOf(z.strictObject({ version: z.string(), latencyMs: z.number() })),
    taskQueues: partOf(
      z.array(
        z.strictObject({ name: z.string(), url: z.string(), workflows: Side, activities: Side }),
      ),
    ),
    reconciler: partOf(
      z.strictObject({
        nextRunAt: At.nullable(),
        url: z.string(),
        runs: z
          .array(
            z.strictObject({
              ...{ at: At, full: z.boolean(), findings: z.record(z.string(), z.number()) },
            }),
          )
          .openapi({ description: 'The newest first, with what each found and healed.' }),
      }),
    ),
    relay: partOf(
      z.strictObject({
        ...{ count: z.number().int(), oldestSeconds: z.number() },
        sample: z.array(
          z.strictObject({
            kind: z.string(),
            ticketId: z.number().int().nullable(),
            attempts: z.number().int(),
            nextAttemptAt: At,
            lastError: z.string().nullable(),
          }),
        ),
      }),
    ),
    lateTimers: partOf(
      z.strictObject({
        count: z.number().int().openapi({ description: 'Up to 1000.' }),
        sample: z.array(
          z.strictObject({
            ticketId: z.number().int(),
            nextWakeAt: At,
            reason: z.string().nullable(),
            lateSeconds: z.number(),
            workflow: Workflow,
          }),
        ),
      }),
    ),
    deliveries: partOf(
      z.strictObject({
        failedLastDay: z.number().int(),
        sample: z.array(
          z.strictObject({
            kind: z.enum(['message', 'notice']),
            ticketId: z.number().int(),
            messageId: z.string().nullable(),
            state: z.string(),
            attempts: z.number().int(),
            failure: z.strictObject({ code: z.string(), text: z.string() }).nullable(),
            since: At,
            nextAttemptAt: At.nullable(),
            workflow: Workflow,
          }),
        ),
      }),
    ),
    mailboxes: partOf(
      z.array(
        z.strictObject({
          ...{ channelId: z.string(), name: z.string(), address: z.string().nullable() },
          enabled: z.boolean(),
          ok: z.boolean().nullable(),
          at: At.nullable(),
          text: z.string().nullable().openapi({ description: "The server's own words." }),
          workflow: z.union([Workflow, z.null()]),
        }),
      ),
    ),
    quarantine: partOf(
      z.strictObject({
        ...{ lastDay: z.number().int(), lastMonth: z.number().int(), oldestAt: At.nullable() },
      }),
    ),
    jobs: partOf(
      z.array(
        z.strictObject({
          kind: z.enum(['rollout', 'bulk']),
          id: z.string(),
          subjectKind: z.string().nullable(),
          subjectId: z.string().nullable(),
          state: z.string(),
          total: z.number().int(),
          failed: z.number().int(),
          createdAt: At,
          updatedAt: At,
          workflow: Workflow,
        }),
      ),
    ),
  })
  .openapi('Operations');
