// Native time skipping of one workflow on the real dev server (frontend.WorkflowTimeSkippingEnabled). A feature without TypeScript
// sugar yet: kept in this one place.
import type { TestDesk } from './desk.ts';

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
