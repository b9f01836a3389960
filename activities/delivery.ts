// One attempt to send a message, and its bookkeeping. The provider's words stay in Postgres; workflows get a code.
import { finishSending, findOutboundMail, startSending } from '#db/messages.ts';
import type { OutboundMail } from '#db/messages.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ActivityContract, SendOutcome } from './contract.ts';

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
      if (!(await startSending(sql, messageId))) return { kind: 'gone' };
      const result = await sendMail(mail);
      const at = new Date();
      const code = result.code ?? 'unknown';
      const failure = result.kind === 'sent' ? null : { code, text: result.text };
      const state = result.kind === 'sent' ? 'sent' : 'queued';
      await finishSending(sql, { id: messageId, state, at, failure });
      return result.kind === 'sent'
        ? { kind: 'sent', atMs: at.getTime() }
        : { kind: result.kind, code };
    },
    async giveUpMessage({ messageId, code }) {
      const mail = await findOutboundMail(sql, messageId);
      if (mail === undefined) return;
      await finishSending(sql, {
        id: messageId,
        state: 'failed',
        at: new Date(),
        failure: { code, text: `Given up: ${code}` },
      });
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
