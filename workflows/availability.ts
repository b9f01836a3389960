// Sleeps until somebody's availability changes by itself (their hours, a range out of office) or their tickets are due to go back,
// and has what follows done. Its id is availability-<userId>; every save of what it depends on makes it look again.
import {
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { attending } from './activities.ts';
import { availabilityChangedSignal } from './messages.ts';
import type { AvailabilityInput } from './messages.ts';

const CONTINUE_AS_NEW_AFTER_EVENTS = 1_000;

/** Ends when nothing is to be waited for: the next save starts it again. */
export async function availability(input: AvailabilityInput): Promise<void> {
  const { userId } = input;
  let changed = true;
  setHandler(
    availabilityChangedSignal,
    () => {
      changed = true;
    },
    { description: 'Their toggle, hours, ranges or the rules of going away were saved.' },
  );
  const limit = input.continueAsNewAfterEvents ?? CONTINUE_AS_NEW_AFTER_EVENTS;
  while (changed) {
    changed = false;
    const seen = await attending.lookAtAvailability({ userId, nowMs: Date.now() });
    const { nextAtMs } = seen;
    const until =
      nextAtMs === null ? 'no further change is planned' : new Date(nextAtMs).toISOString();
    setCurrentDetails(`**${seen.availability}** (${seen.reason}); looks again: ${until}`);
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    if (continueAsNewSuggested || historyLength > limit) {
      return await continueAsNew<typeof availability>(input);
    }
    if (nextAtMs === null) continue;
    const summary = `${seen.availability} (${seen.reason}) until then`;
    await condition(() => changed, Math.max(1, nextAtMs - Date.now()), { summary });
    changed = true;
  }
}
