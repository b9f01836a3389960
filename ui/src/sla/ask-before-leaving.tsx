// Asks before somebody leaves an editor whose changes are not saved: stay, keep them as a draft, or drop them.
import { useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';

export function AskBeforeLeaving({
  isUnsaved,
  onDrop,
  within,
}: {
  /** Asked at the moment of leaving: a save that has just ended leaves nothing behind. */
  isUnsaved: () => boolean;
  onDrop: () => void;
  /** Pages that show the same draft begin with this address. */
  within?: string;
}) {
  const { t } = useTranslation();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const stays =
        next.pathname === current.pathname ||
        (within !== undefined && next.pathname.startsWith(within));
      // Who has signed out cannot come back to it.
      return !stays && next.pathname !== '/sign-in' && isUnsaved();
    },
    enableBeforeUnload: isUnsaved,
    withResolver: true,
  });
  const stay = (): void => blocker.reset?.();
  return (
    <Dialog
      open={blocker.status === 'blocked'}
      onClose={stay}
      title={t('access.leaving.title')}
      hint={t('access.leaving.hint')}
    >
      <div className="flex flex-wrap justify-end gap-2">
        <Button
          kind="danger"
          onClick={() => {
            onDrop();
            blocker.proceed?.();
          }}
        >
          {t('access.leaving.drop')}
        </Button>
        <Button onClick={() => blocker.proceed?.()}>{t('access.leaving.keep')}</Button>
        <Button kind="primary" onClick={stay}>
          {t('access.leaving.stay')}
        </Button>
      </div>
    </Dialog>
  );
}
