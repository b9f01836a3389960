// Every save of a policy or calendar can be read, says who made it and why, and can be brought back; open tickets follow. And a ticket
// says which version rules it and why.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const call = (method: string, path: string, body?: unknown, expected?: number) =>
  desk.call(method, `/api/v1${path}`, body, expected);
const policy = (tag: string, seconds: number, more: object = {}) => ({
  name: `Policy ${tag}`,
  conditions: [{ field: 'tags', op: 'contains', value: tag }],
  goals: { firstReply: { seconds } },
  ...more,
});
const hours = (to: string, more: object = {}) => ({
  ...{ name: 'Office', timeZone: 'UTC', hours: { mon: [['09:00', to]] } },
  ...more,
});
const newTicket = (tag: string) =>
  call('POST', '/tickets', {
    ...{ subject: tag, body: 'Hi', tags: [tag] },
    requester: { email: 'ann@customer.test' },
  });
const promise = (ticket: any): number =>
  (Date.parse(ticket.sla.goals.firstReply.dueAt) - Date.parse(ticket.createdAt)) / 1_000;
const restored = (path: string, version: number, body?: unknown) =>
  call('POST', `${path}/versions/${version}/restore`, body, 200);

describe('versions of a policy', () => {
  it('say who saved them, when, why, and which fields they changed', async () => {
    const { id } = await call('POST', '/sla-policies', policy('who', 60, { reason: 'A start.' }));
    const path = `/sla-policies/${id}`;
    await call('PUT', path, policy('who', 120, { reason: 'Too strict.', pauseStatuses: ['new'] }));
    await call('PUT', path, policy('who', 120, { pauseStatuses: ['new'], name: 'Renamed' }));
    const { items } = await call('GET', `${path}/versions`);
    expect(items).toMatchObject([
      {
        ...{ version: 3, current: true, reason: null, appliesTo: 'newTickets' },
        savedBy: { id: desk.adminId, name: 'admin' },
        changes: [{ field: 'name', before: 'Policy who', after: 'Renamed' }],
      },
      {
        ...{ version: 2, current: false, reason: 'Too strict.' },
        changes: [
          {
            field: 'goals',
            before: { firstReply: { seconds: 60 } },
            after: { firstReply: { seconds: 120 } },
          },
          { field: 'pauseStatuses', before: [], after: ['new'] },
        ],
      },
      { version: 1, reason: 'A start.' },
    ]);
    expect(items[2].changes).toContainEqual({ field: 'name', before: null, after: 'Policy who' });
    const [line] = (await call('GET', `/audit-log?subjectId=${id}`))['items'];
    expect(line.actor.userId).toBe(desk.adminId);
    expect((await call('GET', path))['reason']).toBeUndefined();
  });

  it('are read page by page, each compared with the one before it, wherever the page ends', async () => {
    const { id } = await call('POST', '/sla-policies', policy('page', 1));
    for (const seconds of [2, 3, 4, 5]) {
      await call('PUT', `/sla-policies/${id}`, policy('page', seconds));
    }
    const all = (await call('GET', `/sla-policies/${id}/versions`))['items'];
    const paged: unknown[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `/sla-policies/${id}/versions?limit=2${cursor}`);
      paged.push(...page['items']);
      cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
    } while (cursor !== '');
    expect(paged).toEqual(all);
    expect(all).toHaveLength(5);
  });

  it('that are restored become the newest, and open tickets that the save between had reached follow', async () => {
    const { id } = await call('POST', '/sla-policies', policy('undo', 3_600));
    const path = `/sla-policies/${id}`;
    const ticket = await newTicket('undo');
    await call('PUT', path, policy('undo', 60, { appliesTo: 'newAndOpenTickets' }));
    const open = async () => await call('GET', `/tickets/${ticket['id']}`);
    await eventually(async () => expect(promise(await open())).toBe(60));
    const saved = await restored(path, 1, { reason: 'Nobody could keep it.' });
    expect(saved).toMatchObject({ version: 3, appliesTo: 'newAndOpenTickets' });
    await eventually(async () => expect(promise(await open())).toBe(3_600));
    expect((await call('GET', `${path}/versions`))['items'][0]).toMatchObject({
      ...{ version: 3, current: true, reason: 'Nobody could keep it.' },
    });
    expect(await call('GET', `${path}/versions/2`)).toMatchObject({
      ...{ id, version: 2, current: false, goals: { firstReply: { seconds: 60 } } },
    });
    // Clients that announce JSON with every request send none with this one.
    const json = { 'content-type': 'application/json' };
    const bare = await desk.call('POST', `/api/v1${path}/versions/3/restore`, undefined, 200, json);
    expect(bare).toMatchObject({ version: 4, appliesTo: 'newAndOpenTickets' });
    // Without a body, and for new tickets only when that is asked for.
    expect(await restored(path, 2, { appliesTo: 'newTickets' })).toMatchObject({ version: 5 });
    expect(promise(await open())).toBe(3_600);
    expect(await restored(path, 3)).toMatchObject({ version: 6, appliesTo: 'newTickets' });
    expect((await call('GET', `${path}/versions`))['items'][0].reason).toBe('Restores version 3.');
  });

  it('that name what is gone are not restored, and those that never were are not found', async () => {
    const calendar = await call('POST', '/calendars', hours('17:00', { name: 'Short-lived' }));
    const made = policy('gone', 60, { calendarId: calendar['id'] });
    const { id } = await call('POST', '/sla-policies', made);
    await call('PUT', `/sla-policies/${id}`, policy('gone', 60));
    await call('DELETE', `/calendars/${calendar['id']}`, undefined, 204);
    const path = `/sla-policies/${id}`;
    const { errors } = await call('POST', `${path}/versions/1/restore`, {}, 422);
    expect(errors).toMatchObject([{ pointer: '/calendarId' }]);
    for (const version of [9, 999_999_999]) {
      await call('GET', `${path}/versions/${version}`, undefined, 404);
      await call('POST', `${path}/versions/${version}/restore`, {}, 404);
    }
    await call('GET', `${path}/versions/0`, undefined, 422);
    const nobody = '/sla-policies/00000000-0000-7000-8000-00000000dead/versions';
    await call('GET', nobody, undefined, 404);
    expect((await call('GET', `${path}/versions`))['items']).toHaveLength(2);
  });

  it('are read by every agent and restored by admins alone, who see what they are restoring over', async () => {
    const { id } = await call('POST', '/sla-policies', policy('rights', 60));
    const token = await makeToken(desk.sql, await desk.addUser('reader'), ['read', 'write']);
    const asAgent = async (method: string, path: string) =>
      await desk.app.request(`/api/v1/sla-policies/${id}/versions${path}`, {
        ...{ method, headers: { authorization: `Bearer ${token}` } },
      });
    expect((await asAgent('GET', '')).status).toBe(200);
    expect((await asAgent('POST', '/1/restore')).status).toBe(403);
    const path = `/api/v1/sla-policies/${id}/versions/1/restore`;
    await desk.call('POST', path, {}, 409, { 'if-match': '"7"' });
    await desk.call('POST', path, {}, 200, { 'if-match': '"1"' });
  });
});

describe('versions of a calendar', () => {
  it('say what changed, and restored they move the deadlines of open tickets back', async () => {
    const always = { mon: 1, tue: 1, wed: 1, thu: 1, fri: 1, sat: 1, sun: 1 };
    const week = (to: string) => ({
      ...{ name: 'Shop', timeZone: 'UTC' },
      hours: Object.fromEntries(Object.keys(always).map((day) => [day, [['00:00', to]]])),
    });
    const { id } = await call('POST', '/calendars', week('24:00'));
    const goal = { calendarId: id, appliesTo: 'newAndOpenTickets' };
    await call('POST', '/sla-policies', policy('shop', 86_400, goal));
    const ticket = await newTicket('shop');
    const dueAt = async () =>
      (await call('GET', `/tickets/${ticket['id']}`))['sla'].goals.firstReply.dueAt;
    const before = await dueAt();
    await call('PUT', `/calendars/${id}`, { ...week('12:00'), reason: 'Mornings only.' });
    await eventually(async () => expect(await dueAt()).not.toBe(before));
    const [newest] = (await call('GET', `/calendars/${id}/versions`))['items'];
    expect(newest).toMatchObject({ version: 2, reason: 'Mornings only.' });
    expect(newest.changes.map(({ field }: { field: string }) => field)).toEqual(['hours']);
    expect(newest.appliesTo).toBeUndefined();
    expect(await call('GET', `/calendars/${id}/versions/1`)).toMatchObject({
      ...{ id, version: 1, ...week('24:00') },
    });
    expect(await restored(`/calendars/${id}`, 1)).toMatchObject({ version: 3, ...week('24:00') });
    await eventually(async () => expect(await dueAt()).toBe(before));
  });
});

describe('a ticket', () => {
  it('names the policy version that rules it and the fields that made it so; lists stay without', async () => {
    await call('POST', '/sla-policies', policy('why', 60));
    const ticket = await newTicket('why');
    const { sla } = await call('GET', `/tickets/${ticket['id']}`);
    expect(sla).toMatchObject({
      ...{ policyName: 'Policy why', policyVersion: 1, why: ['tags contains'] },
    });
    expect((await call('GET', `/tickets/${ticket['id']}/live`))['policyWhy']).toEqual(sla.why);
    const none = await newTicket('nothing');
    expect(none['sla']).toMatchObject({ policyId: null, policyName: null, why: [] });
    const [listed] = (await call('GET', '/tickets?tag=why'))['items'];
    expect(listed.sla.policyName).toBeUndefined();
  });
});
