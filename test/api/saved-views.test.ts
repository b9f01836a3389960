// Saved views: whose they are, who sees and changes them, what they show to whom, and that figure and list agree.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countLists } from '#db/views.ts';
import { seesAll } from '#domain/permissions.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let people: Record<'ann' | 'bob', { id: string; call: Call }>;
let teamId: string;
type Call = (
  method: string,
  path: string,
  body?: unknown,
  expected?: number,
  headers?: Record<string, string>,
) => Promise<Json>;

beforeAll(async () => {
  desk = await startTestDesk();
  const person = async (name: string): Promise<{ id: string; call: Call }> => {
    const id = await desk.addUser(name, { availability: 'away' });
    const token = await makeToken(desk.sql, id, ['read', 'write']);
    const call: Call = (method, path, body, expected, headers) =>
      callApi(desk.app, token, { method, path: `/api/v1${path}`, body, expected, headers });
    return { id, call };
  };
  people = { ann: await person('ann'), bob: await person('bob') };
  const team = { name: 'Support', strategy: 'manual', members: [{ userId: people.bob.id }] };
  teamId = (await desk.call('POST', '/api/v1/teams', team))['id'];
});
afterAll(async () => {
  await desk.stop();
});

const admin: Call = (method, path, body, expected, headers) =>
  desk.call(method, `/api/v1${path}`, body, expected, headers);
const urgent = { field: 'priority', op: 'is', value: 'urgent' };
const aView = (more: object = {}): object => ({ name: 'Urgent', conditions: urgent, ...more });
const newTicket = async (more: object = {}): Promise<number> =>
  (await admin('POST', '/tickets', { subject: 'T', requester: { email: 'a@x.test' }, ...more }))[
    'id'
  ];
const idsOf = (answer: Json): unknown[] => answer['items'].map((one: Json) => one['id']);

describe('a view', () => {
  it('is saved, read, changed by who read it last, and removed', async () => {
    const { call } = people.ann;
    const made = await call('POST', '/views', aView({ columns: ['id', 'sla'], pinned: true }));
    expect(made).toMatchObject({
      ...{ kind: 'custom', name: 'Urgent', conditions: urgent, columns: ['id', 'sla'] },
      ...{ sort: '-updatedAt', layout: 'split', visibility: 'private', pinned: true, version: 1 },
      ...{ ownerId: people.ann.id, editable: true },
    });
    const path = `/views/${made['id']}`;
    const next = aView({ name: 'Hot', layout: 'board', groupBy: 'status' });
    const saved = await call('PUT', path, next, 200, { 'if-match': '"1"' });
    expect(saved).toMatchObject({ name: 'Hot', groupBy: 'status', version: 2, pinned: true });
    await call('PUT', path, { ...next, version: 1 }, 409);
    expect(await call('GET', path)).toEqual(saved);
    await call('DELETE', path, undefined, 204);
    await call('GET', path, undefined, 404);
    expect(await desk.sql`select view from view_pins`).toHaveLength(0);
  });

  it('is made once under an Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'a view' };
    const one = await people.ann.call('POST', '/views', aView(), 201, key);
    expect(await people.ann.call('POST', '/views', aView(), 201, key)).toEqual(one);
    await people.ann.call('DELETE', `/views/${one['id']}`, undefined, 204);
  });

  it.for([
    [{ conditions: { field: 'priority', op: 'is', value: 'huge' } }, '/conditions/value'],
    [
      { conditions: { all: [urgent, { field: 'x', op: 'is', value: 1 }] } },
      '/conditions/all/1/field',
    ],
    [{ visibility: 'teams' }, '/teamIds'],
    [{ sort: 'colour' }, '/sort'],
    [{ name: 'a\0b' }, '/name'],
  ])('is refused when it cannot be asked: %j', async ([more, pointer]) => {
    const { errors } = await people.ann.call('POST', '/views', aView(more as object), 422);
    expect(errors[0].pointer).toBe(pointer);
  });

  it('names teams that exist', async () => {
    const teamIds = ['00000000-0000-7000-8000-00000000ffff'];
    const body = aView({ visibility: 'teams', teamIds });
    const { code } = await people.ann.call('POST', '/views', body, 422);
    expect(code).toBe('unknownReference');
  });

  it('is one of at most a hundred', async () => {
    await desk.sql`insert into views (owner_id, name, conditions, columns, sort, layout, visibility)
      select ${people.ann.id}, 'v' || n, '{"all": []}', '{}', '-id', 'table', 'private' from generate_series(1, 100) n`;
    const { code } = await people.ann.call('POST', '/views', aView(), 422);
    expect(code).toBe('limitReached');
    await desk.sql`delete from views where owner_id = ${people.ann.id}`;
  });
});

describe('who sees a view and may change it', () => {
  it.for([
    ['private', { owner: 200, member: 404, other: 404, admin: 404 }],
    ['teams', { owner: 200, member: 200, other: 404, admin: 200 }],
    ['everyone', { owner: 200, member: 200, other: 200, admin: 200 }],
  ] as const)('%s', async ([visibility, expected]) => {
    const other = await desk.addUser(`other-${visibility}`);
    const token = await makeToken(desk.sql, other, ['read', 'write']);
    const teamIds = visibility === 'teams' ? [teamId] : [];
    const made = await people.ann.call('POST', '/views', aView({ visibility, teamIds }));
    const callers: Record<keyof typeof expected, Call> = {
      owner: people.ann.call,
      member: people.bob.call,
      other: (method, path, body, status) =>
        callApi(desk.app, token, { method, path: `/api/v1${path}`, body, expected: status }),
      admin,
    };
    for (const [who, status] of Object.entries(expected)) {
      const call = callers[who as keyof typeof expected];
      const listed = idsOf(await call('GET', who === 'admin' ? '/views?scope=all' : '/views'));
      expect([who, listed.includes(made['id'])]).toEqual([who, status === 200]);
      await call('GET', `/views/${made['id']}`, undefined, status);
      await call('GET', `/tickets?view=${made['id']}`, undefined, status);
      await call('PUT', `/views/${made['id']}/pin`, { pinned: true }, status);
      const counts = (await call('GET', '/views/counts'))['counts'];
      const counted = status === 200 && !(who === 'admin' && visibility === 'teams');
      expect([who, made['id'] in counts]).toEqual([who, counted]);
      const may = status === 404 ? 404 : who === 'owner' || who === 'admin' ? 200 : 403;
      const save = aView({ visibility, teamIds, name: who });
      await call('PUT', `/views/${made['id']}`, save, may);
      if (may !== 200) await call('DELETE', `/views/${made['id']}`, undefined, may);
    }
    await people.ann.call('DELETE', `/views/${made['id']}`, undefined, 204);
  });

  it('what is shared is in the audit log, what is private is not', async () => {
    const mine = await people.ann.call('POST', '/views', aView());
    const shared = await people.ann.call('POST', '/views', aView({ visibility: 'everyone' }));
    const logged = async (id: string): Promise<string[]> =>
      (await admin('GET', `/audit-log?subjectKind=view&subjectId=${id}`))['items'].map(
        (one: Json) => one['action'],
      );
    expect(await logged(mine['id'])).toEqual([]);
    expect(await logged(shared['id'])).toEqual(['created']);
    await admin('DELETE', `/views/${shared['id']}`, undefined, 204);
    expect(await logged(shared['id'])).toEqual(['removed', 'created']);
    await people.ann.call('DELETE', `/views/${mine['id']}`, undefined, 204);
  });
});

describe('the list of views', () => {
  it('begins with the nine default ones, then by position, with the pins of the caller', async () => {
    const second = await people.bob.call('POST', '/views', aView({ position: 2 }));
    const first = await people.bob.call('POST', '/views', aView({ name: 'Z', position: 1 }));
    await people.bob.call('PUT', '/views/allOpen/pin', { pinned: true }, 200);
    const { items } = await people.bob.call('GET', '/views');
    expect(idsOf({ items }).slice(9)).toEqual([first['id'], second['id']]);
    expect(items[0]).toMatchObject({ id: 'unassigned', kind: 'default', editable: false });
    const pinned = items.filter((one: Json) => one['pinned']).map((one: Json) => one['id']);
    expect(pinned).toEqual(['allOpen']);
    await people.bob.call('PUT', '/views/allOpen/pin', { pinned: false }, 200);
    for (const { id } of [first, second] as { id: string }[]) {
      await people.bob.call('DELETE', `/views/${id}`, undefined, 204);
    }
  });
});

describe('what a view shows', () => {
  it('is the same in list, figure, preview and bulk change; "me" is who looks', async () => {
    const conditions = {
      all: [
        { field: 'assignee', op: 'is', value: 'me' },
        { any: [urgent, { not: { field: 'tag', op: 'isNotSet' } }] },
      ],
    };
    const view = await people.ann.call('POST', '/views', {
      ...{ name: 'Mine', conditions, visibility: 'everyone', sort: 'createdAt' },
    });
    const mine = [
      await newTicket({ assigneeId: people.ann.id, priority: 'urgent' }),
      await newTicket({ assigneeId: people.ann.id, tags: ['vip'] }),
    ];
    await newTicket({ assigneeId: people.ann.id });
    const bobs = await newTicket({ assigneeId: people.bob.id, priority: 'urgent' });
    const path = `/tickets?view=${view['id']}`;
    expect(idsOf(await people.ann.call('GET', path))).toEqual(mine);
    expect(idsOf(await people.ann.call('GET', `${path}&sort=-createdAt`))).toEqual(
      mine.toReversed(),
    );
    expect(idsOf(await people.ann.call('GET', `${path}&priority=urgent`))).toEqual([mine[0]]);
    expect(idsOf(await people.bob.call('GET', path))).toEqual([bobs]);
    const counts = (await people.ann.call('GET', '/views/counts'))['counts'];
    expect(counts[view['id']]).toEqual({ count: 2, capped: false });
    expect(Object.keys(counts)).toHaveLength(10);
    const preview = await people.ann.call('POST', '/views/preview', { conditions }, 200);
    expect(preview).toMatchObject({ count: 2, capped: false });
    const encoded = encodeURIComponent(JSON.stringify(conditions));
    const unsaved = await people.ann.call('GET', `/tickets?conditions=${encoded}&sort=-id`);
    expect(idsOf(unsaved)).toEqual(mine.toReversed());
    const filter = { view: view['id'] };
    const job = await people.ann.call(
      'POST',
      '/tickets/bulk',
      { filter, command: { priority: 'low' } },
      202,
    );
    expect(job['total']).toBe(2);
  });

  it.for(['x', '{"all":1}', '{"field":"priority","op":"is","value":"huge"}', '[]'])(
    'of conditions that cannot be read is a 422: %s',
    async (tree) => {
      const path = `/tickets?conditions=${encodeURIComponent(tree)}`;
      const { errors } = await people.ann.call('GET', path, undefined, 422);
      expect(errors[0].pointer).toMatch(/conditions/);
    },
  );

  it('is paged by its own order, and a cursor of another order is refused', async () => {
    const tag = { field: 'tag', op: 'is', value: 'order' };
    const priorities = ['low', 'urgent', 'normal', 'high', 'urgent', 'low'];
    for (const priority of priorities) await newTicket({ priority, tags: ['order'] });
    const view = await people.ann.call(
      'POST',
      '/views',
      aView({ conditions: tag, sort: '-priority' }),
    );
    const path = `/tickets?view=${view['id']}&limit=2`;
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await people.ann.call('GET', `${path}${cursor}`);
      seen.push(...page['items'].map((one: Json) => one['priority']));
      cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
    } while (cursor !== '');
    expect(seen).toEqual(['urgent', 'urgent', 'high', 'normal', 'low', 'low']);
    const { nextCursor } = await people.ann.call('GET', path);
    await people.ann.call('GET', `${path}&sort=sla&cursor=${nextCursor}`, undefined, 422);
    const beyond = { s: '-priority', g: 9, v: '2026-01-01T00:00:00Z', id: 1 };
    const forged = Buffer.from(JSON.stringify(beyond)).toString('base64url');
    await people.ann.call('GET', `${path}&cursor=${forged}`, undefined, 422);
  });

  it('has no figure while it cannot be counted in time, and one afterwards', async () => {
    const asks = [
      { id: 'spam', filter: { viewer: seesAll(people.ann.id), view: 'spam' as const } },
    ];
    const count = () => countLists(desk.sql, asks, 10, { allMs: 300, eachMs: 100 });
    await desk.sql.begin(async (tx) => {
      await tx`lock table tickets in access exclusive mode`;
      expect((await count()).get('spam')).toBe(null);
    });
    await eventually(async () => expect((await count()).get('spam')).toBe(0));
  });
});
