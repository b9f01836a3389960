// What saves of admin resources share: names that must exist, and the answer to an edit that came too late.
import { findUnknownPlaces } from '#db/people.ts';
import type { SqlPool } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';

/** What was read is no longer what is stored. */
export const conflict = (): HoldfastError =>
  new HoldfastError('versionConflict', 'It was changed or removed meanwhile; read it again.');

/** A user or team that a rule or policy names, and the field it stands in. */
export type Named = { userId: string; pointer: string } | { teamId: string; pointer: string };

/** A name of nobody would only be met by a ticket, whose row could then not be written: so it is refused at save. */
export async function refuseUnknown(sql: SqlPool, named: readonly Named[]): Promise<void> {
  const idOf = (one: Named): string => ('userId' in one ? one.userId : one.teamId);
  const unknown = await findUnknownPlaces(sql, {
    userIds: named.flatMap((one) => ('userId' in one ? [one.userId] : [])),
    teamIds: named.flatMap((one) => ('teamId' in one ? [one.teamId] : [])),
  });
  if (unknown.length === 0) return;
  throw new HoldfastError('unknownReference', 'It names a user or team that does not exist.', {
    errors: named
      .filter((one) => unknown.includes(idOf(one)))
      .map(({ pointer }) => ({ pointer, message: 'unknown or inactive' })),
  });
}
