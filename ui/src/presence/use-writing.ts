// Whether somebody writes in a part of the page, whatever editor is in there.
import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

const LOOK_MS = 1_000;
/** Whoever thinks for longer than this does not type. */
const PAUSE_MS = 15_000;

export interface Writing {
  /** Around the editor. */
  ref: RefObject<HTMLDivElement | null>;
  onInput: () => void;
  /** Keys have fallen a moment ago, and what was written is not sent. */
  typing: boolean;
  /** There are words that are not sent. */
  hasWords: boolean;
}

/** Watches the editors within an element. A sent or taken up text makes no input event, so that it is looked at each second as well. */
export function useWriting(): Writing {
  const ref = useRef<HTMLDivElement>(null);
  const typedAtMs = useRef(Number.NEGATIVE_INFINITY);
  const [hasWords, setHasWords] = useState(false);
  const [typing, setTyping] = useState(false);
  const look = (): void => {
    const words = hasWordsIn(ref.current);
    setHasWords(words);
    setTyping(words && performance.now() - typedAtMs.current < PAUSE_MS);
  };
  useEffect(() => {
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const onInput = (): void => {
    typedAtMs.current = performance.now();
    look();
  };
  return { ref, onInput, typing, hasWords };
}

function hasWordsIn(element: Element | null): boolean {
  const editors = element?.querySelectorAll('[contenteditable="true"]') ?? [];
  return [...editors].some(({ textContent }) => textContent.trim() !== '');
}
