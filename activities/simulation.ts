// Looks at every ticket of some months through a draft. In pages, with the answer so far in the heartbeat, so that a worker's death
// costs one page, and with a pause for the event loop after each, so that tickets at work do not wait.
import { ApplicationFailure, Context } from '@temporalio/activity';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  countSimulated,
  failSimulation,
  findSimulation,
  finishSimulation,
  listSimulated,
  updateSimulation,
} from '#db/simulations.ts';
import type { SimulatedRow } from '#db/simulations.ts';
import type { SqlPool } from '#db/sql.ts';
import { policiesAskFor } from '#domain/policy-choice.ts';
import { newSimulation, simulateTicket, withDraft } from '#domain/simulate.ts';
import type { SimulatedTicket, SimulationResult } from '#domain/simulate.ts';
import { findRevision } from '#db/desk-rules.ts';
import type { ActivityContract } from './contract.ts';
import type { DeskRulesCache } from './desk-rules.ts';

const PAGE = 1_000;
const SLICE = 50;
const BODY = new Set(['body']);

/** Activities of workflows/simulate.ts. */
export function simulationActivities(
  sql: SqlPool,
  rules: DeskRulesCache,
): Pick<ActivityContract, 'runSimulation' | 'failSimulation'> {
  return {
    async failSimulation({ simulationId }) {
      await failSimulation(sql, simulationId);
    },
    async runSimulation({ simulationId }) {
      const job = await findSimulation(sql, simulationId);
      if (job === undefined)
        throw ApplicationFailure.nonRetryable('There is no such simulation.', 'notFound');
      const desk = await rules.at(await findRevision(sql));
      // A policy that is not saved yet goes by the job's id, which is no ticket's policy.
      const policyId = job.policyId ?? job.id;
      const drafted = withDraft(desk, policyId, job.draft);
      const withBody = policiesAskFor(drafted.policies, BODY);
      const total = await countSimulated(sql, job.since);
      const nowMs = Date.now();
      const { afterId, result } = takenUp();
      const read = (from: number) =>
        listSimulated(sql, { ...{ since: job.since, afterId: from, limit: PAGE, withBody } });
      for (let reading = read(afterId); ;) {
        const page = await reading;
        const last = page.at(-1);
        if (last === undefined) break;
        // Postgres reads the next page while this one is looked at. If it fails it is awaited, and fails, a moment later.
        reading = read(last.id);
        reading.catch(() => undefined);
        for (const [index, row] of page.entries()) {
          simulateTicket(result, drafted, policyId, ticketOf(row), nowMs);
          if (index % SLICE === SLICE - 1) await nextTurn();
        }
        Context.current().heartbeat({ afterId: last.id, result });
        if (!(await updateSimulation(sql, job.id, { total, looked: result.tickets })))
          return { looked: result.tickets, cancelled: true };
      }
      await finishSimulation(sql, job.id, result);
      return { looked: result.tickets, cancelled: false };
    },
  };
}

function takenUp(): { afterId: number; result: SimulationResult } {
  const details: unknown = Context.current().info.heartbeatDetails;
  return (
    (details as { afterId: number; result: SimulationResult } | undefined) ?? {
      afterId: 0,
      result: newSimulation(),
    }
  );
}

function ticketOf(row: SimulatedRow): SimulatedTicket {
  const { id: ticketId, createdAt, ledger, stopped, policyId, goals, ...facts } = row;
  return {
    ...{ ledger, stopped, policyId, goals },
    facts: { ...facts, ticketId, createdAtMs: createdAt.getTime() },
  };
}
