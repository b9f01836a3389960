// One attempt to send a message, and its bookkeeping. The provider's words stay in Postgres; workflows get a code.
import { setTimeout as pause } from 'node:timers/promises';
import { findMessage, finishSending, findOutboundMail, startSending } from '#db/messages.ts';
import type { OutboundMail } from '#db/messages.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ActivityContract, SendOutcome } from './contract.ts';

/** Pauses while Postgres does not take the outcome of an attempt; all of them fit into the activity's time. */
const NOTING_PAUSES_MS = [100, 200, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000];

/** How a mail leaves; given by the wiring, so that activities do not know channels. */
export type SendMail = (
  mail: OutboundMail,
) => Promise<{ kind: 'sent' | 'permanent' | 'temporary'; code?: string; text: string }>;

/** Activities of workflows/deliver.ts. */
export function deliveryActivities(
  sql: SqlPool,
  sendMail: SendMail,
): Pick<ActivityContract, 'sendMessage' | 'giveUpMessage' | 'cancelMessage'> {
  return {
    async sendMessage({ messageId }): Promise<SendOutcome> {
      const mail = await findOutboundMail(sql, messageId);
      if (mail === undefined) return { kind: 'gone' };
      // A retry after a crash between sending and this workflow's memory of it: what is sent is not sent again.
      if (mail.state === 'sent') return { kind: 'sent', atMs: Date.now() };
      if (mail.outdated) {
        // A warning that waited for its server until the requester had answered is no longer true.
        const at = new Date();
        await finishSending(sql, { id: messageId, state: 'cancelled', at, failure: null });
        return { kind: 'gone' };
      }
      if (!(await startSending(sql, messageId))) return { kind: 'gone' };
      const result = await sendMail(mail);
      const at = new Date();
      const code = result.code ?? 'unknown';
      // A mail that left with a code did not reach everybody: people see the server's words, and nothing is sent again.
      const told = result.kind !== 'sent' || result.code !== undefined;
      const failure = told ? { code, text: result.text } : null;
      const state = result.kind === 'sent' ? 'sent' : 'queued';
      await note(sql, { id: messageId, state, at, failure });
      return result.kind === 'sent'
        ? { kind: 'sent', atMs: at.getTime() }
        : { kind: result.kind, code };
    },
    async giveUpMessage({ messageId, code }) {
      const message = await findMessage(sql, messageId);
      if (message === undefined) return;
      // The server's own words, as the last attempt left them.
      const failure = message.failure ?? { code, text: `Given up: ${code}` };
      await finishSending(sql, { id: messageId, state: 'failed', at: new Date(), failure });
    },
    async cancelMessage({ messageId }) {
      await finishSending(sql, {
        id: messageId,
        state: 'cancelled',
        at: new Date(),
        failure: null,
      });
    },
  };
}

/** Notes an outcome, however long Postgres takes to come back: an attempt whose outcome is lost is made again. */
async function note(sql: SqlPool, outcome: Parameters<typeof finishSending>[1]): Promise<void> {
  for (const pauseMs of NOTING_PAUSES_MS) {
    try {
      return await finishSending(sql, outcome);
    } catch {
      await pause(pauseMs);
    }
  }
  await finishSending(sql, outcome);
}
