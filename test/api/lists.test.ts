// Lists of what admins keep: every one pages through all its things once, in its own order, and refuses cursors of another.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
  const hours = { mon: [['09:00', '17:00']] };
  const team = await desk.call('POST', '/api/v1/teams', { name: 'Team', members: [] });
  for (let n = 0; n < 5; n += 1) {
    // Equal positions and names: the id must break the tie.
    const position = Math.floor(n / 2);
    await desk.call('POST', '/api/v1/teams', { name: `Äther ${n}` });
    await desk.call('POST', '/api/v1/users', {
      name: 'Same',
      email: `s${n}@d.test`,
      role: 'agent',
    });
    await desk.call('POST', '/api/v1/channels', { name: 'C', address: `c${n}@desk.test` });
    await desk.call('POST', '/api/v1/sla-policies', {
      name: 'P',
      position,
      goals: { close: { seconds: 60 } },
    });
    await desk.call('POST', '/api/v1/routing-rules', {
      ...{ name: 'R', position, assign: { teamId: team['id'] } },
    });
    await desk.call('POST', '/api/v1/calendars', { name: `K ${n}`, timeZone: 'UTC', hours });
    await desk.call('POST', '/api/v1/api-keys', {
      name: 'K',
      userId: desk.adminId,
      scopes: ['read'],
    });
  }
});
afterAll(async () => {
  await desk.stop();
});

const LISTS = [
  'users',
  'teams',
  'api-keys',
  'channels',
  'sla-policies',
  'routing-rules',
  'calendars',
];

describe('the list', () => {
  it.for(LISTS)('%s pages through everything once, in order', async (list) => {
    const all = (await desk.call('GET', `/api/v1/${list}`))['items'];
    expect(all.length).toBeGreaterThanOrEqual(5);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await desk.call('GET', `/api/v1/${list}?limit=2${cursor}`);
      expect(page['items'].length).toBeLessThanOrEqual(2);
      seen.push(...page['items'].map(({ id }: any) => id));
      cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
    } while (cursor !== '');
    expect(seen).toEqual(all.map(({ id }: any) => id));
  });

  it.for(LISTS)('%s refuses what is no place in it', async (list) => {
    const id = '00000000-0000-7000-8000-000000000001';
    const named = ['users', 'teams', 'calendars'].includes(list);
    const foreign = { id, key: named ? 1 : 'x' };
    for (const place of [foreign, { id, key: 1e10 }, { id: 'x', key: null }, {}]) {
      const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
      await desk.call('GET', `/api/v1/${list}?cursor=${cursor}`, undefined, 422);
    }
  });

  it('of notices too', async () => {
    const { id } = await desk.call('POST', '/api/v1/tickets', {
      ...{ subject: 'T', requester: { email: 'a@x.test' } },
    });
    await desk.sql`
      insert into notifications (user_id, ticket_id, seq, type, at)
      select ${desk.adminId}, ${id}, 1000 + n, 'ended', now() + (n / 2) * interval '200 microseconds'
      from generate_series(1, 7) n`;
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await desk.call('GET', `/api/v1/notifications?limit=3${cursor}`);
      seen.push(...page['items'].map((one: any) => one.id));
      cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
    } while (cursor !== '');
    const rows = await desk.sql`
      select id from notifications where user_id = ${desk.adminId} order by at desc, id desc`;
    expect(seen).toEqual(rows.map((row) => row['id']));
    expect(seen.length).toBeGreaterThanOrEqual(7);
  });
});
