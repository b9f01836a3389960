// One outbound message's way out: the undo window, then attempts with growing pauses until it left or the limit is reached.
// A mail that reached the ones it is for, but not everybody, is reported at once and goes on for the others alone.
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
    return await report(input, { outcome: 'cancelled', attempts: 0 }, null);
  }
  phase = 'sending';
  const startedMs = Date.now();
  // Whether the ticket knows already that the mail reached the ones it is for.
  let told = false;
  const finish = async (
    outcome: DeliverResult['outcome'],
    attempts: number,
    code: string | null,
    atMs?: number,
  ): Promise<DeliverResult> =>
    told
      ? await rest({ outcome: 'sent', attempts })
      : await report(input, { outcome, attempts }, code, atMs);
  for (let attempt = 1; ; attempt += 1) {
    say(`attempt ${attempt} is under way`);
    const outcome = await delivery.sendMessage({ messageId: input.messageId, attempt });
    if (outcome.kind === 'sent') return await finish('sent', attempt, null, outcome.atMs);
    if (outcome.kind === 'gone') return await finish('cancelled', attempt, null);
    if (outcome.kind === 'partly' && !told) {
      await tell(input, 'sent', null, outcome.atMs);
      told = true;
    }
    const pauseMs = pauseAfterMs(attempt);
    const late = Date.now() + pauseMs - startedMs > input.giveUpMs;
    if (outcome.kind === 'permanent' || late) {
      await delivery.giveUpMessage({ messageId: input.messageId, code: outcome.code });
      return await finish('failed', attempt, outcome.code);
    }
    const againAt = new Date(Date.now() + pauseMs).toISOString();
    const who = told ? 'reached some; for the others it ' : '';
    say(`attempt ${attempt} ${who}failed (${outcome.code}); next at ${againAt}`);
    retryNow = false;
    await condition(() => retryNow, pauseMs, { summary: `retry after ${outcome.code}` });
  }
}

async function tell(
  { ticketId, messageId }: DeliverInput,
  outcome: DeliverResult['outcome'],
  code: string | null,
  atMs: number = Date.now(),
): Promise<void> {
  setCurrentDetails(`message ${messageId} of **ticket-${ticketId}**: ${outcome} ${code ?? ''}`);
  await messenger.reportDelivery({ ticketId, messageId, outcome, atMs, code });
}

async function report(
  input: DeliverInput,
  result: DeliverResult,
  code: string | null,
  atMs?: number,
): Promise<DeliverResult> {
  await tell(input, result.outcome, code, atMs);
  return await rest(result);
}

/** Ends the run, a moment later: an update that raced its end would see "not found". */
async function rest(result: DeliverResult): Promise<DeliverResult> {
  await sleep(1);
  return result;
}
