// Workflow ids that a person can type, and their inverse. Ids of tickets are small integers, all others UUIDv7.

/** The workflow id of a ticket. */
export function ticketWorkflowId(ticketId: number): string {
  return `ticket-${ticketId}`;
}

/** The ticket id inside a workflow id, or null when it names something else. */
export function ticketIdOfWorkflow(workflowId: string): number | null {
  const match = /^ticket-([1-9]\d{0,15})$/.exec(workflowId);
  return match === null ? null : Number(match[1]);
}

/** The workflow id of one outbound message's delivery. */
export function deliverWorkflowId(messageId: string): string {
  return `deliver-${messageId}`;
}

/** The workflow id of a merge, one at a time per ticket that is merged away. */
export function mergeWorkflowId(loserId: number): string {
  return `merge-${loserId}`;
}

/** The workflow id of a mail of an account. */
export const accountMailWorkflowId = (mailId: string): string => `account-mail-${mailId}`;

/** The workflow id of an escalation's notice to somebody outside: by ticket, event and action. */
export function noticeWorkflowId(notice: {
  ticketId: number;
  seq: number;
  action: number;
}): string {
  return `notify-${notice.ticketId}-${notice.seq}-${notice.action}`;
}

/** The workflow id of the mail of one notice to one of the desk's people. */
export function noticeMailWorkflowId(notificationId: string): string {
  return `notice-mail-${notificationId}`;
}

/** The workflow id that matches a team's waiting tickets with free agents. */
export function assignQueueWorkflowId(teamId: string): string {
  return `assign-queue-${teamId}`;
}

/** The workflow id that waits for changes of one person's availability. */
export function availabilityWorkflowId(userId: string): string {
  return `availability-${userId}`;
}

/** The workflow id of a bulk change. */
export function bulkWorkflowId(jobId: string): string {
  return `bulk-${jobId}`;
}

/** The workflow id that keeps one mailbox read. */
export function mailboxWorkflowId(channelId: string): string {
  return `mailbox-${channelId}`;
}

/** The rollout of a policy or calendar. */
export function rolloutWorkflowId(subjectId: string): string {
  return `policy-rollout-${subjectId}`;
}

/** The look through many tickets that one simulation is. */
export function simulationWorkflowId(simulationId: string): string {
  return `simulate-${simulationId}`;
}

/** The id of the warning that one wait of a ticket gets: the same however often it is asked for, so that it leaves once. */
export function closeWarningId(ticketId: number, waitFromMs: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const time = hex(waitFromMs, 12);
  const ticket = hex(ticketId, 14);
  return `${time.slice(0, 8)}-${time.slice(8)}-7c10-8e${ticket.slice(0, 2)}-${ticket.slice(2)}`;
}

/** A UUID (version 8) of a sha256 in hex: the same id for the same thing, however often it is written. */
export function uuidOfHash(hex: string): string {
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
