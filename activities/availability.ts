// What follows when somebody comes or goes: queues that are looked at again, tickets that go back. All of it is owed in the transaction
// that notes the change, so a look that is repeated does nothing twice.
import { insertQueueCalls, listMainTeams } from '#db/assignments.ts';
import {
  findAvailability,
  insertTicketReturns,
  lockUser,
  upsertAvailability,
} from '#db/availability.ts';
import type { AvailabilitySource } from '#db/availability.ts';
import { findSettings } from '#db/desk-rules.ts';
import type { Sql, SqlPool } from '#db/sql.ts';
import { AVAILABILITY_WORDS, effectiveAvailability } from '#domain/availability.ts';
import type { EffectiveAvailability } from '#domain/availability.ts';
import type { DeskSettings } from '#domain/desk.ts';
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
  const now = effectiveAvailability(source.facts, nowMs);
  const { known } = source;
  const changed = known === null || known.availability !== now.availability;
  if (changed && now.availability === 'available') {
    await insertQueueCalls(tx, await listMainTeams(tx, userId));
  }
  const sinceMs = changed ? changedAtMs(source, nowMs) : known.since.getTime();
  const before = { sinceMs, handedBack: !changed && known.handedBack };
  const back = handBack(await findSettings(tx), now, before, nowMs);
  if (back.now) {
    await insertTicketReturns(tx, { userId, teamId: source.teamId, reason: returnReason(now) });
  }
  const nextAtMs = earliest(now.untilMs, back.laterAtMs);
  const { availability, reason } = now;
  const handedBack = before.handedBack || back.now;
  await upsertAvailability(tx, { userId, availability, sinceMs, nextAtMs, handedBack });
  return { availability, reason, nextAtMs };
}

/** A change that was planned happened at its instant, however late it is looked at. */
function changedAtMs({ known }: AvailabilitySource, nowMs: number): number {
  const plannedMs = known?.nextAt?.getTime() ?? nowMs;
  return Math.min(plannedMs, nowMs);
}

/** Whether the tickets go back now, or when they will unless the person is there again before. */
function handBack(
  { awayReassign }: DeskSettings,
  { availability }: EffectiveAvailability,
  { sinceMs, handedBack }: { sinceMs: number; handedBack: boolean },
  nowMs: number,
): { now: boolean; laterAtMs: number | null } {
  if (availability === 'available' || !awayReassign.enabled || handedBack) {
    return { now: false, laterAtMs: null };
  }
  const atMs = sinceMs + awayReassign.afterSeconds * 1000;
  return atMs <= nowMs ? { now: true, laterAtMs: null } : { now: false, laterAtMs: atMs };
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** Why a ticket went back; it travels through Temporal, so it names nobody. */
function returnReason({ reason, untilMs }: EffectiveAvailability): string {
  const until = untilMs === null ? '' : ` until ${new Date(untilMs).toISOString()}`;
  return `The assignee ${AVAILABILITY_WORDS[reason]}${until}: back to the team's queue.`;
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
