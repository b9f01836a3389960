// The frame of every page: views on the left (a drawer on a phone), banner when the desk is out of reach, palette, help, live events.
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { reachStore } from '../api/client.ts';
import { useLiveEvents } from '../live/told.ts';
import { cx } from '../lib/class-names.ts';
import { useNoticesOpen } from '../notices/notices-store.ts';
import { CreateTicket } from '../tickets/create-ticket.tsx';
import { ViewEditor } from '../views/view-editor.tsx';
import { KeySheet } from './key-sheet.tsx';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { useGlobalShortcuts } from './global-shortcuts.ts';
import { shellStore, useShell } from './shell-store.ts';

const NoticePanel = lazy(() =>
  import('../notices/notice-panel.tsx').then((one) => ({ default: one.NoticePanel })),
);

export function Shell() {
  const { t } = useTranslation();
  const { railOpen } = useShell();
  const noticesOpen = useNoticesOpen();
  const [connected, setConnected] = useState(true);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useGlobalShortcuts();
  useLiveEvents(setConnected);
  useEffect(() => shellStore.set({ railOpen: false }), [path]);
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2"
      >
        {t('nav.skip')}
      </a>
      <Banner connected={connected} />
      <div className="flex min-h-0 flex-1">
        {railOpen ? (
          <div
            className="fixed inset-0 z-30 bg-black/40 md:hidden"
            onClick={() => shellStore.set({ railOpen: false })}
            aria-hidden="true"
          />
        ) : null}
        <div
          className={cx(
            'w-60 shrink-0 border-e border-line bg-sunken max-md:fixed max-md:inset-y-0 max-md:start-0 max-md:z-40 max-md:w-72 max-md:shadow-2xl',
            !railOpen && 'max-md:hidden',
          )}
        >
          <Rail />
        </div>
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          <Outlet />
        </main>
      </div>
      <Palette />
      <KeySheet />
      <CreateTicket />
      <ViewEditor />
      {noticesOpen ? (
        <Suspense fallback={null}>
          <NoticePanel />
        </Suspense>
      ) : null}
    </div>
  );
}

/** Says what of the desk does not answer, and that nothing is lost. */
function Banner({ connected }: { connected: boolean }) {
  const { t } = useTranslation();
  const reach = useSyncExternalStore(reachStore.subscribe, reachStore.get);
  const [late, setLate] = useState(false);
  useEffect(() => {
    // A stream that breaks for a moment is nothing to be told of.
    const timer = setTimeout(() => setLate(!connected), connected ? 0 : 4_000);
    return () => clearTimeout(timer);
  }, [connected]);
  useEffect(() => {
    if (reach !== 'temporal') return;
    const timer = setInterval(() => {
      void fetch('/readyz').then(
        (answer) => {
          if (answer.ok) reachStore.note({ desk: true, engine: true });
        },
        () => undefined,
      );
    }, 3_000);
    return () => clearInterval(timer);
  }, [reach]);
  const kind = reach !== 'ok' ? reach : late ? 'offline' : null;
  if (kind === null) return null;
  return (
    <div role="status" className="bg-warn-tint px-4 py-2 text-center text-[13px] text-warn">
      {t(`banner.${kind}`)}
    </div>
  );
}
