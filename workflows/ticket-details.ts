// What an operator reads on a ticket's page in the Temporal UI: state, next wake and why, deadlines, last commands.
import type { SearchAttributePair } from '@temporalio/common';
import type { GoalView, SlaView } from '#domain/sla.ts';
import type { RecordedEvent, Ticket } from '#domain/ticket-types.ts';
import { isSnoozed } from '#domain/ticket-wait.ts';
import type { Wake } from '#domain/ticket-wake.ts';
import { SEARCH_ATTRIBUTES } from './messages.ts';

const iso = (ms: number | null): string => (ms === null ? '–' : new Date(ms).toISOString());

/** Markdown for setCurrentDetails(): costs no history. Ids and instants only. */
export function ticketDetails(
  ticket: Ticket,
  sla: SlaView,
  wake: Wake | null,
  recent: readonly RecordedEvent[],
): string {
  const { state } = ticket;
  const goals = Object.entries(sla.goals).map(
    ([goal, view]: [string, GoalView]) =>
      `| ${goal} | ${view.state} | ${iso(view.dueAtMs)} | ${iso(view.completedAtMs)} | ${iso(view.breachedAtMs)} |`,
  );
  return [
    `**Ticket ${state.id}** (see it in the desk: /tickets/${state.id}, API /api/v1/tickets/${state.id})`,
    `status **${state.status}** · priority ${state.priority} · assignee ${state.assigneeId ?? 'none'} · team ${state.teamId ?? 'none'}`,
    `waits for: **${wake === null ? 'a message or a person' : `${wake.reason} at ${iso(wake.atMs)}`}**`,
    sla.paused ? 'clocks are **paused** by the status' : '',
    state.mergedInto === null ? '' : `merged into **ticket-${state.mergedInto.ticketId}**`,
    state.lease === null ? '' : `held by merge ${state.lease.mergeId} (${state.lease.role})`,
    isSnoozed(state) ? `snoozed until ${snoozeEnd(state)}` : '',
    ...state.sends.map(
      (send) =>
        `${send.scheduled ? 'scheduled' : 'on its way'}: ${send.kind} deliver-${send.messageId}, ${iso(send.sendAtMs)}`,
    ),
    goals.length === 0
      ? 'no SLA policy'
      : `policy ${sla.policyId ?? ''} v${sla.policyVersion ?? ''}`,
    ...(goals.length === 0
      ? []
      : ['| goal | state | due | completed | breached |', '|---|---|---|---|---|', ...goals]),
    'last events:',
    ...recent.map((one) => `- ${iso(one.atMs)} #${one.seq} ${one.event.type} (${one.actor.type})`),
  ]
    .filter((line) => line !== '')
    .join('\n\n')
    .replaceAll('|\n\n|', '|\n|')
    .replaceAll('\n\n- ', '\n- ');
}

function snoozeEnd({ snoozedUntilMs, snoozedUntilReply }: Ticket['state']): string {
  const until = snoozedUntilMs === null ? [] : [iso(snoozedUntilMs)];
  return [...until, ...(snoozedUntilReply ? ['the next reply'] : [])].join(' or ');
}

/** The ticket's search attributes as they should be. NextDueAt is cut to the second, to spare visibility writes. */
export function ticketSearchAttributes(ticket: Ticket, sla: SlaView): SearchAttributePair[] {
  const { state } = ticket;
  const dueMs = sla.nextDueAtMs;
  const keys = SEARCH_ATTRIBUTES;
  return [
    { key: keys.status, value: state.status },
    { key: keys.priority, value: state.priority },
    { key: keys.channel, value: state.channel },
    { key: keys.teamId, value: state.teamId },
    { key: keys.assigneeId, value: state.assigneeId },
    { key: keys.slaState, value: sla.state },
    { key: keys.policyId, value: sla.policyId },
    { key: keys.policyVersion, value: sla.policyVersion },
    {
      key: keys.nextDueAt,
      value: dueMs === null ? null : new Date(Math.floor(dueMs / 1000) * 1000),
    },
  ] as SearchAttributePair[];
}
