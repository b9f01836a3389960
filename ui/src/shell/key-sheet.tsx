// The help sheet: every shortcut that works on this page, by where it works.
import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog.tsx';
import { Kbd } from '../components/kbd.tsx';
import { activeShortcuts } from '../lib/shortcuts.ts';
import { shellStore, useShell } from './shell-store.ts';

export function KeySheet() {
  const { t } = useTranslation();
  const { keysOpen } = useShell();
  const all = keysOpen ? activeShortcuts() : [];
  const groups = [...new Set(all.map((one) => one.group))];
  return (
    <Dialog
      wide
      open={keysOpen}
      onClose={() => shellStore.set({ keysOpen: false })}
      title={t('keys.title')}
    >
      <div className="grid gap-6 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group}>
            <h3 className="mb-2 text-[13px] font-semibold text-soft">{group}</h3>
            <ul className="flex flex-col gap-1.5">
              {all
                .filter((one) => one.group === group)
                .map((one) => (
                  <li key={one.keys} className="flex items-center justify-between gap-4">
                    <span>{one.label}</span>
                    <Kbd keys={one.keys} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
