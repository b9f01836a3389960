// What a change of somebody's availability would do, before it is saved: when they come and go, which of their tickets go back to which
// queue, who could take them there. By the very functions that act on a saved change; nothing is written.
import { createRoute } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import { listCandidates, listMainTeams } from '#db/assignments.ts';
import { findAvailability, listAbsences, listHeldTickets } from '#db/availability.ts';
import type { AbsenceRow, AvailabilitySource } from '#db/availability.ts';
import { findSettings } from '#db/desk-rules.ts';
import { findUser, listTeams } from '#db/people.ts';
import type { TeamRow, UserRow } from '#db/people.ts';
import type { SqlPool } from '#db/sql.ts';
import { compiledHours } from '#db/working-hours.ts';
import { AVAILABILITY_WORDS, foresee, lookAt, returnReason } from '#domain/availability.ts';
import type {
  Absence,
  AvailabilityFacts,
  AvailabilityLook,
  HandBackRule,
  KnownAvailability,
} from '#domain/availability.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { Viewer } from '#domain/permissions.ts';
import { listVisibleIds } from '#db/access.ts';
import { explainCandidates, ineligibility, NO_NEEDS } from '#domain/routing.ts';
import type { Candidate } from '#domain/routing.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { mustBeAllowed } from '../access.ts';
import { errorResponses, UuidParam } from '../schemas.ts';
import {
  AHEAD_DAYS,
  AvailabilityDraft,
  AvailabilityPreview,
  MOST_CHANGES,
  MOST_TEAMS,
  SAMPLE,
  STAY_WORDS,
} from './availability-preview-schemas.ts';
import type { STAYS } from './availability-preview-schemas.ts';
import { refuseEmpty } from './out-of-office.ts';

type Answer = z.infer<typeof AvailabilityPreview>;
type Draft = z.infer<typeof AvailabilityDraft>;
type Stay = (typeof STAYS)[number];
type Look = AvailabilityLook & { atMs: number };

const AHEAD_MS = AHEAD_DAYS * 86_400_000;
/** What is saved later than this is told from too far. */
const MOST_LATER_MS = 90 * 86_400_000;
/** Clocks of callers may be this late. */
const LATE_MS = 60_000;

const route = createRoute({
  method: 'post',
  path: '/api/v1/users/{id}/availability/preview',
  operationId: 'previewAvailability',
  summary: 'What a change of somebody’s availability would do; nothing is saved',
  request: {
    params: UuidParam,
    body: { required: true, content: { 'application/json': { schema: AvailabilityDraft } } },
  },
  responses: {
    200: {
      description: `When they come and go, and which of their open tickets go where or stay, up to ${SAMPLE} of each.`,
      content: { 'application/json': { schema: AvailabilityPreview } },
    },
    ...errorResponses,
  },
});

/** POST /users/{id}/availability/preview: of oneself, or of anybody by an admin. */
export function registerAvailabilityPreview(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    if (c.get('caller').userId !== id) mustBeAllowed(c, 'availability.others');
    const draft = c.req.valid('json');
    const atMs = savedAtMs(draft, deps.clock());
    for (const [index, range] of (draft.outOfOffice ?? []).entries()) {
      refuseEmpty(new Date(range.from), new Date(range.to), atMs, `/outOfOffice/${index}`);
    }
    const answer = await preview(deps.sql, id, draft, { nowMs: deps.clock(), atMs });
    return c.json(await seenBy(deps.sql, c.get('access'), answer), 200);
  });
}

/** Counts are of all their tickets; samples name those the caller sees. */
async function seenBy(sql: SqlPool, viewer: Viewer, answer: Answer): Promise<Answer> {
  const named = [...answer.goBack.sample, ...answer.stay.sample];
  const ids = named.map(({ ticketId }) => ticketId);
  const seen = await listVisibleIds(sql, viewer, ids);
  const of = <T extends { ticketId: number }>(sample: T[]): T[] =>
    sample.filter(({ ticketId }) => seen.has(ticketId));
  return {
    ...answer,
    goBack: { ...answer.goBack, sample: of(answer.goBack.sample) },
    stay: { ...answer.stay, sample: of(answer.stay.sample) },
  };
}

function savedAtMs({ at }: Draft, nowMs: number): number {
  const wantedMs = at === undefined ? nowMs : Date.parse(at);
  if (wantedMs >= nowMs - LATE_MS && wantedMs <= nowMs + MOST_LATER_MS)
    return Math.max(wantedMs, nowMs);
  throw new HoldfastError('invalidRequest', 'A change is tried for now or for the next 90 days.', {
    errors: [{ pointer: '/at', message: 'must be between now and 90 days ahead' }],
  });
}

/** Everything the answer is made of, as of one moment. */
interface Known {
  user: UserRow;
  source: AvailabilitySource;
  absences: AbsenceRow[];
  rule: HandBackRule;
}

async function findKnown(sql: SqlPool, userId: string, nowMs: number): Promise<Known> {
  const user = await findUser(sql, userId);
  const source = await findAvailability(sql, userId, nowMs);
  if (user === undefined || source === undefined) {
    throw new HoldfastError('notFound', 'There is no such user.');
  }
  const absences = await listAbsences(sql, userId, nowMs);
  return { user, source, absences, rule: (await findSettings(sql)).awayReassign };
}

async function preview(
  sql: SqlPool,
  userId: string,
  draft: Draft,
  { nowMs, atMs }: { nowMs: number; atMs: number },
): Promise<Answer> {
  const known = await findKnown(sql, userId, nowMs);
  refuseUnknownRanges(known, draft);
  const { source, rule } = known;
  const present = source.known ?? unwatched(source.facts, rule, nowMs);
  const span = { fromMs: atMs, untilMs: atMs + AHEAD_MS, mostChanges: MOST_CHANGES };
  const until = { fromMs: nowMs, untilMs: atMs - 1, mostChanges: Number.MAX_SAFE_INTEGER };
  const [past] = foresee(source.facts, present, rule, until).slice(-1);
  const before = foresee(source.facts, past ?? present, rule, span);
  const facts = draftedFacts(known, draft);
  // A first save has somebody looked at who never was.
  const after = foresee(facts, past ?? source.known, rule, span);
  const goesBack = after.find(({ handsBack }) => handsBack);
  const gone = after.find(({ availability }) => availability === 'away');
  const checkedAtMs = (goesBack ?? gone)?.atMs ?? atMs;
  const teams = await listTeams(sql);
  const held = await listHeldTickets(sql, { userId, teamId: source.teamId, limit: SAMPLE });
  const verdict = goesBack === undefined ? whyAllStay(rule, after) : null;
  const returning = verdict === null ? held.counts.filter(({ fate }) => fate === 'goesBack') : [];
  const looked = await lookAtTeams(sql, {
    ...{ userId, teams, returning, checkedAtMs },
    drafted: draftedCandidate(known, draft, facts),
  });
  return {
    ...{ userId, at: iso(atMs), before: outlook(before), after: outlook(after) },
    awayReassign: { enabled: rule.enabled, afterSeconds: rule.afterSeconds },
    goBack: {
      count: sum(returning),
      at: goesBack === undefined ? null : iso(goesBack.atMs),
      reason: goesBack === undefined ? null : returnReason(goesBack),
      sample: held.sample
        .filter(({ fate }) => verdict === null && fate === 'goesBack')
        .map((ticket) => ticketOf(ticket, teams)),
    },
    stay: staying(held, verdict, teams),
    teams: looked,
    queuesWithNobody: looked.flatMap(({ nobodyLeft, teamId }) => (nobodyLeft ? [teamId] : [])),
  };
}

function refuseUnknownRanges({ absences }: Known, { outOfOfficeRemoved = [] }: Draft): void {
  const errors = outOfOfficeRemoved.flatMap((id, index) =>
    absences.some((one) => one.id === id)
      ? []
      : [{ pointer: `/outOfOfficeRemoved/${index}`, message: 'they have no such range' }],
  );
  if (errors.length === 0) return;
  throw new HoldfastError('unknownReference', 'It takes back a range that does not exist.', {
    errors,
  });
}

/** Nobody has ever looked at them: as long as nothing is saved, nobody will, and nothing goes back. */
function unwatched(facts: AvailabilityFacts, rule: HandBackRule, nowMs: number): KnownAvailability {
  return { ...lookAt(facts, null, rule, nowMs), handedBack: true };
}

function draftedFacts({ user, absences }: Known, draft: Draft): AvailabilityFacts {
  const { availability = user.availability, active = user.active } = draft;
  return {
    toggle: active ? availability : 'away',
    hours: compiledHours(draftedHours(user, draft)),
    absences: draftedAbsences(absences, draft),
  };
}

function draftedHours(user: UserRow, { workingHours }: Draft): CalendarDefinition | null {
  return workingHours === undefined
    ? user.workingHours
    : (workingHours as CalendarDefinition | null);
}

function draftedAbsences(known: readonly AbsenceRow[], draft: Draft): Absence[] {
  const { outOfOffice = [], outOfOfficeRemoved = [] } = draft;
  const kept = known.filter(({ id }) => !outOfOfficeRemoved.includes(id));
  return [
    ...kept.map(({ from, to }) => ({ fromMs: from.getTime(), toMs: to.getTime() })),
    ...outOfOffice.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) })),
  ];
}

type Drafted = Pick<Candidate, 'active' | 'availability' | 'workingHours' | 'absences'>;

function draftedCandidate({ user }: Known, draft: Draft, facts: AvailabilityFacts): Drafted {
  return {
    active: draft.active ?? user.active,
    availability: draft.availability ?? user.availability,
    workingHours: facts.hours,
    absences: [...facts.absences],
  };
}

function outlook(looks: readonly Look[]): Answer['before'] {
  const [first] = looks;
  if (first === undefined) throw new Error('A foresight begins with a look.');
  const back = looks.find(({ handsBack }) => handsBack);
  return {
    availability: first.availability,
    reason: AVAILABILITY_WORDS[first.reason],
    until: first.untilMs === null ? null : iso(first.untilMs),
    changes: looks
      .filter(({ changed, atMs }) => changed && atMs > first.atMs)
      .map(({ atMs, availability, reason }) => ({
        ...{ at: iso(atMs), availability, reason: AVAILABILITY_WORDS[reason] },
      })),
    ticketsGoBackAt: back === undefined ? null : iso(back.atMs),
  };
}

/** Why no ticket at all goes back. */
function whyAllStay(rule: HandBackRule, after: readonly Look[]): Stay {
  if (after.every(({ availability }) => availability === 'available')) return 'notAway';
  if (!rule.enabled) return 'settingIsOff';
  return after.some(({ availability, handedBack }) => availability === 'away' && handedBack)
    ? 'handedBackBefore'
    : 'backInTime';
}

const STAY_OF = { waits: 'waitsForRequester', noTeam: 'noTeam' } as const;

function staying(
  { counts, sample }: Awaited<ReturnType<typeof listHeldTickets>>,
  verdict: Stay | null,
  teams: readonly TeamRow[],
): Answer['stay'] {
  const why = (fate: 'goesBack' | 'waits' | 'noTeam'): Stay | null =>
    verdict ?? (fate === 'goesBack' ? null : STAY_OF[fate]);
  const byReason = new Map<Stay, number>();
  for (const { fate, count } of counts) {
    const reason = why(fate);
    if (reason !== null) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  }
  return {
    count: [...byReason.values()].reduce((all, count) => all + count, 0),
    byReason: [...byReason].map(([reason, count]) => ({
      ...{ reason, text: STAY_WORDS[reason], count },
    })),
    sample: sample
      .flatMap((ticket) => {
        const reason = why(ticket.fate);
        return reason === null ? [] : [{ ...ticketOf(ticket, teams), reason }];
      })
      .slice(0, SAMPLE),
  };
}

function ticketOf(
  { ticketId, subject, teamId }: { ticketId: number; subject: string; teamId: string | null },
  teams: readonly TeamRow[],
): Answer['goBack']['sample'][number] {
  const teamName = teams.find(({ id }) => id === teamId)?.name ?? null;
  return { ticketId, subject, teamId, teamName };
}

/** The queues it concerns, those with most tickets first: who could take a ticket there, as things stand and with the draft. */
async function lookAtTeams(
  sql: SqlPool,
  ask: {
    userId: string;
    teams: readonly TeamRow[];
    returning: readonly { teamId: string | null; count: number }[];
    checkedAtMs: number;
    drafted: Drafted;
  },
): Promise<Answer['teams']> {
  const { userId, teams, returning, checkedAtMs } = ask;
  const own = await listMainTeams(sql, userId);
  const wanted = new Set([...returning.flatMap(({ teamId }) => teamId ?? []), ...own]);
  const looked: Answer['teams'] = [];
  for (const teamId of [...wanted].slice(0, MOST_TEAMS)) {
    const team = teams.find(({ id }) => id === teamId);
    if (team === undefined) continue;
    const present = await listCandidates(sql, teamId, checkedAtMs);
    const drafted = present.map((one) =>
      one.userId === userId ? { ...one, ...ask.drafted } : one,
    );
    const anything = { needs: NO_NEEDS, channel: null, nowMs: checkedAtMs };
    const candidates = explainCandidates(drafted, anything);
    const eligible = {
      before: present.filter((one) => ineligibility(one, anything) === null).length,
      after: candidates.filter((one) => one.eligible).length,
    };
    looked.push({
      ...{ teamId, name: team.name, strategy: team.strategy, candidates, eligible },
      tickets: returning.find((one) => one.teamId === teamId)?.count ?? 0,
      checkedAt: iso(checkedAtMs),
      nobodyLeft: eligible.after === 0,
    });
  }
  return looked;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const sum = (rows: readonly { count: number }[]): number =>
  rows.reduce((all, { count }) => all + count, 0);
