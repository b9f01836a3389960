// Languages: English is built in, the others come when they are asked for. Kept on this device.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en.ts';
import type { Messages } from './en.ts';

export const LANGUAGES = { en: 'English', fr: 'Français', de: 'Deutsch' } as const;
/** A language the workspace speaks. */
export type Language = keyof typeof LANGUAGES;
const KEY = 'holdfast.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Messages };
  }
}

const isLanguage = (value: string): value is Language => value in LANGUAGES;

function wanted(): Language {
  const kept = localStorage.getItem(KEY) ?? '';
  if (isLanguage(kept)) return kept;
  const asked = navigator.languages.map((one) => one.slice(0, 2)).find(isLanguage);
  return asked ?? 'en';
}

/** Initialises the texts; resolves when the reader's language is there. */
export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    ...{ lng: 'en', fallbackLng: 'en', resources: { en: { translation: en } } },
    interpolation: { escapeValue: false },
  });
  await useLanguage(wanted());
}

/** Switches the language, keeps the choice, and tells the page. */
export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  await useLanguage(language);
}

async function useLanguage(language: Language): Promise<void> {
  if (language === 'fr') add('fr', (await import('./fr.ts')).fr);
  if (language === 'de') add('de', (await import('./de.ts')).de);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

function add(language: Language, messages: Messages): void {
  i18next.addResourceBundle(language, 'translation', messages, true, true);
}
