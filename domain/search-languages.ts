// Languages whose words Postgres can bring to their stems, as its full-text search names them.
const CONFIGURATIONS: Readonly<Record<string, string>> = {
  ...{ ar: 'arabic', ca: 'catalan', da: 'danish', de: 'german', el: 'greek', en: 'english' },
  ...{ es: 'spanish', eu: 'basque', fi: 'finnish', fr: 'french', ga: 'irish', hi: 'hindi' },
  ...{ hu: 'hungarian', hy: 'armenian', id: 'indonesian', it: 'italian', lt: 'lithuanian' },
  ...{ ne: 'nepali', nl: 'dutch', no: 'norwegian', pt: 'portuguese', ro: 'romanian' },
  ...{ ru: 'russian', sr: 'serbian', sv: 'swedish', ta: 'tamil', tr: 'turkish', yi: 'yiddish' },
};

/** The configuration for a two-letter code (ISO 639-1); of a language it does not know, or none, words stay as they are. */
export function searchConfigurationOf(language: string | null): string {
  const known = language !== null && Object.hasOwn(CONFIGURATIONS, language);
  return known ? (CONFIGURATIONS[language] ?? 'simple') : 'simple';
}
