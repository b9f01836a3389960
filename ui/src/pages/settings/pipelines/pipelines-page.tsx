// The pipelines, each with its statuses in order.
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useAll } from '../../../api/queries.ts';
import { Badge, Failure, Skeleton } from '../../../components/bits.tsx';
import { SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { PRIMARY_LINK, ROW } from '../parts/rows.ts';
import { PIPELINES } from '../types.ts';
import type { AdminPipeline } from '../types.ts';

const TONES = { new: 'accent', open: 'good', waiting: 'warn', closed: 'neutral' } as const;

export function PipelinesPage() {
  const { t } = useTranslation();
  const pipelines = useAll<AdminPipeline>(PIPELINES);
  const mayChange = useMayChange() === true;
  return (
    <SettingsFrame
      title={t('admin.pages.pipelines')}
      hint={t('admin.hints.pipelines')}
      acts={
        mayChange ? (
          <Link
            to="/settings/pipelines/$pipelineId"
            params={{ pipelineId: 'new' }}
            className={PRIMARY_LINK}
          >
            <Plus size={15} aria-hidden="true" />
            {t('admin.pipelines.new')}
          </Link>
        ) : null
      }
    >
      {pipelines.isError ? (
        <Failure error={pipelines.error} again={() => void pipelines.refetch()} />
      ) : null}
      {pipelines.isPending ? <Skeleton /> : null}
      <ul className="flex flex-col gap-2">
        {(pipelines.data ?? []).map((pipeline) => (
          <li key={pipeline.id}>
            <Link
              to="/settings/pipelines/$pipelineId"
              params={{ pipelineId: pipeline.id }}
              className={ROW}
            >
              <span className="min-w-0 flex-1 basis-44">
                <bdi className="block font-medium break-words">{pipeline.name}</bdi>
                <span className="block text-[13px] text-soft">
                  {t('admin.pipelines.statusCount', { count: pipeline.statuses.length })}
                </span>
              </span>
              <span className="flex flex-wrap gap-1">
                {pipeline.statuses.map(({ id, name, category }) => (
                  <Badge key={id} tone={TONES[category]}>
                    {name}
                  </Badge>
                ))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </SettingsFrame>
  );
}
