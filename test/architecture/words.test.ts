// The workspace says everything in every language it offers.
import { describe, expect, it } from 'vitest';
import { de } from '#ui/i18n/de.ts';
import { en } from '#ui/i18n/en.ts';
import { fr } from '#ui/i18n/fr.ts';

/** Strings of more than three words that are the same in another language on purpose, by key. */
const SAME_ON_PURPOSE: Record<string, string[]> = { fr: [], de: [] };

interface Tree {
  [key: string]: string | Tree;
}

const flat = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : flat(value, `${path}${key}.`),
  );

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name ?? '').toSorted();

/** The words of a text, placeholders and punctuation left out. */
const wordsOf = (text: string): string[] =>
  text.replaceAll(/\{\{.*?\}\}/g, ' ').match(/[\p{L}\p{N}][\p{L}\p{N}’'-]*/gu) ?? [];

const ENGLISH = new Map(flat(en));

describe.each([
  ['en', en],
  ['fr', fr],
  ['de', de],
])('the words in %s', (_language, messages) => {
  const words = flat(messages);

  it('has the keys of the English, and text for each', () => {
    expect(words.map(([key]) => key).toSorted()).toEqual([...ENGLISH.keys()].toSorted());
    expect(words.filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([]);
  });

  it('keeps every placeholder of the English and adds none', () => {
    const broken = words.filter(
      ([key, text]) =>
        placeholders(text).join() !== placeholders(ENGLISH.get(key) ?? '').join() ||
        /\{\{|\}\}/.test(text.replaceAll(/\{\{\w+\}\}/g, '')),
    );
    expect(broken).toEqual([]);
  });
});

describe.each([
  ['fr', fr],
  ['de', de],
])('the sentences in %s', (language, messages) => {
  it('are not left in English', () => {
    const same = flat(messages)
      .filter(([key, text]) => text === ENGLISH.get(key) && wordsOf(text).length > 3)
      .map(([key]) => key);
    expect(same).toEqual(SAME_ON_PURPOSE[language]);
  });
});
