// Who may do what, and who sees which ticket: every operation of the OpenAPI document by role, and every operation on a ticket by ticket
// access and whose the ticket is. What may not be seen is answered as what does not exist.
import { TICKET_VIEWS } from '#db/tickets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRouteAccess } from '#api/access.ts';
import { createApp } from '#api/app.ts';
import type { UserValues } from '#db/people.ts';
import { TICKET_ACCESS } from '#domain/permissions.ts';
import type { TicketAccess } from '#domain/permissions.ts';
import { ACCESS_TABLE, BODIES, WHO } from '#test/support/access-table.ts';
import type { Fixture, Who } from '#test/support/access-table.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { openStream } from '#test/support/stream.ts';

const NOWHERE = '00000000-0000-7000-8000-00000000dead';
const NO_TICKET = 999_999_999;
const SCOPES = ['read', 'write', 'admin'];
const RELATIONS = ['mine', 'myTeams', 'anothers'] as const;
type Relation = (typeof RELATIONS)[number];

interface Operation {
  method: string;
  path: string;
  operationId: string;
  hasBody: boolean;
}

let desk: TestDesk;
let operations: Operation[];
const keys = {} as Record<Who, string>;
const viewers = {} as Record<TicketAccess, { id: string; key: string }>;
const tickets = {} as Record<TicketAccess, Record<Relation, Fixture>>;
let teams: { first: string; second: string };
let mateId: string;

beforeAll(async () => {
  desk = await startTestDesk();
  operations = await readOperations();
  const { id: roleId } = await desk.call('POST', '/api/v1/roles', {
    name: 'Triage',
    permissions: ['ticket.view', 'ticket.note', 'ticket.assign', 'contact.view'],
  });
  const people: Record<Who, Partial<UserValues>> = {
    ...{ A: { role: 'admin' }, L: { role: 'lead' }, G: { role: 'agent' } },
    ...{ R: { role: 'readOnly' }, C: { role: 'custom', roleId }, N: { seat: false } },
  };
  for (const who of WHO) {
    const id = await desk.addUser(`who-${who}`, { ...people[who], availability: 'away' });
    keys[who] = await makeToken(desk.sql, id, SCOPES);
  }
  mateId = await desk.addUser('mate', { availability: 'away' });
  for (const ticketAccess of TICKET_ACCESS) {
    const id = await desk.addUser(`sees-${ticketAccess}`, { ticketAccess, availability: 'away' });
    viewers[ticketAccess] = { id, key: await makeToken(desk.sql, id, SCOPES) };
  }
  const members = [mateId, ...TICKET_ACCESS.map((one) => viewers[one].id)];
  teams = { first: await newTeam('First', members), second: await newTeam('Second', []) };
  for (const ticketAccess of TICKET_ACCESS) {
    const { id: assigneeId } = viewers[ticketAccess];
    tickets[ticketAccess] = {
      mine: await newFixture({ teamId: teams.second, assigneeId }),
      myTeams: await newFixture({ teamId: teams.first, assigneeId: mateId }),
      anothers: await newFixture({ teamId: teams.second, assigneeId: desk.adminId }),
    };
  }
}, 120_000);
afterAll(async () => {
  await desk.stop();
});

async function readOperations(): Promise<Operation[]> {
  const document = (await (await desk.app.request('/api/v1/openapi.json')).json()) as Json;
  return Object.entries<Json>(document['paths']).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, one]) => ({
      ...{ method: method.toUpperCase(), path, operationId: String(one['operationId']) },
      hasBody: one['requestBody']?.content?.['application/json'] !== undefined,
    })),
  );
}

async function newTeam(name: string, ids: string[]): Promise<string> {
  const members = ids.map((userId) => ({ userId }));
  const { id } = await desk.call('POST', '/api/v1/teams', { name, strategy: 'manual', members });
  return String(id);
}

async function newTicket(place: object, subject = 'T'): Promise<number> {
  const requester = { email: 'ann@customer.test' };
  const body = { subject, body: 'Please help, kumquat.', requester, ...place };
  return Number((await desk.call('POST', '/api/v1/tickets', body))['id']);
}

/** A ticket with a message, a file, the mail it came by, and another ticket merged into it. */
async function newFixture(place: object): Promise<Fixture> {
  const ticketId = await newTicket(place);
  const loserId = await newTicket(place, 'loser');
  const into = { intoTicketId: ticketId };
  const { mergeId } = await desk.call('POST', `/api/v1/tickets/${loserId}/merge`, into, 200);
  await desk.sql`update messages set body_html = '<p>Please help</p>' where ticket_id = ${ticketId}`;
  const { key, sha256, sizeBytes } = await desk.deps.files.put(Buffer.from('bytes'));
  const [row] = await desk.sql<{ messageId: string; attachmentId: string; inboundId: string }[]>`
    with message as (select id from messages where ticket_id = ${ticketId} and kind = 'inbound'),
    file as (
      insert into attachments (message_id, name, content_type, size_bytes, sha256, store_key)
      select id, 'a.txt', 'text/plain', ${sizeBytes}, ${sha256}, ${key} from message returning id),
    mail as (
      insert into inbound_messages (channel_id, dedupe_key, outcome, ticket_id, message_id, source, source_bytes, received_at)
      select ${desk.channel.id}, 'key ' || ${ticketId}::text, 'ticket', ${ticketId}, id, '', 0, now() from message returning id)
    select message.id as "messageId", file.id as "attachmentId", mail.id as "inboundId" from message, file, mail`;
  if (row === undefined) throw new Error('no message');
  return { ticketId, mergeId: String(mergeId), ...row };
}

interface Answer {
  status: number;
  /** Without what names the request. */
  text: string;
}

async function ask(key: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await desk.app.request(`/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    await response.body?.cancel();
    return { status: response.status, text: '' };
  }
  const text = (await response.text()).replace(/urn:request:[\w-]*/, '');
  return { status: response.status, text };
}

const get = (key: string, path: string, expected?: number): Promise<Json> =>
  callApi(desk.app, key, { method: 'GET', path: `/api/v1${path}`, expected });

describe('the door', () => {
  it('has a line for every operation, here and in the API, and no line for nothing', () => {
    const ours = operations.filter(({ path }) => path.startsWith('/api/v1/'));
    expect(Object.keys(ACCESS_TABLE).toSorted()).toEqual(
      ours.map(({ operationId }) => operationId).toSorted(),
    );
  });

  it('does not open for an address that nobody asks about', async () => {
    const app = await createApp(desk.deps);
    expect(() => checkRouteAccess(app)).not.toThrow();
    app.get('/api/v1/secrets', (c) => c.text('all of them'));
    expect(() => checkRouteAccess(app)).toThrow('GET /api/v1/secrets');
  });

  it.for(Object.keys(ACCESS_TABLE))('lets in whom it should: %s', async (operationId) => {
    const operation = operations.find((one) => one.operationId === operationId);
    if (operation === undefined) throw new Error('no such operation');
    const path = operation.path
      .replace('/api/v1', '')
      .replace('/tickets/{id}', `/tickets/${NO_TICKET}`)
      .replace('{act}', 'pause')
      .replace('{version}', '1')
      .replaceAll(/\{\w+\}/g, NOWHERE);
    const body = operation.hasBody ? (BODIES[operationId] ?? {}) : undefined;
    let admitted = '';
    for (const who of WHO) {
      const { status } = await ask(keys[who], operation.method, path, body);
      expect(status).toBeLessThan(500);
      if (status !== 403) admitted += who;
    }
    expect(admitted).toBe(ACCESS_TABLE[operationId]?.who);
  });

  it('is as wide as the key: read does not write, write does not set up', async () => {
    const id = await desk.addUser('boss', { role: 'admin', availability: 'away' });
    const [read, write, admin] = [
      await makeToken(desk.sql, id, ['read']),
      await makeToken(desk.sql, id, ['write']),
      await makeToken(desk.sql, id, ['admin']),
    ] as const;
    const statuses = async (method: string, path: string, body?: object) =>
      await Promise.all(
        [read, write, admin].map(async (key) => (await ask(key, method, path, body)).status),
      );
    expect(await statuses('GET', '/tickets')).toEqual([200, 200, 200]);
    expect(await statuses('POST', '/tickets', {})).toEqual([403, 422, 422]);
    expect(await statuses('PATCH', '/settings', {})).toEqual([403, 403, 200]);
    expect(await statuses('GET', '/audit-log')).toEqual([403, 403, 200]);
    const shown = await get(write, '/me');
    expect(shown['permissions']).toContain('ticket.reply');
    expect(shown['permissions']).not.toContain('settings.people');
  });

  it('asks for what a body changes too', async () => {
    const id = await newTicket({});
    const triage = (method: string, path: string, body: object) => ask(keys.C, method, path, body);
    const patch = async (body: object) => (await triage('PATCH', `/tickets/${id}`, body)).status;
    expect(await patch({ assigneeId: mateId })).toBe(200);
    expect(await patch({ priority: 'high' })).toBe(403);
    expect(await patch({ assigneeId: null, priority: 'high' })).toBe(403);
    const conditions = { field: 'category', op: 'is', value: 'open' };
    const view = async (visibility: string) =>
      (await ask(keys.R, 'POST', '/views', { name: 'V', conditions, visibility })).status;
    expect([await view('private'), await view('everyone')]).toEqual([201, 403]);
    const override = { status: 'closed', override: true };
    expect((await ask(keys.G, 'PATCH', `/tickets/${id}`, override)).status).toBe(403);
    expect((await ask(keys.L, 'PATCH', `/tickets/${id}`, override)).status).toBe(200);
  });
});

const seenBy: Record<TicketAccess, readonly Relation[]> = {
  own: ['mine'],
  team: ['mine', 'myTeams'],
  all: RELATIONS,
};
const onTickets = Object.entries(ACCESS_TABLE).flatMap(([operationId, { sees }]) =>
  typeof sees === 'function' ? [{ operationId, probe: sees }] : [],
);
const nothing: Fixture = {
  ...{ ticketId: NO_TICKET, messageId: NOWHERE, attachmentId: NOWHERE },
  ...{ inboundId: NOWHERE, mergeId: NOWHERE },
};

describe.for(TICKET_ACCESS)('somebody who sees %s', (ticketAccess) => {
  it.for(onTickets)('meets in $operationId what they see, and else a plain 404', async (of) => {
    const { method } = operations.find((one) => one.operationId === of.operationId) ?? {};
    const { key } = viewers[ticketAccess];
    const unknown = of.probe(nothing);
    const absent = await ask(key, String(method), unknown.path, unknown.body);
    expect(absent.status).toBe(404);
    for (const relation of RELATIONS) {
      const { path, body } = of.probe(tickets[ticketAccess][relation]);
      // Each takes the ticket as the one before has left it; whose it is must not change.
      if (of.operationId === 'patchTicket' && relation === 'mine') continue;
      const answer = await ask(key, String(method), path, body);
      if (seenBy[ticketAccess].includes(relation)) {
        expect([relation, answer.status]).not.toEqual([relation, 404]);
        expect([relation, answer.status]).not.toEqual([relation, 403]);
        expect(answer.status).toBeLessThan(500);
      } else {
        expect({ relation, ...answer }).toEqual({ relation, ...absent });
      }
    }
  });

  const idsOf = (of: readonly Relation[]): number[] =>
    of.map((relation) => tickets[ticketAccess][relation].ticketId).toSorted((a, b) => a - b);
  const ours = (page: Json, name: string): number[] => {
    const all = idsOf(RELATIONS);
    const found = (page['items'] as Json[]).map((item) => Number(item[name]));
    return found.filter((id) => all.includes(id)).toSorted((a, b) => a - b);
  };

  it('lists, searches and counts what they see', async () => {
    const { key } = viewers[ticketAccess];
    const expected = idsOf(seenBy[ticketAccess]);
    for (const query of ['', '?q=kumquat', '?requesterId=', '?view=allOpen']) {
      const [any] = (await get(key, '/tickets'))['items'] as Json[];
      const path = `/tickets${query}${query.endsWith('=') ? any?.['requester'].id : ''}`;
      expect(ours(await get(key, `${path}${query === '' ? '?' : '&'}limit=100`), 'id')).toEqual(
        expected,
      );
    }
    const counts = (await get(key, '/views/counts'))['counts'] as Json;
    for (const view of ['allOpen', 'unassigned', 'myTeamUnassigned', 'spam']) {
      const { items } = await get(key, `/tickets?view=${view}&limit=100`);
      expect([view, counts[view].count]).toEqual([view, items.length]);
    }
    expect(ours(await get(key, '/inbound?limit=100'), 'ticketId')).toEqual(expected);
    const found = await get(key, '/search?q=kumquat&limit=20');
    expect(ours({ items: found['tickets'] }, 'id')).toEqual(expected);
  });

  it('has their views, drafts of views and the summary counted by what they see', async () => {
    const { key } = viewers[ticketAccess];
    const { items } = await get(key, '/tickets?view=allOpen&limit=100');
    const views = (await get(key, '/views/counts'))['counts'] as Json;
    expect(views['allOpen'].count).toBe(items.length);
    const conditions = { field: 'category', op: 'isNot', value: 'closed' };
    const draft = { method: 'POST', path: '/api/v1/views/preview', body: { conditions } };
    const preview = await callApi(desk.app, key, { ...draft, expected: 200 });
    expect(preview['count']).toBe(items.length);
    const summary = await get(key, '/reports/summary');
    expect(summary['live'].allOpen.count).toBe(items.length);
    const today = await get(key, `/tickets?limit=100&${summary['day'].created.today.filter}`);
    expect(summary['day'].created.today.count).toBe(today['items'].length);
  });

  it('changes many tickets of those they see only', async () => {
    const { key } = viewers[ticketAccess];
    const bulk = async (what: object) => {
      const body = { ...what, command: { follow: false } };
      const request = { method: 'POST', path: '/api/v1/tickets/bulk', body, expected: 202 };
      return await callApi(desk.app, key, request);
    };
    const job = await bulk({ ids: [...idsOf(RELATIONS), NO_TICKET] });
    const hidden = idsOf(RELATIONS.filter((one) => !seenBy[ticketAccess].includes(one)));
    expect(job['failures']).toEqual(
      [...hidden, NO_TICKET].map((ticketId) => ({
        ...{ ticketId, code: 'notFound', detail: 'There is no such ticket.' },
      })),
    );
    const all = await get(key, '/tickets?q=kumquat&limit=100');
    expect((await bulk({ filter: { q: 'kumquat' } }))['total']).toBe(
      all['items'].filter((one: Json) => one['mergedIntoId'] === null).length,
    );
  });

  it('hears of what they see', async () => {
    const { id, key } = viewers[ticketAccess];
    const stream = await openStream(desk.app, key);
    const quiet = await newTicket({ teamId: teams.second, assigneeId: desk.adminId });
    const lost = await newTicket({ teamId: teams.second, assigneeId: id });
    const away = { assigneeId: desk.adminId };
    await desk.call('PATCH', `/api/v1/tickets/${lost}`, away);
    await desk.call('PATCH', `/api/v1/tickets/${lost}`, { priority: 'high' });
    const last = await newTicket({ teamId: teams.second, assigneeId: id });
    const text = await stream.until((so) => so.includes(`{"ticketId":${last},`));
    await stream.close();
    const told = (event: string, ticketId: number): boolean =>
      text.includes(`event: ${event}\ndata: {"ticketId":${ticketId}`);
    expect(told('ticketChanged', last)).toBe(true);
    expect(text.includes(`"ticketId":${quiet}`)).toBe(ticketAccess === 'all');
    expect(told('ticketGone', lost)).toBe(ticketAccess !== 'all');
    expect(text.includes('priorityChanged')).toBe(ticketAccess === 'all');
  });
});

describe('what makes a ticket one’s own', () => {
  const sees = async (ticketAccess: TicketAccess, id: number): Promise<boolean> =>
    (await ask(viewers[ticketAccess].key, 'GET', `/tickets/${id}`)).status === 200;
  const elsewhere = () => newTicket({ teamId: teams.second, assigneeId: desk.adminId });

  it('is being named in a note, and a merge takes that along', async () => {
    const id = await elsewhere();
    const mentions = [viewers.own.id];
    expect(await sees('own', id)).toBe(false);
    await desk.call('POST', `/api/v1/tickets/${id}/notes`, { body: 'see', mentions });
    expect(await sees('own', id)).toBe(true);
    const survivor = await elsewhere();
    const into = { intoTicketId: survivor };
    await desk.call('POST', `/api/v1/tickets/${id}/merge`, into, 200);
    expect(await sees('own', survivor)).toBe(true);
  });

  it('is following it, for as long as one does', async () => {
    const id = await elsewhere();
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { assigneeId: viewers.own.id });
    await callApi(desk.app, viewers.own.key, {
      ...{ method: 'POST', path: `/api/v1/tickets/${id}/follow`, body: {}, expected: 200 },
    });
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { assigneeId: null });
    expect(await sees('own', id)).toBe(true);
    const unfollow = { method: 'POST', path: `/api/v1/tickets/${id}/follow` };
    const left = await callApi(desk.app, viewers.own.key, {
      ...{ ...unfollow, body: { follow: false }, expected: 200 },
    });
    expect(left['id']).toBe(id);
    expect(await sees('own', id)).toBe(false);
  });

  it('is, for a team, that nobody has it, or a teammate without a team', async () => {
    const free = await newTicket({});
    const mates = await newTicket({ assigneeId: mateId });
    const others = await newTicket({ assigneeId: desk.adminId });
    const seen = async (id: number) => [await sees('own', id), await sees('team', id)];
    await eventually(async () => expect(await seen(free)).toEqual([false, true]));
    expect(await seen(mates)).toEqual([false, true]);
    expect(await seen(others)).toEqual([false, false]);
  });

  it('stands among the other tickets of its contact for who sees it', async () => {
    const requester = { email: 'one-of-many@customer.test' };
    const made = async (teamId: string) => {
      const body = { subject: 'T', requester, teamId };
      return Number((await desk.call('POST', '/api/v1/tickets', body))['id']);
    };
    const [seen, other, hidden] = [
      await made(teams.first),
      await made(teams.first),
      await made(teams.second),
    ];
    const others = async (key: string) => {
      const { otherTickets } = await get(key, `/tickets/${seen}/context`);
      return [otherTickets.count, otherTickets.items.map((one: Json) => one['id'])];
    };
    expect(await others(viewers.team.key)).toEqual([1, [other]]);
    expect(await others(viewers.all.key)).toEqual([2, [hidden, other]]);
  });

  it('shows the files of what was merged into it, and an upload to its uploader alone', async () => {
    const loser = await newFixture({ teamId: teams.second, assigneeId: desk.adminId });
    const survivor = await newTicket({ teamId: teams.first });
    const path = `/attachments/${loser.attachmentId}`;
    const { key } = viewers.team;
    expect((await ask(key, 'GET', path)).status).toBe(404);
    const into = { intoTicketId: survivor };
    await desk.call('POST', `/api/v1/tickets/${loser.ticketId}/merge`, into, 200);
    expect((await ask(key, 'GET', path)).status).toBe(200);
    const form = new FormData();
    form.append('file', new File(['mine'], 'mine.txt'));
    const headers = { authorization: `Bearer ${key}` };
    const sent = { method: 'POST', headers, body: form };
    const upload = (await (await desk.app.request('/api/v1/attachments', sent)).json()) as Json;
    const of = async (who: string) =>
      (await ask(who, 'GET', `/attachments/${upload['id']}`)).status;
    expect([await of(key), await of(viewers.all.key), await of(keys.A)]).toEqual([200, 404, 404]);
  });

  it('is gone from one’s notices, figures and drafts when it is out of sight', async () => {
    const id = await newTicket({ teamId: teams.first });
    const [notice] = await desk.sql<{ id: string }[]>`
      insert into notifications (user_id, ticket_id, seq, type, data, at) values (${viewers.team.id}, ${id}, 9000,
        'deliveryFailed', ${desk.sql.json({ messageId: NOWHERE, code: null })}, now()) returning id`;
    const shown = async (): Promise<boolean> =>
      (await ask(viewers.team.key, 'GET', '/notifications')).text.includes(String(notice?.id));
    const unread = async () =>
      (await get(viewers.team.key, '/notifications/unread-count'))['unread'];
    const drafts = async () =>
      ((await get(viewers.team.key, '/drafts'))['items'] as Json[]).some(
        (draft) => draft['ticketId'] === id,
      );
    const draft = { kind: 'note', body: 'As I was' };
    const saved = await ask(viewers.team.key, 'PUT', `/tickets/${id}/draft`, draft);
    expect(saved.status).toBe(200);
    const before = await unread();
    expect([await shown(), await drafts()]).toEqual([true, true]);
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { teamId: teams.second });
    expect([await shown(), await drafts(), await unread()]).toEqual([false, false, before - 1]);
  });
});

describe('a merge', () => {
  it('does not reach a ticket out of sight, named or through another', async () => {
    const hidden = await newTicket({ teamId: teams.second, assigneeId: desk.adminId });
    const door = await newTicket({ teamId: teams.first });
    const mine = await newTicket({ teamId: teams.first });
    const into = { intoTicketId: hidden };
    await desk.call('POST', `/api/v1/tickets/${door}/merge`, into, 200);
    const merge = (intoTicketId: number) =>
      ask(viewers.team.key, 'POST', `/tickets/${mine}/merge`, { intoTicketId });
    const absent = await merge(NO_TICKET);
    expect(absent.status).toBe(422);
    expect(await merge(hidden)).toEqual(absent);
    expect(await merge(door)).toEqual(absent);
  });
});

describe('without a seat', () => {
  it('there are no deadlines and three default views', async () => {
    const id = await newTicket({});
    const seated = await get(keys.G, '/views/counts');
    const counts = await get(keys.N, '/views/counts');
    expect(Object.keys(seated['counts'])).toEqual(expect.arrayContaining([...TICKET_VIEWS]));
    expect(Object.keys(counts['counts']).toSorted()).toEqual([
      ...['allOpen', 'following', 'myMentions'],
    ]);
    const asksDue = encodeURIComponent('{"field":"slaState","op":"is","value":"overdue"}');
    for (const query of [
      ...['view=unassigned', 'slaState=ok', 'sort=nextDueAt', 'sort=sla', 'q=is:overdue'],
      ...[`conditions=${asksDue}`, `view=${NOWHERE}`],
    ]) {
      await get(keys.N, `/tickets?${query}`, 403);
    }
    await get(keys.N, '/search?q=is:overdue', 403);
    const views = (await get(keys.N, '/views'))['items'] as Json[];
    expect(views.map((view) => view['id'])).toEqual(['allOpen', 'myMentions', 'following']);
    expect(Object.keys((await get(keys.N, '/views/counts'))['counts'])).toHaveLength(3);
    const { sla } = await get(keys.N, `/tickets/${id}`);
    expect(sla).toMatchObject({ policyId: null, goals: { firstReply: null, close: null } });
    expect((await get(keys.N, `/tickets/${id}/context`))['policy']).toBe(null);
    const live = await get(keys.N, `/tickets/${id}/live`);
    expect(live).toMatchObject({ sla: { policyId: null }, policyWhy: [] });
    expect(await get(keys.N, '/me')).toMatchObject({ user: { seat: false }, ticketAccess: 'all' });
  });
});
