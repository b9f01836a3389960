// The rules one ticket carries, from everything the desk has set: its policy compiled, its pipeline, the settings.
import type { CompiledCalendar } from './business-calendar.ts';
import type {
  ActionRef,
  CompiledPolicy,
  DeskSettings,
  EscalationAction,
  EscalationActionDefinition,
  EscalationStep,
  EscalationStepDefinition,
  Pipeline,
  TicketFacts,
  TicketRules,
} from './desk.ts';
import { stepKey } from './escalation.ts';
import { choosePolicy } from './policy-choice.ts';
import type { PolicyHistory } from './policy-choice.ts';
import type { RoutingRule } from './routing.ts';

/** Everything an admin has set that concerns tickets, as of one revision. */
export interface DeskRules {
  revision: number;
  policies: PolicyHistory[];
  calendars: Record<string, { version: number; compiled: CompiledCalendar }>;
  pipelines: Pipeline[];
  routingRules: RoutingRule[];
  settings: DeskSettings;
}

const ALWAYS: CompiledCalendar = {
  always: true,
  week: [[], [], [], [], [], [], []],
  days: {},
  baseOffsetSeconds: 0,
  transitions: [],
};

/** What holds for this ticket. A policy whose calendar is gone runs around the clock rather than not at all. */
export function rulesForTicket(desk: DeskRules, facts: TicketFacts): TicketRules {
  const { settings } = desk;
  const pipeline = desk.pipelines.find((one) => one.id === facts.pipelineId) ?? desk.pipelines[0];
  if (pipeline === undefined) throw new Error('The desk has no pipeline.');
  return {
    revision: desk.revision,
    policy: policyForTicket(desk, facts),
    pipeline,
    replyAssigns: settings.replyAssigns,
    statusAfterReply: settings.statusAfterReply,
    reopenWindowMs: settings.reopenWindowDays * 86_400_000,
    undoSendMs: settings.undoSendSeconds * 1000,
    deliveryGiveUpMs: settings.deliveryGiveUpHours * 3_600_000,
  };
}

function policyForTicket(desk: DeskRules, facts: TicketFacts): CompiledPolicy | null {
  const found = choosePolicy(desk.policies, facts);
  if (found === null) return null;
  const { policyId, version, definition } = found.chosen;
  const calendar =
    definition.calendarId === null ? undefined : desk.calendars[definition.calendarId];
  return {
    policyId,
    version,
    name: definition.name,
    calendarId: calendar === undefined ? null : definition.calendarId,
    calendarVersion: calendar?.version ?? null,
    calendar: calendar?.compiled ?? ALWAYS,
    goals: definition.goals,
    pauseStatuses: definition.pauseStatuses,
    escalations: carriedSteps(policyId, version, definition.escalations),
    why: found.why,
  };
}

/** Steps as a ticket carries them: addresses and words stay in the stored version, and the step is named by its content here. */
export function carriedSteps(
  policyId: string,
  version: number,
  steps: readonly EscalationStepDefinition[],
): EscalationStep[] {
  return steps.map((definition, step) => {
    const actions = definition.actions.map((action, index) =>
      carriedAction(action, { policyId, version, step, action: index }),
    );
    const refers = actions.some((action) => 'ref' in action);
    return { ...definition, actions, ...(refers ? { key: stepKey(definition) } : {}) };
  });
}

function carriedAction(action: EscalationActionDefinition, ref: ActionRef): EscalationAction {
  if (action.type === 'postNote') return { type: 'postNote', ref };
  if (action.type !== 'notify') return action;
  const { to } = action;
  if (typeof to === 'string' || 'userId' in to) return { ...action, to };
  return { type: 'notify', to: 'email' in to ? 'email' : 'webhook', ref };
}
