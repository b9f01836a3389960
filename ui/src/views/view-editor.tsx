// Making a view: its conditions, what it would show right now, how it looks, and who sees it.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { TICKET_SORTS } from '#domain/ticket-sort.ts';
import { viewFaults } from '#domain/view-conditions.ts';
import type { ViewConditions, ViewTest } from '#domain/view-conditions.ts';
import { VIEW_COLUMNS, VIEW_LAYOUTS, VIEW_VISIBILITIES } from '#domain/view.ts';
import { call } from '../api/client.ts';
import { useTeams } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { shellStore, useShell } from '../shell/shell-store.ts';
import { ConditionRow } from './condition-row.tsx';
import { useDeleteView, useSaveView, useView } from './view-queries.ts';
import type { View, ViewDraft } from './view-queries.ts';

const close = (): void => shellStore.set({ viewEditor: null });

export function ViewEditor() {
  const { t } = useTranslation();
  const { viewEditor } = useShell();
  const view = useView(viewEditor ?? '');
  return (
    <Dialog
      wide
      open={viewEditor !== null}
      onClose={close}
      title={t(viewEditor === 'new' ? 'views.new' : 'views.edit')}
    >
      {viewEditor === null ? null : <Form key={viewEditor} view={view ?? null} />}
    </Dialog>
  );
}

/** The form's own shape: groups of comparisons, which all or any must hold. */
interface Group {
  mode: 'all' | 'any';
  tests: ViewTest[];
}
const FIRST: Group = { mode: 'all', tests: [{ field: 'category', op: 'isNot', value: 'closed' }] };

/** Reads a tree of two levels into groups; null when somebody made a deeper one by the API. */
export function groupsOf(tree: ViewConditions | null): Group[] | null {
  if (tree === null) return [FIRST];
  if ('field' in tree) return [{ mode: 'all', tests: [tree] }];
  if ('not' in tree) return null;
  const mode = 'all' in tree ? 'all' : 'any';
  const inner = 'all' in tree ? tree.all : tree.any;
  if (inner.every((one) => 'field' in one)) return [{ mode, tests: inner }];
  const groups = inner.map((one) => groupsOf(one)?.[0] ?? null);
  return mode === 'all' && groups.every((one) => one !== null) ? groups : null;
}

/** The tree of the groups. */
export function treeOf(groups: Group[]): ViewConditions {
  const trees = groups.map(({ mode, tests }): ViewConditions =>
    mode === 'all' ? { all: tests } : { any: tests },
  );
  return trees.length === 1 && trees[0] !== undefined ? trees[0] : { all: trees };
}

function Form({ view }: { view: View | null }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const navigate = useNavigate();
  const save = useSaveView(view?.id ?? null);
  const remove = useDeleteView();
  const [draft, setDraft] = useState<Omit<ViewDraft, 'conditions'>>({
    ...{ name: view?.name ?? '', sort: view?.sort ?? 'sla', layout: view?.layout ?? 'split' },
    ...{
      columns: view?.columns ?? [
        'id',
        'subject',
        'requester',
        'status',
        'priority',
        'due',
        'assignee',
        'updatedAt',
      ],
    },
    ...{
      visibility: view?.visibility ?? 'private',
      teamIds: view?.teamIds ?? [],
      groupBy: view?.groupBy ?? null,
    },
    ...(view === null ? {} : { version: view.version, position: view.position }),
  });
  const [groups, setGroups] = useState(() => groupsOf(view?.conditions ?? null));
  const change = (more: Partial<ViewDraft>): void => setDraft({ ...draft, ...more });
  const conditions = groups === null ? view?.conditions : treeOf(groups);
  const submit = (): void => {
    if (conditions === null || conditions === undefined) return;
    save.mutate(
      { ...draft, conditions },
      {
        onSuccess: (saved) => {
          close();
          toast.success(t('views.saved', { name: saved.name }));
          void navigate({ to: '/views/$viewId', params: { viewId: saved.id } });
        },
      },
    );
  };
  const drop = (): void => {
    if (view === null) return;
    remove.mutate(view.id, { onSuccess: () => void navigate({ to: '/' }) });
    close();
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextField
        required
        autoFocus
        maxLength={100}
        label={t('views.name')}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      {groups === null ? (
        <p className="text-soft">{t('views.tooDeep')}</p>
      ) : (
        <Groups groups={groups} onChange={setGroups} />
      )}
      {conditions === null || conditions === undefined ? null : <Preview conditions={conditions} />}
      <Looks draft={draft} change={change} />
      {save.isError ? (
        <p role="alert" className="text-danger">
          {words(save.error)}
        </p>
      ) : null}
      <div className="flex justify-end gap-2">
        {view === null ? null : (
          <Button kind="danger" onClick={drop} className="me-auto">
            {t('common.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('common.cancel')}</Button>
        <Button kind="primary" type="submit" busy={save.isPending}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}

type Draft = Omit<ViewDraft, 'conditions'>;

/** How the view looks and who sees it. */
function Looks({ draft, change }: { draft: Draft; change: (more: Partial<ViewDraft>) => void }) {
  const { t } = useTranslation();
  const teams = useTeams();
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-3">
        <SelectField
          label={t('list.sort')}
          value={draft.sort}
          onChange={(event) => change({ sort: event.target.value as View['sort'] })}
        >
          {TICKET_SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {t(`list.sorts.${sort}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('list.layout')}
          value={draft.layout}
          onChange={(event) => change({ layout: event.target.value as View['layout'] })}
        >
          {VIEW_LAYOUTS.map((layout) => (
            <option key={layout} value={layout}>
              {t(`list.${layout}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('views.visibility')}
          value={draft.visibility}
          onChange={(event) => change({ visibility: event.target.value as View['visibility'] })}
        >
          {VIEW_VISIBILITIES.map((one) => (
            <option key={one} value={one}>
              {t(`views.visibilities.${one}`)}
            </option>
          ))}
        </SelectField>
      </div>
      {draft.visibility === 'teams' ? (
        <Checks
          legend={t('ticket.team')}
          all={(teams.data ?? []).map(({ id, name }) => ({ id, label: name }))}
          chosen={draft.teamIds ?? []}
          onChange={(teamIds) => change({ teamIds })}
        />
      ) : null}
      {draft.layout === 'table' ? (
        <Checks
          legend={t('views.columns')}
          all={VIEW_COLUMNS.map((id) => ({ id, label: t(`views.columnNames.${id}`) }))}
          chosen={draft.columns ?? []}
          onChange={(columns) => change({ columns: columns as View['columns'] })}
        />
      ) : null}
    </>
  );
}

function Groups({ groups, onChange }: { groups: Group[]; onChange: (groups: Group[]) => void }) {
  const { t } = useTranslation();
  const set = (index: number, group: Group | null): void =>
    onChange(groups.flatMap((one, at) => (at !== index ? [one] : group === null ? [] : [group])));
  return (
    <div className="flex flex-col gap-2">
      {groups.map((group, index) => (
        <fieldset
          key={index}
          className="flex flex-col gap-2 rounded-lg border border-line bg-sunken p-3"
        >
          <legend className="sr-only">{t('views.conditions')}</legend>
          <label className="flex items-center gap-2 text-[13px] text-soft">
            <select
              value={group.mode}
              aria-label={t('views.mode')}
              onChange={(event) =>
                set(index, { ...group, mode: event.target.value as Group['mode'] })
              }
              className="h-7 rounded-md border border-line bg-raised px-1"
            >
              <option value="all">{t('views.all')}</option>
              <option value="any">{t('views.any')}</option>
            </select>
            {t('views.mustHold')}
          </label>
          {group.tests.map((test, at) => (
            <ConditionRow
              key={at}
              test={test}
              onChange={(next) =>
                set(index, {
                  ...group,
                  tests: group.tests.map((one, other) => (other === at ? next : one)),
                })
              }
              onRemove={() => {
                const tests = group.tests.filter((_one, other) => other !== at);
                set(index, tests.length === 0 && groups.length > 1 ? null : { ...group, tests });
              }}
            />
          ))}
          <Button
            small
            kind="ghost"
            className="self-start"
            onClick={() =>
              set(index, {
                ...group,
                tests: [...group.tests, { field: 'priority', op: 'is', value: 'high' }],
              })
            }
          >
            <Plus size={14} aria-hidden="true" /> {t('views.addCondition')}
          </Button>
        </fieldset>
      ))}
      <Button
        small
        kind="ghost"
        className="self-start"
        onClick={() =>
          onChange([
            ...groups,
            { mode: 'any', tests: [{ field: 'priority', op: 'is', value: 'high' }] },
          ])
        }
      >
        <Plus size={14} aria-hidden="true" /> {t('views.addGroup')}
      </Button>
    </div>
  );
}

function Checks({
  legend,
  all,
  chosen,
  onChange,
}: {
  legend: string;
  all: { id: string; label: string }[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  return (
    <fieldset>
      <legend className="mb-1 text-[13px] font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {all.map(({ id, label }) => (
          <label key={id} className="inline-flex items-center gap-1.5">
            <input
              type="checkbox"
              className="size-4 accent-[var(--accent)]"
              checked={chosen.includes(id)}
              onChange={() =>
                onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
              }
            />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** What the conditions hold for right now, before anything is saved. */
function Preview({ conditions }: { conditions: ViewConditions }) {
  const { t } = useTranslation();
  const asked = useDeferredValue(conditions);
  const good = viewFaults(asked).length === 0;
  const found = useQuery({
    queryKey: ['view-preview', asked],
    queryFn: ({ signal }) =>
      call<{ count: number | null; capped: boolean; items: Ticket[] }>(
        'POST',
        '/api/v1/views/preview',
        {
          ...{ body: { conditions: asked, limit: 4 }, signal },
        },
      ),
    enabled: good,
    placeholderData: (before) => before,
  });
  if (!good || found.data === undefined)
    return <p className="text-[13px] text-soft">{t('views.notYet')}</p>;
  return (
    <div className="rounded-lg border border-line px-3 py-2 text-[13px]">
      <p className="font-medium" role="status">
        {t('views.wouldShow', { count: found.data.count ?? 0, more: found.data.capped ? '+' : '' })}
      </p>
      <ul className="text-soft">
        {found.data.items.map((ticket) => (
          <li key={ticket.id} className="truncate">
            #{ticket.id} <bdi>{ticket.subject}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}
