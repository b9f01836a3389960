// One attempt to send a message, and its bookkeeping. The provider's words stay in Postgres; workflows get a code.
import { setTimeout as pause } from 'node:timers/promises';
import {
  addDelivered,
  findMessage,
  finishSending,
  findOutboundMail,
  startSending,
} from '#db/messages.ts';
import type { OutboundMail } from '#db/messages.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ActivityContract, SendOutcome } from './contract.ts';

/** Pauses while Postgres does not take the outcome of an attempt; all of them fit into the activity's time. */
const NOTING_PAUSES_MS = [100, 200, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000];

/** How a mail leaves; given by the wiring, so that activities do not know channels. It tells who has it as soon as they have. */
export type SendMail = (
  mail: OutboundMail,
  noteDelivered: (addresses: string[]) => Promise<void>,
) => Promise<{
  kind: 'sent' | 'permanent' | 'temporary';
  code?: string;
  text: string;
  /** Of a mail that was sent: those whose server asked to try again later. */
  delayed?: string[];
}>;

/** Activities of workflows/deliver.ts. */
export function deliveryActivities(
  sql: SqlPool,
  sendMail: SendMail,
): Pick<ActivityContract, 'sendMessage' | 'giveUpMessage' | 'cancelMessage'> {
  return {
    sendMessage: ({ messageId }) => sendMessage(sql, sendMail, messageId),
    async giveUpMessage({ messageId, code }) {
      const message = await findMessage(sql, messageId);
      if (message === undefined) return;
      // The server's own words, as the last attempt left them.
      const words = message.failure?.text ?? `Given up: ${code}`;
      // What has left stays sent; those who were asked to wait are refused for good by now.
      const final = message.state === 'sent' ? 'recipientRefused' : (message.failure?.code ?? code);
      const failure = { code: final, text: words };
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

async function sendMessage(
  sql: SqlPool,
  sendMail: SendMail,
  messageId: string,
): Promise<SendOutcome> {
  const mail = await findOutboundMail(sql, messageId);
  if (mail === undefined) return { kind: 'gone' };
  // A retry after a crash between sending and this workflow's memory of it: what is sent is not sent again.
  const left = mail.state === 'sent';
  if (left && mail.delayedTo.length === 0) return { kind: 'sent', atMs: Date.now() };
  if (mail.outdated && !left) {
    // A warning that waited for its server until the requester had answered is no longer true.
    await finishSending(sql, {
      ...{ id: messageId, state: 'cancelled', at: new Date(), failure: null },
    });
    return { kind: 'gone' };
  }
  if (!(await startSending(sql, messageId))) return { kind: 'gone' };
  const result = await sendMail(mail, (addresses) =>
    persist(() => addDelivered(sql, messageId, addresses)),
  );
  const at = new Date();
  const atMs = at.getTime();
  const code = result.code ?? 'unknown';
  if (result.kind !== 'sent') {
    const failure = { code, text: left ? wordsOf(mail, result.text) : result.text };
    const delayedTo = mail.delayedTo;
    await persist(() =>
      finishSending(sql, { ...{ id: messageId, state: 'queued', at, failure }, delayedTo }),
    );
    return left ? { kind: 'partly', code, atMs } : { kind: result.kind, code };
  }
  const delayedTo = result.delayed ?? [];
  // A mail that left with a code did not reach everybody: people see the server's words.
  const text = wordsOf(mail, result.code === undefined ? '' : result.text);
  const failure =
    text === ''
      ? null
      : { code: delayedTo.length > 0 ? 'recipientDelayed' : 'recipientRefused', text };
  await persist(() =>
    finishSending(sql, { ...{ id: messageId, state: 'sent', at, failure }, delayedTo }),
  );
  return delayedTo.length > 0 ? { kind: 'partly', code, atMs } : { kind: 'sent', atMs };
}

/** What people read: this attempt's words, and those of attempts before it on recipients it was not for. */
function wordsOf(mail: OutboundMail, words: string): string {
  const before = mail.state === 'sent' ? (mail.failure?.text.split('\n') ?? []) : [];
  const others = before.filter(
    (line) => !mail.delayedTo.some((one) => line.startsWith(`${one}: `)),
  );
  return [...others, words]
    .filter((line) => line !== '')
    .join('\n')
    .slice(0, 1_000)
    .toWellFormed();
}

/** Writes what an attempt brought about, however long Postgres takes to come back: an attempt whose outcome is lost is made again. */
async function persist(write: () => Promise<void>): Promise<void> {
  for (const pauseMs of NOTING_PAUSES_MS) {
    try {
      return await write();
    } catch {
      await pause(pauseMs);
    }
  }
  await write();
}
