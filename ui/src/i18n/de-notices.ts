// Words of the bell, of notices and of who else has a ticket open, in German.
import type { NoticeWords, PresenceWords } from './en-notices.ts';

export const notices: NoticeWords = {
  title: 'Benachrichtigungen',
  bell_one: 'Benachrichtigungen, {{count}} ungelesen',
  bell_other: 'Benachrichtigungen, {{count}} ungelesen',
  show: 'Anzeigen',
  all: 'Alle',
  unreadOnly: 'Ungelesen',
  isUnread: 'Ungelesen',
  read: 'Als gelesen markieren',
  readOne: 'Als gelesen markieren: {{title}}',
  readAll: 'Alle als gelesen markieren',
  walk: 'Bewegen',
  older: 'Ältere Benachrichtigungen',
  none: 'Noch nichts',
  noneUnread: 'Alles gelesen',
  noneHint:
    'Hier erfahren Sie, wenn ein Ticket Ihres wird, jemand Sie erwähnt oder die Zeit knapp wird.',
  incoming: 'Eingehende Mail',
  said: {
    created: 'Ein neues Ticket ist Ihres',
    assigned: '{{who}} hat es Ihnen gegeben',
    assignedByDesk: 'Es ist jetzt Ihres',
    mentioned: '{{who}} hat Sie in einer Notiz erwähnt',
    messageReceived: 'Eine neue Nachricht ist da',
    statusChanged: '{{who}} hat es auf {{status}} gesetzt',
    dueSoon: '{{goal}} ist bald fällig',
    overdue: '{{goal}} ist überfällig',
    escalated: 'Eskaliert: {{goal}}',
    deliveryFailed: 'Eine Nachricht wurde nicht zugestellt',
    bounced: 'Eine Nachricht kam zurück',
    other: 'Am Ticket hat sich etwas geändert',
    quarantined: 'Eine unlesbare Mail wartet auf eine Entscheidung',
  },
  settings: {
    title: 'Benachrichtigungen',
    hint: 'Wo Sie wovon erfahren. Von dem, was Sie selbst getan haben, nie.',
    defaultsHint:
      'Gilt sofort für alle, die zu einem Thema in ihrem Konto nichts gewählt haben. Mit „ich“ ist gemeint, wer davon erfährt.',
    what: 'Was',
    ways: { bell: 'Glocke', browser: 'Browser', email: 'Mail' },
    tick: '{{name}}: {{way}}',
    usual: 'Wie bei allen',
    reset: '{{name}}: wie bei allen',
    topics: {
      assigned: 'Ein Ticket wird meins',
      mentioned: 'Jemand erwähnt mich',
      customerReplied: 'Ein Kunde schreibt',
      statusChanged: 'Der Status ändert sich',
      slaDueSoon: 'Ein Ziel ist bald fällig',
      slaOverdue: 'Ein Ziel ist überfällig',
      escalated: 'Ein Ticket eskaliert',
      deliveryFailed: 'Eine Nachricht kommt nicht an',
    },
    device: 'Auf diesem Gerät',
    browser: 'Benachrichtigungen des Browsers zeigen',
    browserHint:
      'Während Sie einen anderen Tab oder ein anderes Programm sehen: zu den unter „Browser“ gewählten Themen.',
    denied:
      'Dieser Browser blockiert Benachrichtigungen des Desks. Erlauben Sie sie in seinen Einstellungen für diese Seite.',
    unsupported: 'Dieser Browser kann keine Benachrichtigungen zeigen.',
    sound: 'Ton abspielen',
    soundHint: 'Zwei kurze Töne bei jeder neuen Benachrichtigung.',
  },
};

export const presence: PresenceWords = {
  title: 'Auch hier',
  viewing: '{{name}} sieht es an',
  typing: '{{name}} schreibt',
  collision_one: '{{who}} schreibt auch an diesem Ticket.',
  collision_other: '{{who}} schreiben auch an diesem Ticket.',
  meanwhile: '{{who}} hat geschrieben, seit Sie angefangen haben.',
};
