// Words of the bell, of notices and of who else has a ticket open, in English.
export const notices = {
  title: 'Notifications',
  bell_one: 'Notifications, {{count}} unread',
  bell_other: 'Notifications, {{count}} unread',
  show: 'Show',
  all: 'All',
  unreadOnly: 'Unread',
  isUnread: 'Unread',
  read: 'Mark as read',
  readOne: 'Mark as read: {{title}}',
  readAll: 'Mark all as read',
  walk: 'Walk',
  older: 'Older notifications',
  none: 'Nothing yet',
  noneUnread: 'All read',
  noneHint:
    'Here you are told when a ticket becomes yours, somebody mentions you, or time runs out.',
  incoming: 'Incoming mail',
  said: {
    created: 'A new ticket is yours',
    assigned: '{{who}} gave it to you',
    assignedByDesk: 'It is yours now',
    mentioned: '{{who}} mentioned you in a note',
    messageReceived: 'A new message has come in',
    statusChanged: '{{who}} set it to {{status}}',
    dueSoon: '{{goal}} is due soon',
    overdue: '{{goal}} is overdue',
    escalated: 'Escalated: {{goal}}',
    deliveryFailed: 'A message was not delivered',
    bounced: 'A message came back',
    other: 'Something of the ticket changed',
    quarantined: 'A mail could not be read and waits for a decision',
  },
  settings: {
    title: 'Notifications',
    hint: 'Where you are told of what. You are never told of what you did yourself.',
    defaultsHint:
      'It holds at once for everybody who has not chosen for that topic in their account. “Me” is who is told.',
    what: 'What',
    ways: { bell: 'Bell', browser: 'Browser', email: 'Mail' },
    tick: '{{name}}: {{way}}',
    usual: 'As everybody has it',
    reset: '{{name}}: as everybody has it',
    topics: {
      assigned: 'A ticket becomes mine',
      mentioned: 'Somebody mentions me',
      customerReplied: 'A customer writes',
      statusChanged: 'The status changes',
      slaDueSoon: 'A goal is due soon',
      slaOverdue: 'A goal is overdue',
      escalated: 'A ticket escalates',
      deliveryFailed: 'A message is not delivered',
    },
    device: 'On this device',
    browser: 'Show notifications of the browser',
    browserHint: 'While you look at another tab or program: of the topics ticked under “Browser”.',
    denied:
      'This browser blocks notifications of the desk. Allow them in its settings for this site.',
    unsupported: 'This browser cannot show notifications.',
    sound: 'Play a sound',
    soundHint: 'Two short tones for each new notification.',
  },
};

export const presence = {
  title: 'Also here',
  viewing: '{{name}} is viewing',
  typing: '{{name}} is writing',
  collision_one: '{{who}} is writing on this ticket too.',
  collision_other: '{{who}} are writing on this ticket too.',
  meanwhile: '{{who}} has written since you began.',
};

/** The shape of these words in every language. */
export type NoticeWords = typeof notices;
export type PresenceWords = typeof presence;
