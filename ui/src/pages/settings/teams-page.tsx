// The teams: how each hands out its tickets, and who is in it.
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useAll, usePeople } from '../../api/queries.ts';
import { Avatar, Empty, Failure, Skeleton } from '../../components/bits.tsx';
import { SettingsFrame, useMayChange } from '../../sla/frame.tsx';
import { PRIMARY_LINK, ROW } from './parts/rows.ts';
import { TEAMS } from './types.ts';
import type { AdminTeam } from './types.ts';

const SHOWN = 5;

export function TeamsPage() {
  const { t } = useTranslation();
  const teams = useAll<AdminTeam>(TEAMS);
  const mayChange = useMayChange() === true;
  return (
    <SettingsFrame
      title={t('admin.pages.teams')}
      hint={t('admin.hints.teams')}
      acts={
        mayChange ? (
          <Link to="/settings/teams/$teamId" params={{ teamId: 'new' }} className={PRIMARY_LINK}>
            <Plus size={15} aria-hidden="true" />
            {t('admin.teams.new')}
          </Link>
        ) : null
      }
    >
      {teams.isError ? <Failure error={teams.error} again={() => void teams.refetch()} /> : null}
      {teams.isPending ? <Skeleton /> : null}
      {teams.data?.length === 0 ? (
        <Empty title={t('admin.teams.none')}>{t('admin.teams.noneHint')}</Empty>
      ) : null}
      <ul className="flex flex-col gap-2">
        {(teams.data ?? []).map((team) => (
          <li key={team.id}>
            <Link to="/settings/teams/$teamId" params={{ teamId: team.id }} className={ROW}>
              <span className="min-w-0 flex-1 basis-52">
                <bdi className="block font-medium break-words">{team.name}</bdi>
                <span className="block text-[13px] text-soft">
                  {t(`admin.teams.strategies.${team.strategy}`)}
                </span>
              </span>
              <Faces members={team.members} />
              <span className="text-[13px] text-soft">
                {t('admin.teams.count', { count: team.members.length })}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </SettingsFrame>
  );
}

function Faces({ members }: Pick<AdminTeam, 'members'>) {
  const people = usePeople();
  const names = members.flatMap(
    ({ userId }) => people.data?.find(({ id }) => id === userId)?.name ?? [],
  );
  return (
    <span className="flex -space-x-1.5">
      {names.slice(0, SHOWN).map((name) => (
        <Avatar key={name} name={name} size={24} />
      ))}
    </span>
  );
}
