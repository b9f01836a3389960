// Sentences that the API says in English for operators and admins, recognised and said in the reader's language. Without React, so
// that a test can say each of them. A sentence that is not known stays as it was said.
import type { TFunction } from 'i18next';

/** Why a part of the operator's page needs a look (api/operations.ts). */
const FAULTS = [
  [/^no answer in time$/, 'noAnswer'],
  [/^(?<open>\d+) of (?<most>\d+) connections in use$/, 'connections'],
  [/^nobody works on "(?<name>.+)"$/, 'noWorker'],
  [/^work of "(?<name>.+)" waits for more than (?<seconds>\d+) s$/, 'backlog'],
  [/^it has not run yet$/, 'neverRun'],
  [/^it has not run for a while$/, 'notRunLately'],
  [/^(?<count>\d+) things could not be healed in its last round$/, 'notHealed'],
  [/^the oldest debt waits for more than a minute$/, 'oldDebt'],
  [/^Temporal has not taken some of them$/, 'notTaken'],
  [/^(?<count>\d+) tickets should have acted by now$/, 'lateTickets'],
  [/^some have not left although it is time$/, 'notLeft'],
  [/^(?<count>\d+) were given up in the last day$/, 'givenUp'],
  [/^"(?<name>.+)" cannot be read$/, 'unreadable'],
  [/^(?<count>\d+) mails of the last day wait for a person$/, 'quarantined'],
  [/^(?<count>\d+) of the last week$/, 'jobs'],
] as const;

/** Why an event of an iCalendar file is no holiday (api/admin/holiday-file.ts, holiday-import.ts). */
const SKIPS = [
  [/^It has no date, or one that does not exist\.$/, 'noDate'],
  [/^It cannot be read: (?<words>.+)$/, 'unreadable'],
  [/^It was cancelled\.$/, 'cancelled'],
  [/^It has no beginning\.$/, 'noBeginning'],
  [/^It is not a whole day\.$/, 'notWholeDay'],
  [/^It repeats within a day\.$/, 'withinDay'],
  [/^Its repetition is of a kind that is not understood \(BYSETPOS\)\.$/, 'unknownKind'],
  [/^It repeats too often\.$/, 'tooOften'],
  [/^Its file takes too long to work out\.$/, 'tooLong'],
  [/^(?<date>\S+) has hours of its own in this calendar\.$/, 'ownHours'],
] as const;

function find<K extends string>(
  sentences: readonly (readonly [RegExp, K])[],
  text: string,
): { key: K; slots: Record<string, string> } | null {
  for (const [pattern, key] of sentences) {
    const found = pattern.exec(text);
    if (found !== null) return { key, slots: { ...found.groups } };
  }
  return null;
}

/** What stands in the sentences; each asks for what it has of these alone. */
type Slots = Record<'open' | 'most' | 'name' | 'seconds' | 'words' | 'date', string> & {
  count: number;
};
const filled = (slots: Record<string, string>): Slots =>
  ({ ...slots, count: Number(slots['count'] ?? 0) }) as Slots;

export function faultWords(text: string, t: TFunction): string {
  const known = find(FAULTS, text);
  return known === null ? text : t(`operations.why.${known.key}`, filled(known.slots));
}

export function skipWords(text: string, t: TFunction): string {
  const known = find(SKIPS, text);
  return known === null ? text : t(`slaAdmin.skipped.${known.key}`, filled(known.slots));
}
