// One attempt to send a mail of an account. Idempotent by the mail's row: what was sent is not sent again, and one that leaves twice
// after a crash has the same Message-ID.
import { isIP } from 'node:net';
import { findAccountMail, noteAccountMail } from '#db/accounts.ts';
import type { AccountMailRow } from '#db/accounts.ts';
import { findDefaultSender } from '#db/channels.ts';
import type { DefaultSender } from '#db/channels.ts';
import type { OutboundMail } from '#db/messages.ts';
import type { SqlPool } from '#db/sql.ts';
import type { ActivityContract } from './contract.ts';
import type { SendMail } from './delivery.ts';

/** Activities of workflows/account-mail.ts. */
export function accountMailActivities(
  sql: SqlPool,
  sendMail: SendMail,
  publicUrl: string,
): Pick<ActivityContract, 'sendAccountMail' | 'giveUpAccountMail'> {
  return {
    async sendAccountMail({ mailId }) {
      const mail = await findAccountMail(sql, mailId);
      if (mail === undefined || mail.state === 'failed') return { kind: 'gone' };
      if (mail.state === 'sent') return { kind: 'sent', atMs: Date.now() };
      // The very first mail of a desk, an invitation, may leave before there is a channel.
      const sender = (await findDefaultSender(sql)) ?? senderOf(publicUrl);
      const result = await sendMail(mailOf(mail, sender), () => Promise.resolve());
      const code = result.code ?? 'unknown';
      if (result.kind === 'sent') {
        await noteAccountMail(sql, mailId, { state: 'sent', failure: null });
        return { kind: 'sent', atMs: Date.now() };
      }
      const failure = { code, text: result.text };
      await noteAccountMail(sql, mailId, { state: 'queued', failure });
      return { kind: result.kind, code };
    },
    async giveUpAccountMail({ mailId, code }) {
      const failure = { code, text: 'Given up.' };
      await noteAccountMail(sql, mailId, { state: 'failed', failure });
    },
  };
}

const TEXTS = {
  invitation: {
    subject: 'You are invited to the help desk',
    lines: (name: string, url: string) => [
      `Hello ${name},`,
      '',
      'you have been invited to work in the help desk. Choose your password here:',
      '',
      url,
      '',
      'The link works once, for seven days.',
    ],
  },
  passwordReset: {
    subject: 'A new password for the help desk',
    lines: (name: string, url: string) => [
      `Hello ${name},`,
      '',
      'somebody asked for a new password for your account. Choose one here:',
      '',
      url,
      '',
      'The link works once, for an hour. If it was not you, do nothing: your password stays as it is.',
    ],
  },
};

/** An address at the host where people reach the desk; it takes no mail. */
function senderOf(publicUrl: string): DefaultSender {
  const { hostname } = new URL(publicUrl);
  return { address: `holdfast@${isIP(hostname) === 0 ? hostname : 'localhost'}`, settings: {} };
}

function mailOf(mail: AccountMailRow, sender: DefaultSender): OutboundMail {
  const { subject, lines } = TEXTS[mail.kind];
  const domain = sender.address.split('@').at(-1) ?? 'localhost';
  return {
    // No ticket: the mail is of the desk itself.
    ...{
      id: mail.id,
      ticketId: null,
      kind: 'notice',
      state: 'queued',
      to: [mail.email],
      cc: [],
      bcc: [],
    },
    ...{ subject, body: lines(mail.name, mail.url ?? '').join('\n'), bodyHtml: null, quoted: null },
    ...{ references: [], inReplyTo: null, attachments: [], automatic: true, outdated: false },
    authorName: null,
    ...{ deliveredTo: [], delayedTo: [], failure: null },
    messageIdHeader: `<account-${mail.id}@${domain}>`,
    channelAddress: sender.address,
    channelSettings: sender.settings,
  };
}
