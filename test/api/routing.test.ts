// Routing as an admin meets it over HTTP: who would get a ticket and why nobody else, what a draft of rules would change, ranges out of
// office, loads, skills with levels, and teams that cannot vanish under what names them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { callApi } from '#test/support/desk.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const NOWHERE = '00000000-0000-7000-8000-00000000dead';
const call = (method: string, path: string, body?: unknown, expected?: number): Promise<Json> =>
  desk.call(method, `/api/v1${path}`, body, expected);
let made = 0;
const newTeam = async (userIds: string[], strategy = 'roundRobin'): Promise<string> => {
  made += 1;
  const members = userIds.map((userId) => ({ userId }));
  return (await call('POST', '/teams', { name: `Team ${made}`, strategy, members }))['id'];
};
const newAgent = (more: object = {}): Promise<string> => {
  made += 1;
  return desk.addUser(`agent${made}`, more);
};
const newUser = (more: object): Promise<Json> => {
  made += 1;
  const body = { name: 'U', email: `user${made}@desk.test`, role: 'agent' };
  return call('POST', '/users', { ...body, ...more });
};
const pointerOf = async (method: string, path: string, body: unknown): Promise<string> =>
  (await call(method, path, body, 422))['errors'][0].pointer;
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

describe('explain', () => {
  it('names each candidate with why they may not have it, who would get it, and why', async () => {
    const [idle, full, away, out, unskilled] = [
      await newAgent({ skills: ['welsh'], skillLevels: { welsh: 3 } }),
      await newAgent({ skills: ['welsh'], skillLevels: { welsh: 5 }, capacity: 0 }),
      await newAgent({ availability: 'away' }),
      await newAgent({ skills: ['welsh'] }),
      await newAgent(),
    ];
    await call('POST', `/users/${out}/out-of-office`, { from: inHours(-1), to: inHours(1) });
    const teamId = await newTeam([idle, full, away, out, unskilled]);
    const rule = await call('POST', '/routing-rules', {
      ...{ name: 'Welsh', position: 0, assign: { teamId } },
      conditions: [{ field: 'language', op: 'is', value: 'cy' }],
      requiredSkills: [{ name: 'welsh', minLevel: 2 }],
    });
    const answer = await call(
      'POST',
      '/routing-rules/explain',
      { ticket: { language: 'cy' } },
      200,
    );
    expect(answer).toMatchObject({
      ...{ ruleId: rule['id'], teamId },
      pick: { userId: idle, reason: 'next in turn of the team' },
    });
    const reasons = Object.fromEntries(
      answer['candidates'].map(({ userId, reason }: any) => [userId, reason]),
    );
    expect(reasons).toEqual({
      [idle]: null,
      [full]: 'is at capacity (0 of 0)',
      [away]: 'is away',
      [out]: 'is out of office',
      [unskilled]: 'lacks welsh',
    });
    await call('DELETE', `/routing-rules/${rule['id']}`, undefined, 204);
  });

  it('of a ticket that no rule takes says so', async () => {
    const answer = await call('POST', '/routing-rules/explain', { ticket: {} }, 200);
    expect(answer).toMatchObject({
      ...{ ruleId: null, candidates: [], teamId: null },
      pick: { userId: null, reason: 'no rule takes the ticket' },
    });
  });

  it('of a rule that names somebody says what stands against them, and who has a claim instead', async () => {
    const [named, owner] = [await newAgent({ availability: 'away' }), await newAgent()];
    const rule = await call('POST', '/routing-rules', {
      ...{ name: 'Named', position: 0, assign: { userId: named }, sticky: 'contactOwner' },
      conditions: [{ field: 'tags', op: 'contains', value: 'named' }],
    });
    const pickFor = async (requesterEmail: string): Promise<Json> => {
      const ticket = { requesterEmail, tags: ['named'] };
      return (await call('POST', '/routing-rules/explain', { ticket }, 200))['pick'];
    };
    await call('POST', '/contacts', { email: 'owned@customer.test', ownerId: owner });
    expect(await pickFor('stranger@customer.test')).toEqual({
      ...{ userId: null, reason: 'the agent it names is away' },
    });
    expect(await pickFor('owned@customer.test')).toEqual({
      ...{ userId: owner, reason: 'looks after the contact' },
    });
    // With a team of theirs the ticket is not lost with them.
    const mate = await newAgent();
    const teamId = await newTeam([named, mate]);
    expect(await pickFor('stranger@customer.test')).toEqual({
      userId: mate,
      reason: 'the agent it names is away, so their team is asked: next in turn of the team',
    });
    const ticket = {
      subject: 'T',
      requester: { email: 'stranger@customer.test' },
      tags: ['named'],
    };
    expect(await call('POST', '/tickets', ticket)).toMatchObject({ teamId, assigneeId: mate });
    await call('DELETE', `/routing-rules/${rule['id']}`, undefined, 204);
  });
});

describe('a dry run', () => {
  it('says which of the newest tickets would go elsewhere, and moves none of them', async () => {
    const [bills, support] = [await newTeam([]), await newTeam([])];
    const rest = { name: 'Rest', position: 9, conditions: [], assign: { teamId: support } };
    const saved = await call('POST', '/routing-rules', rest);
    const ids: number[] = [];
    for (const subject of ['A refund', 'Hello', 'Refund!', 'Bye']) {
      const ticket = { subject, requester: { email: 'ann@customer.test' } };
      ids.push((await call('POST', '/tickets', ticket))['id']);
    }
    const placed = {
      subject: 'refund',
      requester: { email: 'ann@customer.test' },
      teamId: support,
    };
    await call('POST', '/tickets', placed);
    const draft = [
      {
        ...{ name: 'Refunds', position: 1, assign: { teamId: bills } },
        conditions: [{ field: 'subject', op: 'contains', value: 'refund' }],
      },
      { ...rest, id: saved['id'] },
    ];
    const before = await call('GET', '/routing-rules');
    const trial = await call(
      'POST',
      '/routing-rules/dry-run',
      { rules: draft, lastTickets: 5 },
      200,
    );
    expect(trial).toMatchObject({ looked: 5, changed: 2 });
    expect(trial['sample']).toEqual(
      [ids[2], ids[0]].map((ticketId) => ({
        ticketId,
        subject: ticketId === ids[0] ? 'A refund' : 'Refund!',
        from: { ruleId: saved['id'], ruleName: 'Rest', teamId: support, userId: null },
        to: { ruleId: null, ruleName: 'Refunds', teamId: bills, userId: null },
      })),
    );
    expect(trial['byTarget']).toEqual([
      { from: { teamId: support, userId: null }, to: { teamId: bills, userId: null }, count: 2 },
    ]);
    const same = await call(
      'POST',
      '/routing-rules/dry-run',
      { rules: [rest], lastTickets: 5 },
      200,
    );
    expect(same).toMatchObject({ looked: 5, changed: 0, sample: [], byTarget: [] });
    const fewer = await call(
      'POST',
      '/routing-rules/dry-run',
      { rules: draft, lastTickets: 3 },
      200,
    );
    expect(fewer).toMatchObject({ looked: 3, changed: 1 });
    expect(await call('GET', '/routing-rules')).toEqual(before);
    await call('DELETE', `/routing-rules/${saved['id']}`, undefined, 204);
  });

  it('of a draft that could not be saved names the rule and field at fault', async () => {
    const rules = [
      { name: 'Good', assign: { userId: desk.adminId } },
      { name: 'Bad', assign: { teamId: NOWHERE } },
    ];
    expect(await pointerOf('POST', '/routing-rules/dry-run', { rules })).toBe(
      '/rules/1/assign/teamId',
    );
  });

  it('is for admins, explaining is for everybody who may read', async () => {
    const token = await makeToken(desk.sql, await newAgent(), ['read']);
    const ask = (path: string, body: unknown, expected: number) =>
      callApi(desk.app, token, { method: 'POST', path: `/api/v1${path}`, body, expected });
    await ask('/routing-rules/explain', { ticket: {} }, 200);
    await ask('/routing-rules/dry-run', { rules: [] }, 403);
  });
});

describe('a rule', () => {
  const rule = (more: object) => ({ name: 'R', assign: { userId: desk.adminId }, ...more });

  it.for<[string, object, string]>([
    [
      'whose steps are not in order',
      {
        fallback: [
          { afterSeconds: 60, to: { teamId: NOWHERE } },
          { afterSeconds: 60, to: 'team' },
        ],
      },
      '/fallback/1/afterSeconds',
    ],
    [
      'that drops skills it does not ask for',
      { fallback: [{ afterSeconds: 60, to: 'team' }] },
      '/fallback/0/to',
    ],
    [
      'that widens a person',
      { requiredSkills: ['a'], fallback: [{ afterSeconds: 60, to: 'team' }] },
      '/fallback/0/to',
    ],
    [
      'that falls back to a team nobody knows',
      { fallback: [{ afterSeconds: 60, to: { teamId: NOWHERE } }] },
      '/fallback/0/to/teamId',
    ],
    ['with a level for another skill', { requiredLevels: { b: 2 } }, '/requiredLevels/b'],
  ])('%s is refused, naming the field', async ([, more, pointer]) => {
    expect(await pointerOf('POST', '/routing-rules', rule(more))).toBe(pointer);
  });

  it('takes skills as names or with levels, and what it shows can be saved again', async () => {
    const teamId = await newTeam([]);
    const saved = await call('POST', '/routing-rules', {
      ...{ name: 'R', assign: { teamId }, preferredSkills: ['maps'], sticky: 'lastAssignee' },
      requiredSkills: ['french', { name: 'welsh', minLevel: 4 }],
      fallback: [{ afterSeconds: 900, to: 'team' }],
      enabled: false,
    });
    expect(saved).toMatchObject({
      requiredSkills: ['french', 'welsh'],
      requiredLevels: { french: 1, welsh: 4 },
    });
    const { id, ...body } = saved;
    const again = await call('PUT', `/routing-rules/${id}`, body);
    expect(again).toEqual({ ...saved, version: saved['version'] + 1 });
  });
});

describe('a user', () => {
  it('has skills by name or with levels, and what is shown can be saved again', async () => {
    const user = await newUser({
      skills: ['french', { name: 'welsh', level: 4 }],
      channelCapacity: { email: 3 },
    });
    expect(user).toMatchObject({
      skills: ['french', 'welsh'],
      skillLevels: { french: 1, welsh: 4 },
      channelCapacity: { email: 3 },
    });
    const { id, effectiveAvailability: _a, reason: _r, until: _u, ...body } = user;
    const again = await call('PUT', `/users/${id}`, body);
    expect(again).toEqual({ ...user, version: user['version'] + 1 });
    expect(
      await pointerOf('PUT', `/users/${id}`, {
        ...body,
        version: undefined,
        skillLevels: { x: 2 },
      }),
    ).toBe('/skillLevels/x');
    await call('PUT', `/users/${id}`, { ...body, skills: [{ name: 'a', level: 6 }] }, 422);
  });

  it('shows n of m, in all and by channel; by hand they may be given more', async () => {
    const agent = await newAgent({ capacity: 2, channelCapacity: { form: 1 } });
    const teamId = await newTeam([agent]);
    const ticket = (channel: string) => ({
      ...{ subject: 'T', requester: { email: 'ann@customer.test' }, channel, teamId },
    });
    const first = await call('POST', '/tickets', ticket('form'));
    const second = await call('POST', '/tickets', ticket('form'));
    expect([first['assigneeId'], second['assigneeId']]).toEqual([agent, null]);
    expect(await call('GET', `/users/${agent}/load`)).toEqual({
      ...{ open: 1, capacity: 2 },
      perChannel: {
        email: { open: 0, capacity: null },
        api: { open: 0, capacity: null },
        form: { open: 1, capacity: 1 },
      },
    });
    await call('PATCH', `/tickets/${second['id']}`, { assigneeId: agent });
    expect((await call('GET', `/users/${agent}/load`))['perChannel'].form).toEqual({
      ...{ open: 2, capacity: 1 },
    });
    await call('GET', `/users/${NOWHERE}/load`, undefined, 404);
  });
});

describe('ranges out of office', () => {
  it('are listed in order, may overlap, and are gone when taken back', async () => {
    const agent = await newAgent();
    const path = `/users/${agent}/out-of-office`;
    const second = await call('POST', path, { from: inHours(5), to: inHours(9) });
    const first = await call('POST', path, { from: inHours(4), to: inHours(6), note: 'dentist' });
    expect((await call('GET', path))['items']).toEqual([first, second]);
    expect(await call('GET', `/users/${agent}`)).toMatchObject({
      ...{ effectiveAvailability: 'available', until: first['from'] },
    });
    await call('DELETE', `${path}/${first['id']}`, undefined, 204);
    await call('DELETE', `${path}/${first['id']}`, undefined, 404);
    expect((await call('GET', path))['items']).toEqual([second]);
    expect((await call('GET', `/users/${agent}`))['until']).toBe(second['from']);
  });

  it.for<[string, object, string]>([
    ['over already', { from: inHours(-2), to: inHours(-1) }, '/to'],
    ['reversed', { from: inHours(2), to: inHours(1) }, '/to'],
    ['empty', { from: '2099-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }, '/to'],
    ['beyond ten years', { from: inHours(1), to: '2300-01-01T00:00:00Z' }, '/to'],
    ['without an end', { from: inHours(1) }, '/to'],
    ['not an instant', { from: 'tomorrow', to: inHours(1) }, '/from'],
  ])('that are %s are refused, naming the field', async ([, range, pointer]) => {
    const path = `/users/${await newAgent()}/out-of-office`;
    expect(await pointerOf('POST', path, range)).toBe(pointer);
  });

  it('are one’s own to set, and an admin’s for others', async () => {
    const [one, other] = [await newAgent(), await newAgent()];
    const token = await makeToken(desk.sql, one, ['read', 'write']);
    const range = { from: inHours(1), to: inHours(2) };
    const post = (userId: string, expected: number) =>
      callApi(desk.app, token, {
        ...{ method: 'POST', path: `/api/v1/users/${userId}/out-of-office`, body: range, expected },
      });
    await post(one, 201);
    await post(other, 403);
    await call('POST', `/users/${NOWHERE}/out-of-office`, range, 404);
  });

  it('are in the audit log, with who set them', async () => {
    const agent = await newAgent();
    const { id } = await call('POST', `/users/${agent}/out-of-office`, {
      ...{ from: inHours(1), to: inHours(2), note: 'private' },
    });
    const { items } = await call('GET', `/audit-log?subjectKind=outOfOffice&subjectId=${id}`);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ action: 'created', actor: { userId: desk.adminId } });
  });
});

describe('a team', () => {
  it.for<[string, (teamId: string) => Promise<() => Promise<unknown>>]>([
    [
      'a rule assigns to it',
      async (teamId) => {
        const { id } = await call('POST', '/routing-rules', {
          ...{ name: 'R', assign: { teamId }, enabled: false },
        });
        return () => call('DELETE', `/routing-rules/${id}`, undefined, 204);
      },
    ],
    [
      'a rule falls back to it',
      async (teamId) => {
        const { id } = await call('POST', '/routing-rules', {
          ...{ name: 'R', assign: { userId: desk.adminId }, enabled: false },
          fallback: [{ afterSeconds: 60, to: { teamId } }],
        });
        return () => call('DELETE', `/routing-rules/${id}`, undefined, 204);
      },
    ],
    [
      'a policy reassigns to it',
      async (teamId) => {
        const { id } = await call('POST', '/sla-policies', {
          ...{ name: 'P', goals: { close: { seconds: 60 } } },
          conditions: [{ field: 'tags', op: 'contains', value: 'nothing' }],
          escalations: [
            { goal: 'close', when: 'overdue', actions: [{ type: 'reassign', to: { teamId } }] },
          ],
        });
        return () => call('DELETE', `/sla-policies/${id}`, undefined, 204);
      },
    ],
    [
      'an open ticket is in it',
      async (teamId) => {
        const ticket = { subject: 'T', requester: { email: 'ann@customer.test' }, teamId };
        const { id } = await call('POST', '/tickets', ticket);
        return () => call('PATCH', `/tickets/${id}`, { status: 'closed' });
      },
    ],
  ])('is not removed while %s, and its name is free afterwards', async ([, use]) => {
    const teamId = await newTeam([]);
    const { name } = await call('GET', `/teams/${teamId}`);
    const release = await use(teamId);
    const refused = await call('DELETE', `/teams/${teamId}`, undefined, 409);
    expect(refused).toMatchObject({ code: 'inUse', detail: expect.stringMatching(/\b1\b/) });
    await release();
    await call('DELETE', `/teams/${teamId}`, undefined, 204);
    await call('GET', `/teams/${teamId}`, undefined, 404);
    await call('DELETE', `/teams/${teamId}`, undefined, 404);
    await call('POST', '/teams', { name });
  });
});
