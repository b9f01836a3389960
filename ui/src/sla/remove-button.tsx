// Deleting something of the settings, after one question.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import type { Permission } from '#domain/permissions.ts';
import { call } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useMayChange } from './frame.tsx';
import { useRefresh } from './queries.ts';

export function RemoveButton({
  path,
  id,
  name,
  hint,
  needs,
  query,
  children,
  onRemoved,
}: {
  path: string;
  id: string;
  name: string;
  hint: string;
  needs?: Permission;
  /** What the deletion is told besides. */
  query?: Record<string, string>;
  /** What is to be chosen before. */
  children?: ReactNode;
  onRemoved: () => void;
}) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const refresh = useRefresh();
  const [open, setOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => call('DELETE', `${path}/${id}`, query === undefined ? {} : { query }),
    onSuccess: () => {
      toast.success(t('slaAdmin.removed', { name }));
      onRemoved();
      void refresh(path);
    },
  });
  if (useMayChange(needs) !== true) return null;
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {t('slaAdmin.remove')}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('slaAdmin.removeTitle', { name })}
        hint={hint}
      >
        {children}
        {remove.isError ? (
          <p role="alert" className="mb-3 text-danger">
            {words(remove.error)}
          </p>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {t('slaAdmin.removeNow')}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
