// What follows when somebody comes or goes: queues that are looked at again, tickets that go back. All of it is owed in the transaction
// that notes the change, so a look that is repeated does nothing twice.
import { insertQueueCalls, listMainTeams } from '#db/assignments.ts';
import {
  findAvailability,
  insertTicketReturns,
  lockUser,
  upsertAvailability,
} from '#db/availability.ts';
import { findSettings } from '#db/desk-rules.ts';
import type { Sql, SqlPool } from '#db/sql.ts';
import { effectiveAvailability, lookAt, returnReason } from '#domain/availability.ts';
import type { ActivityContract, ProjectTicketInput, ReturnToQueue } from './contract.ts';
import type { DeskRulesCache } from './desk-rules.ts';

/** Activities of workflows/availability.ts. */
export function availabilityActivities(sql: SqlPool): Pick<ActivityContract, 'lookAtAvailability'> {
  return {
    lookAtAvailability: async ({ userId, nowMs }) =>
      await sql.begin(async (tx) => await look(tx, userId, nowMs)),
  };
}

async function look(
  tx: Sql,
  userId: string,
  nowMs: number,
): Promise<Awaited<ReturnType<ActivityContract['lookAtAvailability']>>> {
  await lockUser(tx, userId);
  const source = await findAvailability(tx, userId, nowMs);
  if (source === undefined) return { availability: 'away', reason: 'toggledAway', nextAtMs: null };
  const { awayReassign } = await findSettings(tx);
  const seen = lookAt(source.facts, source.known, awayReassign, nowMs);
  if (seen.changed && seen.availability === 'available') {
    await insertQueueCalls(tx, await listMainTeams(tx, userId));
  }
  if (seen.handsBack) {
    await insertTicketReturns(tx, { userId, teamId: source.teamId, reason: returnReason(seen) });
  }
  await upsertAvailability(tx, { userId, ...seen });
  const { availability, reason, nextAtMs } = seen;
  return { availability, reason, nextAtMs };
}

/** Whether a ticket that a customer's reply has just opened must leave its absent assignee, by the desk's setting. */
export async function absentAssignee(
  deps: { sql: SqlPool; rules: DeskRulesCache },
  { state, events, nowMs }: ProjectTicketInput,
  revision: number,
): Promise<ReturnToQueue | null> {
  const { assigneeId } = state;
  const opened = events.some(
    ({ event }) => event.type === 'statusChanged' && event.cause === 'customerReply',
  );
  if (!opened || assigneeId === null) return null;
  const { settings } = await deps.rules.at(revision);
  if (settings.reopenedWhenAway !== 'teamQueue') return null;
  const source = await findAvailability(deps.sql, assigneeId, nowMs);
  if (source === undefined) return null;
  const now = effectiveAvailability(source.facts, nowMs);
  if (now.availability === 'available') return null;
  return { userId: assigneeId, teamId: source.teamId, reason: returnReason(now) };
}
