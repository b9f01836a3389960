// A reply whose copies are asked to wait: the ticket knows at once that the customer has it, the others get it later, nobody gets it twice.
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateChannel } from '#db/channels.ts';
import { findMessage } from '#db/messages.ts';
import { deliverWorkflowId } from '#domain/ids.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let refusals: Record<string, number> = {};
let taken: string[] = [];
const sink = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onRcptTo({ address }, _session, callback) {
    const responseCode = refusals[address];
    callback(
      responseCode === undefined ? null : Object.assign(new Error('wait'), { responseCode }),
    );
  },
  onData(stream, { envelope }, callback) {
    stream.resume();
    stream.on('end', () => {
      taken.push(...envelope.rcptTo.map(({ address }) => address));
      callback();
    });
  },
});

beforeAll(async () => {
  desk = await startTestDesk();
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const { port } = sink.server.address() as { port: number };
  await updateChannel(desk.sql, {
    ...{ id: desk.channel.id, name: 'Support', enabled: true },
    settings: { smtp: { host: '127.0.0.1', port } },
  });
});
afterAll(async () => {
  await desk.stop();
  await new Promise<void>((resolve) => sink.close(() => resolve()));
});

async function reply(): Promise<{ id: string; path: string }> {
  taken = [];
  const ticket = await desk.call('POST', '/api/v1/tickets', {
    ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } },
  });
  const path = `/api/v1/tickets/${ticket['id']}`;
  const cc = ['late@customer.test', 'gone@customer.test'];
  const { id } = await desk.call('POST', `${path}/replies`, { body: 'answer', cc });
  return { id, path };
}

it('those who were asked to wait get it alone, and the failure that is left names who never will', async () => {
  refusals = { 'late@customer.test': 451, 'gone@customer.test': 550 };
  const { id, path } = await reply();
  await eventually(async () => {
    const message = await desk.call('GET', `/api/v1/messages/${id}`);
    expect(message).toMatchObject({ state: 'sent', failure: { code: 'recipientDelayed' } });
    expect((await desk.call('GET', `${path}/live`))['pendingSends']).toEqual([]);
  });
  const run = desk.client.workflow.getHandle(deliverWorkflowId(id));
  expect((await run.describe()).status.name).toBe('RUNNING');
  await run.signal('retryNow');
  refusals = {};
  await run.signal('retryNow');
  await eventually(async () => expect((await run.describe()).status.name).toBe('COMPLETED'));
  expect(taken.toSorted()).toEqual(['ann@customer.test', 'late@customer.test']);
  const message = await desk.call('GET', `/api/v1/messages/${id}`);
  expect(message).toMatchObject({ state: 'sent', failure: { code: 'recipientRefused' } });
  expect(message['failure'].text).toMatch(/^gone@customer\.test: /);
  expect(message['failure'].text).not.toContain('late@');
});

it('those who are refused for as long as deliveries are tried are named, and the message stays sent', async () => {
  await desk.call('PATCH', '/api/v1/settings', { deliveryGiveUpHours: 0 });
  refusals = { 'late@customer.test': 451 };
  const { id } = await reply();
  const run = desk.client.workflow.getHandle(deliverWorkflowId(id));
  await eventually(async () => expect((await run.describe()).status.name).toBe('COMPLETED'));
  expect(await findMessage(desk.sql, id)).toMatchObject({
    ...{ state: 'sent', failure: { code: 'recipientRefused' } },
  });
  expect(taken).toEqual(['ann@customer.test', 'gone@customer.test']);
  const [row] = await desk.sql`select delayed_to as "delayedTo" from messages where id = ${id}`;
  expect(row?.['delayedTo']).toEqual([]);
});
