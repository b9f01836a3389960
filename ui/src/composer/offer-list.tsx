// The list under the cursor. The text keeps the focus: what is chosen is told to readers of the screen by the text's own attributes.
import type { Editor } from '@tiptap/react';
import { useEffect, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/class-names.ts';
import type { OfferStore } from './suggestions.ts';

const LIST = 'offers';
const optionId = (index: number): string => `${LIST}-${index}`;

export function OfferList({
  store,
  editor,
  labels,
}: {
  store: OfferStore;
  editor: Editor;
  /** By sign: what the list is of. */
  labels: Readonly<Record<string, string>>;
}) {
  const { t } = useTranslation();
  const open = useSyncExternalStore(store.subscribe, store.get);
  const index = open === null || open.items.length === 0 ? null : open.index;
  useEffect(() => {
    // An editor that took long to appear is made anew: the effect comes again with that one.
    if (editor.isDestroyed) return;
    const text = editor.view.dom;
    if (index === null) {
      text.removeAttribute('aria-controls');
      text.removeAttribute('aria-activedescendant');
      return;
    }
    text.setAttribute('aria-controls', LIST);
    text.setAttribute('aria-activedescendant', optionId(index));
    document.querySelector(`#${optionId(index)}`)?.scrollIntoView({ block: 'nearest' });
  }, [editor, index]);
  if (open === null) return null;
  return createPortal(
    <div className="w-72 max-w-[92vw] overflow-hidden rounded-lg border border-line bg-raised shadow-xl">
      {open.items.length === 0 ? (
        <p role="status" className="px-3 py-2 text-[13px] text-soft">
          {t('common.nothingFound')}
        </p>
      ) : (
        <ul
          id={LIST}
          role="listbox"
          aria-label={labels[open.sign] ?? ''}
          className="max-h-64 overflow-y-auto p-1"
        >
          {open.items.map((item, at) => (
            <li
              key={item.id}
              id={optionId(at)}
              role="option"
              aria-selected={at === index}
              // The text must not lose the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => open.choose(item)}
              className={cx(
                'flex items-baseline gap-2 rounded-md px-2 py-1.5 max-sm:py-2.5',
                at === index ? 'bg-sunken' : 'hover:bg-sunken',
              )}
            >
              <bdi className="max-w-[70%] shrink-0 truncate">{item.label}</bdi>
              {item.hint === undefined ? null : (
                <span className="min-w-0 flex-1 truncate text-end text-xs text-soft">
                  {item.hint}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>,
    open.element,
  );
}
