// Notices that leave the desk, of an escalation to somebody outside and of anything to one of its people: attempts with growing pauses
// until it left or the limit is reached. Ids are notify-<ticketId>-<event>-<action> and notice-mail-<notificationId>; what a notice
// became stands in its result, its details, and in step_notices or notifications.
import { condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { SendOutcome } from '#activities/contract.ts';
import { noticing } from './activities.ts';
import { pauseAfterMs } from './attempts.ts';
import { retryNowSignal } from './messages.ts';
import type { NoticeMailInput, StepNoticeInput, StepNoticeResult } from './messages.ts';

/** Sends one notice of an escalation to somebody outside, once. */
export async function notify(input: StepNoticeInput): Promise<StepNoticeResult> {
  const { ticketId, goal, repetition } = input;
  const again = repetition === null ? '' : `, repetition ${repetition}`;
  return await sendUntilLeft({
    what: `escalation of **ticket-${ticketId}** (${goal}${again})`,
    giveUpMs: input.giveUpMs,
    send: (summary) => noticing.sendStepNotice.executeWithOptions({ summary }, [input]),
    giveUp: () => noticing.giveUpStepNotice(input),
  });
}

/** Mails one notice to its person, once; what it is about and to whom stands in notifications. */
export async function noticeMail(input: NoticeMailInput): Promise<StepNoticeResult> {
  const { notificationId } = input;
  return await sendUntilLeft({
    what: `mail of notice **${notificationId}**`,
    giveUpMs: input.giveUpMs,
    send: (summary) =>
      noticing.sendNoticeMail.executeWithOptions({ summary }, [{ notificationId }]),
    giveUp: () => noticing.giveUpNoticeMail({ notificationId }),
  });
}

async function sendUntilLeft(notice: {
  what: string;
  giveUpMs: number;
  send: (summary: string) => Promise<SendOutcome>;
  giveUp: () => Promise<void>;
}): Promise<StepNoticeResult> {
  let retryNow = false;
  setHandler(
    retryNowSignal,
    () => {
      retryNow = true;
    },
    { description: 'Tries again now instead of at the next planned time.' },
  );
  const say = (text: string): void => setCurrentDetails(`${notice.what}\n\n${text}`);
  const startedMs = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    say(`attempt ${attempt} is under way`);
    const outcome = await notice.send(`attempt ${attempt}`);
    if (outcome.kind === 'sent') {
      say(`sent at attempt ${attempt}`);
      return { outcome: 'sent', attempts: attempt, code: null };
    }
    if (outcome.kind === 'gone') {
      say('nothing to send: it is read already, not wanted any more, or what it is about is gone');
      return { outcome: 'gone', attempts: attempt, code: null };
    }
    const pauseMs = pauseAfterMs(attempt);
    const late = Date.now() + pauseMs - startedMs > notice.giveUpMs;
    if (outcome.kind === 'permanent' || late) {
      await notice.giveUp();
      say(`given up after attempt ${attempt} (${outcome.code})`);
      return { outcome: 'failed', attempts: attempt, code: outcome.code };
    }
    const againAt = new Date(Date.now() + pauseMs).toISOString();
    say(`attempt ${attempt} failed (${outcome.code}); next at ${againAt}`);
    retryNow = false;
    await condition(() => retryNow, pauseMs, { summary: `retry after ${outcome.code}` });
  }
}
