// Removing a pipeline: its open tickets go to another one.
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../../api/client.ts';
import { useAll } from '../../../api/queries.ts';
import { useWordsFor } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { SelectField } from '../../../components/field.tsx';
import { useMayChange } from '../../../sla/frame.tsx';
import { useRefresh } from '../../../sla/queries.ts';
import { PIPELINES } from '../types.ts';
import type { AdminPipeline } from '../types.ts';

export function RemovePipeline({ pipeline: { id, name } }: { pipeline: AdminPipeline }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const pipelines = useAll<AdminPipeline>(PIPELINES);
  const [open, setOpen] = useState(false);
  const [heir, setHeir] = useState('');
  const others = (pipelines.data ?? []).filter((one) => one.id !== id);
  const moveTicketsTo = heir === '' ? (others[0]?.id ?? '') : heir;
  const remove = useMutation({
    mutationFn: () => call('DELETE', `${PIPELINES}/${id}`, { query: { moveTicketsTo } }),
    onSuccess: async () => {
      toast.success(t('admin.removed', { name }));
      await navigate({ to: '/settings/pipelines' });
      await refresh(PIPELINES);
    },
  });
  if (useMayChange() !== true) return null;
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {t('admin.remove')}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('admin.removeTitle', { name })}
        hint={t('admin.pipelines.removeHint')}
      >
        <div className="flex flex-col gap-4">
          <SelectField
            label={t('admin.pipelines.moveTicketsTo')}
            value={moveTicketsTo}
            onChange={({ target }) => setHeir(target.value)}
          >
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </SelectField>
          {remove.isError ? (
            <p role="alert" className="text-danger">
              {words(remove.error)}
            </p>
          ) : null}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
            <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
              {t('common.remove')}
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
