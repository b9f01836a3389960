// A rule that could never work is refused when it is saved, tried or brought back, with the field named; nothing of it is kept.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
let teamId: string;
beforeAll(async () => {
  desk = await startTestDesk();
  const userId = await desk.addUser('expert', { skills: ['welsh'], skillLevels: { welsh: 3 } });
  const team = { name: 'Team', members: [{ userId }] };
  teamId = (await call('POST', '/teams', team))['id'];
});
afterAll(async () => {
  await desk.stop();
});

const NOWHERE = '00000000-0000-7000-8000-00000000dead';
const call = (method: string, path: string, body?: unknown, expected?: number): Promise<Json> =>
  desk.call(method, `/api/v1${path}`, body, expected);
const when = (field: string, op: string, value?: unknown) => [{ field, op, value }];
const policy = (more: object): object => ({
  ...{ name: 'P', goals: { firstReply: { seconds: 60 } } },
  ...more,
});
const rule = (more: object): object => ({ name: 'R', assign: { teamId }, ...more });

describe('a policy and a routing rule', () => {
  it.for<[string, object[], string]>([
    ['a team that does not exist', when('teamId', 'is', NOWHERE), '/conditions/0/value'],
    ['a team that is no id', when('teamId', 'in', ['Support']), '/conditions/0/value/0'],
    ['a user that does not exist', when('assigneeId', 'isNot', NOWHERE), '/conditions/0/value'],
    ['a company that does not exist', when('companyId', 'is', NOWHERE), '/conditions/0/value'],
    ['a mailbox the desk lacks', when('mailbox', 'is', 'a@b.test'), '/conditions/0/value'],
    ['a priority there is not', when('priority', 'is', 'huge'), '/conditions/0/value'],
    ['a status of no pipeline', when('status', 'in', ['new', 'x']), '/conditions/0/value/1'],
    [
      'two values of one field',
      [...when('subject', 'is', 'a'), ...when('subject', 'is', 'b')],
      '/conditions/1',
    ],
  ])('that ask for %s are refused', async ([, conditions, pointer]) => {
    for (const [path, body] of [
      ['/sla-policies', policy({ conditions })],
      ['/routing-rules', rule({ conditions })],
    ] as const) {
      const before = (await call('GET', path))['items'];
      expect((await call('POST', path, body, 422))['errors'][0].pointer).toBe(pointer);
      expect((await call('GET', path))['items']).toEqual(before);
    }
    const { errors } = await call(
      'POST',
      '/routing-rules/dry-run',
      { rules: [rule({}), rule({ conditions })] },
      422,
    );
    expect(errors[0].pointer).toBe(`/rules/1${pointer}`);
  });
});

it('a policy with a step that never comes is refused, as a save and as a draft', async () => {
  const escalations = [
    { goal: 'firstReply', when: 'dueSoon', actions: [{ type: 'raisePriority' }] },
  ];
  const { errors } = await call('POST', '/sla-policies', policy({ escalations }), 422);
  expect(errors).toEqual([
    {
      pointer: '/escalations/0/when',
      message: 'the goal "firstReply" has no dueSoonSeconds, so it is never due soon',
    },
  ]);
  const { id } = await call('POST', '/sla-policies', policy({}));
  const draft = policy({ pauseStatuses: ['nowhere'] });
  const tried = await call('POST', `/sla-policies/${id}/simulate`, { draft }, 422);
  expect(tried['errors'][0].pointer).toBe('/draft/pauseStatuses/0');
});

it('an old version that has died since is not brought back, for the same reason', async () => {
  const made = await call('POST', '/pipelines', {
    name: 'Short-lived',
    statuses: [
      { id: 'fresh', name: 'Fresh', category: 'new' },
      { id: 'done', name: 'Done', category: 'closed' },
    ],
  });
  const conditions = when('pipelineId', 'is', made['id']);
  const saved = await call('POST', '/sla-policies', policy({ conditions }));
  await call('PUT', `/sla-policies/${saved['id']}`, policy({}));
  await call('DELETE', `/pipelines/${made['id']}`, undefined, 204);
  const path = `/sla-policies/${saved['id']}`;
  const { errors, code } = await call('POST', `${path}/versions/1/restore`, {}, 422);
  expect(code).toBe('unknownReference');
  expect(errors).toEqual([
    { pointer: '/conditions/0/value', message: `there is no pipeline "${made['id']}"` },
  ]);
  expect((await call('GET', path))['version']).toBe(2);
});

it('a skill that nobody has is refused, unless a fallback asks for it no more', async () => {
  const ask = (more: object, expected: number) =>
    call('POST', '/routing-rules', rule(more), expected);
  expect((await ask({ requiredSkills: ['wlesh'] }, 422))['errors'][0]).toMatchObject({
    pointer: '/requiredSkills',
    message: expect.stringContaining('nobody has "wlesh"'),
  });
  await ask({ requiredSkills: [{ name: 'welsh', minLevel: 4 }] }, 422);
  await ask({ requiredSkills: [{ name: 'welsh', minLevel: 3 }] }, 201);
  await ask({ requiredSkills: ['wlesh'], fallback: [{ afterSeconds: 60, to: 'team' }] }, 201);
});
