// A notice as a sentence: what happened to the ticket, by whom. Pure, so that the panel and the browser's own notices say the same.
import type { TFunction } from 'i18next';
import type { Notice } from '../api/types.ts';

/** How names are found. */
export interface NoticeNames {
  person: (id: string) => string | null;
  status: (id: string) => string | null;
}

/** What somebody is told of, in the reader's language. */
export function sentenceOf(notice: Notice, t: TFunction, names: NoticeNames): string {
  const who = whoOf(notice, t, names);
  switch (notice.type) {
    case 'created':
      return t('notices.said.created');
    case 'assigneeChanged':
      return notice.actor?.type === 'user'
        ? t('notices.said.assigned', { who })
        : t('notices.said.assignedByDesk');
    case 'noteAdded':
      return t('notices.said.mentioned', { who });
    case 'messageReceived':
      return t('notices.said.messageReceived');
    case 'statusChanged':
      return t('notices.said.statusChanged', {
        ...{ who, status: names.status(notice.data.to) ?? notice.data.to },
      });
    case 'goalDueSoon':
      return t('notices.said.dueSoon', { goal: t(`sla.${notice.data.goal}`) });
    case 'goalBreached':
      return t('notices.said.overdue', { goal: t(`sla.${notice.data.goal}`) });
    case 'escalated':
      return t('notices.said.escalated', { goal: t(`sla.${notice.data.goal}`) });
    case 'deliveryFailed':
      return t('notices.said.deliveryFailed');
    case 'bounceReceived':
      return t('notices.said.bounced');
    case 'mailQuarantined':
      return t('notices.said.quarantined');
    default:
      return t('notices.said.other');
  }
}

/** What stands above the sentence. */
export function titleOf(notice: Notice, t: TFunction): string {
  return notice.ticketId === null ? t('notices.incoming') : notice.subject;
}

function whoOf({ actor }: Notice, t: TFunction, names: NoticeNames): string {
  if (actor?.type === 'user') return names.person(actor.userId) ?? '…';
  return t(actor?.type === 'contact' ? 'timeline.contact' : 'timeline.system');
}
