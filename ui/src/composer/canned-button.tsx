// The button of the canned replies: the same as "/" in the text, with a search of its own.
import { MessageSquareText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { IconButton } from '../components/button.tsx';
import { Picker } from '../components/picker.tsx';
import { cannedQuery, wordsOf } from './canned-replies.ts';

export function CannedButton({ onChoose }: { onChoose: (id: string) => void }) {
  const { t } = useTranslation();
  const replies = useQuery(cannedQuery);
  return (
    <Picker
      label={t('composer.canned')}
      chosen={[]}
      onChoose={onChoose}
      choices={(replies.data ?? []).map((one) => ({
        ...{ id: one.id, label: one.name, words: `${wordsOf(one)} ${one.body.slice(0, 200)}` },
        ...(one.shortcut === null ? {} : { hint: `/${one.shortcut}` }),
      }))}
      trigger={
        <IconButton label={t('composer.canned')} keys="/">
          <MessageSquareText size={15} aria-hidden="true" />
        </IconButton>
      }
    />
  );
}
