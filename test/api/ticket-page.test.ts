// A ticket's page opens by one request; who follows a ticket is seen and changed; each team has beside it what it needs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let alice: string;
let aliceId: string;
let bobId: string;
let teamId: string;
beforeAll(async () => {
  desk = await startTestDesk();
  aliceId = await desk.addUser('alice');
  bobId = await desk.addUser('bob');
  alice = await makeToken(desk.sql, aliceId, ['read', 'write']);
  const team = await desk.call('POST', '/api/v1/teams', {
    ...{ name: 'Support', strategy: 'manual', members: [{ userId: aliceId }] },
  });
  teamId = team['id'];
});
afterAll(async () => {
  await desk.stop();
});

const as = (method: string, path: string, body?: unknown, expected?: number): Promise<Json> =>
  callApi(desk.app, alice, { method, path: `/api/v1${path}`, body, expected });
const newTicket = (more: object = {}): Promise<Json> =>
  desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@acme.test', name: 'Ann' } },
    ...more,
  });

describe('the page of a ticket', () => {
  it('has contact, company, others of the contact, policy with targets and conditions, routing, drafts and people', async () => {
    await desk.call('POST', '/api/v1/companies', { name: 'Acme', domain: 'acme.test' });
    const calendar = await desk.call('POST', '/api/v1/calendars', {
      ...{ name: 'Office', timeZone: 'UTC', hours: { mon: [['09:00', '17:00']] }, holidays: [] },
    });
    const conditions = [{ field: 'priority', op: 'is', value: 'high' }];
    await desk.call('POST', '/api/v1/sla-policies', {
      ...{ name: 'Fast', conditions, calendarId: calendar['id'], pauseStatuses: [] },
      ...{ goals: { firstReply: { seconds: 3_600, dueSoonSeconds: 600 } }, escalations: [] },
      appliesTo: 'newTickets',
    });
    await desk.call('POST', '/api/v1/routing-rules', {
      ...{ name: 'All', conditions: [], assign: { teamId } },
    });
    const others: number[] = [];
    for (let n = 0; n < 6; n += 1) others.push((await newTicket())['id']);
    const spam = await newTicket();
    await desk.call('POST', `/api/v1/tickets/${spam['id']}/spam`, {}, 200);
    const { id } = await newTicket({ priority: 'high' });
    await as('PATCH', `/tickets/${id}`, { assigneeId: bobId });
    await as('PUT', `/tickets/${id}/draft`, { kind: 'note', body: 'Hm' });
    await as('PUT', `/tickets/${id}/presence`, { state: 'viewing' });
    await as('POST', `/tickets/${id}/follow`, {}, 200);
    const page = await as('GET', `/tickets/${id}/context`);
    expect(page).toMatchObject({
      ticket: { id, following: true, routing: { ruleName: 'All' }, sla: { policyName: 'Fast' } },
      contact: { name: 'Ann', email: 'ann@acme.test', phone: null, owner: null },
      company: { name: 'Acme', domain: 'acme.test' },
      assignee: { id: bobId, name: 'bob' },
      team: { id: teamId, name: 'Support' },
      pipeline: { name: 'Support' },
      policy: {
        ...{ name: 'Fast', version: 1, conditions, pauseStatuses: [] },
        targets: {
          firstReply: { seconds: 3_600, dueSoonSeconds: 600 },
          ...{ nextReply: null, close: null },
        },
        calendar: { id: calendar['id'], name: 'Office', version: 1 },
      },
      followers: [{ id: aliceId, name: 'alice' }],
      drafts: [{ kind: 'note', body: 'Hm' }],
      presence: [{ userId: aliceId, name: 'alice', state: 'viewing' }],
      layout: { teamId: null },
    });
    expect(page['pipeline'].statuses.map((one: Json) => one['id'])).toContain('waitingOnUs');
    expect(page['otherTickets']).toMatchObject({ count: 6, more: false });
    expect(page['otherTickets'].items.map((one: Json) => one['id'])).toEqual(
      others.toReversed().slice(0, 5),
    );
    await as('GET', '/tickets/999999/context', undefined, 404);
  });

  it('is complete where nothing stands around the ticket', async () => {
    const { id } = await newTicket({ requester: { name: 'Nobody', phone: '+4912345' } });
    expect(await as('GET', `/tickets/${id}/context`)).toMatchObject({
      ...{ company: null, assignee: null, policy: null, followers: [], drafts: [] },
      otherTickets: { items: [], count: 0, more: false },
    });
  });
});

describe('a move that is only tried', () => {
  it('says what becomes of the deadlines, moves nothing, and is refused where the move would be', async () => {
    const away = await desk.call('POST', '/api/v1/teams', {
      ...{ name: 'Second line', strategy: 'manual', members: [{ userId: bobId }] },
    });
    await desk.call('POST', '/api/v1/sla-policies', {
      ...{ name: 'Second line', position: 0, calendarId: null, pauseStatuses: [] },
      conditions: [{ field: 'teamId', op: 'is', value: away['id'] }],
      ...{ goals: { firstReply: { seconds: 60 } }, escalations: [], appliesTo: 'newTickets' },
    });
    const { id, createdAt, version } = await newTicket();
    const preview = await as('POST', `/tickets/${id}/move/preview`, { teamId: away['id'] }, 200);
    const dueAt = new Date(Date.parse(createdAt) + 60_000).toISOString();
    expect(preview['before'].policyName).not.toBe('Second line');
    expect(preview['after']).toMatchObject({
      ...{ policyName: 'Second line', goals: { firstReply: { dueAt }, close: null } },
    });
    expect(await as('GET', `/tickets/${id}`)).toMatchObject({ version, teamId });
    const moved = await as('POST', `/tickets/${id}/move`, { teamId: away['id'] }, 200);
    expect(moved['sla'].goals.firstReply.dueAt).toBe(dueAt);
    const nowhere = { channelId: '00000000-0000-7000-8000-00000000dead' };
    await as('POST', `/tickets/${id}/move/preview`, nowhere, 422);
    await as('POST', `/tickets/${id}/move/preview`, { status: 'nonsense' }, 422);
  });

  it('is compared with what the ticket promises now, though a save is on its way to it', async () => {
    const { id } = await newTicket();
    await desk.stopWorkers();
    await desk.call('POST', '/api/v1/sla-policies', {
      ...{ name: 'On its way', position: 0, goals: { firstReply: { seconds: 120 } } },
      conditions: [{ field: 'teamId', op: 'is', value: teamId }],
      appliesTo: 'newAndOpenTickets',
    });
    const shown = await as('GET', `/tickets/${id}`);
    const preview = await as('POST', `/tickets/${id}/move/preview`, { teamId: null }, 200);
    await desk.startWorkers();
    expect(shown['sla'].policyName).not.toBe('On its way');
    expect(preview['before']).toEqual(shown['sla']);
  });
});

describe('following', () => {
  it('is begun and ended by oneself and for others, and seen on the ticket', async () => {
    const { id } = await newTicket();
    expect((await as('POST', `/tickets/${id}/follow`, {}, 200))['following']).toBe(true);
    await as('POST', `/tickets/${id}/follow`, { userId: bobId.toUpperCase() }, 200);
    const followers = async () => (await as('GET', `/tickets/${id}/followers`))['items'];
    expect((await followers()).map((one: Json) => one['name'])).toEqual(['alice', 'bob']);
    const dead = '00000000-0000-7000-8000-00000000dead';
    await as('POST', `/tickets/${id}/follow`, { userId: dead }, 422);
    expect((await as('DELETE', `/tickets/${id}/follow`))['following']).toBe(false);
    expect((await as('DELETE', `/tickets/${id}/follow`))['following']).toBe(false);
    await as('POST', `/tickets/${id}/follow`, { userId: bobId, follow: false }, 200);
    await eventually(async () => expect(await followers()).toEqual([]));
    expect((await as('GET', `/tickets/${id}`))['following']).toBe(false);
  });
});

describe('what stands beside a ticket', () => {
  const path = '/api/v1/sidebar-layouts';
  const mine = async (): Promise<Json> => await as('GET', '/sidebar-layouts/for-me');
  it('is everybody’s layout until the main team has its own, in the order of its cards', async () => {
    expect((await mine())['cards'].length).toBeGreaterThan(5);
    const cards = [
      { type: 'sla' },
      { type: 'properties', title: 'Order', fields: ['fields.orderNumber', 'priority'] },
    ];
    const second = await desk.call('POST', '/api/v1/teams', {
      ...{ name: 'A second', strategy: 'manual', members: [{ userId: aliceId, main: false }] },
    });
    await desk.call('POST', path, { name: 'Second', teamId: second['id'], cards: [] });
    expect(await mine()).toMatchObject({ name: 'Second' });
    const made = await desk.call('POST', path, { name: 'Support', teamId, cards });
    expect(await mine()).toMatchObject({ name: 'Support', cards });
    await desk.call('POST', path, { name: 'Again', teamId, cards }, 409);
    await desk.call('DELETE', `${path}/${made['id']}`, undefined, 204);
    expect(await mine()).toMatchObject({ name: 'Second' });
  });

  it('is changed by admins alone, knows its fields, and always has one for everybody', async () => {
    const [everybody] = (await desk.call('GET', path))['items'].filter(
      (one: Json) => one['teamId'] === null,
    );
    const { id, version } = everybody;
    const body = { name: 'Default', cards: [{ type: 'contact' }] };
    await as('PUT', `/sidebar-layouts/${id}`, body, 403);
    const cards = [{ type: 'properties', fields: ['nonsense'] }];
    await desk.call('PUT', `${path}/${id}`, { name: 'Default', cards }, 422);
    await desk.call('PUT', `${path}/${id}`, { ...body, teamId }, 422);
    await desk.call('PUT', `${path}/${id}`, { ...body, version });
    await desk.call('PUT', `${path}/${id}`, { ...body, version }, 409);
    await desk.call('DELETE', `${path}/${id}`, undefined, 409);
    const { items } = await desk.call('GET', '/api/v1/audit-log?subjectKind=sidebarLayout');
    expect(items[0]).toMatchObject({ subjectId: id, action: 'changed' });
  });
});
