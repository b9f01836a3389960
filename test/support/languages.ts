// The languages of the workspace, for tests of its words without a browser.
import i18next from 'i18next';
import type { TFunction } from 'i18next';
import { de } from '#ui/i18n/de.ts';
import { en } from '#ui/i18n/en.ts';
import { fr } from '#ui/i18n/fr.ts';

const WORDS = { en, de, fr };
export const LANGUAGES = ['en', 'de', 'fr'] as const;

/** Speaks one of them, without escaping: no page is in between. */
export async function speaks(language: (typeof LANGUAGES)[number]): Promise<TFunction> {
  const speaker = i18next.createInstance();
  return await speaker.init({
    ...{ lng: language, resources: { [language]: { translation: WORDS[language] } } },
    interpolation: { escapeValue: false },
  });
}
