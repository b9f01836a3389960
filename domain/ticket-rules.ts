// The rules one ticket carries, from everything the desk has set: its policy compiled, its pipeline, the settings.
import { ALWAYS } from './business-calendar.ts';
import type { CompiledCalendar } from './business-calendar.ts';
import type {
  ActionRef,
  AutoClose,
  CompiledPolicy,
  DeskPipeline,
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
  pipelines: DeskPipeline[];
  routingRules: RoutingRule[];
  settings: DeskSettings;
}

/** What holds for this ticket. A policy whose calendar is gone runs around the clock rather than not at all. */
export function rulesForTicket(desk: DeskRules, facts: TicketFacts): TicketRules {
  const { settings } = desk;
  const found = pipelineOf(desk, facts.pipelineId);
  const policy = policyForTicket(desk, facts);
  return {
    revision: desk.revision,
    policy,
    pipeline: carriedPipeline(found),
    replyAssigns: settings.replyAssigns,
    statusAfterReply: settings.statusAfterReply,
    statusOn: { ...settings.statusOn, ...found.settings?.statusOn },
    autoClose: autoCloseFor(desk, found, policy),
    spamDeleteAfterMs:
      settings.spamDeleteAfterDays === null ? null : settings.spamDeleteAfterDays * 86_400_000,
    reopenWindowMs: settings.reopenWindowDays * 86_400_000,
    undoSendMs: settings.undoSendSeconds * 1000,
    deliveryGiveUpMs: settings.deliveryGiveUpHours * 3_600_000,
  };
}

/** The ticket's pipeline, or the one that took over its tickets. */
function pipelineOf(desk: DeskRules, id: string): DeskPipeline {
  const found =
    desk.pipelines.find((one) => one.id === id) ??
    desk.pipelines.find((one) => one.takesOver?.includes(id) === true) ??
    desk.pipelines[0];
  if (found === undefined) throw new Error('The desk has no pipeline.');
  return found;
}

/** What a ticket carries of a pipeline: no texts of mails, and no key that says nothing. */
export function carriedPipeline(pipeline: DeskPipeline): Pipeline {
  const { id, statuses, takesOver, settings } = pipeline;
  const moves = settings?.moves ?? null;
  const replaced = settings?.replaced ?? {};
  return {
    id,
    statuses,
    ...(moves === null ? {} : { moves }),
    ...(Object.keys(replaced).length === 0 ? {} : { replaced }),
    ...(takesOver === undefined || takesOver.length === 0 ? {} : { takesOver }),
  };
}

function autoCloseFor(
  desk: DeskRules,
  { settings }: DeskPipeline,
  policy: CompiledPolicy | null,
): AutoClose | null {
  const own = settings?.autoClose;
  const setting = own === undefined ? desk.settings.autoClose : own;
  if (setting === null) return null;
  const { afterSeconds, warnBeforeSeconds, warning, calendarId } = setting;
  const warns = warnBeforeSeconds !== undefined && warning !== undefined;
  const byPolicy = policy !== null && policy.calendarId !== null;
  const calendar =
    byPolicy || calendarId === undefined || calendarId === null
      ? null
      : (desk.calendars[calendarId]?.compiled ?? null);
  return {
    afterMs: afterSeconds * 1000,
    warnBeforeMs: warns ? warnBeforeSeconds * 1000 : null,
    calendar,
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
