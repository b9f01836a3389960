// Sentences that the API says in English to operators and admins are said in each language of the workspace.
import { readFile } from 'node:fs/promises';
import type { TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES, speaks } from '#test/support/languages.ts';
import { faultWords, skipWords } from '#ui/lib/known-sentences.ts';

/** As the API says them, and the part of its source that says so: a sentence reworded there is missed here. */
const FAULTS: [said: string, source: string][] = [
  ['no answer in time', "'no answer in time'"],
  ['95 of 100 connections in use', ' connections in use`'],
  ['nobody works on "tickets"', '`nobody works on "${name}"`'],
  ['work of "tickets" waits for more than 60 s', '`work of "${name}" waits for more than '],
  ['it has not run yet', "'it has not run yet'"],
  ['it has not run for a while', "'it has not run for a while'"],
  ['2 things could not be healed in its last round', ' things could not be healed in its last'],
  [
    'the oldest debt waits for more than a minute',
    "'the oldest debt waits for more than a minute'",
  ],
  ['Temporal has not taken some of them', "'Temporal has not taken some of them'"],
  ['1 tickets should have acted by now', ' tickets should have acted by now`'],
  ['some have not left although it is time', "'some have not left although it is time'"],
  ['3 were given up in the last day', ' were given up in the last day`'],
  ['"Support" cannot be read', '`"${name}" cannot be read`'],
  ['3 mails of the last day wait for a person', ' mails of the last day wait for a person`'],
  ['3 of the last week', ' of the last week`'],
];
const SKIPS: [said: string, source: string][] = [
  'It has no date, or one that does not exist.',
  'It was cancelled.',
  'It has no beginning.',
  'It is not a whole day.',
  'It repeats within a day.',
  'Its repetition is of a kind that is not understood (BYSETPOS).',
  'It repeats too often.',
  'Its file takes too long to work out.',
].map((said): [string, string] => [said, `'${said}'`]);
SKIPS.push(
  ['It cannot be read: no colon', '`It cannot be read: ${'],
  ['2026-12-25 has hours of its own in this calendar.', ' has hours of its own in this calendar.`'],
);

describe.each(LANGUAGES)('in %s', (language) => {
  let t: TFunction;
  beforeAll(async () => {
    t = await speaks(language);
  });

  it.each([
    ...FAULTS.map(([said]) => ({ said, words: faultWords })),
    ...SKIPS.map(([said]) => ({ said, words: skipWords })),
  ])('"$said" is said in words of its own', ({ said, words }) => {
    const shown = words(said, t);
    if (language !== 'en') expect(shown).not.toBe(said);
    expect(shown).not.toMatch(/\{\{|undefined|why\.|skipped\./);
    // Names and numbers of the sentence are in it still.
    for (const [part] of said.matchAll(/\d[\d-]*|"[^"]+"/g)) {
      expect(shown).toContain(part.replaceAll('"', ''));
    }
  });
});

it('each of them stands in the API word for word', async () => {
  const files = ['operations.ts', 'admin/holiday-file.ts', 'admin/holiday-import.ts'];
  const sources = await Promise.all(
    files.map((one) => readFile(new URL(`../../api/${one}`, import.meta.url), 'utf8')),
  );
  const all = sources.join('\n');
  expect([...FAULTS, ...SKIPS].filter(([, source]) => !all.includes(source))).toEqual([]);
});
