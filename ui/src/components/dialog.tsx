// A dialog: on a phone it comes from below and takes the width.
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/class-names.ts';

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** One sentence under the title. */
  hint?: string;
  wide?: boolean;
  children: ReactNode;
}

export function Dialog({ open, onClose, title, hint, wide, children }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Base.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Base.Popup
          className={cx(
            'appear fixed z-50 flex max-h-[90dvh] flex-col rounded-xl border border-line bg-raised shadow-2xl',
            'inset-x-0 bottom-0 max-sm:rounded-b-none sm:inset-auto sm:top-[12vh] sm:left-1/2 sm:-translate-x-1/2',
            wide === true ? 'sm:w-[min(52rem,94vw)]' : 'sm:w-[min(30rem,94vw)]',
          )}
        >
          <div className="flex items-start gap-3 px-5 pt-4 pb-2">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {hint === undefined ? null : (
                <Base.Description className="mt-0.5 text-soft">{hint}</Base.Description>
              )}
            </div>
            <Base.Close
              aria-label={t('common.close')}
              className="-mr-2 inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-sunken"
            >
              <X size={16} aria-hidden="true" />
            </Base.Close>
          </div>
          <div className="overflow-y-auto px-5 pt-2 pb-5">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
