// The button of the canned replies: the same as "/" in the text, with a search of its own.
import { MessageSquareText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { IconButton } from '../components/button.tsx';
import { Picker } from '../components/picker.tsx';
import { fitsIn } from './canned.ts';
import { cannedQuery, fittingFirst, recommendedQuery, wordsOf } from './canned-replies.ts';

interface CannedButtonProps {
  ticketId: number;
  onChoose: (id: string) => void;
}

export function CannedButton({ ticketId, onChoose }: CannedButtonProps) {
  const { t } = useTranslation();
  // Not before: most tickets are opened only to be read.
  const [open, setOpen] = useState(false);
  const replies = useQuery({ ...cannedQuery, enabled: open });
  const recommended = useQuery({ ...recommendedQuery(ticketId), enabled: open });
  return (
    <Picker
      label={t('composer.canned')}
      chosen={[]}
      onOpenChange={setOpen}
      onChoose={onChoose}
      choices={fittingFirst(replies.data ?? [], recommended.data ?? []).map((one) => ({
        ...{ id: one.id, label: one.name, words: `${wordsOf(one)} ${one.body.slice(0, 200)}` },
        ...(one.fits !== undefined
          ? { hint: fitsIn(one.fits) }
          : one.shortcut === null
            ? {}
            : { hint: `/${one.shortcut}` }),
      }))}
      trigger={
        <IconButton label={t('composer.canned')} keys="/">
          <MessageSquareText size={15} aria-hidden="true" />
        </IconButton>
      }
    />
  );
}
