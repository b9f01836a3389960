// The live summary: behind every number stand just as many tickets, and agents are counted as routing sees them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedTickets } from '#bench/seed-tickets.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
let teamId: string;
beforeAll(async () => {
  desk = await startTestDesk();
  const { sql } = desk;
  // The seed is read only here: nobody lives in these tickets, and workers would look for them.
  await desk.stopWorkers();
  const busy = await desk.addUser('busy', { capacity: 1 });
  const free = await desk.addUser('free', { capacity: 5_000 });
  await desk.addUser('gone', { availability: 'away' });
  await desk.addUser('noSeat', { seat: false });
  const members = [busy, free].map((userId) => ({ userId, main: true }));
  const team = await desk.call('POST', '/api/v1/teams', {
    name: 'Support',
    strategy: 'manual',
    members,
  });
  teamId = team['id'];
  await desk.call('POST', '/api/v1/teams', { name: 'Other', strategy: 'manual' });
  await seedTickets(sql, 3_000);
  // Goals as workflows write them, and a life in the last two days.
  await sql`
    update tickets set snoozed_until = case when id % 40 = 0 then now() + interval '1 day' end,
      created_at = created_at - interval '3 days',
      updated_at = case when id % 3 = 0 then now() - (id % 500) * interval '6 minutes' else updated_at end,
      closed_at = case when category = 'closed' then case when id % 3 = 0 then now() - (id % 500 + id % 60) * interval '6 minutes'
        else updated_at - interval '1 day' end end`;
  await sql`
    update tickets set created_at = least(created_at, updated_at, closed_at),
      sla = jsonb_build_object('policyId', null, 'policyVersion', null, 'paused', false, 'mostUrgent', null, 'goals',
        jsonb_build_object('firstReply', jsonb_build_object(
          'state', (array['active', 'dueSoon', 'overdue', 'completedOnTime', 'completedLate'])[1 + id % 5], 'dueAt', null, 'breachedAt', null,
          'completedAt', case when id % 5 > 2 then to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end)))`;
  await sql`
    update tickets set created_at = updated_at where id % 6 = 0 and updated_at > now() - interval '2 days'`;
  await sql`
    update messages m set created_at = t.updated_at - interval '5 minutes', kind = 'reply', state = 'sent', author_user_id = ${free}
    from tickets t where t.id = m.ticket_id and t.id % 9 = 0 and m.kind = 'inbound'`;
  await sql`
    update messages m set created_at = t.updated_at from tickets t where t.id = m.ticket_id and m.created_at > t.updated_at`;
  await sql`
    update tickets set category = 'open', status = 'waitingOnUs'
    where id in (select id from tickets where assignee_id = ${busy} and category = 'waiting' order by id limit 5)`;
}, 120_000);
afterAll(async () => {
  await desk.stop();
});

type Figure = { path: string; count: number; filter: string };
function figuresOf(value: unknown, path = ''): Figure[] {
  if (typeof value !== 'object' || value === null) return [];
  const { count, filter } = value as Partial<Figure>;
  if (typeof count === 'number' && typeof filter === 'string') return [{ path, count, filter }];
  return Object.entries(value).flatMap(([key, one]) => figuresOf(one, `${path}/${key}`));
}

async function countBehind(filter: string): Promise<number> {
  let count = 0;
  let cursor = '';
  do {
    const page = await desk.call('GET', `/api/v1/tickets?${filter}&limit=100${cursor}`);
    count += page['items'].length;
    cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
  } while (cursor !== '');
  return count;
}

describe('the summary', () => {
  it.for(['', ' of a team'])('has just as many tickets behind every number%s', async (narrowed) => {
    const team = narrowed === '' ? '' : `&teamId=${teamId}`;
    const path = `/api/v1/reports/summary?timeZone=Pacific/Auckland${team}`;
    const { agents: _agents, ...summary } = await desk.call('GET', path);
    const figures = figuresOf(summary);
    expect(figures).toHaveLength(9 + 4 + 3 * 5 + 3 * 2);
    for (const { path: name, count, filter } of figures) {
      expect([name, await countBehind(filter)]).toEqual([name, count]);
    }
    const shown = new Map(figures.map(({ path: name, count }) => [name, count]));
    for (const name of [
      '/live/new',
      '/live/overdue',
      '/goals/firstReply/active',
      '/day/created/yesterday',
      '/byPriority/urgent',
    ]) {
      expect([name, shown.get(name)]).not.toEqual([name, 0]);
    }
    expect(shown.get('/day/replied/today') ?? 0).toBeGreaterThan(0);
  });

  it('counts goals completed today, not ever', async () => {
    const { goals } = await desk.call('GET', '/api/v1/reports/summary');
    const [row] = await desk.sql`
      select count(*)::integer as count from tickets where not spam and sla->'goals'->'firstReply'->>'state' = 'completedLate'
        and (sla->'goals'->'firstReply'->>'completedAt')::timestamptz >= date_trunc('day', now())`;
    expect(goals['firstReply'].completedLate.count).toBe(row?.['count']);
  });

  it('counts agents as routing sees them, with the tickets that are their load', async () => {
    const { agents } = await desk.call('GET', '/api/v1/reports/summary');
    expect(agents).toMatchObject({ available: 2, atCapacity: 1, away: 2 });
    expect(agents['people'].map((one: Json) => [one['name'], one['state']])).toEqual([
      ...[
        ['admin', 'away'],
        ['busy', 'atCapacity'],
        ['free', 'available'],
        ['gone', 'away'],
      ],
    ]);
    for (const { open, filter } of agents['people'] as { open: number; filter: string }[]) {
      expect(await countBehind(filter)).toBe(open);
    }
    const { agents: team } = await desk.call('GET', `/api/v1/reports/summary?teamId=${teamId}`);
    expect(team).toMatchObject({ available: 2, away: 0 });
  });

  it('of a time zone that does not exist is a 422', async () => {
    const path = '/api/v1/reports/summary?timeZone=Mars/Olympus';
    const { errors } = await desk.call('GET', path, undefined, 422);
    expect(errors[0].pointer).toBe('/query/timeZone');
  });
});
