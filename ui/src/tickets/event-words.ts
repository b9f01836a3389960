// Events as sentences in the reader's language, with the desk's names.
import { useTranslation } from 'react-i18next';
import { usePipelines } from '../api/queries.ts';
import type { TicketEvent } from '../api/types.ts';
import { at } from '../lib/time.ts';
import { sentence } from './event-sentences.ts';
import type { EventWords } from './event-sentences.ts';
import { useNames } from './labels.tsx';
import { useReasonWords } from './reason-words.ts';

/** Finds words for events in the reader's language. */
export function useEventWords(): (event: TicketEvent) => EventWords {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const pipelines = usePipelines();
  const reason = useReasonWords();
  const all = pipelines.data ?? [];
  const statuses = all.flatMap((one) => one.statuses);
  return (event) =>
    sentence(event, {
      t,
      ...names,
      reason,
      status: (id) => statuses.find((one) => one.id === id)?.name ?? id,
      pipeline: (id) => all.find((one) => one.id === id)?.name ?? '…',
      time: (ms) => at(new Date(ms).toISOString(), Date.now(), i18n.language),
    });
}
