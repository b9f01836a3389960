// Stores the mail by which a ticket warns before it closes itself. The text is the admin's, read here: none of it is in a history.
import { findSettings, listPipelines } from '#db/desk-rules.ts';
import {
  findMessage,
  findReplyTarget,
  findWarningFacts,
  insertAutomaticReply,
} from '#db/messages.ts';
import type { SqlPool } from '#db/sql.ts';
import type { CLOSE_WARNING_PLACEHOLDERS } from '#domain/desk.ts';
import { fillTemplate } from '#domain/mail.ts';
import type { ActivityContract } from './contract.ts';

/** The activity of ticket workflows that warn. */
export function closeWarningActivities(sql: SqlPool): Pick<ActivityContract, 'writeCloseWarning'> {
  return {
    async writeCloseWarning({ ticketId, messageId, sendAtMs }) {
      // Written by an attempt whose answer was lost.
      if ((await findMessage(sql, messageId)) !== undefined) return { written: true };
      const facts = await findWarningFacts(sql, ticketId);
      const target = await findReplyTarget(sql, ticketId);
      if (facts === undefined || target === undefined) return { written: false };
      const { requesterEmail } = target;
      const settings = await findSettings(sql);
      const pipeline = (await listPipelines(sql)).find(({ id }) => id === facts.pipelineId);
      const own = pipeline?.settings.autoClose;
      const warning = (own === undefined ? settings.autoClose : own)?.warning;
      const tooMany = facts.automaticToday >= settings.automaticPerSenderPerDay;
      if (warning === undefined || requesterEmail === null || facts.robot || tooMany) {
        return { written: false };
      }
      const values: Record<(typeof CLOSE_WARNING_PLACEHOLDERS)[number], string> = {
        ticketId: String(ticketId),
        subject: target.subject,
        requesterName: facts.requesterName ?? '',
      };
      const domain = target.channelAddress?.split('@').at(-1) ?? 'holdfast.invalid';
      await insertAutomaticReply(sql, {
        ...{ id: messageId, ticketId, target: { ...target, requesterEmail } },
        subject: fillTemplate(warning.subject ?? '{{subject}}', values),
        body: fillTemplate(warning.body, values),
        messageIdHeader: `<${messageId}@${domain}>`,
        ...{ sendAt: new Date(sendAtMs), createdAt: new Date() },
      });
      return { written: true };
    },
  };
}
