// Several names as the reader's language lists them.
import { useTranslation } from 'react-i18next';

/** Joins names: "Ann, Bo and Cleo". */
export function useListOf(): (names: string[]) => string {
  const { i18n } = useTranslation();
  return (names) => new Intl.ListFormat(i18n.language, { type: 'conjunction' }).format(names);
}
