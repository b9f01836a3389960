// An event as a sentence: who, what, why, what it moved and which save it followed. Without React, so that a test can say every event in every language.
import type { TFunction } from 'i18next';
import type { GoalName, TicketEvent } from '../api/types.ts';

export interface EventWords {
  who: string;
  what: string;
  why: string | null;
  /** Deadlines that moved, one a line. */
  moves: string[];
  causes: CauseWords[];
}

/** A save that an event followed. */
export interface CauseWords {
  /** Where the version is to be seen; null where nothing of the kind was saved. */
  to: { page: 'policy' | 'calendar'; id: string; search: { version?: number } } | null;
  what: string;
  /** By whom, and in whose words. */
  more: string | null;
}

/** How things are called that events name by ids. */
export interface Dictionary {
  t: TFunction;
  person: (id: string | null) => string | null;
  team: (id: string | null) => string | null;
  status: (id: string) => string;
  pipeline: (id: string) => string;
  time: (ms: number) => string;
  /** A stored reason in the reader's words. */
  reason: (stored: string) => string;
}

type Adopted = Extract<TicketEvent, { type: 'rulesAdopted' }>['data'];
type Cause = NonNullable<Adopted['causes']>[number];

/** The event in words. */
export const sentence = (event: TicketEvent, words: Dictionary): EventWords => ({
  who: whoOf(event, words),
  what: whatOf(event, words),
  why: whyOf(event, words),
  moves: event.type === 'rulesAdopted' ? movesOf(event.data, words) : [],
  causes:
    event.type === 'rulesAdopted'
      ? (event.data.causes ?? []).map((one) => causeWords(one, words))
      : [],
});

/** Whether taking over rules changed nothing that a reader would ask about. */
export const changesNothing = (data: Adopted): boolean =>
  data.before !== undefined && samePolicy(data) && (data.moved ?? []).length === 0;

const samePolicy = ({ before, policyId, policyVersion }: Adopted): boolean =>
  before !== undefined && before.policyId === policyId && before.policyVersion === policyVersion;

function whoOf({ actor }: TicketEvent, { t, person }: Dictionary): string {
  if (actor.type === 'user') return person(actor.userId) ?? '…';
  return t(actor.type === 'contact' ? 'timeline.contact' : 'timeline.system');
}

/** The reason of an automatic decision. */
function whyOf(event: TicketEvent, { t, reason }: Dictionary): string | null {
  switch (event.type) {
    case 'assigneeChanged':
      return event.data.reason === null ? null : reason(event.data.reason);
    case 'created':
      return event.data.routing === null ? null : reason(event.data.routing.reason);
    case 'statusChanged':
      return event.data.override === true ? t('ticketPage.events.overridden') : null;
    default:
      return null;
  }
}

function movesOf({ moved = [] }: Adopted, { t, time }: Dictionary): string[] {
  return moved.map(({ goal: name, beforeMs, afterMs }) => {
    const goal = goalName(name, t);
    if (afterMs === null) return t('ticketPage.events.goalGone', { goal });
    const after = time(afterMs);
    return beforeMs === null
      ? t('ticketPage.events.goalBegan', { goal, after })
      : t('ticketPage.events.goalMoved', { goal, before: time(beforeMs), after });
  });
}

function causeWords(
  { kind, id, name, version, savedBy, reason }: Cause,
  { t }: Dictionary,
): CauseWords {
  const by = savedBy === null ? null : t('ticketPage.events.cause.by', { who: savedBy.name });
  const said = reason === null ? null : `“${reason}”`;
  const pages = { policySaved: 'policy', calendarSaved: 'calendar' } as const;
  return {
    to:
      id !== null && (kind === 'policySaved' || kind === 'calendarSaved')
        ? { page: pages[kind], id, search: version === null ? {} : { version } }
        : null,
    what: t(`ticketPage.events.cause.${kind}`, { name, version }),
    more: [by, said].filter((one) => one !== null).join(': ') || null,
  };
}

const goalName = (goal: GoalName, t: TFunction): string => t(`sla.${goal}`);

function adoptedWords(data: Adopted, { t }: Dictionary): string {
  if (changesNothing(data)) return t('ticketPage.events.rulesKept');
  if (samePolicy(data)) return t('ticketPage.events.deadlinesMoved');
  return data.policyName === null
    ? t('timeline.event.noPolicy')
    : t('timeline.event.rulesAdopted', { policy: `${data.policyName} v${data.policyVersion}` });
}

function whatOf(event: TicketEvent, words: Dictionary): string {
  const { t, person, team, status, time } = words;
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
    case 'assignmentDeclined':
      return t('ticketPage.events.declined', { who: person(event.data.userId) });
    case 'routingWidened':
      return event.data.to === 'team'
        ? t('ticketPage.events.widenedToTeam')
        : t('ticketPage.events.widenedTo', { team: team(event.data.to.teamId) });
    case 'teamChanged':
      return event.data.to === null
        ? t('timeline.event.teamRemoved')
        : t('timeline.event.teamChanged', { to: team(event.data.to) });
    case 'channelChanged':
      return t('ticketPage.events.channelChanged');
    case 'pipelineChanged':
      return t('ticketPage.events.pipelineChanged', {
        pipeline: words.pipeline(event.data.pipeline.id),
      });
    case 'tagsChanged':
      return t('timeline.event.tagsChanged', {
        tags: [
          ...event.data.added.map((one) => `+${one}`),
          ...event.data.removed.map((one) => `−${one}`),
        ].join(' '),
      });
    case 'detailsEdited':
      return t('timeline.event.subjectChanged', { fields: editedWords(event.data.fields, t) });
    case 'followersChanged':
      return t(event.data.follows ? 'timeline.event.followed' : 'timeline.event.unfollowed', {
        who: person(event.data.userId),
      });
    case 'snoozed':
      return event.data.untilMs === null
        ? t('timeline.event.snoozedUntilReply')
        : t('timeline.event.snoozed', { until: time(event.data.untilMs) });
    case 'unsnoozed':
      return t('timeline.event.unsnoozed');
    case 'spamChanged':
      return t(event.data.spam ? 'timeline.event.spam' : 'timeline.event.notSpam');
    case 'spamExpired':
      return t('ticketPage.events.spamExpired');
    case 'goalDueSoon':
      return t('timeline.event.goalDueSoon', { goal: goalName(event.data.goal, t) });
    case 'goalBreached':
      return t('timeline.event.goalBreached', {
        goal: goalName(event.data.goal, t),
        at: time(event.data.breachedAtMs),
      });
    case 'escalated':
      return t('timeline.event.escalated', {
        actions: event.data.actions
          .map(({ type }) => t(`ticketPage.events.actions.${type}`))
          .join(', '),
      });
    case 'rulesAdopted':
      return adoptedWords(event.data, words);
    case 'ended':
      return t('ticketPage.events.ended');
    default:
      return mailOrMerge(event, words);
  }
}

type Mailed = Extract<
  TicketEvent,
  {
    type:
      | 'messageReceived'
      | 'bounceReceived'
      | 'messagePassedOn'
      | 'replyAccepted'
      | 'forwardAccepted'
      | 'noteAdded'
      | 'closeWarned'
      | 'sendRetried'
      | 'sendUndone'
      | 'deliverySucceeded'
      | 'deliveryFailed'
      | 'messagesSplit'
      | 'mergeReserved'
      | 'mergeReleased'
      | 'absorbed'
      | 'unabsorbed'
      | 'mergedAway'
      | 'unmerged';
  }
>;

/** What happens to messages, and between tickets. */
function mailOrMerge(event: Mailed, { t, person, time }: Dictionary): string {
  switch (event.type) {
    case 'messageReceived':
      return t(
        event.data.automatic
          ? 'ticketPage.events.messageAutomatic'
          : 'ticketPage.events.messageReceived',
      );
    case 'bounceReceived':
      return t(
        event.data.permanent ? 'ticketPage.events.bounced' : 'ticketPage.events.bouncedForNow',
      );
    case 'messagePassedOn':
      return t('ticketPage.events.messagePassedOn', { id: event.data.ticketId });
    case 'replyAccepted':
      return event.data.send.scheduled
        ? t('ticketPage.events.replyScheduled', { at: time(event.data.send.sendAtMs) })
        : t('timeline.event.replyAccepted');
    case 'forwardAccepted':
      return t('timeline.event.forwardAccepted');
    case 'noteAdded': {
      const who = (event.data.mentions ?? []).map(person).join(', ');
      return who === ''
        ? t('ticketPage.events.noteAdded')
        : t('ticketPage.events.noteNamed', { who });
    }
    case 'closeWarned':
      return t('ticketPage.events.closeWarned');
    case 'sendRetried':
      return t('ticketPage.events.sendRetried');
    case 'sendUndone':
      return t('timeline.event.sendUndone');
    case 'deliverySucceeded':
      return t('timeline.event.deliverySucceeded');
    case 'deliveryFailed':
      return t('timeline.event.deliveryFailed');
    case 'messagesSplit':
      return t('ticketPage.events.messagesSplit', { id: event.data.intoTicketId });
    case 'mergeReserved':
      return t('ticketPage.events.mergeReserved', { id: event.data.lease.peerId });
    case 'mergeReleased':
      return t('ticketPage.events.mergeReleased');
    case 'absorbed':
      return t('timeline.event.absorbed', { id: event.data.absorbed.ticketId });
    case 'unabsorbed':
      return t('timeline.event.unabsorbed', { id: event.data.ticketId });
    case 'mergedAway':
      return t('timeline.event.mergedAway', { id: event.data.intoTicketId });
    case 'unmerged':
      return t('timeline.event.unmerged', { id: event.data.fromTicketId });
  }
}

/** What of a ticket's own text was changed; a name that is not known here is said as it is. */
function editedWords(fields: readonly string[], t: TFunction): string {
  return fields
    .map((one) =>
      one === 'subject' || one === 'fields' ? t(`ticketPage.events.fields.${one}`) : one,
    )
    .join(', ');
}
