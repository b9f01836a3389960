// The bell: how many notices are unread, and the way to them. In the rail, and on a phone at the top of lists and pages.
import { Bell as BellIcon } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../components/button.tsx';
import { shellStore } from '../shell/shell-store.ts';
import { useUnread } from './notice-queries.ts';
import { noticesStore, useNoticesOpen } from './notices-store.ts';

const SHOWN = 99;

/** The bell; `phone` is the one that shows where the rail is a drawer. */
export function Bell({ phone = false }: { phone?: boolean }) {
  const { t } = useTranslation();
  const { data } = useUnread();
  const open = useNoticesOpen();
  const unread = data?.unread ?? 0;
  const label = unread === 0 ? t('notices.title') : t('notices.bell', { count: unread });
  const show = (): void => {
    // The drawer would lie over what it opens.
    shellStore.set({ railOpen: false });
    noticesStore.set(true);
  };
  return (
    <span className={phone ? 'md:hidden' : undefined}>
      <IconButton
        label={label}
        keys="g b"
        aria-haspopup="dialog"
        aria-expanded={open}
        className="relative"
        onClick={show}
      >
        <BellIcon size={phone ? 18 : 16} aria-hidden="true" />
        {unread === 0 ? null : (
          <span
            aria-hidden="true"
            className="absolute -end-0.5 -top-0.5 min-w-4 rounded-full bg-accent px-1 text-center text-[11px] leading-4 font-semibold text-on-accent tabular-nums"
          >
            {unread > SHOWN ? `${SHOWN}+` : unread}
          </span>
        )}
      </IconButton>
      {phone ? null : <Counted unread={unread} />}
    </span>
  );
}

/** Says the number where the eye is not on the bell: to screen readers, on the browser's tab, on the app's icon. */
function Counted({ unread }: { unread: number }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = unread === 0 ? 'Holdfast' : `(${Math.min(unread, SHOWN)}) Holdfast`;
    if ('setAppBadge' in navigator) void navigator.setAppBadge(unread).catch(() => undefined);
  }, [unread]);
  return (
    <span role="status" className="sr-only">
      {unread === 0 ? '' : t('notices.bell', { count: unread })}
    </span>
  );
}
