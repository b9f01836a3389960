// Merging two tickets and undoing it: a short saga over updates on both. Its id is merge-<loserId>, one at a time per loser.
// Before the survivor has absorbed, a refusal releases both; after it the merge only goes forward.
import { setCurrentDetails } from '@temporalio/workflow';
import type { MergeStepCommand } from '#activities/contract.ts';
import type { Refusal } from '#domain/errors.ts';
import { merging } from './activities.ts';
import type { MergeInput, MergeResult } from './messages.ts';

const LEASE_MS = 15 * 60_000;

/** Merges loser into survivor, or says why not; both tickets are as before in that case. */
export async function merge(input: MergeInput): Promise<MergeResult> {
  const { mergeId, loserId, survivorId } = input;
  setCurrentDetails(`merge ${mergeId}: **ticket-${loserId}** into **ticket-${survivorId}**`);
  const untilMs = Date.now() + LEASE_MS;
  const reservations = [
    { ticketId: loserId, role: 'loser' as const, peerId: survivorId },
    { ticketId: survivorId, role: 'survivor' as const, peerId: loserId },
  ].toSorted((one, other) => one.ticketId - other.ticketId);
  for (const { ticketId, role, peerId } of reservations) {
    const refusal = await step(input, ticketId, {
      type: 'reserveMerge',
      mergeId,
      role,
      peerId,
      untilMs,
      hears: true,
    });
    if (refusal !== null) return await release(input, refusal);
  }
  const payload = await merging.readMergePayload({ ticketId: loserId });
  const notAbsorbed = await step(input, survivorId, {
    type: 'absorb',
    mergeId,
    loserId,
    payload,
    opens: true,
  });
  if (notAbsorbed !== null) return await release(input, notAbsorbed);
  const notSealed = await step(input, loserId, { type: 'seal', mergeId, survivorId });
  if (notSealed !== null) {
    // Only possible when the lease ran out and another merge took the loser: give everything back.
    await step(input, survivorId, { type: 'unabsorb', mergeId });
    return await release(input, notSealed);
  }
  await merging.recordMerge({ mergeId, state: 'merged', reason: null });
  return { merged: true, refusal: null };
}

/** Takes a merge back: the loser lives again with its clocks held for the time it was away, the survivor gives up what it took. */
export async function undoMerge(input: MergeInput): Promise<MergeResult> {
  const { mergeId, loserId, survivorId } = input;
  setCurrentDetails(
    `undo of merge ${mergeId}: **ticket-${loserId}** out of **ticket-${survivorId}**`,
  );
  await merging.recordMerge({ mergeId, state: 'undoing', reason: null });
  await step(input, loserId, { type: 'unseal', mergeId });
  await step(input, survivorId, { type: 'unabsorb', mergeId });
  await merging.recordMerge({ mergeId, state: 'undone', reason: null });
  return { merged: false, refusal: null };
}

async function step(
  input: MergeInput,
  ticketId: number,
  command: MergeStepCommand,
): Promise<Refusal | null> {
  const requestId = `${input.mergeId}:${command.type}`;
  const { refusal } = await merging.mergeStep({
    ticketId,
    requestId,
    actor: input.actor,
    command,
  });
  return refusal;
}

async function release(input: MergeInput, refusal: Refusal): Promise<MergeResult> {
  const { mergeId, loserId, survivorId } = input;
  for (const ticketId of [loserId, survivorId]) {
    await step(input, ticketId, { type: 'releaseMerge', mergeId });
  }
  await merging.recordMerge({ mergeId, state: 'released', reason: refusal.detail });
  return { merged: false, refusal };
}
