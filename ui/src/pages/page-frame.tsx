// A page beside the daily ones: a title, acts, and its content in a column that scrolls.
import { Menu as MenuIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../components/button.tsx';
import { Bell } from '../notices/bell.tsx';
import { shellStore } from '../shell/shell-store.ts';

export function PageFrame({
  title,
  acts,
  children,
}: {
  title: string;
  acts?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div className="flex h-full flex-col">
      <header className="flex items-center gap-2 border-b border-line px-4 py-2.5">
        <IconButton
          label={t('nav.menu')}
          className="-ms-2 md:hidden"
          onClick={() => shellStore.set({ railOpen: true })}
        >
          <MenuIcon size={18} aria-hidden="true" />
        </IconButton>
        <h1 className="flex-[1_0_auto] text-[15px] font-semibold">{title}</h1>
        <div className="flex min-w-0 items-center gap-2 empty:hidden">{acts}</div>
        <Bell phone />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto bg-sunken p-4">
        <div className="mx-auto flex max-w-6xl flex-col gap-4">{children}</div>
      </div>
    </div>
  );
}
