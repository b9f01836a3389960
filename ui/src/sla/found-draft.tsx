// Says that what is shown was typed before and never saved, with the way back to what is saved.
import { useTranslation } from 'react-i18next';
import { Button } from '../components/button.tsx';

export function FoundDraft({
  shown,
  note,
  onDrop,
}: {
  shown: boolean;
  /** What of it was not kept. */
  note?: string;
  onDrop: () => void;
}) {
  const { t } = useTranslation();
  if (!shown) return null;
  return (
    <p role="status" className="rounded-lg bg-note-tint p-3">
      {t('slaAdmin.foundDraft')} {note === undefined ? null : `${note} `}
      <Button small onClick={onDrop}>
        {t('slaAdmin.dropDraft')}
      </Button>
    </p>
  );
}
