// Saves an order of policies: one new version for each whose place has to change, each only if nobody saved it meanwhile.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';
import { newPlaces } from './order.ts';
import { POLICIES } from './types.ts';
import type { Policy } from './types.ts';

export function useSaveOrder(onSaved: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const words = useWordsFor();
  return useMutation({
    mutationFn: async (order: readonly Policy[]) => {
      for (const { id, position } of newPlaces(order)) {
        const policy = order.find((one) => one.id === id);
        if (policy === undefined) continue;
        const { id: _id, version, savedAt: _savedAt, ...content } = policy;
        await call<Policy>('PUT', `${POLICIES}/${id}`, {
          body: { ...content, position, reason: t('slaAdmin.orderReason') },
          ifMatch: version,
        });
      }
    },
    onSuccess: () => toast.success(t('slaAdmin.orderSaved')),
    onError: (error) => toast.error(words(error)),
    onSettled: async (_data, error) => {
      await client.invalidateQueries({ queryKey: ['all', POLICIES] });
      await client.invalidateQueries({ queryKey: ['versions', POLICIES] });
      if (error === null) onSaved();
    },
  });
}
