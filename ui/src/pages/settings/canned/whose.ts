// For whom a canned reply is, and who may change that: one's own everybody, shared ones whom the desk lets share.
import { useMe, useTeams } from '../../../api/queries.ts';
import type { CannedReply, Team } from '../../../api/types.ts';

export const VISIBILITIES = ['private', 'team', 'everyone'] as const;

/** What the one who is signed in may share. */
export interface Sharing {
  /** Teams one may share with. */
  teams: Team[];
  everyone: boolean;
}

export function useSharing(): Sharing {
  const me = useMe();
  const teams = useTeams();
  const everyone = me.data?.permissions.includes('settings.desk') === true;
  const leads = ({ members }: Team): boolean =>
    members.some(({ userId, lead }) => lead && userId === me.data?.user.id);
  return { everyone, teams: (teams.data ?? []).filter((team) => everyone || leads(team)) };
}

/** Whether one may change it. The desk asks again. */
export function mayKeep(
  { visibility, teamIds }: Pick<CannedReply, 'visibility' | 'teamIds'>,
  { everyone, teams }: Sharing,
): boolean {
  if (visibility === 'private' || everyone) return true;
  return visibility === 'team' && teamIds.every((id) => teams.some((team) => team.id === id));
}
