// Who else is in a ticket: whoever looks at it learns of whoever comes, writes, leaves or is cut off, through every process of the API.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#api/app.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { openStream } from '#test/support/stream.ts';

let desk: TestDesk;
let alice: string;
let bob: string;
let bobId: string;
let ticketId: number;
beforeAll(async () => {
  desk = await startTestDesk();
  alice = await makeToken(desk.sql, await desk.addUser('alice'), ['read', 'write']);
  bobId = await desk.addUser('bob');
  bob = await makeToken(desk.sql, bobId, ['read', 'write']);
  const ticket = await desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } },
  });
  ticketId = ticket['id'];
});
afterAll(async () => {
  await desk.stop();
});

const put = (key: string, state: string): Promise<Json> =>
  callApi(desk.app, key, {
    ...{ method: 'PUT', path: `/api/v1/tickets/${ticketId}/presence`, body: { state } },
  });
const names = (presence: Json): string[] =>
  presence['people'].map(({ name, state }: Json) => `${name} ${state}`);
const present = async (): Promise<string[]> =>
  names(await desk.call('GET', `/api/v1/tickets/${ticketId}/presence`));
const told = (text: string): string[][] =>
  [...text.matchAll(/event: presence\ndata: (.*)\n/g)].map(([, data = '']) =>
    names(JSON.parse(data) as Json),
  );

describe('presence', () => {
  it('is seen by those who look at the ticket, from another process too, and by nobody else', async () => {
    const otherProcess = await createApp(desk.deps);
    await put(alice, 'viewing');
    const atAlice = await openStream(otherProcess, alice);
    const atAdmin = await openStream(
      otherProcess,
      await makeToken(desk.sql, desk.adminId, ['read', 'write']),
    );
    await atAlice.until((text) => text.includes('hello'));
    await atAdmin.until((text) => text.includes('hello'));
    expect(names(await put(bob, 'viewing'))).toEqual(['alice viewing', 'bob viewing']);
    await atAlice.until((text) => told(text).some((one) => one.includes('bob viewing')));
    await put(bob, 'typing');
    const text = await atAlice.until((all) => told(all).some((one) => one.includes('bob typing')));
    expect(told(text).at(-1)).toEqual(['alice viewing', 'bob typing']);
    const path = `/api/v1/tickets/${ticketId}/presence`;
    await callApi(desk.app, bob, { method: 'DELETE', path, expected: 204 });
    await atAlice.until((all) => told(all).at(-1)?.length === 1);
    // The admin has the stream open, and not the ticket: the next thing they hear of is a change.
    await desk.call('PATCH', `/api/v1/tickets/${ticketId}`, { priority: 'high' });
    const heard = await atAdmin.until((all) => all.includes('ticketChanged'));
    expect(told(heard)).toEqual([]);
    await Promise.all([atAlice.close(), atAdmin.close()]);
  });

  it('of somebody who is cut off ends by itself, and those who look learn of it', async () => {
    await put(alice, 'viewing');
    const stream = await openStream(desk.app, alice);
    await stream.until((text) => text.includes('hello'));
    await put(bob, 'viewing');
    await stream.until((text) => told(text).some((one) => one.includes('bob viewing')));
    // 44 of his 45 seconds pass; alice gives a sign, which nobody needs to hear of.
    await desk.sql`update ticket_presence set seen_at = now() - interval '44 seconds' where user_id = ${bobId}`;
    await put(alice, 'typing');
    await stream.until((text) => told(text).at(-1)?.join() === 'alice typing');
    expect(await present()).toEqual(['alice typing']);
    await stream.close();
  });

  it('tells nobody of a sign of life that says nothing new', async () => {
    const heard: string[] = [];
    const listener = await desk.sql.listen('presence', (id) => void heard.push(id));
    await put(alice, 'viewing');
    await put(alice, 'viewing');
    await put(alice, 'viewing');
    await desk.sql`select pg_notify('presence', '0')`;
    while (!heard.includes('0')) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(heard.length).toBe(2);
    await listener.unlisten();
  });
});
