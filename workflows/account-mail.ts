// One mail of an account, an invitation or a new password: attempts with growing pauses until it left or its link is old. Its id is
// account-mail-<mailId>; the address and the link stay in Postgres.
import { condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { accountMailing } from './activities.ts';
import { pauseAfterMs } from './attempts.ts';
import { retryNowSignal } from './messages.ts';
import type { AccountMailInput, StepNoticeResult } from './messages.ts';

const GIVE_UP_MS = 24 * 3_600_000;

/** Sends one mail once. */
export async function accountMail({ mailId }: AccountMailInput): Promise<StepNoticeResult> {
  let retryNow = false;
  setHandler(
    retryNowSignal,
    () => {
      retryNow = true;
    },
    { description: 'Tries again now instead of at the next planned time.' },
  );
  const startedMs = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await accountMailing.sendAccountMail({ mailId });
    if (outcome.kind === 'sent' || outcome.kind === 'gone') {
      setCurrentDetails(`${outcome.kind} at attempt ${attempt}`);
      return { outcome: outcome.kind, attempts: attempt, code: null };
    }
    const pauseMs = pauseAfterMs(attempt);
    const late = Date.now() + pauseMs - startedMs > GIVE_UP_MS;
    if (outcome.kind === 'permanent' || late) {
      await accountMailing.giveUpAccountMail({ mailId, code: outcome.code });
      setCurrentDetails(`given up after attempt ${attempt} (${outcome.code})`);
      return { outcome: 'failed', attempts: attempt, code: outcome.code };
    }
    const againAt = new Date(Date.now() + pauseMs).toISOString();
    setCurrentDetails(`attempt ${attempt} failed (${outcome.code}); next at ${againAt}`);
    retryNow = false;
    await condition(() => retryNow, pauseMs, { summary: `retry after ${outcome.code}` });
  }
}
