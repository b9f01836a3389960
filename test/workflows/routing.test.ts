// Handing out tickets under concurrency, and the queue that is pulled by whatever frees an agent.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ticketWorkflowId } from '#domain/ids.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { SOONER_THAN_A_SWEEP_MS } from '#test/support/time.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const team = async (name: string, strategy: string, userIds: string[]): Promise<string> =>
  (
    await desk.call('POST', '/api/v1/teams', {
      name,
      strategy,
      members: userIds.map((userId) => ({ userId })),
    })
  )['id'];
const newTicket = (teamId: string) =>
  desk.call('POST', '/api/v1/tickets', {
    subject: 'T',
    requester: { email: 'ann@customer.test' },
    teamId,
  });
const loads = async (): Promise<Record<string, number>> => {
  const rows = await desk.sql<{ id: string; n: number }[]>`
    select assignee_id as id, count(*)::integer as n from tickets where assignee_id is not null and category <> 'closed' group by 1`;
  return Object.fromEntries(rows.map(({ id, n }) => [id, n]));
};

it('32 tickets at once go to four equal agents eight each, by both strategies (chatwoot#11034)', async () => {
  for (const strategy of ['roundRobin', 'leastLoaded']) {
    const agents = await Promise.all([1, 2, 3, 4].map((n) => desk.addUser(`${strategy}${n}`)));
    const teamId = await team(strategy, strategy, agents);
    await Promise.all(Array.from({ length: 32 }, () => newTicket(teamId)));
    const counts = await loads();
    expect(agents.map((id) => counts[id])).toEqual([8, 8, 8, 8]);
  }
});

it('capacity is never exceeded, the rest waits, and each ticket that closes pulls the oldest waiting one (chatwoot#10376)', async () => {
  const agents = await Promise.all([1, 2].map((n) => desk.addUser(`cap${n}`, { capacity: 3 })));
  const teamId = await team('Capacity', 'roundRobin', agents);
  const tickets = await Promise.all(Array.from({ length: 10 }, () => newTicket(teamId)));
  const counts = await loads();
  expect(agents.map((id) => counts[id])).toEqual([3, 3]);
  const assigned = tickets.filter((ticket) => ticket['assigneeId'] !== null);
  const waiting = tickets.filter((ticket) => ticket['assigneeId'] === null);
  expect(waiting).toHaveLength(4);
  const closedAtMs = Date.now();
  await desk.call('PATCH', `/api/v1/tickets/${assigned[0]?.['id']}`, { status: 'closed' });
  // Numbers are given out after the creation times: the oldest is not always the smallest.
  const [first] = waiting.toSorted(
    (one, other) =>
      String(one['createdAt']).localeCompare(String(other['createdAt'])) || one['id'] - other['id'],
  );
  const oldest = first?.['id'];
  const pulled = await eventually(async () => {
    const ticket = await desk.call('GET', `/api/v1/tickets/${oldest}`);
    expect(agents).toContain(ticket['assigneeId']);
    return ticket;
  });
  expect(Date.parse(pulled['updatedAt']) - closedAtMs).toBeLessThan(SOONER_THAN_A_SWEEP_MS);
  expect(Object.values(await loads()).every((count) => count <= 8)).toBe(true);
});

it('tickets that came while everybody was away are handed out when somebody comes back, never over capacity (chatwoot#10685)', async () => {
  const agent = await desk.addUser('away', { availability: 'away', capacity: 5 });
  const teamId = await team('Away', 'leastLoaded', [agent]);
  await Promise.all(Array.from({ length: 8 }, () => newTicket(teamId)));
  expect((await loads())[agent]).toBeUndefined();
  await desk.call('PUT', `/api/v1/users/${agent}/availability`, { availability: 'available' });
  await eventually(async () => expect((await loads())[agent]).toBe(5));
  const { items } = await desk.call('GET', `/api/v1/tickets?teamId=${teamId}&assigneeId=none`);
  expect(items).toHaveLength(3);
  const [places] =
    await desk.sql`select count(*)::integer as n from ticket_assignments where user_id = ${agent}`;
  expect(places?.['n']).toBe(5);
});

it('says which rule took a ticket and which condition failed in the others', async () => {
  const agent = await desk.addUser('rules');
  const teamId = await team('Rules', 'roundRobin', [agent]);
  await desk.call('POST', '/api/v1/routing-rules', {
    name: 'Refunds',
    position: 1,
    conditions: [{ field: 'subject', op: 'contains', value: 'refund' }],
    assign: { teamId },
  });
  await desk.call('POST', '/api/v1/routing-rules', {
    name: 'Rest',
    position: 2,
    assign: { userId: agent },
  });
  const ticket = await desk.call('POST', '/api/v1/tickets', {
    subject: 'Hello',
    requester: { name: 'Ann' },
  });
  expect(ticket).toMatchObject({ assigneeId: agent, routing: { ruleName: 'Rest' } });
  const { ruleId, rules } = await desk.call(
    'POST',
    '/api/v1/routing-rules/explain',
    { ticketId: ticket['id'] },
    200,
  );
  expect(rules.map(({ name, matched, failed }: any) => [name, matched, failed])).toEqual([
    ['Refunds', false, 'subject contains "refund"'],
    ['Rest', true, null],
  ]);
  expect(ruleId).toBe(ticket['routing'].ruleId);
});

const agentIn = async (name: string, more: object = {}): Promise<string> =>
  await desk.addUser(name, more);
const ruleFor = (tag: string, more: object): Promise<Json> =>
  desk.call('POST', '/api/v1/routing-rules', {
    ...{ name: tag, position: 0, conditions: [{ field: 'tags', op: 'contains', value: tag }] },
    ...more,
  });
const tagged = (tag: string, email = 'ann@customer.test'): Promise<Json> =>
  desk.call('POST', '/api/v1/tickets', { subject: 'T', requester: { email }, tags: [tag] });
const eventsOf = async (id: number): Promise<Json[]> =>
  (await desk.call('GET', `/api/v1/tickets/${id}/timeline`))['items'].flatMap((item: any) =>
    item.kind === 'event' ? [item.event] : [],
  );

describe('a fallback', () => {
  const welshTicket = async (tag: string, seconds: number[]) => {
    const plain = await agentIn(`plain ${tag}`.replaceAll(' ', ''));
    const far = await agentIn(`far${tag}`, { availability: 'away' });
    const teamId = await team(`Welsh ${tag}`, 'roundRobin', [plain]);
    const otherId = await team(`Other ${tag}`, 'roundRobin', [far]);
    const [toTeam = 0, toOther = 0] = seconds;
    const rule = await ruleFor(tag, {
      ...{ assign: { teamId }, requiredSkills: [{ name: 'welsh', minLevel: 2 }] },
      fallback: [
        { afterSeconds: toTeam, to: 'team' },
        { afterSeconds: toOther, to: { teamId: otherId } },
      ],
    });
    const ticket = await tagged(tag);
    return { plain, far, teamId, otherId, rule, ticket, path: `/api/v1/tickets/${ticket['id']}` };
  };

  it('is the ticket’s next wake; at its instant the whole team is asked, and the reason is in the timeline', async () => {
    const { plain, ticket, path, rule } = await welshTicket('soon', [2, 3_600]);
    expect(ticket).toMatchObject({
      assigneeId: null,
      nextWake: { reason: 'waits for a skilled agent; widens to the team' },
      routing: { ruleVersion: rule['version'], fallback: { taken: 0 } },
    });
    const live = await desk.call('GET', `${path}/live`);
    expect(live['nextWake']).toEqual(ticket['nextWake']);
    const given = await eventually(async () => {
      const now = await desk.call('GET', path);
      expect(now['assigneeId']).toBe(plain);
      return now;
    });
    const widened = (await eventsOf(ticket['id'])).find(({ type }) => type === 'routingWidened');
    expect(widened?.['data']).toMatchObject({ step: 0, to: 'team' });
    expect(widened?.['data'].atMs).toBe(Date.parse(ticket['nextWake'].at));
    expect(given).toMatchObject({ nextWake: null, routing: { fallback: { taken: 1 } } });
  });

  it('survives the end of its workers, a lost workflow and a new run; then the other team has it', async () => {
    const { far, otherId, ticket, path } = await welshTicket('later', [1, 4]);
    const workflowId = ticketWorkflowId(ticket['id']);
    await desk.call('PUT', `/api/v1/users/${far}/availability`, { availability: 'available' });
    // Somebody puts the widened team's only agent away, so that it waits on for the second step.
    const plainId = (await desk.call('GET', '/api/v1/users'))['items'].find(
      ({ name }: any) => name === 'plainlater',
    ).id;
    await desk.call('PUT', `/api/v1/users/${plainId}/availability`, { availability: 'away' });
    await desk.client.workflow.getHandle(workflowId).terminate('lost');
    await desk.stopWorkers();
    await desk.startWorkers();
    await desk.client.workflow.start('ticket', {
      ...{ workflowId, taskQueue: 'tickets' },
      args: [{ ticketId: ticket['id'], continueAsNewAfterEvents: 10 }],
    });
    const given = await eventually(async () => {
      const now = await desk.call('GET', path);
      expect(now).toMatchObject({ teamId: otherId });
      return now;
    });
    expect(given['routing']).toMatchObject({ teamId: otherId, fallback: { taken: 2 } });
    const steps = (await eventsOf(ticket['id'])).filter(({ type }) => type === 'routingWidened');
    expect(steps.map(({ data }) => data['step'])).toEqual([0, 1]);
    // The first step has dropped the skills: the other team's agent needs none.
    await eventually(async () => expect((await desk.call('GET', path))['assigneeId']).toBe(far));
  });

  it('ends when somebody with the skill comes in time', async () => {
    const { teamId, path } = await welshTicket('intime', [3_600, 7_200]);
    const able = await agentIn('able', { skills: ['welsh'], skillLevels: { welsh: 2 } });
    const members = [{ userId: able }];
    await desk.call('PUT', `/api/v1/teams/${teamId}`, { name: 'Welsh in time', members });
    const given = await eventually(async () => {
      const now = await desk.call('GET', path);
      expect(now['assigneeId']).toBe(able);
      return now;
    });
    expect(given['nextWake']).toBeNull();
  });
});

it('a requester’s ticket goes to whoever had their last one, when they are free, and the ticket says so', async () => {
  const [one, two] = [await agentIn('sticky1'), await agentIn('sticky2')];
  const teamId = await team('Sticky', 'roundRobin', [one, two]);
  await ruleFor('sticky', { assign: { teamId }, sticky: 'lastAssignee' });
  const first = await tagged('sticky', 'sticky@customer.test');
  const holder = first['assigneeId'];
  for (let round = 0; round < 3; round += 1) {
    const again = await tagged('sticky', 'sticky@customer.test');
    expect(again['assigneeId']).toBe(holder);
    expect(again['routing'].reason).toContain("had the requester's last ticket");
  }
  await desk.call('PUT', `/api/v1/users/${holder}/availability`, { availability: 'away' });
  const instead = await tagged('sticky', 'sticky@customer.test');
  expect(instead['assigneeId']).toBe(holder === one ? two : one);
});

it('a contact’s owner gets their tickets, and an owner nobody knows is refused', async () => {
  const [owner, other] = [await agentIn('owner'), await agentIn('notowner')];
  const teamId = await team('Owned', 'roundRobin', [owner, other]);
  await ruleFor('owned', { assign: { teamId }, sticky: 'contactOwner' });
  const body = { email: 'vip@customer.test', ownerId: owner };
  const contact = await desk.call('POST', '/api/v1/contacts', body);
  expect(contact['ownerId']).toBe(owner);
  for (let round = 0; round < 3; round += 1)
    expect((await tagged('owned', 'vip@customer.test'))['assigneeId']).toBe(owner);
  const refused = await desk.call(
    'PATCH',
    `/api/v1/contacts/${contact['id']}`,
    { ownerId: '00000000-0000-7000-8000-00000000dead' },
    422,
  );
  expect(refused['errors'][0].pointer).toBe('/ownerId');
});

it('a ticket whose snooze ends without an assignee is handed out then', async () => {
  const agent = await agentIn('snooze', { availability: 'away' });
  const teamId = await team('Snooze', 'roundRobin', [agent]);
  const { id } = await newTicket(teamId);
  const until = new Date(Date.now() + 1_500).toISOString();
  await desk.call('POST', `/api/v1/tickets/${id}/snooze`, { until }, 200);
  await desk.call('PUT', `/api/v1/users/${agent}/availability`, { availability: 'available' });
  await eventually(async () =>
    expect(await desk.call('GET', `/api/v1/tickets/${id}`)).toMatchObject({
      ...{ assigneeId: agent, snoozedUntil: null },
    }),
  );
});

it('an assignee who does not react loses the ticket to the team by an escalation (chatwoot#13516)', async () => {
  const [one, two] = [await agentIn('slow1'), await agentIn('slow2')];
  const teamId = await team('Slow', 'roundRobin', [one, two]);
  await ruleFor('slow', { assign: { teamId } });
  await desk.call('POST', '/api/v1/sla-policies', {
    ...{ name: 'Slow', conditions: [{ field: 'tags', op: 'contains', value: 'slow' }] },
    goals: { firstReply: { seconds: 1 } },
    escalations: [
      { goal: 'firstReply', when: 'overdue', actions: [{ type: 'reassign', to: { teamId } }] },
    ],
  });
  const { id, assigneeId } = await tagged('slow');
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/tickets/${id}`))['assigneeId']).toBe(
      assigneeId === one ? two : one,
    ),
  );
});
