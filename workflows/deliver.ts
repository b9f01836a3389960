// One outbound message's way out: the undo window, then attempts with growing pauses until it left or the limit is reached.
// Its id is deliver-<messageId>; every stuck delivery is a running workflow that says when it tries again and why it failed.
import { condition, setCurrentDetails, setHandler, sleep } from '@temporalio/workflow';
import { delivery, messenger } from './activities.ts';
import { pauseAfterMs } from './attempts.ts';
import { cancelSendUpdate, retryNowSignal } from './messages.ts';
import type { DeliverInput, DeliverResult } from './messages.ts';

type Phase = 'waiting' | 'cancelled' | 'sending' | 'done';

/** Sends one message once and reports to its ticket what became of it. */
export async function deliver(input: DeliverInput): Promise<DeliverResult> {
  let phase: Phase = 'waiting';
  let retryNow = false;
  const phaseNow = (): Phase => phase;
  setHandler(
    cancelSendUpdate,
    () => {
      if (phase === 'waiting') phase = 'cancelled';
      return { cancelled: phase === 'cancelled' };
    },
    { description: 'Stops the message if it has not begun to leave.' },
  );
  setHandler(retryNowSignal, () => {
    retryNow = true;
  });

  const say = (text: string): void =>
    setCurrentDetails(`message ${input.messageId} of **ticket-${input.ticketId}**\n\n${text}`);
  say(`waits for its undo window or scheduled time: ${new Date(input.sendAtMs).toISOString()}`);
  const waitMs = input.sendAtMs - Date.now();
  if (waitMs > 0) {
    await condition(() => phaseNow() === 'cancelled', waitMs, { summary: 'undo window' });
  }
  if (phaseNow() === 'cancelled') {
    await delivery.cancelMessage({ messageId: input.messageId });
    return await report(input, 'cancelled', 0, null);
  }
  phase = 'sending';
  const startedMs = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    say(`attempt ${attempt} is under way`);
    const outcome = await delivery.sendMessage({ messageId: input.messageId, attempt });
    if (outcome.kind === 'sent') return await report(input, 'sent', attempt, null, outcome.atMs);
    if (outcome.kind === 'gone') return await report(input, 'cancelled', attempt, null);
    const pauseMs = pauseAfterMs(attempt);
    const late = Date.now() + pauseMs - startedMs > input.giveUpMs;
    if (outcome.kind === 'permanent' || late) {
      await delivery.giveUpMessage({ messageId: input.messageId, code: outcome.code });
      return await report(input, 'failed', attempt, outcome.code);
    }
    const againAt = new Date(Date.now() + pauseMs).toISOString();
    say(`attempt ${attempt} failed (${outcome.code}); next at ${againAt}`);
    retryNow = false;
    await condition(() => retryNow, pauseMs, { summary: `retry after ${outcome.code}` });
  }
}

async function report(
  input: DeliverInput,
  outcome: DeliverResult['outcome'],
  attempts: number,
  code: string | null,
  atMs: number = Date.now(),
): Promise<DeliverResult> {
  const { ticketId, messageId } = input;
  setCurrentDetails(`message ${messageId} of **ticket-${ticketId}**: ${outcome} ${code ?? ''}`);
  await messenger.reportDelivery({ ticketId, messageId, outcome, atMs, code });
  // A moment for an update that raced the end of this run; without it the caller would see "not found".
  await sleep(1);
  return { outcome, attempts };
}
