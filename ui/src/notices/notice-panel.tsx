// The notices, newest first, beside the rail: what happened to one's tickets, opened by Enter and marked as read by E.
import { Dialog as Base } from '@base-ui/react/dialog';
import { Link } from '@tanstack/react-router';
import { CheckCheck, Settings2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Notice } from '../api/types.ts';
import { Empty, Failure, Skeleton } from '../components/bits.tsx';
import { Button, IconButton } from '../components/button.tsx';
import { Kbd } from '../components/kbd.tsx';
import { cx } from '../lib/class-names.ts';
import { fetchNext } from '../lib/more-pages.ts';
import { useNotices, useReadNotices, useUnread } from './notice-queries.ts';
import { NoticeRow } from './notice-row.tsx';
import { noticesStore } from './notices-store.ts';

const close = (): void => noticesStore.set(false);

export function NoticePanel() {
  const { t } = useTranslation();
  const [unreadOnly, setUnreadOnly] = useState(false);
  const { data } = useUnread();
  const read = useReadNotices();
  return (
    <Base.Root open onOpenChange={(open) => (open ? undefined : close())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/25" />
        <Base.Popup className="appear fixed inset-0 z-50 flex flex-col border-line bg-raised shadow-2xl outline-none sm:inset-y-2 sm:start-2 sm:end-auto sm:w-[27rem] sm:rounded-xl sm:border md:start-[15.25rem]">
          <div className="flex items-center gap-1 border-b border-line py-2 ps-4 pe-2">
            <Base.Title className="flex-1 text-[15px] font-semibold">
              {t('notices.title')}
            </Base.Title>
            <IconButton
              label={t('notices.readAll')}
              disabled={(data?.unread ?? 0) === 0}
              onClick={() => read.mutate({ all: true })}
            >
              <CheckCheck size={16} aria-hidden="true" />
            </IconButton>
            <Link
              to="/account"
              hash="notifications"
              onClick={close}
              aria-label={t('notices.settings.title')}
              title={t('notices.settings.title')}
              className="inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-sunken hover:text-ink max-sm:size-10"
            >
              <Settings2 size={16} aria-hidden="true" />
            </Link>
            <IconButton label={t('common.close')} onClick={close}>
              <X size={16} aria-hidden="true" />
            </IconButton>
          </div>
          <Filter unreadOnly={unreadOnly} onChange={setUnreadOnly} />
          <List key={String(unreadOnly)} unreadOnly={unreadOnly} />
          <p className="flex items-center gap-2 border-t border-line px-4 py-2 text-xs text-soft max-sm:hidden">
            <Kbd keys="enter" /> {t('common.open')}
            <Kbd keys="e" /> {t('notices.read')}
            <Kbd keys="up down" /> {t('notices.walk')}
          </p>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function Filter({
  unreadOnly,
  onChange,
}: {
  unreadOnly: boolean;
  onChange: (unreadOnly: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={t('notices.show')} className="flex gap-1 px-3 py-2">
      {[false, true].map((one) => (
        <button
          key={String(one)}
          type="button"
          aria-pressed={unreadOnly === one}
          onClick={() => onChange(one)}
          className={cx(
            'h-7 rounded-md px-2 text-[13px] max-sm:h-9',
            unreadOnly === one ? 'bg-tint font-medium text-accent' : 'text-soft hover:text-ink',
          )}
        >
          {t(one ? 'notices.unreadOnly' : 'notices.all')}
        </button>
      ))}
    </div>
  );
}

const linksIn = (list: Element): HTMLElement[] => [
  ...list.querySelectorAll<HTMLElement>('[data-notice]'),
];

function List({ unreadOnly }: { unreadOnly: boolean }) {
  const { t } = useTranslation();
  const notices = useNotices(unreadOnly);
  const read = useReadNotices();
  const list = useRef<HTMLUListElement>(null);
  const items = notices.data?.pages.flatMap((page) => page.items) ?? [];
  useFirstFocus(list, items.length > 0);
  const markRead = (notice: Notice): void => {
    if (notice.readAt === null) read.mutate({ ids: [notice.id] });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || list.current === null) return;
    const links = linksIn(list.current);
    const at = links.findIndex((one) => one.parentElement?.contains(document.activeElement));
    const to = placeOf(event.key, at, links.length);
    const id = links[at]?.dataset['notice'];
    const notice = items.find((one) => one.id === id);
    if (to === null && (event.key !== 'e' || notice === undefined)) return;
    event.preventDefault();
    if (to !== null) return links[to]?.focus();
    // Of the unread ones it leaves the list: the next one is where one goes on.
    if (unreadOnly) (links[at + 1] ?? links[at - 1])?.focus();
    if (notice !== undefined) markRead(notice);
  };
  if (notices.isPending) return <Skeleton lines={8} />;
  if (notices.isError && items.length === 0)
    return <Failure error={notices.error} again={() => void notices.refetch()} />;
  if (items.length === 0)
    return (
      <div className="flex-1">
        <Empty title={t(unreadOnly ? 'notices.noneUnread' : 'notices.none')}>
          {t('notices.noneHint')}
        </Empty>
      </div>
    );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto border-t border-line">
      <ul ref={list} onKeyDown={onKeyDown} className="divide-y divide-line">
        {items.map((one) => (
          <NoticeRow
            key={one.id}
            notice={one}
            onOpen={() => {
              markRead(one);
              close();
            }}
            onRead={() => markRead(one)}
          />
        ))}
      </ul>
      {notices.hasNextPage ? (
        <div className="flex justify-center p-3">
          <Button small busy={notices.isFetchingNextPage} onClick={() => void fetchNext(notices)}>
            {t('notices.older')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** Where a key leads in a list; null when it leads nowhere. */
function placeOf(key: string, at: number, count: number): number | null {
  if (key === 'ArrowDown' || key === 'j') return Math.min(at + 1, count - 1);
  if (key === 'ArrowUp' || key === 'k') return Math.max(at - 1, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}

/** The first notice has the focus once the list is there, so that Enter and the arrows work at once. */
function useFirstFocus(list: React.RefObject<HTMLUListElement | null>, ready: boolean): void {
  useEffect(() => {
    if (!ready || list.current === null) return;
    const [first] = linksIn(list.current);
    first?.focus();
  }, [list, ready]);
}
