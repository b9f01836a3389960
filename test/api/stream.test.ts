// The stream of changes tells each change once and at once, whatever else the database is doing, and in whatever order changes are committed.
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createSql } from '#db/sql.ts';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { openStream } from '#test/support/stream.ts';

let desk: TestDesk;
let token: string;
let ticketId: number;
beforeAll(async () => {
  desk = await startTestDesk();
  token = await makeToken(desk.sql, desk.adminId, ['read', 'write', 'admin']);
  const made = await desk.call(
    'POST',
    '/api/v1/tickets',
    { subject: 'Printer', requester: { email: 'ann@customer.test' }, body: 'It burns.' },
    201,
  );
  ticketId = Number(made['id']);
});
afterAll(async () => {
  await desk.stop();
});

const setPriority = (priority: string): Promise<Json> =>
  desk.call('PATCH', `/api/v1/tickets/${ticketId}`, { priority });
const toldOf =
  (id: number, type: string) =>
  (text: string): boolean =>
    new RegExp(`"ticketId":${id},"version":\\d+,"type":"${type}"`).test(text);

/** Does something while a transaction that has written is open, as a long import or a forgotten session leaves it. */
async function besideOpenTransaction(url: string, work: () => Promise<void>): Promise<void> {
  const other = createSql(url, { maxConnections: 1 });
  try {
    await other.begin(async (tx) => {
      await tx`select pg_current_xact_id()`;
      await work();
    });
  } finally {
    await other.end();
  }
}

it('tells of a change while an older transaction is open, here or in another database', async () => {
  const { postgresUrl } = inject('stack');
  const stream = await openStream(desk.app, token);
  await stream.until((text) => text.includes('event: hello'));
  await besideOpenTransaction(postgresUrl, async () => {
    await setPriority('high');
    await stream.until(toldOf(ticketId, 'priorityChanged'));
  });
  await stream.close();
});

it('tells of a change once, to a client that comes back with the place it had reached', async () => {
  const idOf = (text: string): string =>
    /^id: (.+)$/m.exec(text.split('\n\n').at(-2) ?? '')?.[1] ?? '';
  const stream = await openStream(desk.app, token);
  await setPriority('low');
  const place = idOf(await stream.until(toldOf(ticketId, 'priorityChanged')));
  await stream.close();
  await desk.call('PATCH', `/api/v1/tickets/${ticketId}`, { tags: ['seen'] });
  const back = await openStream(desk.app, token, { 'last-event-id': place });
  const text = await back.until(toldOf(ticketId, 'tagsChanged'));
  expect(text).not.toContain('priorityChanged');
  await back.close();
});

it('begins where an answer was given, so that nothing falls between a page’s questions and its stream', async () => {
  const { changesFrom } = await desk.call('GET', '/api/v1/me');
  await setPriority('urgent');
  const since = `?since=${encodeURIComponent(String(changesFrom))}`;
  const stream = await openStream(desk.app, token, {}, since);
  await stream.until(toldOf(ticketId, 'priorityChanged'));
  await stream.close();
});

it.each(['x', '5:3:', '3:5:7', '3:9:7,4', '1:2:3:4', ',', '99999999999999999999'])(
  'refuses the place %s, which it never gave',
  async (place) => {
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': place };
    const response = await desk.app.request('/api/v1/events', { headers });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'invalidRequest' });
  },
);

it.each(['0', '3', '1:1:'])('begins at the place %s, far behind, with all', async (place) => {
  const stream = await openStream(desk.app, token, { 'last-event-id': place });
  await stream.until(toldOf(ticketId, 'priorityChanged'));
  await stream.close();
});

it.each(['3:9:4,7', '9999999999999999999'])(
  'takes the place %s, of long ago or ahead',
  async (place) => {
    const stream = await openStream(desk.app, token, { 'last-event-id': place });
    await stream.until((text) => text.includes('event: hello'));
    await stream.close();
  },
);

it.each([499, 500, 501, 1_000])(
  'goes on telling after %d changes at once, whether or not they fill its pages',
  async (count) => {
    const { changesFrom } = await desk.call('GET', '/api/v1/me');
    await desk.sql`
      insert into ticket_events (ticket_id, seq, at, type, actor, data)
      select ${ticketId}, 100000 + n, now(), 'stormed', '{}', '{}' from generate_series(1, ${count}::integer) n`;
    const stream = await openStream(desk.app, token, { 'last-event-id': String(changesFrom) });
    const told = (text: string): number => text.split('"stormed"').length - 1;
    await stream.until((text) => told(text) === count);
    await setPriority(count % 2 === 0 ? 'low' : 'high');
    const text = await stream.until(toldOf(ticketId, 'priorityChanged'));
    expect(told(text)).toBe(count);
    await stream.close();
  },
);
