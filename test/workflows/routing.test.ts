// Handing out tickets under concurrency, and the queue that is pulled by whatever frees an agent.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

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

it('32 tickets at once go to four equal agents eight each, by both strategies', async () => {
  for (const strategy of ['roundRobin', 'leastLoaded']) {
    const agents = await Promise.all([1, 2, 3, 4].map((n) => desk.addUser(`${strategy}${n}`)));
    const teamId = await team(strategy, strategy, agents);
    await Promise.all(Array.from({ length: 32 }, () => newTicket(teamId)));
    const counts = await loads();
    expect(agents.map((id) => counts[id])).toEqual([8, 8, 8, 8]);
  }
});

it('capacity is never exceeded, the rest waits, and each ticket that closes pulls the oldest waiting one', async () => {
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
  expect(Date.parse(pulled['updatedAt']) - closedAtMs).toBeLessThan(1_500);
  expect(Object.values(await loads()).every((count) => count <= 8)).toBe(true);
});

it('tickets that came while everybody was away are handed out when somebody comes back, never over capacity', async () => {
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
