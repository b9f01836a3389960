// Handing out tickets on a real Postgres, without Temporal: locks, capacity, fairness, skills, and places that nobody took over.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  assignFromTeam,
  assignToUser,
  assignWaiting,
  releaseStaleAssignments,
} from '#db/assignments.ts';
import { insertNewTicket, upsertContactByEmail } from '#db/inbound.ts';
import { insertAbsence } from '#db/availability.ts';
import { findUserLoad, insertUser, saveTeam, updateUser } from '#db/people.ts';
import type { UserValues } from '#db/people.ts';
import { deleteRoutingRule, saveRoutingRule } from '#db/routing-rules.ts';
import { NO_NEEDS } from '#domain/routing.ts';
import type { RoutingStrategy } from '#domain/routing.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/poll.ts';
import { watchSql } from '#test/support/watched.ts';

const NOW = Date.parse('2025-03-03T10:00:00Z');
const PARALLEL = 32;

let database: TestDatabase;
let contactId: string;
beforeAll(async () => {
  // One connection per parallel call: a pool smaller than that would order the calls and hide what locks must do.
  database = await createTestDatabase(PARALLEL + 2);
  contactId = (await upsertContactByEmail(database.sql, 'ann@customer.test', 'Ann')).id;
});
afterAll(async () => {
  await database.drop();
});
beforeEach(async () => {
  await database.sql`delete from relay_outbox`;
});

let made = 0;
function agentValues(more: Partial<UserValues> = {}): UserValues {
  made += 1;
  return {
    ...{ name: `Agent ${made}`, email: `agent${made}@desk.test`, role: 'agent', seat: true },
    ...{ capacity: null, skills: [], availability: 'available', workingHours: null, active: true },
    ...more,
  };
}

async function agents(count: number, more: Partial<UserValues> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const user = await insertUser(database.sql, agentValues(more));
    if (user === undefined) throw new Error('no user');
    ids.push(user.id);
  }
  return ids;
}

async function team(strategy: RoutingStrategy, userIds: string[]): Promise<string> {
  made += 1;
  const members = userIds.map((userId) => ({ userId, main: true, lead: false }));
  const saved = await saveTeam(database.sql, {
    ...{ id: null, name: `Team ${made}` },
    strategy,
    members,
  });
  if (saved === null) throw new Error('no team');
  return saved.id;
}

/** Rows as the projection leaves them: born, in a team, waiting for an agent; the first is the oldest. */
async function waitingTickets(
  teamId: string | null,
  count: number,
  ruleId: string | null = null,
): Promise<number[]> {
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) {
    made += 1;
    const id = await insertNewTicket(database.sql, {
      ...{ subject: 'T', requesterId: contactId, companyId: null, channel: 'api', channelId: null },
      createdAt: new Date(NOW + made),
    });
    await database.sql`
      update tickets set team_id = ${teamId}, version = 1,
        routing = ${ruleId === null ? null : database.sql.json({ ruleId, teamId })} where id = ${id}`;
    ids.push(id);
  }
  return ids;
}

async function loads(): Promise<Record<string, number>> {
  const rows = await database.sql<{ id: string; n: number }[]>`
    select user_id as id, count(*)::integer as n from ticket_assignments group by user_id`;
  return Object.fromEntries(rows.map(({ id, n }) => [id, n]));
}

/** For how many people a plan that was carried out has counted. */
const COUNTED = /tickets_load.*\((?:actual rows=[\d.]+ loops=(\d+)|(never executed))\)/;
const ANYTHING = { needs: NO_NEEDS, channel: 'api', nowMs: NOW } as const;
const assign = (teamId: string, ticketId: number) =>
  assignFromTeam(database.sql, { ...ANYTHING, teamId, ticketId });

describe('32 hand-outs at once', () => {
  it.for(['roundRobin', 'leastLoaded'] as const)(
    'by %s give equal agents the same number, one more at most',
    async (strategy) => {
      const ids = await agents(5);
      const teamId = await team(strategy, ids);
      const tickets = await waitingTickets(teamId, PARALLEL);
      const found = await Promise.all(tickets.map((id) => assign(teamId, id)));
      expect(found.every((one) => one !== null)).toBe(true);
      const counts = await loads();
      const held = ids.map((id) => counts[id] ?? 0);
      expect(held.reduce((sum, count) => sum + count, 0)).toBe(PARALLEL);
      expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
    },
  );

  it('over two teams that share their agents never exceed a capacity', async () => {
    const ids = await agents(4, { capacity: 3 });
    const teams = [
      await team('roundRobin', ids),
      await team('leastLoaded', ids.toReversed()),
    ] as const;
    const tickets = await waitingTickets(teams[0], PARALLEL);
    const found = await Promise.all(
      tickets.map((id, index) => assign(teams[index % 2 === 0 ? 0 : 1], id)),
    );
    expect(found.filter((one) => one !== null)).toHaveLength(12);
    const counts = await loads();
    expect(ids.map((id) => counts[id])).toEqual([3, 3, 3, 3]);
  });

  it('for one and the same ticket hold one place, and all callers hear of the same agent', async () => {
    const ids = await agents(4);
    const teams = [await team('roundRobin', ids), await team('leastLoaded', ids)] as const;
    const [ticket = 0] = await waitingTickets(teams[0], 1);
    const found = await Promise.all(
      Array.from({ length: PARALLEL }, (_, index) =>
        assign(teams[index % 2 === 0 ? 0 : 1], ticket),
      ),
    );
    const [row] = await database.sql<{ userId: string }[]>`
      select user_id as "userId" from ticket_assignments where ticket_id = ${ticket}`;
    expect(new Set(found.map((one) => one?.userId))).toEqual(new Set([row?.userId]));
  });
});

/** Holds the rows of some users until as many sessions as told wait for a lock: an interleaving that chance seldom finds. */
async function whileUsersAreLocked(userIds: string[], begin: (() => Promise<unknown>)[]) {
  const { sql } = database;
  let started: Promise<unknown>[] = [];
  await sql.begin(async (tx) => {
    await tx`select id from users where id = any(${userIds}::uuid[]) order by id for no key update`;
    started = begin.map((start) => start());
    // Handled below; until then a rejection must not count as unhandled.
    for (const one of started) one.catch(() => undefined);
    await eventually(async () => {
      const [row] = await sql<{ n: number }[]>`
        select count(*)::integer as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      expect(row?.n).toBe(begin.length);
    });
  });
  return await Promise.allSettled(started);
}
const refused = (results: PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'rejected');

describe('locks', () => {
  it('an agent may become available while their team hands out a ticket: no deadlock', async () => {
    const values = agentValues();
    const user = await insertUser(database.sql, values);
    const userId = user?.id ?? '';
    const teamId = await team('roundRobin', [userId]);
    const [ticket = 0] = await waitingTickets(teamId, 1);
    const results = await whileUsersAreLocked(
      [userId],
      [() => updateUser(database.sql, userId, values), () => assign(teamId, ticket)],
    );
    expect(refused(results)).toEqual([]);
  });

  it('two teams that share agents, whose turn it is in opposite order, hand out batches without a deadlock', async () => {
    const ids = await agents(2, { capacity: 2 });
    const teams = [await team('roundRobin', ids), await team('roundRobin', ids)];
    for (const [index, teamId] of teams.entries()) {
      const order = index === 0 ? [1, 2] : [2, 1];
      await database.sql`
        update team_members m set last_turn = o.turn
        from unnest(${ids}::uuid[], ${order}::integer[]) as o(id, turn)
        where m.team_id = ${teamId} and m.user_id = o.id`;
      await waitingTickets(teamId, 4);
    }
    const results = await whileUsersAreLocked(
      ids,
      teams.map((teamId) => () => assignWaiting(database.sql, { teamId, nowMs: NOW, limit: 50 })),
    );
    expect(refused(results)).toEqual([]);
    const counts = await loads();
    expect(ids.map((id) => counts[id])).toEqual([2, 2]);
  });
});

describe('a rule that names a person', () => {
  it('finds the place held by the first call again, even when that filled the capacity', async () => {
    const [userId = ''] = await agents(1, { capacity: 1 });
    const [ticketId = 0, second = 0] = await waitingTickets(null, 2);
    const ask = { ...ANYTHING, userId, ticketId };
    const first = await assignToUser(database.sql, ask);
    expect(first.found?.userId).toBe(userId);
    expect(await assignToUser(database.sql, ask)).toEqual(first);
    expect(await assignToUser(database.sql, { ...ask, ticketId: second })).toEqual({
      found: null,
      reason: 'is at capacity (1 of 1)',
    });
  });
});

describe('the queue of a team', () => {
  it('hands out the oldest first, as far as capacity goes', async () => {
    const [userId = ''] = await agents(1, { capacity: 2 });
    const teamId = await team('leastLoaded', [userId]);
    const tickets = await waitingTickets(teamId, 4);
    const { assigned } = await assignWaiting(database.sql, { teamId, nowMs: NOW, limit: 50 });
    expect(assigned.map(({ ticketId }) => ticketId)).toEqual(tickets.slice(0, 2));
  });

  it('does not stop at old tickets that need a skill nobody has', async () => {
    const [userId = ''] = await agents(1);
    const teamId = await team('roundRobin', [userId]);
    const rule = await saveRoutingRule(database.sql, {
      ...{ id: null, name: 'Welsh', position: 1, enabled: true, conditions: [] },
      ...{ assign: { teamId }, requiredSkills: ['welsh'] },
    });
    await waitingTickets(teamId, 7, rule?.id ?? null);
    const [plain] = await waitingTickets(teamId, 1);
    const { assigned } = await assignWaiting(database.sql, { teamId, nowMs: NOW, limit: 3 });
    expect(assigned.map(({ ticketId }) => ticketId)).toEqual([plain]);
  });

  it('passes over spam, merged, snoozed, closed and already held tickets', async () => {
    const [userId = ''] = await agents(1);
    const teamId = await team('roundRobin', [userId]);
    const [spam = 0, merged = 0, snoozed = 0, untilReply = 0, closed = 0, held = 0, free = 0] =
      await waitingTickets(teamId, 7);
    const { sql } = database;
    await sql`update tickets set spam = true where id = ${spam}`;
    await sql`update tickets set merged_into_id = ${free} where id = ${merged}`;
    await sql`update tickets set snoozed_until = now() where id = ${snoozed}`;
    await sql`update tickets set snoozed_until_reply = true where id = ${untilReply}`;
    await sql`update tickets set category = 'closed' where id = ${closed}`;
    await assign(teamId, held);
    const { assigned } = await assignWaiting(sql, { teamId, nowMs: NOW, limit: 50 });
    expect(assigned.map(({ ticketId }) => ticketId)).toEqual([free]);
  });

  it('of a manual team is left alone', async () => {
    const teamId = await team('manual', await agents(2));
    await waitingTickets(teamId, 2);
    const { assigned } = await assignWaiting(database.sql, { teamId, nowMs: NOW, limit: 50 });
    expect(assigned).toEqual([]);
  });
});

describe('what a waiting ticket asks for', () => {
  const waitingOn = async (teamId: string, more: object): Promise<number> => {
    const rule = await saveRoutingRule(database.sql, {
      ...{ id: null, name: 'R', position: 1, enabled: true, conditions: [], requiredSkills: [] },
      ...{ assign: { teamId } },
      ...more,
    });
    const [ticketId = 0] = await waitingTickets(teamId, 1, rule?.id ?? null);
    return ticketId;
  };
  const look = async (teamId: string) =>
    (await assignWaiting(database.sql, { teamId, nowMs: NOW, limit: 50 })).assigned;
  const welsh = { requiredSkills: ['welsh'], requiredLevels: { welsh: 3 } };

  it('is a skill at a level: who knows it less does not get it, and who knows it does', async () => {
    const [weak = ''] = await agents(1, { skills: ['welsh'], skillLevels: { welsh: 2 } });
    const [strong = ''] = await agents(1, { skills: ['welsh'], skillLevels: { welsh: 3 } });
    const weakTeam = await team('roundRobin', [weak]);
    const bothTeam = await team('roundRobin', [weak, strong]);
    await waitingOn(weakTeam, welsh);
    const ticketId = await waitingOn(bothTeam, welsh);
    expect(await look(weakTeam)).toEqual([]);
    expect(await look(bothTeam)).toMatchObject([{ ticketId, userId: strong }]);
  });

  it.for([
    ['a fallback has dropped it', { skillsDropped: true }],
    ['a person has moved the ticket to this team', { teamId: null }],
  ] as const)('is no skill any more once %s', async ([, routing]) => {
    const [userId = ''] = await agents(1);
    const teamId = await team('roundRobin', [userId]);
    const ticketId = await waitingOn(teamId, welsh);
    expect(await look(teamId)).toEqual([]);
    await database.sql`
      update tickets set routing = routing || ${database.sql.json(routing)} where id = ${ticketId}`;
    expect(await look(teamId)).toMatchObject([{ ticketId, userId }]);
  });

  it('is no skill any more once its rule is gone, and the queue is looked at then', async () => {
    const [userId = ''] = await agents(1);
    const teamId = await team('roundRobin', [userId]);
    const ticketId = await waitingOn(teamId, welsh);
    expect(await look(teamId)).toEqual([]);
    const [row] = await database.sql<{ ruleId: string }[]>`
      select routing->>'ruleId' as "ruleId" from tickets where id = ${ticketId}`;
    await database.sql`delete from relay_outbox`;
    expect(await deleteRoutingRule(database.sql, row?.ruleId ?? '')).toBe(true);
    expect(await owedQueues()).toEqual([teamId]);
    expect(await look(teamId)).toMatchObject([{ ticketId, userId }]);
  });

  it('is room for its channel: tickets of a full channel do not stand before others', async () => {
    const [userId = ''] = await agents(1, { channelCapacity: { api: 0 } });
    const teamId = await team('roundRobin', [userId]);
    await waitingTickets(teamId, 60);
    const [form = 0] = await waitingTickets(teamId, 1);
    await database.sql`update tickets set channel = 'form' where id = ${form}`;
    expect(await look(teamId)).toMatchObject([{ ticketId: form, userId }]);
  });

  it('is the person it sticks to, if they are free', async () => {
    const [, owner = ''] = await agents(2);
    const teamId = await team('leastLoaded', await agents(2).then((more) => [...more, owner]));
    const ticketId = await waitingOn(teamId, { sticky: 'contactOwner' });
    await database.sql`update contacts set owner_id = ${owner} where id = ${contactId}`;
    expect(await look(teamId)).toMatchObject([
      { ticketId, userId: owner, reason: 'looks after the contact' },
    ]);
    await database.sql`update contacts set owner_id = null where id = ${contactId}`;
  });
});

const owedQueues = async (): Promise<(string | null)[]> =>
  (
    await database.sql<{ teamId: string | null }[]>`
      select distinct team_id as "teamId" from relay_outbox where kind = 'assignQueue'`
  ).map(({ teamId }) => teamId);

describe('load', () => {
  it('counts a ticket once while its place waits to be taken over, after, and not when it is closed', async () => {
    const [userId = ''] = await agents(1);
    const teamId = await team('roundRobin', [userId]);
    const [ticketId = 0] = await waitingTickets(teamId, 1);
    const { sql } = database;
    const load = async () => (await findUserLoad(sql, userId))?.open;
    await assign(teamId, ticketId);
    expect(await load()).toBe(1);
    await sql`update tickets set assignee_id = ${userId} where id = ${ticketId}`;
    expect(await load()).toBe(1);
    await sql`update ticket_assignments set confirmed = true where ticket_id = ${ticketId}`;
    expect(await load()).toBe(1);
    await sql`update tickets set category = 'waiting' where id = ${ticketId}`;
    expect(await load()).toBe(0);
    await sql`update tickets set category = 'closed' where id = ${ticketId}`;
    expect(await load()).toBe(0);
  });
});

describe('people who leave', () => {
  it('and others who come in their place: the team’s tickets flow on (chatwoot#6427)', async () => {
    const values = agentValues();
    const gone = await insertUser(database.sql, values);
    const userId = gone?.id ?? '';
    const teamId = await team('roundRobin', [userId]);
    await updateUser(database.sql, userId, { ...values, active: false });
    const [ticketId = 0] = await waitingTickets(teamId, 1);
    expect(await assign(teamId, ticketId)).toBeNull();
    const [fresh = ''] = await agents(1);
    await database.sql`delete from relay_outbox`;
    const members = [userId, fresh].map((one) => ({ userId: one, main: true, lead: false }));
    await saveTeam(database.sql, {
      id: teamId,
      name: `Team of ${fresh}`,
      strategy: 'roundRobin',
      members,
    });
    expect(await owedQueues()).toEqual([teamId]);
    const { assigned } = await assignWaiting(database.sql, { teamId, nowMs: NOW, limit: 50 });
    expect(assigned).toMatchObject([{ ticketId, userId: fresh }]);
  });

  it('for a while, by a range out of office, get nothing while it lasts, and everything at its last instant', async () => {
    const [userId = ''] = await agents(1);
    const teamId = await team('roundRobin', [userId]);
    const to = new Date(NOW + 3_600_000);
    await insertAbsence(database.sql, { userId, from: new Date(NOW), to, note: null });
    const [ticketId = 0] = await waitingTickets(teamId, 1);
    const at = (nowMs: number) => assignWaiting(database.sql, { teamId, nowMs, limit: 50 });
    expect((await at(NOW)).assigned).toEqual([]);
    expect((await at(to.getTime() - 1)).assigned).toEqual([]);
    expect((await at(to.getTime())).assigned).toMatchObject([{ ticketId, userId }]);
  });
});

describe('a place that no ticket took over', () => {
  it('is given back, and the queues it frees are looked at again', async () => {
    const [userId = ''] = await agents(1, { capacity: 1 });
    const teamId = await team('roundRobin', [userId]);
    const [ticketId = 0] = await waitingTickets(teamId, 1);
    await assign(teamId, ticketId);
    await database.sql`delete from relay_outbox`;
    await database.sql`
      update ticket_assignments set created_at = now() - interval '1 hour' where ticket_id = ${ticketId}`;
    expect(await releaseStaleAssignments(database.sql, 60_000)).toBe(1);
    const owed = await database.sql<{ teamId: string }[]>`
      select team_id as "teamId" from relay_outbox where kind = 'assignQueue'`;
    expect(owed.map((row) => row.teamId)).toEqual([teamId]);
  });
});

describe('what people hold is counted', () => {
  /** How Postgres goes about the count for a team that has a ticket to hand out. */
  async function planOfCount(teamId: string, options: string): Promise<string> {
    const watched = watchSql(database);
    try {
      const [ticketId = 0] = await waitingTickets(teamId, 1);
      await assignFromTeam(watched.sql, { ...ANYTHING, teamId, ticketId });
      const counted = watched.asked.find(({ query }) => query.includes('"channelLoad"'));
      return await watched.planOf(counted, options);
    } finally {
      await watched.end();
    }
  }

  it('without going through the tickets that wait, also while Postgres knows nothing of its tables yet', async () => {
    // A new desk: its worker plans this once, when all tables are empty, and a storm of mails comes before Postgres looks at them.
    const plan = await planOfCount(await team('leastLoaded', await agents(3)), 'generic_plan');
    expect(plan).toContain('tickets_load');
    expect(plan).toContain('ticket_assignments_unconfirmed');
    expect(plan).not.toContain('tickets_open_team');
  });

  it('only where it decides: not for people without a limit in a team that goes by turns', async () => {
    const unlimited = await agents(2);
    const [limited = ''] = await agents(1, { capacity: 5 });
    const counts = async (strategy: RoutingStrategy, ids: string[]): Promise<string> => {
      const plan = await planOfCount(await team(strategy, ids), 'analyze, timing off, summary off');
      const [, loops, never] = COUNTED.exec(plan) ?? [];
      return loops ?? never ?? 'not found';
    };
    expect(await counts('roundRobin', unlimited)).toBe('never executed');
    expect(await counts('roundRobin', [...unlimited, limited])).toBe('1');
    expect(await counts('leastLoaded', unlimited)).toBe('2');
  });
});
