// One notice of an escalation step to somebody outside, by mail or webhook: attempts with growing pauses until it left or the limit is
// reached. Its id is notify-<ticketId>-<event>-<action>; what it became stands in its result, its details and step_notices.
import { condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { noticing } from './activities.ts';
import { pauseAfterMs } from './attempts.ts';
import { retryNowSignal } from './messages.ts';
import type { StepNoticeInput, StepNoticeResult } from './messages.ts';

/** Sends one notice once. */
export async function notify(input: StepNoticeInput): Promise<StepNoticeResult> {
  let retryNow = false;
  setHandler(
    retryNowSignal,
    () => {
      retryNow = true;
    },
    { description: 'Tries again now instead of at the next planned time.' },
  );
  const { ticketId, goal, repetition } = input;
  const again = repetition === null ? '' : `, repetition ${repetition}`;
  const say = (text: string): void =>
    setCurrentDetails(`escalation of **ticket-${ticketId}** (${goal}${again})\n\n${text}`);
  const startedMs = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    say(`attempt ${attempt} is under way`);
    const outcome = await noticing.sendStepNotice.executeWithOptions(
      { summary: `attempt ${attempt}` },
      [input],
    );
    if (outcome.kind === 'sent') {
      say(`sent at attempt ${attempt}`);
      return { outcome: 'sent', attempts: attempt, code: null };
    }
    if (outcome.kind === 'gone') {
      say('nothing to send: the policy version or the ticket is gone');
      return { outcome: 'gone', attempts: attempt, code: null };
    }
    const pauseMs = pauseAfterMs(attempt);
    const late = Date.now() + pauseMs - startedMs > input.giveUpMs;
    if (outcome.kind === 'permanent' || late) {
      await noticing.giveUpStepNotice(input);
      say(`given up after attempt ${attempt} (${outcome.code})`);
      return { outcome: 'failed', attempts: attempt, code: outcome.code };
    }
    const againAt = new Date(Date.now() + pauseMs).toISOString();
    say(`attempt ${attempt} failed (${outcome.code}); next at ${againAt}`);
    retryNow = false;
    await condition(() => retryNow, pauseMs, { summary: `retry after ${outcome.code}` });
  }
}
