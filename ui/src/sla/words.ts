// Conditions, goals, steps and reach as people read them, with names in place of ids.
import { useTranslation } from 'react-i18next';
import { GOAL_NAMES, PRIORITIES } from '#domain/desk.ts';
import type {
  Condition,
  EscalationActionDefinition,
  EscalationStepDefinition,
  GoalName,
  Priority,
} from '#domain/desk.ts';
import { usePeople, usePipelines, useTeams } from '../api/queries.ts';
import { durationText } from './durations.ts';
import { channelWords, fieldWords } from './field-words.ts';
import { useCalendars } from './queries.ts';
import type { PolicyContent } from './types.ts';

/** How things that policies name by ids are called. */
export interface PlaceNames {
  person: (id: string) => string;
  team: (id: string) => string;
  status: (id: string) => string;
  pipeline: (id: string) => string;
  calendar: (id: string | null) => string;
}

export function usePlaceNames(): PlaceNames {
  const { t } = useTranslation();
  const people = usePeople();
  const teams = useTeams();
  const pipelines = usePipelines();
  const calendars = useCalendars();
  const named = (list: readonly { id: string; name: string }[] | undefined) => (id: string) =>
    list?.find((one) => one.id === id)?.name ?? (list === undefined ? '…' : id);
  return {
    person: named(people.data),
    team: named(teams.data),
    status: named(pipelines.data?.flatMap(({ statuses }) => statuses)),
    pipeline: named(pipelines.data),
    calendar: (id) => (id === null ? t('slaAdmin.aroundTheClock') : named(calendars.data)(id)),
  };
}

export interface SlaWords extends PlaceNames {
  goal: (goal: GoalName) => string;
  field: (field: string) => string;
  value: (field: string, value: string) => string;
  condition: (condition: Condition) => string;
  conditions: (conditions: readonly Condition[]) => string;
  goals: (goals: PolicyContent['goals']) => string[];
  action: (action: EscalationActionDefinition) => string;
  step: (step: EscalationStepDefinition) => string;
}

const isPriority = (value: string): value is Priority => PRIORITIES.some((one) => one === value);

/** Everything about a policy in words. */
export function useSlaWords(): SlaWords {
  const { t } = useTranslation();
  const names = usePlaceNames();
  const goal = (name: GoalName): string => t(`slaAdmin.goalNames.${name}`);
  const field = (name: string): string => fieldWords(name, t);
  const value = (name: string, one: string): string => {
    if (name === 'teamId') return names.team(one);
    if (name === 'assigneeId') return names.person(one);
    if (name === 'pipelineId') return names.pipeline(one);
    if (name === 'status') return names.status(one);
    if (name === 'priority' && isPriority(one)) return t(`ticket.priorities.${one}`);
    return name === 'channel' ? channelWords(one, t) : one;
  };
  const condition = (one: Condition): string => {
    const values = valuesOf(one).map((each) => value(one.field, each));
    return [field(one.field), t(`slaAdmin.ops.${one.op}`), values.join(` ${t('slaAdmin.or')} `)]
      .filter((part) => part !== '')
      .join(' ');
  };
  const action = useActionWords(names);
  return {
    ...{ ...names, goal, field, value, condition, action },
    conditions: (all) =>
      all.length === 0
        ? t('slaAdmin.everyTicket')
        : all.map(condition).join(` ${t('slaAdmin.and')} `),
    goals: (goals) =>
      GOAL_NAMES.flatMap((name) => {
        const target = goals[name];
        return target === undefined
          ? []
          : [t('slaAdmin.within', { goal: goal(name), span: durationText(target.seconds) })];
      }),
    step: (one) => {
      const repeat =
        one.repeat === undefined
          ? null
          : t('slaAdmin.stepRepeat', {
              span: durationText(one.repeat.everySeconds),
              count: one.repeat.times,
            });
      const hours = one.hours === 'always' ? t('slaAdmin.stepAlways') : null;
      const when = [
        t(`slaAdmin.stepWhen.${kindOf(one)}`, whenWords(one, goal(one.goal))),
        hours,
        repeat,
      ]
        .filter((part) => part !== null)
        .join(', ');
      return `${when}: ${one.actions.map(action).join(', ')}`;
    },
  };
}

/** The values of a condition, one or several. */
export function valuesOf({ value }: Condition): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [String(value)];
}

/** How a step's instant is said: at a mark, or some time before or after it. */
export type WhenKind = 'dueSoon' | 'overdue' | 'after' | 'before';
export function kindOf({ when }: EscalationStepDefinition): WhenKind {
  if (typeof when === 'string') return when;
  return 'afterSeconds' in when ? 'after' : 'before';
}
export function secondsOf({ when }: EscalationStepDefinition): number | undefined {
  if (typeof when === 'string') return undefined;
  return 'afterSeconds' in when ? when.afterSeconds : when.beforeSeconds;
}
const whenWords = (step: EscalationStepDefinition, goal: string) => ({
  goal,
  span: durationText(secondsOf(step) ?? 0),
});

function useActionWords(names: PlaceNames): (action: EscalationActionDefinition) => string {
  const { t } = useTranslation();
  const told = (
    to: string | { userId: string } | { email: string } | { webhookUrl: string },
  ): string => {
    if (to === 'assignee') return t('slaAdmin.act.notifyAssignee');
    if (to === 'teamLeads') return t('slaAdmin.act.notifyTeamLeads');
    if (typeof to === 'string') return t('slaAdmin.act.notifyTeam');
    if ('webhookUrl' in to) return t('slaAdmin.act.notifyWebhook', { to: to.webhookUrl });
    const name = 'userId' in to ? names.person(to.userId) : to.email;
    return t('slaAdmin.act.notifyTo', { to: name });
  };
  return (action) => {
    switch (action.type) {
      case 'notify':
        return told(action.to);
      case 'reassign':
        return t('slaAdmin.act.reassign', {
          to: 'teamId' in action.to ? names.team(action.to.teamId) : names.person(action.to.userId),
        });
      case 'raisePriority':
        return action.to === undefined
          ? t('slaAdmin.act.raisePriority')
          : t('slaAdmin.act.raisePriorityTo', { to: t(`ticket.priorities.${action.to}`) });
      case 'setStatus':
        return t('slaAdmin.act.setStatus', { to: names.status(action.status) });
      case 'addTag':
        return t('slaAdmin.act.addTag', { to: action.tag });
      case 'postNote':
        return t('slaAdmin.act.postNote', { to: action.body.slice(0, 80) });
    }
  };
}
