// A message that was given up can leave again: the same mail, once, and its ticket's clocks follow.
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateChannel } from '#db/channels.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let sink: SMTPServer;
let refuses = true;
let seen: { id: string; accepted: boolean }[] = [];
beforeAll(async () => {
  desk = await startTestDesk();
  sink = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const id = /^Message-ID: (.*)$/im.exec(Buffer.concat(chunks).toString())?.[1] ?? '';
        seen.push({ id, accepted: !refuses });
        if (refuses) callback(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
        else callback();
      });
    },
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const { port } = sink.server.address() as { port: number };
  await updateChannel(desk.sql, {
    ...{ id: desk.channel.id, name: 'Support', enabled: true },
    settings: { smtp: { host: '127.0.0.1', port } },
  });
  await desk.call('POST', '/api/v1/sla-policies', {
    name: 'Standard',
    goals: { firstReply: { seconds: 3_600 } },
  });
});
afterAll(async () => {
  await desk.stop();
  await new Promise<void>((resolve) => sink.close(() => resolve()));
});

const ticketOf = (id: number): Promise<Json> => desk.call('GET', `/api/v1/tickets/${id}`);
const messageOf = (id: string): Promise<Json> => desk.call('GET', `/api/v1/messages/${id}`);
const retry = (id: string, expected: number, headers?: Record<string, string>): Promise<Json> =>
  desk.call('POST', `/api/v1/messages/${id}/retry`, undefined, expected, headers);

/** A message that the mail server refuses for good, and its ticket, once the ticket knows. */
async function aFailedMessage(
  kind: 'replies' | 'forward',
  more: object,
): Promise<{ ticketId: number; messageId: string }> {
  refuses = true;
  seen = [];
  const ticket = await desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } },
  });
  const path = `/api/v1/tickets/${ticket['id']}`;
  const { id } = await desk.call('POST', `${path}/${kind}`, { body: 'answer', ...more });
  await eventually(async () => expect((await messageOf(id))['state']).toBe('failed'));
  await eventually(async () =>
    expect((await desk.call('GET', `${path}/live`))['pendingSends']).toEqual([]),
  );
  return { ticketId: ticket['id'], messageId: id };
}

describe('a failed message', () => {
  it('leaves again with the same Message-ID, and stops the clock and sets the status again', async () => {
    const { ticketId, messageId } = await aFailedMessage('replies', { status: 'closed' });
    expect(await ticketOf(ticketId)).toMatchObject({
      status: 'new',
      sla: { goals: { firstReply: { state: 'active' } } },
    });
    refuses = false;
    const queued = await retry(messageId, 200);
    expect(queued['state']).toMatch(/^(queued|sending|sent)$/);
    await eventually(async () =>
      expect(await messageOf(messageId)).toMatchObject({ state: 'sent', failure: null }),
    );
    expect(await ticketOf(ticketId)).toMatchObject({
      status: 'closed',
      sla: { goals: { firstReply: { state: 'completedOnTime' } } },
    });
    expect(seen.map(({ accepted }) => accepted)).toEqual([false, true]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
    expect(await retry(messageId, 409)).toMatchObject({ code: 'notRetryable' });
    expect(seen).toHaveLength(2);
  });

  it('asked for by many at once leaves once', async () => {
    const { messageId } = await aFailedMessage('replies', {});
    refuses = false;
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => retry(messageId, 200)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await eventually(async () => expect((await messageOf(messageId))['state']).toBe('sent'));
    expect(seen.filter(({ accepted }) => accepted)).toHaveLength(1);
  });

  it('that fails again can be tried again, also as a forward', async () => {
    const to = ['vendor@example.test'];
    const { ticketId, messageId } = await aFailedMessage('forward', { to });
    await retry(messageId, 200);
    await eventually(async () => {
      expect(seen).toHaveLength(2);
      expect((await messageOf(messageId))['state']).toBe('failed');
    });
    refuses = false;
    await eventually(() => retry(messageId, 200));
    await eventually(async () => expect((await messageOf(messageId))['state']).toBe('sent'));
    expect(seen).toHaveLength(3);
    expect((await ticketOf(ticketId))['sla'].goals.firstReply.state).toBe('active');
  });

  it('of a ticket that was merged leaves from the survivor', async () => {
    const { ticketId, messageId } = await aFailedMessage('replies', {});
    const survivor = await desk.call('POST', '/api/v1/tickets', {
      ...{ subject: 'S', requester: { email: 'ann@customer.test' } },
    });
    const into = { intoTicketId: survivor['id'] };
    await desk.call('POST', `/api/v1/tickets/${ticketId}/merge`, into, 200);
    refuses = false;
    await retry(messageId, 200);
    await eventually(async () => expect((await messageOf(messageId))['state']).toBe('sent'));
    const { items } = await desk.call('GET', `/api/v1/tickets/${survivor['id']}/timeline`);
    const types = items.flatMap((item: Json) => (item['kind'] === 'event' ? [item['event']] : []));
    expect(types).toContainEqual(
      expect.objectContaining({ ticketId: survivor['id'], type: 'sendRetried' }),
    );
  });
});

describe('a message that has not failed', () => {
  it('is not sent again: a note, one that was received, one that is unknown', async () => {
    const ticket = await desk.call('POST', '/api/v1/tickets', {
      ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } },
    });
    const path = `/api/v1/tickets/${ticket['id']}`;
    const note = await desk.call('POST', `${path}/notes`, { body: 'note' });
    expect((await retry(note['id'], 409))['code']).toBe('notRetryable');
    const { items } = await desk.call('GET', `${path}/timeline`);
    const received = items.find((item: Json) => item['message']?.kind === 'inbound');
    expect((await retry(received['message'].id, 409))['code']).toBe('notRetryable');
    await retry('00000000-0000-7000-8000-00000000ffff', 404);
  });
});
