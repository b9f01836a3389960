// Keys of the workspace: single keys and pairs ("g u"), silent while somebody types, listed for the help sheet.
import { useEffect } from 'react';

/** One shortcut: its keys as Kbd shows them, and what it does in words. */
export interface Shortcut {
  keys: string;
  label: string;
  group: string;
  act: () => void;
  /** Works while typing too (those with a modifier). */
  always?: boolean;
}

const PAIR_MS = 900;
const active = new Map<string, Shortcut[]>();
let prefix = '';
let prefixAtMs = 0;

/** All shortcuts that work right now. */
export function activeShortcuts(): Shortcut[] {
  const byKeys = new Map([...active.values()].flat().map((one) => [one.keys, one]));
  return [...byKeys.values()];
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase().replace('arrow', '');
  return `${event.metaKey || event.ctrlKey ? 'mod+' : ''}${event.shiftKey && key.length > 1 ? 'shift+' : ''}${key}`;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
      target.closest('[role="dialog"],[role="menu"]') !== null)
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOf(event);
  const pair = Date.now() - prefixAtMs < PAIR_MS ? `${prefix} ${name}` : '';
  const typing = isTyping(event.target);
  const all = activeShortcuts().filter((one) => !typing || one.always === true);
  const hit = all.find((one) => one.keys === pair) ?? all.find((one) => one.keys === name);
  prefix = '';
  if (hit !== undefined) {
    event.preventDefault();
    event.stopPropagation();
    hit.act();
  } else if (!typing && all.some((one) => one.keys.startsWith(`${name} `))) {
    prefix = name;
    prefixAtMs = Date.now();
  }
}

let listening = false;

/** Makes shortcuts work while the component is there; the later of two with the same keys wins. */
export function useShortcuts(owner: string, shortcuts: Shortcut[]): void {
  useEffect(() => {
    if (!listening) {
      // First of all: the editor would take Ctrl+Enter for a line of its own.
      document.addEventListener('keydown', onKey, true);
      listening = true;
    }
    active.delete(owner);
    active.set(owner, shortcuts);
    return () => {
      if (active.get(owner) === shortcuts) active.delete(owner);
    };
  });
}
