// Brings a save of a policy or calendar to every open ticket it concerns, those first whose deadline moves earlier.
// Its id is policy-rollout-<policy or calendar id>: a newer save of the same thing makes this run go on with it.
import {
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { rollingOut } from './activities.ts';
import { rolloutChangedSignal, rolloutProgressQuery } from './messages.ts';
import type { RolloutInput, RolloutProgress } from './messages.ts';

/** So many that workers seldom idle while a batch waits for its last tickets. */
const BATCH = 1_000;
const CONTINUE_AS_NEW_AFTER_EVENTS = 2_000;

/** Ends when every ticket follows or was given up, or when a person cancels; waits, without an end, while paused. */
export async function policyRollout(input: RolloutInput): Promise<RolloutProgress | null> {
  const { subjectId } = input;
  let latest: RolloutProgress | null = null;
  let changed = false;
  let steered = false;
  setHandler(rolloutProgressQuery, () => latest, {
    description: 'Tickets that follow, failed and in all, as of the last batch.',
  });
  setHandler(
    rolloutChangedSignal,
    () => {
      changed = true;
      steered = true;
    },
    {
      description:
        'A newer save, or a person paused, resumed or cancelled: look at the read model.',
    },
  );
  const limit = input.continueAsNewAfterEvents ?? CONTINUE_AS_NEW_AFTER_EVENTS;
  // A signal that comes as this run is about to end makes it look once more: the server has delivered it, nobody else will.
  do {
    changed = false;
    const planned = await rollingOut.planRollout.executeWithOptions(
      { summary: 'finds the tickets it concerns' },
      [{ subjectId }],
    );
    if (planned === null) continue;
    latest = say(planned.progress);
    const { rolloutId } = latest;
    if (planned.added === 0 && left(latest) === 0 && latest.state !== 'paused') {
      // Whoever came or reopened since the last look would have been found by this one: all follow.
      await rollingOut.finishRollout({ rolloutId });
      latest = say({ ...latest, state: 'finished' });
      continue;
    }
    // With new tickets found, or after a pause, the round ends with another look.
    changed = true;
    while (latest !== null && (left(latest) > 0 || latest.state === 'paused')) {
      const { historyLength, continueAsNewSuggested } = workflowInfo();
      if (continueAsNewSuggested || historyLength > limit) {
        return await continueAsNew<typeof policyRollout>(input);
      }
      if (latest.state === 'paused') await condition(() => steered);
      // Before the read model is looked at: what is said from now on is for the look after it.
      steered = false;
      const summary = `after ${latest.done + latest.failed} of ${latest.total}`;
      const told: RolloutProgress | null = await rollingOut.tellRolloutBatch.executeWithOptions(
        { summary },
        [{ subjectId, rolloutId, limit: BATCH }],
      );
      // Null: a newer save has taken over. Planning: resumed. Both are planned next.
      latest = told === null ? null : say(told);
      if (latest?.state !== 'running' && latest?.state !== 'paused') break;
    }
  } while (changed);
  return latest;
}

function left({ total, done, failed }: RolloutProgress): number {
  return total - done - failed;
}

function say(progress: RolloutProgress): RolloutProgress {
  const { state, subjectVersion, done, failed, total, urgent, urgentDone } = progress;
  setCurrentDetails(
    `version ${subjectVersion} is brought to open tickets: **${state}**\n\n${done} of ${total} follow, ${failed} failed; ` +
      `${urgentDone} of ${urgent} whose deadline moves earlier`,
  );
  return progress;
}
