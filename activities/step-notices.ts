// One attempt to tell somebody outside of an escalation, by mail or webhook. Addresses are read here, from the policy version the ticket
// names: Temporal never sees them. Idempotent by (ticket, event, action): what was sent is not sent again, and a mail that leaves
// twice after a crash has the same Message-ID, a webhook the same event id.
import { createHash } from 'node:crypto';
import type { OutboundMail } from '#db/messages.ts';
import type { SqlPool } from '#db/sql.ts';
import { failStepNotice, findNoticeSource, upsertStepNotice } from '#db/step-notices.ts';
import type { NoticeKey, NoticeSource } from '#db/step-notices.ts';
import { noticeWorkflowId } from '#domain/ids.ts';
import type { StepNoticeInput } from '#workflows/messages.ts';
import type { ActivityContract, SendOutcome } from './contract.ts';
import type { SendMail } from './delivery.ts';

/** How a webhook leaves; given by the wiring, so that activities do not know channels. */
export type PostWebhook = (post: {
  url: string;
  eventId: string;
  body: string;
  nowMs: number;
}) => Promise<{ kind: 'sent' | 'permanent' | 'temporary'; code?: string; text: string }>;

/** What notices work with. */
export interface StepNoticeDeps {
  sql: SqlPool;
  sendMail: SendMail;
  postWebhook: PostWebhook;
  /** Where people open the desk. */
  publicUrl: string;
}

/** Activities of workflows/notify.ts. */
export function stepNoticeActivities(
  deps: StepNoticeDeps,
): Pick<ActivityContract, 'sendStepNotice' | 'giveUpStepNotice'> {
  const { sql } = deps;
  return {
    async sendStepNotice(input): Promise<SendOutcome> {
      const key = keyOf(input);
      const source = await findNoticeSource(sql, key, input.ref);
      const way = source === undefined ? null : wayOf(deps, source, input);
      if (source === undefined || way === null) return { kind: 'gone' };
      if (source.state === 'sent') return { kind: 'sent', atMs: Date.now() };
      const { kind, send } = way;
      const result = await send();
      const at = new Date();
      const code = result.code ?? 'unknown';
      const failure = result.kind === 'sent' ? null : { code, text: result.text };
      const state = result.kind === 'sent' ? 'sent' : 'trying';
      await upsertStepNotice(sql, key, { kind, state, failure, at });
      return result.kind === 'sent'
        ? { kind: 'sent', atMs: at.getTime() }
        : { kind: result.kind, code };
    },
    async giveUpStepNotice(input) {
      await failStepNotice(sql, keyOf(input));
    },
  };
}

const keyOf = ({ ticketId, seq, action }: NoticeKey): NoticeKey => ({ ticketId, seq, action });

/** How this notice leaves; null when the stored action is none that does. */
function wayOf(
  deps: StepNoticeDeps,
  source: NoticeSource,
  input: StepNoticeInput,
): { kind: 'email' | 'webhook'; send: () => ReturnType<PostWebhook> } | null {
  const { action } = source;
  if (action?.type !== 'notify' || typeof action.to !== 'object') return null;
  const { to } = action;
  if ('email' in to) {
    return {
      kind: 'email',
      // One address: who has it already is not asked for, an attempt either reached them or did not.
      send: () =>
        deps.sendMail(mailOf(source, input, to.email, deps.publicUrl), () => Promise.resolve()),
    };
  }
  if (!('webhookUrl' in to)) return null;
  const eventId = noticeWorkflowId(input);
  const body = JSON.stringify(payloadOf(source, input, deps.publicUrl));
  const post = { url: to.webhookUrl, eventId, body, nowMs: Date.now() };
  return { kind: 'webhook', send: () => deps.postWebhook(post) };
}

const GOALS = { firstReply: 'first reply', nextReply: 'next reply', close: 'close' } as const;

function mailOf(
  source: NoticeSource,
  input: StepNoticeInput,
  email: string,
  publicUrl: string,
): OutboundMail {
  const { ticketId, goal, momentMs, repetition } = input;
  const id = noticeWorkflowId(input);
  const again = repetition === null ? '' : `, reminder ${repetition}`;
  const domain = source.channelAddress?.split('@').at(-1) ?? 'holdfast.invalid';
  const lines = [
    `The ${GOALS[goal]} of ticket #${ticketId} "${source.subject}" escalates${again}.`,
    '',
    `Policy: ${source.policyName}`,
    `At: ${new Date(momentMs).toISOString()}`,
    `Status: ${source.status}, priority: ${source.priority}`,
    '',
    `${publicUrl}/tickets/${ticketId}`,
  ];
  return {
    ...{
      id,
      ticketId,
      kind: 'notice',
      state: 'queued',
      to: [email],
      cc: [],
      bcc: [],
      references: [],
    },
    subject: `Escalation, ${GOALS[goal]}: ${source.subject}`,
    ...{ body: lines.join('\n'), bodyHtml: null, quoted: null, inReplyTo: null, attachments: [] },
    // The same over all attempts, and unlike any that a person's reply has.
    messageIdHeader: `<${id}.${createHash('sha256').update(input.key).digest('hex').slice(0, 12)}@${domain}>`,
    ...{ automatic: true, outdated: false, deliveredTo: [], delayedTo: [], failure: null },
    channelAddress: source.channelAddress,
    channelSettings: source.channelSettings,
    authorName: null,
  };
}

function payloadOf(source: NoticeSource, input: StepNoticeInput, publicUrl: string) {
  const { ticketId, seq, goal, momentMs, repetition, ref } = input;
  const { subject, status, priority, assigneeId, teamId, sla, policyName } = source;
  return {
    type: 'ticketEscalated',
    id: noticeWorkflowId(input),
    at: new Date(momentMs).toISOString(),
    ...{ goal, repetition, seq },
    policy: { id: ref.policyId, version: ref.version, name: policyName, step: ref.step },
    ticket: {
      ...{ id: ticketId, subject, status, priority, assigneeId, teamId, sla },
      url: `${publicUrl}/tickets/${ticketId}`,
    },
  };
}
