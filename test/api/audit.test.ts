// The audit log: every change an admin makes is there with who, when, before and after; nothing secret is, and nothing goes again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inNameOf } from '#db/audit.ts';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const call = (method: string, path: string, body?: unknown, expected?: number) =>
  desk.call(method, `/api/v1${path}`, body, expected);
const logOf = async (subjectId: string): Promise<any[]> =>
  (await call('GET', `/audit-log?subjectId=${subjectId}`))['items'];
const policy = (seconds: number) => ({ name: 'Gold', goals: { firstReply: { seconds } } });
const always = { name: 'Office', timeZone: 'UTC', hours: 'always' };
const mailbox = (password: string) => ({
  name: 'Support',
  address: 'audit@desk.test',
  settings: { smtp: { host: '127.0.0.1', port: 2525, user: 'u', password } },
});

describe('every kind of thing an admin changes', () => {
  it.for([
    ['team', '/teams', { name: 'A', strategy: 'manual', members: [] }, { name: 'B' }],
    ['routingRule', '/routing-rules', { name: 'A', assign: 'nobody' }, { name: 'B' }],
    ['slaPolicy', '/sla-policies', policy(60), { name: 'Silver' }],
    ['calendar', '/calendars', always, { name: 'Works' }],
    [
      'user',
      '/users',
      { name: 'A', email: 'a@audit.test', role: 'agent', seat: true },
      { name: 'B' },
    ],
  ] as const)('%s: made, changed, removed', async ([kind, path, made, changed]) => {
    const body: Record<string, unknown> = { ...made };
    if (body['assign'] === 'nobody') {
      const team = await call('POST', '/teams', { name: 'Target', strategy: 'manual' });
      body['assign'] = { teamId: team['id'] };
    }
    const { id } = await call('POST', path, body, 201);
    await call('PUT', `${path}/${id}`, { ...body, ...changed });
    // People and teams stay: what they did remains theirs.
    const stays = kind === 'user' || kind === 'team';
    if (!stays) await call('DELETE', `${path}/${id}`, undefined, 204);
    const lines = (await logOf(id)).toReversed();
    expect(lines.map((line) => [line.subjectKind, line.action])).toEqual([
      [kind, 'created'],
      [kind, 'changed'],
      ...(stays ? [] : [[kind, 'removed']]),
    ]);
    expect(lines.every((line) => line.actor.userId === desk.adminId)).toBe(true);
    expect(lines[1].changes).toContainEqual({
      field: 'name',
      before: body['name'],
      after: changed.name,
    });
  });
});

describe('a line of the audit log', () => {
  it('shows fields by their names in the API, each once, and how things are called beside their ids', async () => {
    const userId = await desk.addUser('Nora');
    const members = [{ userId }];
    const team = await call('POST', '/teams', { name: 'Harbour', members });
    const made = await call('POST', '/sla-policies', policy(60));
    const escalation = { goal: 'firstReply', when: 'overdue' };
    await call('PUT', `/sla-policies/${made['id']}`, {
      ...policy(60),
      appliesTo: 'newAndOpenTickets',
      escalations: [{ ...escalation, actions: [{ type: 'reassign', to: { teamId: team['id'] } }] }],
    });
    const [line] = await logOf(made['id']);
    expect(line.changes.map(({ field }: any) => field).toSorted()).toEqual([
      'appliesTo',
      'escalations',
    ]);
    expect(line).toMatchObject({ subjectName: 'Gold', names: { [team['id']]: 'Harbour' } });
    const [member] = await logOf(`${team['id']}:${userId}`);
    expect(member.subjectName).toBe('Harbour: Nora');
    await call('PATCH', '/settings', { reopenWindowDays: 3, undoSendSeconds: 4 });
    const { items } = await call('GET', '/audit-log?subjectKind=settings');
    expect(items[0].changes).toHaveLength(2);
    expect(items[0].changes).toContainEqual({ field: 'reopenWindowDays', before: null, after: 3 });
    expect(items[0].changes).toContainEqual({ field: 'undoSendSeconds', before: 0, after: 4 });
    const rule = { name: 'R', assign: { teamId: team['id'] }, preferredSkills: ['maps'] };
    const { id } = await call('POST', '/routing-rules', rule);
    const [created] = await logOf(id);
    const fields = created.changes.map(({ field }: any) => field);
    expect(fields).toContain('preferredSkills');
    expect(fields.filter((field: string) => /_/.test(field))).toEqual([]);
  });

  it('says a password changed without saying what it is', async () => {
    const { id } = await call('POST', '/channels', mailbox('first-secret'), 201);
    await call('PUT', `/channels/${id}`, mailbox('second-secret'));
    const text = JSON.stringify(await logOf(id));
    expect(text).toContain('passwordChanged');
    expect(text).not.toMatch(/first-secret|second-secret/);
    const key = await call(
      'POST',
      '/api-keys',
      { userId: desk.adminId, name: 'K', scopes: ['read'] },
      201,
    );
    const [line] = await logOf(key['id']);
    expect(line.action).toBe('created');
    expect(JSON.stringify(line)).not.toContain('tokenHash');
    expect(JSON.stringify(line)).not.toContain('token_hash');
  });

  it('is not written for a save that changes nothing', async () => {
    const team = { name: 'Same', strategy: 'manual', members: [] };
    const { id } = await call('POST', '/teams', team, 201);
    await call('PUT', `/teams/${id}`, team);
    expect(await logOf(id)).toHaveLength(1);
  });

  it('and the change are there together or not at all', async () => {
    const { id } = await call('POST', '/teams', { name: 'Atomic', strategy: 'manual' }, 201);
    const actor = { type: 'user', userId: desk.adminId, requestId: null, address: null } as const;
    const failing = inNameOf(desk.sql, actor, async (sql) => {
      await sql`update teams set name = 'Other' where id = ${id}`;
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await logOf(id)).toHaveLength(1);
  });

  it('is marked as the system when nobody asked', async () => {
    const { id } = await call('POST', '/teams', { name: 'Quiet', strategy: 'manual' }, 201);
    await desk.sql`update teams set name = 'Loud' where id = ${id}`;
    const [line] = await logOf(id);
    expect(line.actor).toMatchObject({ type: 'system', userId: null });
  });

  it('can be neither changed nor removed, by SQL either', async () => {
    await call('POST', '/teams', { name: 'Kept', strategy: 'manual' }, 201);
    await expect(desk.sql`update audit_log set action = 'removed'`).rejects.toThrow('only grows');
    await expect(desk.sql`delete from audit_log`).rejects.toThrow('only grows');
    await expect(desk.sql`truncate audit_log`).rejects.toThrow('only grows');
  });
});

describe('reading the audit log', () => {
  it('pages from the newest to the oldest without loss, and exports the same lines', async () => {
    for (const name of ['P1', 'P2', 'P3'])
      await call('POST', '/teams', { name, strategy: 'manual' }, 201);
    const ids: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Record<string, any> = await call(
        'GET',
        `/audit-log?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      ids.push(...page['items'].map((line: any) => line.id));
      cursor = page['nextCursor'];
    } while (cursor !== null);
    expect(ids).toEqual(ids.toSorted((one, other) => other - one));
    const token = await makeToken(desk.sql, desk.adminId, ['admin', 'read']);
    const answer = await desk.app.request('/api/v1/audit-log/export', {
      headers: { authorization: `Bearer ${token}` },
    });
    const exported = (await answer.text()).trim().split('\n');
    // The key made for the export is a line of its own.
    expect(exported.map((line) => JSON.parse(line).id).slice(1)).toEqual(ids);
  });

  it('is for admins only', async () => {
    const token = await makeToken(desk.sql, await desk.addUser('reader'), ['read', 'write']);
    for (const path of ['/audit-log', '/audit-log/export']) {
      const answer = await desk.app.request(`/api/v1${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(403);
    }
  });
});
