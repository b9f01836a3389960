// Whether somebody is there, why, and until when, in the reader's words.
import { useTranslation } from 'react-i18next';
import { at } from '../../../lib/time.ts';
import { useSlowNow } from '../../../lib/use-now.ts';
import { useReasonWords } from '../../../tickets/reason-words.ts';

/** Turns the API's answer into a phrase. */
export function usePresence(): (of: { reason: string; until: string | null }) => string {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const words = useReasonWords();
  return ({ reason, until }) => {
    const why = words(reason);
    if (until === null) return why;
    return `${why} ${t('admin.people.until', { at: at(until, nowMs, i18n.language) })}`;
  };
}
