// Notices: one per cause, never of one's own act, where their person wants them, exactly once whatever is repeated.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileOnce } from '#activities/reconcile.ts';
import { ingestMail } from '#channels/email/ingest.ts';
import { noticeMailWorkflowId } from '#domain/ids.ts';
import { NOTIFICATION_TOPICS } from '#domain/notifications.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { openStream } from '#test/support/stream.ts';

let desk: TestDesk;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};
beforeAll(async () => {
  desk = await startTestDesk();
  for (const name of ['alice', 'bob', 'carl']) {
    const id = await desk.addUser(name);
    ids[name] = id;
    keys[name] = await makeToken(desk.sql, id, ['read', 'write']);
  }
});
afterAll(async () => {
  await desk.stop();
});

const as = (who: string, method: string, path: string, body?: unknown, expected?: number) =>
  callApi(desk.app, keys[who] ?? '', { method, path: `/api/v1${path}`, body, expected });
async function newTicket(more: object = {}): Promise<number> {
  const made = await desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'Printer', body: 'Hi', requester: { email: 'ann@customer.test' } },
    ...more,
  });
  return made['id'];
}
async function customerWrites(id: number): Promise<void> {
  const [row] = await desk.sql<{ to: string; header: string }[]>`
    select message_id_header as header from messages where ticket_id = ${id} and message_id_header is not null limit 1`;
  const head = [
    'From: ann@customer.test',
    'To: support@desk.test',
    `Subject: Re: Printer [#${id}]`,
    `Message-ID: <n${id}.${Math.trunc(performance.now() * 1000)}@customer.test>`,
    `In-Reply-To: ${row?.header ?? ''}`,
  ];
  await ingestMail(desk.ingest, {
    ...{ channelId: desk.channel.id, envelope: null, receivedAt: new Date() },
    source: Buffer.from(`${head.join('\r\n')}\r\n\r\nStill on fire\r\n`),
  });
}
const told = async (who: string, id: number): Promise<string[]> => {
  const { items } = await as(who, 'GET', '/notifications?limit=100');
  return items
    .filter((one: Json) => one['ticketId'] === id)
    .map((one: Json) => one['type'])
    .toReversed();
};
const becomes = (who: string, id: number, types: string[]): Promise<void> =>
  eventually(async () => expect(await told(who, id)).toEqual(types));

describe('people are told', () => {
  it('of what others do with their tickets, and never of what they do themselves', async () => {
    const id = await newTicket();
    await as('alice', 'PATCH', `/tickets/${id}`, { assigneeId: ids['alice'] });
    await as('bob', 'POST', `/tickets/${id}/follow`, {}, 200);
    await as('carl', 'PATCH', `/tickets/${id}`, { assigneeId: ids['bob'] });
    await becomes('bob', id, ['assigneeChanged']);
    await as('bob', 'POST', `/tickets/${id}/notes`, {
      ...{ body: '@alice @bob', mentions: [ids['alice'], ids['bob']] },
    });
    await becomes('alice', id, ['noteAdded']);
    await as('carl', 'PATCH', `/tickets/${id}`, { status: 'waitingOnUs' });
    await becomes('bob', id, ['assigneeChanged', 'statusChanged']);
    const { items } = await as('bob', 'GET', '/notifications');
    expect(items[0]).toMatchObject({
      ...{ topic: 'statusChanged', subject: 'Printer', readAt: null },
      actor: { type: 'user', userId: ids['carl'] },
    });
    expect(await told('carl', id)).toEqual([]);
  });

  it('of a customer’s message once, whatever it moved and however they are bound to the ticket', async () => {
    const id = await newTicket();
    await as('alice', 'PATCH', `/tickets/${id}`, { assigneeId: ids['alice'] });
    for (const who of ['alice', 'bob']) await as(who, 'POST', `/tickets/${id}/follow`, {}, 200);
    await as('alice', 'POST', `/tickets/${id}/replies`, { body: 'Is it out?' });
    await eventually(async () =>
      expect((await as('bob', 'GET', `/tickets/${id}`))['category']).toBe('waiting'),
    );
    const before = await told('bob', id);
    await customerWrites(id);
    await becomes('alice', id, ['messageReceived']);
    await becomes('bob', id, [...before, 'messageReceived']);
    expect((await as('bob', 'GET', `/tickets/${id}`))['category']).toBe('open');
  });

  it('of a ticket that is born theirs by one notice, not two', async () => {
    const id = await newTicket({ assigneeId: ids['carl'] });
    await becomes('carl', id, ['created']);
  });

  it('once when the projection writes again', async () => {
    const id = await newTicket();
    await as('alice', 'PATCH', `/tickets/${id}`, { assigneeId: ids['bob'] });
    await becomes('bob', id, ['assigneeChanged']);
    await desk.stopWorkers();
    await desk.client.workflow.getHandle(`ticket-${id}`).terminate();
    await desk.startWorkers();
    await as('alice', 'PATCH', `/tickets/${id}`, { priority: 'high' });
    expect(await told('bob', id)).toEqual(['assigneeChanged']);
  });
});

describe('unread notices', () => {
  it('are counted, and read one by one, up to one, those of a ticket, or all; others’ stay', async () => {
    const tickets = [await newTicket(), await newTicket(), await newTicket(), await newTicket()];
    const unread = async (who: string) =>
      (await as(who, 'GET', '/notifications/unread-count'))['unread'];
    await as('carl', 'POST', '/notifications/read', { all: true }, 200);
    const bobs = await unread('bob');
    for (const id of tickets) {
      await desk.call('PATCH', `/api/v1/tickets/${id}`, { assigneeId: ids['carl'] });
    }
    await eventually(async () => expect(await unread('carl')).toBe(4));
    const { items } = await as('carl', 'GET', '/notifications?unread=true');
    expect(items.map((one: Json) => one['ticketId'])).toEqual(tickets.toReversed());
    const read = (body: object, expected = 200) =>
      as('carl', 'POST', '/notifications/read', body, expected);
    expect((await read({ ids: [items[0].id] }))['unread']).toBe(3);
    expect(
      (await as('bob', 'POST', '/notifications/read', { ids: [items[1].id] }, 200))['unread'],
    ).toBe(bobs);
    expect(await unread('carl')).toBe(3);
    expect((await read({ upTo: items[3].id }))['unread']).toBe(2);
    expect((await as('carl', 'GET', '/notifications?unread=true'))['items']).toMatchObject([
      { id: items[1].id },
      { id: items[2].id },
    ]);
    expect((await read({ ticketId: tickets[1] }))['unread']).toBe(1);
    expect((await read({ all: true }))['unread']).toBe(0);
    await read({}, 422);
  });

  it('come by the stream to their person alone, as does having read them elsewhere', async () => {
    const [mine, theirs] = await Promise.all([
      openStream(desk.app, keys['carl'] ?? ''),
      openStream(desk.app, keys['bob'] ?? ''),
    ]);
    for (const stream of [mine, theirs]) await stream.until((text) => text.includes('hello'));
    const id = await newTicket();
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { assigneeId: ids['carl'] });
    const text = await mine.until((all) => all.includes('event: notification\n'));
    const [, data = ''] = /event: notification\ndata: (.*)\n/.exec(text) ?? [];
    expect(JSON.parse(data)).toMatchObject({
      ...{ bell: true, browser: true, unread: 1, more: false },
      notice: { ticketId: id, topic: 'assigned', type: 'assigneeChanged', subject: 'Printer' },
    });
    await as('carl', 'POST', '/notifications/read', { all: true }, 200);
    await mine.until((all) => all.includes('event: notificationsRead\ndata: {"unread":0'));
    await theirs.until((all) => all.includes('ticketChanged'));
    await as('bob', 'POST', '/notifications/read', { all: true }, 200);
    const heard = await theirs.until((all) => all.includes('notificationsRead'));
    expect(heard).not.toContain('event: notification\n');
    await Promise.all([mine.close(), theirs.close()]);
  });
});

describe('settings', () => {
  const path = '/me/notification-settings';
  const off = { bell: false, browser: false, email: false };
  it('hold for each topic; what is not chosen follows the desk', async () => {
    const before = (await as('alice', 'GET', path))['topics'];
    expect(before.map((one: Json) => one['topic'])).toEqual([...NOTIFICATION_TOPICS]);
    expect(before.every((one: Json) => one['chosen'] === false && one['bell'] === true)).toBe(true);
    await as('alice', 'PUT', path, { topics: { assigned: off } });
    await as('alice', 'PUT', '/notification-defaults', { topics: { assigned: off } }, 403);
    const defaults = { statusChanged: { ...off, browser: true } };
    await desk.call('PUT', '/api/v1/notification-defaults', { topics: defaults });
    const of = async (who: string, topic: string) =>
      (await as(who, 'GET', path))['topics'].find((one: Json) => one['topic'] === topic);
    expect(await of('alice', 'assigned')).toEqual({ topic: 'assigned', ...off, chosen: true });
    expect(await of('alice', 'statusChanged')).toMatchObject({ browser: true, bell: false });
    await as('alice', 'PUT', path, { topics: { assigned: null } });
    expect(await of('alice', 'assigned')).toMatchObject({ chosen: false, bell: true });
    const { items } = await desk.call('GET', '/api/v1/audit-log?subjectKind=notificationDefaults');
    expect(items).toHaveLength(1);
  });

  it('keep a topic that is off away: no row, no stream, no mail; one for the browser alone from the bell', async () => {
    await as('alice', 'PUT', path, {
      topics: { assigned: off, mentioned: { ...off, browser: true } },
    });
    const id = await newTicket();
    await as('bob', 'PATCH', `/tickets/${id}`, { assigneeId: ids['alice'] });
    await as('bob', 'POST', `/tickets/${id}/notes`, { body: '@', mentions: [ids['alice']] });
    const rows = await desk.sql`
      select type, bell, browser from notifications where ticket_id = ${id} and user_id = ${ids['alice'] ?? ''}`;
    expect([...rows]).toEqual([{ type: 'noteAdded', bell: false, browser: true }]);
    expect(await told('alice', id)).toEqual([]);
  });
});

describe('a notice by mail', () => {
  const mails = async (): Promise<string[]> => {
    const names = await readdir(desk.outbox).catch(() => []);
    return names.filter((name) => name.startsWith('notice-'));
  };
  const wants = (who: string) =>
    as(who, 'PUT', '/me/notification-settings', {
      topics: { mentioned: { bell: true, browser: false, email: true } },
    });
  const mention = async (who: string): Promise<string> => {
    const id = await newTicket();
    await desk.call('POST', `/api/v1/tickets/${id}/notes`, { body: '@', mentions: [ids[who]] });
    const [row] = await desk.sql<{ id: string }[]>`
      select id from notifications where ticket_id = ${id} and user_id = ${ids[who] ?? ''}`;
    return row?.id ?? '';
  };
  const stateOf = async (id: string) =>
    (await desk.sql<{ mail: string }[]>`select mail from notifications where id = ${id}`)[0]?.mail;

  it('leaves once, says which ticket and nothing of what was written', async () => {
    await wants('bob');
    const id = await mention('bob');
    await eventually(async () => expect(await stateOf(id)).toBe('sent'));
    const mine = (await mails()).filter((name) => name.includes(id));
    expect(mine).toHaveLength(1);
    const text = await readFile(join(desk.outbox, mine[0] ?? ''), 'utf8');
    expect(text).toMatch(/^To: bob@desk.test/m);
    expect(text).toContain('Auto-Submitted');
    const { raw } = await desk.client.workflow.getHandle(noticeMailWorkflowId(id)).describe();
    expect(JSON.stringify(raw)).not.toContain('bob@desk.test');
  });

  it('whose debt was lost is mailed by the reconciler, once; one that was read meanwhile is not mailed', async () => {
    await desk.stopWorkers();
    const [lost, seen] = await Promise.all(
      ['0', '1'].map(async (seq) => {
        const id = await newTicketRow();
        const [row] = await desk.sql<{ id: string }[]>`
          insert into notifications (user_id, ticket_id, seq, type, data, at, mail)
          values (${ids['bob'] ?? ''}, ${id}, ${Number(seq)}, 'noteAdded', '{"messageId": "x"}', now() - interval '5 minutes', 'owed')
          returning id`;
        return row?.id ?? '';
      }),
    );
    await desk.sql`update notifications set read_at = now() where id = ${seen ?? ''}`;
    const { sql, client, tickets } = desk;
    const deps = { sql, client, tickets, queues: TASK_QUEUES };
    expect((await reconcileOnce(deps, false)).stuckNoticeMails).toBe(2);
    await desk.startWorkers();
    await eventually(async () => expect(await stateOf(lost ?? '')).toBe('sent'));
    await eventually(async () => expect(await stateOf(seen ?? '')).toBe('skipped'));
    expect((await mails()).filter((name) => name.includes(seen ?? ''))).toEqual([]);
    expect((await reconcileOnce(deps, false)).stuckNoticeMails).toBe(0);
  });

  const newTicketRow = async (): Promise<number> => {
    const [row] = await desk.sql<{ id: number }[]>`select max(id) as id from tickets`;
    return row?.id ?? 0;
  };
});

describe('old notices', () => {
  it('are forgotten, newer ones are not', async () => {
    const id = await newTicket();
    await desk.sql`
      insert into notifications (user_id, ticket_id, seq, type, at)
      values (${desk.adminId}, ${id}, 901, 'ended', now() - interval '91 days'),
        (${desk.adminId}, ${id}, 902, 'ended', now() - interval '89 days')`;
    const { sql, client, tickets } = desk;
    await reconcileOnce({ sql, client, tickets, queues: TASK_QUEUES }, false);
    const left =
      await desk.sql`select seq from notifications where ticket_id = ${id} and seq > 900`;
    expect(left.map((row) => row['seq'])).toEqual([902]);
  });
});
