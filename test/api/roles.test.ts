// Roles that a desk makes for itself, who may give what to whom, and what a change of rights does to those who are there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#api/app.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { openStream } from '#test/support/stream.ts';

const SCOPES = ['read', 'write', 'admin'];
let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

type Call = (method: string, path: string, body?: unknown, expected?: number) => Promise<Json>;
const as = (key: string): Call => {
  return (method, path, body, expected) =>
    callApi(desk.app, key, { method, path: `/api/v1${path}`, body, expected });
};
const admin: Call = (method, path, body, expected) =>
  desk.call(method, `/api/v1${path}`, body, expected);
let made = 0;
const newRole = async (permissions: string[], more: object = {}): Promise<Json> => {
  made += 1;
  return await admin('POST', '/roles', { name: `Role ${made}`, permissions, ...more });
};
/** Somebody of a new role, with a key of full scope. */
async function somebody(
  permissions: string[],
  more: object = {},
): Promise<{ id: string; call: Call }> {
  const { id: roleId } = await newRole(permissions, more);
  const id = await desk.addUser(`person-${made}`, { role: 'custom', roleId: String(roleId) });
  return { id, call: as(await makeToken(desk.sql, id, SCOPES)) };
}
const userOf = (name: string, more: object) => ({ name, email: `${name}@roles.test`, ...more });

describe('a role', () => {
  it('is made, changed, listed and removed, and the log says by whom', async () => {
    const role = await newRole(['ticket.view', 'ticket.view'], { ticketAccess: 'team' });
    expect(role).toMatchObject({ permissions: ['ticket.view'], ticketAccess: 'team', users: 0 });
    const changed = { name: 'Front desk', permissions: ['ticket.view', 'ticket.note'], version: 1 };
    const saved = await admin('PUT', `/roles/${role['id']}`, changed);
    expect(saved).toMatchObject({ ...changed, ticketAccess: 'all', version: 2 });
    await admin('PUT', `/roles/${role['id']}`, changed, 409);
    expect((await admin('GET', '/roles'))['items']).toContainEqual(saved);
    const log = await admin('GET', `/audit-log?subjectKind=role&subjectId=${role['id']}`);
    expect(log['items']).toMatchObject([
      { action: 'changed', actor: { userId: desk.adminId } },
      { action: 'created', actor: { userId: desk.adminId } },
    ]);
    await admin('DELETE', `/roles/${role['id']}`, undefined, 204);
    await admin('GET', `/roles/${role['id']}`, undefined, 404);
  });

  it('holds at once for who has it, and cannot be removed while somebody has', async () => {
    const { id: roleId } = await newRole(['ticket.view']);
    const user = userOf('holder', { roleId });
    const { id, role, version } = await admin('POST', '/users', user);
    expect(role).toBe('custom');
    const call = as(await makeToken(desk.sql, String(id), SCOPES));
    await call('GET', '/contacts', undefined, 403);
    const wider = { name: 'Wider', permissions: ['ticket.view', 'contact.view'] };
    await admin('PUT', `/roles/${roleId}`, wider);
    await call('GET', '/contacts');
    expect(await admin('DELETE', `/roles/${roleId}`, undefined, 409)).toMatchObject({
      code: 'inUse',
    });
    await admin('PUT', `/users/${id}`, { ...user, roleId: null, role: 'agent', version });
    await admin('DELETE', `/roles/${roleId}`, undefined, 204);
  });

  it('knows no permission that there is not, nor what admins alone hold', async () => {
    for (const name of ['ticket.fly', 'settings.roles']) {
      await admin('POST', '/roles', { name: 'R', permissions: [name] }, 422);
    }
  });

  it('changes no tickets that it does not show', async () => {
    const role = { name: 'Blind', permissions: ['ticket.create', 'ticket.edit'] };
    const refused = await admin('POST', '/roles', role, 422);
    expect(refused['errors']).toMatchObject([{ pointer: '/permissions' }]);
    await admin('POST', '/roles', { ...role, permissions: ['ticket.create'] });
  });

  it.for([
    [{ role: 'custom' }, 422],
    [{ role: 'agent', roleId: '00000000-0000-7000-8000-00000000dead' }, 422],
    [{ roleId: '00000000-0000-7000-8000-00000000dead' }, 422],
    [{}, 422],
    [{ role: 'admin', ticketAccess: 'own' }, 422],
    [{ role: 'lead', ticketAccess: 'team' }, 201],
  ] as const)('of a user is one that makes sense: %j', async ([more, expected]) => {
    await admin('POST', '/users', userOf('sense', more), expected);
  });
});

describe('nobody gives more than they have', () => {
  const HR = ['ticket.view', 'settings.people', 'settings.view', 'key.all'];

  it('neither to a new user, nor by changing one who has more', async () => {
    const { call } = await somebody(HR);
    await call('POST', '/users', userOf('up', { role: 'admin' }), 403);
    await call('POST', '/users', userOf('up', { role: 'agent' }), 403);
    const boss = await call('GET', `/users/${desk.adminId}`);
    const { name, email } = boss;
    const demoted = { name, email, roleId: (await newRole(['ticket.view']))['id'] };
    await call('PUT', `/users/${desk.adminId}`, demoted, 403);
    const { id: roleId } = await newRole(['ticket.view']);
    await call('POST', '/users', userOf('same', { roleId }));
  });

  it('nor wider sight', async () => {
    const { call } = await somebody(HR, { ticketAccess: 'team' });
    const { id: wide } = await newRole(['ticket.view']);
    await call('POST', '/users', userOf('wide', { roleId: wide }), 403);
    await call('POST', '/users', userOf('narrow', { roleId: wide, ticketAccess: 'team' }));
  });

  it('nor by a key of somebody else, or a larger one', async () => {
    const { id, call } = await somebody(HR);
    const key = (userId: string, scopes: string[]) => ({ name: 'k', userId, scopes });
    await call('POST', '/api-keys', key(desk.adminId, ['read']), 403);
    await call('POST', '/api-keys', key(id, ['read', 'admin']));
    const small = as(await makeToken(desk.sql, id, ['write']));
    await small('POST', '/api-keys', key(id, ['admin']), 403);
  });
});

describe('a key', () => {
  it('is the business of its user: others neither list, read nor revoke it', async () => {
    const mine = await somebody(['ticket.view', 'key.own']);
    const body = { name: 'mine', userId: mine.id, scopes: ['read'] };
    const { id } = await mine.call('POST', '/api-keys', body);
    const other = await somebody(['ticket.view', 'key.own']);
    const ids = async (call: Call) =>
      ((await call('GET', '/api-keys'))['items'] as Json[]).map((one) => one['id']);
    expect(await ids(mine.call)).toContain(id);
    expect(await ids(other.call)).not.toContain(id);
    await other.call('GET', `/api-keys/${id}`, undefined, 404);
    await other.call('DELETE', `/api-keys/${id}`, undefined, 404);
    await other.call('POST', '/api-keys', body, 403);
    await mine.call('DELETE', `/api-keys/${id}`, undefined, 204);
  });
});

describe('the last admin', () => {
  it('stays one, and of two who demote each other at once one stays', async () => {
    const one = await admin('GET', `/users/${desk.adminId}`);
    const who = ({ name, email }: Json, more: object) => ({ name, email, ...more });
    const refused = await admin('PUT', `/users/${desk.adminId}`, who(one, { role: 'lead' }), 409);
    expect(refused['code']).toBe('lastAdmin');
    await admin('PUT', `/users/${desk.adminId}`, who(one, { role: 'admin', active: false }), 409);
    const second = await admin('POST', '/users', userOf('second', { role: 'admin' }));
    const key = await makeToken(desk.sql, String(second['id']), SCOPES);
    const demote = async (user: Json) =>
      (
        await desk.app.request(`/api/v1/users/${user['id']}`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify(who(user, { role: 'agent' })),
        })
      ).status;
    const statuses = await Promise.all([demote(one), demote(second)]);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    const left = await desk.sql`select id from users where role = 'admin' and active`;
    expect(left).toHaveLength(1);
    await desk.sql`update users set role = 'admin' where id = ${desk.adminId}`;
  });
});

describe('the stream', () => {
  it('says when rights have changed, and ends when there is nothing left to see', async () => {
    const app = await createApp({ ...desk.deps, heartbeatMs: 50 });
    const { id } = await somebody(['ticket.view']);
    const stream = await openStream(app, await makeToken(desk.sql, id, ['read']));
    await stream.until((text) => text.includes('still here'));
    await desk.sql`update users set ticket_access = 'own' where id = ${id}`;
    await stream.until((text) => text.includes('event: accessChanged'));
    await desk.sql`update users set active = false where id = ${id}`;
    await expect(stream.until(() => false)).rejects.toThrow('the stream ended');
  }, 15_000);
});

describe('samples of tickets', () => {
  it('name those one sees, in a dry run and in a simulation', async () => {
    const tuner = await somebody(
      ['ticket.view', 'settings.routing', 'settings.sla', 'settings.view'],
      {
        ticketAccess: 'own',
      },
    );
    const requester = { email: 'ann@customer.test' };
    const mine = await admin('POST', '/tickets', { subject: 'mine', requester });
    await admin('PATCH', `/tickets/${mine['id']}`, { assigneeId: tuner.id });
    const hidden = await admin('POST', '/tickets', { subject: 'hidden', requester });
    const { id: teamId } = await admin('POST', '/teams', { name: 'Elsewhere' });
    const draft = { rules: [{ name: 'All', conditions: [], assign: { teamId } }] };
    const tried = await tuner.call('POST', '/routing-rules/dry-run', draft, 200);
    expect(tried).toMatchObject({ looked: 1, sample: [{ ticketId: mine['id'] }] });
    const policy = { name: 'P', conditions: [], goals: { firstReply: { seconds: 60 } } };
    const { id: policyId } = await admin('POST', '/sla-policies', policy);
    const change = (ticketId: unknown) => ({
      ...{ ticketId: Number(ticketId), goal: 'firstReply', dueBefore: null, dueAfter: null },
    });
    const compared = { before: { met: 0, missed: 0 }, after: { met: 0, missed: 0 } };
    const result = {
      ...{ tickets: 2, concerned: 2, byTeam: {}, byPriority: {} },
      goals: { firstReply: compared, nextReply: compared, close: compared },
      newlyMissed: { count: 2, sample: [change(mine['id']), change(hidden['id'])] },
      saved: { count: 0, sample: [] },
    };
    const [run] = await desk.sql<{ id: string }[]>`
      insert into simulations (policy_id, draft, since, state, result)
      values (${policyId}, '{}', now(), 'finished', ${desk.sql.json(result)}) returning id`;
    const path = `/sla-policies/${policyId}/simulations/${run?.id}`;
    const sampled = async (call: Call) => {
      const { newlyMissed } = (await call('GET', path))['result'];
      return [newlyMissed.count, newlyMissed.sample.map((one: Json) => one['ticketId'])];
    };
    expect(await sampled(tuner.call)).toEqual([2, [mine['id']]]);
    expect(await sampled(admin)).toEqual([2, [mine['id'], hidden['id']]]);
  });

  it('name those one sees in the preview of a change of availability', async () => {
    const boss = await somebody(['ticket.view', 'availability.others'], { ticketAccess: 'own' });
    const away = await desk.addUser('holder-of-many', { availability: 'available' });
    const requester = { email: 'ann@customer.test' };
    const ids: number[] = [];
    for (let n = 0; n < 2; n += 1) {
      const { id } = await admin('POST', '/tickets', { subject: 'held', requester });
      await admin('PATCH', `/tickets/${id}`, { assigneeId: away });
      ids.push(Number(id));
    }
    await admin('POST', `/tickets/${ids[0]}/notes`, { body: 'see', mentions: [boss.id] });
    const draft = { availability: 'away' };
    const path = `/users/${away}/availability/preview`;
    const sampled = async (call: Call) => {
      const { goBack, stay } = await call('POST', path, draft, 200);
      return [...goBack.sample, ...stay.sample].map((one: Json) => Number(one['ticketId']));
    };
    expect(await sampled(boss.call)).toEqual([ids[0]]);
    expect(await sampled(admin)).toEqual(ids);
  });
});
