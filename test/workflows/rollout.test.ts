// What an admin saves reaches every open ticket it concerns, first those whose deadline moves earlier, and can be watched and stopped.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeskRulesCache } from '#activities/desk-rules.ts';
import { rolloutActivities } from '#activities/rollout.ts';
import { savePolicy } from '#db/policies.ts';
import type { SqlPool } from '#db/sql.ts';
import type { SlaPolicyDefinition } from '#domain/desk.ts';
import { rolloutWorkflowId, ticketWorkflowId } from '#domain/ids.ts';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { openStream } from '#test/support/stream.ts';
import { SOONER_THAN_A_SWEEP_MS } from '#test/support/time.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const policy = (tag: string, seconds: number, more: object = {}) => ({
  name: tag,
  conditions: [{ field: 'tags', op: 'contains', value: tag }],
  goals: { firstReply: { seconds } },
  appliesTo: 'newAndOpenTickets',
  ...more,
});
const newTickets = async (tag: string, count: number): Promise<number[]> => {
  const requester = { email: 'ann@customer.test' };
  const body = { subject: tag, body: 'Hi', requester, tags: [tag] };
  return await Promise.all(
    Array.from(
      { length: count },
      async () => (await desk.call('POST', '/api/v1/tickets', body))['id'],
    ),
  );
};
const ticket = (id: number) => desk.call('GET', `/api/v1/tickets/${id}`);
const rollout = (id: string) => desk.call('GET', `/api/v1/sla-policies/${id}/rollout`);
const save = (id: string, body: object) => desk.call('PUT', `/api/v1/sla-policies/${id}`, body);
const finished = (id: string) =>
  eventually(async () => {
    const progress = await rollout(id);
    expect(progress['state']).toBe('finished');
    return progress;
  }, 30_000);

describe('a rollout', () => {
  it('brings a stricter policy to the open tickets it rules and to no other, and says how far it is', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('strict', 7_200));
    const [strict, others] = await Promise.all([newTickets('strict', 30), newTickets('plain', 5)]);
    const untouched = await Promise.all(others.map(ticket));
    await save(id, policy('strict', 3_600));
    const progress = await finished(id);
    expect(progress).toMatchObject({ version: 2, total: 30, done: 30, failed: 0, urgent: 30 });
    for (const one of await Promise.all(strict.map(ticket))) {
      expect(one['sla']).toMatchObject({ policyVersion: 2 });
      const { dueAt } = one['sla'].goals.firstReply;
      expect(Date.parse(dueAt) - Date.parse(one['createdAt'])).toBe(3_600_000);
    }
    expect(await Promise.all(others.map(ticket))).toEqual(untouched);
  });

  it('breaches an open ticket at once, by an event and no sweep, at a deadline that a save has moved into the past', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('past', 7_200));
    const [ticketId = 0] = await newTickets('past', 1);
    const savedAtMs = Date.now();
    await save(id, policy('past', 1));
    const late = await eventually(async () => {
      const one = await ticket(ticketId);
      expect(one['sla'].goals.firstReply.state).toBe('overdue');
      return one;
    });
    const { items } = await desk.call('GET', `/api/v1/tickets/${ticketId}/timeline`);
    const breach = items.find((item: any) => item.event?.type === 'goalBreached').event;
    const dueMs = Date.parse(late['createdAt']) + 1_000;
    expect(breach.data.breachedAtMs).toBe(dueMs);
    expect(Date.parse(breach.at) - Math.max(dueMs, savedAtMs)).toBeLessThan(SOONER_THAN_A_SWEEP_MS);
  });

  it('that shortens a policy makes an open ticket breach by its own timer at its new deadline', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('shorter', 7_200));
    const [ticketId = 0] = await newTickets('shorter', 1);
    const createdAtMs = Date.parse((await ticket(ticketId))['createdAt']);
    // Some seconds ahead: the save is known to the ticket well before its new deadline comes.
    const seconds = Math.ceil((Date.now() - createdAtMs) / 1_000) + 6;
    await save(id, policy('shorter', seconds));
    const dueMs = createdAtMs + seconds * 1_000;
    await eventually(async () => {
      const { goals } = (await ticket(ticketId))['sla'];
      expect(Date.parse(goals.firstReply.dueAt)).toBe(dueMs);
    });
    expect(Date.now()).toBeLessThan(dueMs);
    await eventually(async () =>
      expect((await ticket(ticketId))['sla'].goals.firstReply.state).toBe('overdue'),
    );
    const { items } = await desk.call('GET', `/api/v1/tickets/${ticketId}/timeline`);
    const breach = items.find((item: any) => item.event?.type === 'goalBreached').event;
    expect(breach.data.breachedAtMs).toBe(dueMs);
    expect(Date.parse(breach.at) - dueMs).toBeLessThan(SOONER_THAN_A_SWEEP_MS);
  });

  it('is told to admins as it moves, and to nobody else', async () => {
    const agent = await desk.addUser('listening');
    const tokens = await Promise.all(
      [desk.adminId, agent].map((userId) => makeToken(desk.sql, userId, ['admin'])),
    );
    const streams = await Promise.all(tokens.map((token) => openStream(desk.app, token)));
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('streamed', 7_200));
    await newTickets('streamed', 5);
    // Two quick saves are one rollout: the newer one takes over what the first had not done.
    await save(id, policy('streamed', 3_600));
    await save(id, policy('streamed', 1_800));
    const [admin, other] = streams;
    const ended = (line: string) =>
      line.includes(id) && line.includes('"version":3') && line.includes('"state":"finished"');
    const seen = await admin?.until((text) => text.split('\n').some(ended));
    expect(seen).toContain('event: rolloutProgress');
    const line = seen?.split('\n').find(ended)?.slice('data: '.length) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      ...{ subjectKind: 'slaPolicy', subjectId: id, total: 5, done: 5, failed: 0 },
    });
    expect(await rollout(id)).toMatchObject({ version: 3, state: 'finished', done: 5 });
    const heard = await other?.until((text) => text.split('rulesAdopted').length > 5);
    expect(heard).not.toContain('rolloutProgress');
    for (const stream of streams) await stream.close();
    const rows = await desk.sql`
      select state from rollouts where subject_id = ${id} order by subject_version desc`;
    const [newest, ...others] = rows.map((row) => row['state']);
    expect(newest).toBe('finished');
    for (const state of others) expect(['superseded', 'finished']).toContain(state);
  });

  it('tells those first whose deadline moves earlier; later ones follow too', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('milder', 3_600));
    const ids = await newTickets('milder', 6);
    await save(id, policy('milder', 9_000));
    expect(await finished(id)).toMatchObject({ total: 6, done: 6, urgent: 0 });
    const [first] = await Promise.all(ids.map(ticket));
    const dueAt = first?.['sla']?.goals?.firstReply?.dueAt;
    expect(Date.parse(dueAt) - Date.parse(first?.['createdAt'])).toBe(9_000_000);
  });

  it('of a calendar reaches the tickets of every policy that counts by it', async () => {
    const hours = (to: string) => ({
      name: 'Office',
      timeZone: 'UTC',
      hours: Object.fromEntries(
        ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['00:00', to]]]),
      ),
    });
    const calendar = await desk.call('POST', '/api/v1/calendars', hours('24:00'));
    const calendarId = calendar['id'];
    await desk.call('POST', '/api/v1/sla-policies', policy('office', 86_400, { calendarId }));
    const [ticketId = 0] = await newTickets('office', 1);
    const before = (await ticket(ticketId))['sla'].goals.firstReply.dueAt;
    await desk.call('PUT', `/api/v1/calendars/${calendarId}`, hours('12:00'));
    await eventually(async () => {
      const { dueAt } = (await ticket(ticketId))['sla'].goals.firstReply;
      expect(Date.parse(dueAt)).toBeGreaterThan(Date.parse(before));
    });
    await eventually(async () =>
      expect(await desk.call('GET', `/api/v1/calendars/${calendarId}/rollout`)).toMatchObject({
        ...{ state: 'finished', total: 1, done: 1 },
      }),
    );
  });

  it('waits while paused and goes on when resumed; a newer save takes over; a cancelled one stops', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('steered', 7_200));
    const ids = await newTickets('steered', 60);
    await desk.stopWorkers();
    await save(id, policy('steered', 3_600));
    expect(
      await desk.call('POST', `/api/v1/sla-policies/${id}/rollout/pause`, undefined, 200),
    ).toMatchObject({ state: 'paused' });
    await desk.startWorkers();
    const workflow = desk.client.workflow.getHandle(rolloutWorkflowId(id));
    await eventually(async () =>
      expect(await workflow.query('progress')).toMatchObject({ total: 60 }),
    );
    expect(await rollout(id)).toMatchObject({ state: 'paused', total: 60, done: 0 });
    await save(id, policy('steered', 1_800));
    expect(await finished(id)).toMatchObject({ version: 3, total: 60, done: 60 });
    for (const one of await Promise.all(ids.map(ticket))) {
      expect(one['sla'].policyVersion).toBe(3);
    }
    await desk.call('POST', `/api/v1/sla-policies/${id}/rollout/cancel`, undefined, 409);
    await save(id, policy('steered', 1_700));
    await desk.call('POST', `/api/v1/sla-policies/${id}/rollout/cancel`, undefined, 200);
    await eventually(async () => expect((await workflow.describe()).status.name).toBe('COMPLETED'));
    expect((await rollout(id))['state']).toBe('cancelled');
  });

  it('that a newer save overtakes while it is planned leaves nobody of that save out', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('overtaken', 7_200));
    const [ticketId = 0] = await newTickets('overtaken', 1);
    await desk.stopWorkers();
    await save(id, policy('overtaken', 3_600));
    const { planRollout } = rolloutActivities({
      ...{ sql: desk.sql, rules: new DeskRulesCache(desk.sql), tickets: desk.tickets },
    });
    // It plans the first save, waits for the row that the second one has taken, and finds the second one there.
    const { planned } = await desk.sql.begin(async (tx) => {
      await tx`select id from rollouts where subject_id = ${id} for update`;
      const answer = planRollout({ subjectId: id });
      await eventually(async () => {
        const waiting = await desk.sql`select 1 from pg_locks where not granted`;
        expect(waiting.length).toBeGreaterThan(0);
      });
      const nested = Object.assign(tx, { begin: tx.savepoint.bind(tx) });
      const definition = policy('overtaken', 9_000) as SlaPolicyDefinition;
      await savePolicy(nested as unknown as SqlPool, {
        ...{ id, position: 0, savedBy: desk.adminId, expected: null },
        definition: { ...definition, calendarId: null, pauseStatuses: [], escalations: [] },
      });
      return { planned: answer };
    });
    const answer = await planned;
    expect(answer?.progress).toMatchObject({ subjectVersion: 3, state: 'running' });
    // Others may have been left behind by rollouts that tests before have cancelled.
    expect(answer?.added).toBeGreaterThan(0);
    await desk.startWorkers();
    await finished(id);
    expect((await ticket(ticketId))['sla'].policyVersion).toBe(3);
  });

  it('reaches tickets whose workflows are gone: they come back under the new version', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('lost', 7_200));
    const ids = await newTickets('lost', 4);
    for (const one of ids) {
      await desk.client.workflow.getHandle(ticketWorkflowId(one)).terminate('lost');
    }
    await save(id, policy('lost', 3_600));
    // It takes up what other rollouts, stopped halfway, have left behind as well.
    const { total, done, failed } = await finished(id);
    expect({ done, failed }).toEqual({ done: total, failed: 0 });
    for (const one of await Promise.all(ids.map(ticket))) {
      const { dueAt } = one['sla'].goals.firstReply;
      expect(Date.parse(dueAt) - Date.parse(one['createdAt'])).toBe(3_600_000);
      expect(Date.parse(one['nextWake'].at)).toBe(Date.parse(dueAt));
    }
  });

  it('goes on after its worker died, and finds tickets that came meanwhile', async () => {
    const { id } = await desk.call('POST', '/api/v1/sla-policies', policy('crash', 7_200));
    await newTickets('crash', 40);
    await save(id, policy('crash', 3_600));
    await desk.stopWorkers();
    await desk.startWorkers();
    await newTickets('crash', 3);
    expect(await finished(id)).toMatchObject({ failed: 0 });
    const [behind] = await desk.sql`
      select count(*)::integer as n from tickets where 'crash' = any(tags) and policy_version <> 2`;
    expect(behind?.['n']).toBe(0);
  });
});
