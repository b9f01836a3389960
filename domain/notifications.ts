// What people are told of. Everybody chooses for each topic where: at the bell, by the browser, by mail. Pure.

/** What can be chosen. */
export const NOTIFICATION_TOPICS = [
  'assigned',
  'mentioned',
  'customerReplied',
  'statusChanged',
  'slaDueSoon',
  'slaOverdue',
  'escalated',
  'deliveryFailed',
] as const;
export type NotificationTopic = (typeof NOTIFICATION_TOPICS)[number];

/** Where somebody is told of a topic. */
export interface NotificationWays {
  bell: boolean;
  browser: boolean;
  email: boolean;
}

const TOPICS: Readonly<Record<string, NotificationTopic>> = {
  created: 'assigned',
  assigneeChanged: 'assigned',
  noteAdded: 'mentioned',
  messageReceived: 'customerReplied',
  statusChanged: 'statusChanged',
  goalDueSoon: 'slaDueSoon',
  goalBreached: 'slaOverdue',
  escalated: 'escalated',
  deliveryFailed: 'deliveryFailed',
  bounceReceived: 'deliveryFailed',
};

/** The topic of a notice by the event it tells of; null for what nobody can choose. */
export function topicOf(type: string): NotificationTopic | null {
  return TOPICS[type] ?? null;
}

const SENTENCES: Record<NotificationTopic, string> = {
  assigned: 'is yours now',
  mentioned: 'names you in a note',
  customerReplied: 'has a new message',
  statusChanged: 'has another status',
  slaDueSoon: 'is due soon',
  slaOverdue: 'is overdue',
  escalated: 'escalates',
  deliveryFailed: 'has a message that did not arrive',
};

/** What a mail says of a notice, after the ticket's name. */
export const sentenceOf = (topic: NotificationTopic): string => SENTENCES[topic];
