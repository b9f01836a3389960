// Words that are written once and used often: as plain as a mail, with placeholders to put in.
import { EditorContent, useEditor } from '@tiptap/react';
import StarterKit from '@tiptap/starter-kit';
import { Braces } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PLACEHOLDERS } from '#domain/placeholders.ts';
import { IconButton } from '../components/button.tsx';
import { Picker } from '../components/picker.tsx';
import { cx } from '../lib/class-names.ts';
import { FormatButtons } from './format-buttons.tsx';

/** The same words twice: as HTML, and as they read without it. */
export interface RichWords {
  html: string;
  text: string;
}

export function RichText({
  label,
  html,
  disabled = false,
  onChange,
}: {
  label: string;
  html: string;
  disabled?: boolean;
  onChange: (words: RichWords) => void;
}) {
  const { t } = useTranslation();
  const written = useRef(html);
  const now = useRef(onChange);
  now.current = onChange;
  const editor = useEditor({
    extensions: [StarterKit.configure({ link: { openOnClick: false } })],
    content: html,
    editable: !disabled,
    editorProps: {
      attributes: { 'aria-label': label, role: 'textbox', 'aria-multiline': 'true', dir: 'auto' },
    },
    onUpdate: ({ editor: one }) => {
      written.current = one.isEmpty ? '' : one.getHTML();
      now.current({ html: written.current, text: one.getText({ blockSeparator: '\n' }).trim() });
    },
  });
  useEffect(() => {
    if (editor.isDestroyed) return;
    if (html !== written.current) editor.commands.setContent(html, { emitUpdate: false });
    written.current = html;
    if (editor.isEditable === disabled) editor.setEditable(!disabled, false);
  }, [editor, html, disabled]);
  return (
    <div className={cx('rounded-md border border-line bg-raised', disabled && 'opacity-60')}>
      <EditorContent editor={editor} className="max-h-80 overflow-y-auto px-3 py-2" />
      {disabled ? null : (
        <div className="flex items-center border-t border-line px-1 py-0.5">
          <FormatButtons editor={editor} />
          <Picker
            label={t('canned.insert')}
            chosen={[]}
            choices={PLACEHOLDERS.map((one) => ({ id: one, label: `{{${one}}}` }))}
            onChoose={(one) => void editor.chain().focus().insertContent(`{{${one}}}`).run()}
            trigger={
              <IconButton label={t('canned.insert')}>
                <Braces size={15} aria-hidden="true" />
              </IconButton>
            }
          />
        </div>
      )}
    </div>
  );
}
