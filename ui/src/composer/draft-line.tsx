// How the draft stands: a quiet word while all is well; both texts when two devices wrote at once.
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { Button } from '../components/button.tsx';
import type { DraftKeeper } from './draft-keeper.ts';
import { useDraftState } from './drafts.ts';

/** Where the draft is. */
export function DraftWord({ keeper }: { keeper: DraftKeeper }) {
  const { t } = useTranslation();
  const { stands, dirty } = useDraftState(keeper);
  const word =
    stands === 'device' ? t('composer.keptHere') : stands === 'saved' ? t('composer.saved') : '';
  return (
    <span data-testid="draft-word" data-dirty={dirty} className="px-1.5 text-xs text-soft">
      {word}
    </span>
  );
}

const SHOWN = 400;
const BACK_MS = 20_000;

/** What was written elsewhere meanwhile, and the three ways on. */
export function DraftClash({ keeper }: { keeper: DraftKeeper }) {
  const { t } = useTranslation();
  const { theirs } = useDraftState(keeper);
  if (theirs === null) return null;
  const { text, html } = theirs.content;
  const choose = (way: 'mine' | 'theirs' | 'both'): void => {
    const other = keeper.choose(way);
    if (other === null) return;
    toast.success(t('composer.clash.chosen'), {
      duration: BACK_MS,
      action: { label: t('composer.clash.putBack'), onClick: () => keeper.restore(other) },
    });
  };
  return (
    <div
      role="alert"
      className="mb-2 flex flex-col gap-2 rounded-lg border border-line bg-warn-tint p-3 text-[13px] text-warn"
    >
      <p className="font-medium">{t('composer.clash.title')}</p>
      <p
        dir="auto"
        className="max-h-24 overflow-y-auto rounded bg-raised px-2 py-1 break-words whitespace-pre-line text-ink"
      >
        {text === '' && html !== '' ? t('composer.clash.picture') : text.slice(0, SHOWN)}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button small kind="primary" onClick={() => choose('both')}>
          {t('composer.clash.both')}
        </Button>
        <Button small onClick={() => choose('theirs')}>
          {t('composer.clash.theirs')}
        </Button>
        <Button small onClick={() => choose('mine')}>
          {t('composer.clash.mine')}
        </Button>
      </div>
    </div>
  );
}
