// Reads a mailbox as a long activity: heartbeats say where it stands, cancellation and shutdown end it between two mails.
import { Context } from '@temporalio/activity';
import type { ActivityContract } from './contract.ts';

/** Reads until aborted; given by the wiring, so that activities do not know channels. */
export type ReadMailbox = (
  channelId: string,
  signal: AbortSignal,
  heartbeat: (details: unknown) => void,
) => Promise<'off' | 'moved'>;

/** Activities of workflows/mailbox.ts. */
export function mailboxActivities(read: ReadMailbox): Pick<ActivityContract, 'readMailbox'> {
  return {
    async readMailbox({ channelId }) {
      const context = Context.current();
      const outcome = await read(channelId, context.cancellationSignal, (details) =>
        context.heartbeat(details),
      );
      return { reason: outcome === 'off' ? 'switchedOff' : 'readerMoved' };
    },
  };
}
