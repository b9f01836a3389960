// One attempt to mail a notice to one of the desk's people. Idempotent by the notice: what was sent is not sent again, and a mail that
// leaves twice after a crash has the same Message-ID. It says what happened to which ticket, and none of what was written there.
import type { OutboundMail } from '#db/messages.ts';
import { findNoticeMail, finishNoticeMail } from '#db/notifications.ts';
import type { NoticeMailSource } from '#db/notifications.ts';
import type { SqlPool } from '#db/sql.ts';
import { sentenceOf, topicOf } from '#domain/notifications.ts';
import type { ActivityContract, SendOutcome } from './contract.ts';
import type { SendMail } from './delivery.ts';

/** Mails of notices that one person gets in a day; the rest stays at the bell. */
const MAX_PER_DAY = 1_000;

/** What mails of notices work with. */
export interface NoticeMailDeps {
  sql: SqlPool;
  sendMail: SendMail;
  /** Where people open the desk. */
  publicUrl: string;
}

/** Activities of noticeMail in workflows/notify.ts. */
export function noticeMailActivities(
  deps: NoticeMailDeps,
): Pick<ActivityContract, 'sendNoticeMail' | 'giveUpNoticeMail'> {
  return {
    sendNoticeMail: ({ notificationId }) => sendNoticeMail(deps, notificationId),
    async giveUpNoticeMail({ notificationId }) {
      await finishNoticeMail(deps.sql, notificationId, 'failed');
    },
  };
}

async function sendNoticeMail(deps: NoticeMailDeps, id: string): Promise<SendOutcome> {
  const { sql } = deps;
  const source = await findNoticeMail(sql, id);
  if (source === undefined) return { kind: 'gone' };
  if (source.mail === 'sent') return { kind: 'sent', atMs: Date.now() };
  if (source.read || !source.active || source.mailedToday >= MAX_PER_DAY) {
    await finishNoticeMail(sql, id, 'skipped');
    return { kind: 'gone' };
  }
  // One address: who has it already is not asked for, an attempt either reached them or did not.
  const result = await deps.sendMail(mailOf(source, id, deps.publicUrl), () => Promise.resolve());
  if (result.kind !== 'sent') return { kind: result.kind, code: result.code ?? 'unknown' };
  await finishNoticeMail(sql, id, 'sent');
  return { kind: 'sent', atMs: Date.now() };
}

function mailOf(source: NoticeMailSource, id: string, publicUrl: string): OutboundMail {
  const { ticketId, subject, status, priority, email, channelAddress, channelSettings } = source;
  const topic = topicOf(source.type);
  const what = topic === null ? 'needs a look' : sentenceOf(topic);
  const domain = channelAddress?.split('@').at(-1) ?? 'holdfast.invalid';
  const lines = [
    `Ticket #${ticketId} "${subject}" ${what}.`,
    '',
    `Status: ${status}, priority: ${priority}`,
    '',
    `${publicUrl}/tickets/${ticketId}`,
  ];
  return {
    ...{ id: `notice-${id}`, ticketId, kind: 'notice', state: 'queued', to: [email], cc: [] },
    ...{ bcc: [], references: [], inReplyTo: null, attachments: [] },
    subject: `${subject} ${what}`,
    ...{ body: lines.join('\n'), bodyHtml: null, quoted: null },
    messageIdHeader: `<notice-${id}@${domain}>`,
    ...{ automatic: true, outdated: false, deliveredTo: [], delayedTo: [], failure: null },
    ...{ channelAddress, channelSettings, authorName: null },
  };
}
