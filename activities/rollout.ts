// A rollout's steps: finds the open tickets that a save concerns, and tells them, some at a time, waiting until they follow. That wait is
// what paces it: it never asks for more than the workers do, so the people at work keep their speed.
import { Context } from '@temporalio/activity';
import {
  findRollout,
  insertRolloutTickets,
  listRolloutCandidates,
  listRolloutPending,
  moveRollout,
  noteLateFollowers,
  noteRolloutFollowers,
  postponeRolloutTickets,
  touchRollout,
} from '#db/rollouts.ts';
import type { RolloutCandidate, RolloutRow } from '#db/rollouts.ts';
import type { SqlPool } from '#db/sql.ts';
import {
  isConcerned,
  NARROWEST_WINDOW,
  roomFor,
  wakeMoves,
  wakesEarlier,
  windowAfter,
} from '#domain/rollout.ts';
import type { TicketFacts } from '#domain/desk.ts';
import type { TicketState } from '#domain/ticket-types.ts';
import { rulesForTicket } from '#domain/ticket-rules.ts';
import type { TicketClient } from '#temporal/ticket-client.ts';
import type { RolloutProgress } from '#workflows/messages.ts';
import type { ActivityContract } from './contract.ts';
import type { DeskRulesCache } from './desk-rules.ts';

const PAGE = 500;
const FOLLOW_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 100;
/** How often whoever watches is told of its progress. */
const TOUCH_EVERY_MS = 1_000;
const MAX_ATTEMPTS = 4;

/** What rollouts work with. */
export interface RolloutDeps {
  sql: SqlPool;
  rules: DeskRulesCache;
  tickets: TicketClient;
}

/** Activities of workflows/policy-rollout.ts. */
export function rolloutActivities(
  deps: RolloutDeps,
): Pick<ActivityContract, 'planRollout' | 'tellRolloutBatch' | 'finishRollout'> {
  const { sql } = deps;
  return {
    async planRollout({ subjectId }) {
      for (;;) {
        const rollout = await findRollout(sql, subjectId);
        if (rollout === undefined || isOver(rollout)) return null;
        const added = await plan(deps, rollout);
        await noteLateFollowers(sql, rollout);
        await moveRollout(sql, rollout.id, ['planning'], 'running');
        const now = await findRollout(sql, subjectId);
        if (now === undefined) return null;
        // A newer save came while this one was planned: answered as planned, it would end with nobody told.
        if (now.id === rollout.id) return { added, progress: progressOf(now) };
      }
    },
    async tellRolloutBatch({ subjectId, rolloutId, limit }) {
      const before = await findRollout(sql, subjectId);
      if (before?.id === rolloutId && before.state === 'running') await tell(deps, before, limit);
      const now = await findRollout(sql, subjectId);
      return now?.id === rolloutId ? progressOf(now) : null;
    },
    async finishRollout({ rolloutId }) {
      await moveRollout(sql, rolloutId, ['planning', 'running'], 'finished');
    },
  };
}

function isOver({ state }: RolloutRow): boolean {
  return state === 'cancelled' || state === 'superseded' || state === 'finished';
}

function progressOf(row: RolloutRow): RolloutProgress {
  const { id, state, subjectVersion, total, done, failed, urgent, urgentDone } = row;
  return { rolloutId: id, state, subjectVersion, total, done, failed, urgent, urgentDone };
}

/** Finds whom the save concerns; answers how many tickets joined the rollout. */
async function plan({ sql, rules }: RolloutDeps, rollout: RolloutRow): Promise<number> {
  const desk = await rules.at(rollout.revision);
  let added = 0;
  let afterId = 0;
  for (;;) {
    const page = await listRolloutCandidates(sql, rollout, afterId, PAGE);
    const nowMs = Date.now();
    const concerned = page.flatMap((row) => {
      const counts = { ...row, nextWakeAtMs: row.nextWakeAt?.getTime() ?? null };
      const wanted = rulesForTicket(desk, factsOf(row));
      const told = isSubject(rollout, row.state) || wakeMoves(counts, row.state, wanted, nowMs);
      if (!told && !isConcerned(counts, wanted)) return [];
      return [{ id: row.id, urgent: wakesEarlier(counts, row.state, wanted, nowMs) }];
    });
    await insertRolloutTickets(sql, rollout.id, concerned);
    added += concerned.length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return added;
    afterId = last.id;
    Context.current().heartbeat({ looked: afterId, added });
  }
}

/** A pipeline concerns the tickets in it, the settings concern all: people are held to them from now on. */
function isSubject({ subjectKind, subjectId }: RolloutRow, state: TicketState): boolean {
  if (subjectKind === 'settings') return true;
  return subjectKind === 'pipeline' && state.pipelineId === subjectId;
}

function factsOf({ state, ...row }: RolloutCandidate): TicketFacts {
  const { createdAtMs, channel, priority, tags, teamId, assigneeId, pipelineId, status } = state;
  const { mailbox, subject, body, requesterEmail, companyId, language, fields } = row;
  return {
    ...{ ticketId: row.id, createdAtMs, channel, priority, tags, teamId, assigneeId, pipelineId },
    ...{ status, mailbox, subject, body, requesterEmail, companyId, language, fields },
  };
}

/**
 * Tells some tickets, so many at a time, the next one as soon as one follows: what the workers do sets the pace. One that does not follow
 * in time is told again with a later batch. Ends early when the rollout does not go on.
 */
async function tell(deps: RolloutDeps, rollout: RolloutRow, limit: number): Promise<void> {
  const { sql, tickets } = deps;
  const waiting = await listRolloutPending(sql, rollout.id, limit);
  const fact = { type: 'rulesChanged' as const, revision: rollout.revision };
  const toldAtMs = new Map<number, number>();
  let lookedAtMs = Date.now();
  let touchedAtMs = lookedAtMs;
  let window = NARROWEST_WINDOW;
  while (waiting.length > 0 || toldAtMs.size > 0) {
    const next = waiting.splice(0, roomFor(window, agesMs(toldAtMs)));
    for (const id of next) toldAtMs.set(id, Date.now());
    // A ticket that cannot be told now is told again with a later batch.
    await Promise.all(next.map((id) => tickets.tell(id, fact).catch(() => undefined)));
    const pauseMs = LOOK_EVERY_MS - (Date.now() - lookedAtMs);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    lookedAtMs = Date.now();
    const behind = await noteRolloutFollowers(sql, rollout, [...toldAtMs.keys()]);
    if (behind === null) break;
    const tooLong = behind.filter((id) => lookedAtMs - (toldAtMs.get(id) ?? 0) > FOLLOW_WITHIN_MS);
    if (tooLong.length > 0) await postponeRolloutTickets(sql, rollout.id, tooLong, MAX_ATTEMPTS);
    const left = new Set(behind.filter((id) => !tooLong.includes(id)));
    for (const id of [...toldAtMs.keys()]) if (!left.has(id)) toldAtMs.delete(id);
    window = windowAfter(window, agesMs(toldAtMs));
    if (lookedAtMs - touchedAtMs >= TOUCH_EVERY_MS) {
      await touchRollout(sql, rollout.id);
      touchedAtMs = lookedAtMs;
    }
    Context.current().heartbeat({ waiting: waiting.length, behind: left.size });
  }
  await touchRollout(sql, rollout.id);
}

/** How long each of them has known by now. */
function agesMs(toldAtMs: ReadonlyMap<number, number>): number[] {
  const nowMs = Date.now();
  return [...toldAtMs.values()].map((atMs) => nowMs - atMs);
}
