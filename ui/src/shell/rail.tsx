// The left side: who one is, the views with their counts, and the ways to the other pages.
import { Link, useNavigate } from '@tanstack/react-router';
import {
  Activity,
  AtSign,
  BarChart3,
  CircleUserRound,
  Inbox,
  ListFilter,
  LogOut,
  Moon,
  Plus,
  Search,
  Send,
  Settings,
  ShieldAlert,
  Star,
  User,
  Users,
  CheckCircle2,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { useRights, useMe } from '../api/queries.ts';
import type { Me } from '../api/types.ts';
import { Avatar } from '../components/bits.tsx';
import { IconButton } from '../components/button.tsx';
import { Kbd } from '../components/kbd.tsx';
import { Logo } from '../components/logo.tsx';
import { Menu } from '../components/menu.tsx';
import { cx } from '../lib/class-names.ts';
import { Bell } from '../notices/bell.tsx';
import { chosenTheme, setTheme } from '../lib/theme.ts';
import { LANGUAGES, setLanguage } from '../i18n/start.ts';
import type { Language } from '../i18n/start.ts';
import { useCounts, useViews } from '../views/view-queries.ts';
import type { View } from '../views/view-queries.ts';
import { forgetDrafts } from '../sla/draft-store.ts';
import { shellStore } from './shell-store.ts';

const VIEW_ICONS: Record<string, LucideIcon> = {
  ...{ unassigned: Inbox, myTeamUnassigned: Users, assignedToMe: User, allOpen: CircleUserRound },
  ...{
    myMentions: AtSign,
    following: Star,
    allClosed: CheckCircle2,
    sent: Send,
    spam: ShieldAlert,
  },
};

export function Rail() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('nav.views')} className="flex h-full flex-col gap-3 p-3">
      <Top />
      <button
        type="button"
        onClick={() => shellStore.set({ paletteOpen: true })}
        className="flex h-9 items-center gap-2 rounded-md border border-line bg-raised px-2.5 text-start text-soft hover:text-ink"
      >
        <Search size={15} aria-hidden="true" />
        <span className="flex-1 truncate">{t('nav.search')}</span>
        <Kbd keys="mod+k" />
      </button>
      <ul className="-mx-1 flex flex-1 flex-col gap-px overflow-y-auto px-1">
        <ViewLinks />
      </ul>
      <Bottom />
    </nav>
  );
}

function Top() {
  const { t } = useTranslation();
  const may = useRights();
  return (
    <div className="flex items-center gap-2">
      <Logo size={24} />
      <span className="flex-1 font-semibold">Holdfast</span>
      <Bell />
      {may('ticket.create') ? (
        <IconButton
          label={t('nav.newTicket')}
          keys="c"
          onClick={() => shellStore.set({ createOpen: true })}
        >
          <Plus size={16} aria-hidden="true" />
        </IconButton>
      ) : null}
    </div>
  );
}

function ViewLinks() {
  const { t, i18n } = useTranslation();
  const views = useViews();
  const counts = useCounts();
  const all = views.data ?? [];
  const nameOf = ({ id, name, kind }: View): string =>
    kind === 'default' && i18n.exists(`views.${id}`) ? t(`views.${id}` as 'views.sent') : name;
  const link = (view: View) => (
    <ViewLink key={view.id} view={view} name={nameOf(view)} count={counts.data?.counts[view.id]} />
  );
  const custom = all.filter((one) => one.kind === 'custom');
  return (
    <>
      {all.filter((one) => one.pinned).map(link)}
      {all.filter((one) => one.kind === 'default' && !one.pinned).map(link)}
      {custom.length > 0 ? (
        <li className="px-2 pt-3 pb-1 text-xs font-semibold text-soft">{t('nav.views')}</li>
      ) : null}
      {custom.filter((one) => !one.pinned).map(link)}
      <li>
        <button
          type="button"
          className={cx(LINK, 'w-full')}
          onClick={() => shellStore.set({ viewEditor: 'new' })}
        >
          <Plus size={16} aria-hidden="true" /> {t('views.new')}
        </button>
      </li>
    </>
  );
}

interface ViewLinkProps {
  view: View;
  name: string;
  count: { count: number | null; capped: boolean } | undefined;
}

function ViewLink({ view, name, count }: ViewLinkProps) {
  const Icon = VIEW_ICONS[view.id] ?? ListFilter;
  const shown = count?.count ?? 0;
  return (
    <li>
      <Link
        to="/views/$viewId"
        params={{ viewId: view.id }}
        className={LINK}
        activeProps={{ className: 'bg-tint !text-accent font-medium' }}
      >
        <Icon size={16} aria-hidden="true" className="shrink-0" />
        <span className="flex-1 truncate">
          <bdi>{name}</bdi>
        </span>
        {shown === 0 ? null : (
          <span className="text-xs tabular-nums">
            {shown}
            {count?.capped === true ? '+' : ''}
          </span>
        )}
      </Link>
    </li>
  );
}

const LINK =
  'flex h-8 items-center gap-2 rounded-md px-2 text-soft hover:bg-line/50 hover:text-ink max-md:h-11';

const PAGES = [
  { to: '/summary', label: 'nav.summary', Icon: BarChart3, needs: 'report.view' },
  { to: '/operations', label: 'nav.operations', Icon: Activity, needs: 'operations.view' },
  { to: '/settings', label: 'nav.settings', Icon: Settings, needs: 'settings.view' },
] as const;

function Bottom() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <div className="flex flex-col gap-px border-t border-line pt-2">
      {PAGES.filter(({ needs }) => me.data?.permissions.includes(needs) === true).map(
        ({ to, label, Icon }) => (
          <Link
            key={to}
            to={to}
            className={LINK}
            activeProps={{ className: 'bg-tint !text-accent font-medium' }}
          >
            <Icon size={16} aria-hidden="true" className="shrink-0" />
            <span className="flex-1 truncate">{t(label)}</span>
          </Link>
        ),
      )}
      {me.data === undefined ? null : <Person me={me.data} />}
    </div>
  );
}

function Person({ me }: { me: Me }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user } = me;
  const away = user.availability === 'away';
  const toggle = async (): Promise<void> => {
    const availability = away ? 'available' : 'away';
    await call('PUT', `/api/v1/users/${user.id}/availability`, { body: { availability } });
    await client.invalidateQueries({ queryKey: ['me'] });
    await client.invalidateQueries({ queryKey: ['all', '/api/v1/users'] });
  };
  const leave = async (): Promise<void> => {
    await call('POST', '/api/auth/sign-out', { body: {} });
    client.clear();
    forgetDrafts();
    await navigate({ to: '/sign-in' });
  };
  const themes = (['system', 'light', 'dark'] as const).map((theme, index) => ({
    label: t(
      theme === 'system'
        ? 'nav.themeSystem'
        : theme === 'light'
          ? 'nav.themeLight'
          : 'nav.themeDark',
    ),
    icon: (
      <Moon size={14} aria-hidden="true" className={cx(chosenTheme() !== theme && 'opacity-0')} />
    ),
    apart: index === 0,
    act: () => setTheme(theme),
  }));
  const languages = (Object.keys(LANGUAGES) as Language[]).map((language, index) => ({
    ...{ label: LANGUAGES[language], apart: index === 0 },
    act: () => void setLanguage(language),
  }));
  return (
    <div className="flex items-center gap-1">
      <Menu
        trigger={
          <button
            type="button"
            className="flex min-w-0 flex-1 items-center gap-2 rounded-md p-1.5 text-start hover:bg-line/50"
          >
            <Avatar name={user.name} size={26} away={away} />
            <span className="min-w-0">
              <span className="block truncate font-medium">{user.name}</span>
              <span className="block truncate text-xs text-soft">
                {t(away ? 'nav.away' : 'nav.available')}
              </span>
            </span>
          </button>
        }
        items={[
          { label: t('nav.profile'), act: () => void navigate({ to: '/account' }) },
          { label: t('nav.keys'), keys: '?', act: () => shellStore.set({ keysOpen: true }) },
          ...themes,
          ...languages,
          {
            label: t('nav.signOut'),
            icon: <LogOut size={14} aria-hidden="true" />,
            apart: true,
            act: () => void leave(),
          },
        ]}
      />
      <button
        type="button"
        role="switch"
        aria-checked={!away}
        aria-label={t('nav.available')}
        onClick={() => void toggle()}
        className={cx(
          'relative h-5 w-9 shrink-0 rounded-full transition-colors',
          away ? 'bg-soft' : 'bg-good',
        )}
      >
        <span
          className={cx(
            'absolute top-0.5 size-4 rounded-full bg-white transition-all',
            away ? 'start-0.5' : 'start-[18px]',
          )}
        />
      </button>
    </div>
  );
}
