// Somebody saved the same thing meanwhile: who and what, by the audit log; both ways on keep what was typed until it is chosen against.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client.ts';
import type { Page } from '../../../api/types.ts';
import { Button } from '../../../components/button.tsx';
import { at } from '../../../lib/time.ts';
import { useSlowNow } from '../../../lib/use-now.ts';
import { FieldChanges } from './field-changes.tsx';
import type { AuditChange } from './field-changes.tsx';

export function Meanwhile({
  kind,
  id,
  path,
  onMine,
  onTheirs,
}: {
  kind: string;
  id: string;
  path: string;
  onMine: (present: number) => void;
  onTheirs: () => void;
}) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const last = useQuery({
    queryKey: ['meanwhile', kind, id],
    queryFn: () =>
      call<Page<AuditChange>>('GET', '/api/v1/audit-log', {
        query: { subjectKind: kind, subjectId: id, limit: 1 },
      }),
    staleTime: 0,
  });
  const mine = useMutation({
    mutationFn: () => call<{ version: number }>('GET', `${path}/${id}`),
    onSuccess: ({ version }) => onMine(version),
  });
  const [change] = last.data?.items ?? [];
  return (
    <div
      role="alert"
      className="flex flex-col gap-2 rounded-lg border border-line bg-warn-tint p-4 text-warn"
    >
      <p className="font-medium">
        {t('admin.meanwhile', {
          who: change?.actor.name ?? t('admin.somebody'),
          at: change === undefined ? '…' : at(change.at, nowMs, i18n.language),
        })}
      </p>
      {change === undefined ? null : (
        <div className="rounded bg-raised p-3 text-ink">
          <FieldChanges changes={change.changes} />
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button busy={mine.isPending} onClick={() => mine.mutate()}>
          {t('admin.meanwhileMine')}
        </Button>
        <Button onClick={onTheirs}>{t('admin.meanwhileTheirs')}</Button>
      </div>
    </div>
  );
}
