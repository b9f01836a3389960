// Native time skipping of one workflow on the real dev server (frontend.WorkflowTimeSkippingEnabled). A feature without TypeScript
// sugar yet: kept in this one place.
import type { TestDesk } from './desk.ts';

/**
 * Bounds what an event or a timer does: the desk's only sweep (reconcile) comes every two minutes, so what is done within this was not
 * left to it. How soon it really is, `npm run bench` measures: a test that runs beside others cannot.
 */
export const SOONER_THAN_A_SWEEP_MS = 10_000;

let calls = 0;

/** Moves a workflow's own clock forward, firing what is due on the way. */
export async function fastForward(
  desk: TestDesk,
  workflowId: string,
  seconds: number,
): Promise<void> {
  calls += 1;
  const id = `forward-${calls}`;
  const { client, namespace } = desk;
  const options = {
    timeSkippingConfig: {
      enabled: true,
      fastForwardConfig: { id, duration: { seconds, nanos: 0 } },
    },
  };
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: options as object,
    updateMask: { paths: ['time_skipping_config'] },
  });
  await client.workflowService.pollWorkflowExecutionTimeSkipping({
    namespace,
    workflowExecution: { workflowId },
    fastForwardId: id,
  });
}
