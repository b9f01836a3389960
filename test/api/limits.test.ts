// What the API grants to whom: requests by key, tries by address, streams as long as their key lives; and what it answers, at every
// address, to requests whose form is wrong.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#api/app.ts';
import type { ApiDeps, App } from '#api/app-env.ts';
import { ChangeHub } from '#api/events.ts';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
let token: string;
beforeAll(async () => {
  desk = await startTestDesk();
  token = await makeToken(desk.sql, desk.adminId, ['read', 'write', 'admin']);
});
afterAll(async () => {
  await desk.stop();
});

/** The desk's API with other limits. */
const anotherApi = async (limits: Partial<ApiDeps>): Promise<App> =>
  await createApp({ ...desk.deps, ...limits });
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

describe('the rate limit', () => {
  const tickets = (api: App, key: string) => api.request('/api/v1/tickets?limit=1', bearer(key));

  it('counts strangers by their address, whatever they put into the header', async () => {
    const api = await anotherApi({ rateLimitPerMinute: 5 });
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await tickets(api, `hf_guess${n}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const refused = await tickets(api, 'hf_another');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('counts a key by itself, and strangers at its address do not shut it out', async () => {
    const api = await anotherApi({ rateLimitPerMinute: 5 });
    const second = await makeToken(desk.sql, desk.adminId, ['read']);
    expect((await tickets(api, token)).status).toBe(200);
    for (let n = 0; n < 8; n += 1) await tickets(api, `hf_guess${n}`);
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await tickets(api, token)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    // A key nobody has seen yet has to wait for the address.
    expect((await tickets(api, second)).status).toBe(429);
  });
});

describe('the stream of changes', () => {
  it('loses no change that comes between looking and waiting', async () => {
    const hub = new ChangeHub(60_000);
    const seen = hub.generation;
    hub.wakeAll();
    // Without the count this waits for the heartbeat, and the test with it.
    await hub.next(seen);
    const waiting = hub.next(hub.generation);
    hub.wakeAll();
    await waiting;
  });

  it('ends when its key is revoked', async () => {
    const api = await anotherApi({ heartbeatMs: 50 });
    const key = await makeToken(desk.sql, desk.adminId, ['read']);
    const response = await api.request('/api/v1/events', bearer(key));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('still here')) text += (await reader?.read())?.value ?? '';
    const hash = createHash('sha256').update(key).digest();
    await desk.sql`update api_keys set revoked_at = now() where token_hash = ${hash}`;
    for (;;) {
      const read = await reader?.read();
      if (read?.done !== false) break;
    }
    expect((await api.request('/api/v1/events', bearer(key))).status).toBe(401);
  }, 10_000);
});

describe('at every address', () => {
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as object) };
    const response = await desk.app.request(path, { ...init, method, headers });
    return { status: response.status, allow: response.headers.get('allow') };
  };
  const operations = async (): Promise<{ path: string; methods: Record<string, any> }[]> => {
    const document = (await (await desk.app.request('/api/v1/openapi.json')).json()) as any;
    return Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/api/v1/') && path !== '/api/v1/openapi.json')
      .map(([path, methods]) => ({
        path: path
          .replace('{act}', 'pause')
          .replace(/(tickets)\/\{id\}/, '$1/1')
          .replaceAll('{version}', '1')
          .replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-00000000dead'),
        methods: methods as Record<string, any>,
      }));
  };

  it('another method is 405 and says which are taken', async () => {
    for (const { path, methods } of await operations()) {
      const taken = Object.keys(methods).map((one) => one.toUpperCase());
      for (const method of ['PUT', 'PATCH', 'DELETE', 'POST', 'GET', 'TRACE_'].filter(
        (one) => !taken.includes(one),
      )) {
        const answer = await ask(method, path, method === 'GET' ? {} : { body: null });
        expect([path, method, answer.status]).toEqual([path, method, 405]);
        for (const one of taken) expect(answer.allow).toContain(one);
      }
    }
  });

  it('a body of another type is 415, and one that is no JSON 400', async () => {
    for (const { path, methods } of await operations()) {
      for (const [method, { requestBody }] of Object.entries(methods)) {
        if (requestBody === undefined) continue;
        const as = (type: string, body: string) =>
          ask(method.toUpperCase(), path, { body, headers: { 'content-type': type } });
        expect([path, (await as('text/plain', 'x')).status]).toEqual([path, 415]);
        const json = requestBody.content['application/json'] !== undefined;
        expect([path, (await as('application/json', '{')).status]).toEqual([
          path,
          json ? 400 : 415,
        ]);
      }
    }
  });

  it('a query parameter it does not have is 422, so that a misspelt dryRun saves nothing', async () => {
    const calendar = { name: 'Query', timeZone: 'UTC', hours: 'always' };
    const { id } = await desk.call('POST', '/api/v1/calendars', calendar);
    const path = `/api/v1/calendars/${id}/holidays/import?dryrun=true`;
    const answer = await desk.call('POST', path, { ics: 'BEGIN:VCALENDAR' }, 422);
    expect(answer['errors']).toMatchObject([{ pointer: '/query/dryrun' }]);
    await desk.call('GET', '/api/v1/tickets?search=printer', undefined, 422);
    await desk.call('GET', '/api/v1/tickets?q=printer&limit=5', undefined, 200);
  });

  it('what is not there is 404', async () => {
    for (const path of ['/api/v1/nothing', '/api/v1/tickets/1/nothing', '/api/v1/', '/nothing'])
      expect([path, (await ask('GET', path)).status]).toEqual([path, 404]);
  });
});
