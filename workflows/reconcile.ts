// The reconciler: started by a schedule every few minutes, and in full when a server has lost its file. Compares the read
// model with the workflows, nudges or rebuilds what drifted; its counts are the result, to be seen in the Temporal UI.
import { setCurrentDetails } from '@temporalio/workflow';
import type { ReconcileFindings } from '#activities/contract.ts';
import { reconciling } from './activities.ts';

/** One round; full: every ticket that has not ended is started again unless it runs. */
export async function reconcile(input: { full: boolean }): Promise<ReconcileFindings> {
  const findings = await reconciling.reconcileDesk(input);
  setCurrentDetails(`\`${JSON.stringify(findings)}\``);
  return findings;
}
