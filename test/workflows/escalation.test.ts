// A ladder on a running desk: it tells people outside by mail and webhook, posts notes, sets the status and repeats, each once; and
// nothing of it that is personal passes through Temporal.
import { createHmac } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileOnce } from '#activities/reconcile.ts';
import { noticeWorkflowId, ticketWorkflowId } from '#domain/ids.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { fastForward } from '#test/support/time.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';

let desk: TestDesk;
let server: Server;
let hookUrl: string;
let refusals = 0;
const hooks: { eventId: string; signature: string; body: string }[] = [];
beforeAll(async () => {
  desk = await startTestDesk();
  server = createServer((req, res) => {
    let body = '';
    req.on('data', (part: Buffer) => {
      body += part.toString();
    });
    req.on('end', () => {
      const header = (name: string): string => String(req.headers[name] ?? '');
      hooks.push({
        ...{ eventId: header('holdfast-event-id'), signature: header('holdfast-signature'), body },
      });
      refusals -= 1;
      res.writeHead(refusals >= 0 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await desk.stop();
});

const policy = (tag: string, steps: object[], seconds = 3_600) => ({
  name: `Policy ${tag}`,
  conditions: [{ field: 'tags', op: 'contains', value: tag }],
  goals: { firstReply: { seconds } },
  escalations: steps.map((step) => ({ goal: 'firstReply', when: 'overdue', ...step })),
});
const savePolicy = (body: object, expected = 201) =>
  desk.call('POST', '/api/v1/sla-policies', body, expected);
const newTicket = (tag: string) =>
  desk.call('POST', '/api/v1/tickets', {
    ...{ subject: `Printer of ${tag}`, body: 'Hi', tags: [tag] },
    requester: { email: 'ann@customer.test' },
  });
const timeline = async (id: number): Promise<any[]> =>
  (await desk.call('GET', `/api/v1/tickets/${id}/timeline`))['items'];
const escalations = async (id: number): Promise<any[]> =>
  (await timeline(id)).flatMap((item) => (item.event?.type === 'escalated' ? [item.event] : []));
const mailsWith = async (text: string): Promise<string[]> => {
  const files = await readdir(desk.outbox).catch(() => []);
  const mails = await Promise.all(files.map((file) => readFile(join(desk.outbox, file), 'utf8')));
  return mails.filter((mail) => mail.includes(text));
};
const noticesOf = async (id: number): Promise<Json[]> =>
  (await desk.call('GET', `/api/v1/tickets/${id}/step-notices`))['items'];

describe('an escalation', () => {
  it('mails, calls a webhook, posts a note and sets the status, each once, and keeps addresses and words out of Temporal', async () => {
    const actions = [
      { type: 'notify', to: { email: 'boss@outside.test' } },
      { type: 'notify', to: { webhookUrl: hookUrl } },
      { type: 'postNote', body: 'Ring the customer at once.' },
      { type: 'setStatus', status: 'waitingOnUs' },
    ];
    await savePolicy(policy('outside', [{ actions }], 1));
    const { id } = await newTicket('outside');
    await eventually(async () =>
      expect((await noticesOf(id)).map(({ kind, state }) => [kind, state])).toEqual([
        ['email', 'sent'],
        ['webhook', 'sent'],
      ]),
    );
    const [event] = await escalations(id);
    const mails = await mailsWith('boss@outside.test');
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatch(/^Subject: Escalation, first reply: Printer of outside/m);
    expect(mails[0]).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(mails[0]).toMatch(new RegExp(`^Message-ID: <notify-${id}-${event.seq}-0\\.`, 'm'));
    expect(mails[0]).not.toMatch(/^Reply-To:/m);

    const [hook] = hooks.filter(({ body }) => body.includes('Printer of outside'));
    expect(hook?.eventId).toBe(`notify-${id}-${event.seq}-1`);
    const sent = JSON.parse(hook?.body ?? '{}');
    expect(sent).toMatchObject({ type: 'ticketEscalated', ticket: { id }, goal: 'firstReply' });
    const { secret } = await desk.call('GET', '/api/v1/webhook-secret');
    const [, at = '', digest] = /^t=(\d+),v1=(\w+)$/.exec(hook?.signature ?? '') ?? [];
    expect(createHmac('sha256', secret).update(`${at}.${hook?.body}`).digest('hex')).toBe(digest);

    const notes = (await timeline(id)).filter((item) => item.message?.kind === 'note');
    expect(notes).toHaveLength(1);
    expect(notes[0].message).toMatchObject({
      ...{ body: 'Ring the customer at once.', automatic: true, authorUserId: null },
    });
    expect((await desk.call('GET', `/api/v1/tickets/${id}`))['status']).toBe('waitingOnUs');

    for (const workflowId of [
      ticketWorkflowId(id),
      noticeWorkflowId({ ticketId: id, seq: event.seq, action: 0 }),
      noticeWorkflowId({ ticketId: id, seq: event.seq, action: 1 }),
    ]) {
      const history = await desk.client.workflow.getHandle(workflowId).fetchHistory();
      const text = JSON.stringify(history, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString() : value,
      );
      expect(text).not.toMatch(/outside\.test|127\.0\.0\.1:|Ring the customer|Printer of/);
    }
  });

  it('happens again so many times until the ticket is answered, each time once', async () => {
    const repeat = { everySeconds: 600, times: 5 };
    const lead = await desk.addUser('lead', { availability: 'away' });
    const actions = [
      { type: 'notify', to: { userId: lead } },
      { type: 'notify', to: { email: 'again@outside.test' } },
    ];
    await savePolicy(policy('again', [{ actions, repeat }]));
    const { id } = await newTicket('again');
    // One wake a call: a ticket that is woken late tells of its last repetition only.
    await fastForward(desk, ticketWorkflowId(id), 3_660);
    await fastForward(desk, ticketWorkflowId(id), 600);
    await eventually(async () => expect(await escalations(id)).toHaveLength(2));
    expect((await desk.call('GET', `/api/v1/tickets/${id}`))['nextWake'].reason).toBe(
      'first reply escalates again (2 of 5)',
    );
    await fastForward(desk, ticketWorkflowId(id), 600);
    await eventually(async () => expect(await escalations(id)).toHaveLength(3));
    await desk.call('POST', `/api/v1/tickets/${id}/replies`, { body: 'Here we are.' });
    await fastForward(desk, ticketWorkflowId(id), 3_600);
    const steps = await escalations(id);
    expect(steps.map(({ data }) => data.repetition)).toEqual([undefined, 1, 2]);
    const [told] = await desk.sql`
      select count(*)::integer as n from notifications where user_id = ${lead} and ticket_id = ${id}`;
    expect(told?.['n']).toBe(3);
    await eventually(async () => expect(await mailsWith('again@outside.test')).toHaveLength(3));
    expect(
      new Set(
        (await mailsWith('again@outside.test')).map(
          (mail) => /^Message-ID: (.*)$/m.exec(mail)?.[1],
        ),
      ).size,
    ).toBe(3);
  });

  it('tries a webhook again that was refused, and shows its words meanwhile', async () => {
    refusals = 1;
    await savePolicy(
      policy('hooked', [{ actions: [{ type: 'notify', to: { webhookUrl: hookUrl } }] }], 1),
    );
    const { id } = await newTicket('hooked');
    const notice = await eventually(async () => {
      const [one] = await noticesOf(id);
      expect(one).toMatchObject({ state: 'trying', failure: { code: 'http503' } });
      return one;
    });
    const workflow = desk.client.workflow.getHandle(
      noticeWorkflowId({ ticketId: id, seq: notice?.['seq'], action: 0 }),
    );
    await workflow.signal('retryNow');
    await eventually(async () =>
      expect((await noticesOf(id))[0]).toMatchObject({ state: 'sent', attempts: 2 }),
    );
    expect(await workflow.result()).toEqual({ outcome: 'sent', attempts: 2, code: null });
    const ids = hooks.filter(({ body }) => body.includes('hooked')).map(({ eventId }) => eventId);
    expect(ids).toEqual([workflow.workflowId, workflow.workflowId]);
  });
});

describe('a notice whose workflow is lost', () => {
  it('is started again by the reconciler, once; one that left or was ended by an operator is not', async () => {
    await savePolicy(
      policy('lost', [{ actions: [{ type: 'notify', to: { email: 'lost@outside.test' } }] }], 1),
    );
    const { id } = await newTicket('lost');
    await eventually(async () => expect((await noticesOf(id))[0]?.['state']).toBe('sent'));
    const [{ seq } = {}] = await noticesOf(id);
    // As if Temporal's data had gone before the first attempt: the row of another event, and no workflow of its id.
    await desk.sql`
      insert into ticket_events (ticket_id, seq, at, type, actor, data)
      select ticket_id, 1000, at, type, actor, data from ticket_events where ticket_id = ${id} and seq = ${seq}`;
    await desk.sql`
      insert into step_notices (ticket_id, seq, action, kind, state, created_at, updated_at)
      values (${id}, 1000, 0, 'email', 'trying', now() - interval '2 minutes', now() - interval '2 minutes')`;
    const deps = { ...desk, queues: TASK_QUEUES };
    expect((await reconcileOnce(deps, false)).stuckNotices).toBe(1);
    await eventually(async () =>
      expect((await noticesOf(id))[0]).toMatchObject({ seq: 1000, state: 'sent' }),
    );
    expect(await mailsWith('lost@outside.test')).toHaveLength(2);
    await desk.sql`
      update step_notices set state = 'trying', updated_at = now() - interval '2 minutes' where ticket_id = ${id}`;
    expect((await reconcileOnce(deps, false)).stuckNotices).toBe(0);
    expect(await mailsWith('lost@outside.test')).toHaveLength(2);
  });
});

describe('a ladder that cannot be climbed is refused when it is saved, naming the step', () => {
  it.for<[string, object, string]>([
    ['a status of no pipeline', { type: 'setStatus', status: 'nowhere' }, '/status'],
    ['an address of the desk', { type: 'notify', to: { email: 'Support@desk.test' } }, '/to/email'],
    [
      'a person that is not there',
      { type: 'notify', to: { userId: '00000000-0000-7000-8000-00000000dead' } },
      '/to/userId',
    ],
  ])('%s', async ([, action, pointer]) => {
    const { errors } = await savePolicy(policy('x', [{ actions: [action] }]), 422);
    expect(errors).toMatchObject([{ pointer: `/escalations/0/actions/0${pointer}` }]);
  });

  it.for<[string, object, string]>([
    [
      'no email',
      { actions: [{ type: 'notify', to: { email: 'nobody' } }] },
      '/escalations/0/actions/0',
    ],
    [
      'another scheme',
      { actions: [{ type: 'notify', to: { webhookUrl: 'ftp://x.test' } }] },
      '/escalations/0/actions/0',
    ],
    ['an empty note', { actions: [{ type: 'postNote', body: '' }] }, '/escalations/0/actions/0'],
    [
      'repeating for ever',
      { actions: [{ type: 'raisePriority' }], repeat: { everySeconds: 60, times: 1_000 } },
      '/escalations/0/repeat/times',
    ],
    [
      'two statuses at once',
      { actions: [1, 2].map(() => ({ type: 'setStatus', status: 'new' })) },
      '/escalations/0/actions',
    ],
    [
      'more than a thousand actions',
      {
        actions: Array.from({ length: 20 }, () => ({ type: 'raisePriority' })),
        repeat: { everySeconds: 60, times: 100 },
      },
      '/escalations',
    ],
  ])('%s', async ([, step, pointer]) => {
    const { errors } = await savePolicy(policy('x', [step]), 422);
    expect(errors[0].pointer.startsWith(pointer)).toBe(true);
  });
});
