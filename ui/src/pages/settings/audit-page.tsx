// The audit log: who changed what and when, from what to what; filtered, and exported whole.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { usePeople } from '../../api/queries.ts';
import type { Page } from '../../api/types.ts';
import { Badge, Empty, Failure, Skeleton } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { at, exact } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { SettingsFrame } from '../../sla/frame.tsx';
import { fetchNext, fetchNextWhenIdle } from '../../lib/more-pages.ts';
import { FieldChanges } from './parts/field-changes.tsx';
import type { AuditChange } from './parts/field-changes.tsx';
import { PLAIN_LINK } from './parts/rows.ts';

const KINDS = [
  ...([
    'routingRule',
    'team',
    'teamMember',
    'user',
    'role',
    'outOfOffice',
    'channel',
    'slaPolicy',
  ] as const),
  ...(['calendar', 'pipeline', 'pipelineStatus', 'settings', 'apiKey', 'view'] as const),
];
const PAGE = 100;
interface Filter {
  userId: string;
  subjectKind: string;
  from: string;
  to: string;
}

export function AuditPage() {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<Filter>({ userId: '', subjectKind: '', from: '', to: '' });
  const { list, items } = useChanges(filter);
  return (
    <SettingsFrame
      needs="audit.view"
      title={t('admin.pages.auditLog')}
      hint={t('admin.hints.auditLog')}
      acts={
        <a href="/api/v1/audit-log/export" download="audit-log.ndjson" className={PLAIN_LINK}>
          <Download size={15} aria-hidden="true" />
          {t('admin.audit.export')}
        </a>
      }
    >
      <Filters filter={filter} onChange={setFilter} />
      {list.isError ? <Failure error={list.error} again={() => void list.refetch()} /> : null}
      {list.isPending || (list.isFetching && items.length === 0) ? <Skeleton lines={6} /> : null}
      {list.data !== undefined && !list.isFetching && items.length === 0 ? (
        <Empty title={t('admin.audit.none')} />
      ) : null}
      <ul className="flex flex-col divide-y divide-line rounded-lg border border-line bg-raised empty:hidden">
        {items.map((one) => (
          <ChangeRow key={one.id} change={one} />
        ))}
      </ul>
      {list.hasNextPage && items.length > 0 ? (
        <Button
          className="self-center"
          busy={list.isFetchingNextPage}
          onClick={() => void fetchNext(list)}
        >
          {t('admin.showMore')}
        </Button>
      ) : null}
    </SettingsFrame>
  );
}

/** Changes that fit, newest first. Days are the reader's own; the desk filters the rest. */
function useChanges({ userId, subjectKind, from, to }: Filter) {
  const list = useInfiniteQuery({
    queryKey: ['audit-log', userId, subjectKind],
    queryFn: ({ pageParam }) =>
      call<Page<AuditChange>>('GET', '/api/v1/audit-log', {
        query: { userId, subjectKind, limit: PAGE, cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    staleTime: 0,
  });
  const all = list.data?.pages.flatMap((page) => page.items) ?? [];
  const fromMs = from === '' ? -Infinity : Date.parse(`${from}T00:00`);
  const toMs = to === '' ? Infinity : Date.parse(`${to}T00:00`) + 86_400_000;
  const items = all.filter((one) => Date.parse(one.at) >= fromMs && Date.parse(one.at) < toMs);
  const oldestMs = Date.parse(all.at(-1)?.at ?? '');
  // A day further back than what is loaded: walked to, page by page, and no further than its beginning.
  const { hasNextPage, isFetching } = list;
  const wanted = items.length < PAGE / 2 && oldestMs >= fromMs && toMs < Infinity;
  useEffect(() => {
    if (wanted) fetchNextWhenIdle(list);
  }, [wanted, hasNextPage, isFetching]);
  return { list, items };
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const people = usePeople();
  const set = (more: Partial<Filter>): void => onChange({ ...filter, ...more });
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      <SelectField
        label={t('admin.audit.who')}
        value={filter.userId}
        onChange={({ target }) => set({ userId: target.value })}
      >
        <option value="">{t('admin.audit.everybody')}</option>
        {(people.data ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('admin.audit.what')}
        value={filter.subjectKind}
        onChange={({ target }) => set({ subjectKind: target.value })}
      >
        <option value="">{t('admin.audit.everything')}</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {t(`admin.audit.kinds.${kind}`)}
          </option>
        ))}
      </SelectField>
      <TextField
        type="date"
        label={t('admin.audit.fromDay')}
        value={filter.from}
        onChange={({ target }) => set({ from: target.value })}
      />
      <TextField
        type="date"
        label={t('admin.audit.toDay')}
        value={filter.to}
        onChange={({ target }) => set({ to: target.value })}
      />
    </div>
  );
}

const TONES = { created: 'good', changed: 'accent', removed: 'danger' } as const;

function ChangeRow({ change }: { change: AuditChange }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const { actor, changes, action } = change;
  const kind = KINDS.find((one) => one === change.subjectKind);
  const name = nameOf(change);
  return (
    <li>
      <details className="group">
        <summary className="flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 hover:bg-sunken">
          <span className="w-18">
            <Badge tone={TONES[action]}>{t(`admin.audit.actions.${action}`)}</Badge>
          </span>
          <span className="min-w-0 flex-1 basis-48">
            <span className="font-medium">
              {kind === undefined ? change.subjectKind : t(`admin.audit.kinds.${kind}`)}
            </span>{' '}
            {name === null ? null : <bdi className="break-words">{name}</bdi>}
            <span className="block truncate text-[13px] text-soft">
              {action === 'changed'
                ? changes.map(({ field }) => field).join(', ')
                : t('admin.audit.fields', { count: changes.length })}
            </span>
          </span>
          <span className="text-[13px] text-soft" title={exact(change.at, i18n.language)}>
            {actor.name ?? t('admin.audit.system')} · {at(change.at, nowMs, i18n.language)}
          </span>
        </summary>
        <div className="border-t border-line bg-sunken px-3 py-2">
          <FieldChanges changes={changes} names={change.names} />
          {actor.requestId === null ? null : (
            <p className="mt-2 text-xs break-all text-soft">
              {t('admin.audit.details', { id: actor.requestId, address: actor.address ?? '?' })}
            </p>
          )}
        </div>
      </details>
    </li>
  );
}

/** What a changed thing is called: now, or by the change itself when it is gone. */
function nameOf({ subjectName, changes }: AuditChange): string | null {
  if (subjectName !== null) return subjectName;
  const name = changes.find(({ field }) => field === 'name');
  const told = name?.after ?? name?.before;
  return typeof told === 'string' ? told : null;
}
