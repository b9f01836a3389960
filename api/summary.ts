// GET /reports/summary: what the desk looks like now. Every number of tickets comes with the query that opens the tickets behind it.
import { createRoute, z } from '@hono/zod-openapi';
import { listCandidates, listPeopleAsCandidates } from '#db/assignments.ts';
import { listUsers } from '#db/people.ts';
import { countOpenFigures, countRecentFigures, findSummaryDay } from '#db/summary.ts';
import { GOAL_NAMES, PRIORITIES } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { ineligibility, NO_NEEDS } from '#domain/routing.ts';
import type { Candidate } from '#domain/routing.ts';
import {
  DAY_FIGURES,
  dayName,
  GOAL_FIGURES,
  goalName,
  LIVE_FIGURES,
  liveName,
  priorityName,
  summaryFigures,
} from '#domain/summary.ts';
import type { Figure, SummaryDay } from '#domain/summary.ts';
import type { ApiDeps, App } from './app-env.ts';
import { At, errorResponses, text, Uuid } from './schemas.ts';

const FigureSchema = z
  .strictObject({
    count: z.number().int(),
    filter: z.string().openapi({
      description: 'Query string for GET /api/v1/tickets that lists just these tickets.',
    }),
  })
  .openapi('Figure');
const Compared = z.strictObject({ today: FigureSchema, yesterday: FigureSchema });
const each = <K extends string, T extends z.ZodType>(names: readonly K[], inner: T) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, inner])) as Record<K, T>);
export const Summary = z
  .strictObject({
    at: At,
    live: each(LIVE_FIGURES, FigureSchema).openapi({
      description: 'Tickets that are not closed. `open` waits on us, `unassigned` for an assignee.',
    }),
    byPriority: each(PRIORITIES, FigureSchema),
    goals: each(GOAL_NAMES, each(GOAL_FIGURES, FigureSchema)).openapi({
      description: 'Running goals of open tickets; completed ones of today.',
    }),
    day: each(DAY_FIGURES, Compared).openapi({
      description:
        'Tickets created, closed and answered by people today, and yesterday until this time.',
    }),
    agents: z.strictObject({
      available: z.number().int(),
      atCapacity: z.number().int().openapi({ description: 'Of those available.' }),
      away: z.number().int(),
      people: z.array(
        z.strictObject({
          userId: z.string(),
          name: z.string(),
          state: z.enum(['available', 'atCapacity', 'away']),
          reason: z.string().nullable(),
          open: z.number().int(),
          capacity: z.number().int().nullable(),
          filter: z.string().openapi({ description: 'The tickets that are their load.' }),
        }),
      ),
    }),
  })
  .openapi('Summary');
const summaryRoute = createRoute({
  method: 'get',
  path: '/api/v1/reports/summary',
  operationId: 'getSummary',
  summary: 'The desk now, and today against the same time yesterday',
  request: {
    query: z.object({
      timeZone: text(64, 1).default('UTC').openapi({ description: 'Where today begins.' }),
      teamId: Uuid.optional().openapi({ description: 'Only what is in this team.' }),
    }),
  },
  responses: {
    200: { description: 'All figures.', content: { 'application/json': { schema: Summary } } },
    ...errorResponses,
  },
});

/** The summary. */
export function registerSummary(app: App, deps: ApiDeps): void {
  app.openapi(summaryRoute, async (c) => {
    const { timeZone, teamId = null } = c.req.valid('query');
    const viewer = c.get('access');
    const day = await requireDay(deps, timeZone);
    const figures = summaryFigures(day, teamId);
    const of = (scope: Figure['scope']) => figures.filter((one) => one.scope === scope);
    const nowMs = deps.clock();
    const [open, recent, people] = await Promise.all([
      countOpenFigures(deps.sql, of('open'), viewer),
      countRecentFigures(deps.sql, of('recent'), viewer, day.yesterday),
      listAgents(deps, teamId, nowMs),
    ]);
    const show = (name: string): z.infer<typeof FigureSchema> => {
      const figure = figures.find((one) => one.name === name);
      const count = open.get(name) ?? recent.get(name);
      if (figure === undefined || count === undefined)
        throw new Error(`There is no figure ${name}.`);
      return { count, filter: filterOf(figure) };
    };
    return c.json(
      { at: new Date(nowMs).toISOString(), ...shown(show), agents: agentsOf(people, nowMs) },
      200,
    );
  });
}

type Show = (name: string) => z.infer<typeof FigureSchema>;

function shown(show: Show): Omit<z.infer<typeof Summary>, 'at' | 'agents'> {
  return {
    live: record(LIVE_FIGURES, (one) => show(liveName(one))),
    byPriority: record(PRIORITIES, (one) => show(priorityName(one))),
    goals: record(GOAL_NAMES, (goal) => record(GOAL_FIGURES, (one) => show(goalName(goal, one)))),
    day: record(DAY_FIGURES, (one) => ({
      today: show(dayName(one, 'today')),
      yesterday: show(dayName(one, 'yesterday')),
    })),
  };
}

function record<K extends string, V>(names: readonly K[], value: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, V>;
}

const filterOf = ({ conditions }: Pick<Figure, 'conditions'>): string =>
  `conditions=${encodeURIComponent(JSON.stringify(conditions))}`;

async function requireDay({ sql }: ApiDeps, timeZone: string): Promise<SummaryDay> {
  const day = await findSummaryDay(sql, timeZone);
  if (day !== undefined) return day;
  throw new HoldfastError('invalidRequest', 'There is no such time zone.', {
    errors: [{ pointer: '/query/timeZone', message: 'unknown; for example Europe/Berlin' }],
  });
}

/** Everybody who could be given tickets, of the desk or of a team. */
async function listAgents(
  { sql }: ApiDeps,
  teamId: string | null,
  nowMs: number,
): Promise<Candidate[]> {
  if (teamId !== null) return await listCandidates(sql, teamId, nowMs);
  const users = await listUsers(sql);
  const ids = users.filter(({ active }) => active).map(({ id }) => id);
  return await listPeopleAsCandidates(sql, ids, nowMs);
}

function agentsOf(
  candidates: readonly Candidate[],
  nowMs: number,
): z.infer<typeof Summary>['agents'] {
  const people = candidates
    .filter(({ active, seat, mayReply }) => active && seat && mayReply)
    .map((candidate) => agentOf(candidate, nowMs))
    .toSorted((one, other) => one.name.localeCompare(other.name));
  const count = (...states: string[]): number =>
    people.filter(({ state }) => states.includes(state)).length;
  const figures = { available: count('available', 'atCapacity'), atCapacity: count('atCapacity') };
  return { ...figures, away: count('away'), people };
}

function agentOf(
  candidate: Candidate,
  nowMs: number,
): z.infer<typeof Summary>['agents']['people'][number] {
  const { userId, name, load: open, capacity } = candidate;
  // Not a member of any team asks for less than routing does: the question is who is there, and who has room.
  const ask = { needs: NO_NEEDS, channel: null, nowMs };
  const reason = ineligibility({ ...candidate, main: true }, ask);
  const away = ineligibility({ ...candidate, main: true, capacity: null }, ask) !== null;
  const conditions = {
    all: [
      { field: 'assignee', op: 'is' as const, value: userId },
      { field: 'category', op: 'in' as const, value: ['new', 'open'] },
    ],
  };
  return {
    ...{ userId, name, reason, open, capacity, filter: filterOf({ conditions }) },
    state: reason === null ? 'available' : away ? 'away' : 'atCapacity',
  };
}
