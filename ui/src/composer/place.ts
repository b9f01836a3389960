// A place in the text that stays where it is while others type around it: what is fetched goes where it was asked for.
import type { Editor } from '@tiptap/react';
import type { Transaction } from '@tiptap/pm/state';

const ONE_PARAGRAPH = /^<p>((?:(?!<p[ >]).)*)<\/p>$/s;

/** Remembers where the cursor is; the answer inserts HTML there, once, or lets go of the place when there is none. */
export function holdPlace(editor: Editor, from = editor.state.selection.to) {
  let at = from;
  const move = ({ transaction }: { transaction: Transaction }): void => {
    at = transaction.mapping.map(at);
  };
  editor.on('transaction', move);
  return (html: string | null): void => {
    editor.off('transaction', move);
    if (html === null || editor.isDestroyed) return;
    // One paragraph goes on in the line that is there, several stand for themselves.
    const content = ONE_PARAGRAPH.exec(html)?.[1] ?? html;
    editor.chain().focus().insertContentAt(at, content).run();
  };
}
