// Pipelines through the API: what admins save holds for people at once, and reaches the tickets that are open.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

const DEFAULT = '00000000-0000-7000-8000-000000000001';
let desk: TestDesk;
let agentToken: string;
beforeAll(async () => {
  desk = await startTestDesk();
  const agent = await desk.addUser('agent');
  agentToken = await makeToken(desk.sql, agent, ['read', 'write']);
});
afterAll(async () => {
  await desk.stop();
});

const asAgent = (method: string, path: string, body: unknown, expected: number): Promise<Json> =>
  callApi(desk.app, agentToken, { method, path, body, expected });
const STATUSES = [
  { id: 'arrived', name: 'Arrived', category: 'new' },
  { id: 'checking', name: 'Checking', category: 'open' },
  { id: 'asked', name: 'Asked the customer', category: 'waiting', atCreation: false },
  { id: 'done', name: 'Done', category: 'closed', atCreation: false },
];
const pipeline = (name: string, more: object = {}): object => ({
  ...{ name, position: 5, statuses: STATUSES },
  ...more,
});
const create = (name: string, more: object = {}): Promise<Json> =>
  desk.call('POST', '/api/v1/pipelines', pipeline(name, more));
const newTicket = async (pipelineId: string, more: object = {}): Promise<Json> =>
  await desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', requester: { email: 'ann@customer.test' }, pipelineId },
    ...more,
  });
const get = (id: number): Promise<Json> => desk.call('GET', `/api/v1/tickets/${id}`);

describe('a pipeline', () => {
  it('is created, read, replaced by version and listed in its order', async () => {
    const made = await create('Returns', { moves: { forbidSkips: true } });
    expect(made).toMatchObject({
      ...{ version: 1, position: 5, moves: { forbidSkips: true }, statusOn: {} },
      statuses: STATUSES.map((one, position) => ({ atCreation: true, ...one, position })),
    });
    const path = `/api/v1/pipelines/${made['id']}`;
    const changed = pipeline('Returns and more', { version: 1 });
    expect(await desk.call('PUT', path, changed)).toMatchObject({ version: 2, moves: null });
    expect((await desk.call('PUT', path, changed, 409))['code']).toBe('versionConflict');
    const { items } = await desk.call('GET', '/api/v1/pipelines');
    expect(items[0]).toMatchObject({ id: DEFAULT, name: 'Support' });
    expect(items.map(({ name }: Json) => name)).toContain('Returns and more');
    expect((await desk.call('POST', '/api/v1/pipelines', changed, 409))['code']).toBe('nameTaken');
  });

  it('is for admins to change', async () => {
    expect((await asAgent('POST', '/api/v1/pipelines', pipeline('Mine'), 403))['code']).toBe(
      'forbidden',
    );
    await asAgent('DELETE', `/api/v1/pipelines/${DEFAULT}`, undefined, 403);
  });

  it('that cannot work is refused with the field named', async () => {
    const bad = pipeline('Bad', { moves: { allowedTo: { arrived: ['nowhere'] } } });
    const refused = await desk.call('POST', '/api/v1/pipelines', bad, 422);
    expect(refused['errors'][0].pointer).toContain('allowedTo');
    const gone = pipeline('Bad', {
      autoClose: { afterSeconds: 60, calendarId: '00000000-0000-7000-8000-00000000dead' },
    });
    expect(await desk.call('POST', '/api/v1/pipelines', gone, 422)).toMatchObject({
      code: 'unknownReference',
      errors: [{ pointer: '/autoClose/calendarId' }],
    });
  });

  it('begins its tickets in the first status allowed at creation, and in no other that is not', async () => {
    const [first, ...others] = STATUSES;
    const made = await create('Begins', { statuses: [{ ...first, atCreation: false }, ...others] });
    expect(await newTicket(made['id'])).toMatchObject({ status: 'checking', category: 'open' });
    const body = { subject: 'T', requester: { email: 'a@b.test' }, pipelineId: made['id'] };
    const refused = await desk.call('POST', '/api/v1/tickets', { ...body, status: 'asked' }, 422);
    expect(refused).toMatchObject({ code: 'statusNotAllowed', errors: [{ pointer: '/status' }] });
    expect(refused['detail']).toContain('"checking"');
  });
});

describe('moves', () => {
  it('hold for agents; an admin overrides them on record, one by one and in bulk', async () => {
    const made = await create('Bound', { moves: { forbidSkips: true, forbidBackward: true } });
    const { id } = await newTicket(made['id']);
    const path = `/api/v1/tickets/${id}`;
    const refused = await asAgent('PATCH', path, { status: 'done' }, 422);
    expect(refused['code']).toBe('statusNotAllowed');
    expect(refused['detail']).toContain('"checking"');
    await asAgent('PATCH', path, { status: 'done', override: true }, 403);
    await desk.call('PATCH', path, { status: 'done' }, 422);
    await asAgent('PATCH', path, { status: 'checking' }, 200);
    expect(await desk.call('PATCH', path, { status: 'arrived', override: true })).toMatchObject({
      status: 'arrived',
    });
    const { items } = await desk.call('GET', `${path}/timeline`);
    const moves = items.flatMap(({ event }: Json) =>
      event?.type === 'statusChanged' ? [[event.data.to, event.data.override ?? false]] : [],
    );
    expect(moves).toEqual([
      ['checking', false],
      ['arrived', true],
    ]);
    const bulk = async (command: object): Promise<Json> => {
      const job = await desk.call('POST', '/api/v1/tickets/bulk', { ids: [id], command }, 202);
      return await eventually(async () => {
        const now = await desk.call('GET', `/api/v1/tickets/bulk/${job['id']}`);
        expect(now['state']).toBe('finished');
        return now;
      });
    };
    expect((await bulk({ close: true }))['failures']).toMatchObject([{ code: 'statusNotAllowed' }]);
    expect(await bulk({ close: true, override: true })).toMatchObject({ done: 1, failed: 0 });
    const command = { close: true, override: true };
    await asAgent('POST', '/api/v1/tickets/bulk', { ids: [id], command }, 403);
  });

  it('that are saved hold for a ticket that was open already', async () => {
    const made = await create('Tightens');
    const { id } = await newTicket(made['id']);
    const moves = { allowedTo: { arrived: ['checking'] } };
    await desk.call('PUT', `/api/v1/pipelines/${made['id']}`, pipeline('Tightens', { moves }));
    await eventually(async () => {
      const { state } = await desk.call('GET', `/api/v1/pipelines/${made['id']}/rollout`);
      expect(state).toBe('finished');
    });
    await asAgent('PATCH', `/api/v1/tickets/${id}`, { status: 'done' }, 422);
  });
});

describe('what open tickets are in', () => {
  it('a status: is removed only with a place for them, where they then are', async () => {
    const made = await create('Shrinks');
    const path = `/api/v1/pipelines/${made['id']}`;
    const tickets = [await newTicket(made['id']), await newTicket(made['id'])];
    for (const { id } of tickets) {
      await desk.call('PATCH', `/api/v1/tickets/${id}`, { status: 'checking' });
    }
    const [arrived, , asked, done] = STATUSES;
    const repair = { id: 'repair', name: 'Repair', category: 'open' };
    const statuses = [arrived, { ...repair, id: 'other' }, repair, asked, done];
    const refused = await desk.call('PUT', path, pipeline('Shrinks', { statuses }), 409);
    expect(refused['code']).toBe('inUse');
    expect(refused['detail']).toContain('2 in "checking"');
    const moveTicketsTo = { checking: 'repair' };
    await desk.call('PUT', path, pipeline('Shrinks', { statuses, moveTicketsTo }));
    for (const { id } of tickets) {
      await eventually(async () => expect(await get(id)).toMatchObject({ status: 'repair' }));
    }
    // A save that no longer says so does not forget it.
    await desk.call('PUT', path, pipeline('Shrinks', { statuses }));
    const [row] = await desk.sql`select settings from pipelines where id = ${made['id']}`;
    expect(row?.['settings'].replaced).toEqual(moveTicketsTo);
    const log = await desk.call('GET', `/api/v1/audit-log?subjectId=${made['id']}`);
    expect(log['items'].map(({ action }: Json) => action)).toContain('changed');
  });

  it('a pipeline: is removed only with another for them; closed ones reopen there too', async () => {
    const [made, heir] = [await create('Goes'), await create('Stays')];
    const path = `/api/v1/pipelines/${made['id']}`;
    const open = await newTicket(made['id']);
    const closed = await newTicket(made['id']);
    await desk.call('PATCH', `/api/v1/tickets/${open['id']}`, { status: 'checking' });
    await desk.call('PATCH', `/api/v1/tickets/${closed['id']}`, { status: 'done' });
    const refused = await desk.call('DELETE', path, undefined, 409);
    expect(refused['code']).toBe('inUse');
    expect(refused['detail']).toMatch(/^1 open tickets/);
    await desk.call('DELETE', `${path}?moveTicketsTo=${made['id']}`, undefined, 422);
    await desk.call('DELETE', `${path}?moveTicketsTo=${heir['id']}`, undefined, 204);
    await desk.call('GET', path, undefined, 404);
    await eventually(async () =>
      expect(await get(open['id'])).toMatchObject({ pipelineId: heir['id'], status: 'checking' }),
    );
    const handle = desk.client.workflow.getHandle(`ticket-${closed['id']}`);
    await handle.terminate('as if its reopen window had ended');
    const back = await desk.call('PATCH', `/api/v1/tickets/${closed['id']}`, {
      status: 'checking',
    });
    expect(back).toMatchObject({ pipelineId: heir['id'], status: 'checking', category: 'open' });
    // The name is free again.
    await create('Goes');
  });

  it('the last pipeline stays', async () => {
    const { items } = await desk.call('GET', '/api/v1/pipelines');
    expect(items.length).toBeGreaterThan(1);
    const fresh = await startTestDesk();
    const refused = await fresh.call('DELETE', `/api/v1/pipelines/${DEFAULT}`, undefined, 409);
    await fresh.stop();
    expect(refused['code']).toBe('inUse');
  });
});

describe('settings of mail and waits', () => {
  it('are changed one event at a time, and a calendar that auto-close counts by stays', async () => {
    const bounce = { category: 'open' };
    const changed = await desk.call('PATCH', '/api/v1/settings', { statusOn: { bounce } });
    expect(changed['statusOn']).toEqual({
      ...{ customerReply: { category: 'open' }, firstInbound: null, deliveryFailed: null },
      bounce,
    });
    const closes = { statusOn: { customerReply: { category: 'closed' } } };
    await desk.call('PATCH', '/api/v1/settings', closes, 422);
    const hours = { name: 'Desk hours', timeZone: 'UTC', hours: { mon: [['09:00', '17:00']] } };
    const calendar = await desk.call('POST', '/api/v1/calendars', hours);
    const autoClose = { afterSeconds: 3_600, calendarId: calendar['id'] };
    await desk.call('PATCH', '/api/v1/settings', { autoClose });
    const path = `/api/v1/calendars/${calendar['id']}`;
    expect((await desk.call('DELETE', path, undefined, 409))['code']).toBe('inUse');
    expect((await desk.call('PATCH', '/api/v1/settings', { autoClose: null }))['autoClose']).toBe(
      null,
    );
    await desk.call('DELETE', path, undefined, 204);
  });

  it('reach a ticket that rests: it says at once when it closes itself', async () => {
    const { id } = await newTicket(DEFAULT, { status: 'waitingOnContact' });
    expect((await get(id))['nextWake']).toBeNull();
    await desk.call('PATCH', '/api/v1/settings', { autoClose: { afterSeconds: 3_600 } });
    await eventually(async () =>
      expect((await get(id))['nextWake']).toMatchObject({ reason: 'closes itself' }),
    );
    const live = await desk.call('GET', `/api/v1/tickets/${id}/live`);
    expect(live['nextWake'].reason).toBe('closes itself');
    await eventually(async () => {
      const rollout = await desk.call('GET', '/api/v1/settings/rollout');
      expect(rollout).toMatchObject({ state: 'finished', failed: 0 });
    });
    await desk.call('PATCH', '/api/v1/settings', { autoClose: null });
    await eventually(async () => expect((await get(id))['nextWake']).toBeNull());
  });

  it('of a pipeline go before the desk’s, and follow a ticket that moves', async () => {
    const autoClose = { afterSeconds: 600 };
    const made = await create('Impatient', { autoClose, statusOn: { agentReply: null } });
    const { id } = await newTicket(DEFAULT, { status: 'waitingOnContact' });
    const path = `/api/v1/tickets/${id}`;
    const moved = await desk.call('POST', `${path}/move`, { pipelineId: made['id'] }, 200);
    expect(moved).toMatchObject({ status: 'asked', nextWake: { reason: 'closes itself' } });
    const back = await desk.call('POST', `${path}/move`, { pipelineId: DEFAULT }, 200);
    expect(back).toMatchObject({ status: 'waitingOnContact', nextWake: null });
  });
});
