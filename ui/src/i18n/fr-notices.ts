// Words of the bell, of notices and of who else has a ticket open, in French.
import type { NoticeWords, PresenceWords } from './en-notices.ts';

export const notices: NoticeWords = {
  title: 'Notifications',
  bell_one: 'Notifications, {{count}} non lue',
  bell_other: 'Notifications, {{count}} non lues',
  show: 'Afficher',
  all: 'Toutes',
  unreadOnly: 'Non lues',
  isUnread: 'Non lue',
  read: 'Marquer comme lue',
  readOne: 'Marquer comme lue : {{title}}',
  readAll: 'Tout marquer comme lu',
  walk: 'Parcourir',
  older: 'Notifications plus anciennes',
  none: 'Rien pour l’instant',
  noneUnread: 'Tout est lu',
  noneHint:
    'Vous êtes averti ici quand un ticket devient le vôtre, quand quelqu’un vous mentionne ou quand le temps presse.',
  incoming: 'Courrier entrant',
  said: {
    created: 'Un nouveau ticket est à vous',
    assigned: '{{who}} vous l’a attribué',
    assignedByDesk: 'Il est à vous maintenant',
    mentioned: '{{who}} vous a mentionné dans une note',
    messageReceived: 'Un nouveau message est arrivé',
    statusChanged: '{{who}} l’a mis sur {{status}}',
    dueSoon: '{{goal}} : échéance proche',
    overdue: '{{goal}} : en retard',
    escalated: 'Escalade : {{goal}}',
    deliveryFailed: 'Un message n’a pas été remis',
    bounced: 'Un message est revenu',
    other: 'Quelque chose du ticket a changé',
    quarantined: 'Un courrier illisible attend une décision',
  },
  settings: {
    title: 'Notifications',
    hint: 'Où vous êtes averti de quoi. Jamais de ce que vous avez fait vous-même.',
    defaultsHint:
      'Vaut aussitôt pour tous ceux qui n’ont rien choisi pour ce sujet dans leur compte. « Moi » désigne la personne avertie.',
    what: 'Quoi',
    ways: { bell: 'Cloche', browser: 'Navigateur', email: 'E-mail' },
    tick: '{{name}} : {{way}}',
    usual: 'Comme tout le monde',
    reset: '{{name}} : comme tout le monde',
    topics: {
      assigned: 'Un ticket devient le mien',
      mentioned: 'Quelqu’un me mentionne',
      customerReplied: 'Un client écrit',
      statusChanged: 'Le statut change',
      slaDueSoon: 'Un objectif arrive à échéance',
      slaOverdue: 'Un objectif est en retard',
      escalated: 'Un ticket est escaladé',
      deliveryFailed: 'Un message n’est pas remis',
    },
    device: 'Sur cet appareil',
    browser: 'Afficher les notifications du navigateur',
    browserHint:
      'Quand vous regardez un autre onglet ou programme : pour les sujets cochés sous « Navigateur ».',
    denied:
      'Ce navigateur bloque les notifications du desk. Autorisez-les dans ses réglages pour ce site.',
    unsupported: 'Ce navigateur ne peut pas afficher de notifications.',
    sound: 'Jouer un son',
    soundHint: 'Deux notes brèves à chaque nouvelle notification.',
  },
};

export const presence: PresenceWords = {
  title: 'Aussi ici',
  viewing: '{{name}} regarde',
  typing: '{{name}} écrit',
  collision_one: '{{who}} écrit aussi sur ce ticket.',
  collision_other: '{{who}} écrivent aussi sur ce ticket.',
  meanwhile: '{{who}} a écrit depuis que vous avez commencé.',
};
