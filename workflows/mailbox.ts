// Keeps one IMAP mailbox read: one worker at a time, taken over by another when heartbeats stop. Its id is mailbox-<channelId>.
import { ActivityFailure, continueAsNew, isCancellation, sleep } from '@temporalio/workflow';
import { mailboxReading } from './activities.ts';
import type { MailboxInput } from './messages.ts';

const ROUNDS_PER_RUN = 50;

/** Runs until the mailbox is switched off; where it stands is kept in Postgres, so a new run misses nothing. */
export async function mailbox(input: MailboxInput): Promise<{ reason: string }> {
  for (let round = 0; round < ROUNDS_PER_RUN; round += 1) {
    try {
      const { reason } = await mailboxReading.readMailbox(input);
      if (reason !== 'readerMoved') return { reason };
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    }
    await sleep('1s');
  }
  return await continueAsNew<typeof mailbox>(input);
}
