// Why a ticket went where it went, in the reader's words. The desk stores it in English (domain/routing-reasons.ts); what is not
// known here stays as it was said. Without React, so that a test can say every reason in every language.
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { ConditionOp } from '#domain/desk.ts';
import { readReason } from '#domain/routing-reasons.ts';
import type { ReadReason, ReasonSlot } from '#domain/routing-reasons.ts';
import { at } from '../lib/time.ts';
import { durationText } from '../sla/durations.ts';
import { channelWords, fieldWords } from '../sla/field-words.ts';

interface Words {
  t: TFunction;
  /** An instant, given in ISO 8601. */
  time: (iso: string) => string;
}

/** A stored reason in words. */
export function reasonWords(reason: string, words: Words): string {
  const read = readReason(reason);
  return read === null ? reason : said(read, words);
}

function said({ key, slots }: ReadReason, words: Words): string {
  const { t } = words;
  const filled = Object.entries(slots).map(([slot, value]) =>
    typeof value === 'string' ? inWords(slot, value, words) : [slot, said(value, words)],
  );
  // A sentence asks for what it has of these alone.
  return t(`reasons.${key}`, Object.fromEntries(filled) as Record<ReasonSlot | 'span', string>);
}

/** A slot that is no sentence, under the name that the words of ui/src/i18n give it. */
function inWords(slot: string, value: string, { t, time }: Words): [string, string] {
  switch (slot) {
    case 'conditions':
      return [slot, conditionWords(value, t)];
    case 'channel':
      return [slot, channelWords(value, t)];
    case 'until':
      return [slot, Number.isNaN(Date.parse(value)) ? value : time(value)];
    case 'seconds':
      return ['span', durationText(Number(value))];
    default:
      return [slot, value];
  }
}

/** Conditions are stored as field and operator, without their values. */
function conditionWords(conditions: string, t: TFunction): string {
  return conditions
    .split(', ')
    .map((one) => {
      const [, field, op] = CONDITION.exec(one) ?? [];
      const known = OPERATORS.find((operator) => operator === op);
      if (field === undefined || known === undefined) return one;
      const rest = TAKES_VALUE[known] ? ' …' : '';
      return `${fieldWords(field, t)} ${t(`slaAdmin.ops.${known}`)}${rest}`;
    })
    .join(', ');
}

/** Operators, and whether a value follows them. */
const TAKES_VALUE: Record<ConditionOp, boolean> = {
  ...{ is: true, isNot: true, in: true, notIn: true, contains: true, notContains: true },
  ...{ startsWith: true, isSet: false, isNotSet: false },
};
const OPERATORS = Object.keys(TAKES_VALUE) as ConditionOp[];
const CONDITION = new RegExp(`^(.+) (${OPERATORS.join('|')})$`);

/** Finds words for stored reasons in the reader's language. */
export function useReasonWords(): (reason: string) => string {
  const { t, i18n } = useTranslation();
  const time = (iso: string): string => at(iso, Date.now(), i18n.language);
  return (reason) => reasonWords(reason, { t, time });
}
