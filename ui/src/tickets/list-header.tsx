// Above the list: what it shows, searching in it, its order and form; and what can be done to the chosen ones.
import { useNavigate } from '@tanstack/react-router';
import {
  ArrowDownUp,
  Columns3,
  List,
  Menu as MenuIcon,
  Pencil,
  Pin,
  Rows3,
  Rows4,
  X,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '../api/types.ts';
import { IconButton } from '../components/button.tsx';
import { Menu } from '../components/menu.tsx';
import type { InboxSearch } from '../lib/inbox-search.ts';
import { Bell } from '../notices/bell.tsx';
import { shellStore, useShell } from '../shell/shell-store.ts';
import type { Layout } from '../shell/shell-store.ts';
import { chooseLayout, useLayoutOf } from '../views/use-layout.ts';
import { usePinView, useView } from '../views/view-queries.ts';
import type { View } from '../views/view-queries.ts';
import { BulkBar } from './bulk-bar.tsx';
import type { Selection } from './selection.ts';

const LAYOUT_ICONS = { split: List, table: Rows3, board: Columns3 };
const SORTS = ['sla', '-priority', '-updatedAt', 'updatedAt', '-createdAt', 'createdAt'] as const;
const TYPING_MS = 180;

export interface ListHeaderProps {
  viewId: string;
  search: InboxSearch;
  selection: Selection;
  items: Ticket[];
}

export function ListHeader({ viewId, search, selection, items }: ListHeaderProps) {
  const { t, i18n } = useTranslation();
  const { dense } = useShell();
  const layout = useLayoutOf(viewId);
  const view = useView(viewId);
  const navigate = useNavigate();
  const go = (next: InboxSearch): void =>
    void navigate({ to: '/views/$viewId', params: { viewId }, search: next, replace: true });
  const name =
    view?.kind !== 'custom' && i18n.exists(`views.${viewId}`)
      ? t(`views.${viewId}` as 'views.search')
      : (view?.name ?? '');
  if (selection.ids.size > 0) return <BulkBar selection={selection} items={items} />;
  return (
    <header className="flex flex-col gap-2 border-b border-line px-3 py-2">
      <div className="flex items-center gap-0.5">
        <IconButton
          label={t('nav.menu')}
          className="md:hidden"
          onClick={() => shellStore.set({ railOpen: true })}
        >
          <MenuIcon size={18} aria-hidden="true" />
        </IconButton>
        <h1 className="min-w-0 flex-1 truncate text-[15px] font-semibold">
          <bdi>{name}</bdi>
        </h1>
        <Bell phone />
        {view === undefined ? null : <ViewButtons view={view} />}
        <Menu
          trigger={
            <IconButton label={t('list.sort')}>
              <ArrowDownUp size={15} aria-hidden="true" />
            </IconButton>
          }
          items={SORTS.map((sort) => ({
            label: t(`list.sorts.${sort}`),
            act: () => go({ ...search, sort }),
          }))}
        />
        <IconButton
          label={t('list.density')}
          pressed={dense}
          onClick={() => shellStore.set({ dense: !dense })}
          className="max-md:hidden"
        >
          <Rows4 size={15} aria-hidden="true" />
        </IconButton>
        {(Object.keys(LAYOUT_ICONS) as Layout[]).map((one) => {
          const Icon = LAYOUT_ICONS[one];
          return (
            <IconButton
              key={one}
              label={t(`list.${one}`)}
              pressed={layout === one}
              onClick={() => chooseLayout(viewId, one)}
              className="max-md:hidden"
            >
              <Icon size={15} aria-hidden="true" />
            </IconButton>
          );
        })}
      </div>
      <SearchBox
        key={viewId}
        text={search.q ?? ''}
        onText={(q) => go(q === '' ? omit(search) : { ...search, q })}
      />
    </header>
  );
}

function ViewButtons({ view }: { view: View }) {
  const { t } = useTranslation();
  const pin = usePinView();
  return (
    <>
      {view.editable ? (
        <IconButton label={t('views.edit')} onClick={() => shellStore.set({ viewEditor: view.id })}>
          <Pencil size={14} aria-hidden="true" />
        </IconButton>
      ) : null}
      <IconButton
        label={t('views.pin')}
        pressed={view.pinned}
        className="max-md:hidden"
        onClick={() => pin.mutate({ id: view.id, pinned: !view.pinned })}
      >
        <Pin size={14} aria-hidden="true" />
      </IconButton>
    </>
  );
}

const omit = ({ q: _q, ...rest }: InboxSearch): InboxSearch => rest;

function SearchBox({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => onText(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative">
      <input
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={t('list.filter')}
        aria-label={t('list.filter')}
        className="h-8 w-full rounded-md border border-line bg-raised px-2.5 max-md:h-10 max-md:text-base [&::-webkit-search-cancel-button]:hidden"
      />
      {typed === '' ? null : (
        <button
          type="button"
          aria-label={t('common.remove')}
          onClick={() => setTyped('')}
          className="absolute end-2 top-1/2 -translate-y-1/2 text-soft"
        >
          <X size={14} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
