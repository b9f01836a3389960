// Whether somebody is there, why, and until when, in the reader's words.
import { useTranslation } from 'react-i18next';
import { AVAILABILITY_WORDS } from '#domain/availability.ts';
import type { AvailabilityReason } from '#domain/availability.ts';
import { at } from '../../../lib/time.ts';
import { useSlowNow } from '../../../lib/use-now.ts';

const REASONS = Object.keys(AVAILABILITY_WORDS) as AvailabilityReason[];

/** Turns the API's answer into a phrase. */
export function usePresence(): (of: { reason: string; until: string | null }) => string {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  return ({ reason, until }) => {
    const known = REASONS.find((one) => AVAILABILITY_WORDS[one] === reason);
    const why = known === undefined ? reason : t(`admin.people.reasons.${known}`);
    if (until === null) return why;
    return `${why} ${t('admin.people.until', { at: at(until, nowMs, i18n.language) })}`;
  };
}
