// Light, dark or as the system has it; kept on this device.
export type Theme = 'system' | 'light' | 'dark';
const KEY = 'holdfast.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** What the reader chose. */
export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** Applies and keeps a choice. */
export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme();
}

/** Puts the theme on the page, and follows the system while that is the choice. */
export function applyTheme(): void {
  const theme = chosenTheme();
  const isDark = theme === 'dark' || (theme === 'system' && dark.matches);
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
}

dark.addEventListener('change', applyTheme);
