// The API's promises that no single resource makes: who may, what errors look like, pages, cursors, documentation, streams.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
let agent: string;
let reader: string;
beforeAll(async () => {
  desk = await startTestDesk();
  agent = await makeToken(desk.sql, await desk.addUser('agent'), ['read', 'write']);
  reader = await makeToken(desk.sql, await desk.addUser('reader', { role: 'readOnly' }), [
    'read',
    'write',
  ]);
});
afterAll(async () => {
  await desk.stop();
});

const call = (token: string, method: string, path: string, expected: number, body?: unknown) =>
  callApi(desk.app, token, { method, path: `/api/v1${path}`, expected, body });
const ticketBody = { subject: 'T', requester: { email: 'ann@customer.test' } };

describe('who may', () => {
  it.for([
    ['nobody', 'GET', '/tickets', 401],
    ['nobody', 'POST', '/tickets', 401],
    ['reader', 'GET', '/tickets', 200],
    ['reader', 'POST', '/tickets', 403],
    ['agent', 'POST', '/tickets', 201],
    ['agent', 'GET', '/teams', 200],
    ['agent', 'POST', '/teams', 403],
    ['agent', 'DELETE', '/sla-policies/00000000-0000-7000-8000-000000000001', 403],
    ['agent', 'PATCH', '/settings', 403],
  ] as const)('%s %s %s: %i', async ([who, method, path, expected]) => {
    const token = { nobody: 'hf_wrong', reader, agent }[who];
    const body =
      method === 'GET' || method === 'DELETE'
        ? undefined
        : path === '/tickets'
          ? ticketBody
          : path === '/teams'
            ? { name: 'T' }
            : {};
    const answer = await call(token, method, path, expected, body);
    if (expected >= 400)
      expect(answer).toMatchObject({
        status: expected,
        type: `https://holdfast.dev/problems/${answer['code']}`,
      });
  });

  it('a revoked key is worth nothing from then on', async () => {
    const key = await desk.call('POST', '/api/v1/api-keys', {
      name: 'k',
      userId: desk.adminId,
      scopes: ['read'],
    });
    await call(key['token'], 'GET', '/tickets', 200);
    await desk.call('DELETE', `/api/v1/api-keys/${key['id']}`, undefined, 204);
    await call(key['token'], 'GET', '/tickets', 401);
  });
});

describe('errors', () => {
  it('of every kind are problem+json with a stable code, a request id and the field at fault', async () => {
    const headers = { authorization: `Bearer ${agent}`, 'content-type': 'application/json' };
    const post = (body: string, type = 'application/json') =>
      desk.app.request('/api/v1/tickets', {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': type },
      });
    for (const [response, status, code] of [
      [await post('{'), 400, 'malformedJson'],
      [await post('x', 'text/plain'), 415, 'unsupportedMediaType'],
      [await post(JSON.stringify({ subject: '', requester: {} })), 422, 'invalidRequest'],
      [
        await post(JSON.stringify({ ...ticketBody, body: 'x'.repeat(3_000_000) })),
        413,
        'bodyTooLarge',
      ],
      [await desk.app.request('/api/v1/nonsense', { headers }), 404, 'notFound'],
    ] as const) {
      const body = (await response.json()) as Record<string, unknown>;
      expect([response.status, body['code'], response.headers.get('content-type')]).toEqual([
        status,
        code,
        'application/problem+json',
      ]);
      expect(body['instance']).toMatch(/^urn:request:.+/);
    }
    const { errors } = (await (
      await post(JSON.stringify({ subject: 'x', requester: { email: 'no' } }))
    ).json()) as any;
    expect(errors[0].pointer).toBe('/requester/email');
  });

  it('a body beyond the limit is refused whether its length is announced or not, and one within it is taken', async () => {
    const post = async (body: string, headers: Record<string, string>): Promise<number> => {
      const about = { authorization: `Bearer ${agent}`, 'content-type': 'application/json' };
      const init = { method: 'POST', body, headers: { ...about, ...headers } };
      return (await desk.app.request('/api/v1/tickets', init)).status;
    };
    const short = JSON.stringify(ticketBody);
    const long = JSON.stringify({ ...ticketBody, body: 'x'.repeat(3_000_000) });
    expect(await post(short, { 'content-length': String(Buffer.byteLength(short)) })).toBe(201);
    expect(await post(long, { 'content-length': String(long.length) })).toBe(413);
    // What is sent in pieces has the length it has, whatever it says.
    expect(await post(long, { 'content-length': '5', 'transfer-encoding': 'chunked' })).toBe(413);
    expect(await post(long, {})).toBe(413);
  });

  it('NUL and lone surrogates are refused, not stored and not a 500', async () => {
    for (const subject of ['a\0b', 'a\ud800'])
      await call(agent, 'POST', '/tickets', 422, { ...ticketBody, subject });
  });
});

describe('lists', () => {
  it('page through every ticket once, in order, and refuse cursors that are not ours', async () => {
    for (let index = 0; index < 7; index += 1)
      await call(agent, 'POST', '/tickets', 201, { ...ticketBody, tags: ['paged'] });
    for (const sort of ['-updatedAt', '-createdAt', '-id']) {
      const seen: number[] = [];
      let cursor = '';
      do {
        const page = await call(
          agent,
          'GET',
          `/tickets?tag=paged&limit=3&sort=${sort}${cursor}`,
          200,
        );
        seen.push(...page['items'].map(({ id }: any) => id));
        cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
      } while (cursor !== '');
      expect(seen).toHaveLength(7);
      expect(new Set(seen).size).toBe(7);
    }
    for (const cursor of [
      'x',
      'e30',
      Buffer.from('{"s":"-id","v":"no","id":"1"}').toString('base64url'),
    ]) {
      await call(agent, 'GET', `/tickets?cursor=${cursor}`, 422);
    }
  });

  it('finds words of subjects and messages', async () => {
    await call(agent, 'POST', '/tickets', 201, {
      ...ticketBody,
      subject: 'Zeppelin',
      body: 'the xylophone is broken',
    });
    expect((await call(agent, 'GET', '/tickets?q=xylophone', 200))['items']).toHaveLength(1);
    expect((await call(agent, 'GET', '/tickets?q=zeppelin', 200))['items']).toHaveLength(1);
    expect((await call(agent, 'GET', '/tickets?q=nothingofthekind', 200))['items']).toEqual([]);
  });
});

describe('business hours', () => {
  it('are previewed, and an invalid calendar names its field', async () => {
    const calendar = {
      timeZone: 'Europe/Berlin',
      hours: { fri: [['09:00', '17:00']], mon: [['09:00', '17:00']] },
    };
    const due = await call(agent, 'POST', '/business-hours/preview', 200, {
      calendar,
      start: '2024-01-19T15:30:00Z',
      goalSeconds: 3_600,
    });
    expect(due).toEqual({ dueAt: '2024-01-22T08:30:00.000Z' });
    const open = await call(agent, 'POST', '/business-hours/preview', 200, {
      calendar,
      at: '2024-01-20T00:00:00Z',
    });
    expect(open).toEqual({ nextOpenAt: '2024-01-22T08:00:00.000Z' });
    const worked = await call(agent, 'POST', '/business-hours/preview', 200, {
      calendar,
      from: '2024-01-19T15:30:00Z',
      to: '2024-01-22T08:30:00Z',
    });
    expect(worked).toEqual({ elapsedSeconds: 3_600 });
    const bad = await desk.call(
      'POST',
      '/api/v1/calendars',
      { name: 'Bad', timeZone: 'UTC', hours: { mon: [['25:00', '26:00']] } },
      422,
    );
    expect(bad['errors'][0].pointer).toBe('/hours/mon/0/0');
  });
});

describe('the documentation', () => {
  it('declares every route with its errors, and the docs page is served by us alone', async () => {
    const document = (await (await desk.app.request('/api/v1/openapi.json')).json()) as any;
    const operations = Object.entries(document.paths).flatMap(([path, methods]: any) =>
      path.startsWith('/api/v1/') ? Object.values(methods) : [],
    ) as any[];
    expect(operations.length).toBeGreaterThan(45);
    for (const operation of operations) expect(Object.keys(operation.responses)).toContain('503');
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(operations.length);
    const bare = operations.filter(({ summary = '' }) => summary.length < 5);
    expect(bare.map(({ operationId }) => operationId)).toEqual([]);
    const page = await (await desk.app.request('/api/docs')).text();
    expect(page).not.toMatch(/https?:\/\//);
    expect((await desk.app.request('/api/docs/swagger-ui-bundle.js')).status).toBe(200);
  });
});

it('the documentation says what fields mean whose name does not', async () => {
  const document = (await (await desk.app.request('/api/v1/openapi.json')).json()) as any;
  const names = [
    'appliesTo',
    'pauseStatuses',
    'when',
    'repeat',
    'hours',
    'moves',
    'allowedTo',
    'statusOn',
  ];
  const met = new Set<string>();
  const bare = new Set<string>();
  const resolved = (schema: any): any =>
    schema.$ref === undefined
      ? schema
      : document.components.schemas[String(schema.$ref).split('/').at(-1) ?? ''];
  const walk = (node: any, at: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, schema] of Object.entries<any>(node.properties ?? {})) {
      // Hours of a calendar are hours.
      if (!names.includes(name) || (name === 'hours' && schema.enum === undefined)) continue;
      met.add(name);
      if ((schema.description ?? resolved(schema).description) === undefined)
        bare.add(`${at}/${name}`);
    }
    for (const [key, value] of Object.entries(node)) walk(value, `${at}/${key}`);
  };
  walk(document, '');
  expect([...bare]).toEqual([]);
  expect(met.size).toBe(names.length);
});

describe('Temporal out of reach', () => {
  it('lists, reads and new tickets go on; a command says when to come back', async () => {
    const ticket = await call(agent, 'POST', '/tickets', 201, ticketBody);
    await desk.stopWorkers();
    await call(agent, 'GET', '/tickets', 200);
    const pending = await desk.app.request(`/api/v1/tickets/${ticket['id']}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${agent}`, 'content-type': 'application/json' },
      body: JSON.stringify({ priority: 'low' }),
    });
    expect([pending.status, pending.headers.get('retry-after')]).toEqual([503, '2']);
    await desk.startWorkers();
  }, 60_000);
});
