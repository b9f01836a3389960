// A request that is repeated under its Idempotency-Key makes nothing twice, also when the API died before its answer: what was made stands
// in the key's row from the same commit. A killed API is one that has committed and not answered: its claim is old, its answer missing.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const post = (path: string, body: unknown, key: string, expected = 201) =>
  desk.call('POST', `/api/v1${path}`, body, expected, { 'idempotency-key': key });
/** The row as a process leaves it that is killed after its commit and before its answer, half a minute later. */
const killBeforeAnswer = async (key: string): Promise<void> => {
  await desk.sql`
    update idempotency_keys set status = null, response = null, created_at = now() - interval '1 minute' where key = ${key}`;
  // The column that counts since 0007; without it created_at did.
  await desk.sql`update idempotency_keys set claimed_at = now() - interval '1 minute' where key = ${key}`;
};
const ticket = { subject: 'Once', body: 'Hi', requester: { email: 'ann@customer.test' } };

describe('after the API was killed before its answer, the same request', () => {
  it('answers the ticket it has made', async () => {
    const key = randomUUID();
    const first = await post('/tickets', ticket, key);
    await killBeforeAnswer(key);
    expect((await post('/tickets', ticket, key))['id']).toBe(first['id']);
    const [row] =
      await desk.sql`select count(*)::integer as count from tickets where subject = 'Once'`;
    expect(row?.['count']).toBe(1);
    const changed = await post('/tickets', { ...ticket, subject: 'Other' }, key, 422);
    expect(changed['code']).toBe('idempotencyKeyReused');
  });

  it('answers the ticket it has split off, whose messages are gone from the first', async () => {
    const { id } = await post('/tickets', ticket, randomUUID());
    const { items } = await desk.call('GET', `/api/v1/tickets/${id}/timeline`);
    const messageIds = items.flatMap((item: any) => (item.message ? [item.message.id] : []));
    const key = randomUUID();
    const first = await post(`/tickets/${id}/split`, { messageIds }, key);
    await killBeforeAnswer(key);
    expect((await post(`/tickets/${id}/split`, { messageIds }, key))['id']).toBe(first['id']);
  });

  it('answers the merge it has made', async () => {
    const { id: loser } = await post('/tickets', ticket, randomUUID());
    const { id: survivor } = await post('/tickets', ticket, randomUUID());
    const key = randomUUID();
    const into = { intoTicketId: survivor };
    const first = await post(`/tickets/${loser}/merge`, into, key, 200);
    await killBeforeAnswer(key);
    const again = await post(`/tickets/${loser}/merge`, into, key, 200);
    expect([again['mergeId'], again['ticket'].id]).toEqual([first['mergeId'], survivor]);
  });
});

describe('what a request makes and its answer are one commit', () => {
  const user = (name: string) => ({ name, email: `${name}@desk.test`, role: 'agent' });
  it.for([
    ['users', 'users', () => user(`u${counter()}`)],
    ['contacts', 'contacts', () => ({ name: 'C', phone: `+49${counter()}` })],
    ['companies', 'companies', () => ({ name: 'C' })],
    ['api-keys', 'api_keys', () => ({ name: 'K', userId: desk.adminId, scopes: ['read'] })],
    ['channels', 'channels', () => ({ name: 'C', address: `c${counter()}@desk.test` })],
  ] as const)('%s', async ([path, table, body]) => {
    const key = randomUUID();
    const asked = body();
    const made = await post(`/${path}`, asked, key);
    // The row and the answer were written by one transaction: no crash can fall between them.
    const [row] = await desk.sql`
      select k.xmin::text = t.xmin::text as together, k.status, k.response
      from idempotency_keys k, ${desk.sql(table)} t where k.key = ${key} and t.id = ${made['id']}`;
    const { token: _token, ...shown } = made;
    expect(row).toEqual({ together: true, status: 201, response: shown });
    expect(await post(`/${path}`, asked, key)).toEqual(shown);
  });

  it('every POST that creates declares the header', async () => {
    const document = (await (await desk.app.request('/api/v1/openapi.json')).json()) as any;
    const missing = Object.entries(document.paths).flatMap(([path, methods]: any) => {
      const { post } = methods;
      const creates = post?.responses['201'] ?? post?.responses['202'] ?? path.endsWith('/merge');
      if (!path.startsWith('/api/v1/') || !post || !creates) return [];
      // Keys are their caller's; what strangers may do (setup, an invitation) is good for one time by itself.
      if (post.security?.length === 0) return [];
      const names = (post.parameters ?? []).map(({ name }: any) => name.toLowerCase());
      return names.includes('idempotency-key') ? [] : [path];
    });
    expect(missing).toEqual([]);
  });
});

describe('an upload', () => {
  const send = async (content: Uint8Array<ArrayBuffer>, key: string, name = 'a.bin') => {
    const form = new FormData();
    form.set('file', new File([content], name));
    const token = await makeToken(desk.sql, desk.adminId, ['read', 'write', 'admin']);
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key };
    const response = await desk.app.request('/api/v1/attachments', {
      ...{ method: 'POST', body: form, headers },
    });
    return { status: response.status, body: (await response.json()) as Json };
  };

  it('is the same when its file is, however it is framed', async () => {
    const key = randomUUID();
    const first = await send(new Uint8Array([1, 2, 3]), key);
    expect(first.status).toBe(201);
    expect(await send(new Uint8Array([1, 2, 3]), key)).toEqual(first);
    expect((await send(new Uint8Array([1, 2, 4]), key)).body['code']).toBe('idempotencyKeyReused');
    expect((await send(new Uint8Array([1, 2, 3]), key, 'b')).body['code']).toBe(
      'idempotencyKeyReused',
    );
  });

  it('that is too large is refused before it is read, also under a key', async () => {
    const token = await makeToken(desk.sql, desk.adminId, ['read', 'write', 'admin']);
    const chunk = new Uint8Array(1024 * 1024);
    for (const [path, type, limitMb] of [
      ['/api/v1/attachments', 'multipart/form-data; boundary=x', 25],
      ['/api/v1/tickets', 'application/json', 2],
    ] as const) {
      let pulled = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          if (pulled > 60) controller.close();
          else controller.enqueue(chunk);
        },
      });
      const init = {
        ...{ method: 'POST', body, duplex: 'half' as const },
        headers: {
          authorization: `Bearer ${token}`,
          'idempotency-key': randomUUID(),
          'content-type': type,
        },
      };
      const response = await desk.app.request(path, init);
      expect([response.status, ((await response.json()) as Json)['code']]).toEqual([
        413,
        'bodyTooLarge',
      ]);
      expect(pulled).toBeLessThan(limitMb + 5);
    }
  });
});

let count = 0;
function counter(): number {
  count += 1;
  return count + 1_000;
}
