// Where drafts of settings lie: in memory, and as text in the tab's own storage, which outlives a reload and no more.

const PREFIX = 'holdfast.settings-draft ';
/** How the API shows a password that it keeps: the one that may be written down, since it is none. */
const HIDDEN = '********';
/** What JSON has no word for: a number that cannot be read. */
const NOT_A_NUMBER = '\u0000NaN';

const kept = new Map<string, unknown>();

/** The draft of a key, or undefined. */
export function recallDraft<T>(key: string): T | undefined {
  if (!kept.has(key)) {
    const draft = read(key);
    if (draft !== undefined) kept.set(key, draft);
  }
  return kept.get(key) as T | undefined;
}

/** Keeps a draft; undefined forgets it. */
export function writeDraft(key: string, draft: unknown): void {
  if (draft === undefined) kept.delete(key);
  else kept.set(key, draft);
  try {
    if (draft === undefined) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, JSON.stringify(draft, written));
  } catch {
    // A storage that is full or forbidden: the draft lives as long as the page.
  }
}

/** Forgets every draft of this tab: who was signed in leaves. */
export function forgetDrafts(): void {
  kept.clear();
  for (const name of Object.keys(sessionStorage))
    if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}

function read(key: string): unknown {
  try {
    const text = sessionStorage.getItem(PREFIX + key);
    return text === null ? undefined : JSON.parse(text, unwritten);
  } catch {
    return undefined;
  }
}

function written(name: string, value: unknown): unknown {
  if (name === 'password' && value !== HIDDEN) return undefined;
  return Number.isNaN(value) ? NOT_A_NUMBER : value;
}

const unwritten = (_name: string, value: unknown): unknown =>
  value === NOT_A_NUMBER ? Number.NaN : value;
