// An event as a sentence: who, what, why.
import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import { usePipelines } from '../api/queries.ts';
import type { TicketEvent } from '../api/types.ts';
import { at } from '../lib/time.ts';
import { useNames } from './labels.tsx';

export interface EventWords {
  who: string;
  what: string;
  why: string | null;
}

interface Dictionary {
  t: TFunction;
  person: (id: string | null) => string | null;
  team: (id: string | null) => string | null;
  status: (id: string) => string;
  time: (ms: number) => string;
}

/** Finds words for events in the reader's language. */
export function useEventWords(): (event: TicketEvent) => EventWords {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const pipelines = usePipelines();
  const statuses = pipelines.data?.flatMap((one) => one.statuses) ?? [];
  const words: Dictionary = {
    t,
    ...names,
    status: (id) => statuses.find((one) => one.id === id)?.name ?? id,
    time: (ms) => at(new Date(ms).toISOString(), Date.now(), i18n.language),
  };
  return (event) => ({ who: whoOf(event, words), what: whatOf(event, words), why: whyOf(event) });
}

function whoOf({ actor }: TicketEvent, { t, person }: Dictionary): string {
  if (actor.type === 'user') return person(actor.userId) ?? '…';
  return t(actor.type === 'contact' ? 'timeline.contact' : 'timeline.system');
}

/** The stored reason of an automatic decision. */
function whyOf(event: TicketEvent): string | null {
  if (event.type === 'assigneeChanged') return event.data.reason;
  if (event.type === 'created') return event.data.routing?.reason ?? null;
  if (event.type === 'rulesAdopted')
    return event.data.why.length === 0 ? null : event.data.why.join(', ');
  return null;
}

function whatOf(event: TicketEvent, words: Dictionary): string {
  const { t, person, team, status, time } = words;
  const goal = (name: 'firstReply' | 'nextReply' | 'close'): string => t(`sla.${name}`);
  switch (event.type) {
    case 'created':
      return t('timeline.event.created');
    case 'statusChanged':
      return t('timeline.event.statusChanged', { to: status(event.data.to) });
    case 'priorityChanged':
      return t('timeline.event.priorityChanged', { to: t(`ticket.priorities.${event.data.to}`) });
    case 'assigneeChanged':
      return event.data.to === null
        ? t('timeline.event.unassigned')
        : t('timeline.event.assigned', { to: person(event.data.to) });
    case 'teamChanged':
      return event.data.to === null
        ? t('timeline.event.teamRemoved')
        : t('timeline.event.teamChanged', { to: team(event.data.to) });
    case 'tagsChanged':
      return t('timeline.event.tagsChanged', {
        tags: [
          ...event.data.added.map((one) => `+${one}`),
          ...event.data.removed.map((one) => `−${one}`),
        ].join(' '),
      });
    case 'detailsEdited':
      return t('timeline.event.subjectChanged', { fields: event.data.fields.join(', ') });
    case 'snoozed':
      return event.data.untilMs === null
        ? t('timeline.event.snoozedUntilReply')
        : t('timeline.event.snoozed', { until: time(event.data.untilMs) });
    case 'unsnoozed':
      return t('timeline.event.unsnoozed');
    case 'spamChanged':
      return t(event.data.spam ? 'timeline.event.spam' : 'timeline.event.notSpam');
    case 'goalDueSoon':
      return t('timeline.event.goalDueSoon', { goal: goal(event.data.goal) });
    case 'goalBreached':
      return t('timeline.event.goalBreached', {
        goal: goal(event.data.goal),
        at: time(event.data.breachedAtMs),
      });
    case 'escalated':
      return t('timeline.event.escalated', {
        actions: event.data.actions.map((one) => one.type).join(', '),
      });
    case 'rulesAdopted':
      return event.data.policyName === null
        ? t('timeline.event.noPolicy')
        : t('timeline.event.rulesAdopted', {
            policy: `${event.data.policyName} v${event.data.policyVersion}`,
          });
    case 'routingWidened':
      return t('timeline.event.routingWidened', { reason: event.data.reason });
    case 'deliveryFailed':
      return t('timeline.event.deliveryFailed');
    case 'sendUndone':
      return t('timeline.event.sendUndone');
    case 'absorbed':
      return t('timeline.event.absorbed', { id: event.data.absorbed.ticketId });
    case 'unabsorbed':
      return t('timeline.event.unabsorbed', { id: event.data.ticketId });
    case 'mergedAway':
      return t('timeline.event.mergedAway', { id: event.data.intoTicketId });
    case 'unmerged':
      return t('timeline.event.unmerged', { id: event.data.fromTicketId });
    case 'followersChanged':
      return t(event.data.follows ? 'timeline.event.followed' : 'timeline.event.unfollowed', {
        who: person(event.data.userId),
      });
    default:
      return t('timeline.event.other', { type: event.type });
  }
}
