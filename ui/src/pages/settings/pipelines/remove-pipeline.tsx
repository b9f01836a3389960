// Removing a pipeline: its open tickets go to another one.
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAll } from '../../../api/queries.ts';
import { SelectField } from '../../../components/field.tsx';
import { RemoveButton } from '../../../sla/remove-button.tsx';
import { PIPELINES } from '../types.ts';
import type { AdminPipeline } from '../types.ts';

export function RemovePipeline({ pipeline: { id, name } }: { pipeline: AdminPipeline }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const pipelines = useAll<AdminPipeline>(PIPELINES);
  const [heir, setHeir] = useState('');
  const others = (pipelines.data ?? []).filter((one) => one.id !== id);
  const moveTicketsTo = heir === '' ? (others[0]?.id ?? '') : heir;
  return (
    <RemoveButton
      {...{ path: PIPELINES, id, name, needs: 'settings.desk', query: { moveTicketsTo } }}
      hint={t('admin.pipelines.removeHint')}
      onRemoved={() => void navigate({ to: '/settings/pipelines' })}
    >
      <div className="mb-4">
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
      </div>
    </RemoveButton>
  );
}
