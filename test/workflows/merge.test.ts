// Merging on a running desk: through the saga, while replies are in flight, opposite at once, with mail afterwards, and undone.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ingestMail } from '#channels/email/ingest.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
  await desk.call('POST', '/api/v1/sla-policies', {
    name: 'S',
    goals: { firstReply: { seconds: 3_600 }, close: { seconds: 7_200 } },
  });
});
afterAll(async () => {
  await desk.stop();
});

const newTicket = async (tags: string[] = []): Promise<number> =>
  (
    await desk.call('POST', '/api/v1/tickets', {
      subject: 'T',
      body: 'Hi',
      requester: { email: 'ann@customer.test' },
      tags,
    })
  )['id'];
const get = (id: number) => desk.call('GET', `/api/v1/tickets/${id}`);
const merge = (loser: number, survivor: number, expected = 200) =>
  desk.call('POST', `/api/v1/tickets/${loser}/merge`, { intoTicketId: survivor }, expected);

it('joins tags and timelines, stops the loser’s clocks, and undo gives both back', async () => {
  const [loser, survivor] = [await newTicket(['a']), await newTicket(['b'])];
  const before = await get(loser);
  const { mergeId, ticket } = await merge(loser, survivor);
  expect(ticket).toMatchObject({ id: survivor, tags: ['b', 'a'] });
  expect(await get(loser)).toMatchObject({
    mergedIntoId: survivor,
    sla: { policyId: null, mostUrgent: null },
  });
  const { items } = await desk.call('GET', `/api/v1/tickets/${survivor}/timeline`);
  expect(items.filter((item: any) => item.kind === 'message')).toHaveLength(2);
  const refused = await desk.call('POST', `/api/v1/tickets/${loser}/replies`, { body: 'x' }, 409);
  expect(refused).toMatchObject({ code: 'ticketMerged', ticketId: survivor });
  const undone = await desk.call('POST', `/api/v1/merges/${mergeId}/undo`, undefined, 200);
  expect(undone['ticket']).toMatchObject({
    id: loser,
    mergedIntoId: null,
    status: before['status'],
    tags: ['a'],
  });
  expect(undone['ticket'].sla.goals.firstReply.state).toBe('active');
  expect((await get(survivor))['tags']).toEqual(['b']);
  await desk.call('POST', `/api/v1/merges/${mergeId}/undo`, undefined, 409);
});

it('refuses itself, cycles and merged losers, and resolves chains to their end', async () => {
  const [one, two, three] = [await newTicket(), await newTicket(), await newTicket()];
  expect((await merge(one, one, 422))['code']).toBe('mergeSelf');
  await merge(one, two);
  expect((await merge(two, one, 409))['code']).toBe('mergeCycle');
  expect((await merge(one, three, 409))['code']).toBe('ticketMerged');
  await merge(two, three);
  const four = await newTicket();
  expect((await merge(four, one))['ticket'].id).toBe(three);
});

it('two opposite merges at once end with exactly one done', async () => {
  for (let round = 0; round < 3; round += 1) {
    const [one, two] = [await newTicket(), await newTicket()];
    await Promise.allSettled([merge(one, two), merge(two, one)]);
    const merged = await Promise.all([get(one), get(two)]);
    const into = merged.map((ticket) => ticket['mergedIntoId']);
    expect(into.filter((id) => id !== null).length).toBeLessThanOrEqual(1);
    for (const id of [one, two])
      expect((await desk.call('GET', `/api/v1/tickets/${id}/live`))['lease']).toBeNull();
  }
});

it('a reply in flight on the loser leaves once, and its delivery is recorded', async () => {
  const [loser, survivor] = [await newTicket(), await newTicket()];
  await desk.call('PATCH', '/api/v1/settings', { undoSendSeconds: 1 });
  await desk.call('PATCH', `/api/v1/tickets/${loser}`, { priority: 'high' });
  const message = await desk.call('POST', `/api/v1/tickets/${loser}/replies`, {
    body: 'on its way',
  });
  await merge(loser, survivor);
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/messages/${message['id']}`))['state']).toBe('sent'),
  );
  await eventually(async () =>
    expect((await desk.call('GET', `/api/v1/tickets/${loser}/live`))['pendingSends']).toEqual([]),
  );
  await desk.call('PATCH', '/api/v1/settings', { undoSendSeconds: 0 });
});

it('an answer to the loser’s mail lands in the survivor and opens it', async () => {
  const [loser, survivor] = [await newTicket(), await newTicket()];
  const message = await desk.call('POST', `/api/v1/tickets/${loser}/replies`, { body: 'answer' });
  await desk.call('POST', `/api/v1/tickets/${survivor}/replies`, { body: 'waiting for you' });
  await merge(loser, survivor);
  const source = Buffer.from(
    `From: ann@customer.test\r\nTo: support@desk.test\r\nSubject: Re\r\nMessage-ID: <late@c>\r\nIn-Reply-To: <${message['id']}@desk.test>\r\n\r\nThanks\r\n`,
  );
  const result = await ingestMail(desk.ingest, {
    channelId: desk.channel.id,
    source,
    envelope: null,
    receivedAt: new Date(),
  });
  expect(result).toMatchObject({ outcome: 'reply', ticketId: survivor });
  await eventually(async () =>
    expect(await get(survivor)).toMatchObject({ status: 'waitingOnUs' }),
  );
});
