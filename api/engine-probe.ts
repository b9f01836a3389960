// What operators ask of Temporal: its version, who works on each task queue and what waits there, and when a workflow's timer fires.
// Reads only. Every question has a deadline of its own, since the answer to "what is broken" must not wait for what is broken.
import type { Client } from '@temporalio/client';
import { ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import type { EngineProbe, QueueSide, QueueView } from './ticket-gateway-contract.ts';

/** What the probe works with. */
export interface ProbeDeps {
  client: Client;
  queues: { tickets: string; delivery: string; mailbox: string };
  temporalUiUrl: string;
  namespace: string;
}

/** The server's numbers for the two sides of a task queue, and for what happens to timers in a history. */
const SIDE = { workflows: 1, activities: 2 } as const;
const EVENT = { timerStarted: 17, timerFired: 18, timerCanceled: 19 } as const;
const LAST_EVENTS = 20;

/** The probe of one API process. */
export function createEngineProbe(deps: ProbeDeps): EngineProbe {
  const { client, namespace } = deps;
  const ask = <T>(withinMs: number, question: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + withinMs, question);
  return {
    server: (withinMs) =>
      ask(withinMs, async () => {
        const { serverVersion } = await client.workflowService.getSystemInfo({});
        return serverVersion;
      }),
    taskQueues: (withinMs) =>
      ask(withinMs, () =>
        Promise.all(Object.values(deps.queues).map((name) => describeQueue(deps, name))),
      ),
    nextReconcile: (withinMs) =>
      ask(withinMs, async () => {
        try {
          const { info } = await client.schedule.getHandle('reconcile').describe();
          return info.nextActionTimes[0] ?? null;
        } catch (error) {
          if (error instanceof ScheduleNotFoundError) return null;
          throw error;
        }
      }),
    async nextTimers(workflowIds, withinMs) {
      const found = await ask(withinMs, () =>
        Promise.all(workflowIds.map(async (id) => [id, await findTimer(deps, id)] as const)),
      );
      return new Map(found.flatMap(([id, at]) => (at === null ? [] : [[id, at]])));
    },
    url(of) {
      const base = `${deps.temporalUiUrl}/namespaces/${namespace}`;
      if (of === null) return `${base}/workflows`;
      if ('workflowId' in of) return `${base}/workflows/${encodeURIComponent(of.workflowId)}`;
      if ('scheduleId' in of) return `${base}/schedules/${of.scheduleId}`;
      return `${base}/task-queues/${encodeURIComponent(of.taskQueue)}`;
    },
  };
}

async function describeQueue(deps: ProbeDeps, name: string): Promise<QueueView> {
  const [workflows, activities] = await Promise.all([
    describeSide(deps, name, SIDE.workflows),
    describeSide(deps, name, SIDE.activities),
  ]);
  return { name, workflows, activities };
}

async function describeSide(
  { client, namespace }: ProbeDeps,
  name: string,
  taskQueueType: 1 | 2,
): Promise<QueueSide> {
  const { pollers, stats } = await client.workflowService.describeTaskQueue({
    ...{ namespace, taskQueue: { name }, taskQueueType, reportStats: true },
  });
  return {
    pollers: pollers.map(({ identity, lastAccessTime }) => ({
      identity: identity ?? '',
      lastSeenAt: dateOf(lastAccessTime),
    })),
    backlog: Number(stats?.approximateBacklogCount ?? 0),
    backlogSeconds: secondsOf(stats?.approximateBacklogAge),
  };
}

/** Protobuf's seconds come as a Long, which Number understands. */
interface Seconds {
  seconds?: { toString(): string } | number | null;
  nanos?: number | null;
}

const secondsOf = (span: Seconds | null | undefined): number =>
  Number(span?.seconds ?? 0) + Number(span?.nanos ?? 0) / 1e9;

const dateOf = (at: Seconds | null | undefined): Date | null =>
  at === null || at === undefined ? null : new Date(secondsOf(at) * 1000);

/** From the end of the history: a timer that was started and has neither fired nor been cancelled. No worker is needed for that. */
async function findTimer(
  { client, namespace }: ProbeDeps,
  workflowId: string,
): Promise<Date | null> {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
      ...{ namespace, execution: { workflowId }, maximumPageSize: LAST_EVENTS },
    });
    for (const event of history?.events ?? []) {
      const type = Number(event.eventType);
      if (type === EVENT.timerFired || type === EVENT.timerCanceled) return null;
      if (type !== EVENT.timerStarted) continue;
      const pause = event.timerStartedEventAttributes?.startToFireTimeout;
      return new Date((secondsOf(event.eventTime) + secondsOf(pause)) * 1000);
    }
    return null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || isNotFound(error)) return null;
    throw error;
  }
}

const NOT_FOUND = 5;
const isNotFound = (error: unknown): boolean =>
  ((error ?? {}) as { code?: unknown }).code === NOT_FOUND;
