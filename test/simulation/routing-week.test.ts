// One week of a desk on a real Postgres, without Temporal: 40 agents in 5 teams, 20,000 tickets, people who come and go by hand, by their
// hours and by ranges out of office. The hand-outs, the looks at availability and what they owe are the desk's own; what the ticket
// workflows would write is written here. After each step of five minutes a model of its own checks what must always hold.
// SIM_SEED repeats the dice; who of several at once is served first is up to Postgres.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { availabilityActivities } from '#activities/availability.ts';
import { assignFromTeam, assignWaiting, findClaim } from '#db/assignments.ts';
import { deleteAbsence, insertAbsence } from '#db/availability.ts';
import { updateSettings } from '#db/desk-rules.ts';
import { upsertContactByEmail } from '#db/inbound.ts';
import { insertUser, saveTeam, updateAvailability } from '#db/people.ts';
import { saveRoutingRule } from '#db/routing-rules.ts';
import { json } from '#db/sql.ts';
import { NO_NEEDS } from '#domain/routing.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';
import {
  CHANNELS,
  dice,
  EQUALS,
  HOUR,
  hoursIn,
  isThere,
  MINUTE,
  objection,
  STICKY_TEAM,
  STRATEGIES,
  teamsOf,
  traitsOf,
  WEEK_END,
  WEEK_START,
  WELSH_TEAM,
} from './week.ts';
import type { ModelAgent, ModelTicket } from './week.ts';

const SEED = Number(process.env['SIM_SEED'] ?? Math.floor(Math.random() * 1_000_000_000));
const TICKETS = Number(process.env['SIM_TICKETS'] ?? 20_000);
const STEP = 5 * MINUTE;
const STEPS = (WEEK_END - WEEK_START) / STEP;
const REQUESTERS = 300;
const WELSH_LEVEL = 2;
const WIDEN_AFTER = 30 * MINUTE;
const HAND_BACK_AFTER = 2 * HOUR;

let database: TestDatabase;
const random = dice(SEED);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(list: readonly T[]): T => {
  const one = list[below(list.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};

let teamIds: string[];
let ruleIds: Record<number, string>;
let agents: ModelAgent[];
let agentById: Map<string, ModelAgent>;
let requesterIds: string[];
const tickets = new Map<number, ModelTicket>();
const waiting = new Set<ModelTicket>();
const open = new Set<ModelTicket>();
const looksAt = new Map<string, number>();
const handOutMs: number[] = [];
const happened = { returned: 0, widened: 0, pulled: 0 };
let turnsInWindow = new Map<string, number>();

beforeAll(async () => {
  process.stderr.write(`routing week: SIM_SEED=${SEED}\n`);
  database = await createTestDatabase(12);
  const { sql } = database;
  await updateSettings(sql, {
    awayReassign: { enabled: true, afterSeconds: HAND_BACK_AFTER / 1000 },
  });
  agents = [];
  for (let index = 0; index < 40; index += 1) agents.push(await hire(index));
  agentById = new Map(agents.map((agent) => [agent.id, agent]));
  teamIds = [];
  for (const [team, strategy] of STRATEGIES.entries()) {
    const members = agents
      .filter(({ teams }) => teams.includes(team))
      .map(({ id }) => ({ userId: id, main: true, lead: false }));
    const saved = await saveTeam(sql, { id: null, name: `Team ${team}`, strategy, members });
    teamIds.push(saved?.id ?? '');
  }
  const rule = async (team: number, more: object): Promise<string> => {
    const saved = await saveRoutingRule(sql, {
      ...{ id: null, name: `Rule ${team}`, position: team, enabled: true, conditions: [] },
      ...{ assign: { teamId: teamIds[team] ?? '' }, requiredSkills: [] },
      ...more,
    });
    return saved?.id ?? '';
  };
  ruleIds = {
    [STICKY_TEAM]: await rule(STICKY_TEAM, { sticky: 'lastAssignee' }),
    [WELSH_TEAM]: await rule(WELSH_TEAM, {
      ...{ requiredSkills: ['welsh'], requiredLevels: { welsh: WELSH_LEVEL } },
    }),
  };
  requesterIds = [];
  for (let index = 0; index < REQUESTERS; index += 1) {
    requesterIds.push((await upsertContactByEmail(sql, `c${index}@customer.test`, null)).id);
  }
  for (const agent of agents) looksAt.set(agent.id, WEEK_START);
}, 90_000);
afterAll(async () => {
  await database.drop();
});

async function hire(index: number): Promise<ModelAgent> {
  const traits = traitsOf(index);
  const user = await insertUser(database.sql, {
    ...{ name: `Agent ${index}`, email: `a${index}@desk.test`, role: 'agent', seat: true },
    ...{ capacity: traits.capacity, channelCapacity: traits.channelCapacity, active: true },
    ...(traits.welsh === 0
      ? { skills: [] }
      : { skills: ['welsh'], skillLevels: { welsh: traits.welsh } }),
    ...{ availability: 'available' },
    workingHours: traits.zone === null ? null : hoursIn(traits.zone),
  });
  return {
    ...{ id: user?.id ?? '', index, teams: teamsOf(index), toggle: 'available', ranges: [] },
    ...traits,
    ...{ load: 0, channelLoad: { email: 0, api: 0, form: 0 } },
  };
}

/** Who comes and goes by hand, and whose ranges are set or taken back. */
async function peopleDecide(nowMs: number): Promise<void> {
  const { sql } = database;
  for (const agent of agents) {
    const chance = random();
    if (chance < 0.006) {
      agent.toggle = agent.toggle === 'away' ? 'available' : 'away';
      await updateAvailability(sql, agent.id, agent.toggle);
    } else if (chance < 0.05 && agent.toggle === 'away') {
      agent.toggle = 'available';
      await updateAvailability(sql, agent.id, 'available');
    } else if (chance > 0.998) {
      const fromMs = nowMs + below(4 * HOUR);
      const toMs = fromMs + MINUTE + below(8 * HOUR);
      const range = { userId: agent.id, from: new Date(fromMs), to: new Date(toMs), note: null };
      const saved = await sql.begin(async (tx) => await insertAbsence(tx, range));
      agent.ranges.push({ id: saved?.id ?? '', fromMs, toMs });
    } else if (chance > 0.997) {
      const range = agent.ranges.find(({ toMs }) => toMs > nowMs);
      if (range === undefined) continue;
      await sql.begin(async (tx) => await deleteAbsence(tx, agent.id, range.id));
      agent.ranges = agent.ranges.filter((one) => one !== range);
    }
  }
}

/** What the relay and the workflows would do with what Postgres owes: looks at people, tickets that go back; answers queues to look at. */
async function payDebts(nowMs: number): Promise<Set<number>> {
  const { sql } = database;
  const watch = availabilityActivities(sql);
  const queues = new Set<number>();
  for (;;) {
    const due = [...looksAt].filter(([, atMs]) => atMs <= nowMs).map(([id]) => id);
    for (const userId of due) {
      const { nextAtMs } = await watch.lookAtAvailability({ userId, nowMs });
      looksAt.set(userId, nextAtMs ?? Number.POSITIVE_INFINITY);
    }
    const owed = await sql<
      { kind: string; ticketId: number | null; teamId: string | null; payload: any }[]
    >`
      delete from relay_outbox returning kind, ticket_id as "ticketId", team_id as "teamId", payload`;
    if (owed.length === 0 && due.length === 0) return queues;
    for (const { kind, ticketId, teamId, payload } of owed) {
      if (kind === 'assignQueue') queues.add(teamIds.indexOf(teamId ?? ''));
      if (kind === 'availability') looksAt.set(payload.userId, nowMs);
      if (kind === 'ticketSignal') await giveBack(ticketId ?? 0, payload.userId, nowMs, queues);
    }
  }
}

async function giveBack(
  ticketId: number,
  userId: string,
  nowMs: number,
  queues: Set<number>,
): Promise<void> {
  const { sql } = database;
  const ticket = tickets.get(ticketId);
  if (ticket?.assignee?.id !== userId || !open.has(ticket)) return;
  if (isThere(ticket.assignee, nowMs)) throw new Error('taken from somebody who is there');
  await sql`update tickets set assignee_id = null where id = ${ticketId}`;
  await sql`delete from ticket_assignments where ticket_id = ${ticketId}`;
  for (const team of [...ticket.assignee.teams, ticket.team]) queues.add(team);
  leave(ticket);
  waiting.add(ticket);
  happened.returned += 1;
}

function leave(ticket: ModelTicket): void {
  const agent = ticket.assignee;
  if (agent === null) return;
  agent.load -= 1;
  agent.channelLoad[ticket.channel] -= 1;
  ticket.assignee = null;
}

/** A hand-out, checked against the model: not twice, and to nobody it objects to. */
function given(ticketId: number, userId: string, nowMs: number): void {
  const ticket = tickets.get(ticketId);
  const agent = agentById.get(userId);
  if (ticket === undefined || agent === undefined) throw new Error('unknown ticket or agent');
  if (ticket.assignee !== null) throw new Error(`ticket ${ticketId} was assigned twice`);
  if (!open.has(ticket)) throw new Error(`ticket ${ticketId} is closed`);
  const against = objection(agent, ticket, nowMs);
  if (against !== null) throw new Error(`ticket ${ticketId} to agent ${agent.index}: ${against}`);
  ticket.assignee = agent;
  ticket.closesMs = nowMs + Math.ceil(-Math.log(1 - random()) * 1.6 * HOUR);
  agent.load += 1;
  agent.channelLoad[ticket.channel] += 1;
  waiting.delete(ticket);
  if (ticket.team === EQUALS) turnsInWindow.set(userId, (turnsInWindow.get(userId) ?? 0) + 1);
}

/** New tickets as their workflows write them, all asking for an agent at once. */
async function ticketsCome(count: number, nowMs: number): Promise<ModelTicket[]> {
  const { sql } = database;
  const born = Array.from({ length: count }, () => {
    // Few tickets at night for the team that has hours.
    const team = random() < 0.04 ? 4 : below(4);
    const needsWelsh = team === WELSH_TEAM && random() < 0.4 ? WELSH_LEVEL : 0;
    const teamId = teamIds[team] ?? '';
    const ruleId = team === WELSH_TEAM && needsWelsh === 0 ? null : (ruleIds[team] ?? null);
    return {
      ...{ team, channel: pick(CHANNELS), requester: pick(requesterIds), needsWelsh, teamId },
      routing: { ruleId, teamId },
    };
  });
  const rows = await sql<{ id: number }[]>`
    insert into tickets (subject, pipeline_id, status, category, requester_id, channel, team_id, routing, version, created_at, updated_at)
    select 'T', p.id, 'new', 'new', n.requester, n.channel, n."teamId", n.routing, 1, ${new Date(nowMs)}, ${new Date(nowMs)}
    from jsonb_to_recordset(${json(sql, born)}::jsonb) as n(requester uuid, channel text, "teamId" uuid, routing jsonb),
      (select id from pipelines limit 1) p
    returning id`;
  const fresh = born.map((one, index): ModelTicket => {
    const { team, channel, needsWelsh } = one;
    const id = rows[index]?.id ?? 0;
    return { id, team, channel, needsWelsh, cameMs: nowMs, assignee: null, closesMs: 0 };
  });
  for (const ticket of fresh) {
    tickets.set(ticket.id, ticket);
    open.add(ticket);
    waiting.add(ticket);
  }
  const found = await Promise.all(
    fresh.map(async (ticket, index) => {
      const requester = born[index]?.requester ?? '';
      const sticky =
        ticket.team === STICKY_TEAM
          ? await findClaim(sql, 'lastAssignee', requester, ticket.id)
          : null;
      const beganMs = performance.now();
      const required = ticket.needsWelsh === 0 ? [] : [{ name: 'welsh', level: ticket.needsWelsh }];
      const agent = await assignFromTeam(sql, {
        ...{ ticketId: ticket.id, teamId: teamIds[ticket.team] ?? '', channel: ticket.channel },
        ...{ needs: { ...NO_NEEDS, required }, sticky, nowMs },
      });
      handOutMs.push(performance.now() - beganMs);
      return agent === null ? null : { ticketId: ticket.id, userId: agent.userId };
    }),
  );
  await take(
    found.filter((one) => one !== null),
    nowMs,
  );
  return fresh;
}

/** Tickets take their agents over, as the projection writes it. */
async function take(
  found: readonly { ticketId: number; userId: string }[],
  nowMs: number,
): Promise<void> {
  if (found.length === 0) return;
  const { sql } = database;
  for (const { ticketId, userId } of found) given(ticketId, userId, nowMs);
  await sql`
    with n as (select * from jsonb_to_recordset(${json(sql, found)}::jsonb) as n("ticketId" bigint, "userId" uuid)),
      placed as (update ticket_assignments a set confirmed = true from n where a.ticket_id = n."ticketId")
    update tickets t set assignee_id = n."userId" from n where t.id = n."ticketId"`;
}

/** Tickets whose time has come are closed; answers the queues that their agents' freedom may help. */
async function ticketsClose(nowMs: number): Promise<Set<number>> {
  const { sql } = database;
  const closing = [...open].filter(
    ({ assignee, closesMs }) => assignee !== null && closesMs <= nowMs,
  );
  const queues = new Set(closing.flatMap(({ assignee }) => assignee?.teams ?? []));
  for (const ticket of closing) {
    leave(ticket);
    open.delete(ticket);
  }
  const ids = closing.map(({ id }) => id);
  if (ids.length === 0) return queues;
  await sql`
    update tickets set category = 'closed', status = 'closed', closed_at = ${new Date(nowMs)} where id = any(${ids}::bigint[])`;
  return queues;
}

/** Tickets that have waited for Welsh too long ask for it no more; answers whether any did. */
async function skillsAreDropped(nowMs: number): Promise<boolean> {
  const { sql } = database;
  const tired = [...waiting].filter(
    ({ needsWelsh, cameMs }) => needsWelsh > 0 && cameMs + WIDEN_AFTER <= nowMs,
  );
  if (tired.length === 0) return false;
  for (const ticket of tired) ticket.needsWelsh = 0;
  happened.widened += tired.length;
  await sql`
    update tickets set routing = routing || '{"skillsDropped": true}'
    where id = any(${tired.map(({ id }) => id)}::bigint[])`;
  return true;
}

async function queuesAreLookedAt(queues: Iterable<number>, nowMs: number): Promise<void> {
  const { sql } = database;
  const look = async (team: number): Promise<void> => {
    for (let more = true; more;) {
      const batch = await assignWaiting(sql, { teamId: teamIds[team] ?? '', nowMs, limit: 50 });
      await take(batch.assigned, nowMs);
      happened.pulled += batch.assigned.length;
      more = batch.more;
    }
  };
  const waits = new Set([...waiting].map(({ team }) => team));
  await Promise.all([...queues].filter((team) => waits.has(team)).map(look));
}

function mustHoldNow(nowMs: number): void {
  for (const { index, load, capacity } of agents) {
    if (capacity !== null && load > capacity) throw new Error(`agent ${index} holds ${load}`);
  }
  // Tickets that ask for the same thing wait for the same people: one of each kind is looked at.
  const kinds = new Map(
    [...waiting].map((one) => [`${one.team} ${one.channel} ${one.needsWelsh}`, one]),
  );
  const present = agents.filter((agent) => isThere(agent, nowMs));
  for (const ticket of kinds.values()) {
    const free = present.find((agent) => objection(agent, ticket, nowMs) === null);
    if (free !== undefined) {
      throw new Error(`ticket ${ticket.id} waits although agent ${free.index} is free`);
    }
  }
}

/** The equals who were there all through a window have had the same number of turns, one more at most. */
function turnsMustBeFair(there: readonly ModelAgent[]): void {
  const turns = there.map(({ id }) => turnsInWindow.get(id) ?? 0);
  if (turns.length > 0) expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
}

async function mustAgreeWithPostgres(): Promise<void> {
  const { sql } = database;
  const rows = await sql<{ id: string; load: number }[]>`
    select a.user_id as id, count(*)::integer as load from ticket_assignments a join tickets t on t.id = a.ticket_id
    where t.category in ('new', 'open') and a.confirmed and t.assignee_id = a.user_id group by 1`;
  const loads = Object.fromEntries(rows.map(({ id, load }) => [id, load]));
  expect(agents.map(({ id }) => loads[id] ?? 0)).toEqual(agents.map(({ load }) => load));
  const [places] = await sql<{ n: number }[]>`
    select count(*)::integer as n from ticket_assignments where not confirmed`;
  expect(places?.n).toBe(0);
}

it(`a week of 40 agents and ${TICKETS} tickets: capacity, eligibility and fairness hold after each step (seed ${SEED})`, async () => {
  let there: ModelAgent[] = [];
  let widest = 0;
  let windows = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const nowMs = WEEK_START + step * STEP;
    await peopleDecide(nowMs);
    const queues = await payDebts(nowMs);
    const thereNow = agents.filter(
      (agent) => agent.teams.includes(EQUALS) && isThere(agent, nowMs),
    );
    if (thereNow.map(({ id }) => id).join() !== there.map(({ id }) => id).join()) {
      windows += 1;
      turnsMustBeFair(there);
      there = thereNow;
      turnsInWindow = new Map();
    }
    for (const team of await ticketsClose(nowMs)) queues.add(team);
    if (await skillsAreDropped(nowMs)) queues.add(WELSH_TEAM);
    const due = Math.floor(((step + 1) * TICKETS) / STEPS);
    const fresh = await ticketsCome(due - tickets.size, nowMs);
    for (const ticket of fresh) if (ticket.assignee === null) queues.add(ticket.team);
    await queuesAreLookedAt(queues, nowMs);
    turnsMustBeFair(there);
    mustHoldNow(nowMs);
    widest = Math.max(widest, waiting.size);
    if (step % 250 === 0) await mustAgreeWithPostgres();
  }
  await mustAgreeWithPostgres();
  // A week in which nobody ever waited, nothing was given back or nobody left would have proven little.
  expect(tickets.size).toBe(TICKETS);
  expect(Math.min(widest, windows, ...Object.values(happened))).toBeGreaterThan(5);
  const sorted = handOutMs.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  process.stderr.write(
    `routing week: ${TICKETS - waiting.size} handed out, at most ${widest} waiting, ${windows} windows, ${JSON.stringify(happened)}; hand-out p50 ${at(0.5)} ms, p95 ${at(0.95)} ms\n`,
  );
}, 300_000);
