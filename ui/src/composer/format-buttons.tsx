// How words look: the few ways that every mail program shows.
import type { Editor } from '@tiptap/react';
import { Bold, Italic, List } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../components/button.tsx';

export function FormatButtons({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  return (
    <>
      <IconButton
        label={t('composer.bold')}
        keys="mod+b"
        onClick={() => editor.chain().focus().toggleBold().run()}
      >
        <Bold size={15} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={t('composer.italic')}
        keys="mod+i"
        onClick={() => editor.chain().focus().toggleItalic().run()}
      >
        <Italic size={15} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={t('composer.list')}
        onClick={() => editor.chain().focus().toggleBulletList().run()}
      >
        <List size={15} aria-hidden="true" />
      </IconButton>
    </>
  );
}
