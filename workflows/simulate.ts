// Asks what a draft of a policy would have done. Its id is simulate-<simulationId>; progress and answer stand in Postgres.
import { CancellationScope, setCurrentDetails } from '@temporalio/workflow';
import { simulating } from './activities.ts';
import type { SimulateInput } from './messages.ts';

/** Returns how many tickets it looked at. */
export async function simulate({ simulationId }: SimulateInput): Promise<{ looked: number }> {
  setCurrentDetails(`simulation ${simulationId}: progress in the read model and in the heartbeat`);
  try {
    const { looked, cancelled } = await simulating.runSimulation({ simulationId });
    setCurrentDetails(
      `simulation ${simulationId}: ${looked} tickets, ${cancelled ? 'cancelled' : 'done'}`,
    );
    return { looked };
  } catch (error) {
    // Whoever asked must not wait for an answer that does not come.
    await CancellationScope.nonCancellable(() => simulating.failSimulation({ simulationId }));
    throw error;
  }
}
