// Matches a team's waiting tickets with free agents, in batches; started by whatever frees capacity, ends when nothing is left.
// Its id is assign-queue-<teamId>: at most one runs per team, further calls only make it look again.
import { continueAsNew, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { assigning, messenger } from './activities.ts';
import { capacityFreedSignal } from './messages.ts';
import type { AssignQueueInput } from './messages.ts';

const BATCH = 50;
const MAX_ROUNDS = 200;

/** Returns how many tickets found an agent. */
export async function assignQueue({ teamId }: AssignQueueInput): Promise<{ assigned: number }> {
  let lookAgain = true;
  let assigned = 0;
  setHandler(
    capacityFreedSignal,
    () => {
      lookAgain = true;
    },
    { description: 'An agent became free, or a ticket began to wait.' },
  );
  for (let round = 0; lookAgain && round < MAX_ROUNDS; round += 1) {
    lookAgain = false;
    const batch = await assigning.assignWaitingTickets({ teamId, limit: BATCH });
    if (batch.assigned.length > 0) {
      await messenger.tellAssigned({ teamId, assigned: batch.assigned });
    }
    assigned += batch.assigned.length;
    lookAgain ||= batch.more;
    setCurrentDetails(`team ${teamId}: ${assigned} assigned so far`);
  }
  // Whoever called while the last round ran has been heard by this run alone.
  if (lookAgain) return await continueAsNew<typeof assignQueue>({ teamId });
  return { assigned };
}
