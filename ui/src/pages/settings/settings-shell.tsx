// The frame of the settings: their pages listed beside the one that is open; where there is no room for both, the list comes first.
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { ChevronLeft, Menu as MenuIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../components/button.tsx';
import { shellStore } from '../../shell/shell-store.ts';
import { SETTINGS_GROUPS, SETTINGS_PAGES } from './settings-pages.ts';

const LINK =
  'flex h-8 items-center gap-2 rounded-md px-2 text-soft hover:bg-line/50 hover:text-ink';

export function SettingsShell() {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const atList = /^\/settings\/?$/.test(path);
  return (
    <div className="flex h-full">
      <nav
        aria-label={t('settings.title')}
        className="hidden w-52 shrink-0 overflow-y-auto border-e border-line p-3 xl:block"
      >
        <Link to="/settings" className="mb-2 block px-2 font-semibold">
          {t('settings.title')}
        </Link>
        {SETTINGS_GROUPS.map((group) => (
          <div key={group} className="mb-3">
            <p className="px-2 pb-1 text-xs font-semibold text-soft">
              {t(`admin.groups.${group}`)}
            </p>
            <ul className="flex flex-col gap-px">
              {SETTINGS_PAGES.filter((page) => page.group === group).map(
                ({ to, word, icon: Icon }) => (
                  <li key={to}>
                    <Link
                      to={to}
                      className={LINK}
                      activeProps={{ className: 'bg-tint !text-accent font-medium' }}
                    >
                      <Icon size={15} aria-hidden="true" className="shrink-0" />
                      <span className="truncate">{t(`admin.pages.${word}`)}</span>
                    </Link>
                  </li>
                ),
              )}
            </ul>
          </div>
        ))}
      </nav>
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex items-center gap-1 border-b border-line px-2 py-1.5 xl:hidden">
          <IconButton
            label={t('nav.menu')}
            className="md:hidden"
            onClick={() => shellStore.set({ railOpen: true })}
          >
            <MenuIcon size={18} aria-hidden="true" />
          </IconButton>
          {atList ? (
            <span className="px-2 py-1 font-semibold">{t('settings.title')}</span>
          ) : (
            <Link
              to="/settings"
              className="inline-flex items-center gap-1 rounded-md px-2 py-1 text-soft hover:bg-sunken hover:text-ink max-sm:py-2"
            >
              <ChevronLeft size={15} aria-hidden="true" />
              {t('settings.title')}
            </Link>
          )}
        </div>
        <div className="min-h-0 flex-1">
          <Outlet />
        </div>
      </div>
    </div>
  );
}

/** The list of all pages, with a sentence on each. */
export function SettingsIndex() {
  const { t } = useTranslation();
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-5 p-4 pb-16 sm:px-6">
        <div>
          <h1 className="text-lg font-semibold">{t('settings.title')}</h1>
          <p className="text-soft">{t('admin.intro')}</p>
        </div>
        {SETTINGS_GROUPS.map((group) => (
          <section key={group} aria-label={t(`admin.groups.${group}`)}>
            <h2 className="mb-1.5 text-[13px] font-semibold text-soft">
              {t(`admin.groups.${group}`)}
            </h2>
            <ul className="grid gap-2 sm:grid-cols-2">
              {SETTINGS_PAGES.filter((page) => page.group === group).map(
                ({ to, word, icon: Icon }) => (
                  <li key={to}>
                    <Link
                      to={to}
                      className="flex h-full items-start gap-3 rounded-lg border border-line bg-raised p-3 hover:bg-sunken"
                    >
                      <Icon size={18} aria-hidden="true" className="mt-0.5 shrink-0 text-accent" />
                      <span className="min-w-0">
                        <span className="block font-medium">{t(`admin.pages.${word}`)}</span>
                        <span className="block text-[13px] text-soft">
                          {t(`admin.hints.${word}`)}
                        </span>
                      </span>
                    </Link>
                  </li>
                ),
              )}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}
