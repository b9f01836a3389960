// Why a ticket wakes, in the reader's words. The desk says it as operators read it (domain/ticket-wake.ts); what is not known here stays as it was said.
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

const GOALS = { 'first reply': 'firstReply', 'next reply': 'nextReply', close: 'close' } as const;
const MOMENTS = { 'due soon': 'dueSoon', overdue: 'overdue', escalates: 'escalates' } as const;
const PLAIN = {
  'snooze ends': 'snooze',
  'warns before closing': 'closeWarning',
  'closes itself': 'close',
  'spam is deleted': 'spam',
  'reopen window ends': 'reopenWindow',
  'waits for a skilled agent; widens to the team': 'widensToTeam',
  'waits for an agent; goes to another team': 'widensToOther',
} as const;
const MOMENT =
  /^(first reply|next reply|close) (due soon|overdue|escalates)(?: again \((\d+) of (\d+)\))?$/;

/** A reason as a phrase. */
export function wakeWords(reason: string, t: TFunction): string {
  const plain = PLAIN[reason as keyof typeof PLAIN] as
    | (typeof PLAIN)[keyof typeof PLAIN]
    | undefined;
  if (plain !== undefined) return t(`ticketPage.wakes.${plain}`);
  if (/^merge \S+ must be done$/.test(reason)) return t('ticketPage.wakes.merge');
  const [, goal, moment, nth, times] = MOMENT.exec(reason) ?? [];
  if (goal === undefined || moment === undefined) return reason;
  const words = t(`ticketPage.wakes.${MOMENTS[moment as keyof typeof MOMENTS]}`, {
    goal: t(`sla.${GOALS[goal as keyof typeof GOALS]}`),
  });
  return nth === undefined ? words : `${words} (${nth}/${times})`;
}

export function useWakeWords(): (reason: string) => string {
  const { t } = useTranslation();
  return (reason) => wakeWords(reason, t);
}
