// Keys that work on every page.
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useRights } from '../api/queries.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { noticesStore } from '../notices/notices-store.ts';
import { shellStore } from './shell-store.ts';

const VIEW_KEYS = [
  ['g u', 'unassigned'],
  ['g t', 'myTeamUnassigned'],
  ['g m', 'assignedToMe'],
  ['g a', 'allOpen'],
  ['g n', 'myMentions'],
  ['g f', 'following'],
  ['g c', 'allClosed'],
] as const;

export function useGlobalShortcuts(): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useRights();
  const everywhere = t('keys.everywhere');
  useShortcuts('global', [
    {
      keys: 'mod+k',
      label: t('keys.palette'),
      group: everywhere,
      always: true,
      act: () => shellStore.set({ paletteOpen: true }),
    },
    {
      keys: '/',
      label: t('nav.search'),
      group: everywhere,
      act: () => shellStore.set({ paletteOpen: true }),
    },
    {
      keys: '?',
      label: t('keys.help'),
      group: everywhere,
      act: () => shellStore.set({ keysOpen: true }),
    },
    ...(may('ticket.create')
      ? [
          {
            ...{ keys: 'c', label: t('nav.newTicket'), group: everywhere },
            act: () => shellStore.set({ createOpen: true }),
          },
        ]
      : []),
    {
      keys: 'g b',
      label: t('notices.title'),
      group: t('keys.go'),
      act: () => noticesStore.set(true),
    },
    ...VIEW_KEYS.map(([keys, viewId]) => ({
      ...{ keys, label: t(`views.${viewId}`), group: t('keys.go') },
      act: () => void navigate({ to: '/views/$viewId', params: { viewId } }),
    })),
  ]);
}
